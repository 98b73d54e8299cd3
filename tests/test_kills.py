"""A kill at any moment loses at most the work since the last checkpoint."""
import os
import sys
from pathlib import Path

import pytest

from tests import smoke
from tests.kills import storm


@pytest.mark.slow
def test_thirty_kills_leave_the_bytes_of_an_uninterrupted_run(foreign: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(foreign), os.environ.get("PYTHONPATH", "")]))
    command = [sys.executable, "-m", "pillm", "+recipe=toy", "words.nap_s=0.1", "words.rows=15", "shout.nap_s=0.4"]
    tally = storm(command, tmp_path, kills=30, span_s=(0.4, 1.6))
    assert tally.alive >= 10
    assert tally.equal
    assert tally.left == 0


@pytest.mark.slow
def test_five_kills_leave_the_bytes_of_an_uninterrupted_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in smoke.NO_NETWORK.items():
        monkeypatch.setenv(name, value)
    assert os.environ["HF_HUB_OFFLINE"] == "1"
    tally = storm(smoke.command("+recipe=quebecois_nano"), tmp_path, kills=5, span_s=(1.5, 7))
    assert tally.alive >= 1
    assert tally.equal
    assert tally.left == 0
