"""Jobs of a sweep side by side."""
from pillm.terminal.sweep import row, varied


def test_columns_are_what_differs() -> None:
    assert varied([["until=sft", "sft.lora.rank=4"], ["until=sft", "sft.lora.rank=8"]]) == ["sft.lora.rank"]
    assert varied([["sft.lora.rank=4"]]) == ["sft.lora.rank"]


def test_a_row_is_empty_where_nothing_was_measured() -> None:
    record = {"overrides": ["++sft.lora.rank=4", "+recipe=x", "+caps=none"], "code": 1, "error": "sft: no.", "steps": {
        "sft": {"metrics": {"eval_loss": 1.5}, "made": {"seconds": 2.0}, "cached": False}}}
    found = row(record, ["sft.lora.rank"])
    assert found["sft.lora.rank"] == "4"
    assert (found["eval loss"], found["score"], found["seconds"], found["result"]) == (1.5, None, 2.0, "sft: no.")
