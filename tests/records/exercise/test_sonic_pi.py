"""What would not run in Sonic Pi is found by reading."""
import pytest

from pillm.backends import ruby
from pillm.records.exercise.sonic_pi import faults

pytestmark = pytest.mark.skipif(ruby.missing() is not None, reason=str(ruby.missing()))

LOOP = "live_loop :beat do\n  sample :bd_haus\n  sleep 1\nend\n"


@pytest.mark.parametrize("code", [
    LOOP, "use_synth :tb303\nplay :bb3\n", "live_loop :a, sync: :beat do\n  play_pattern_timed [:c4], [1]\nend\n",
    "define :riff do |n|\n  n.times do\n    play (ring :c4, :es4).tick\n    sleep 0.5\n  end\nend\nriff 2\n",
    "with_fx :echo do\n  live_loop :x do\n    play choose([60, 62])\n    sleep rrand(0.1, 1)\n  end\nend\n"])
def test_what_runs(code: str) -> None:
    assert list(faults(code)) == []


@pytest.mark.parametrize(("code", "told"), [
    (LOOP.replace("end", ""), "it is no Ruby"), (LOOP.replace("  sleep 1\n", ""), "a loop never sleeps"),
    (LOOP.replace("bd_haus", "bd_house"), "there is no sample :bd_house"), (LOOP.replace(":bd_haus",
    "bd_haus"), "there is no bd_haus"),
    ("use_synth :violin\nplay 60\n", "there is no synth :violin"), ("with_fx :delay do\n  play 60\nend\n",
    "there is no effect :delay"),
    ("play_chords [:c4]\n", "there is no play_chords"), ("play :abb3\n", "there is no note :abb3"),
    ("play 60\nend\n", "it is no Ruby")])
def test_what_does_not(code: str, told: str) -> None:
    assert told in list(faults(code))
