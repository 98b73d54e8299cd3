"""Speed of a ladder on this machine, and the history it leaves."""
import json
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.quantize import quantize
from pillm.engine.gates import Gate, judge
from pillm.errors import StageError
from pillm.stages.bench import BenchConfig, bench, estimate
from tests.reference import tiny_gguf

RECIPE = {"model": {"parameters": 1_000_000_000}, "quantize": {"types": ["Q8_0"]}}


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf")
    quantize(folder / "f16.gguf", folder / "Q8_0.gguf", mixture="Q8_0")
    return folder


def measured(ladder: Path, folder: Path, **options: object) -> dict:
    """Metrics of a short bench."""
    config = BenchConfig(context=512, threads=1, prompt_tokens=32, decode_tokens=4, repetitions=3,
                         history=folder / "runs" / "history.jsonl", **options)
    return bench.action(config, ladder=ladder, bench=folder / "bench.json", progress=lambda *_, **__: None)


def test_figures_of_each_type(ladder: Path, tmp_path: Path) -> None:
    found = measured(ladder, tmp_path)
    written = json.loads((tmp_path / "bench.json").read_text("utf-8"))
    assert written["types"] == found
    assert list(found) == ["f16", "Q8_0"]
    assert written["trial"]["repetitions"] == 3
    assert written["machine"]["llama_cpp"].startswith("xllamacpp ")
    for figures in found.values():
        assert figures["decode_tokens_per_s"]["low"] < figures["decode_tokens_per_s"]["high"]
        assert figures["peak_rss_mib"] > figures["bytes"] / 2**20


def test_every_measurement_is_remembered(ladder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        measured(ladder, tmp_path, types=["Q8_0"])
    lines = [json.loads(line) for line in (tmp_path / "runs" / "history.jsonl").read_text("utf-8").splitlines()]
    assert [line["type"] for line in lines] == ["Q8_0", "Q8_0"]
    assert len({line["sha256"] for line in lines}) == 1
    assert all({"date", "machine", "trial", "decode_tokens_per_s"} <= line.keys() for line in lines)


def test_a_gate_judges_the_interval(ladder: Path, tmp_path: Path) -> None:
    """met, not met, or inconclusive where the interval straddles the minimum."""
    metrics = {"bench": measured(ladder, tmp_path, types=["Q8_0"])}
    metric, found = "bench.Q8_0.decode_tokens_per_s", metrics["bench"]["Q8_0"]["decode_tokens_per_s"]
    verdicts = [judge("speed", Gate(metric=metric, min=least, by="interval"), metrics, enforced=True)
                for least in (found["low"] / 2, found["value"], found["high"] * 2)]
    assert [verdict["met"] for verdict in verdicts] == [True, None, False]
    assert verdicts[1]["told"].endswith("inconclusive")


def test_a_type_that_is_not_there_is_told(ladder: Path, tmp_path: Path) -> None:
    with pytest.raises(StageError, match=r"the ladder has no Q8_1; it has f16, Q8_0. Did you mean 'Q8_0'\?"):
        measured(ladder, tmp_path, types=["Q8_1"])


def test_the_plan_follows_its_formula() -> None:
    few, many = (estimate(BenchConfig(context=512, repetitions=n), RECIPE) for n in (2, 11))
    assert few.seconds - 2 == pytest.approx((many.seconds - 2) / 4)
    assert 2.1 < few.ram_gib < 2.3
