"""A run's passes, grouped into steps, and how far each step has come."""
from collections.abc import Callable
from dataclasses import dataclass
from itertools import accumulate, chain

from pillm.backends.hf import batches
from pillm.backends.hf.options import Training
from pillm.backends.hf.rows import Row


@dataclass(frozen=True)
class Plan:
    """What a run will do; the lists are sums up to each step, from 0 before the first."""

    passes: list[batches.Batch]
    packed: bool
    """Whether the rows of a pass lie end to end."""
    rows: list[int]
    tokens: list[int]
    trained: list[int]
    """Tokens the model is to say."""

    @property
    def steps(self) -> int:
        return len(self.rows) - 1

    def done(self, first: int, last: int, seconds: float) -> dict[str, float]:
        """Figures of a process that took the steps after `first` up to `last`."""
        return {"steps": last, "resumed_from_step": first, "cpu_seconds": seconds, "tokens": self.tokens[last],
                "trained_tokens": self.trained[last],
                "trained_tokens_per_cpu_s": (self.trained[last] - self.trained[first]) / seconds}


def plan(rows: list[Row], training: Training, *, packed: bool, seed: int) -> Plan:
    """The passes over these rows."""
    lengths, trained = [len(row.ids) for row in rows], [int(row.trained.sum()) for row in rows]
    passes = batches.plan(lengths, training, packed=packed, seed=seed)
    size = training.gradient_accumulation
    steps = [list(chain.from_iterable(passes[place:place + size])) for place in range(0, len(passes), size)]

    def summed(count: Callable[[int], int]) -> list[int]:
        return list(accumulate((sum(map(count, step)) for step in steps), initial=0))

    return Plan(passes, packed, summed(lambda row: 1), summed(lengths.__getitem__), summed(trained.__getitem__))
