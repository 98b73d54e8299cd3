"""Every phrasing is said before requests are made: what cannot be said or answered is told with it."""
import json
import re
import shutil
from pathlib import Path

import pytest

from pillm.errors import DataError
from pillm.records.generator import phrase, read
from pillm.records.generator.answer import answers
from pillm.records.generator.rehearse import rehearse
from tests.conftest import ROOT

RULES = ROOT / "dataset" / "quebecois" / "requests" / "rules"
ANSWER = answers(json.loads((ROOT / "schemas" / "tool_calls.schema.json").read_text("utf-8")))
LAMP = """
phrasings: ["{lit} {room}", "{lit} {salon}{+room}, {lit} {cuisine}"]
held_out: ["{room}, {lit}"]
fragments:
  lit: {by: state, "on": [allume]}
  room: {by: room, salon: [le salon], cuisine: [la cuisine]}
  salon: {by: room, salon: [au salon]}
  cuisine: {by: room, cuisine: [à la cuisine]}
"""


def rules(folder: Path, lamp: str) -> Path:
    """Few rules, of which `light` says what it is given."""
    folder = Path(shutil.copytree(RULES, folder, ignore=shutil.ignore_patterns("said", "tools")))
    (folder / "tools").mkdir()
    (folder / "tools" / "light.yaml").write_text(lamp, "utf-8")
    (folder / "several.yaml").write_text('{share: 0, calls: {2: 1}, joiners: {", ": 1}}', "utf-8")
    return folder


def test_the_rules_that_are_shipped_can_be_said() -> None:
    rehearse(read.read(RULES), ANSWER)


@pytest.mark.parametrize(("old", "new", "told"), [
    ("{+room}, {lit} {cuisine}", " pis {cuisine}", "room is 'salon' already where only cuisine can be said."),
    ('"on": [allume]', "lit: [allume]", 'light.yaml: the schema refuses [{"tool":"light","room":'),
    ("by: room, salon: [le salon]", "by: rom, salon: [le salon]", "light.yaml: the schema has no slot 'rom'."),
], ids=["two values", "no such value", "no such slot"])
def test_what_cannot_be_is_told_with_its_phrasing(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in LAMP
    rehearse(read.read(rules(tmp_path / "whole", LAMP)), ANSWER)
    with pytest.raises(DataError, match=re.escape(told)) as error:
        rehearse(read.read(rules(tmp_path / "rules", LAMP.replace(old, new))), ANSWER)
    assert re.search(r"In light\.yaml's phrasing '.*\{lit\}.*'\.$", str(error.value))


@pytest.mark.parametrize("text", [
    "(allume|ouvre (toutes |)les) {de room}", "[title=souper avec {name}] à {x}", "un{+room state} deux"])
def test_a_phrase_is_written_as_it_was_read(text: str) -> None:
    assert phrase.written(phrase.parse(text, "here")) == text
