"""The rows of a domain, sieved: first each by itself, then all together."""
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pillm.backends.dedup import Sketches
from pillm.backends.language import stranger
from pillm.records import accept, contamination, marks, own_rules, settle, skeleton
from pillm.records.accept import Accepted, Tally
from pillm.records.read import Row
from pillm.records.rejects import Rejects
from pillm.records.spool import Spool
from pillm.serve import questions
from pillm.stages.corpus import Language, Semantic
from pillm.stages.fields import SUFFIX

if TYPE_CHECKING:
    from pillm.stages.prepare import PrepareConfig


def gather(config: "PrepareConfig", rows: Iterator[Row], spool: Spool, rejects: Rejects, tally: Tally, work: Path,
           ) -> None:
    """Fill the spool with what stays of the rows."""
    with Sketches(work, config.seed) as sketches:
        for each in _accepted(config, rows, rejects, tally):
            record = accept.framed(each.row.record, config.system)
            spool.add(record, each.row.code, *marks.of(each, config.seed, config.contradictions))
            if config.near_duplicate is not None:
                sketches.add(marks.tokens_of(each))
        if len(spool):
            _settle(config, spool, sketches, rejects, tally)


def _settle(config: "PrepareConfig", spool: Spool, sketches: Sketches, rejects: Rejects, tally: Tally) -> None:
    """Leave out what does not stand beside the others."""
    settle.equal(spool, rejects)
    if config.contradictions:
        settle.contradicting(spool, rejects)
    if config.length_times:
        settle.unusually_long(spool, config.length_times, rejects)
    if config.near_duplicate is not None:
        settle.alike(spool, sketches.pairs(), config.near_duplicate, rejects)
    if config.semantic:
        _compare_meanings(config, config.semantic, spool, rejects, tally)


def _compare_meanings(config: "PrepareConfig", semantic: Semantic, spool: Spool, rejects: Rejects, tally: Tally,
                      ) -> None:
    from pillm.backends.hf.meanings import Encoder, Meanings  # torch

    encoder = Encoder(semantic.model)
    examined = _examined(config)
    if examined and semantic.eval_threshold is not None:
        wanted = Meanings(encoder, semantic.eval_threshold)
        wanted.add([contamination.asked(question) for question in examined], list(range(len(examined))))
        settle.reworded(spool, lambda texts: [examined[n].id if n is not None else "" for n in wanted.nearest(texts)],
                        rejects, tally)
    settle.of_one_meaning(spool, Meanings(encoder, semantic.threshold).add, rejects)


def _accepted(config: "PrepareConfig", rows: Iterator[Row], rejects: Rejects, tally: Tally) -> Iterator[Accepted]:
    """The records that are taken, one after the other; the others go to the rejects."""
    schema = _name(config.answer_schema) if config.answer_schema else None
    rows = accept.usable(rows, schema, rejects)
    if config.tools is not None:
        rows = own_rules.of_known_tools(rows, [*map(_name, config.tools), *filter(None, [schema])], rejects)
    if config.checks:
        rows = own_rules.keeping(rows, [own_rules.Rule(name, rule.check, rule.answer, frozenset(rule.tags))
                                        for name, rule in config.checks.items()], rejects)
    if config.private:
        rows = accept.nobodys(rows, config.private, rejects)
    examined = _examined(config)
    found = accept.spoken(rows, bool(examined or config.language or config.near_duplicate is not None))
    if config.language:
        found = _understood(config.language, found, rejects)
    if examined:
        found = accept.unasked(found, contamination.near(examined, config.eval_overlap), rejects, tally)
        found = accept.unexamined(found, skeleton.alike(examined, _schema(config)), rejects, tally)
    return found


def _name(schema: Path) -> str:
    return schema.name.removesuffix(SUFFIX)


def _examined(config: "PrepareConfig") -> list[questions.Question]:
    """The questions of all suites, each with its suite's name."""
    return [question for name, suite in suites(config).items()
            for question in accept.named(name, questions.read(suite))]


def _understood(language: Language, found: Iterator[Accepted], rejects: Rejects) -> Iterator[Accepted]:
    tell = stranger(language.expected, language.least_probability)
    return accept.understood(found, tell, " or ".join(language.expected), language.least_words, rejects)


def suites(config: "PrepareConfig") -> dict[str, Path]:
    """The files of questions that no record may be near to, by name."""
    return ({questions.DEVELOPMENT: config.eval} if config.eval else {}) | config.suites


def _schema(config: "PrepareConfig") -> Any:
    return json.loads(config.answer_schema.read_text("utf-8-sig")) if config.answer_schema else None
