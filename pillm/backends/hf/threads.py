"""How many threads a training computes with: what its own steps show to be fastest."""
import os
import time
from collections import Counter, deque
from collections.abc import Callable, Collection, Generator
from statistics import median
from typing import Any, TypeVar

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from pillm.backends.hf.machine import cores

T = TypeVar("T")
TIMED = 4
"""Steps with each number of threads; the first, in which kernels are made, does not count."""
AGAIN = 400
"""Steps until it is tried anew: by then other programs may have come or gone."""
SLOW = 1.5
"""Times as long as usual: then it is tried anew at once. Where other programs compute, threads wait for each other, and
two can take longer than one."""
WORTH = 0.9
"""More threads are taken if a step takes at most this share of the time: they are taken from other programs."""

Steps = Generator[int, float, T]
"""Yields the threads of each next step, is sent how long a token of it took, and returns what it found."""


def allowed() -> int:
    """Threads that may be taken: one for each core, or as OMP_NUM_THREADS says."""
    return torch.get_num_threads() if "OMP_NUM_THREADS" in os.environ else cores()


def counts(most: int) -> list[int]:
    """1, 2, 4 … and `most`."""
    return sorted({most, *(1 << power for power in range(most.bit_length()) if 1 << power < most)})


class Fastest(TrainerCallback):
    """Takes some steps with each number of threads, from one upwards while more are faster, and goes on with the best.

    `tokens_before` are those of all steps before each: a step's time is compared by its tokens.
    """

    def __init__(self, most: int, tokens_before: list[int], *, clock: Callable[[], float] = time.perf_counter,
                 use: Callable[[int], None] = torch.set_num_threads) -> None:
        self.counts, self.tokens_before, self.clock, self.use = counts(most), tokens_before, clock, use
        self.taken: Counter[int] = Counter()
        """Steps with each number of threads."""
        self._chosen = self._chooses()
        self._threads = next(self._chosen)
        self._began = 0.0

    @property
    def mostly(self) -> int:
        """The number of threads of most steps."""
        return self.taken.most_common(1)[0][0] if self.taken else self._threads

    def on_step_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        self.use(self._threads)
        self._began = self.clock()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any) -> None:
        tokens = self.tokens_before[state.global_step] - self.tokens_before[state.global_step - 1]
        self.taken[self._threads] += 1
        self._threads = self._chosen.send((self.clock() - self._began) / tokens)

    def _chooses(self) -> Steps[None]:
        while True:
            threads, usual = yield from self._tried()
            yield from _while_fast(threads, usual)

    def _tried(self) -> Steps[tuple[int, float]]:
        """The fastest number of threads, and its time."""
        best, usual = self.counts[0], float("inf")
        for threads in self.counts:
            taken: list[float] = []
            while len(taken) < TIMED and not _slow(taken[1:], usual):
                taken.append((yield threads))
            if median(taken[1:]) > usual * WORTH:
                break
            best, usual = threads, median(taken[1:])
        return best, usual


def _while_fast(threads: int, usual: float) -> Steps[None]:
    last: deque[float] = deque(maxlen=TIMED)
    for _ in range(AGAIN):
        last.append((yield threads))
        if len(last) == TIMED and _slow(last, usual):
            return


def _slow(taken: Collection[float], usual: float) -> bool:
    return bool(taken) and median(taken) > SLOW * usual
