"""Preference pairs: the model answers training requests, and what it gets wrong is rejected."""
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import PositiveInt

from pillm.backends.llama_cpp import where
from pillm.engine.stage import (
    Estimate,
    From,
    Makes,
    Metrics,
    Needs,
    Progress,
    Resolve,
    StageConfig,
    Work,
    stage,
)
from pillm.errors import DataError
from pillm.stages.asking import cost_of

if TYPE_CHECKING:
    from pillm.records.preferences import Asked
    from pillm.records.replies import Replies

PAIRS, UNCOVERED = "pairs.jsonl", "uncovered.jsonl"


class PreferConfig(StageConfig):
    type: Annotated[str, From("device.quant")]
    """Which file of the ladder is asked: the one that ships, with its own mistakes."""
    most: PositiveInt = 400
    """Training requests, taken evenly from all."""
    decoding: Literal["free", "schema"] = "free"
    """schema holds answers to the schema that stands below the request, so that only wrong trees are left."""
    max_tokens: PositiveInt = 256
    """Longest answer; one that is cut off there is an error of its own kind."""
    context: Annotated[PositiveInt, From("model.context")]
    """Longest request with its answer, in tokens."""
    threads: Annotated[PositiveInt | None, From("threads"), Resolve(where.default_threads)] = None
    """Threads that llama.cpp computes with; null is one per core."""


def estimate(config: PreferConfig, recipe: dict[str, Any]) -> Estimate:
    """Of `most` requests; the formula stands at `asking.cost_of`."""
    return cost_of(recipe["model"], config.most, max_tokens=config.max_tokens, context=config.context)


@stage(version="2", libraries=("xllamacpp", "jsonschema"), estimate=estimate, fingerprint=where.own_identity)
def prefer(
    config: PreferConfig,
    ladder: Annotated[Path, Needs("ladder")],
    chats: Annotated[Path, Needs("chats")],
    preferences: Annotated[Path, Makes("preferences")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Make pairs of the right answer and the model's own wrong one, by kind of error."""
    from pillm.backends.llama_cpp.ladder import files
    from pillm.records.preferences import EMPTY, mistake, pair
    from pillm.records.replies import Replies
    from pillm.serve.picks import spread

    found = list(_requests(chats / "train.jsonl"))
    chosen = spread(found, config.most)
    errors: Counter[str] = Counter()
    paired: Counter[str] = Counter()
    preferences.mkdir()
    with (Replies(work / "replies.jsonl") as replies, (preferences / PAIRS).open("w", encoding="utf-8") as pairs,
          (preferences / UNCOVERED).open("w", encoding="utf-8") as uncovered):
        _answer(files(ladder, [config.type])[config.type], chosen, config, replies, progress)
        for number, asked in enumerate(chosen):
            reply = replies[str(number)]
            if kind := mistake(asked, reply):
                errors[kind] += 1
                made = pair(asked, reply.text, kind)
                paired[kind] += made is not None
                line = made or {"prompt": asked.request, "error": kind, "why": EMPTY}
                (pairs if made else uncovered).write(json.dumps(line, ensure_ascii=False) + "\n")
    return _metrics(len(chosen), errors, paired)


def _requests(file: Path) -> "Iterator[Asked]":
    from pillm.records.preferences import asked

    with file.open(encoding="utf-8") as lines:
        found = [one for line in lines if (one := asked(json.loads(line)))]
    if not found:
        raise DataError(f"{file}: no chat is one request answered in JSON. Leave prefer out of the steps.")
    yield from found


def _answer(gguf: Path, chosen: "list[Asked]", config: PreferConfig, replies: "Replies", progress: Progress) -> None:
    """Every request's answer among the replies; those that are there are not asked for."""
    from pillm.serve.chat import Chat, Style

    style = Style(decoding=config.decoding, max_tokens=config.max_tokens, show_schema=True)
    with Chat(gguf, style, context=config.context, threads=config.threads) as chat:
        for number, asked in enumerate(chosen):
            if str(number) not in replies:
                system = [{"role": "system", "content": asked.system}] if asked.system else []
                said = chat.ask([*system, {"role": "user", "content": asked.request}])
                replies.keep(str(number), said.text, said.stop_reason == "limit")
            progress("requests", number + 1, len(chosen))


def _metrics(asked: int, errors: Counter[str], paired: Counter[str]) -> Metrics:
    """`covered` is the share of errors that became a pair."""
    wrong, pairs = errors.total(), paired.total()
    return {"asked": asked, "right": asked - wrong, "wrong": wrong, "pairs": pairs,
            "covered": pairs / wrong if wrong else 1.0, "errors": dict(errors.most_common()),
            "pairs_of": dict(paired.most_common())}
