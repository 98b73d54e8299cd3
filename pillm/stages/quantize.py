import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from pillm.backends.llama_cpp import where
from pillm.device_fit import BITS_PER_WEIGHT
from pillm.engine.digest import sha256
from pillm.engine.stage import Estimate, Free, From, Makes, Metrics, Mistake, Needs, Progress, StageConfig, stage
from pillm.errors import ConfigError

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.gguf_file import Gguf
    from pillm.backends.llama_cpp.imatrix import Imatrix

WEIGHTS_PER_S = 5e6
"""Of one core, K-quants with an importance matrix (the slowest); bench/llama_cpp_reference.py prints it."""


class QuantizeConfig(StageConfig):
    types: tuple[str, ...] = ("Q8_0", "Q4_K_M")
    """Files to make, beside the unquantized one, which the ladder always has."""
    tensors: dict[str, str] = Field(default_factory=dict)
    """Formats by pattern of tensor names, above the types' rules: {"blk.*.ffn_down": Q6_K}; the first fit counts."""
    use_imatrix: bool = True
    """Weigh with the importance matrix, where an earlier step makes one."""
    shape: Annotated[dict[str, Any], From("model.shape"), Free()]
    """The model's sizes, to refuse what its rows do not allow before anything starts."""


def check(config: QuantizeConfig) -> Iterator[Mistake]:
    """Types and formats exist, and the model's rows are whole blocks of each."""
    from pillm.backends.llama_cpp import mixtures
    from pillm.backends.llama_cpp.ggml_types import FORMATS

    rows = _rows(config.shape)
    if len(set(config.types)) < len(config.types):
        yield "types", f"{', '.join(config.types)}: one is named twice. Name each once."
    for kind in config.types:
        if kind not in mixtures.MIXTURES:
            yield "types", mixtures.unknown(kind)
        elif not config.tensors and (misfits := mixtures.misfits(kind, rows)):
            yield "types", (f"{kind} cuts rows into blocks of {mixtures.block(kind)}, and this model has rows of "
                            f"{', '.join(map(str, misfits))}. {mixtures.remedy(rows)}")
    for pattern, kind in config.tensors.items():
        if kind not in FORMATS:
            yield f"tensors.{pattern}", f"no such format {kind}. Take one of {', '.join(FORMATS)}."


def _rows(shape: dict[str, Any]) -> list[int]:
    """Lengths of the rows of a decoder's matrices: their inputs."""
    heads = shape["heads"] * (shape.get("head_dim") or shape["hidden"] // shape["heads"])
    return sorted({shape["hidden"], shape["ffn"], heads})


def estimate(config: QuantizeConfig, recipe: dict) -> Estimate:
    """disk = parameters × Σ bits / 8 (the unquantized file is linked); memory = 0.3 GiB, whatever the model.

    seconds = types × parameters / (WEIGHTS_PER_S × cores)
    """
    weights, cores = recipe["model"]["parameters"], os.cpu_count() or 1
    bits = sum(BITS_PER_WEIGHT[kind] for kind in config.types)
    return Estimate(seconds=len(config.types) * weights / (WEIGHTS_PER_S * cores), ram_gib=0.3,
                    disk_gib=weights * bits / 8 / 2**30)


@stage(version="1", libraries=("xllamacpp",), check=check, estimate=estimate, fingerprint=where.own_identity)
def quantize(config: QuantizeConfig, gguf: Annotated[Path, Needs("gguf")],
             imatrix: Annotated[Path | None, Needs("imatrix", unless=("use_imatrix", False))],
             ladder: Annotated[Path, Makes("ladder")], progress: Progress) -> Metrics:
    """Quantize the GGUF to each type of the recipe; the unquantized file stays beside them."""
    from pillm.backends.files import link_or_copy
    from pillm.backends.llama_cpp import gguf_file
    from pillm.backends.llama_cpp.imatrix import read

    source, matrix = gguf_file.read(gguf), read(imatrix) if imatrix else None
    _refuse_misfits(config, source, matrix)
    ladder.mkdir()
    plain = ladder / f"{_plain_name(source)}.gguf"
    link_or_copy(gguf, plain)
    made = {plain.stem: _facts(plain)}
    return {"types": made | {kind: _made(kind, config, gguf, matrix, ladder, progress) for kind in config.types}}


def _plain_name(source: "Gguf") -> str:
    """f16, bf16 or f32: the format of its matrices."""
    from pillm.backends.llama_cpp.mixtures import quantizable

    return next(tensor.format for tensor in source.tensors.values() if quantizable(tensor)).lower()


def _refuse_misfits(config: QuantizeConfig, source: "Gguf", matrix: "Imatrix | None") -> None:
    """ConfigError with what does not fit, for all types at once and before any is made."""
    from pillm.backends.llama_cpp.quantize import plan

    mistakes = []
    for kind in config.types:
        try:
            plan(source, kind, imatrix=matrix, tensors=config.tensors)
        except ConfigError as error:
            mistakes += str(error).splitlines()
    if mistakes:
        raise ConfigError("\n".join(dict.fromkeys(f"quantize: {told}" for told in mistakes)))


def _made(kind: str, config: QuantizeConfig, gguf: Path, matrix: "Imatrix | None", ladder: Path,
          progress: Progress) -> Metrics:
    from pillm.backends.llama_cpp import quantize as backend

    file = ladder / f"{kind}.gguf"
    done = backend.quantize(gguf, file, mixture=kind, imatrix=matrix, tensors=config.tensors, progress=progress)
    return _facts(file) | {"bits_per_weight": round(done.bits_per_weight, 4), "formats": done.formats,
                           "tensors_with_imatrix": done.with_imatrix,
                           "tensors_without_imatrix": list(done.without_imatrix)}


def _facts(file: Path) -> Metrics:
    return {"bytes": file.stat().st_size, "sha256": sha256(file)}
