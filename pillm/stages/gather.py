"""A user's own material becomes records: scripts, manual pages, documents, histories, logs, tables, datasets."""
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import Field, PositiveInt, model_validator

from pillm import installed
from pillm.engine.stage import (
    Estimate,
    From,
    InputPath,
    Makes,
    Metrics,
    Mistake,
    Progress,
    Resolve,
    Work,
    stage,
)
from pillm.errors import DataError
from pillm.stages import teachers
from pillm.stages.corpus import Private
from pillm.stages.refused import refused
from pillm.stages.sources.every import Source
from pillm.stages.sources.reading import INSTALL, Wanted
from pillm.stages.teachers import TeacherConfig

if TYPE_CHECKING:
    from pillm.records.gather.asking import Template
    from pillm.records.gather.collect import Source as Collected
    from pillm.records.gather.journal import Journal
    from pillm.records.gather.passage import Aside, Passage
    from pillm.records.gather.write import Ask
    from pillm.records.teach import Lesson

TEMPLATES = Path(__file__).parents[1] / "records" / "gather" / "asking.yaml"


class GatherConfig(TeacherConfig):
    """What is gathered, and who asks about it."""

    sources: Annotated[tuple[Source, ...], Field(json_schema_extra={"minItems": 1})]
    """What is read, in this order: a list of sources, each with its options."""
    by: Literal["templates", "teacher", "both"] = "templates"
    """Who asks about passages: templates, which cost nothing, or the teacher, who must quote the passage."""
    templates: Annotated[InputPath | None, Resolve(lambda: TEMPLATES)] = None
    """How passages are asked about (YAML); null is pillm's own file, a copy of which you may change."""
    asks: PositiveInt = 1
    """Questions that each template asks of a passage, in different words."""
    pairs: PositiveInt = 3
    """Questions that a teacher may ask of a passage."""
    longest: PositiveInt = 600
    """Characters of an answer: whole paragraphs or sentences as far as they go."""
    most_units: PositiveInt | None = None
    """At most so many files, pages or lots of 500 rows of each source; null is all."""
    private: tuple[Private, ...] = get_args(Private)
    """Secrets and personal data that are replaced by what is nobody's, or set aside with their passage."""
    language: Annotated[str, From("domain.language")]
    """Written into each record."""
    licence: Annotated[str, From("domain.licence")]
    """Written into each record whose source names no other."""

    @model_validator(mode="before")
    @classmethod
    def _only_what_is_used(cls, values: Any) -> Any:
        """Where no teacher asks, none is part of the identity."""
        if isinstance(values, dict) and values.get("by", "templates") == "templates":
            values = values | {"kind": "gold"}
        return teachers.only_what_is_used(values)


def check(config: GatherConfig) -> Iterator[Mistake]:
    """There are sources, every one can be read, templates can be followed, and a teacher is there if one is to ask."""
    if not config.sources:  # judged here: a list's least length is missed too where one of its items is wrong
        yield "sources", "there is nothing to gather from. List one source, such as - markdown: {path: notes}."
    for n, source in enumerate(config.sources):
        missing = [name for name in source.reader.libraries if not installed.version(name)]
        for name in missing:
            yield f"sources.{n}.{source.name}", f"it is read by {name}, which is not installed. {INSTALL}"
        for field, told in () if missing else source.reader.mistakes(source.options):
            yield f"sources.{n}.{source.name}{'.' if field else ''}{field}", told
    yield from (("templates", told) for told in refused(partial(_templates, config)))
    if config.by != "templates":
        if config.kind == "gold":
            yield "by", ("a teacher is to ask, and there is none. Choose teacher=openai, hf or anthropic, or "
                         "by=templates.")
        yield from teachers.check(config)


def _templates(config: GatherConfig) -> "list[Template]":
    from pillm.records.gather import asking

    return asking.read(config.templates or TEMPLATES)


def estimate(config: GatherConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = 1 + units × what one of its source takes; where a teacher asks, its replies to 10 passages a unit."""
    seconds, units = 1.0, 0
    for source in config.sources:
        many = min(config.most_units or 10**9, source.reader.count(source.options) or 1)
        seconds, units = seconds + many * source.reader.unit_s, units + many
    return Estimate(seconds=seconds + teachers.reply_s(config, 10 * units), ram_gib=0.2 + teachers.ram_gib(config))


@stage(version="4", libraries=("markdown-it-py", "lxml", "tree-sitter-bash", "pyarrow", "datasets", "torch",
                               "transformers"), check=check, estimate=estimate)
def gather(config: GatherConfig, records: Annotated[Path, Makes("records")], work: Annotated[Path, Work()],
           progress: Progress) -> Metrics:
    """Gather records from the user's own material: scripts, manual pages, documents, histories, logs, tables."""
    from pillm.records.gather import write
    from pillm.records.gather.collect import collect
    from pillm.records.gather.journal import Journal
    from pillm.records.replies import Replies

    sources = list(_sources(config))
    records.mkdir()
    with Journal(work / "gathered.jsonl") as journal, Replies(work / "replies.jsonl") as replies:
        collect(sources, journal, private_kinds=config.private, most_units=config.most_units, progress=progress)
        lesson = _lesson(config, journal, replies, work, progress) if config.by != "templates" else None
        rows, rejected = write.files(records)
        with rows.open("wb") as kept, rejected.open("wb") as left_out:
            tally = write.Writer(kept, left_out, config.language).all(journal, sources, _ask(config, lesson))
    if not tally.rows:
        told = ", ".join(f"{reason}: {number}" for reason, number in tally.left_out.most_common())
        raise DataError(f"gather: there is no record in it ({told}). Name other sources, or mend these.")
    asked = {"asked": lesson.asked, "asked_again": lesson.asked_again} if lesson else {}
    return write.figures(tally, sources) | asked


def _sources(config: GatherConfig) -> "Iterator[Collected]":
    """Of several of one sort each has a name of its own."""
    from pillm.records.gather.collect import Source as Collected

    seen: Counter[str] = Counter()
    for source in config.sources:
        seen[source.name] += 1
        name = source.name if seen[source.name] == 1 else f"{source.name}-{seen[source.name]}"
        yield Collected(name, partial(source.reader.units, source.options, Wanted(config.longest)),
                        source.reader.count(source.options), source.options.licence or config.licence)


def _lesson(config: GatherConfig, journal: "Journal", replies: Any, work: Path, progress: Progress) -> "Lesson":
    """What the teacher said of all passages."""
    from pillm.records import teach
    from pillm.records.gather import teacher
    from pillm.records.gather.passage import Passage

    passages = (found for entry in journal.entries() for found in entry.found if isinstance(found, Passage))
    return teach.teach(teacher.requests(passages, config.pairs), replies, teachers.teacher(config, work, progress),
                       progress)


def _ask(config: GatherConfig, lesson: "Lesson | None") -> "Ask":
    from pillm.records.gather import asking, teacher

    templates = _templates(config) if config.by != "teacher" else []

    def ask(passage: "Passage") -> "Iterator[Any | Aside]":
        yield from asking.pairs(passage, templates, config.asks, config.seed)
        if lesson and teacher.asks(passage):
            yield from teacher.pairs(passage, lesson, config.pairs)

    return ask
