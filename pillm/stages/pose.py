"""An examination from rules: questions in words of training, but fillers or phrasings that training never has."""
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import PositiveInt

from pillm.engine.stage import Makes, Metrics, Progress, stage
from pillm.stages.rules import RulesConfig, Share, check, estimate, write

if TYPE_CHECKING:
    from pillm.records.generator.compose import Asked

TAGS = {"fillers": ["filler"], "phrasings": ["phrasing"], None: []}
"""What is unseen in a question, beside the tools it asks for."""


class PoseConfig(RulesConfig):
    rows: PositiveInt = 1_000
    """Questions, each different."""
    invented: Share = 0.0
    """Share of fillers that are made-up or shuffled words: none, people say words that exist."""
    noise: Share = 0.0
    """Share of requests written as people write: none, so that what is unseen is all that is examined."""
    unseen: Literal["fillers", "phrasings"] | None = "phrasings"
    """What training records never have; null examines by rules that they follow too."""


@stage(version="4", check=check, estimate=estimate)
def pose(
    config: PoseConfig, suite: Annotated[Path, Makes("suite", "suite.jsonl")], progress: Progress,
) -> Metrics:
    """Pose questions whose tool calls are known, from the rules of generate."""

    def question(number: int, asked: "Asked", answer: str) -> dict[str, Any]:
        return {"id": f"posed-{number:05}", "user": asked.request, "check": "slots", "answer": json.loads(answer),
                "schema": config.schema_name, "tags": [*asked.tools, *TAGS[config.unseen]]}

    return write(suite, config, question, step="pose", seed=f"pose/{config.seed}", progress=progress)
