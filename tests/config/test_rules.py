"""Rules across parts: refused with a reason and a remedy, allowed where they hold."""
import pytest

from pillm.config.compose import compose, normalise
from pillm.config.recipe import typed
from pillm.errors import ConfigError


def judged(*words: str, recipe: str = "quebecois_tinyllama") -> str:
    """What is told of a recipe, or nothing."""
    try:
        typed(compose(normalise([f"+recipe={recipe}", *words])))
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("words", [
    (), ("device=rpi5",), ("device=laptop",), ("sft.context=2048",), ("device.quant=Q8_0",), ("device.ram_gib=2",),
    ("sft.lora.dora=true", "+caps=smoke", "device.quant=f16", "device.ram_gib=8"),
])
def test_what_holds_is_not_refused(words: tuple[str, ...]) -> None:
    assert "dora" in judged(*words) if "sft.lora.dora=true" in words else judged(*words) == ""


def test_memory_counts_file_cache_and_system() -> None:
    told = judged("device.ram_gib=1.5")
    assert "Raspberry Pi 4 has 1.5 GiB, 0.75 of it for the system; the model as Q4_K_M with 2048 tokens" in told
    assert judged("device.ram_gib=1.5", "device.reserve_gib=0.1") == ""


def test_a_model_from_scratch_is_not_held_to_the_boards_memory() -> None:
    assert judged("device.ram_gib=1", "+caps=smoke") == ""


def test_every_broken_rule_is_told_at_once() -> None:
    told = judged("sft.context=4096", "device.ram_gib=1", "quantize.types=[Q8_0]").splitlines()
    assert [line.split(": ")[1] for line in told] == ["sft.context", "device.ram_gib", "quantize.types"]


@pytest.mark.parametrize(("words", "told"), [
    (["evaluate.types=[Q9]"], "the ladder has Q8_0, f16, and no Q9 for evaluate.types."),
    (["bench.types=[Q8_0,q8_0]"], "and no q8_0 for bench.types. Did you mean 'Q8_0'? Add q8_0, or change"),
    (["calibrate.type=Q4_0"], "and no Q4_0 for calibrate.type."),
    (["evaluate.types=[f16]", "gguf.dtype=bf16"], "the ladder has Q8_0, bf16, and no f16 for evaluate.types."),
    (["evaluate.types=[f16]"], ""), (["evaluate.types=[Q4_0]", "quantize.types=[Q4_0,Q8_0]"], "")])
def test_what_is_asked_is_a_rung_of_the_ladder(words: list[str], told: str) -> None:
    said = judged(*words, recipe="quebecois_nano")
    assert f"quantize.types: {told}" in said if told.startswith("the") else told in said
    assert bool(told) == bool(said)


def test_each_step_is_held_to_its_own_ladder() -> None:
    words = ("quantize.types=[Q4_K_M,Q8_0]", "ladder_base.types=[Q8_0]")
    said = judged(*words, "evaluate_base.types=[Q4_K_M]")
    assert "ladder_base.types: the ladder has Q8_0, f16, and no Q4_K_M for evaluate_base.types." in said
    assert judged(*words, "evaluate.types=[Q4_K_M]", "evaluate_base.types=[Q8_0]") == ""


@pytest.mark.parametrize(("word", "told"), [
    ("prepare.weights.gather=2", "prepare.weights.gather: no earlier step of this name makes records."),
    ("prepare.weights.generat=2", "Did you mean 'generate'?"), ("prepare.weights.generate=2", "")])
def test_weights_are_of_steps_that_make_records(word: str, told: str) -> None:
    said = judged(word, recipe="quebecois_nano")
    assert told in said if told else said == ""
