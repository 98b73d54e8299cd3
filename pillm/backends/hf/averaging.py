"""An average of the trained weights, which is looked at, kept and saved in their place."""
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import Module, ParameterList
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

FILE = "averages.safetensors"
"""In a checkpoint, beside the weights as they were trained."""


class Averages(TrainerCallback):
    """Exponential moving average of a model's trained weights (Polyak & Juditsky 1992, doi 10.1137/0330046).

    After step 1, average = weights; after step t + 1, average ← d · average + (1 − d) · weights with
    d = min(decay, (1 + t) / (10 + t)): the early weights are soon forgotten (TensorFlow, ExponentialMovingAverage).
    """

    def __init__(self, learner: Module, decay: float) -> None:
        self.trained = ParameterList(parameter for parameter in learner.parameters() if parameter.requires_grad)
        self.averaged = AveragedModel(self.trained, multi_avg_fn=partial(_towards, decay))

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.averaged.update_parameters(self.trained)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model computes with the average for as long as this lasts."""
        self.swap()
        try:
            yield
        finally:
            self.swap()

    def swap(self) -> None:
        """Let the model and the average change places."""
        for weights, average in zip(self.trained, self.averaged.module.parameters(), strict=True):
            weights.data, average.data = average.data, weights.data

    def save(self, checkpoint: Path) -> None:
        """Beside the weights: a run that goes on needs both."""
        save_file(self.averaged.state_dict(), checkpoint / FILE)

    def load(self, checkpoint: Path) -> None:
        """The average of a checkpoint in place of this one."""
        self.averaged.load_state_dict(load_file(checkpoint / FILE))


def _towards(decay: float, averages: Sequence[Tensor], weights: Sequence[Tensor], steps: Tensor) -> None:
    """Move the averages towards the weights, after so many steps."""
    warm = (1 + int(steps)) / (10 + int(steps))
    get_ema_multi_avg_fn(min(decay, warm))(averages, weights, steps)
