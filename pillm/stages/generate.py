"""Records from rules: requests that people could make, with the tool calls that answer them."""
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import PositiveInt

from pillm.engine.stage import From, Makes, Metrics, Progress, stage
from pillm.stages.rules import RulesConfig, Share, check, estimate, write

if TYPE_CHECKING:
    from pillm.records.generator.compose import Asked


class GenerateConfig(RulesConfig):
    rows: PositiveInt = 60_000
    """Requests, each different."""
    invented: Share = 0.4
    """Share of fillers that are made-up or shuffled words, so that copying is learned and not remembering."""
    unseen: Literal["fillers", "phrasings"] | None = None
    """Make records to examine with, from fillers or phrasings that training records never have."""
    language: Annotated[str, From("domain.language")]
    """Written into each record."""
    licence: Annotated[str, From("domain.licence")]
    """Written into each record."""


@stage(version="4", check=check, estimate=estimate)
def generate(
    config: GenerateConfig, records: Annotated[Path, Makes("records")], progress: Progress,
) -> Metrics:
    """Make requests and their tool calls from rules."""

    def record(number: int, asked: "Asked", answer: str) -> dict[str, Any]:
        return {"user": asked.request, "assistant": answer, "requires_json": True, "tool_schema": config.schema_name,
                "tags": asked.tools, "lang": config.language, "source": "generated", "licence": config.licence}

    records.mkdir()
    return write(records / "train.jsonl", config, record, step="generate", seed=config.seed, progress=progress)
