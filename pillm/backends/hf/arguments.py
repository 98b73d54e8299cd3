"""Our options in the words of transformers' Trainer."""
import math
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

from pillm.backends.hf.options import Training

LOOKS = 10
"""Evaluations of a run that does not say how often."""
KEPT_CHECKPOINTS = 3
"""The best, the last marked whole, and one being written."""
SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}


def arguments(training: Training, work: Path, *, steps: int, looks: bool, bf16: bool, seed: int) -> TrainingArguments:
    """For a run of so many steps; `looks` says whether there are validation chats."""
    on_cpu = not torch.cuda.is_available()
    found = TrainingArguments(
        output_dir=str(work), max_steps=steps, gradient_accumulation_steps=training.gradient_accumulation,
        learning_rate=training.learning_rate, lr_scheduler_type=SCHEDULES[training.schedule],
        warmup_steps=round(training.warmup * steps), max_grad_norm=training.max_grad_norm,
        activation_checkpointing=training.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        logging_steps=training.log_steps, logging_nan_inf_filter=False, report_to="none", disable_tqdm=True,
        log_level="error", use_cpu=on_cpu, bf16=bf16, dataloader_pin_memory=False, remove_unused_columns=False,
        average_tokens_across_devices=False, seed=seed, **_looks(training, steps, looks))
    found._n_gpu = min(found.n_gpu, 1)  # more would go through DataParallel, which cannot split what is packed
    return found


def _looks(training: Training, steps: int, looks: bool) -> dict[str, Any]:
    """When validation chats are looked at and checkpoints written, and which of them the run ends with."""
    every = training.eval_steps or math.ceil(steps / LOOKS)
    saved = {"save_strategy": "steps", "save_steps": every, "save_total_limit": KEPT_CHECKPOINTS}
    if not looks:
        return saved
    return saved | {"eval_strategy": "steps", "eval_steps": every, "load_best_model_at_end": training.keep_best,
                    "metric_for_best_model": "eval_loss", "greater_is_better": False}
