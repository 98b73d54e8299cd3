"""Sonic Pi's programs: parsed, with the calls that are wanted, and never run."""
import pytest

from pillm.backends import ruby
from pillm.serve.checkers import CHECKERS

pytestmark = pytest.mark.skipif(ruby.missing() is not None, reason=str(ruby.missing()))

WANTED = {"calls": ["live_loop", "play", "sleep"], "has": [r":e4\b|\b64\b", r"sleep\s*\(?\s*0\.5"]}
CODE = "live_loop :tune do\n  play :e4\n  sleep 0.5\nend"


def score(answer: str, wanted: dict = WANTED) -> float:
    return CHECKERS["ruby"](answer, wanted)["score"]


@pytest.mark.parametrize("answer", [
    CODE, f"```ruby\n{CODE}\n```", f"Try this:\n```\n{CODE}\n```\nIt loops.", CODE.replace("play :e4", "play(64)"),
    CODE.replace("do\n", "{\n").replace("end", "}"), f"# a loop\n{CODE}", CODE.replace("sleep 0.5", "sleep(0.5)")])
def test_right(answer: str) -> None:
    assert score(answer) == 1


@pytest.mark.parametrize("answer", [
    "", "Use a live loop that plays E4 and sleeps 0.5.", CODE.replace("\nend", ""), CODE.replace("sleep 0.5",
    "# sleep 0.5"),
    CODE.replace("play :e4", "play :f4 # :e4"), CODE.replace("do", "do |"), "live_loop play sleep", f"{CODE}\nend",
    "for n in [64]:\n  play(n)\n  sleep(0.5)\n", "[" * 5000, "\ud800", "```ruby\n```"])
def test_wrong(answer: str) -> None:
    assert score(answer) == 0


def test_what_suits() -> None:
    suits = CHECKERS["ruby"].suits
    assert suits(WANTED) and suits({"calls": ["play"]})
    wrong = ({"calls": []}, {"has": ["x"]}, {"calls": "play"}, {"calls": ["play"], "has": ["("]}, {"calls": [1]}, None,
             {"calls": ["play"], "must": []})
    assert [one for one in wrong if suits(one)] == []


def test_calls_and_text_are_those_of_the_program() -> None:
    program = ruby.parsed("use_bpm 90 # fast\nx = ring(1, 2)\nplay x.tick if one_in(3)\n")
    assert program is not None
    assert {"use_bpm", "ring", "play", "tick", "one_in"} <= program.calls
    assert "fast" not in program.text
    assert ruby.parsed("use_bpm 90 do") is None
