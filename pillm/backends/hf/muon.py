"""Muon in a number format of one's choice."""
from collections.abc import Callable
from math import sqrt
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter


class Muon(torch.optim.Muon):
    """torch's Muon (Jordan et al., https://kellerjordan.github.io/posts/muon), which orthogonalizes in bf16 on every
    machine: a processor with AVX2 alone takes twelve times as long for that as in fp32.

    In bf16 it makes torch's steps, bit by bit.
    """

    def __init__(self, parameters: list[Parameter], *, dtype: torch.dtype, **options: Any) -> None:
        super().__init__(parameters, **options)
        self.dtype = dtype

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._move(parameter, parameter.grad, group)

    def _move(self, parameter: Parameter, gradient: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(gradient)
        mean = state["momentum_buffer"]
        mean.lerp_(gradient, 1 - group["momentum"])
        update = orthogonal(gradient.lerp(mean, group["momentum"]).to(self.dtype), group)
        parameter.mul_(1 - group["lr"] * group["weight_decay"])
        rows, columns = parameter.shape
        parameter.add_(update, alpha=-group["lr"] * sqrt(max(1, rows / columns)))


def orthogonal(matrix: Tensor, group: dict[str, Any]) -> Tensor:
    """UVᵀ of a matrix USVᵀ, about: S becomes 0.7 to 1.2, by Newton-Schulz steps of the fifth degree (ibid.)."""
    a, b, c = group["ns_coefficients"]
    wide = matrix.T if matrix.size(0) > matrix.size(1) else matrix
    wide = wide / wide.norm().clamp(min=group["eps"])
    for _ in range(group["ns_steps"]):
        gram = wide @ wide.T
        wide = torch.addmm(wide, torch.addmm(gram, gram, gram, beta=b, alpha=c), wide, beta=a)
    return wide.T if matrix.size(0) > matrix.size(1) else wide
