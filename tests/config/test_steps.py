"""How a recipe writes its steps."""
import pytest

from pillm.config.steps import inputs, mistakes, uses


def test_a_step_is_a_stage_or_uses_one() -> None:
    steps = ["sft", {"base": {"uses": "evaluate", "inputs": {"ladder": "gguf"}}}, {"report": None}]
    assert uses(steps) == {"sft": "sft", "base": "evaluate", "report": "report"}
    assert inputs(steps, "base") == {"ladder": "gguf"}
    assert inputs(steps, "sft") == {}
    assert mistakes(steps) == []


@pytest.mark.parametrize(("steps", "place", "told"), [
    (None, 0, "a recipe lists its steps"),
    ([], 0, "a recipe lists its steps"),
    (["sft", 3], 1, "3: not a step"),
    (["sft", {"a": {}, "b": {}}], 1, "not a step"),
    (["sft", {"sft": {"uses": "sft"}}], 1, "sft: there are two steps of this name"),
    ([{"sft": {"rank": 3}}], 0, "sft: rank: no such option of a step"),
])
def test_mistakes_name_their_place(steps: object, place: int, told: str) -> None:
    ((where, what),) = mistakes(steps)
    assert where == place
    assert told in what
