"""Which checkpoints of a run can be trusted: those whose list of files was written last and still holds."""
import json
import shutil
from pathlib import Path

WHOLE = "whole.json"
"""File name → bytes of all a checkpoint has, written when it has it."""
PREFIX = "checkpoint-"


def mark_whole(checkpoint: Path) -> None:
    """Say that a checkpoint is finished."""
    (checkpoint / WHOLE).write_text(json.dumps(_sizes(checkpoint)), encoding="utf-8")


def last(folder: Path) -> Path | None:
    """The latest whole checkpoint; what a kill left half-written is removed."""
    whole = {}
    for checkpoint in sorted(folder.glob(f"{PREFIX}*")):
        if _is_whole(checkpoint):
            whole[step(checkpoint)] = checkpoint
        else:
            shutil.rmtree(checkpoint)
    return whole[max(whole)] if whole else None


def step(checkpoint: Path) -> int:
    """How many steps it has behind it."""
    return int(checkpoint.name.removeprefix(PREFIX))


def _is_whole(checkpoint: Path) -> bool:
    mark = checkpoint / WHOLE
    return mark.exists() and mark.read_text(encoding="utf-8") == json.dumps(_sizes(checkpoint))


def _sizes(checkpoint: Path) -> dict[str, int]:
    return {path.name: path.stat().st_size for path in sorted(checkpoint.iterdir()) if path.name != WHOLE}
