"""Hydra's callback that says where a sweep's jobs left their accounts."""
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

folders: list[Path] = []
"""Of the jobs that have ended, this process's sweep."""


class Comparison(Callback):
    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        jobs = (file.parent for file in Path(config.hydra.sweep.dir).glob("*/run.json"))
        folders.extend(sorted(jobs, key=lambda folder: int(folder.name)))
