"""What commands should print, computed from lines and from planted files."""
import pytest

from pillm.errors import DataError
from pillm.records.exercise import expectation
from pillm.records.exercise.file_verbs import FILE_VERBS
from pillm.records.exercise.tasks import Task
from pillm.records.exercise.verbs import VERBS

TREE = {
    "a.log": {"text": "x ERROR 3\ny INFO 20\nx ERROR 100\n"},
    "d/b c.txt": {"text": "one\n", "mtime": "2021-02-03T00:00:00", "mode": "0644"},
    "d/e.txt": {"text": "", "mtime": "2024-02-03T00:00:00", "mode": "0755"},
    "d/l": {"link": "nowhere"},
}


def task(**fields: object) -> Task:
    return Task(**{"task": "t", "ask": ["?"], "run": "true", "check": "none"} | fields)


def printed(verbs: str) -> list[str]:
    return expectation.stdout(task(stdout=verbs), {"word": {"": "ERROR", "low": "error"}}, TREE).splitlines()


@pytest.mark.parametrize(("verbs", "lines"), [
    ("lines a.log | having <word> | count", ["2"]),
    ("lines a.log | ihaving <word.low> | column 1 3", ["x 3", "x 100"]),
    ("lines a.log | where 3 over 5 | column 1", ["y", "x"]),
    ("lines a.log | column 1 | ranked", ["      2 x", "      1 y"]),
    ("lines a.log | column 3 | numeric | last 1", ["100"]),
    ("lines a.log | column 3 | ordered", ["100", "20", "3"]),
    ("lines a.log | column 3 | total", ["123"]),
    ("lines a.log | around INFO 0 1", ["y INFO 20", "x ERROR 100"]),
    ("lines a.log | numbered INFO", ["2:y INFO 20"]),
    ("lines a.log | replaced ERROR 'no good' | first 1", ["x no good 3"]),
    ("files d | named *.txt | paths", ["d/b c.txt", "d/e.txt"]),
    ("files d | spacey | basenames", ["b c.txt"]),
    ("files d | empty | paths", ["d/e.txt"]),
    ("files d | named *.txt | old | paths", ["d/b c.txt"]),
    ("files d | named *.txt | newest", ["e.txt", "b c.txt"]),
    ("files d | broken | paths", ["d/l"]),
    ("files d | named *.txt | plus_mode 022 | as_modes", ["666 d/b c.txt", "777 d/e.txt"]),
    ("files . | having_text | paths", None),
])
def test_verbs_read_from_left_to_right(verbs: str, lines: list[str] | None) -> None:
    if lines is None:
        with pytest.raises(DataError, match="there is no verb 'having_text'"):
            printed(verbs)
    else:
        assert printed(verbs) == lines


def test_what_is_left_is_told_by_path() -> None:
    done = task(after={"*gone": "files d | named *.txt", "*made": "files d | named *.txt | into kept",
                       "a.log": "lines a.log | first 1", "old.log": None, "@l": "a.log"})
    assert expectation.state(done, {}, TREE) == {
        "d/b c.txt": None, "d/e.txt": None, "kept/b c.txt": {"text": "one\n", "mode": "0644"},
        "kept/e.txt": {"text": "", "mode": "0755"}, "a.log": "x ERROR 3\n", "old.log": None, "l": {"link": "a.log"}}


def test_every_verb_says_what_it_does_or_is_named_for_it() -> None:
    assert not VERBS.keys() & FILE_VERBS.keys() - {"before", "between"}
    assert all(verb.__module__.startswith("pillm.records.exercise") for verb in [*VERBS.values(), *FILE_VERBS.values()])
