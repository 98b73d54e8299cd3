"""The stages that make files smaller: imatrix and quantize."""
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pillm.backends.llama_cpp import gguf_file
from pillm.backends.llama_cpp import imatrix as matrices
from pillm.backends.llama_cpp.convert import weights_to_gguf
from pillm.backends.llama_cpp.model import Model
from pillm.errors import ConfigError
from pillm.stages.imatrix import ImatrixConfig, imatrix
from pillm.stages.quantize import QuantizeConfig, quantize
from tests.reference import tiny_gguf

SHAPE = {"hidden": 256, "ffn": 512, "heads": 4, "kv_heads": 2, "head_dim": None, "layers": 4, "vocab": 1024}
LINES = [f"Allume la lumière du salon {n} fois." for n in range(40)]


def silent(*_, **__):
    """Nobody looks."""


def chat(text: str) -> str:
    return json.dumps({"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": "Correct."}]},
                      ensure_ascii=False)


@pytest.fixture(scope="module")
def gguf(tiny_weights: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("ladder") / "model.gguf"
    weights_to_gguf(tiny_weights("tinyllama"), out)
    return out


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The test split is no JSON: whoever reads it fails."""
    folder = tmp_path_factory.mktemp("chats")
    (folder / "train.jsonl").write_text("".join(chat(line) + "\n" for line in LINES), "utf-8")
    for split in ("validation", "test"):
        (folder / f"{split}.jsonl").write_text("not for this\n")
    return folder


@pytest.fixture(scope="module")
def measured(gguf: Path, chats: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("imatrix") / "imatrix.gguf"
    config = ImatrixConfig(dataset="quebecois", max_chunks=3, chunk_size=64)
    return out, imatrix.action(config, gguf=gguf, chats=chats, imatrix=out, progress=silent)


def test_the_imatrix_is_of_the_training_chats_as_the_model_sees_them(
        measured: tuple[Path, dict], gguf: Path) -> None:
    found = matrices.read(measured[0])
    with Model(gguf, vocab_only=True) as model:
        ids = [token for line in LINES for token in model.tokenize(
            f"<s><|user|>\n{line}</s>\n<|assistant|>\nCorrect.</s>\n")]
    expected = matrices.compute(gguf, [ids[:64], ids[64:128], ids[128:192]])
    assert found.sums.keys() == expected.sums.keys()
    assert all((found.sums[name] == expected.sums[name]).all() for name in found.sums)
    assert found.dataset == "quebecois/train"
    assert measured[1] == {"tensors": 28, "chunks": 3, "chunk_size": 64, "tokens": 192}


def test_the_same_chats_give_the_same_bytes(
        measured: tuple[Path, dict], gguf: Path, chats: Path, tmp_path: Path) -> None:
    config = ImatrixConfig(dataset="quebecois", max_chunks=3, chunk_size=64)
    imatrix.action(config, gguf=gguf, chats=chats, imatrix=tmp_path / "again.gguf", progress=silent)
    assert (tmp_path / "again.gguf").read_bytes() == measured[0].read_bytes()


def test_a_file_of_the_users_takes_the_place_of_chats(measured: tuple[Path, dict], gguf: Path, tmp_path: Path) -> None:
    config = ImatrixConfig(dataset=None, path=measured[0])
    metrics = imatrix.action(config, gguf=gguf, chats=None, imatrix=tmp_path / "imatrix.gguf", progress=silent)
    assert (tmp_path / "imatrix.gguf").read_bytes() == measured[0].read_bytes()
    assert metrics["chunks"] == 3


def test_a_file_of_the_users_for_another_model_is_refused(gguf: Path, tmp_path: Path) -> None:
    tiny_gguf.imatrix(tmp_path / "odd.gguf", "odd")
    config = ImatrixConfig(dataset=None, path=tmp_path / "odd.gguf")
    with pytest.raises(ConfigError, match="has 288 values, the model's has"):
        imatrix.action(config, gguf=gguf, chats=None, imatrix=tmp_path / "imatrix.gguf", progress=silent)


@pytest.fixture(scope="module")
def ladder(gguf: Path, measured: tuple[Path, dict], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    out = tmp_path_factory.mktemp("quantize") / "ladder"
    config = QuantizeConfig(types=("Q8_0", "Q4_K_M"), tensors={"blk.0.ffn_down": "Q5_K"}, shape=SHAPE)
    return out, quantize.action(config, gguf=gguf, imatrix=measured[0], ladder=out, progress=silent)["types"]


def test_a_ladder_has_the_unquantized_file_and_every_type(ladder: tuple[Path, dict], gguf: Path) -> None:
    folder, types = ladder
    assert sorted(file.name for file in folder.iterdir()) == ["Q4_K_M.gguf", "Q8_0.gguf", "f16.gguf"]
    assert (folder / "f16.gguf").read_bytes() == gguf.read_bytes()
    assert types["f16"]["bytes"] > types["Q8_0"]["bytes"] > types["Q4_K_M"]["bytes"]
    assert types["Q4_K_M"]["bytes"] == (folder / "Q4_K_M.gguf").stat().st_size


def test_the_schedule_goes_above_the_types_rules(ladder: tuple[Path, dict]) -> None:
    tensors = gguf_file.read(ladder[0] / "Q4_K_M.gguf").tensors
    assert tensors["blk.0.ffn_down.weight"].format == "Q5_K"
    assert tensors["blk.1.ffn_up.weight"].format == "Q4_K"
    assert gguf_file.read(ladder[0] / "Q8_0.gguf").tensors["blk.0.ffn_down.weight"].format == "Q5_K"


def test_the_imatrix_is_not_dropped_without_a_word(ladder: tuple[Path, dict]) -> None:
    assert ladder[1]["Q4_K_M"]["tensors_with_imatrix"] == 28
    assert ladder[1]["Q4_K_M"]["tensors_without_imatrix"] == ["output.weight", "token_embd.weight"]
    assert gguf_file.read(ladder[0] / "Q4_K_M.gguf").get("quantize.imatrix.entries_count") == 28


def test_llama_cpp_loads_every_rung(ladder: tuple[Path, dict]) -> None:
    for file in ladder[0].iterdir():
        with Model(file, threads=1) as model:
            assert model.logits([1, 2, 3]).shape == (3, 1024)


@pytest.mark.parametrize(("options", "key", "told"), [
    ({"types": ("Q4_KM",)}, "types", "Did you mean 'Q4_K_M'?"),
    ({"types": ("f16",)}, "types", "always in the ladder"),
    ({"types": ("Q8_0", "Q8_0")}, "types", "named twice"),
    ({"types": ("Q4_K_M",), "shape": SHAPE | {"hidden": 896, "heads": 14, "head_dim": 64}}, "types",
     "Q4_K_M cuts rows into blocks of 256, and this model has rows of 896. Take Q8_0, Q5_1, Q4_0, or another format"),
    ({"tensors": {"*": "Q9"}}, "tensors.*", "no such format Q9"),
])
def test_what_cannot_be_is_told_before_anything_starts(options: dict, key: str, told: str) -> None:
    mistakes = list(quantize.check(QuantizeConfig(**({"shape": SHAPE} | options))))
    assert [field for field, _ in mistakes] == [key]
    assert told in mistakes[0][1]


def test_a_pattern_that_fits_nothing_stops_before_a_file_is_made(gguf: Path, tmp_path: Path) -> None:
    config = QuantizeConfig(tensors={"blk.*.ffn_dwn": "Q6_K"}, shape=SHAPE)
    with pytest.raises(ConfigError, match=r"quantize: tensors\.blk\.\*\.ffn_dwn: it fits no tensor"):
        quantize.action(config, gguf=gguf, imatrix=None, ladder=tmp_path / "ladder", progress=silent)
    assert not (tmp_path / "ladder").exists()


def test_the_estimate_adds_up_the_types() -> None:
    config = QuantizeConfig(types=("Q8_0", "Q4_0"), shape=SHAPE)
    assert quantize.estimate(config, {"model": {"parameters": 2**30}}).disk_gib == (8.5 + 4.5) / 8
