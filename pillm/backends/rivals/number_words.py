"""Words that are numbers, learned from the values they stand for."""
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from typing import TYPE_CHECKING

from pillm.backends.rivals.hows import MOST_NUMBERS, Numbers, solved

if TYPE_CHECKING:
    from pillm.backends.rivals.expressions import Expressions
    from pillm.backends.rivals.learn import Sample

LONGEST = 5
LEAST_VOTES, LEAST_SHARE, LEAST_OCCURRENCES = 3, 0.4, 0.2
"""A word is a number if it is that one in so many records, of the records where it must be one, and of all it is in."""


def number_words(by_slot: "dict[str, list[Sample]]", known: "Expressions") -> dict[str, int]:
    """In «six heures vingt» with the value 06:20, known «# heures #» makes six 6 and vingt 20."""
    votes: dict[str, Counter[int]] = defaultdict(Counter)
    seen: Counter[str] = Counter()
    for slot, meanings in known.meanings.items():
        shapes = {key for key in meanings if {"#"} < set(key.split())}
        for sample in by_slot[slot]:
            seen.update({form for form in sample.forms if form})
            if not any(form and form.isdecimal() for form in sample.forms):
                for word, number in sorted(_votes(sample, shapes, known)):
                    votes[word][number] += 1
    elected = {word: _elected(votes[word], seen[word]) for word in sorted(votes)}
    return {word: number for word, number in elected.items() if number is not None}


def _elected(votes: "Counter[int]", seen: int) -> int | None:
    number, count = min(votes.items(), key=lambda pair: (-pair[1], pair[0]))
    return number if count >= max(LEAST_VOTES, LEAST_SHARE * votes.total(), LEAST_OCCURRENCES * seen) else None


def _votes(sample: "Sample", shapes: set[str], known: "Expressions") -> set[tuple[str, int]]:
    """Each word once a record: the longest known expressions that it can stand in decide."""
    found: dict[int, set[tuple[str, int]]] = defaultdict(set)
    for key, said in _shapes(sample.forms):
        if key in shapes:
            meanings = known.meanings[sample.slot.name][key]
            numbers = solved(meanings.get(sample.tool, meanings[""]).hows[0], sample.value, len(said))
            if numbers:
                found[len(key.split())].update(_pairs(said, numbers))
    return found[max(found)] if found else set()


def _pairs(said: tuple[str, ...], numbers: Numbers) -> set[tuple[str, int]]:
    return set(zip(said, numbers, strict=True))


def _shapes(forms: tuple[str | None, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every run of words with one or two of them as numbers, and which."""
    for start in range(len(forms)):
        for end in range(start + 1, min(start + LONGEST, len(forms)) + 1):
            run = [form for form in forms[start:end] if form is not None]
            if len(run) < end - start:
                break
            for count in range(1, MOST_NUMBERS + 1):
                for chosen in combinations(range(len(run)), count):
                    yield (" ".join("#" if i in chosen else form for i, form in enumerate(run)),
                           tuple(run[i] for i in chosen))
