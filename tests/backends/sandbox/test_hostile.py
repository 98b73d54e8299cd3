"""What a model's answer may try, and that none of it harms: each runs contained, within another PID namespace."""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from pillm.backends import sandbox
from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))

ATTACKS = Path(__file__).with_name("attacks.yaml")
ENDED_BY = {name: bound for bound, some in yaml.safe_load(ATTACKS.read_text("utf-8")).items() for name in some}
SEEN = {"overwrite": "outside: ", "network_by_bash": "visits: ", "socket_without_a_path": "visits: "}
"""Attacks that are safe enough to run without the sandbox, and the harm that must be noticed then."""


@pytest.fixture(scope="module")
def outcome() -> dict:
    """What the program of attacks tells, kept from the machine's processes whatever fails."""
    apart = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]
    apart += [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)  # where only the sandbox keeps a command from it
        program = [sys.executable, "-m", "tests.backends.sandbox.assault", place, str(ATTACKS), *SEEN]
        done = subprocess.run([*apart, *program], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("name", ENDED_BY)
def test_an_attack_harms_nothing_and_is_no_right_answer(outcome, name):
    came = outcome["contained"][name]
    assert came["harm"] == []
    assert came["score"] == 0.0
    assert (came["beyond"] or "itself") == ENDED_BY[name]
    assert "tried" in came["said"] or came["code"] == 137  # killed, be it by itself
    assert "got" not in came["said"]  # what the attacks say of a call that was not refused


@pytest.mark.parametrize("name", SEEN)
def test_harm_is_seen_where_it_is_done(outcome, name):
    assert any(harm.startswith(SEEN[name]) for harm in outcome["uncontained"][name])
