"""The number formats of llama.cpp that pillm writes: their codes in GGUF files and the size of their blocks."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A row is cut into blocks of `block` values that take `size` bytes each."""

    name: str
    code: int
    block: int
    size: int

    def bytes(self, values: int) -> int:
        """What so many values take up; they must fill whole blocks."""
        return values // self.block * self.size


FORMATS = {f.name: f for f in (
    Format("F32", 0, 1, 4), Format("F16", 1, 1, 2), Format("BF16", 30, 1, 2),
    Format("Q4_0", 2, 32, 18), Format("Q4_1", 3, 32, 20), Format("Q5_0", 6, 32, 22), Format("Q5_1", 7, 32, 24),
    Format("Q8_0", 8, 32, 34),
    Format("Q3_K", 11, 256, 110), Format("Q4_K", 12, 256, 144), Format("Q5_K", 13, 256, 176),
    Format("Q6_K", 14, 256, 210),
)}
"""Codes from `enum ggml_type` in ggml/include/ggml.h, blocks from the structs of ggml/src/ggml-common.h."""

PLAIN = ("F32", "F16", "BF16")
"""Formats without a loss beyond rounding, which a tensor can be quantized from."""

NAMES = {f.code: f.name for f in FORMATS.values()}
