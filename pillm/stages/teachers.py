"""Who gives the answers that are missing: a local model or a server; what the stages that ask a teacher share."""
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, NonNegativeFloat, PositiveFloat, PositiveInt, ValidationInfo, model_validator

from pillm.backends.hf import machine
from pillm.backends.teaching import Keep, Refuse, Request, Sampling
from pillm.engine.stage import Content, Free, From, Mistake, Progress, Resolve, StageConfig
from pillm.records.replies import Replies
from pillm.records.split import SPLITS
from pillm.stages import serving
from pillm.stages.fields import folder_or_name
from pillm.stages.serving import Kind, server_mistakes

if TYPE_CHECKING:
    from pillm.records.teach import Teacher

SERVERS = get_args(Kind)
UNUSED = {
    "gold": {"model": None, "base_url": None, "temperature": 0, "top_p": 1, "max_tokens": 1, "batch_size": 1},
    "hf": {"base_url": None},
    **{kind: {"batch_size": 1} for kind in SERVERS},
}
"""What a kind of teacher does not look at stands so in the identity, whatever the teacher's part says."""
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+(@[\w.-]+)?")
HF_TOKENS_PER_S = 120
"""Of a small model on a processor, in batches of 8."""
SERVER_REPLY_S = 2


def _local(model: Any, info: ValidationInfo) -> Any:
    """A teacher's folder, wherever recipes and data are looked for; else a name."""
    return folder_or_name(model, info) if info.data.get("kind") == "hf" else model


class TeacherConfig(StageConfig):
    """How a stage's teacher is asked."""

    kind: Annotated[Literal["gold", "hf", "openai", "anthropic"], From("teacher.kind")]
    """gold takes the answers that are there; where there is none, hf asks a local model, openai and anthropic a server
    of that protocol."""
    model: Annotated[Path | str | None, From("teacher.model"), Content(), BeforeValidator(_local)]
    """hf: a weights folder, or owner/name or owner/name@commit on the Hub; else what the server calls its model."""
    base_url: Annotated[str | None, From("teacher.base_url")]
    """The server's address, with /v1."""
    api_key_env: Annotated[str | None, From("teacher.api_key_env"), Free()]
    """Environment variable that holds the server's key; null where none is asked for."""
    temperature: Annotated[NonNegativeFloat, From("teacher.temperature")]
    """0 takes the likeliest token each time."""
    top_p: Annotated[PositiveFloat, From("teacher.top_p")]
    """Draw only among the likeliest tokens that have this probability together."""
    max_tokens: Annotated[PositiveInt, From("teacher.max_tokens")]
    """Longest answer; a text that is cut off there is set aside."""
    batch_size: Annotated[PositiveInt, From("teacher.batch_size")]
    """Conversations that a local model answers together."""
    concurrency: Annotated[PositiveInt, From("teacher.concurrency"), Free()]
    """Requests to a server that are under way at once."""
    timeout_s: Annotated[PositiveFloat, Free()] = 120
    """How long one attempt may take."""
    attempts: Annotated[PositiveInt, Free()] = 6
    """How often a server is asked before the record is set aside."""
    dtype: Annotated[Literal["fp32", "bf16"] | None, Resolve(machine.training_dtype)] = None
    """Of a local model; null is bf16 on a GPU, else fp32."""
    seed: Annotated[int, From("seed")]
    """Of what is drawn."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_used(cls, values: Any) -> Any:
        return only_what_is_used(values)


def only_what_is_used(values: Any) -> Any:
    """A teacher's values, those that its kind does not look at made equal."""
    known = isinstance(values, dict) and values.get("kind") in UNUSED
    return values | UNUSED[values["kind"]] if known else values


def check(config: TeacherConfig) -> Iterator[Mistake]:
    """Whether there is a model, an address and a key."""
    if config.kind != "gold" and config.model is None:
        yield "model", "a teacher needs a model. Set teacher.model."
    if config.kind == "hf" and isinstance(config.model, str) and not HUB_NAME.fullmatch(config.model):
        yield "model", f"{config.model} is no folder, and no name on the Hub (owner/name). Correct teacher.model."
    if config.kind in SERVERS:
        yield from server_mistakes(config.base_url, config.api_key_env, "teacher")


def teacher(config: TeacherConfig, work: Path, progress: Progress) -> "Teacher":
    """Asks what is not among the replies yet; a local model is loaded once, when it is needed."""
    return _server(config) if config.kind in SERVERS else _local_model(config, work, progress)


def _server(config: TeacherConfig) -> "Teacher":
    def ask(requests: Sequence[Request], replies: Replies, keep: Keep, refuse: Refuse) -> None:
        todo = (request for request in requests if request[0] not in replies)
        serving.ask(config.kind, todo, _sampling(config), keep=keep, refuse=refuse, api_key_env=config.api_key_env,
                    base_url=str(config.base_url), model=str(config.model), timeout_s=config.timeout_s,
                    attempts=config.attempts, concurrency=config.concurrency,
                    proven=len(replies) > 0)

    return ask


def _local_model(config: TeacherConfig, work: Path, progress: Progress) -> "Teacher":
    @cache
    def loaded() -> Any:
        from pillm.backends.hf.teacher import Teacher

        return Teacher(_weights(config.model, work, progress), dtype=config.dtype or "fp32")

    def ask(requests: Sequence[Request], replies: Replies, keep: Keep, refuse: Refuse) -> None:
        if any(key not in replies for key, _ in requests):
            loaded().answer(requests, _sampling(config), replies, keep=keep, refuse=refuse,
                            batch_size=config.batch_size)

    return ask


def _weights(model: Path | str | None, work: Path, progress: Progress) -> Path:
    """The teacher's folder, fetched first where it is a name on the Hub."""
    from pillm.backends import hub

    if isinstance(model, Path):
        return model
    repo, _, revision = str(model).partition("@")
    found = hub.cached(repo, revision or "main")
    return (found or hub.download(repo, revision or "main", work / "download", progress=progress)).folder


def _sampling(config: TeacherConfig) -> Sampling:
    return Sampling(config.temperature, config.top_p, config.max_tokens, config.seed)


def reply_s(config: TeacherConfig, replies: float) -> float:
    """Seconds: replies × max_tokens / 2 / 120 (hf), replies × 2 / concurrency (a server), none (gold)."""
    if config.kind == "hf":
        return replies * config.max_tokens / 2 / HF_TOKENS_PER_S
    return replies * SERVER_REPLY_S / config.concurrency if config.kind in SERVERS else 0.0


def ram_gib(config: TeacherConfig) -> float:
    """Of a local model: twice its files."""
    folder = config.model if isinstance(config.model, Path) else None
    return 2 * sum(file.stat().st_size for file in folder.glob("*.safetensors")) / 2**30 if folder else 0.0


def bytes_of_files(recipe: dict[str, Any]) -> int:
    """Of the domain's records, as far as they are there."""
    named = (file["path"] if isinstance(file, dict) else file for file in recipe["domain"].get("files") or ())
    return sum(file.stat().st_size for file in map(Path, named) if file.is_file())


def records(folder: Path) -> Iterator[dict[str, Any]]:
    """Of all splits."""
    from pillm.records import read

    files = [file for split in SPLITS if (file := folder / f"{split}.jsonl").exists()]
    for source in read.sources(files):
        yield from (row.record for row in read.rows(source, lambda *_: None))
