"""Supervised fine-tuning of a weights folder on chats."""
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

import torch
from torch.utils.data import DataLoader
from transformers import PrinterCallback, TrainerCallback, set_seed

from pillm.backends.hf import adapter, attention, batches, checkpoints, collate, marks, model, outcome, rows, threads
from pillm.backends.hf.arguments import arguments
from pillm.backends.hf.callbacks import Marker, Patience, Teller
from pillm.backends.hf.chat import tokenizer
from pillm.backends.hf.options import Lora, Training
from pillm.backends.hf.rows import Split
from pillm.backends.hf.steps import Plan, plan
from pillm.backends.hf.trainer import ChatTrainer, loader
from pillm.errors import DataError

Progress = Callable[..., None]
MAX_SPLIT = 0.05
"""Share of rows whose prompt may have other tokens alone than in the chat (answers that begin with a line break do)."""

MULTIPLE = 64
"""Tokens of a packed pass are rounded up to this in bf16: oneDNN makes matrix kernels anew for each shape it meets."""


@dataclass(frozen=True)
class Settings:
    """How to fine-tune."""

    training: Training
    lora: Lora | None
    """None trains all weights."""
    context: int
    dtype: str = "fp32"
    """Of the frozen base and of matrix products; trained weights are fp32."""
    template: str | None = None
    """A chat template in place of the base's own."""
    max_mark_share: float = 1.0
    """Of a chat's tokens, that the marks of `template` may cost beyond one token each."""
    drop_long: bool = False
    threads: int | Literal["fastest"] | None = None
    """`fastest` finds out while it trains; None is torch's own number."""
    seed: int = 0


@dataclass(frozen=True)
class Places:
    """Where results go."""

    out: Path
    """A folder to make: the adapter, or the weights."""
    losses: Path
    work: Path
    """Checkpoints; a run that finds its own goes on from the last whole one."""


@dataclass(frozen=True)
class Chats:
    """What is trained on, in which form."""

    train: Split
    validation: Split
    template: str


def fine_tune(base: Path, chats: Path, settings: Settings, places: Places, progress: Progress) -> dict[str, Any]:
    """Train on the assistant's tokens; the metrics tell losses, tokens and speed.

    Raises DataError before the first step for rows that cannot be trained, StageError for a loss that is no number.
    """
    words = tokenizer(base, settings.template)
    read = partial(rows.read, words, context=settings.context, drop_long=settings.drop_long, progress=progress)
    found = Chats(read(chats / "train.jsonl"), read(chats / "validation.jsonl"), words.chat_template)
    check_mask(found.train)
    spelled = marks.cost(words, chats / "train.jsonl", settings.context) if settings.template else None
    with model.threads(None if settings.threads == "fastest" else settings.threads):
        metrics = _train(base, found, settings, places, progress)
    if spelled is None:
        return metrics
    return metrics | {"marks": spelled.facts, "gates": [*metrics["gates"], spelled.gate(settings.max_mark_share)]}


def check_mask(train: Split) -> None:
    """Raises DataError where the template hides from training what the model will meet."""
    if not train.rows:
        raise DataError("train.jsonl: there is no chat to train on. Look at the rejected records of prepare.")
    if train.endless:
        raise DataError(f"train.jsonl: in {train.endless} rows no special token ends the answer, so the model would "
                        "not learn to stop. Choose a template that ends the answer with one (model.template).")
    if train.split > MAX_SPLIT * len(train.rows):
        raise DataError(f"train.jsonl: in {train.split} of {len(train.rows)} rows the prompt alone has other tokens "
                        "than in the chat, so the model would be asked what it never saw. Choose a template that opens "
                        "answers as it writes them (model.template), or domain.form=plain.")


def _train(base: Path, chats: Chats, settings: Settings, places: Places, progress: Progress) -> dict[str, Any]:
    training, work, started = settings.training, places.work, time.process_time()
    learner = _learner(base, settings)
    planned = plan(chats.train.rows, training, packed=_lay_out(learner, training), seed=settings.seed)
    tried = threads.Fastest(threads.allowed(), planned.tokens) if settings.threads == "fastest" else None
    loaders = _loaders(chats, planned, training, MULTIPLE if settings.dtype == "bf16" else 1)
    trainer = ChatTrainer(
        learner, training=training, loader=loaders[0], eval_loader=loaders[1],
        callbacks=[Teller(progress, planned.trained), Marker(work), *_stoppers(chats, training),
                   *([tried] if tried else [])],
        args=arguments(training, work, steps=planned.steps, looks=bool(chats.validation.rows),
                       bf16=settings.dtype == "bf16", seed=settings.seed))
    resumed = _run(trainer, work)
    outcome.write_losses(places.losses, trainer.state, planned.rows, len(chats.train.rows))
    _save(learner, base, chats.template, settings, places.out)
    return {
        **outcome.losses(trainer.state, keep_best=training.keep_best),
        **planned.done(resumed, trainer.state.global_step, time.process_time() - started),
        **outcome.counts(chats.train, chats.validation),
        "trainable_parameters": adapter.trainable(learner), "packed": planned.packed,
        "threads": tried.mostly if tried else torch.get_num_threads()}


def _learner(base: Path, settings: Settings) -> Any:
    """The model with the weights to train in fp32: an adapter's, or all."""
    lora = settings.lora
    loaded = model.load(base, dtype=settings.dtype if lora else "fp32", quantized=lora.quantize if lora else None)
    set_seed(settings.seed)
    return adapter.wrap(loaded, lora) if lora else loaded


def _lay_out(learner: Any, training: Training) -> bool:
    """Choose the attention; whether rows will lie end to end."""
    inner = learner.get_base_model() if hasattr(learner, "get_base_model") else learner
    packed = training.packing and attention.can_pack(inner)
    attention.use(inner, attention.NAME if packed else "sdpa")
    return packed


def _loaders(chats: Chats, planned: Plan, training: Training, multiple: int) -> tuple[DataLoader, DataLoader]:
    """The passes of training, and those over the validation chats."""
    looks = chats.validation
    lay = partial(collate.packed, multiple=multiple) if planned.packed else collate.padded
    ordered = batches.in_order(looks.lengths, training, packed=planned.packed)
    return (loader(chats.train.rows, planned.passes, partial(lay, prompt_weight=training.prompt_loss_weight)),
            loader(looks.rows, ordered, lay))


def _stoppers(chats: Chats, training: Training) -> list[TrainerCallback]:
    patience = training.early_stopping_patience if chats.validation.rows else 0
    return [Patience(patience)] if patience else []


def _run(trainer: ChatTrainer, work: Path) -> int:
    """Train from the last whole checkpoint, or from the start, to what is to be saved; the step it began at."""
    last = checkpoints.last(work)
    trainer.remove_callback(PrinterCallback)
    trainer.args.eval_on_start = last is None and len(trainer.eval_loader) > 0
    if last and trainer.averages:
        trainer.averages.load(last)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    if trainer.averages:
        trainer.averages.swap()
    return checkpoints.step(last) if last else 0


def _save(learner: Any, base: Path, template: str, settings: Settings, out: Path) -> None:
    if settings.lora:
        adapter.save(learner, out, settings.lora, dtype=settings.dtype, template=template)
    else:
        model.save(learner, base, out, template=template)
