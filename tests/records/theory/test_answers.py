"""Facts of textbooks, answered by letters and semitones and by music21: all three agree."""
import shlex
from pathlib import Path

import pytest
import yaml

from pillm.backends.music import abc
from pillm.records.theory.answers import ANSWERS

FACTS = yaml.safe_load(Path(__file__).with_name("facts.yaml").read_text("utf-8"))
needs_music21 = pytest.mark.skipif(abc.missing() is not None, reason=str(abc.missing()))


def asked(question: str) -> tuple[str, list[str]]:
    name, *words = shlex.split(question)
    return name, words


@pytest.mark.parametrize(("question", "answer"), FACTS.items())
def test_letters_and_semitones(question: str, answer: str) -> None:
    name, words = asked(question)
    assert ANSWERS[name](*words) == answer


@needs_music21
@pytest.mark.parametrize(("question", "answer"), FACTS.items())
def test_music21(question: str, answer: str) -> None:
    from pillm.backends.music.theory import answers

    name, words = asked(question)
    assert answers.ANSWERS[name](*words) == answer


@needs_music21
def test_both_answer_the_same_questions_and_each_is_tried() -> None:
    from pillm.backends.music.theory import answers

    assert ANSWERS.keys() == answers.ANSWERS.keys()
    tried = {asked(question)[0] for question in FACTS}
    assert ANSWERS.keys() - tried == {"symbol", "bass"}  # parts of symbolised and turned


@pytest.mark.parametrize("question", ["interval C# Dbb", "numeral C major F# major", "identified C D E",
"scale H major",
                                      "spelled C major IX", "above C x9"])
def test_what_has_no_plain_answer_is_a_value_error(question: str) -> None:
    name, words = asked(question)
    with pytest.raises(ValueError):
        ANSWERS[name](*words)
