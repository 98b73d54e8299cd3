"""Expressions learned by counting, from requests and the values they mean.

For each slot, every run of words (numbers as `#`) is counted with each way its value could follow; the likeliest
expression of each record is kept. Words that stand where a number would make a known expression are numbers.
"""
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from pillm.backends.rivals.contract import Contract, Pair, Slot
from pillm.backends.rivals.expressions import Expressions, Forms, Meaning, runs, same, uncopied
from pillm.backends.rivals.hows import How, Numbers, hows
from pillm.backends.rivals.number_words import number_words
from pillm.backends.rivals.words import Span, words

LEAST = 2
"""An expression is kept that is the likeliest of so many records."""
ROUNDS = (0.8, 0.5, 0.25)
"""Its value must follow in this share of requests, those aside that an earlier round explains."""
DOUBT = 2.0
"""Added to how often an expression was seen, so that rare ones are trusted less."""
PER_WORD = 0.03
"""How much surer each further word of an expression must make it."""
MOST_HOWS, LEAST_OF_BEST = 3, 0.2
"""Further ways to a value are kept if they are so frequent beside the best."""

Meanings = dict[str, dict[str, Meaning]]
Run = tuple[Span, str, Numbers]


class Sample(NamedTuple):
    """A value and the words that do not stand in a copied slot."""

    tool: str
    slot: Slot
    value: Any
    forms: Forms


def learn(pairs: list[Pair], contract: Contract) -> Expressions:
    """Twice: what is said with figures shows which words are numbers, and these count as figures then."""
    by_slot: dict[str, list[Sample]] = defaultdict(list)
    for sample in samples(pairs, contract):
        by_slot[sample.slot.name].append(sample)
    said = {slot: some for slot, some in by_slot.items() if some[0].slot.kind == "said"}
    first = {slot: _meanings(list(zip(some, _runs(some, {}), strict=True))) for slot, some in said.items()}
    numbers = number_words(said, Expressions({}, first))
    return Expressions(numbers, {slot: _covering(some, numbers) for slot, some in by_slot.items()})


def samples(pairs: Iterable[Pair], contract: Contract) -> Iterator[Sample]:
    """Of values that stand alone in their request: with two of one slot it would be open which words say which."""
    for request, calls in pairs:
        forms = uncopied(words(request), calls, contract)
        held = Counter(slot for call in calls for slot in call)
        for call in calls:
            yield from (Sample(call[contract.key], slot, call[slot.name], forms) for slot in contract.slots(call)
                        if slot.kind != "copied" and held[slot.name] == 1 and slot.name in call)


def _runs(some: list[Sample], numbers: dict[str, int]) -> list[list[Run]]:
    return [list(runs(sample.forms, numbers)) for sample in some]


def _meanings(some: list[tuple[Sample, list[Run]]]) -> Meanings:
    """Of all runs that are frequent and sure enough."""
    seen = Counter(key for _, each in some for key in {key for _, key, _ in each})
    known = {key for key, count in seen.items() if count >= LEAST}
    per_tool: Counter[tuple[str, str]] = Counter()
    ways: dict[str, Counter[tuple[How, str]]] = defaultdict(Counter)
    for sample, each in some:
        for key, found in _ways(sample, each, known).items():
            per_tool[key, sample.tool] += 1
            ways[key].update([(how, sample.tool) for how in found])
    meanings = {key: _of_tools(ways[key], key, seen[key], per_tool) for key in sorted(known)}
    return {key: of_tools for key, of_tools in meanings.items() if of_tools}


def _ways(sample: Sample, each: list[Run], known: set[str]) -> dict[str, set[How]]:
    """By expression, all ways from its numbers to the value."""
    numbers = {said for *_, said in each}
    given = {said: set(hows(sample.value, said if sample.slot.kind == "said" else ())) for said in numbers}
    found: dict[str, set[How]] = {}
    for _, key, said in each:
        if key in known:
            found[key] = found[key] | given[said] if key in found else given[said]
    return found


def _of_tools(ways: "Counter[tuple[How, str]]", key: str, seen: int,
              per_tool: "Counter[tuple[str, str]]") -> dict[str, Meaning]:
    """The most frequent hows over all tools, and of a tool where its own differ; nothing where none is frequent."""
    total: Counter[How] = Counter()
    for (how, _), count in ways.items():
        total[how] += count
    if max(total.values()) < max(LEAST, ROUNDS[-1] * (seen + DOUBT)):
        return {}
    found = {"": _likeliest(total, seen)}
    for tool in sorted({tool for _, tool in ways}):
        own = Counter({how: count for (how, of), count in ways.items() if of == tool and count >= LEAST})
        if own and (meaning := _likeliest(own, per_tool[key, tool])).hows[0] != found[""].hows[0]:
            found[tool] = meaning
    return found


def _likeliest(counted: "Counter[How]", seen: int) -> Meaning:
    """Share with DOUBT; of equals, one that uses the numbers, which others must do then too."""
    least = max(LEAST, LEAST_OF_BEST * max(counted.values()))
    best = sorted((-count, how[0] != "made", repr(how), how) for how, count in counted.items() if count >= least)
    best = [one for one in best if one[1] == best[0][1]][:MOST_HOWS]
    return Meaning(tuple(how for *_, how in best), -best[0][0] / (seen + DOUBT))


def _covering(some: list[Sample], numbers: dict[str, int]) -> Meanings:
    """Round by round: the surest expressions first, then those of the records that these do not explain."""
    found: Meanings = {}
    left = list(zip(some, _runs(some, numbers), strict=True))
    for turn, least in enumerate(ROUNDS):
        meanings = _meanings(left)
        fitting = [[one for one in _fitting(*each, meanings) if one[0] >= least] for each in left]
        chosen = Counter(max(each)[-1] for each in fitting if each)
        for key in sorted(chosen.keys() - found.keys()):
            if chosen[key] >= LEAST:
                found[key] = {tool: meaning._replace(turn=turn) for tool, meaning in meanings[key].items()}
        left = [each for each, fits in zip(left, fitting, strict=True) if not any(key in found for *_, key in fits)]
    return found


def _fitting(sample: Sample, each: list[Run], meanings: Meanings) -> Iterator[tuple[float, int, str]]:
    """Expressions that say the record's value, each further word at a cost."""
    for (start, end), key, said in each:
        if key in meanings:
            meaning = meanings[key].get(sample.tool, meanings[key][""])
            if same(meaning.value(sample.slot, said), sample.value):
                yield meaning.share - PER_WORD * (end - start - 1), start - end, key
