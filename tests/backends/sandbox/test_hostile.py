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
NAMES = list(yaml.safe_load(ATTACKS.read_text("utf-8")))
SEEN = {"overwrite": "outside: ", "network_by_bash": "visits: ", "socket_without_a_path": "visits: "}
"""Attacks that are safe enough to run without the sandbox, and the harm that must be noticed then."""
ENDED_FOR = {"many_big_files": "folder", "deep_folders": "folder",
             "behind_a_closed_door": "folder", "flood_of_output": "output", "flood_of_errors": "output",
             "fork_bomb": "time", "fork_bomb_that_sleeps": "time", "busy_for_ever": "time", "wait_for_ever": "time",
             "silent_for_ever": "time", "stop_oneself": "time"}
CUT_OFF = ("remove_everything", "many_files", "many_links", "forking_tree", "kill_by_name", "many_big_processes")
"""By time, or by what they did to themselves: they need not live to see what came of it."""


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


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_harms_nothing_and_is_no_right_answer(outcome, name):
    came = outcome["contained"][name]
    assert came["harm"] == []
    assert came["score"] == 0.0
    assert came["beyond"] == ENDED_FOR.get(name, came["beyond"])
    assert "tried" in came["said"] or name in ENDED_FOR or name in CUT_OFF
    assert "got" not in came["said"]  # what the attacks say of a call that was not refused


@pytest.mark.parametrize("name", SEEN)
def test_harm_is_seen_where_it_is_done(outcome, name):
    assert any(harm.startswith(SEEN[name]) for harm in outcome["uncontained"][name])
