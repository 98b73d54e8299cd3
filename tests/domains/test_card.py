"""A card keeps what people write and counts the rest."""
import json
from pathlib import Path

import pytest
import yaml

from pillm.domains import card, readme, refresh
from pillm.domains.card import Tokenizer
from pillm.domains.counts import counts
from pillm.engine.digest import sha256
from pillm.errors import ConfigError, DataError, MissingInput

WRITTEN = """\
# Ours.
name: inn
source: Written for a test.
licence: CC0-1.0
languages: [en]
files:
  train.jsonl: {what: "Questions with answers: of guests."}
  eval.jsonl: {what: What is never trained on.}
limits: [Three records say little.]
"""
TRAIN = [{"user": "Is breakfast included?", "assistant": "Yes, from seven to ten.", "tags": ["food"], "lang": "en"},
         {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "A room?"},
                       {"role": "assistant", "content": "For how many?"}, {"role": "user", "content": "Two"},
                       {"role": "assistant", "content": "Yes."}], "tags": ["rooms", "food"], "lang": "en"},
         {"user": "Und auf Deutsch?", "lang": "de"}]
EVAL = [{"id": "inn-1", "user": "When is breakfast?", "check": "contains", "answer": "seven", "tags": ["food"]},
        {"id": "inn-2", "messages": [{"role": "user", "content": "A room?"}, {"role": "assistant", "content": "Yes."}],
         "user": "Two?", "check": "regex", "answer": "(?i)yes"}]
WORDS = Tokenizer("words", lambda text: len(text.split()))


def write(file: Path, lines: list) -> None:
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")


@pytest.fixture
def inn(tmp_path: Path) -> Path:
    (tmp_path / "card.yaml").write_text(WRITTEN, "utf-8")
    write(tmp_path / "train.jsonl", TRAIN)
    write(tmp_path / "eval.jsonl", EVAL)
    return tmp_path


def refreshed(folder: Path, tokenizer: Tokenizer | None = None) -> dict:
    """The card as it is written, read again."""
    for file, text in refresh.made(folder, tokenizer).items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    return yaml.safe_load((folder / "card.yaml").read_text("utf-8"))


def test_records_and_questions_are_counted(inn):
    files = refreshed(inn)["files"]
    assert files["train.jsonl"] == {
        "what": "Questions with answers: of guests.", "rows": 3, "languages": {"en": 2, "de": 1},
        "strata": {"food": 2, "rooms": 1}, "sha256": sha256(inn / "train.jsonl"),
        "characters": {"asked": {"p5": 16, "p50": 22, "p95": 25, "max": 25},
                       "answered": {"p5": 4, "p50": 4, "p95": 23, "max": 23}}}
    assert (files["eval.jsonl"]["checks"], files["eval.jsonl"]["strata"]) == ({"contains": 1, "regex": 1}, {"food": 1})
    assert files["eval.jsonl"]["characters"] == {"asked": {"p5": 17, "p50": 17, "p95": 18, "max": 18}}


def test_a_suite_is_examined_once(inn, monkeypatch):
    first = refreshed(inn)["files"]["eval.jsonl"]["examined"]
    assert first == {"gold": 1.0, "empty": 0.0, "constant": 0.5, "echo": 0.0}
    monkeypatch.setattr("pillm.serve.examining.examined", lambda questions: pytest.fail("examined again"))
    assert refreshed(inn)["files"]["eval.jsonl"]["examined"] == first


def test_a_yaml_file_has_entries(tmp_path):
    (tmp_path / "lexicon.yaml").write_text("- {form: pantoute, standard: pas du tout}\n- {form: icitte}\n", "utf-8")
    assert counts(tmp_path / "lexicon.yaml") == {"rows": 2}


def test_what_people_wrote_stays_and_a_second_time_changes_nothing(inn):
    told = refreshed(inn)
    assert {key: told[key] for key in ("name", "source", "licence", "languages", "limits")} == {
        "name": "inn", "source": "Written for a test.", "licence": "CC0-1.0", "languages": ["en"],
        "limits": ["Three records say little."]}
    assert (inn / "card.yaml").read_text("utf-8").startswith("# Ours.\nname: inn\n")
    assert refresh.stale(refresh.made(inn)) == {}


