"""What is written is what schemas/ say."""
import json
from pathlib import Path

import pytest
import yaml

from pillm.backends.json_schema import problems, schema
from tests.conftest import ROOT, Cli

RECIPE = """
defaults:
  - override /domain: quebecois_requests
  - override /model: nano
steps: [generate, prepare, label]
generate: {rows: 60}
"""
NAMED = """
defaults:
  - override /domain: quebecois_requests
  - override /model: nano
steps: [prepare, label]
domain: {files: [calls.jsonl], show_schema: true, schema: null, eval: null, suites: {}, tools: null, checks: {}}
prepare: {validation: 0, test: 0}
"""
INTERVAL = {"value": 0.5, "low": 0.4, "high": 0.6, "n": 8}
SHA = "0" * 64


@pytest.fixture
def store(cli: Cli, tmp_path: Path) -> Path:
    (tmp_path / "mine.yaml").write_text(RECIPE, "utf-8")
    done = cli("+recipe=mine.yaml")
    assert done.code == 0, done.err
    return tmp_path / "store"


def test_a_runs_manifests_records_and_chats_satisfy_their_schemas(store):
    manifests = [json.loads(file.read_text("utf-8")) for file in store.glob("*/manifest.json")]
    assert {manifest["stage"] for manifest in manifests} == {"generate", "prepare", "label"}
    assert [problem for manifest in manifests for problem in problems(manifest, schema("manifest"))] == []
    for kind, folders in (("record", ("generate-*/records", "prepare-*/records")), ("chat", ("label-*/chats",))):
        files = [file for folder in folders for name in ("train", "validation", "test")
                 for file in store.glob(f"{folder}/{name}.jsonl")]
        lines = [json.loads(line) for file in files for line in file.open(encoding="utf-8")]
        assert len(lines) >= 30
        assert [problem for line in lines for problem in problems(line, schema(kind))] == []


@pytest.mark.parametrize("card", sorted((ROOT / "dataset").glob("*/card.yaml")), ids=lambda card: card.parent.name)
def test_the_cards_satisfy_their_schema(card):
    assert problems(yaml.safe_load(card.read_text("utf-8")), schema("card")) == []


@pytest.mark.parametrize(("name", "value", "told"), [
    ("score", {"questions": 8, "types": {"f16": {"sha256": SHA, "bytes": 9, "score": INTERVAL, "slots": INTERVAL,
                                                 "tags": {"note": {"score": INTERVAL}}}}}, []),
    ("score", {"questions": 8, "types": {"f16": {"bytes": 9, "score": INTERVAL}}},
     ["types.f16: 'sha256' is a required property"]),
    ("score", {"questions": 8, "types": {"f16": {"sha256": SHA, "bytes": 9, "score": 0.5}}},
     ["types.f16.score: 0.5 is not of type 'object'"]),
    ("preference", {"prompt": "Ça va?", "chosen": "Ben oui.", "rejected": "Non.", "tags": ["joual"], "mine": 1}, []),
    ("preference", {"prompt": "Ça va?", "chosen": "Ben oui."}, ["'rejected' is a required property"]),
])
def test_scores_name_their_file_and_preferences_both_answers(name, value, told):
    assert problems(value, schema(name)) == told


def test_an_edited_schema_that_records_name_is_seen(cli: Cli, tmp_path: Path) -> None:
    calls = [{"user": f"Compte {n} moutons", "assistant": f'{{"n":{n}}}', "requires_json": True, "tool_schema": "call"}
             for n in range(3)]
    (tmp_path / "calls.jsonl").write_text("".join(json.dumps(call) + "\n" for call in calls), "utf-8")
    (tmp_path / "mine.yaml").write_text(NAMED, "utf-8")
    (tmp_path / "schemas").mkdir()
    shown = []
    for said in ("sheep", "goats"):
        (tmp_path / "schemas" / "call.schema.json").write_text(json.dumps({"description": said}), "utf-8")
        done = cli("+recipe=mine.yaml")
        assert done.code == 0, done.err
        newest = max((tmp_path / "store").glob("label-*/chats/train.jsonl"), key=lambda file: file.stat().st_mtime_ns)
        shown.append(newest.read_text("utf-8"))
    assert "sheep" in shown[0] and "goats" in shown[1]
