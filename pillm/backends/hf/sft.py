"""Supervised fine-tuning of a weights folder on chats."""
import json
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel, PrinterCallback, TrainingArguments, set_seed
from transformers.trainer_callback import EarlyStoppingCallback, TrainerCallback, TrainerState

from pillm.backends.hf import adapter, attention, batches, checkpoints, collate, model, rows
from pillm.backends.hf.callbacks import Marker, Progress, Teller
from pillm.backends.hf.chat import tokenizer
from pillm.backends.hf.options import Lora, Training
from pillm.backends.hf.rows import Row, Split
from pillm.backends.hf.trainer import ChatTrainer, loader
from pillm.errors import DataError

MAX_SPLIT = 0.05
"""Share of rows whose prompt may have other tokens alone than in the chat (answers that begin with a line break do)."""
LOOKS = 10
"""Evaluations of a run that does not say how often."""
KEPT_CHECKPOINTS = 3
"""The best, the last marked whole, and one being written."""
LOGGED = ("loss", "eval_loss", "learning_rate", "grad_norm")


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
    drop_long: bool = False
    threads: int | None = None
    seed: int = 0


@dataclass(frozen=True)
class Places:
    """Where results go."""

    out: Path
    """A folder to make: the adapter, or the weights."""
    losses: Path
    work: Path
    """Checkpoints; a run that finds its own goes on from the last whole one."""


def fine_tune(base: Path, chats: Path, settings: Settings, places: Places, progress: Progress) -> dict[str, Any]:
    """Fine-tune; the metrics tell losses, tokens and speed.

    Raises DataError before the first step for rows that cannot be trained, StageError for a loss that is no number.
    """
    words = tokenizer(base, settings.template)
    read = partial(rows.read, words, context=settings.context, drop_long=settings.drop_long)
    train, validation = read(chats / "train.jsonl"), read(chats / "validation.jsonl")
    check_mask(train)
    with model.threads(settings.threads):
        return _train(base, Chats(train, validation, words.chat_template), settings, places, progress)


@dataclass(frozen=True)
class Chats:
    """What is trained on, in which form."""

    train: Split
    validation: Split
    template: str


def check_mask(train: Split) -> None:
    """Raises DataError where the template hides from training what the model will meet."""
    if not train.rows:
        raise DataError("train.jsonl: there is no chat to train on. Look at the rejected records of prepare.")
    if train.endless:
        raise DataError(f"train.jsonl: in {train.endless} rows no special token ends the answer, so the model would not "
                        "learn to stop. Choose a template that ends the assistant's turn with one (model.template).")
    if train.split > MAX_SPLIT * len(train.rows):
        raise DataError(f"train.jsonl: in {train.split} of {len(train.rows)} rows the prompt alone has other tokens than "
                        "in the chat, so the model would be asked what it never saw. Choose a template that opens "
                        "answers as it writes them (model.template), or domain.form=plain.")


def _train(base: Path, chats: Chats, settings: Settings, places: Places, progress: Progress) -> dict[str, Any]:
    started = time.process_time()
    learner = _learner(base, settings)
    trainer, plan = _trainer(learner, chats, settings, places.work, progress)
    last = checkpoints.last(places.work)
    trainer.args.eval_on_start = last is None and bool(chats.validation.rows)
    trainer.train(resume_from_checkpoint=str(last) if last else None)
    _write_losses(places.losses, trainer.state, plan.rows_before, len(chats.train.rows))
    _save(learner, base, chats.template, settings, places.out)
    seconds = time.process_time() - started
    resumed = int(last.name.removeprefix(checkpoints.PREFIX)) if last else 0
    return _metrics(trainer.state, chats, settings) | plan.speed(resumed, trainer.state.global_step, seconds) | {
        "trainable_parameters": adapter.trainable(learner), "packed": plan.packed}


def _learner(base: Path, settings: Settings) -> Any:
    """The model with the weights to train in fp32: an adapter's, or all."""
    lora = settings.lora
    loaded = model.load(base, dtype=settings.dtype if lora else "fp32", quantized=lora.quantize if lora else None)
    set_seed(settings.seed)
    return adapter.wrap(loaded, lora) if lora else loaded


@dataclass(frozen=True)
class Plan:
    """A run's passes and steps."""

    passes: list[batches.Batch]
    steps: int
    packed: bool
    rows_before: list[int]
    """Rows seen up to each step."""
    trained_before: list[int]
    """Trained tokens seen up to each step."""
    tokens_before: list[int]

    def speed(self, first: int, last: int, seconds: float) -> dict[str, float]:
        """What a process did that took steps `first` to `last`."""
        trained = self.trained_before[last] - self.trained_before[first]
        return {"steps": last, "resumed_from_step": first, "cpu_seconds": seconds,
                "tokens": self.tokens_before[last], "trained_tokens": self.trained_before[last],
                "trained_tokens_per_cpu_s": trained / seconds}


