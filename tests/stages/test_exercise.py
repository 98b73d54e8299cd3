"""The exercise stage: what it writes was tried, what failed is counted, and the shipped records are made again."""
import json
from pathlib import Path

import pytest

from pillm.backends import contained_python, ruby, sandbox
from pillm.backends.music import abc, lilypond
from pillm.errors import DataError
from pillm.serve.music import judge
from pillm.stages.exercise import ExerciseConfig, check, estimate, exercise
from tests.conftest import ROOT

SHIPPED = ROOT / "dataset" / "sysadmin"
COMPOSER = ROOT / "dataset" / "composer"
can_run = pytest.mark.skipif(sandbox.missing() is not None, reason=str(sandbox.missing()))

TASKS = """
- task: count
  ask: ["how many lines has <file>?", "(count|number of) the lines of <file>"]
  slots: {file: files}
  plant: {"<file>": names}
  run: wc -l < <file>
  stdout: lines <file> | count
  wrong: wc -c < <file>
  symptom: the number is too large
  because: That counts bytes.
  explain: It counts the lines of <file>.
"""
THEORY = """
- task: number
  ask: ["which number is <note>?", "number of <note>?"]
  slots: {note: notes}
  facts: {n: midi <note>}
  check: theory
  lang: ""
  run: "It is <n>."
"""
FAILING = """
- task: too-easy
  ask: ["print <file>"]
  slots: {file: files}
  plant: {"<file>": names}
  run: cat <file>
  stdout: lines <file>
  wrong: cat < <file>
- task: mistaken
  ask: ["sort <file>"]
  slots: {file: files}
  plant: {"<file>": names 20}
  run: cat <file>
  stdout: lines <file> | ordered
  wrong: tac <file>
"""


def silent(label: str, done: float, total: float | None = None, **figures: float) -> None:
    """Progress that nobody watches."""


def config(**changed: object) -> ExerciseConfig:
    defaults = {"exercises": SHIPPED / "exercises", "language": "en", "licence": "CC-BY-4.0", "seed": 0}
    return ExerciseConfig(**defaults | changed)


def made(out: Path, **changed: object) -> tuple[dict, list[str]]:
    metrics = exercise.action(config(**changed), out, silent)
    return metrics, (out / "train.jsonl").read_text("utf-8").splitlines()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "own" / "tasks").mkdir(parents=True)
    (tmp_path / "own" / "tasks" / "text.yaml").write_text(TASKS, "utf-8")
    (tmp_path / "own" / "words.yaml").write_text("files: [a.txt, b.txt, c.txt]\n", "utf-8")
    asking = "explain: [what is COMMAND?]\nrepair: ['COMMAND: SYMPTOM']\n"
    (tmp_path / "own" / "asking.yaml").write_text(asking, "utf-8")
    return tmp_path / "own"


@can_run
def test_only_what_was_tried_is_written(folder: Path, tmp_path: Path) -> None:
    metrics, lines = made(tmp_path / "one", exercises=folder, cases=2)
    rows = [json.loads(line) for line in lines]
    assert [row["tags"] for row in rows] == [
        ["text", "write", "verified:execution"], ["text", "write", "verified:execution"],
        ["text", "repair", "verified:execution"], ["text", "write", "verified:execution"],
        ["text", "write", "verified:execution"], ["text", "explain", "verified:false"]]
    assert rows[0]["assistant"].startswith("```bash\nwc -l < ")
    assert rows[2]["assistant"].startswith("That counts bytes.\n```bash\nwc -l < ")
    assert (metrics["rows"], metrics["left_out"]) == (6, {})
    assert made(tmp_path / "same", exercises=folder, cases=1)[1] == lines[:3]
    assert made(tmp_path / "other", exercises=folder, cases=1, seed=1)[1] != lines[:3]


@can_run
def test_what_fails_is_counted_and_not_written(folder: Path, tmp_path: Path) -> None:
    (folder / "tasks" / "text.yaml").write_text(FAILING, "utf-8")
    metrics, lines = made(tmp_path / "none", exercises=folder, cases=1)
    assert lines == []
    assert metrics["left_out"] == {"the wrong command passes": {"too-easy": 7}, "the answer is wrong": {"mistaken": 7}}


@can_run
def test_shipped_records_are_made_again_byte_for_byte(tmp_path: Path) -> None:
    """The first case of each task of two subjects."""
    shipped = (SHIPPED / "train.jsonl").read_text("utf-8").splitlines()
    metrics, lines = made(tmp_path / "again", subjects=["cron", "sed"], cases=1)
    assert metrics["left_out"].keys() <= {"the wrong command passes"}
    assert len(lines) > 60
    assert [line for line in lines if line not in shipped] == []
    assert [shipped.index(line) for line in lines] == sorted(map(shipped.index, lines))


def pillms_music_is_missing() -> str | None:
    return contained_python.missing() or judge.missing() or lilypond.missing() or ruby.missing()


