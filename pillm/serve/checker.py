"""What a checker is: how an answer is judged, what it is compared with, and an answer that must be right."""
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Measures = dict[str, float]
"""`score` in [0, 1], which says right or wrong, and figures beside it under names of their own."""
Gold = Callable[[Any], str | None]


def no_gold(argument: Any) -> None:
    """The argument does not say what a right answer is: the question itself must (`gold`)."""


@dataclass(frozen=True)
class Checker:
    """A row of the table in checkers.py."""

    measure: Callable[[str, Any], Measures]
    """Of an answer's text and the question's argument; junk scores 0 and raises nothing."""
    suits: Callable[[Any], bool]
    """Whether a value can be the argument."""
    wanted: str
    """What can be: `Give …`."""
    gold: Gold = no_gold
    """A right answer, made of the argument; the suite's own examination gives it."""
    score: Callable[[str, Any], float] | None = None
    """The score alone, where the figures beside it take much longer."""
    slow: bool = False
    """Whether a judgement takes more than a few milliseconds: an examination gives it fewer answers."""

    by_model: bool = False
    """Whether a model must judge: the row measures nothing by itself."""
    reads: Callable[[Any], tuple[Path, ...]] = lambda argument: ()
    """Files that a judgement depends on beside the argument: another content makes another judgement."""
    missing: Callable[[], str | None] = lambda: None
    """Why nothing can be judged by it on this machine, with the remedy; None if it can."""

    def mark(self, answer: str, argument: Any) -> float:
        """The score alone."""
        return self.score(answer, argument) if self.score else self.measure(answer, argument)["score"]

    def __call__(self, answer: str, argument: Any) -> Measures:
        return self.measure(answer, argument)
