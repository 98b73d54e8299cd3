"""How sure an answer is: what the model thinks of its own tokens, turned into a probability of being right."""
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

Feature = Literal["mean", "sum", "least"]
FEATURES: tuple[Feature, ...] = ("mean", "sum", "least")
LEAST = -100.0
"""Of a token: float32 has nothing smaller to take the logarithm of, and llama.cpp says -3e38 for a probability of 0."""
CALIBRATION = "calibration.json"


def features(logprobs: Sequence[float]) -> dict[Feature, float]:
    """Mean, sum and least of an answer's token log-probabilities; no token at all speaks for nothing."""
    known = [max(logprob, LEAST) for logprob in logprobs] or [LEAST]
    return {"mean": sum(known) / len(known), "sum": sum(known), "least": min(known)}


def raw(logprobs: Sequence[float]) -> float:
    """The geometric mean of the tokens' probabilities: a number in (0, 1], but not how often it is right."""
    return math.exp(features(logprobs)["mean"])


@dataclass(frozen=True)
class Calibration:
    """How one GGUF's log-probabilities are read: exp(x / temperature), or 1 / (1 + exp(-(a · x + b)))."""

    feature: Feature
    threshold: float
    """An answer of less confidence is better asked back."""
    coverage: float
    """Share of the development questions that reach the threshold."""
    type: str
    sha256: str
    """Of the GGUF: another file's log-probabilities are other ones."""
    temperature: float | None = None
    a: float = 0.0
    b: float = 0.0

    def confidence(self, logprobs: Sequence[float]) -> float:
        """Of an answer with these token log-probabilities, in (0, 1]."""
        x = features(logprobs)[self.feature]
        if self.temperature is not None:
            return math.exp(max(x / self.temperature, -700))
        return 1 / (1 + math.exp(min(-(self.a * x + self.b), 700)))

    def is_sure(self, confidence: float) -> bool:
        return confidence >= self.threshold

    @property
    def formula(self) -> str:
        """In words and figures, for a page."""
        x = f"{self.feature} of the tokens' log-probabilities"
        if self.temperature is not None:
            return f"exp({x} / {self.temperature:g})"
        return f"1 / (1 + exp(-({self.a:g} × {x} {'+' if self.b >= 0 else '−'} {abs(self.b):g})))"

    @property
    def line(self) -> dict[str, Any]:
        """calibration.json: the parameters of one of the two forms."""
        other = ("a", "b") if self.temperature is not None else ("temperature",)
        return {key: value for key, value in asdict(self).items() if key not in other}


def read(folder: Path) -> Calibration:
    """From an artifact of `calibrate`."""
    return Calibration(**json.loads((folder / CALIBRATION).read_text("utf-8")))