@pytest.mark.skipif(pillms_music_is_missing() is not None, reason=str(pillms_music_is_missing()))
def test_shipped_music_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    """Of each file of tasks some, and their first cases."""
    shipped = (COMPOSER / "train.jsonl").read_text("utf-8").splitlines()
    metrics, lines = made(tmp_path / "again", exercises=COMPOSER / "exercises", tasks=5, cases=1, asks=1)
    assert metrics["tags"].keys() >= {"verified:theory", "verified:music", "verified:execution", "verified:parsed"}
    assert len(lines) > 60
    assert [line for line in lines if line not in shipped] == []
    assert [shipped.index(line) for line in lines] == sorted(map(shipped.index, lines))


@pytest.mark.skipif(abc.missing() is not None, reason=str(abc.missing()))
def test_theory_that_is_answered_in_two_ways_is_dropped_and_counted(
        folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pillm.records.theory.answers import ANSWERS

    (folder / "words.yaml").write_text("notes: [C4, D4]\n", "utf-8")
    (folder / "tasks" / "text.yaml").write_text(THEORY, "utf-8")
    metrics, lines = made(tmp_path / "right", exercises=folder, cases=2, asks=1)
    assert [json.loads(line)["assistant"] for line in lines] == ["It is 62.", "It is 60."]
    assert json.loads(lines[0])["tags"] == ["text", "theory", "verified:theory"]
    monkeypatch.setitem(ANSWERS, "midi", lambda text: "61")
    metrics, lines = made(tmp_path / "wrong", exercises=folder, cases=2, asks=1)
    assert (lines, metrics["left_out"]) == ([], {"two answers differ": {"number": 8}})


@pytest.mark.parametrize(("fields", "told"), [
    ("check: theory", "say in facts what is computed"),
    ("check: music\n  piece: {key: C major}", "say its key, metre and bars"),
    ("check: python", "say stdout or after, and a wrong command"), ("check: thoery", "check")])
def test_a_task_of_music_says_what_it_is_held_to(folder: Path, fields: str, told: str) -> None:
    (folder / "tasks" / "text.yaml").write_text(f"- task: t\n  ask: [x]\n  run: x\n  {fields}\n", "utf-8")
    assert any(told in what for _, what in check(config(exercises=folder)))


@pytest.mark.parametrize(("old", "new", "told"), [
    ("run: wc -l < <file>", "run: wc -l < <fiel>", "there is no slot 'fiel'. Did you mean 'file'?"),
    ("run: wc -l < <file>", "setup: touch <fiel>\n  run: wc -l < <file>", "there is no slot 'fiel'."),
    ("run: wc -l < <file>", "plant: {<fiel>: text a}\n  run: wc -l < <file>", "there is no slot 'fiel'."),
    ("run: wc -l < <file>", "after: {a.txt: copy <fiel>}\n  run: wc -l < <file>", "there is no slot 'fiel'."),
    ("run: wc -l < <file>", "probe: cat <fiel>\n  run: wc -l < <file>", "there is no slot 'fiel'."),
    ("run: wc -l < <file>", "fires: {minute: <fiel.n>}\n  run: wc -l < <file>", "there is no slot 'fiel'."),
    ("slots: {file: files}", "slots: {file: flies}", "words.yaml has no 'flies'. Did you mean 'files'?"),
    ("wrong: wc -c < <file>", "rwong: x", "text.yaml: task 1"),
    ("- task: count", TASKS + "- task: count", "has a task of this name"),
])
def test_a_mistake_in_a_task_is_told_before_anything_runs(folder: Path, old: str, new: str, told: str) -> None:
    file = folder / "tasks" / "text.yaml"
    file.write_text(TASKS.replace(old, new, 1), "utf-8")
    found = list(check(config(exercises=folder)))
    assert any(told in what for _, what in found), found
    assert {field for field, _ in found} == {"exercises"}


def test_all_mistakes_of_a_task_are_told(folder: Path) -> None:
    (folder / "tasks" / "text.yaml").write_text(TASKS.replace("wrong:", "rwong: x\n  oredr: any\n  wrong:", 1), "utf-8")
    told = [what for _, what in check(config(exercises=folder))]
    assert [any(f"text.yaml: task 1: {name}: " in what for what in told) for name in ("rwong", "oredr")] == [True, True]


def test_what_is_missing_is_told(folder: Path) -> None:
    assert [field for field, _ in check(config(exercises=None))] == ["exercises"]
    assert "no tasks/dance.yaml" in next(check(config(subjects=["dance"])))[1]
    (folder / "tasks" / "text.yaml").write_text(TASKS.replace("  wrong: wc", "  needs: [no-such-program]\n  wrong: wc"))
    assert any("no-such-program is not installed" in told for _, told in check(config(exercises=folder)))


@can_run
def test_an_unknown_verb_is_told_with_its_task(folder: Path, tmp_path: Path) -> None:
    (folder / "tasks" / "text.yaml").write_text(TASKS.replace("| count", "| cuont"), "utf-8")
    with pytest.raises(DataError, match=r"count: there is no verb 'cuont'\. Did you mean 'count'"):
        made(tmp_path / "none", exercises=folder)


def test_the_estimate_follows_its_formula() -> None:
    assert estimate(config(cases=2), {}).seconds == pytest.approx(300 * 2 * 0.2)
