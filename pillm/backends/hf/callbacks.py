"""What happens around a training step: progress, and the mark that makes a checkpoint count."""
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import EarlyStoppingCallback, TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pillm.backends.hf import checkpoints

Progress = Callable[..., None]
"""Called with label, done, total, and figures by name."""
TOLD_EVERY_S = 0.5
SHOWN = ("loss", "eval_loss", "eval_exact")


class Teller(TrainerCallback):
    """Tells progress, with the last losses and the rate of trained tokens."""

    def __init__(self, progress: Progress, trained_before: list[int]) -> None:
        self.progress, self.trained_before = progress, trained_before
        self.figures: dict[str, float] = {}
        self.began, self.began_at, self.told = time.monotonic(), 0, 0.0
        self.looked = 0

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.began, self.began_at = time.monotonic(), state.global_step

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **told: Any) -> None:
        self.figures |= {name: value for name, value in told["logs"].items() if name in SHOWN}

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        now, step = time.monotonic(), state.global_step
        if now - self.told > TOLD_EVERY_S or step == state.max_steps:
            tokens = self.trained_before[step] - self.trained_before[self.began_at]
            self.progress("training", step, state.max_steps, **self.figures,
                          trained_tokens_per_s=tokens / max(now - self.began, 1e-9))
            self.told = now


    def on_prediction_step(self, args: TrainingArguments, state: TrainerState, control: TrainerControl,
                           **known: Any) -> None:
        """The look before the first step can take a minute, in which nothing else is told."""
        self.looked += 1
        if time.monotonic() - self.told > TOLD_EVERY_S:
            self.progress("looking at validation chats, pass", self.looked, len(known["eval_dataloader"]))
            self.told = time.monotonic()

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.looked = 0


class Marker(TrainerCallback):
    """Marks each checkpoint whole once all of it is written.

    The loss is logged before each: its mean since the last line is not kept in a checkpoint.
    """

    def __init__(self, work: Path) -> None:
        self.work = work

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        control.should_log |= control.should_save

    def on_save(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        checkpoints.mark_whole(self.work / f"{checkpoints.PREFIX}{state.global_step}")


class Patience(EarlyStoppingCallback):
    """Early stopping whose count of looks without gain goes on from a checkpoint.

    transformers' own way, `restore_callback_states_from_checkpoint`, forgets that the training had stopped.
    """

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        kept: Any = state.stateful_callbacks  # by then a dict, whatever its annotation says
        own = kept.get(type(self).__name__, self.state())
        self.early_stopping_patience_counter = own["attributes"]["early_stopping_patience_counter"]
        control.should_training_stop = self.early_stopping_patience_counter >= self.early_stopping_patience
