"""An exam for programs that are no language model: the same questions, judged by the same checkers."""
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pillm.json_text import compact
from pillm.serve.checker import Measures
from pillm.serve.exam import judged
from pillm.serve.picks import percentile
from pillm.serve.questions import Question, messages

if TYPE_CHECKING:
    from pillm.backends.statistics import Interval


@dataclass(frozen=True)
class Sat:
    """One question with what was answered."""

    question: Question
    answer: str
    measures: Measures
    spent_ms: float

    @property
    def line(self) -> dict[str, Any]:
        """Without what differs between two runs."""
        return {"id": self.question.id, "answer": self.answer, **self.measures}


def sit(answer: Callable[[str], Any], questions: Sequence[Question]) -> list[Sat]:
    """Ask the last turn of each; the answer becomes JSON as the model writes it."""
    return [_sat(answer, question) for question in questions]


def _sat(answer: Callable[[str], Any], question: Question) -> Sat:
    request = messages(question)[-1]["content"]
    start = time.perf_counter()
    calls = answer(request)
    spent_ms = 1000 * (time.perf_counter() - start)
    text = compact(calls)
    return Sat(question, text, judged(question, text), spent_ms)


def scores(suites: Mapping[str, Sequence[Sat]], seed: int) -> "dict[str, Interval]":
    """Mean score of each suite, as exam.marks has it."""
    from pillm.backends.statistics import bootstrap

    return {name: bootstrap([one.measures["score"] for one in sat], seed=seed) for name, sat in suites.items()}


def request_ms(suites: Mapping[str, Sequence[Sat]]) -> float:
    """Median over all requests."""
    return round(percentile([one.spent_ms for sat in suites.values() for one in sat], 50), 2)
