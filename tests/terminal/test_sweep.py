"""Jobs of a sweep side by side."""
import copy
import io

from rich.console import Console

from pillm.terminal.row import row, varied
from pillm.terminal.sweep import _table


def test_columns_are_what_differs() -> None:
    assert varied([["until=sft", "sft.lora.rank=4"], ["until=sft", "sft.lora.rank=8"]]) == ["sft.lora.rank"]
    assert varied([["sft.lora.rank=4"]]) == ["sft.lora.rank"]


def test_a_row_is_empty_where_nothing_was_measured() -> None:
    record = {"overrides": ["++sft.lora.rank=4", "+recipe=x", "+caps=none"], "code": 1, "error": "sft: no.", "steps": {
        "sft": {"stage": "sft", "metrics": {"eval_loss": 1.5}, "made": {"seconds": 2.0}, "cached": False}}}
    found = row(record, ["sft.lora.rank"])
    assert found["sft.lora.rank"] == "4"
    assert (found["eval loss"], found["score"], found["seconds"], found["result"]) == (1.5, None, 2.0, "sft: no.")


def marks(octets: int, score: float) -> dict:
    return {"bytes": octets, "score": {"value": score, "low": score - 0.1, "high": score + 0.1, "n": 60},
            "tokens_per_s": 12.4, "prompt_tokens_per_s": 96.0, "peak_rss_mib": 812.0}


BASE = {"overrides": ["model=qwen", "+recipe=x", "+caps=none"], "code": 0, "error": "", "steps": {
    "fetch": {"stage": "fetch", "metrics": {"parameters": 494_032_768}, "made": {"seconds": 60.0}, "cached": False},
    "evaluate_base": {"stage": "evaluate", "made": {"seconds": 40.0}, "cached": True, "metrics": {
        "questions": 60, "f16": marks(988_097_824, 0.5), "Q4_K_M": marks(397_807_936, 0.45)}}}}


def test_a_base_has_quality_speed_and_memory_before_any_training() -> None:
    found = row(BASE, ["model"])
    assert {name: value for name, value in found.items() if value is not None} == {
        "model": "qwen", "parameters": 494_032_768, "file": "Q4_K_M", "score": 0.45, "low": 0.35, "high": 0.55,
        "bytes": 397_807_936, "tokens/s": 12.4, "read/s": 96.0, "memory": 812.0, "seconds": 60.0, "result": "done"}


def test_what_was_trained_goes_before_its_base_and_bench_before_evaluation() -> None:
    trained = copy.deepcopy(BASE)
    trained["steps"] |= {
        "evaluate": {"stage": "evaluate", "made": {"seconds": 1.0}, "cached": False, "metrics": {
            "questions": 60, "Q4_K_M": marks(397_807_936, 0.8)}},
        "bench": {"stage": "bench", "made": {"seconds": 1.0}, "cached": False, "metrics": {"Q4_K_M": {
            "decode_tokens_per_s": {"value": 15.0, "low": 14, "high": 16}, "peak_rss_mib": 700.0}}},
        "late_base": BASE["steps"]["evaluate_base"]}
    found = row(trained, ["model"])
    assert (found["score"], found["tokens/s"], found["read/s"], found["memory"]) == (0.8, 15.0, 96.0, 700.0)


def test_a_file_that_was_only_made_has_its_size() -> None:
    types = {"f16": {"bytes": 900}, "Q8_0": {"bytes": 500}}
    made = BASE | {"steps": {"quantize": {"stage": "quantize", "metrics": {"types": types}, "made": {"seconds": 1.0},
                                          "cached": False}}}
    found = row(made, ["model"])
    assert (found["file"], found["bytes"], found["score"]) == ("Q8_0", 500, None)


def test_the_table_leaves_out_what_nobody_has() -> None:
    console = Console(width=160, record=True, file=io.StringIO())
    failed = {"overrides": ["model=x", "+recipe=x"], "code": 1, "error": "fetch: no.\nin step fetch", "steps": {}}
    console.print(_table([row(BASE, ["model"]), row(failed, ["model"])]))
    head, _, first, second = [line for line in console.export_text().splitlines() if line.strip()]
    assert head.split() == ["model", "parameters", "file", "score", "bytes", "tokens/s", "read/s", "memory", "seconds",
                            "result"]
    assert first.split() == ["qwen", "494,032,768", "Q4_K_M", "45.0%", "(35%", "to", "55%)", "397.8", "MB", "12", "96",
                             "851.4", "MB", "1", "min", "0", "s", "done"]
    assert second.split() == ["x", "0.0", "s", "fetch:", "no."]
