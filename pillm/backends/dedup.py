"""Near duplicates by MinHash and locality-sensitive hashing (rensa); each is confirmed on the texts themselves."""
from array import array
from collections.abc import Callable

from rensa import RMinHash, RMinHashLSH

PERMUTATIONS = 128
BANDS = 16
"""Two sets of similarity s meet in some band with probability 1 − (1 − s⁸)¹⁶: 0.9999 at 0.9, 0.95 at 0.8, 0.06 at 0.5
(Leskovec, Rajaraman, Ullman: Mining of Massive Datasets, §3.4.2)."""
CANDIDATES = 32
"""Looked at per text, the latest first: in a crowd of alike texts a duplicate may stay, but time stays linear."""

Tokens = Callable[[str], set[str]]


class NearDuplicates:
    """Texts met so far, without those that were near to an earlier one.

    Near: |A ∩ B| / |A ∪ B| ≥ threshold (Jaccard) over their tokens.
    """

    def __init__(self, tokens: Tokens, threshold: float, seed: int = 0) -> None:
        self._tokens, self._threshold, self._seed = tokens, threshold, seed
        self._index = RMinHashLSH(threshold, PERMUTATIONS, BANDS)
        self._names = array("Q")
        self._ends = array("Q", [0])
        self._bytes = bytearray()

    def add(self, texts: list[str], names: list[int]) -> list[int | None]:
        """For each text the name of an earlier one it is near to, or None; thousands at once are quickest."""
        sets = [self._tokens(text) for text in texts]
        sketches = RMinHash.from_token_sets(sets, PERMUTATIONS, self._seed)
        return [self._add(*each) for each in zip(texts, sets, sketches, names, strict=True)]

    def _add(self, text: str, tokens: set[str], sketch: RMinHash, name: int) -> int | None:
        for key in sorted(self._index.query(sketch), reverse=True)[:CANDIDATES]:
            if jaccard(tokens, self._tokens(self._text(key))) >= self._threshold:
                return self._names[key]
        self._index.insert(len(self._names), sketch)
        self._names.append(name)
        self._bytes += text.encode()
        self._ends.append(len(self._bytes))
        return None

    def _text(self, key: int) -> str:
        """Kept as bytes in one buffer: a million Python strings would take three times as much."""
        return self._bytes[self._ends[key]:self._ends[key + 1]].decode()


def jaccard(one: set[str], other: set[str]) -> float:
    """|A ∩ B| / |A ∪ B|; 1 for two empty sets."""
    together = len(one | other)
    return len(one & other) / together if together else 1.0
