"""Copied slots, word by word: a linear classifier of B-slot, I-slot and O (Ramshaw and Marcus 1995).

Features are hashed. A slot's span is the one whose tags are likeliest beside O everywhere: it maximizes
log p(B) + Σ log p(I) − Σ log p(O) over its words.
"""
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.feature_extraction import FeatureHasher
from sklearn.linear_model import SGDClassifier

from pillm.backends.rivals.contract import Contract, Pair
from pillm.backends.rivals.words import Span, Words, words

Wanted = dict[str, tuple[int, int]]
"""Slot → how many of it there must be and may be."""

OUTSIDE = "O"
FEATURES = 2**16
WINDOW = 3
EPOCHS = 6


@dataclass(frozen=True)
class Tagger:
    """Tags words, given the tools that are asked for."""

    tags: list[str]
    weights_T_F: Any
    """float32; T tags, F features."""
    bias_T: Any

    def spans(self, found: Words, tools: tuple[str, ...], wanted: Wanted) -> list[tuple[str, Span]]:
        """(slot, span) in order, none over another."""
        if not found.forms:
            return []
        scores_N_T = np.asarray(_hashed(list(features(found, tools))) @ self.weights_T_F.T + self.bias_T)
        logs_N_T = scores_N_T - np.logaddexp(0, scores_N_T)
        logs_N_T -= np.logaddexp.reduce(logs_N_T, axis=1, keepdims=True)
        column = {tag: logs_N_T[:, t] for t, tag in enumerate(self.tags)}
        known = [slot for slot in sorted(wanted) if f"B-{slot}" in column]
        return sorted(_chosen(sorted(_candidates(column, known), reverse=True), wanted), key=lambda one: one[1])


def _candidates(column: dict[str, Any], slots: list[str]) -> Iterator[tuple[float, str, Span]]:
    """Every span with its gain over O."""
    outside = column[OUTSIDE]
    for slot in slots:
        begin, inside = column[f"B-{slot}"] - outside, column.get(f"I-{slot}", outside - np.inf) - outside
        for start in range(len(outside)):
            gains = begin[start] + np.concatenate([[0.0], np.cumsum(inside[start + 1:])])
            yield from ((float(gain), slot, (start, start + 1 + i)) for i, gain in enumerate(gains))


def _chosen(candidates: list[tuple[float, str, Span]], wanted: Wanted) -> Iterator[tuple[str, Span]]:
    """The best first; below nothing gained only those that must be there."""
    taken: set[int] = set()
    counts: Counter[str] = Counter()
    for gain, slot, span in candidates:
        least, most = wanted[slot]
        if counts[slot] < (most if gain > 0 else least) and taken.isdisjoint(range(*span)):
            taken.update(range(*span))
            counts[slot] += 1
            yield slot, span


def _hashed(rows: list[list[str]]) -> Any:
    return FeatureHasher(FEATURES, input_type="string", dtype=np.float32, alternate_sign=False).transform(rows)


def fit(pairs: list[Pair], contract: Contract, seed: int) -> Tagger | None:
    """None where no request has a copied slot."""
    rows: list[list[str]] = []
    tags: list[str] = []
    for request, calls in pairs:
        found = words(request)
        rows += features(found, contract.sequence(calls))
        tags += tagged(found, calls, contract)
    if set(tags) == {OUTSIDE}:
        return None
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=EPOCHS, tol=None, random_state=seed)
    model.fit(_hashed(rows), tags)
    weights, bias = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
    return Tagger(model.classes_.tolist(), weights.astype(np.float32), bias.astype(np.float32))


def tagged(found: Words, calls: list[dict[str, Any]], contract: Contract) -> list[str]:
    """A tag for each word."""
    tags = [OUTSIDE] * len(found.forms)
    for call in calls:
        for slot in contract.slots(call):
            span = found.find(str(call.get(slot.name, ""))) if slot.kind == "copied" else None
            if span:
                tags[slice(*span)] = [f"B-{slot.name}", *[f"I-{slot.name}"] * (span[1] - span[0] - 1)]
    return tags


def features(found: Words, tools: tuple[str, ...]) -> Iterator[list[str]]:
    """Of each word: itself and its neighbours, alone, in pairs and with the tools; marks, endings, capitals."""
    edge = [""] * WINDOW
    near = [*edge, *found.forms, *edge]
    marks = [found.before(i) for i in range(len(found.forms) + 1)]
    asked = "+".join(tools)
    for i, form in enumerate(found.forms):
        window = near[i:i + 2 * WINDOW + 1]
        left, right = window[WINDOW - 1], window[WINDOW + 1]
        place = min(i, 3), min(len(found.forms) - i, 3)
        yield [f"all {asked}", f"<{marks[i]}", f"< {marks[i]} {asked}", f">{marks[i + 1]}", f"> {marks[i + 1]} {asked}",
               f"capital {found.text[found.places[i][0]].isupper()} {i == 0}", f"digits {form.isdecimal()}",
               f"place {place}", f"place {place} {asked}", f"end {form[-3:]}", f"end {form[-2:]}", f"begin {form[:3]}",
               *(f"{j} {word}" for j, word in enumerate(window)),
               *(f"{j} {word} {asked}" for j, word in enumerate(window)),
               f"pair {left} {form}", f"pair {form} ~ {right}", f"two before {window[WINDOW - 2]} {left}",
               f"two after {right} {window[WINDOW + 2]}", f"around {left} {right}"]
