"""Short convolutions over chats laid end to end: none reaches from one chat into the next.

Letters: T tokens of a pass, H channels, K taps of the kernel.
"""
from typing import Any

from torch import Tensor
from torch.nn import Module
from torch.nn.functional import pad
from transformers.models.lfm2.modeling_lfm2 import Lfm2ShortConv


class ShortConvolution(Lfm2ShortConv):
    """LFM2's gated convolution, of documents where it is told of them (see attention)."""

    def forward(  # type: ignore[override]
            self, hidden_states: Tensor, *, documents: dict[str, Any] | None = None, **rest: Any) -> Tensor:
        """Hidden states of shape 1, T, H."""
        if documents is None:
            return super().forward(hidden_states, **rest)
        before_1_T_H, after_1_T_H, value_1_T_H = self.in_proj(hidden_states).chunk(3, -1)
        mixed_1_T_H = convolved(before_1_T_H * value_1_T_H, self.conv.weight[:, 0], documents["steps_T"])
        return self.out_proj(after_1_T_H * mixed_1_T_H)


def convolved(x_1_T_H: Tensor, taps_H_K: Tensor, steps_T: Tensor) -> Tensor:
    """Each token's weighted sum of itself, by the last tap, and of those before it in its document."""
    last = taps_H_K.shape[1] - 1
    told = x_1_T_H * taps_H_K[:, last]
    for back in range(1, last + 1):
        earlier_1_T_H = pad(x_1_T_H, (0, 0, back, 0))[:, :-back]
        told = told + earlier_1_T_H * taps_H_K[:, last - back] * (steps_T >= back)[:, None]
    return told


def kept_apart(model: Module) -> set[str]:
    """The kind of layers of the model that `keep_apart` is for, if it has any."""
    return {"conv"} if any(isinstance(module, Lfm2ShortConv) for module in model.modules()) else set()


def keep_apart(model: Module) -> None:
    """Let the model's convolutions heed documents."""
    for module in model.modules():
        if type(module) is Lfm2ShortConv:
            module.__class__ = ShortConvolution
