"""What makes a family: its class, its tokenizer, its chat template, and what it sets beyond the common sizes.

Configs follow the published config.json of each, save where a small random model needs another value: it says why.
"""
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pillm.backends.scratch import induction_fit
from pillm.backends.scratch.tokenizer_types import ByteLevel, Spm
from pillm.errors import ConfigError, suggest
from pillm.shape import FirstWeights, Shape

Settings = dict[str, Any]

HEADS_DIVIDE_WIDTH = frozenset({"Qwen2ForCausalLM", "GraniteForCausalLM", "GraniteMoeHybridForCausalLM"})
"""Classes whose config has no head_dim."""
SLIDING_LAYERS = 6
"""Of Gemma 3's layers every sixth sees the whole text, the others a window."""
WINDOW = 64
"""Shorter than the published 512, so that a small model's short texts reach beyond it."""


@dataclass(frozen=True)
class Family:
    """How a real model is built, less its size."""

    architecture: str
    """Class of transformers."""
    tokenizer: Spm | ByteLevel
    template: str
    """A file in templates/, without `.jinja`."""
    settings: Callable[[Shape], Settings]
    """Config beyond the common sizes."""
    also_ends: tuple[str, ...] = ()
    """Tokens that end an answer beside EOS."""
    jitter: float = 0.1
    """Spread of norms around their neutral value, and of biases: one that an exporter drops shows in the logits."""
    fixes: Settings = field(default_factory=dict)
    """What config.json must say after transformers wrote it."""


def family(name: str) -> Family:
    """Raises ConfigError where there is none of the name."""
    if name not in FAMILIES:
        raise ConfigError(f"family: {name}: it cannot be built from scratch.{suggest(name, FAMILIES)} "
                          f"Choose one of {', '.join(FAMILIES)}.")
    return FAMILIES[name]


def mistakes(name: str, shape: Shape, first_weights: FirstWeights = "random") -> Iterator[tuple[str, str]]:
    """(field of the shape, what does not fit. what to do.), of a family that there is."""
    chosen = family(name)
    if shape.head_dim is None and shape.hidden % shape.heads:
        yield "heads", f"{shape.heads} do not divide a width of {shape.hidden}. Change one, or set head_dim."
    if shape.heads % shape.kv_heads:
        yield "kv_heads", f"{shape.kv_heads} do not divide {shape.heads} heads. Change one of them."
    if shape.width_of_head % 2:
        yield "head_dim", f"rotary positions need an even width, not {shape.width_of_head}. Change it."
    if chosen.architecture in HEADS_DIVIDE_WIDTH and shape.width_of_head * shape.heads != shape.hidden:
        yield "head_dim", f"{chosen.architecture} has heads of hidden / heads. Leave it null."
    if first_weights != "random" and chosen.architecture != "LlamaForCausalLM":
        raise ConfigError(f"family: {name}: induction heads are begun in Llama's class only. "
                          "Set model.first_weights=random.")
    if first_weights != "random":
        yield from induction_fit.mistakes(shape)


def _rope(theta: float, **more: Any) -> Settings:
    return {"rope_parameters": {"rope_type": "default", "rope_theta": theta}, **more}


def _llama(shape: Shape) -> Settings:
    return _rope(1e4, head_dim=shape.width_of_head, rms_norm_eps=1e-5)


def _mistral(shape: Shape) -> Settings:
    return _rope(1e6, head_dim=shape.width_of_head, sliding_window=None, rms_norm_eps=1e-5)


def _qwen(theta: float) -> Callable[[Shape], Settings]:
    return lambda shape: _rope(theta, rms_norm_eps=1e-6)


def _qwen3(shape: Shape) -> Settings:
    return _rope(1e6, head_dim=shape.width_of_head, rms_norm_eps=1e-6)


def _gemma3(shape: Shape) -> Settings:
    whole = [layer % SLIDING_LAYERS == SLIDING_LAYERS - 1 for layer in range(shape.layers)]
    rope = {"sliding_attention": {"rope_type": "default", "rope_theta": 1e4},
            "full_attention": {"rope_type": "default", "rope_theta": 1e6}}
    return {"head_dim": shape.width_of_head, "query_pre_attn_scalar": shape.width_of_head, "sliding_window": WINDOW,
            "layer_types": ["full_attention" if each else "sliding_attention" for each in whole],
            "rope_parameters": rope, "rms_norm_eps": 1e-6}


