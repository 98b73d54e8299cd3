"""Records into chats: answers are there already, or a teacher gives them."""
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

from pillm.engine.stage import Estimate, From, Makes, Metrics, Needs, Progress, Work, stage
from pillm.records.rejects import Rejects
from pillm.records.replies import Replies
from pillm.stages import teachers
from pillm.stages.teachers import TeacherConfig

BYTES_PER_RECORD, GOLD_PER_S = 250, 40_000


class LabelConfig(TeacherConfig):
    """Who answers the records that have no answer."""

    show_schema: Annotated[bool, From("domain.show_schema")] = False
    """Write the schema of a record's answer below its request, so that the model reads it."""


def check(config: LabelConfig) -> Iterator[tuple[str, str]]:
    """The teacher can be asked."""
    yield from teachers.check(config)


def estimate(config: LabelConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = rows / 40,000 (gold), rows × max_tokens / 2 / 120 (hf), rows × 2 / concurrency (a server), where
    rows = bytes of the domain's files / 250; memory = 0.2 GiB, for hf also twice the model's files.
    """
    rows = teachers.bytes_of_files(recipe) / BYTES_PER_RECORD
    seconds = rows / GOLD_PER_S if config.kind == "gold" else teachers.reply_s(config, rows)
    return Estimate(seconds=1 + seconds, ram_gib=0.2 + teachers.ram_gib(config))


@stage(version="2", libraries=("torch", "transformers"), check=check, estimate=estimate)
def label(
    config: LabelConfig,
    records: Annotated[Path, Needs("records")],
    chats: Annotated[Path, Makes("chats")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Turn records into chats; a teacher answers those that have no answer."""
    from pillm.records import teach  # here: jsonschema takes a plan longer than all the rest
    from pillm.records.chats import write

    chats.mkdir()
    with Replies(work / "replies.jsonl") as replies, Rejects(work / "rejected.jsonl") as rejects:
        if config.kind == "gold":
            answer, asked = teach.no_answer, {}
        else:
            lesson = teach.teach(teachers.records(records), replies, teachers.teacher(config, work, progress), progress)
            answer, asked = lesson.answer, {"asked": lesson.asked, "asked_again": lesson.asked_again}
        rows = write(records, chats, answer, rejects, show_schema=config.show_schema)
        if not rows["train"]:
            raise rejects.stop("label: there is no chat to train on. Choose another teacher (teacher=hf or "
                               "teacher=openai), or add answers to the records; what is missing:")
    shutil.move(rejects.file, chats / "rejected.jsonl")
    return {"rows": rows, "left_out": dict(rejects.counts.most_common()), **asked}
