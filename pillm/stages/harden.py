"""Harder records, by a teacher: it is shown records with their schemas, and what it makes must satisfy them."""
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import PositiveInt

from pillm.engine.stage import Estimate, From, Makes, Metrics, Mistake, Progress, Work, stage
from pillm.errors import DataError
from pillm.records import read
from pillm.records.read import Row
from pillm.records.rejects import Rejects
from pillm.records.replies import Replies
from pillm.stages import teachers
from pillm.stages.corpus import File
from pillm.stages.teachers import TeacherConfig

if TYPE_CHECKING:
    from pillm.records.teach import Lesson


class HardenConfig(TeacherConfig):
    files: Annotated[list[File], From("domain.files")]
    """Files of records with schemas of their own, which the teacher is shown."""
    rows: PositiveInt = 200
    """Records that it is shown, taken evenly from all: at most so many come of it."""


def check(config: HardenConfig) -> Iterator[Mistake]:
    """There is a teacher, and something to show it."""
    if config.kind == "gold":
        yield "kind", "gold makes nothing. Choose a teacher that does: teacher=openai (Ollama too), hf or anthropic."
    if not config.files:
        yield "files", "there are no records to begin with. Set domain.files."
    yield from teachers.check(config)


def estimate(config: HardenConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = rows × 4 / concurrency (a server), rows × max_tokens / 120 (hf): two replies a row; memory = 0.2 GiB,
    for hf also twice the model's files.
    """
    return Estimate(seconds=1 + teachers.reply_s(config, 2 * config.rows), ram_gib=0.2 + teachers.ram_gib(config))


@stage(version="1", libraries=("torch", "transformers", "jsonschema"), check=check, estimate=estimate)
def harden(
    config: HardenConfig,
    records: Annotated[Path, Makes("records")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Have a teacher make harder records; one that does not satisfy its schema goes back once with what is wrong."""
    from pillm.records import harder, teach
    from pillm.serve.picks import spread

    seeds = spread(list(_seeds(config)), config.rows)
    records.mkdir()
    rows = 0
    with (Replies(work / "replies.jsonl") as replies, Rejects(work / "rejected.jsonl") as rejects,
          (records / "train.jsonl").open("wb") as out):
        wishes = [harder.wish(row.record) for row in seeds]
        lesson = teach.teach(wishes, replies, teachers.teacher(config, work, progress), progress)
        for row, wish in zip(seeds, wishes, strict=True):
            found = harder.granted(row.record, lesson.answer(wish))
            if found.record is None:
                rejects(Row(row.source, row.line, _shown(lesson, wish)), found.reason, found.told)
            else:
                rows += bool(out.write(read.line(found.record | {"source": f"teacher {config.model}"})))
        if not rows:
            raise rejects.stop("harden: the teacher made no record that can be used. Choose another teacher; what was "
                               "wrong:")
    shutil.move(rejects.file, records / "rejected.jsonl")
    return {"rows": rows, "left_out": dict(rejects.counts.most_common()), "asked": lesson.asked,
            "asked_again": lesson.asked_again}


def _seeds(config: HardenConfig) -> Iterator[Row]:
    """Requests that are answered, with a schema of their own."""
    found = [row for source in read.sources([file.path for file in config.files])
             for row in read.rows(source, lambda *_: None)
             if isinstance(row.record, dict) and {"user", "assistant"} <= row.record.keys()
             and isinstance(row.record.get("tool_schema"), dict)]
    if not found:
        names = ", ".join(str(file.path) for file in config.files)
        raise DataError(f"{names}: no record has user, assistant and a tool_schema of its own. Name files that have.")
    yield from found


def _shown(lesson: "Lesson", wish: dict[str, Any]) -> dict[str, Any]:
    """What the teacher was asked, with its last word where there is one."""
    last = lesson.last(wish)
    return wish | ({"reply": last.text} if last else {})
