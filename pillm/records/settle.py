"""What only shows once all records are there: equal and alike ones, contradictions, and what stands out."""
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice

from pillm.backends import dedup
from pillm.records.accept import Tally, suite
from pillm.records.chat import turns
from pillm.records.duplicates import tokens, twins
from pillm.records.read import Refuse
from pillm.records.rejects import CONTAMINATION, CONTRADICTION, DUPLICATE, LENGTH, NEAR_DUPLICATE, SAME_MEANING
from pillm.records.spool import Spool
from pillm.records.text import words

Told = tuple[int, str]
"""The number of a record that is left out, and why exactly."""
Nearest = Callable[[list[str], list[int]], list[int | None]]
"""For each text under its number, the number of an earlier one of the same meaning, which was shown before, or None."""
BATCH = 256


def equal(spool: Spool, refuse: Refuse) -> None:
    """Leaves out those that say the same as an earlier one."""
    first = dedup.first_equal(spool.marks["whole"])
    _leave_out(spool, refuse, DUPLICATE, (
        (n, f"it says the same as {spool.name(first[n])}") for n in spool.numbers() if first[n] != n))


def contradicting(spool: Spool, refuse: Refuse) -> None:
    """Leaves out all that answer one question differently: nobody knows which of them is right."""
    asked, answered = spool.marks["asked"], spool.marks["answered"]
    sides: defaultdict[int, list[int]] = defaultdict(list)
    for n in dedup.torn(asked, answered):
        if n in spool:
            sides[asked[n]].append(n)
    others = ((n, next(other for other in same if answered[other] != answered[n]))
              for same in sides.values() for n in same)
    _leave_out(spool, refuse, CONTRADICTION, (
        (n, f"{spool.name(other)} asks the same, and is answered otherwise") for n, other in others))


def unusually_long(spool: Spool, times: float, refuse: Refuse) -> None:
    """Leaves out those that are so many times longer or shorter than the median one."""
    letters = spool.marks["letters"]
    middle = dedup.median(letters)
    _leave_out(spool, refuse, LENGTH, (
        (n, f"{letters[n]} letters, where half of the records have at most {middle:.0f}") for n in spool.numbers()
        if not middle / times <= letters[n] <= middle * times))


def alike(spool: Spool, pairs: Iterable[tuple[int, int]], threshold: float, refuse: Refuse) -> None:
    """Leaves out those that are nearly an earlier one; `pairs` names (later, earlier) that may be."""
    last, of_last = -1, set[str]()

    def near(later: int, earlier: int) -> bool:
        nonlocal last, of_last
        if last != later:
            last, of_last = later, _tokens(spool, later)
        return dedup.jaccard(of_last, _tokens(spool, earlier)) >= threshold

    found = twins(((later, earlier) for later, earlier in pairs if later in spool and earlier in spool), near)
    _leave_out(spool, refuse, NEAR_DUPLICATE, ((n, f"it is nearly {spool.name(twin)}") for n, twin in found.items()))


def of_one_meaning(spool: Spool, nearest: Nearest, refuse: Refuse) -> None:
    """Leaves out those that mean the same as an earlier one."""
    found: list[Told] = []
    for batch in _batches(spool):
        twins = nearest(["\n".join(_said(spool, n)) for n in batch], batch)
        found += [(n, f"it means the same as {spool.name(twin)}") for n, twin in zip(batch, twins, strict=True)
                  if twin is not None]
    _leave_out(spool, refuse, SAME_MEANING, found)


def reworded(spool: Spool, meant: Callable[[list[str]], list[str]], refuse: Refuse, tally: Tally) -> None:
    """Leaves out those that ask an eval question in other words; `meant` tells its id, or nothing."""
    found: list[Told] = []
    for batch in _batches(spool):
        asked = meant([next(_said(spool, n)) for n in batch])
        found += [(n, f"it asks the question {question} in other words")
                  for n, question in zip(batch, asked, strict=True) if question]
        tally.update((suite(question), "near") for question in asked if question)
    _leave_out(spool, refuse, CONTAMINATION, found)


def _batches(spool: Spool) -> Iterator[list[int]]:
    numbers = spool.numbers()
    while batch := list(islice(numbers, BATCH)):
        yield batch


def _leave_out(spool: Spool, refuse: Refuse, reason: str, found: Iterable[Told]) -> None:
    """Refused in the order in which they were read; nothing is left out before all are known."""
    found = sorted(found)
    for n, told in found:
        refuse(spool.row(n), reason, told)
    spool.leave_out([n for n, _ in found])


def _said(spool: Spool, number: int) -> Iterator[str]:
    return (text for role, text in turns(spool.row(number).record) if role != "system")


def _tokens(spool: Spool, number: int) -> set[str]:
    return tokens(" ".join(chain.from_iterable(map(words, _said(spool, number)))))
