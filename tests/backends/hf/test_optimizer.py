"""AdamW, and Muon beside it."""
from collections.abc import Callable
from functools import partial

import pytest
import torch

from pillm.backends.hf.muon import Muon
from pillm.backends.hf.optimizer import Pair, build
from pillm.backends.hf.options import Training


class Small(torch.nn.Module):
    """An embedding, a matrix, a vector, and an output that is the embedding."""

    def __init__(self) -> None:
        super().__init__()
        self.embed, self.inner = torch.nn.Embedding(8, 4), torch.nn.Linear(4, 4)

    def get_input_embeddings(self) -> torch.nn.Module:
        return self.embed

    def get_output_embeddings(self) -> torch.nn.Module:
        return self.embed

    def loss(self) -> torch.Tensor:
        return (self.inner(self.embed(torch.arange(8))) @ self.embed.weight.T).pow(2).mean()


def small() -> Small:
    torch.manual_seed(0)
    return Small()


def test_muon_takes_matrices_and_adamw_the_rest() -> None:
    learner = small()
    training = Training(optimizer="muon", weight_decay=0.1, learning_rate=1e-3, muon_learning_rate=0.02)
    pair = build(learner, training, torch.float32)
    assert isinstance(pair, Pair)
    held = [[tuple(p.shape) for p in group["params"]] for group in pair.param_groups]
    assert held == [[(4, 4)], [(8, 4)], [(4,)]]
    assert [group["weight_decay"] for group in pair.param_groups] == [0.1, 0.1, 0.0]
    assert [group["lr"] for group in pair.param_groups] == [0.02, 1e-3, 1e-3]


def test_a_pair_goes_on_from_its_state_as_if_it_had_not_stopped() -> None:
    def run(learner: Small, optimizer: torch.optim.Optimizer, steps: int) -> None:
        for _ in range(steps):
            optimizer.zero_grad()
            learner.loss().backward()
            optimizer.step()

    training = Training(optimizer="muon")
    whole, parted = small(), small()
    run(whole, build(whole, training, torch.float32), 6)
    first = build(parted, training, torch.float32)
    run(parted, first, 3)
    second = build(parted, training, torch.float32)
    second.load_state_dict(first.state_dict())
    torch.optim.lr_scheduler.LambdaLR(second, lambda step: 1.0)
    run(parted, second, 3)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), parted.parameters(), strict=True))


def test_a_scheduler_reaches_both() -> None:
    training = Training(optimizer="muon", learning_rate=1e-3, muon_learning_rate=0.02)
    pair = build(small(), training, torch.float32)
    torch.optim.lr_scheduler.LambdaLR(pair, lambda step: 0.5)
    assert isinstance(pair, Pair)
    assert [group["lr"] for optimizer in pair.pair for group in optimizer.param_groups] == [0.01, 5e-4, 5e-4]


SHAPES = [(6, 6), (4, 9), (9, 4)]


def moved(make: Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]) -> list[torch.Tensor]:
    """What matrices become in three steps."""
    torch.manual_seed(0)
    matrices = [torch.nn.Parameter(torch.randn(shape)) for shape in SHAPES]
    optimizer = make(matrices)
    for _ in range(3):
        for matrix in matrices:
            matrix.grad = torch.randn_like(matrix)
        optimizer.step()
    return [matrix.detach() for matrix in matrices]


def test_muon_makes_torchs_steps_in_bf16_and_nearly_the_same_in_fp32() -> None:
    options = {"lr": 0.1, "weight_decay": 0.1, "momentum": 0.9}
    theirs = moved(lambda matrices: torch.optim.Muon(matrices, **options))
    for ours, same in ((torch.bfloat16, torch.equal), (torch.float32, partial(torch.allclose, atol=0.02))):
        found = moved(lambda matrices, dtype=ours: Muon(matrices, dtype=dtype, **options))
        assert all(map(same, theirs, found))


@pytest.mark.parametrize("shape", SHAPES)
def test_an_update_is_nearly_orthogonal(shape: tuple[int, int]) -> None:
    torch.manual_seed(0)
    matrix = torch.nn.Parameter(torch.zeros(shape))
    matrix.grad = torch.randn(shape)
    Muon([matrix], dtype=torch.float32, lr=1, weight_decay=0).step()
    values = torch.linalg.svdvals(matrix.detach()) / max(1, shape[0] / shape[1]) ** 0.5
    assert values.min() > 0.65 and values.max() < 1.25
