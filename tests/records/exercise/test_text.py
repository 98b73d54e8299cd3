"""Requests are said in one way of several, with fillers in the form that each place wants."""
from random import Random

from pillm.records.exercise.draw import drawn, faces
from pillm.records.exercise.tasks import Task
from pillm.records.exercise.text import filled, said
from pillm.records.shell_skeleton import skeleton

SIZE = faces({"said": "1 MB", "arg": "1M"})


def test_a_filler_has_faces() -> None:
    slots = {"size": SIZE, "dir": faces("logs")}
    assert filled("over <size> in <dir>: -size +<size.arg> <dir.arg> < <file>", slots) == \
        "over 1 MB in logs: -size +1M logs < <file>"


def test_brackets_without_a_choice_are_brackets() -> None:
    ways = {said("(find|show me) it (all of it) (now|)", Random(seed)) for seed in range(30)}
    assert ways == {"find it (all of it)", "find it (all of it) now", "show me it (all of it)",
                    "show me it (all of it) now"}


def test_slots_of_one_list_draw_different_fillers() -> None:
    task = Task(task="t", ask=["?"], run="true", check="none", slots={"a": "two", "b": "two", "c": ["x"]})
    for seed in range(20):
        slots = drawn(task, {"two": [faces("1"), faces("2")]}, Random(seed))
        assert slots["a"] != slots["b"]
        assert slots["c"] == {"": "x"}


def test_a_skeleton_has_no_literals() -> None:
    answer = "```bash\nfind srv/www -name '*.log' -mtime +7\n```\nOld ones."
    one = skeleton("Find log files in srv/www older than 7 days, like `a b`", answer)
    assert one == "# files in # older than # days like #"
    assert one == skeleton("find 3.log files in data older than 30 days, like 'x'", "```\nfind data -mtime +30\n```")
    assert one != skeleton("show 3.log files in data older than 30 days, like 'x'", "```\nfind data -mtime +30\n```")
