"""The loss of fine-tuning."""
from torch import Tensor
from torch.nn.functional import cross_entropy


def weighted_cross_entropy(logits_N_V: Tensor, targets_N: Tensor, weights_N: Tensor) -> Tensor:
    """Σ w_n · −log softmax(logits_n)[target_n], in fp32; the caller divides by Σ w_n over the whole step."""
    return cross_entropy(logits_N_V.float(), targets_N, reduction="none") @ weights_N
