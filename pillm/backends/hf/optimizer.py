"""AdamW, alone or beside Muon."""
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch.nn import Module, Parameter
from torch.optim import AdamW, Optimizer

from pillm.backends.hf.muon import Muon
from pillm.backends.hf.options import Training

MUON_MOMENTUM = 0.95
"""Jordan et al., https://kellerjordan.github.io/posts/muon."""


class Pair(Optimizer):
    """Two optimizers that step as one; each keeps its parameters, rates and state."""

    def __init__(self, first: Optimizer, second: Optimizer) -> None:
        super().__init__(_parameters([first, second]), {})
        self.pair = (first, second)
        self._share_groups()

    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for optimizer in self.pair:
            optimizer.step()

    def zero_grad(self, set_to_none: bool = True) -> None:
        for optimizer in self.pair:
            optimizer.zero_grad(set_to_none)

    def state_dict(self) -> dict[str, Any]:
        return {"pair": [optimizer.state_dict() for optimizer in self.pair]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for optimizer, state in zip(self.pair, state_dict["pair"], strict=True):
            optimizer.load_state_dict(state)
        self._share_groups()

    def _share_groups(self) -> None:
        """A scheduler sets the rates in these groups: they must be the two optimizers' own."""
        self.param_groups = [group for optimizer in self.pair for group in optimizer.param_groups]


def build(model: Module, training: Training, dtype: torch.dtype) -> Optimizer:
    """The optimizer of a model's trainable parameters; `dtype` is what the training computes in."""
    named = [(name, parameter) for name, parameter in model.named_parameters() if parameter.requires_grad]
    if training.optimizer == "adamw":
        return _adamw([parameter for _, parameter in named], training)
    mapped = _token_maps(model)
    matrices = [p for _, p in named if p.ndim == 2 and id(p) not in mapped]
    rest = [p for _, p in named if p.ndim != 2 or id(p) in mapped]
    muon = Muon(matrices, dtype=dtype, lr=training.muon_learning_rate, weight_decay=training.weight_decay,
                momentum=MUON_MOMENTUM)
    return Pair(muon, _adamw(rest, training)) if rest else muon


def _token_maps(model: Module) -> set[int]:
    """Embedding and output matrices: their rows are tokens, so Muon's orthogonal update is not for them."""
    maps = (model.get_input_embeddings(), model.get_output_embeddings())  # type: ignore[operator]
    return {id(parameter) for layer in maps for parameter in layer.parameters()}


def _adamw(parameters: list[Parameter], training: Training) -> AdamW:
    groups = [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": training.weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]
    return AdamW([group for group in groups if group["params"]], lr=training.learning_rate,
                 betas=(0.9, training.beta2), fused=True)


def _parameters(optimizers: Iterable[Optimizer]) -> list[Parameter]:
    return [parameter for optimizer in optimizers for group in optimizer.param_groups for parameter in group["params"]]
