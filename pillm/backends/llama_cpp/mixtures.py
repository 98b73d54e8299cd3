"""Which format each tensor gets under a named mixture (Q4_K_M …) and under a schedule of the user's.

The rules are those of src/llama-quant.cpp (llama_tensor_get_type_impl, tensor_allows_quantization) for dense models
below 70 B that are not Falcon. Nothing here reads a file or imports numpy.
"""
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from pillm.backends.llama_cpp.ggml_types import FORMATS, Format
from pillm.backends.llama_cpp.gguf_file import Gguf, Tensor
from pillm.errors import ConfigError, suggest

Rule = Callable[[int, int], str | None]
"""(how many of its sort came before, how many there are) → the format it is raised to, or None."""


def _more_bits(i: int, n: int) -> bool:
    """`use_more_bits` of src/llama-quant.cpp: the first and last eighth, and every third between."""
    return i < n // 8 or i >= 7 * n // 8 or (i - n // 8) % 3 == 2


def _never(i: int, n: int) -> None:
    return None


def _q6_where_it_counts(i: int, n: int) -> str | None:
    return "Q6_K" if _more_bits(i, n) else None


@dataclass(frozen=True)
class Mixture:
    """A base format and the tensors that get a better one."""

    base: str
    file_type: int
    """`enum llama_ftype` in include/llama.h."""
    value: Rule = _never
    """For attn_v, attn_qkv and attn_kv_b."""
    down: Rule = _never
    """For ffn_down."""
    down_with_imatrix: Rule | None = None
    """For ffn_down where there is an importance matrix, if another."""
    attention_output: str | None = None


