"""Equal and alike among millions: numbers that stand for texts, sorted; memory of some tens of bytes a text.

Alike texts are found by MinHash (rensa) and locality-sensitive hashing: Leskovec, Rajaraman, Ullman, Mining of Massive
Datasets, §3.4. The bands wait on disk, and each is sorted alone.
"""
from array import array
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from rensa import RMinHash

PERMUTATIONS = 128
BANDS = 16
"""Two sets of similarity s meet in some band with probability 1 − (1 − s⁸)¹⁶: 0.9999 at 0.9, 0.95 at 0.8, 0.06 at
0.5."""
BATCH = 2048
NEIGHBOURS = 4
"""Looked at per text and band, the latest before it, and the band's first: in a crowd of alike texts a duplicate may
stay, but time stays linear."""
ODD = np.random.default_rng(128).integers(1 << 62, size=(PERMUTATIONS // BANDS,), dtype=np.uint64) * 2 + 1
"""Multipliers of a band's eight values, whose sum modulo 2⁶⁴ stands for them."""


def first_equal(numbers: array) -> array:
    """For each of the numbers the place where it is first met."""
    _, first, which = np.unique(_view(numbers), return_index=True, return_inverse=True)
    return array("q", first[which].astype(np.int64).tobytes())


def torn(keys: array, values: array) -> array:
    """The places of keys that stand with more than one value; a key 0 is none."""
    of_key, of_value = _view(keys), _view(values)
    order = np.lexsort((of_value, of_key))
    one, other = order[:-1], order[1:]
    differ = (of_key[one] == of_key[other]) & (of_value[one] != of_value[other]) & (of_key[one] != 0)
    return array("q", np.flatnonzero(np.isin(of_key, of_key[one][differ])).astype(np.int64).tobytes())


def distinct(numbers: array) -> array:
    """The different ones, in order."""
    return array(numbers.typecode, np.unique(_view(numbers)).tobytes())


def median(numbers: array) -> float:
    return float(np.median(_view(numbers)))


def jaccard(one: set[str], other: set[str]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0


class Sketches:
    """Of sets of words, in files of a folder: one number per band."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self._files = [folder / f"band-{n}" for n in range(BANDS)]
        self._seed = seed
        self._waiting: list[set[str]] = []
        with ExitStack() as stack:
            self._handles = [stack.enter_context(file.open("wb")) for file in self._files]
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def add(self, words: set[str]) -> None:
        self._waiting.append(words)
        if len(self._waiting) == BATCH:
            self._write()

    def pairs(self) -> Iterator[tuple[int, int]]:
        """(later, earlier) of those that may be alike: in the order of the later, its latest neighbour first."""
        self._write()
        for handle in self._handles:
            handle.flush()
        found = np.unique(np.concatenate([_pairs(np.fromfile(file, np.uint64)) for file in self._files]), axis=0)
        for later, negated in found.tolist():
            yield later, -negated

    def _write(self) -> None:
        if self._waiting:
            rows = RMinHash.digest_matrix_from_token_sets(self._waiting, PERMUTATIONS, self._seed).to_rows()
            values = np.array(rows, np.uint64).reshape(len(rows), BANDS, -1)
            for handle, column in zip(self._handles, (values * ODD).sum(axis=2).T, strict=True):
                handle.write(column.tobytes())
            self._waiting.clear()


def _pairs(band: np.ndarray) -> np.ndarray:
    """Rows (later, −earlier) of equal numbers."""
    order = np.argsort(band, kind="stable").astype(np.int64)
    number = band[order]
    begins = np.concatenate([[True], number[1:] != number[:-1]]) if len(band) else np.zeros(0, bool)
    first = np.maximum.accumulate(np.where(begins, np.arange(len(band)), 0))
    found = [np.stack([order, -order[first]], axis=1)[~begins]]
    for step in range(1, NEIGHBOURS + 1):
        together = number[step:] == number[:-step]
        found.append(np.stack([order[step:], -order[:-step]], axis=1)[together])
    return np.concatenate(found)


def _view(numbers: array) -> Any:
    return np.frombuffer(numbers, numbers.typecode)
