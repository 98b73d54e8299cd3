"""Questions into records with thoughts: a chain of agents thinks about each, and an answer comes of it."""
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pillm.engine.stage import Estimate, From, InputPath, Makes, Metrics, Mistake, Needs, Progress, Work, stage
from pillm.errors import StageError
from pillm.records.rejects import Rejects
from pillm.records.replies import Replies
from pillm.records.split import SPLITS
from pillm.stages import teachers
from pillm.stages.refused import refused
from pillm.stages.teachers import TeacherConfig

if TYPE_CHECKING:
    from pillm.records.agents import Chain
    from pillm.records.deliberation import Thread

BYTES_PER_RECORD = 1_500
UNTHOUGHT = "no thoughts"


class DeliberateConfig(TeacherConfig):
    """Who thinks about the records that have no answer."""

    agents: Annotated[InputPath | None, From("domain.agents")]
    """A file (YAML) of the agents, each with its prompt, of who answers, and of the styles with their weights."""


def check(config: DeliberateConfig) -> Iterator[Mistake]:
    """There are agents, and a teacher that can speak for them."""
    yield from teachers.check(config)
    if config.agents is None:
        yield "agents", "this domain has no agents. Set domain.agents, or leave this step out."
        return
    yield from (("agents", told) for told in refused(partial(_chain, config)))


def estimate(config: DeliberateConfig, recipe: dict[str, Any]) -> Estimate:
    """seconds = rows × 6 replies, each as long as the teacher's stage says; rows = bytes of the domain's files that
    have no answers are not known: a tenth of all, by 1,500 bytes each."""
    rows = teachers.bytes_of_files(recipe) / BYTES_PER_RECORD / 10
    return Estimate(seconds=1 + teachers.reply_s(config, 6 * rows), ram_gib=0.2 + teachers.ram_gib(config))


def _chain(config: DeliberateConfig) -> "Chain":
    from pillm.records import agents

    if config.agents is None:
        raise StageError("deliberate.agents: this domain has no agents. Set domain.agents.")
    return agents.read(config.agents)


@stage(version="1", libraries=("torch", "transformers"), check=check, estimate=estimate)
def deliberate(
    config: DeliberateConfig,
    records: Annotated[Path, Needs("records")],
    thought: Annotated[Path, Makes("records")],
    work: Annotated[Path, Work()],
    progress: Progress,
) -> Metrics:
    """Have a chain of agents think about the records without an answer, one prompt each; the stream of thoughts grows
    from agent to agent, and the last one answers."""
    from pillm.records import deliberation, named_schemas

    chain = _chain(config)
    thought.mkdir()
    with Replies(work / "replies.jsonl") as replies, Rejects(work / "rejected.jsonl") as rejects:
        threads: dict[str, Thread] = {}
        if config.kind != "gold":
            wanted = (record for record in teachers.records(records) if deliberation.wants_thoughts(record))
            threads = deliberation.deliberate(wanted, chain, config.seed, replies,
                                              teachers.teacher(config, work, progress), progress)
        rows = {split: _write(records / f"{split}.jsonl", thought / f"{split}.jsonl", threads, chain, rejects)
                for split in SPLITS if (records / f"{split}.jsonl").exists()}
        if not any(rows.values()):
            raise rejects.stop("deliberate: no record is left. Choose a teacher (teacher=openai or teacher=hf); what "
                               "is missing:")
    named_schemas.carry(records, thought)
    shutil.move(rejects.file, thought / "rejected.jsonl")
    whole = [thread for thread in threads.values() if not thread.reason]
    return {"rows": rows, "left_out": dict(rejects.counts.most_common()), "asked": len(threads),
            "thought": len(whole), "replies": len(replies),
            "styles": dict(sorted(Counter(thread.style.name for thread in whole).items()))}


def _write(source: Path, out: Path, threads: "dict[str, Thread]", chain: "Chain", rejects: Rejects) -> int:
    """The records in their order: answered ones as they are, the others thought about, or set aside."""
    from pillm.records import read
    from pillm.records.deliberation import wants_thoughts
    from pillm.records.teach import key

    count = 0
    with out.open("w", encoding="utf-8") as handle:
        for row in read.rows(read.sources([source])[0], rejects):
            if not wants_thoughts(row.record):
                record = row.record
            elif not (thread := threads.get(key(row.record))):
                rejects(row, UNTHOUGHT, "the gold teacher has none")
                continue
            elif thread.reason:
                rejects(row, thread.reason, thread.told)
                continue
            else:
                record = chain.thought(row.record, thread.style, thread.said)
            handle.write(json.dumps(record, ensure_ascii=False) + "\n")
            count += 1
    return count
