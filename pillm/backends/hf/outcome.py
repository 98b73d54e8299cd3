"""What a run leaves beside its weights: the curve of its losses, and its figures."""
import json
from pathlib import Path
from typing import Any

from transformers.trainer_callback import TrainerState

from pillm.backends.hf.rows import Split

LOGGED = ("loss", "eval_loss", "eval_exact", "learning_rate", "grad_norm")


def write_losses(file: Path, state: TrainerState, rows_before: list[int], rows: int) -> None:
    """One line per look at the loss: where the run was, and what was seen there."""
    with file.open("w", encoding="utf-8") as lines:
        for entry in state.log_history:
            seen = {name: entry[name] for name in LOGGED if name in entry}
            if "loss" in seen or "eval_loss" in seen:
                step = int(entry["step"])
                lines.write(json.dumps({"step": step, "epoch": round(rows_before[step] / rows, 4), **seen}) + "\n")


def losses(state: TrainerState, *, keep_best: bool) -> dict[str, Any]:
    """The losses of what was kept: the best look's where that is what the run ends with, else the last's."""
    train = [entry["loss"] for entry in state.log_history if "loss" in entry]
    looks = [entry for entry in state.log_history if "eval_loss" in entry]
    best = keep_best and state.best_metric is not None
    kept = [entry for entry in looks if not best or entry["step"] == state.best_global_step]
    return {
        "train_loss": train[-1] if train else None, "eval_loss_before": looks[0]["eval_loss"] if looks else None,
        "eval_loss": kept[-1]["eval_loss"] if kept else None, "eval_exact": kept[-1]["eval_exact"] if kept else None,
        "best_step": state.best_global_step if best else state.global_step,
    }


def counts(train: Split, validation: Split) -> dict[str, Any]:
    """Rows and tokens, and the gate that every row's answer is trained."""
    share = train.trained / train.tokens
    told = f"{train.trained} of {train.tokens} tokens are trained ({share:.0%}), in each row to the end of the turn."
    return {
        "rows": len(train.rows), "validation_rows": len(validation.rows), "dropped_long": train.dropped,
        "context_only_turns": train.rewritten, "split_prompts": train.split, "trained_token_share": share,
        "gates": [{"name": "mask", "met": True, "told": told}],
    }
