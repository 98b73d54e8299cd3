"""The skeleton of a domain: whole, its own, and never over anything."""
import json
from pathlib import Path

import pytest
from rich.console import Console

from pillm import job
from pillm.config.compose import normalise
from pillm.errors import ConfigError
from pillm.records.chat import turns
from pillm.records.contamination import near
from pillm.records.text import words
from pillm.serve import questions
from pillm.terminal import card
from pillm.terminal.new import write
from tests.conftest import Cli


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for room in ("PILLM_CONF", "PILLM_RECIPES"):
        monkeypatch.setenv(room, "")
    return tmp_path


def files(folder: Path) -> dict[str, str]:
    return {file.relative_to(folder).as_posix(): file.read_text("utf-8")
            for file in folder.rglob("*") if file.is_file()}


def test_what_is_written_is_planned_and_counted(here):
    assert write(Console(quiet=True), "inn") == 0
    assert [text for text in files(here).values() if "NAME" in text] == []
    for recipe in ("inn_nano", "inn_qwen"):
        assert job.prepare(normalise([f"+recipe={recipe}"])).recipe.parts["domain"].name == "inn"
    assert card.refresh(Console(quiet=True), "inn", None) == 0
    counted = "  train.jsonl:\n    what: Questions with the answers to learn.\n    rows: 20\n"
    assert counted in files(here)["dataset/inn/card.yaml"]


def test_its_questions_are_not_near_its_records(here):
    write(Console(quiet=True), "inn")
    find = near(questions.read(here / "dataset/inn/eval.jsonl"), 0.8)
    records = [json.loads(line) for line in files(here)["dataset/inn/train.jsonl"].splitlines()]
    assert [record for record in records if find([(role, words(text)) for role, text in turns(record)])] == []


def test_what_is_there_stays(here):
    write(Console(quiet=True), "inn")
    (here / "dataset/inn/train.jsonl").write_text("mine", "utf-8")
    before = files(here)
    with pytest.raises(ConfigError, match=r"dataset/inn/train.jsonl: it is there already. Take another name, or move"):
        write(Console(quiet=True), "inn")
    assert files(here) == before
    (here / "conf/domain/inn.yaml").unlink()
    with pytest.raises(ConfigError):
        write(Console(quiet=True), "inn")
    assert not (here / "conf/domain/inn.yaml").exists()


@pytest.mark.parametrize(("name", "told"), [
    ("quebecois", "there is a domain/quebecois already, and yours would hide it"), ("Inn", "small letters"),
    ("../inn", "small letters"), ("", "small letters")])
def test_a_name_is_new_and_plain(here, name, told):
    with pytest.raises(ConfigError, match=told):
        write(Console(quiet=True), name)
    assert list(here.iterdir()) == []


def test_a_recipe_by_its_path_finds_the_parts_beside_it(cli: Cli, tmp_path: Path) -> None:
    (there := tmp_path / "there").mkdir()
    (away := tmp_path / "away").mkdir()
    assert cli("new=inn", folder=there).code == 0
    told = cli(f"+recipe={there}/recipes/inn_nano.yaml", "plan=true", folder=away)
    assert (told.code, told.err) == (0, "")
    told = cli("new=inn", "seed=1", folder=away)
    assert told.err == "command line: seed: no such option of new=. new= stands alone.\n"
