"""What a report is made from: the run so far and the artifacts of its steps, read once."""
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pillm.backends import json_lines

Json = dict[str, Any]
Token = tuple[str, bool]
"""A token's text, and whether the loss was on it."""


@dataclass(frozen=True)
class Scored:
    """One evaluation: its marks per type, the questions, and the answers by (type, question)."""

    marks: Json
    questions: list[Json]
    answers: dict[tuple[str, str], Json]


@dataclass(frozen=True)
class Material:
    """A section shows what is here and leaves out what is not."""

    run: Json
    facts: Json
    """Of this machine and checkout, in words: versions, processor, commit."""
    evaluations: dict[str, Scored] = field(default_factory=dict)
    """By step; the last one counts. Others of the same questions compare with it (free and constrained decoding)."""
    base: Scored | None = None
    """The same questions put to the model before training."""
    divergence: Json = field(default_factory=dict)
    parity: Json = field(default_factory=dict)
    bench: Json = field(default_factory=dict)
    losses: dict[str, list[Json]] = field(default_factory=dict)
    """Of each training step."""
    chats: list[list[Token]] = field(default_factory=list)
    """Training chats as the model saw them."""
    modelfile: str = ""
    calibration: Json | None = None
    """How sure the model is, and how right (report.calibration)."""
    examination: Json = field(default_factory=dict)
    """What was found of the questions themselves, by suite."""
    rivals: Mapping[str, Path] = field(default_factory=dict)
    """What programs without a neural network scored, by step."""

    @property
    def recipe(self) -> Json:
        return self.run["recipe"]

    def metric(self, key: str) -> Any:
        """`sft.eval_loss`; None where it was not measured."""
        step, *path = key.split(".")
        found = self.run["steps"].get(step, {}).get("metrics")
        for part in path:
            found = found.get(part) if isinstance(found, dict) else None
        return found

    @property
    def scored(self) -> Scored | None:
        """The evaluation that counts."""
        return list(self.evaluations.values())[-1] if self.evaluations else None

    @property
    def compared(self) -> dict[str, Scored]:
        """Evaluations of the questions that count."""
        return {step: scored for step, scored in self.evaluations.items() if _asks_the_same(scored, self.scored)}

    @property
    def further(self) -> dict[str, Scored]:
        """Evaluations of other questions."""
        return {step: scored for step, scored in self.evaluations.items() if step not in self.compared}

    @property
    def shipped(self) -> str:
        """The type that goes to the device: its own if there is one, else the smallest."""
        sizes = self.sizes
        quant = self.recipe["device"]["quant"]
        return quant if quant in sizes else min(sizes, key=lambda name: sizes[name], default="")

    @property
    def judged(self) -> str:
        """The shipped type if it was examined, else the smallest that was; needs `scored`."""
        types = self.scored.marks["types"] if self.scored else {}
        return self.shipped if self.shipped in types else min(types, key=lambda name: types[name]["bytes"])

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes of every file that was judged, largest first."""
        files = self.divergence or (self.scored.marks["types"] if self.scored else {})
        sizes = {name: file["bytes"] for name, file in files.items()}
        return dict(sorted(sizes.items(), key=lambda pair: (-pair[1], pair[0])))


def _asks_the_same(one: Scored, other: Scored | None) -> bool:
    return other is not None and [q["id"] for q in one.questions] == [q["id"] for q in other.questions]


def read_scored(folder: Path) -> Scored:
    """An artifact of evaluate."""
    answers = {(line["type"], line["id"]): line for line in read_lines(folder / "answers.jsonl")}
    return Scored(read_json(folder / "scores.json"), read_lines(folder / "questions.jsonl"), answers)


def read_json(file: Path) -> Json:
    return json.loads(file.read_text("utf-8"))


def read_lines(file: Path) -> list[Json]:
    return list(json_lines.values(file))


def newest(artifacts: Mapping[str, Path]) -> Path | None:
    """The last step's artifact."""
    return list(artifacts.values())[-1] if artifacts else None


def of_base(artifacts: Mapping[str, Path], base: bool = True) -> dict[str, Path]:
    """Of the steps with `base` in their name, which judge the model before training; or of the others."""
    return {step: path for step, path in artifacts.items() if ("base" in step) == base}


def newest_json(artifacts: Mapping[str, Path]) -> Json:
    """What the last step of ours found; empty where there is none."""
    found = newest(of_base(artifacts, False))
    return read_json(found) if found else {}
