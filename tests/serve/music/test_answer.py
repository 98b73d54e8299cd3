"""The tune in an answer: fenced or not, one, and short."""
import pytest

from pillm.serve.music.answer import MOST_CHARACTERS, tune

TUNE = "X:1\nM:3/4\nL:1/8\nK:D\nD2 F2 A2 | d6 |]"


@pytest.mark.parametrize("answer", [
    TUNE, f"```abc\n{TUNE}\n```", f"Here is your waltz:\n```\n{TUNE}\n```\nEnjoy!", f"{TUNE}\n\nI hope you like it.",
    f"A tune:\n{TUNE}\n", TUNE.replace("\n",
    "\r\n"), f"```abc\n{TUNE}", f"```abc\n{TUNE}\n```\n```abc\nX:2\nK:C\nC4|\n```"])
def test_it_is_found(answer: str) -> None:
    assert tune(answer) == f"{TUNE}\n"


@pytest.mark.parametrize("answer", [
    "", "A lovely waltz in D.", "M:3/4\nK:D\nD2 F2 A2 |", f"{TUNE}\n\n{TUNE.replace('X:1', 'X:2')}", f"{TUNE}\n{TUNE}",
    "```\nD2 F2 A2 |\n```", TUNE.replace("D2", "D99999"), TUNE.replace("d6", "d/2 " * MOST_CHARACTERS), f"{TUNE}\0"])
def test_there_is_none(answer: str) -> None:
    assert tune(answer) is None


def test_a_number_in_a_title_is_no_length() -> None:
    assert tune(TUNE.replace("M:", "T:Winter 1842\nM:")) is not None
