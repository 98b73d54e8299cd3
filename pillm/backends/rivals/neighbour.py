"""The nearest training request answers; its slots are filled with what stands at the same place in the new one.

Requests are compared by the cosine of tf-idf over character n-grams within words. The neighbour's words are aligned
with the new request's (difflib); a copied slot is what stands between the aligned words left and right of it.
"""
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from pillm.backends.rivals.contract import Call, Contract, Pair, Slot
from pillm.backends.rivals.expressions import Expressions, Said, uncopied
from pillm.backends.rivals.words import Span, Words, words

TOLD = "the nearest training request by character n-grams, its slots filled from the aligned words"
N_GRAMS = (2, 5)
NEAREST = 10
"""Neighbours that are tried until one has a place for each of its copied slots."""

SURE = 0.8
"""A slot that the neighbour does not have is taken from an expression that says it in this share of requests."""


@dataclass(frozen=True)
class Neighbour:
    """Everything it needs: requests with their calls, and each request's tf-idf."""

    pairs: list[Pair]
    vectorizer: TfidfVectorizer
    rows: Any
    """Sparse, requests × n-grams, each of length 1."""
    contract: Contract
    expressions: Expressions

    def answer(self, request: str) -> list[Call]:
        """Of the nearest one whose copied slots all have a place, else of the nearest."""
        likeness = np.asarray((self.rows @ self.vectorizer.transform([request]).T).todense()).ravel()
        order = np.lexsort((np.arange(len(likeness)), -likeness))[:NEAREST]
        filled = [Filled(self.pairs[i], words(request), self.contract, self.expressions) for i in order]
        return next((one.calls for one in filled if one.whole), filled[0].calls)


def fit(pairs: list[Pair], contract: Contract, expressions: Expressions, seed: int) -> Neighbour:
    """Nothing is drawn."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=N_GRAMS, dtype=np.float32, sublinear_tf=True)
    rows = vectorizer.fit_transform([request for request, _ in pairs])
    return Neighbour(pairs, vectorizer, rows, contract, expressions)


class Filled:
    """A neighbour's calls, told of another request; `whole` if every copied slot was found."""

    def __init__(self, pair: Pair, new: Words, contract: Contract, expressions: Expressions) -> None:
        request, calls = pair
        self._old, self._new, self._contract, self._expressions = words(request), new, contract, expressions
        self._before = uncopied(self._old, calls, contract)
        self._free: list[str | None] = list(new.forms)
        self._blocks = SequenceMatcher(None, self._old.forms, new.forms, autojunk=False).get_matching_blocks()
        others = [dict(self._others(call)) for call in calls]
        copied = [dict(self._copied(call)) for call in calls]
        self.calls = [contract.call(call[contract.key], values | more)
                      for call, values, more in zip(calls, copied, others, strict=True)]
        self.whole = all(slot.name in values or slot.name not in call
                         for call, values in zip(calls, copied, strict=True)
                         for slot in contract.slots(call) if slot.kind == "copied")

    def _copied(self, call: Call) -> Iterator[tuple[str, str]]:
        """Slots with what is written in their place; its words serve no other slot."""
        for slot in self._contract.slots(call):
            span = self._old.find(call[slot.name]) if slot.kind == "copied" and slot.name in call else None
            place = self._place(span) if span else None
            if place:
                self._free[slice(*place)] = [None] * (place[1] - place[0])
                yield slot.name, self._new.said(place)

    def _place(self, span: Span) -> Span | None:
        """From the last aligned word before the span to the first after it."""
        start = max((b + min(span[0] - a, size) for a, b, size in self._blocks if a < span[0]), default=0)
        end = min((b + max(span[1] - a, 0) for a, b, size in self._blocks if a + size > span[1]),
                  default=len(self._new.forms))
        while start < end and self._free[start] is None:
            start += 1
        while start < end and self._free[end - 1] is None:
            end -= 1
        return (start, end) if start < end else None

    def _others(self, call: Call) -> Iterator[tuple[str, Any]]:
        """As the new request says it; what it does not say stays as it was only where it was not said before either."""
        tool = call[self._contract.key]
        for slot in self._contract.slots(call):
            if slot.kind == "copied":
                continue
            old = self._expressions.locate(slot, tool, call[slot.name], self._before) if slot.name in call else None
            said = self._said(slot, tool, self._place(old) if old else None)
            if said and (slot.name in call or (said.turn == 0 and said.share >= SURE)):
                self._free[slice(*said.span)] = [None] * (said.span[1] - said.span[0])
                yield slot.name, said.value
            elif slot.name in call and (slot.required or not old):
                yield slot.name, call[slot.name]

    def _said(self, slot: Slot, tool: str, place: Span | None) -> Said | None:
        """What is said at the place of the neighbour's expression, else the surest."""
        said = self._expressions.read(slot, tool, tuple(self._free))
        return min(said, key=lambda one: (not overlap(one.span, place), one.surest), default=None)


def overlap(one: Span, other: Span | None) -> bool:
    return other is not None and one[0] < other[1] and other[0] < one[1]