def _granite3(shape: Shape) -> Settings:
    """The published multipliers (12, 1/64, 0.22, 8) fit 40 layers of 2048 that are trained; a small random model
    would only repeat its input and hardly learn. These keep every multiplier at work, at the size of this shape."""
    return _rope(1e7, rms_norm_eps=1e-5, embedding_multiplier=2.0, logits_scaling=0.5,
                 attention_multiplier=2.0 / shape.width_of_head, residual_multiplier=0.5)


def _granite4(shape: Shape) -> Settings:
    return _granite3(shape) | {
        "layer_types": ["attention"] * shape.layers, "num_local_experts": 0, "num_experts_per_tok": 0,
        "shared_intermediate_size": shape.ffn, "position_embedding_type": "rope",
        "mamba_n_heads": shape.hidden * 2 // 64, "mamba_d_head": 64, "mamba_expand": 2}


QWEN = ("<|endoftext|>", "<|im_start|>", "<|im_end|>")
TOOL_CALL = ("<tool_call>", "</tool_call>")
THINK = ("<think>", "</think>")
R1 = ("<｜end▁of▁sentence｜>", "<｜begin▁of▁sentence｜>", "<｜User｜>", "<｜Assistant｜>")
GRANITE = ("<|end_of_text|>", "<|start_of_role|>", "<|end_of_role|>", "<|tool_call|>")
MISTRAL = ("[INST]", "[/INST]", "[TOOL_CALLS]", "[AVAILABLE_TOOLS]", "[/AVAILABLE_TOOLS]", "[TOOL_RESULTS]",
           "[/TOOL_RESULTS]")
NANO = ("<|pad|>", "<|call|>", "<|end|>")


def _names(end: str, **others: str) -> dict[str, str]:
    return {"eos": end, "pad": end} | others


SPM_GEMMA = Spm(names={"pad": "<pad>", "eos": "<eos>", "bos": "<bos>", "unk": "<unk>"}, prefix=False,
                control=("<mask>", "<start_of_turn>", "<end_of_turn>"),
                literal=(*("\n" * n for n in range(1, 9)), "<table>", "</table>"))
QWEN_NAMES = _names("<|im_end|>", pad="<|endoftext|>")

FAMILIES = {
    "llama": Family("LlamaForCausalLM", Spm(), "zephyr", _llama),
    "llama2": Family("LlamaForCausalLM", Spm(), "llama2", _llama),
    "mistral": Family("MistralForCausalLM", Spm(control=MISTRAL), "mistral", _mistral),
    "gemma3": Family("Gemma3ForCausalLM", SPM_GEMMA, "gemma3", _gemma3, also_ends=("<end_of_turn>",)),
    "qwen2": Family("Qwen2ForCausalLM", ByteLevel("qwen2", QWEN_NAMES, QWEN, TOOL_CALL, nfc=True), "qwen2",
                    _qwen(1e6), also_ends=("<|endoftext|>",)),
    "qwen3": Family("Qwen3ForCausalLM", ByteLevel("qwen2", QWEN_NAMES, QWEN, TOOL_CALL + THINK, nfc=True), "qwen3",
                    _qwen3, also_ends=("<|endoftext|>",)),
    # unk is named so that transformers 5's Qwen2 tokenizer does not add an <|endoftext|> of its own.
    "r1qwen": Family("Qwen2ForCausalLM",
                     ByteLevel("deepseek-r1-qwen", _names(R1[0], bos=R1[1], unk=R1[0]), R1, THINK, nfc=True,
                               adds_bos=True), "r1qwen", _qwen(1e4)),
    "granite3": Family("GraniteForCausalLM",
                       ByteLevel("refact", _names(GRANITE[0], bos=GRANITE[0], unk=GRANITE[0]), GRANITE),
                       "granite3", _granite3),
    # transformers 5 writes full_attention, by which llama.cpp's converter would see no attention layer at all.
    "granite4": Family("GraniteMoeHybridForCausalLM",
                       ByteLevel("dbrx", _names(GRANITE[0], bos=GRANITE[0], unk=GRANITE[0], pad="<|pad|>"),
                                 ("<|pad|>", *GRANITE), TOOL_CALL),
                       "granite4", _granite4, fixes={"layer_types": {"full_attention": "attention"}}),
    "nano": Family("LlamaForCausalLM",
                   ByteLevel("bloom", _names("<|end|>", bos="<|end|>", unk="<|end|>", pad="<|pad|>"), NANO,
                             learns_apart=True), "nano", _llama, jitter=0),
}
"""By the names that model parts use."""
