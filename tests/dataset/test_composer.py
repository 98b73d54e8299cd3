"""The composer dataset as it is shipped: records valid and varied, questions unseen, answers found right again."""
import json
import re
from collections import Counter
from random import Random

import pytest
import yaml

from pillm.backends import ruby
from pillm.backends.json_schema import problems, schema
from pillm.backends.music import lilypond
from pillm.records.contamination import near
from pillm.records.exercise import exam, read, sonic_pi, trial
from pillm.records.exercise.draw import drawn
from pillm.records.exercise.facts import known
from pillm.records.exercise.skeletons import fillers, skeleton
from pillm.records.exercise.text import filled
from pillm.records.text import words
from pillm.serve import questions
from pillm.serve.checkers import CHECKERS
from pillm.serve.exam import judged
from pillm.serve.music.answer import tune as tune_of
from tests.conftest import ROOT

FOLDER = ROOT / "dataset" / "composer"
EVAL = FOLDER / "eval.jsonl"
TRAIN = [json.loads(line) for name in ("train.jsonl", "handwritten.jsonl")
         for line in (FOLDER / name).read_text("utf-8").splitlines()]
EXERCISES, EXAM = read.read(FOLDER / "exercises"), read.read(FOLDER / "exam")
LITERALS = fillers(EXERCISES)
FENCED = re.compile(r"```(\w+)\n(.*?)\n```", re.DOTALL)
EVERY = 9
"""Tunes of one task are alike: a part of them is read again."""


def missing(*checks: str) -> pytest.MarkDecorator:
    told = next((why for check in checks if (why := CHECKERS[check].missing())), None)
    return pytest.mark.skipif(told is not None, reason=str(told))


def turns(record: dict) -> list[tuple[str, str]]:
    told = record.get("messages") or [{"role": "user", "content": record["user"]},
                                      {"role": "assistant", "content": record["assistant"]}]
    return [(turn["role"], turn["content"]) for turn in told]


def asked(record: dict) -> str:
    return turns(record)[0][1]


def code(language: str) -> list[str]:
    """Programs and tunes of answers."""
    return sorted({text for record in TRAIN for role, said in turns(record) if role == "assistant"
                   for kind, text in FENCED.findall(said) if kind == language})


def test_every_record_is_an_answered_one() -> None:
    contract = schema("record")
    for record in TRAIN:
        assert not problems(record, contract)
        assert turns(record)[-1][0] == "assistant" and turns(record)[-1][1].strip()
        assert {"tags", "lang", "source", "licence"} <= record.keys()
        assert sum(tag.startswith("verified:") for tag in record["tags"]) == 1
        assert not any(re.search(r"<[a-z]+(\.\w+)?>", text) for _, text in turns(record)), record


def test_there_are_enough_and_they_differ() -> None:
    assert len(TRAIN) >= 3000
    assert sum((FOLDER / name).stat().st_size for name in ("train.jsonl", "handwritten.jsonl")) < 3e6
    assert len({asked(record) for record in TRAIN}) == len(TRAIN)
    shapes = Counter(skeleton(asked(record), LITERALS) for record in TRAIN)
    assert len(shapes) >= 150
    assert max(shapes.values()) <= 0.02 * len(TRAIN)
    kinds = Counter(record["tags"][1] for record in TRAIN)
    assert kinds.keys() == {"theory", "compose", "write", "explain", "repair", "knowledge", "dialogue", "limits"}
    assert kinds["knowledge"] + kinds["dialogue"] + kinds["limits"] >= 300


def test_the_card_says_what_is_verified() -> None:
    card = yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8"))
    shapes = Counter(skeleton(asked(record), LITERALS) for record in TRAIN)
    assert card["verified"]["rows"] == sum("verified:false" not in record["tags"] for record in TRAIN)
    assert card["skeletons"] == {"distinct": len(shapes), "largest_share": round(max(shapes.values()) / len(TRAIN), 4)}


def test_no_question_is_near_a_record_nor_shares_its_skeleton() -> None:
    posed = questions.read(EVAL)
    find = near(posed, 0.8)
    told = ([(role, words(text)) for role, text in turns(record)] for record in TRAIN)
    assert [found for said in told if (found := find(said))] == []
    shapes = {skeleton(asked(record), LITERALS) for record in TRAIN}
    assert [question.id for question in posed if skeleton(question.user, LITERALS) in shapes] == []


@missing("music", "python")
def test_the_suite_is_made_again_byte_for_byte() -> None:
    lines = exam.questions(EXAM, "exam")
    posed = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines)
    assert posed + (FOLDER / "exam" / "questions.jsonl").read_text("utf-8") == EVAL.read_text("utf-8")


def test_the_suite_asks_for_what_it_should() -> None:
    tags = Counter(tag for question in questions.read(EVAL) for tag in question.tags)
    assert sum(tags[kind] for kind in ("theory", "composition", "code", "knowledge")) == len(questions.read(EVAL)) >= 60
    assert min(tags["theory"], tags["composition"], tags["code"], tags["knowledge"]) >= 12


@missing("music", "python", "ruby")
def test_plausible_wrong_answers_fail() -> None:
    """That right ones pass is seen with all suites (test_suites.py)."""
    tasks = {f"do-{task.task}": task for tasks in EXAM.tasks.values() for task in tasks}
    nothing = ("", "I don't know.", "C", "X:1\nK:C\nC4|]", "print(60)", "play 60")
    for question in questions.read(EVAL):
        if question.check in ("music", "python"):
            task = tasks[question.id]
            slots = known(task, drawn(task, EXAM.words, Random(f"exam/{task.task}")), Random(0)).slots
            assert judged(question, filled(task.wrong, slots))["score"] == 0, question.id
        else:
            passing = [text for text in (*nothing, question.user) if judged(question, text)["score"]]
            assert passing == [], question.id


@missing("music")
def test_tunes_are_read_by_music21_and_abc2midi() -> None:
    from pillm.backends.music import abc, abc2midi

    tunes = code("abc")
    for text in tunes[::EVERY]:
        found = abc.tune(str(tune_of(text)))
        lengths = {bar.length for bar in found.bars}
        assert len(lengths) == 1 and len(found.bars) in (4, 8, 12, 16), text
        assert abc2midi.read(f"{text}\n").complaints == (), text
    assert len(tunes) > 300


@pytest.mark.skipif(lilypond.missing() is not None, reason=str(lilypond.missing()))
def test_lilypond_reads_its_pieces() -> None:
    pieces = code("lilypond")
    assert all(lilypond.midi(text) for text in pieces[::EVERY])
    assert len(pieces) > 120


@pytest.mark.skipif(ruby.missing() is not None, reason=str(ruby.missing()))
def test_sonic_pi_has_what_programs_call() -> None:
    programs = code("ruby")
    assert {text: told for text in programs if (told := list(sonic_pi.faults(text)))} == {}
    assert len(programs) > 100


def test_programs_of_python_compile() -> None:
    programs = code("python")
    for text in programs:
        compile(text, "record", "exec")
    assert len(programs) > 90


def test_every_check_has_a_program_behind_it() -> None:
    used = {task.check for tasks in EXERCISES.tasks.values() for task in tasks}
    assert used == {"theory", "music", "lilypond", "python", "ruby"} <= trial.CHECKS.keys()
