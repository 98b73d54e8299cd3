"""A parser of regular expressions, made from training requests whose literals are masked.

A training request becomes a pattern: a group for each copied slot and each expression, the other words as they stand.
The most frequent patterns are kept; those that say most are tried first. Where none fits, the most frequent answer is
given.
"""
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any, NamedTuple

from pillm.backends.rivals.contract import Call, Contract, Pair, Slot
from pillm.backends.rivals.expressions import LONGEST, Expressions, uncopied
from pillm.backends.rivals.words import Span, Words, words

TOLD = "regular expressions made from the training requests, with learned tables of expressions and their values"
MOST_PATTERNS = 5_000
GROUPS = {"\x01copied": r"(\S+(?: \S+)*?)", "\x01said": rf"(\S+(?: \S+){{0,{LONGEST - 1}}}?)"}
"""What stands for a literal, and what it becomes: some words, at most as many as an expression has."""

Place = tuple[int, str]
"""(call, slot)."""


@dataclass(frozen=True)
class Pattern:
    """A masked request and the calls it means."""

    words: tuple[str, ...]
    places: tuple[Place, ...]
    """Of the groups."""
    tools: tuple[str, ...]
    values: tuple[tuple[Place, str], ...]
    """Of what is not said by words of its own, as JSON."""

    @property
    def literals(self) -> list[str]:
        return [word for word in self.words if word not in GROUPS]

    @property
    def expression(self) -> str:
        """Over folded words, one space apart."""
        return " ".join(GROUPS.get(word) or re.escape(word) for word in self.words)


class Turn(NamedTuple):
    """A pattern at work, with its place in the order in which they are tried."""

    order: int
    pattern: Pattern
    compiled: "re.Pattern[str]"


@dataclass(frozen=True)
class Patterns:
    """The patterns by the rarest of their literal words."""

    by_word: dict[str, list[Turn]]
    otherwise: list[Call]
    contract: Contract
    expressions: Expressions

    def answer(self, request: str) -> list[Call]:
        found = words(request)
        line = " ".join(found.forms)
        turns = [turn for word in set(found.forms) for turn in self.by_word.get(word, ())]
        for turn in sorted(turns, key=lambda turn: turn.order):
            match = turn.compiled.fullmatch(line)
            calls = self._calls(turn.pattern, match, found) if match else None
            if calls:
                return calls
        return self.otherwise

    def _calls(self, pattern: Pattern, match: "re.Match[str]", found: Words) -> list[Call] | None:
        """None where a group is no expression of its slot."""
        values: list[dict[str, Any]] = [{} for _ in pattern.tools]
        for (i, name), value in pattern.values:
            values[i][name] = json.loads(value)
        for group, (i, name) in enumerate(pattern.places, 1):
            slot = next(slot for slot in self.contract.tools[pattern.tools[i]] if slot.name == name)
            values[i][name] = self._value(slot, pattern.tools[i], found, _span(match, group))
            if values[i][name] is None:
                return None
        return [self.contract.call(tool, given) for tool, given in zip(pattern.tools, values, strict=True)]

    def _value(self, slot: Slot, tool: str, found: Words, place: Span) -> Any:
        if slot.kind == "copied":
            return found.said(place)
        forms = tuple(form if place[0] <= i < place[1] else None for i, form in enumerate(found.forms))
        return next((one.value for one in self.expressions.read(slot, tool, forms) if one.span == place), None)


def _span(match: "re.Match[str]", group: int) -> Span:
    before = match.string[:match.start(group)].count(" ")
    return before, before + match[group].count(" ") + 1


def fit(pairs: list[Pair], contract: Contract, expressions: Expressions, seed: int) -> Patterns:
    """Nothing is drawn."""
    made = Counter(pattern for pair in pairs if (pattern := masked(pair, contract, expressions)).literals)
    kept = [pattern for pattern, _ in made.most_common(MOST_PATTERNS)]
    kept.sort(key=lambda pattern: -sum(map(len, pattern.literals)))
    seen = Counter(word for pattern in kept for word in set(pattern.literals))
    by_word: dict[str, list[Turn]] = defaultdict(list)
    for order, pattern in enumerate(kept):
        rarest = min(pattern.literals, key=lambda word: (seen[word], word))
        by_word[rarest].append(Turn(order, pattern, re.compile(pattern.expression)))
    answers = Counter(json.dumps(calls) for _, calls in pairs)
    return Patterns(dict(by_word), json.loads(answers.most_common(1)[0][0]), contract, expressions)


def masked(pair: Pair, contract: Contract, expressions: Expressions) -> Pattern:
    """Copied slots first, then expressions in what is left."""
    request, calls = pair
    found = words(request)
    free = uncopied(found, calls, contract)
    spans: dict[Span, tuple[str, Place]] = {}
    values = []
    for i, call in enumerate(calls):
        for slot in contract.slots(call):
            if slot.name not in call:
                continue
            span = (found.find(call[slot.name]) if slot.kind == "copied" else
                    expressions.locate(slot, call[contract.key], call[slot.name], free))
            if span and all(span[1] <= other[0] or other[1] <= span[0] for other in spans):
                spans[span] = "\x01copied" if slot.kind == "copied" else "\x01said", (i, slot.name)
            else:
                values.append(((i, slot.name), json.dumps(call[slot.name])))
    ordered = sorted(spans)
    places = tuple(spans[span][1] for span in ordered)
    return Pattern(_masked(found, spans), places, contract.sequence(calls), tuple(values))


def _masked(found: Words, spans: dict[Span, tuple[str, Place]]) -> tuple[str, ...]:
    starts = {span[0]: mask for span, (mask, _) in spans.items()}
    inside = {i for start, end in spans for i in range(start + 1, end)}
    return tuple(starts.get(i, form) for i, form in enumerate(found.forms) if i not in inside)
