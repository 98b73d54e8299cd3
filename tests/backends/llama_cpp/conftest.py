"""A tiny llama as weights and as GGUF files."""
from dataclasses import dataclass
from pathlib import Path

import pytest

from pillm.backends.llama_cpp.convert import weights_to_gguf
from pillm.backends.llama_cpp.quantize import quantize
from pillm.backends.scratch.build import build
from pillm.shape import Shape

TESTS = Path(__file__).parents[2]
SHAPE = Shape(hidden=256, layers=4, heads=4, kv_heads=2, ffn=512, vocab=1024, tied=False)
CONTEXT = 2048


@dataclass(frozen=True)
class Tiny:
    """One model in all its forms."""

    weights: Path
    ladder: Path

    def gguf(self, kind: str) -> Path:
        return self.ladder / f"{kind}.gguf"


@pytest.fixture(scope="session")
def corpus() -> str:
    return (TESTS / "data" / "corpus.txt").read_text("utf-8")


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory, corpus: str) -> Tiny:
    """f32 stands outside the ladder of f16, Q8_0 and Q4_K_M."""
    folder = tmp_path_factory.mktemp("tiny")
    made = Tiny(folder / "weights", folder / "ladder")
    made.ladder.mkdir()
    build("llama", SHAPE, corpus.splitlines(), made.weights, context=CONTEXT)
    weights_to_gguf(made.weights, made.gguf("f16"))
    weights_to_gguf(made.weights, folder / "f32.gguf", dtype="f32")
    for kind in ("Q8_0", "Q4_K_M"):
        quantize(made.gguf("f16"), made.gguf(kind), mixture=kind)
    return made