def test_tokens_stand_until_their_file_changes(inn):
    assert refreshed(inn, WORDS)["files"]["train.jsonl"]["tokens"]["asked"] == {"p5": 3, "p50": 3, "p95": 6, "max": 6}
    write(inn / "eval.jsonl", EVAL[:1])
    told = refreshed(inn)
    assert told["tokenizer"] == "words"
    assert {name: "tokens" in file for name, file in told["files"].items()} == {
        "train.jsonl": True, "eval.jsonl": False}
    write(inn / "train.jsonl", TRAIN[:1])
    assert "tokenizer" not in refreshed(inn)


def test_rules_are_named_by_their_folder(inn):
    (inn / "rules").mkdir()
    (inn / "rules" / "one.yaml").write_text("a: 1\n", "utf-8")
    with (inn / "card.yaml").open("a") as file:
        file.write("rules: {what: Phrasings., path: rules}\n")
    before = refreshed(inn)["rules"]
    (inn / "rules" / "one.yaml").write_text("a: 2\n", "utf-8")
    after = refreshed(inn)["rules"]
    assert (before["files"], after["files"]) == (1, 1)
    assert before["sha256"] != after["sha256"]


@pytest.mark.parametrize(("change", "told"), [
    (("files:", "files:\n  # soon\n"), r"card.yaml:7: a comment inside the card would be lost."),
    (("[en]", "[en]  # mostly"), r"card.yaml:5: a comment inside the card would be lost."),
    (("eval.jsonl", "exam.jsonl"), r"files.exam.jsonl: there is no such file.*\n.*eval.jsonl is not named."),
    (("licence: CC0-1.0\n", ""), r"'licence' is a required property. See schemas/card.schema.json."),
    (("limits:", "limit:"), r"'limit' was unexpected"),
    (("files:", "files: [\n"), r"Mend the file's YAML."),
])
def test_a_card_that_cannot_be_completed_is_refused(inn, change, told):
    (inn / "card.yaml").write_text(WRITTEN.replace(*change), "utf-8")
    with pytest.raises(ConfigError, match=told):
        refresh.made(inn)


def test_lines_that_cannot_be_counted_are_all_named(inn):
    (inn / "train.jsonl").write_text('{"user": "Allo?"}\n{"user": \n{"text": "no question"}\n', "utf-8")
    with pytest.raises(DataError, match=r"train.jsonl:2: not JSON.*\n.*train.jsonl:3: it is no record"):
        refresh.made(inn)
    with pytest.raises(MissingInput, match="there is no such card"):
        card.read(inn / "nowhere")


def test_the_readme_keeps_what_stands_around_its_part(inn):
    (inn / "README.md").write_text("# The inn\n\nAsk us.\n", "utf-8")
    refreshed(inn)
    text = (inn / "README.md").read_text("utf-8")
    assert text.startswith(f"# The inn\n\nAsk us.\n\n{readme.START}inn`")
    assert "| `train.jsonl` | 3 | 22, 25 | 4, 23 |  | Questions with answers: of guests. |" in text
    (inn / "README.md").write_text(text + "\n## More\n", "utf-8")
    write(inn / "eval.jsonl", EVAL[:1])
    refreshed(inn)
    again = (inn / "README.md").read_text("utf-8")
    assert (again.count(readme.START), again.endswith(f"{readme.END}\n\n## More\n")) == (1, True)
    assert "| `eval.jsonl` | 1 |" in again


def test_pictures_are_files_of_their_own(inn):
    made = {file.name: text for file, text in refresh.made(inn, WORDS).items() if file.suffix == ".svg"}
    assert set(made) == {"strata.svg", "lengths.svg"}
    assert all(text.startswith("<svg") and "var(" not in text for text in made.values())
    assert ">food<" in made["strata.svg"]
    assert "tokens: 5th to 95th percentile" in made["lengths.svg"]
