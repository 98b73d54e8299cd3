"""Speed and memory of a file, measured in a process of its own."""
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.speed import Trial, interval, measure
from pillm.errors import StageError
from tests.backends.llama_cpp.conftest import Tiny

TRIAL = Trial(prompt_tokens=64, decode_tokens=8, repetitions=3, threads=1, context=512)


def test_figures_of_a_file(tiny: Tiny) -> None:
    told: list[int] = []
    found = measure(tiny.gguf("f16"), TRIAL, told=lambda done, rate: told.append(done))
    assert told == [1, 2, 3]
    for figure in (found.prompt_tokens_per_s, found.decode_tokens_per_s, found.time_to_first_token_s):
        assert 0 <= figure["low"] < figure["value"] < figure["high"]
        assert figure["n"] == 3
    assert 0 < found.load_s < 60
    assert tiny.gguf("f16").stat().st_size / 2**20 < found.peak_rss_mib < 200


def test_a_longer_context_takes_more_memory(tiny: Tiny) -> None:
    """KV cache in f16: 2 × 4 layers × 2 heads × 64 wide × 2 bytes for each token."""
    short, long = (measure(tiny.gguf("Q8_0"), Trial(8, 2, 2, 1, context)).peak_rss_mib for context in (512, 16896))
    assert long - short == pytest.approx(16384 * 2 * 4 * 2 * 64 * 2 / 2**20, rel=0.3)


def test_intervals_are_students() -> None:
    """t(0.975; 4) = 2.776 (Student 1908); the standard deviation of 8, 9, 10, 11, 12 is √2.5."""
    found = interval([8, 9, 10, 11, 12])
    margin = 2.776 * 2.5**0.5 / 5**0.5
    assert found == {"value": 10, "low": pytest.approx(10 - margin, abs=1e-3),
                     "high": pytest.approx(10 + margin, abs=1e-3), "n": 5}


def test_no_rate_is_below_nothing() -> None:
    assert interval([1, 100])["low"] == 0


def test_what_cannot_be_measured_is_told(tmp_path: Path) -> None:
    (tmp_path / "text.gguf").write_text("GGML?")
    with pytest.raises(StageError, match=r"text.gguf: its speed could not be measured: .*invalid magic"):
        measure(tmp_path / "text.gguf", TRIAL)
