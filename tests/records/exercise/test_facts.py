"""What tasks say that is computed: twice, and dropped where the two differ."""
from random import Random

import pytest

from pillm.backends.music import abc
from pillm.errors import DataError
from pillm.records.exercise.facts import known
from pillm.records.exercise.music_verbs import VERBS
from pillm.records.exercise.tasks import Task
from pillm.records.theory.answers import ANSWERS

needs_music21 = pytest.mark.skipif(abc.missing() is not None, reason=str(abc.missing()))


def task(**facts: str) -> Task:
    return Task(task="t", ask=["?"], run="<a>", lang="", check="theory", facts=facts)


def found(slots: dict | None = None, **facts: str):
    return known(task(**facts), slots or {}, Random(0))


@needs_music21
def test_facts_are_fillers_and_build_on_each_other() -> None:
    slots = found({"key": {"": "B flat major",
    "tonic": "Bb"}}, a="scale <key.tonic> major", b="interval <a.first> <a.last>").slots
    assert (slots["a"][""], slots["a"]["list"], slots["a"]["m21"]) == (
        "Bb C D Eb F G A", "Bb, C, D, Eb, F, G, A", "B- C D E- F G A")
    assert (slots["b"]["cap"], slots["b"]["a"], slots["b"]["A"]) == ("Major seventh", "a major seventh",
    "A major seventh")


@needs_music21
def test_an_answer_that_differs_is_told_and_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, "midi", lambda text: "61")
    unknown = found(a="midi C4")
    assert (unknown.reason, unknown.told) == ("two answers differ", "midi C4: '61' and '60'")


@needs_music21
def test_what_music21_refuses_is_an_answer_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ANSWERS, "fret", lambda *words: "C")
    assert found(a="fret X9 1").reason == "two answers differ"


@needs_music21
def test_what_has_no_plain_answer_is_told() -> None:
    assert found(a="interval C# Dbb").reason == "it has no plain answer"


def test_an_unknown_question_is_told_with_its_task() -> None:
    with pytest.raises(DataError, match=r"t: facts: nothing answers 'scael'\. Did you mean 'scale'\?"):
        found(a="scael C major")


def test_a_task_without_facts_needs_no_music21() -> None:
    assert known(Task(task="t", ask=["?"], run="x", check="none"), {}, Random(0)).slots == {}


@pytest.mark.parametrize(("verb", "lines", "arguments", "wanted"), [
    ("each", ["C4", "B-3"], ["midi"], ["60", "58"]), ("each", ["B- D F"], ["quality"], ["major"]),
    ("each", ["A3"], ["up", "m2"], ["B-3"]), ("higher", ["60 0 1", "72 1 1"], ["65"], ["72 1 1"]),
    ("shorter", ["60 0 0.5", "72 1 1"], ["1"], ["60 0 0.5"]), ("lasting", ["60 0 2", "62 2 1.5"], [], ["3.5"]),
    ("width", ["60 0 1", "72 1 1", "65 2 1"], [], ["12"]), ("steps", ["60", "64", "62"], [], ["4", "-2"]),
    ("widest", ["4", "-7"], [], ["7"]), ("raised", ["60 0 1"], ["3"], ["63"]), ("modulo", ["60",
    "61"], ["12"], ["0", "1"]),
    ("among", ["1", "2"], ["1", "3"], ["1"])])
def test_verbs_over_music(verb: str, lines: list[str], arguments: list[str], wanted: list[str]) -> None:
    assert VERBS[verb](lines, *arguments) == wanted
