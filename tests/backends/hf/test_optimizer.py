"""AdamW, and Muon beside it."""
import torch

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
    pair = build(learner, Training(optimizer="muon", weight_decay=0.1, learning_rate=1e-3, muon_learning_rate=0.02))
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
    run(whole, build(whole, training), 6)
    first = build(parted, training)
    run(parted, first, 3)
    second = build(parted, training)
    second.load_state_dict(first.state_dict())
    torch.optim.lr_scheduler.LambdaLR(second, lambda step: 1.0)
    run(parted, second, 3)
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), parted.parameters(), strict=True))


def test_a_scheduler_reaches_both() -> None:
    pair = build(small(), Training(optimizer="muon", learning_rate=1e-3, muon_learning_rate=0.02))
    torch.optim.lr_scheduler.LambdaLR(pair, lambda step: 0.5)
    assert isinstance(pair, Pair)
    assert [group["lr"] for optimizer in pair.pair for group in optimizer.param_groups] == [0.01, 5e-4, 5e-4]
