"""What each type of a ladder loses against f16, on the test chats."""
import json
import shutil
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.quantize import quantize
from pillm.errors import StageError
from pillm.stages.divergence import DivergenceConfig, divergence, estimate
from tests.reference import tiny_gguf

CONFIG = DivergenceConfig(context=64, threads=1)


def quiet(label: str, done: float, total: float | None = None, **figures: float) -> None:
    """Nobody looks."""


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    tiny_gguf.model(folder / "f16.gguf")
    for kind in ("Q8_0", "Q4_K_M"):
        quantize(folder / "f16.gguf", folder / f"{kind}.gguf", mixture=kind)
    return folder


@pytest.fixture
def chats(tmp_path: Path) -> Path:
    """Six of the test split; the first is longer than the context."""
    folder = tmp_path / "chats"
    folder.mkdir()
    lines = [{"messages": [{"role": "user", "content": tiny_gguf.text(seed, 4 if seed else 20)},
                           {"role": "assistant", "content": tiny_gguf.text(seed + 9, 1)}]} for seed in range(6)]
    (folder / "test.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return folder


def measured(ladder: Path, chats: Path, config: DivergenceConfig = CONFIG) -> tuple[dict, str]:
    """Metrics and the artifact's text."""
    out = chats.parent / "divergence.json"
    found = divergence.action(config, ladder=ladder, chats=chats, divergence=out, progress=quiet)
    return found, out.read_text("utf-8")


def test_more_bits_lose_less(ladder: Path, chats: Path) -> None:
    found, text = measured(ladder, chats)
    assert found == {"chats": 6, **json.loads(text)}
    assert list(json.loads(text)) == ["f16", "Q8_0", "Q4_K_M"]
    assert (found["f16"]["kl_mean"], found["f16"]["same_top"]) == (0, 1)
    assert 0 < found["Q8_0"]["kl_mean"] < 0.01 < found["Q4_K_M"]["kl_mean"]
    assert found["Q8_0"]["same_top"] > found["Q4_K_M"]["same_top"]
    assert found["Q8_0"]["bytes"] == (ladder / "Q8_0.gguf").stat().st_size
    assert all(figures["positions"] <= 6 * 63 for figures in json.loads(text).values())


def test_twice_the_same_bytes(ladder: Path, chats: Path) -> None:
    assert measured(ladder, chats) == measured(ladder, chats)


def test_chats_are_taken_up_to_the_budget(ladder: Path, chats: Path) -> None:
    found, _ = measured(ladder, chats, DivergenceConfig(context=64, threads=1, max_tokens=100))
    assert found["chats"] == 2
    found, _ = measured(ladder, chats, DivergenceConfig(context=64, threads=1, max_chats=1))
    assert (found["chats"], found["f16"]["positions"]) == (1, 63)


def test_validation_stands_in_for_an_empty_test_split(ladder: Path, chats: Path) -> None:
    expected = measured(ladder, chats)
    (chats / "test.jsonl").rename(chats / "validation.jsonl")
    (chats / "test.jsonl").touch()
    assert measured(ladder, chats) == expected
    (chats / "validation.jsonl").unlink()
    with pytest.raises(StageError, match="neither test nor validation split has a chat"):
        measured(ladder, chats)


def test_the_unquantized_file_may_be_of_another_format(ladder: Path, chats: Path, tmp_path: Path) -> None:
    (tmp_path / "ladder").mkdir()
    for name, file in (("bf16", "f16"), ("Q8_0", "Q8_0")):
        (tmp_path / "ladder" / f"{name}.gguf").symlink_to(ladder / f"{file}.gguf")
    found, _ = measured(tmp_path / "ladder", chats)
    assert found["bf16"]["kl_mean"] == 0 < found["Q8_0"]["kl_mean"]


def test_a_ladder_without_f16_is_told(ladder: Path, chats: Path, tmp_path: Path) -> None:
    (tmp_path / "ladder").mkdir()
    shutil.copy(ladder / "Q8_0.gguf", tmp_path / "ladder")
    with pytest.raises(StageError, match="has none of f16, bf16, f32 to compare with"):
        measured(tmp_path / "ladder", chats)


def test_the_plan_grows_with_model_and_types() -> None:
    recipe = {"model": {"parameters": 1_000_000_000, "shape": {"vocab": 32000}}, "quantize": {"types": ["Q8_0"]}}
    larger = recipe | {"quantize": {"types": ["Q8_0", "Q4_K_M", "Q4_0"]}}
    assert estimate(CONFIG, recipe).seconds < estimate(CONFIG, larger).seconds
    assert 3.1 < estimate(CONFIG, recipe).ram_gib < 3.4
