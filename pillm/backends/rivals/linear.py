"""Linear classifiers over character n-grams for the tools and each enumerated slot, a linear tagger for copied slots.

Numbers, hours and the like are read by the learned expressions. Classifiers are logistic, one against the rest, by
stochastic gradient descent.
"""
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import SGDClassifier

from pillm.backends.rivals import tagger
from pillm.backends.rivals.contract import Call, Contract, Pair, Slot
from pillm.backends.rivals.expressions import Expressions
from pillm.backends.rivals.words import Words, words

TOLD = "linear classifiers of character n-grams for tools and enumerated slots, a linear tagger for copied ones"
N_GRAMS = (2, 5)
LEAST_DOCUMENTS = 10
"""An n-gram counts if so many requests have it."""
LEAST_CALLS = 5
"""A sequence of tools is learned if so many requests ask for it."""
EPOCHS = 5
ABSENT = ""

Place = tuple[int, int, str]
"""(number of calls, which of them, slot)."""


@dataclass(frozen=True)
class Classifier:
    """Chooses one of its values; with a single value, always that."""

    values: list[Any]
    weights_V_F: Any
    """float32; V values, F n-grams."""
    bias_V: Any

    def __call__(self, row: Any) -> Any:
        return self.values[int(np.asarray(row @ self.weights_V_F.T + self.bias_V).argmax())]


@dataclass(frozen=True)
class Linear:
    """Everything it needs."""

    vectorizer: TfidfVectorizer
    tools: Classifier
    listed: dict[Place, Classifier]
    tagger: tagger.Tagger | None
    contract: Contract
    expressions: Expressions

    def answer(self, request: str) -> list[Call]:
        row, found = self.vectorizer.transform([request]), words(request)
        tools: tuple[str, ...] = self.tools(row)
        return Reader(self, row, found, tools).calls()


class Reader:
    """One request being read: what one slot has taken another does not get."""

    def __init__(self, model: Linear, row: Any, found: Words, tools: tuple[str, ...]) -> None:
        self._model, self._row, self._found, self._tools = model, row, found, tools
        self._slots = [(i, slot) for i, tool in enumerate(tools) for slot in model.contract.tools[tool]]
        wanted = {slot.name: self._count(slot.name) for _, slot in self._slots if slot.kind == "copied"}
        self._spans = model.tagger.spans(found, tools, wanted) if model.tagger else []
        self._free: list[str | None] = list(found.forms)
        for _, (start, end) in self._spans:
            self._free[start:end] = [None] * (end - start)

    def calls(self) -> list[Call]:
        values: list[dict[str, Any]] = [{} for _ in self._tools]
        for i, slot in self._slots:
            value = self._value(i, slot)
            if value is not None:
                values[i][slot.name] = value
        return [self._model.contract.call(tool, found) for tool, found in zip(self._tools, values, strict=True)]

    def _count(self, name: str) -> tuple[int, int]:
        """How many calls must have such a slot, how many may."""
        same = [slot for _, slot in self._slots if slot.name == name]
        return sum(slot.required for slot in same), len(same)

    def _value(self, i: int, slot: Slot) -> Any:
        place = (len(self._tools), i, slot.name)
        if slot.kind == "copied":
            return self._copied(slot)
        if slot.kind == "listed" and place in self._model.listed:
            value = self._model.listed[place](self._row)
            return value if value != ABSENT and slot.takes(value) else None
        return self._said(slot, self._tools[i])

    def _copied(self, slot: Slot) -> str | None:
        mine = next((one for one in self._spans if one[0] == slot.name), None)
        if mine:
            self._spans.remove(mine)
            return self._found.said(mine[1])
        return self._found.text if slot.required else None

    def _said(self, slot: Slot, tool: str) -> Any:
        """The first of the surest expressions, as many as there are calls with such a slot."""
        said = self._model.expressions.read(slot, tool, tuple(self._free))
        surest = sorted(said, key=lambda one: one.surest)[:self._count(slot.name)[1]]
        if not surest:
            return None
        first = min(surest, key=lambda one: one.span)
        self._free[slice(*first.span)] = [None] * (first.span[1] - first.span[0])
        return first.value


def fit(pairs: list[Pair], contract: Contract, expressions: Expressions, seed: int) -> Linear:
    """`seed` orders the descent."""
    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=N_GRAMS, dtype=np.float32, sublinear_tf=True,
                                 min_df=min(LEAST_DOCUMENTS, len(pairs)))
    rows = vectorizer.fit_transform([request for request, _ in pairs])
    sequences = [contract.sequence(calls) for _, calls in pairs]
    counts = Counter(sequences)
    most = max(counts.values())
    learned = [i for i, sequence in enumerate(sequences) if counts[sequence] >= min(LEAST_CALLS, most)]
    return Linear(vectorizer, _fitted(rows, sequences, learned, seed), _listed(rows, pairs, contract, seed),
                  tagger.fit(pairs, contract, seed), contract, expressions)


def _listed(rows: Any, pairs: list[Pair], contract: Contract, seed: int) -> dict[Place, Classifier]:
    """A classifier for each enumerated slot of each call."""
    values: dict[Place, dict[int, Any]] = defaultdict(dict)
    for row, (_, calls) in enumerate(pairs):
        for i, call in enumerate(calls):
            for slot in contract.slots(call):
                if slot.kind == "listed":
                    values[len(calls), i, slot.name][row] = call.get(slot.name, ABSENT)
    return {place: _fitted(rows, found, sorted(found), seed) for place, found in sorted(values.items())}


def _fitted(rows: Any, values: Any, learned: list[int], seed: int) -> Classifier:
    """Of `values`, by row, those of the rows in `learned`."""
    wanted = [values[i] for i in learned]
    known = sorted(set(wanted), key=repr)
    number = {value: n for n, value in enumerate(known)}
    if len(known) == 1:
        return Classifier(known, np.zeros((1, rows.shape[1]), np.float32), np.zeros(1, np.float32))
    model = SGDClassifier(loss="log_loss", alpha=1e-5, max_iter=EPOCHS, tol=None, random_state=seed)
    model.fit(rows[learned], [number[value] for value in wanted])
    weights, bias = model.coef_, model.intercept_
    if len(known) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Classifier(known, weights.astype(np.float32), bias.astype(np.float32))
