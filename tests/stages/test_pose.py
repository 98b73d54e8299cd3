"""The pose stage: questions from the rules that training never meets, in a form that evaluate reads."""
import json
from pathlib import Path

import pytest

from pillm import job
from pillm.config.compose import normalise
from pillm.errors import ConfigError, StageError
from pillm.serve import questions
from pillm.stages.generate import GenerateConfig, generate
from pillm.stages.pose import PoseConfig, check, estimate, pose
from tests.conftest import ROOT

RULES = ROOT / "dataset" / "quebecois" / "requests" / "rules"
SHARED = {"generator": RULES, "answer_schema": ROOT / "schemas" / "tool_calls.schema.json", "seed": 7}


def silent(label: str, done: float, total: float | None = None, **figures: float) -> None:
    """Progress that nobody watches."""


def posed(file: Path, **changed: object) -> list[questions.Question]:
    pose.action(PoseConfig(**SHARED | {"rows": 300} | changed), suite=file, progress=silent)
    return questions.read(file)


def test_questions_can_be_asked_and_judged(tmp_path: Path) -> None:
    asked = posed(tmp_path / "suite.jsonl")
    assert [asked[0].id, asked[-1].id] == ["posed-00001", "posed-00300"]
    for question in asked:
        assert (question.check, question.schema) == ("slots", "tool_calls")
        tools = list(dict.fromkeys(call["tool"] for call in question.answer))
        assert question.tags == (*tools, "phrasing")


@pytest.mark.parametrize(("unseen", "tag"), [("fillers", ("filler",)), (None, ())])
def test_tags_say_what_is_unseen(tmp_path: Path, unseen: str | None, tag: tuple) -> None:
    assert all(question.tags[len({call["tool"] for call in question.answer}):] == tag
               for question in posed(tmp_path / "suite.jsonl", unseen=unseen))


def test_only_the_phrasing_is_unseen(tmp_path: Path) -> None:
    def capitals(**changed: object) -> int:
        return sum(not question.user[0].islower() for question in posed(tmp_path / "suite.jsonl", **changed))

    assert capitals() == 300
    assert capitals(noise=1) < 240


def test_training_has_other_requests(tmp_path: Path) -> None:
    config = GenerateConfig(**SHARED, language="fr-CA", licence="CC-BY-4.0", rows=300, invented=0)
    generate.action(config, records=tmp_path / "records", progress=silent)
    trained = {json.loads(line)["user"] for line in (tmp_path / "records" / "train.jsonl").open(encoding="utf-8")}
    for unseen in ("phrasings", "fillers", None):
        asked = {question.user for question in posed(tmp_path / "suite.jsonl", unseen=unseen)}
        assert len(asked - trained) > 290


def test_the_same_seed_poses_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("same", 7), ("other", 8)):
        posed(tmp_path / name, seed=seed)
    one, same, other = ((tmp_path / name).read_bytes() for name in ("one", "same", "other"))
    assert one == same != other


def test_metrics_and_estimate(tmp_path: Path) -> None:
    metrics = pose.action(PoseConfig(**SHARED, rows=50), suite=tmp_path / "suite.jsonl", progress=silent)
    assert metrics["rows"] == 50
    assert sum(metrics["calls"].values()) >= 50
    assert estimate(PoseConfig(**SHARED, rows=6_000), {}).seconds == 2


def test_what_is_missing_is_told() -> None:
    bare = PoseConfig(**SHARED | {"generator": None})
    assert [name for name, _ in check(bare)] == ["generator"]
    with pytest.raises(StageError, match="pose: rules and schema are missing"):
        pose.action(bare, suite=Path("nowhere"), progress=silent)


RECIPE = """
defaults:
  - override /domain: quebecois_requests
  - override /model: nano
  - override /device: laptop
steps: [generate, prepare, label, fetch, sft, gguf, quantize, {pose}evaluate_posed: {{uses: evaluate}}, evaluate]
sft: {{lora: null}}
quantize: {{types: [Q8_0]}}
evaluate_posed: {{posed: true}}
"""


@pytest.mark.parametrize("caps", [[], ["+caps=smoke"]], ids=["whole", "smoke"])
def test_a_recipe_evaluates_posed_questions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caps: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recipes").mkdir()
    recipe = tmp_path / "recipes" / "posed.yaml"
    recipe.write_text(RECIPE.format(pose="pose, "), "utf-8")
    bound = job.prepare(normalise(["+recipe=posed", *caps])).task.bound
    assert bound["evaluate_posed"].one["suite"] == ("pose", "suite")
    assert "suite" not in bound["evaluate"].one
    recipe.write_text(RECIPE.format(pose=""), "utf-8")
    with pytest.raises(ConfigError, match=r"evaluate_posed: no earlier step makes its suite \(suite\)"):
        job.prepare(normalise(["+recipe=posed", *caps]))
