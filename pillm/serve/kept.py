"""Answers of an exam on disk as they come, so that a kill loses none."""
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pillm.backends.json_lines import Appended

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion


class Kept:
    """Completions by question; `measure` is asked for a figure with each, of which the largest counts."""

    def __init__(self, file: Path, measure: Callable[[], float] = lambda: 0.0) -> None:
        self._lines, self._measure = Appended(file, sync=False), measure
        self.answers = {line["id"]: _completion(line["completion"]) for line in self._lines.there}
        self.most = max((line["measured"] for line in self._lines.there), default=0.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._lines.close()

    def keep(self, question: str, completion: "Completion") -> None:
        measured = self._measure()
        self._lines.add({"id": question, "measured": measured, "completion": asdict(completion)})
        self.answers[question], self.most = completion, max(self.most, measured)


def _completion(values: dict[str, Any]) -> "Completion":
    from pillm.backends.llama_cpp.server import Completion

    tuples = {name: tuple(values[name]) for name in ("logprobs", "pieces")}
    return Completion(**(values | tuples))
