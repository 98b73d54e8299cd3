"""Which rows go through the model together, for a whole run at once: a pure function of lengths, options and seed."""
import random
from collections.abc import Iterator, Sequence

from pillm.backends.hf.options import Training

POOL = 50
"""Batches' worth of shuffled rows that are sorted by length together, where rows are padded."""

Batch = list[int]
"""Places of the rows of one pass."""


def plan(lengths: Sequence[int], training: Training, *, packed: bool, seed: int) -> list[Batch]:
    """The passes of a run, in order: every epoch anew shuffled."""
    passes: list[Batch] = []
    wanted = (training.max_steps or 0) * training.gradient_accumulation
    epoch = 0
    while len(passes) < wanted or (not wanted and epoch < training.epochs):
        passes += _epoch(lengths, training, packed, random.Random(f"{seed}/{epoch}"))
        epoch += 1
    return passes[:wanted] if wanted else passes


def in_order(lengths: Sequence[int], training: Training, *, packed: bool) -> list[Batch]:
    """Passes over all rows as they come, for evaluation."""
    return list(_fill(range(len(lengths)), lengths, training, packed))


def _epoch(lengths: Sequence[int], training: Training, packed: bool, chance: random.Random) -> list[Batch]:
    order = list(range(len(lengths)))
    chance.shuffle(order)
    if packed:
        return list(_fill(order, lengths, training, packed))
    size = POOL * _rows(lengths, training)
    pools = [sorted(order[place:place + size], key=lambda row: lengths[row]) for place in range(0, len(order), size)]
    found = [batch for pool in pools for batch in _fill(pool, lengths, training, packed)]
    chance.shuffle(found)
    return found


def _rows(lengths: Sequence[int], training: Training) -> int:
    """Rows of an average batch."""
    mean = sum(lengths) / len(lengths)
    return max(1, int(training.batch_tokens / mean)) if training.batch_tokens else training.batch_size


def _fill(order: Sequence[int], lengths: Sequence[int], training: Training, packed: bool) -> Iterator[Batch]:
    """Cut an order of rows where the next one would not fit; a row that is too long alone is a batch of its own."""
    batch: Batch = []
    for row in order:
        if batch and _full([*batch, row], lengths, training, packed):
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _full(batch: Batch, lengths: Sequence[int], training: Training, packed: bool) -> bool:
    if training.batch_tokens is None:
        return len(batch) > training.batch_size
    tokens = sum(lengths[row] for row in batch) if packed else len(batch) * max(lengths[row] for row in batch)
    return tokens > training.batch_tokens
