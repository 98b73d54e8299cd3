"""A rule that cannot be followed is told with its file; a new tool is a file of YAML."""
import shutil
from itertools import islice
from pathlib import Path

import pytest

from pillm.errors import DataError
from pillm.records.generator import compose, phrase, read
from tests.conftest import ROOT

RULES = ROOT / "dataset" / "quebecois" / "requests" / "rules"
PLAYER = """
weight: 20
left_out: {what: le la les l'}
phrasings:
  - "(joue|pars) {music} {loudness}"
held_out: ["fais jouer {music}"]
fragments:
  music: ["[what={tune}]"]
  tune: {known: [la Bolduc, les Cowboys], held_out: [le Nordet], made_up: ["les {Pseudo}"]}
  loudness: {by: volume, loud: [ben fort, à tue-tête], soft: [tout bas]}
drawn: {volume: {loud: 1, soft: 1}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(RULES, tmp_path / "rules"))


def some(folder: Path, count: int, **options: object) -> list[compose.Asked]:
    return list(islice(compose.requests(read.read(folder), 1, **{"invented": 0.4, "noise": 0.8} | options), count))


def test_a_tool_is_a_file(folder: Path) -> None:
    (folder / "tools" / "player.yaml").write_text(PLAYER, "utf-8")
    asked = [one for one in some(folder, 200, noise=0) if [call["tool"] for call in one.calls] == ["player"]]
    assert len(asked) > 60
    for one in asked:
        call = one.calls[0]
        assert call["what"] in one.request
        assert not call["what"].startswith(("la ", "les "))
        assert (call["volume"] == "soft") == one.request.endswith("tout bas")


def test_held_out_words_and_phrasings_stay_apart(folder: Path) -> None:
    (folder / "tools" / "player.yaml").write_text(PLAYER, "utf-8")
    trained = [one.request.lower() for one in some(folder, 400, noise=0)]
    assert not any("nordet" in request.split() or "fais jouer" in request for request in trained)
    assert any("le nordet" in one.request.lower() for one in some(folder, 200, noise=0, unseen="fillers"))
    assert any(one.request.startswith("Fais jouer") for one in some(folder, 200, noise=0, unseen="phrasings"))


def test_on_is_a_word(folder: Path) -> None:
    states = {call.get("state") for one in some(folder, 300) for call in one.calls if call["tool"] == "light"}
    assert states == {"on", "off", "dim"}


@pytest.mark.parametrize(("file", "old", "new", "told"), [
    ("tools/player.yaml", "{tune}]", "{tunes}]", "no fragment 'tunes'. Did you mean 'tune'?"),
    ("tools/player.yaml", "{music} {l", "{sous music} {l", "'sous' cannot stand before a fragment. Known: de, à,"),
    ("tools/player.yaml", "(joue|pars)", "(joue|pars",
     "player.yaml: phrasings: phrase '(joue|pars {music} {loudness}': a ')' is missing"),
    ("tools/player.yaml", "pars)", "pars))", "')' is not opened"),
    ("tools/player.yaml", "weight: 20", "wieght: 20", "player.yaml: wieght: Extra inputs are not permitted"),
    ("tools/player.yaml", "held_out: [\"fais jouer {music}\"]", "", "player.yaml: held_out: Field required"),
    ("tools/player.yaml", "loud: [ben fort, à tue-tête], ", "", "no words for volume 'loud'"),
    ("tools/player.yaml", "[la Bolduc, les Cowboys]", "[]", "fragments.tune.known: phrases are missing"),
    ("tools/player.yaml", "drawn:", "drawn", "player.yaml: while"),
    ("words/common.yaml", "says: duration", "says: durasion", "no wording 'durasion'. Did you mean 'duration'?"),
    ("words/common.yaml", "{says: number, least: 2", "{says: number, leest: 2", "small_figure: number does not know"),
    ("several.yaml", '" {and} ": ', '" {et} ": ', "several.yaml: joiners: there is no fragment 'et'"),
    ("noise.yaml", "opener_share: 0.35", "opener_share: often", "noise.yaml: opener_share: Input should be"),
])
def test_a_wrong_rule_is_told_with_its_file(folder: Path, file: str, old: str, new: str, told: str) -> None:
    (folder / "tools" / "player.yaml").write_text(PLAYER, "utf-8")
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new), "utf-8")
    with pytest.raises(DataError) as error:
        read.read(folder)
    assert told in str(error.value)


@pytest.mark.parametrize(("missing", "told"), [("noise.yaml", "noise.yaml is missing"), ("tools", "no tools/*.yaml")])
def test_what_is_missing_is_told(folder: Path, missing: str, told: str) -> None:
    path = folder / missing
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    with pytest.raises(DataError, match=told.replace("*", r"\*")):
        read.read(folder)


def test_phrases_nest() -> None:
    found = phrase.parse("(a|b (c|)) {de room}[x=({y}|z)]{+x y}", "here")
    assert [type(node).__name__ for node in found] == ["Choice", "str", "Named", "Copied", "Further"]
    assert list(phrase.names(found)) == [phrase.Named("room", "de"), phrase.Named("y")]
    assert found[-1] == phrase.Further(("x", "y"))
