"""Every recipe with every model on every device is composed, judged and planned, or refused with a reason."""
import re
from pathlib import Path

import pytest
import yaml

from pillm import job
from pillm.config.compose import normalise
from pillm.config.parts import PARTS
from pillm.engine.plan import Planned
from pillm.engine.runner import plan
from pillm.errors import ConfigError
from tests import golden
from tests.conftest import ROOT


def offered(folder: str) -> list[str]:
    return [file.stem for file in sorted((ROOT / folder).glob("*.yaml"))]


RECIPES, MODELS, DEVICES = offered("recipes"), offered("conf/model"), offered("conf/device")
CAPS = {"whole": [], "smoke": ["+caps=smoke"]}
REASONS = (
    re.compile(r"\S+/device/\w+\.yaml:\d+: device\.ram_gib: Raspberry Pi \d has [\d.]+ GiB, [\d.]+ of it for the "
               r"system; the model as \w+ with \d+ tokens of context needs [\d.]+ .* or a larger device\."),
    re.compile(r"\S+/recipes/\w+\.yaml:\d+: quantize\.types: the ladder has [\w, ]+, and no (\w+) for "
               r"[\w., ]+\.( Did .+)? Add \1, or change what is wanted\."),
    re.compile(r"\S+: (quantize|ladder_base)\.types: \w+ cuts rows into blocks of 256, and this model has rows of "
               r"[\d, ]+\. Take Q8_0, .+\."),
    re.compile(r"\S+: sft\w*\.lora(\.quantize)?: .+ stored in 4 bits.*\. .+\."))
"""Rules that a combination may break: a board's memory, a recipe that makes other types than the board wants, rows that
K-quants cannot cut, and weights that are stored in 4 bits."""


WITH_ALL = ("quebecois_tinyllama", "quebecois_nano")
"""A LoRA with all that follows, and a training from nothing."""


def combinations(recipe: str) -> list[tuple[str, ...]]:
    """Every model on every device for a few recipes; for the others each model, and each device."""
    if recipe in WITH_ALL:
        return [(f"model={model}", f"device={device}") for model in MODELS for device in DEVICES]
    return [*((f"model={model}",) for model in MODELS), *((f"device={device}",) for device in DEVICES)]


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plans are of a store that is not there."""
    monkeypatch.chdir(tmp_path)


def planned(*words: str) -> list[Planned]:
    return plan(job.prepare(normalise(list(words))).task)


def refusal(*words: str) -> list[str]:
    """What is told, where it is refused; a plan is whole where it is not."""
    try:
        steps = planned(*words)
    except ConfigError as error:
        return str(error).splitlines()
    assert steps[0].reasons == ["never run"]
    assert all(step.waits_for for step in steps[1:] if not step.identity)
    return []


@pytest.mark.parametrize("caps", CAPS.values(), ids=CAPS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_planned_as_it_stands(recipe: str, caps: list[str], tmp_path: Path) -> None:
    made = job.prepare(normalise([f"+recipe={recipe}", *caps]))
    assert [step.name for step in plan(made.task)] == [step.name for step in made.recipe.steps]
    assert made.recipe.engine.enforce is (not caps)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("model", MODELS)
def test_a_recipe_runs_with_any_model(model: str) -> None:
    types = ["device.quant=Q8_0", "quantize.types=[Q8_0]", "ladder_base.types=[Q8_0]"]
    assert refusal("+recipe=quebecois_tinyllama", f"model={model}", "device=laptop", *types) == []


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_every_model_on_every_device(recipe: str) -> None:
    told = [line for chosen in combinations(recipe) for line in refusal(f"+recipe={recipe}", *chosen)]
    assert [line for line in told if not any(reason.fullmatch(line) for reason in REASONS)] == []


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_caps_shrink_every_model_on_every_device(recipe: str) -> None:
    told = {chosen: refusal(f"+recipe={recipe}", *chosen, "+caps=smoke") for chosen in combinations(recipe)}
    left = [line for lines in told.values() for line in lines if not REASONS[-1].fullmatch(line)]
    assert left == []  # all weights cannot be trained where they are stored in 4 bits, however few they are


def test_a_model_that_is_too_large_for_a_board_is_refused() -> None:
    told, = refusal("+recipe=quebecois_tinyllama", "model=mistral", "device=rpi4")
    assert REASONS[0].fullmatch(told)


def test_k_quants_of_rows_that_they_cannot_cut_are_refused() -> None:
    told = refusal("+recipe=quebecois_tinyllama", "model=gemma", "device=laptop")
    assert told and all(REASONS[2].fullmatch(line) for line in told)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_is_short_and_says_what_it_is(recipe: str) -> None:
    lines = (ROOT / "recipes" / f"{recipe}.yaml").read_text("utf-8").splitlines()
    assert len(lines) < 30
    assert lines[0] == "# yaml-language-server: $schema=../schemas/recipe.schema.json"
    assert re.fullmatch(r"# .+\.", lines[1])


@pytest.mark.parametrize("file", sorted((ROOT / "conf").glob("*/*.yaml")),
                         ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_part_is_of_its_type(file: Path) -> None:
    text = file.read_text("utf-8")
    assert text.startswith("# ")
    if file.parent.name in PARTS:
        PARTS[file.parent.name].model_validate(yaml.safe_load(text))


@pytest.mark.parametrize("model", MODELS)
def test_a_tiny_model_has_rows_for_k_quants(model: str) -> None:
    tiny = yaml.safe_load((ROOT / "conf" / "model" / f"{model}.yaml").read_text("utf-8"))["tiny"]
    rows = {tiny["hidden"], tiny["ffn"], tiny["heads"] * (tiny.get("head_dim") or tiny["hidden"] // tiny["heads"])}
    assert {row % 256 for row in rows} == {0}


def test_defaults_change_with_a_new_version_only() -> None:
    assert golden.changed(golden.recorded(), golden.now()) == []


def test_a_changed_default_is_told() -> None:
    before = golden.now()
    after = before | {"sft": before["sft"] | {"defaults": "0" * 64}}
    told, = golden.changed(before, after)
    version = before["sft"]["version"]
    assert told.startswith(f"sft: its defaults changed, and its version is still {version}. Take the change back")
    newer = after | {"sft": after["sft"] | {"version": "next"}}
    assert golden.changed(before, newer) == [f"sft: version {version} is now next. Run python -m tests.golden."]
