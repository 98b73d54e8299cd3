"""Supervised fine-tuning."""
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, PositiveInt

from pillm.backends.hf import costs, forms, machine
from pillm.backends.hf.options import Lora, Training, Weight
from pillm.engine.stage import (
    Estimate,
    From,
    Makes,
    Metrics,
    Mistake,
    Needs,
    Progress,
    Resolve,
    StageConfig,
    Work,
    stage,
)

Dtype = Literal["fp32", "bf16", "fastest"]
NOT_ADAPTED = ("lm_head", "embed_tokens")


def _named(dtype: Any) -> Any:
    return machine.fastest_dtype() if dtype == "fastest" else dtype


class SftConfig(StageConfig):
    """How the model is fine-tuned."""

    lora: Lora | None = Lora()
    """The adapter; null trains all weights."""
    training: Training = Training()
    """Steps, rates and batches."""
    context: Annotated[PositiveInt, From("model.context")]
    """Longest chat, in tokens."""
    form: Annotated[Literal["chat", "plain", "template"], From("domain.form")]
    """How a chat is written: the model's chat template, plain text with blank lines between, or format_template."""
    format_template: Annotated[str | None, From("domain.format_template")]
    """Text with {question} and {final_answer} (or {system}, {user}, {assistant}, {thought_stream})."""
    max_mark_share: Weight = 0.15
    """Share of a chat's tokens that the marks of a format_template, `<think>` say, may cost beyond one token each: more
    is a gate that is not met. A tokenizer that has no token for a mark spells it out in several."""
    drop_long: bool = False
    """Leave out chats that are longer than the context, rather than stop."""
    dtype: Annotated[Dtype | None, BeforeValidator(_named), Resolve(machine.training_dtype)] = None
    """Of the frozen base and of matrix products; null is bf16 on a GPU, else fp32; `fastest` is bf16 on processors
    that multiply it (AMX, AVX-512 BF16) too."""
    threads: Annotated[PositiveInt | Literal["fastest"] | None, From("threads"), Resolve(machine.cores)] = None
    """Threads, on which the order of sums depends; null is one for each core; `fastest` tries one, two, four and so on
    for a few steps each, now and then again, and goes on with what was fastest, so that no two runs are the same."""
    seed: Annotated[int, From("seed")]
    """Of the adapter's first weights, dropout, and the order of chats."""


def check(config: SftConfig) -> Iterator[Mistake]:
    """Options that cannot go together, and what is not installed."""
    if config.lora and config.lora.quantize and not find_spec("bitsandbytes"):
        yield "lora.quantize", "4 bits need bitsandbytes. pip install 'pillm[qlora]'"
    if config.lora and (wrong := [name for name in config.lora.targets if name in NOT_ADAPTED]):
        yield "lora.targets", f"{wrong[0]} cannot be adapted and merged. Leave it out."
    if config.format_template is not None and (told := forms.mistake(config.format_template)):
        yield "format_template", told
    if config.form == "template" and config.format_template is None:
        yield "form", "template needs a format_template. Set domain.format_template, or form=plain."


def estimate(config: SftConfig, recipe: dict[str, Any]) -> Estimate:
    """From model.parameters and model.shape; the formula stands at `costs.training`."""
    return Estimate(**costs.training(
        recipe["model"], config.training, config.lora, context=config.context, dtype=config.dtype or "fp32",
        threads=config.threads if isinstance(config.threads, int) else 1))


@stage(version="8", libraries=("torch", "transformers", "peft", "accelerate"), check=check, estimate=estimate)
def sft(
    config: SftConfig,
    base: Annotated[Path, Needs("weights")],
    chats: Annotated[Path, Needs("chats")],
    adapter: Annotated[Path | None, Makes("adapter", unless=("lora", None))],
    weights: Annotated[Path | None, Makes("weights", when=("lora", None))],
    losses: Annotated[Path, Makes("losses", "losses.jsonl")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Train an adapter, or all weights, on chats; the loss is on the assistant's tokens only."""
    from pillm.backends.hf.sft import Places, Settings, fine_tune

    settings = Settings(
        training=config.training, lora=config.lora, context=config.context, dtype=config.dtype or "fp32",
        template=forms.chat_template(config.form, config.format_template),
        max_mark_share=config.max_mark_share, drop_long=config.drop_long, threads=config.threads, seed=config.seed)
    out = adapter or weights
    assert out is not None  # one of the two ports exists, whatever lora is
    return fine_tune(base, chats, settings, Places(out, losses, work), progress)
