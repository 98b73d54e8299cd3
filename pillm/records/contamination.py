"""Eval questions in training records: equal, spelled otherwise, or hidden inside a longer text."""
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from pillm.records.text import pairs, words
from pillm.serve.questions import Question as Asked
from pillm.serve.questions import messages

Said = tuple[str, list[str]]
"""(role, words)."""
Near = Callable[[Sequence[Said]], str]
"""The id of the eval question that a conversation is near to, or nothing."""

LETTERS = 5
"""Length of the n-grams of letters that are compared: a typo changes five of them."""
SHORTEST = 4
"""A question of fewer words («Ça va?») is looked for as a whole message only: in a longer text it is a coincidence."""
SHARED = 0.4
"""Share of a question's word pairs that make a closer look worth while; half are left after a typo in five words."""
DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class Wanted:
    """What is looked for in records."""

    id: str
    size: int
    pairs: frozenset[str]
    grams: frozenset[str]
    numbers: frozenset[str]


def near(questions: Iterable[Asked], overlap: float) -> Near:
    """`overlap` is the share of a question's letter n-grams that a stretch of text must hold, and all its numbers.

    What differs in a number only is another question: «dans 10 minutes», «dans 15 minutes».
    """
    whole: dict[str, str] = {}
    longer: list[Wanted] = []
    for question in questions:
        said = words(asked(question))
        whole.setdefault(" ".join(said), question.id)
        if len(said) >= SHORTEST:
            longer.append(Wanted(question.id, len(said), frozenset(pairs(said)), _grams(said), _numbers(said)))
    index = _index(longer)

    def find(told: Sequence[Said]) -> str:
        for role, said in told:
            if role == "user" and (found := whole.get(" ".join(said))):
                return found
        said = list(chain.from_iterable(said for _, said in told))
        shared = Counter(n for pair in index.keys() & pairs(said) for n in index[pair])
        likely = (longer[n] for n in sorted(shared) if shared[n] >= SHARED * len(longer[n].pairs))
        return next((question.id for question in likely if _within(question, said, overlap)), "")

    return find


def asked(question: Asked) -> str:
    """The user's words; of several messages of theirs, the longest."""
    return max((message["content"] for message in messages(question) if message["role"] == "user"), key=len)


def _index(questions: list[Wanted]) -> dict[str, list[int]]:
    found = defaultdict(list)
    for n, question in enumerate(questions):
        for pair in question.pairs:
            found[pair].append(n)
    return found


def _grams(said: list[str]) -> frozenset[str]:
    text = " ".join(said)
    return frozenset(text[n:n + LETTERS] for n in range(max(1, len(text) - LETTERS + 1)))


def _numbers(said: list[str]) -> frozenset[str]:
    return frozenset(DIGITS.findall(" ".join(said)))


def _within(question: Wanted, said: list[str], overlap: float) -> bool:
    """Some stretch of twice the question's length holds it; stretches overlap, so that none is cut in two."""
    starts = range(0, max(1, len(said) - question.size), question.size)
    return any(_holds(question, said[start:start + 2 * question.size], overlap) for start in starts)


def _holds(question: Wanted, stretch: list[str], overlap: float) -> bool:
    return (len(question.grams & _grams(stretch)) >= overlap * len(question.grams)
            and question.numbers <= _numbers(stretch))