def plan(train: list[Row], settings: Settings, *, packed: bool) -> Plan:
    """The passes of a run over these rows."""
    training = settings.training
    passes = batches.plan([len(row.ids) for row in train], training, packed=packed, seed=settings.seed)
    grouped = [sum(passes[place:place + training.gradient_accumulation], [])
               for place in range(0, len(passes), training.gradient_accumulation)]
    lengths, trained = [len(row.ids) for row in train], [int(row.trained.sum()) for row in train]

    def before(count: Callable[[int], int]) -> list[int]:
        return list(accumulate((sum(map(count, step)) for step in grouped), initial=0))

    return Plan(passes, len(grouped), packed, before(lambda row: 1), before(trained.__getitem__),
                before(lengths.__getitem__))


def _trainer(
    learner: Any, chats: Chats, settings: Settings, work: Path, progress: Progress,
) -> tuple[ChatTrainer, Plan]:
    training, inner = settings.training, _inner(learner)
    packed = training.packing and attention.can_pack(inner)
    attention.use(inner, attention.NAME if packed else "sdpa")
    made = plan(chats.train.rows, settings, packed=packed)
    lay, looks = collate.packed if packed else collate.padded, chats.validation
    callbacks: list[TrainerCallback] = [Teller(progress, made.trained_before), Marker(work)]
    if training.early_stopping_patience and looks.rows:
        callbacks.append(EarlyStoppingCallback(training.early_stopping_patience))
    trainer = ChatTrainer(
        learner, _arguments(settings, made.steps, work, looks=bool(looks.rows)), training=training, callbacks=callbacks,
        loader=loader(chats.train.rows, made.passes, partial(lay, prompt_weight=training.prompt_loss_weight)),
        eval_loader=loader(looks.rows, batches.in_order(looks.lengths, training, packed=packed), lay))
    trainer.remove_callback(PrinterCallback)
    return trainer, made


def _arguments(settings: Settings, steps: int, work: Path, *, looks: bool) -> TrainingArguments:
    """The Trainer's own words for our options."""
    training, on_cpu = settings.training, not torch.cuda.is_available()
    every = training.eval_steps or math.ceil(steps / LOOKS)
    schedule = {"constant": "constant_with_warmup"}.get(training.schedule, training.schedule)
    arguments = TrainingArguments(
        output_dir=str(work), max_steps=steps, gradient_accumulation_steps=training.gradient_accumulation,
        lr_scheduler_type=schedule, warmup_steps=round(training.warmup * steps), max_grad_norm=training.max_grad_norm,
        learning_rate=training.learning_rate, eval_strategy="steps" if looks else "no", eval_steps=every,
        save_strategy="steps", save_steps=every, save_total_limit=KEPT_CHECKPOINTS,
        load_best_model_at_end=training.keep_best and looks, metric_for_best_model="eval_loss" if looks else None,
        greater_is_better=False, logging_steps=training.log_steps, logging_nan_inf_filter=False,
        activation_checkpointing=training.gradient_checkpointing, activation_checkpointing_kwargs={"use_reentrant": False},
        use_cpu=on_cpu, bf16=settings.dtype == "bf16", dataloader_pin_memory=False, remove_unused_columns=False,
        average_tokens_across_devices=False, seed=settings.seed, report_to="none", disable_tqdm=True, log_level="error")
    arguments._n_gpu = min(arguments.n_gpu, 1)  # several would be used through DataParallel, which packing cannot
    return arguments


def _inner(learner: Any) -> PreTrainedModel:
    return learner.get_base_model() if hasattr(learner, "get_base_model") else learner


def _write_losses(file: Path, state: TrainerState, rows_before: list[int], rows: int) -> None:
    """One line per look at the loss: where the run was, and what was seen there."""
    with file.open("w", encoding="utf-8") as lines:
        for entry in state.log_history:
            seen = {name: entry[name] for name in LOGGED if name in entry}
            if "loss" in seen or "eval_loss" in seen:
                epoch = round(rows_before[entry["step"]] / rows, 4)
                lines.write(json.dumps({"step": entry["step"], "epoch": epoch, **seen}) + "\n")


def _save(learner: Any, base: Path, template: str, settings: Settings, out: Path) -> None:
    if settings.lora:
        adapter.save(learner, out, settings.lora, dtype=settings.dtype, template=template)
    else:
        model.save(learner, base, out, template=template)


def _metrics(state: TrainerState, chats: Chats, settings: Settings) -> dict[str, Any]:
    train, looks = chats.train, [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
    losses = [entry["loss"] for entry in state.log_history if "loss" in entry]
    best = settings.training.keep_best and state.best_metric is not None
    share = train.trained / train.tokens
    found = {
        "train_loss": losses[-1] if losses else None, "eval_loss_before": looks[0] if looks else None,
        "eval_loss": state.best_metric if best else looks[-1] if looks else None,
        "best_step": state.best_global_step if best else state.global_step,
        "rows": len(train.rows), "validation_rows": len(chats.validation.rows), "dropped_long": train.dropped,
        "context_only_turns": train.rewritten, "split_prompts": train.split, "trained_token_share": share,
    }
    told = f"{train.trained} of {train.tokens} tokens are trained ({share:.0%}), in every row up to the end of the turn."
    return found | {"gates": [{"name": "mask", "met": True, "told": told}]}