MIXTURES = {
    "Q8_0": Mixture("Q8_0", 7),
    "Q6_K": Mixture("Q6_K", 18),
    "Q5_K_M": Mixture("Q5_K", 17, value=_q6_where_it_counts, down=_q6_where_it_counts),
    "Q5_1": Mixture("Q5_1", 9),
    "Q4_K_M": Mixture("Q4_K", 15, value=_q6_where_it_counts, down=_q6_where_it_counts),
    "Q4_K_S": Mixture("Q4_K", 14, value=lambda i, n: "Q5_K" if i < 4 else None,
                      down=lambda i, n: "Q5_K" if i < n // 8 else None),
    "Q4_0": Mixture("Q4_0", 2, down_with_imatrix=lambda i, n: "Q4_1" if i < n // 8 else None),
    "Q3_K_M": Mixture("Q3_K", 12, value=lambda i, n: "Q5_K" if i < 2 else "Q4_K",
                      down=lambda i, n: "Q5_K" if i < n // 16 else "Q4_K", attention_output="Q4_K"),
}
"""From the largest to the smallest file."""

VALUE_NAMES = ("attn_v.weight", "attn_qkv.weight", "attn_kv_b.weight")
KEPT = (
    "_norm.weight", "ffn_gate_inp.weight", "altup", "laurel", "per_layer_model_proj", "ssm_conv1d",
    "shortconv.conv.weight", "attn_rel_b.weight", ".position_embd", ".patch_embd", "position_embd.weight",
    "token_types.weight",
)
"""Tensors with one of these in their names stay as they are (tensor_allows_quantization)."""


def known(mixture: str) -> Mixture:
    """ConfigError where there is no such mixture."""
    if mixture not in MIXTURES:
        raise ConfigError(unknown(mixture))
    return MIXTURES[mixture]


def unknown(mixture: str) -> str:
    """What to tell of a mixture that is none."""
    if mixture.lower() in ("f16", "bf16", "f32"):
        return f"{mixture}: the unquantized file is always in the ladder. Leave it out."
    return f"{mixture}: no such type.{suggest(mixture.upper(), MIXTURES)} Take one of {', '.join(MIXTURES)}."


def allowed(mixture: str, rows: Iterable[int]) -> bool:
    """Whether blocks of the mixture's base format fill rows of these lengths."""
    return not misfits(mixture, rows)


def misfits(mixture: str, rows: Iterable[int]) -> list[int]:
    """The lengths that are not whole blocks of the mixture's base format."""
    return [row for row in rows if row % block(mixture)]


def block(mixture: str) -> int:
    """Values in a block of its base format."""
    return FORMATS[known(mixture).base].block


def remedy(rows: Collection[int]) -> str:
    """What to take instead for rows of these lengths."""
    fitting = [name for name in MIXTURES if allowed(name, rows)]
    return f"Take {', '.join([*fitting, 'or'])} another format for such tensors in `tensors`."


def matches(pattern: str, name: str) -> bool:
    """Whether `blk.*.ffn_down` means the tensor `blk.0.ffn_down.weight`."""
    return fnmatchcase(name, pattern) or fnmatchcase(name.removesuffix(".weight"), pattern)


def ordered(tensors: Iterable[Tensor]) -> list[Tensor]:
    """By layer, then by name: llama.cpp's order (weight_name_comparer in src/llama-model-loader.h)."""
    return sorted(tensors, key=lambda tensor: (_layer(tensor.name), tensor.name.encode()))


def _layer(name: str) -> int:
    parts = name.split(".")
    return int(parts[1]) if parts[0] == "blk" and parts[1].isdigit() else -1


def quantizable(tensor: Tensor) -> bool:
    """Matrices of weights are; norms, biases, gates and convolutions stay as they are."""
    return (len(tensor.shape) > 1 and tensor.name.endswith("weight")
            and not any(part in tensor.name for part in KEPT))


def formats(source: Gguf, mixture: str, *, schedule: Mapping[str, str], imatrix: bool) -> dict[str, str]:
    """The format of every tensor, in the order in which they are written.

    The first pattern of the schedule that fits a tensor decides; such a tensor does not count in the mixture's rules.
    Raises ConfigError with every tensor whose rows its format does not fit, every pattern that fits none, and every
    format that is not known.
    """
    tensors = ordered(source.tensors.values())
    chosen = {tensor.name: tensor.format for tensor in tensors}
    scheduled = _scheduled(tensors, schedule)
    chooser = _Chooser(known(mixture), source, imatrix)
    for tensor in filter(quantizable, tensors):
        chosen[tensor.name] = scheduled.get(tensor.name) or chooser.choose(tensor)
    cut = [tensor for tensor in tensors if tensor.row % FORMATS[chosen[tensor.name]].block]
    if cut:
        raise ConfigError(_told(source, mixture, cut, FORMATS[chosen[cut[0].name]]))
    return chosen


def _scheduled(tensors: list[Tensor], schedule: Mapping[str, str]) -> dict[str, str]:
    names = [tensor.name for tensor in tensors if quantizable(tensor)]
    mistakes = [f"tensors.{pattern}: no such format {kind}. Take one of {', '.join(FORMATS)}."
                + suggest(kind.upper(), FORMATS) for pattern, kind in schedule.items() if kind not in FORMATS]
    mistakes += [f"tensors.{pattern}: it fits no tensor that can be quantized. The names are like {_examples(names)}."
                 for pattern in schedule if not any(matches(pattern, name) for name in names)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    fitting = {name: next((kind for pattern, kind in schedule.items() if matches(pattern, name)), "") for name in names}
    return {name: kind for name, kind in fitting.items() if kind}


def _examples(names: list[str]) -> str:
    stems = {".".join("*" if part.isdigit() else part for part in n.removesuffix(".weight").split(".")) for n in names}
    return ", ".join(sorted(stems))


def _told(source: Gguf, mixture: str, cut: list[Tensor], kind: Format) -> str:
    return (f"{mixture}: rows of {cut[0].row} values ({cut[0].name}, one of {len(cut)} such tensors in "
            f"{source.path.name}) are not whole blocks of {kind.block} ({kind.name}). "
            + remedy([t.row for t in source.tensors.values() if quantizable(t)]))


class _Chooser:
    """Counts tensors of a sort as they pass, as the rules of a mixture ask for."""

    def __init__(self, mixture: Mixture, source: Gguf, imatrix: bool) -> None:
        self.mixture = mixture
        self.down = mixture.down_with_imatrix if imatrix and mixture.down_with_imatrix else mixture.down
        self.values = sum(any(part in name for part in VALUE_NAMES) for name in source.tensors)
        self.layers = source.get(f"{source.get('general.architecture')}.block_count", 0)
        self.output = "output.weight" if "output.weight" in source.tensors else "token_embd.weight"
        self.value_seen = self.down_seen = 0

    def choose(self, tensor: Tensor) -> str:
        """The format of the next tensor."""
        return self._raised(tensor.name, tensor.row) or self.mixture.base

    def _raised(self, name: str, row: int) -> str | None:
        if name == self.output:
            return self._for_output(row)
        if any(part in name for part in VALUE_NAMES):
            self.value_seen += 1
            return self.mixture.value(self.value_seen - 1, self.values)
        if "ffn_down" in name:
            self.down_seen += 1
            return self.down(self.down_seen - 1, self.layers)
        return self.mixture.attention_output if "attn_output.weight" in name else None

    def _for_output(self, row: int) -> str | None:
        """Q6_K where its blocks fit, else Q8_0: the matrix every token is chosen by (the embedding where tied)."""
        if self.mixture.base == "Q8_0":
            return None
        return "Q6_K" if row % FORMATS["Q6_K"].block == 0 else "Q8_0"
