"""What becomes of each row by itself: usable, nobody's secret, in its language, unlike the examinations."""
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from pillm.records import private
from pillm.records.chat import Turn, turns
from pillm.records.formats import Record, ours
from pillm.records.read import Refuse, Row
from pillm.records.rejects import CONTAMINATION, LANGUAGE, SKELETON
from pillm.records.text import words
from pillm.records.validate import judge

if TYPE_CHECKING:
    from pillm.records.contamination import Near, Said
    from pillm.records.skeleton import Alike
    from pillm.serve.questions import Question

Tally = Counter[tuple[str, str]]
"""How many records were near to a suite's questions, or put alike."""
OF = "/"


class Accepted(NamedTuple):
    row: Row
    told: list[Turn]
    said: "Sequence[Said]" = ()
    """What is compared with other texts."""


def usable(rows: Iterable[Row], schema: str | None, refuse: Refuse) -> Iterator[Row]:
    """Records in our form; answers satisfy the schema of that name unless a record says otherwise."""
    problem = judge()
    for row in rows:
        record = row.record
        if isinstance(record, dict):
            record = ours(record)
            if schema and record.get("requires_json", True) is True:
                record = {"requires_json": True, "tool_schema": schema} | record
        if wrong := problem(record):
            refuse(row, *wrong)
        else:
            yield Row(row.source, row.line, record)


def nobodys(rows: Iterable[Row], kinds: Collection[str], refuse: Refuse) -> Iterator[Row]:
    """Records without secrets and personal data; the others are set aside with these masked."""
    looked_for = [private.KINDS[name] for name in kinds]
    for row in rows:
        if found := list(private.found(row.record, looked_for)):
            names = list(dict.fromkeys(kind.name for kind, _ in found))
            masked = Row(row.source, row.line, private.masked(row.record, found))
            refuse(masked, names[0], f"it holds: {', '.join(names)}")
        else:
            yield row


def spoken(rows: Iterable[Row], compared: bool) -> Iterator[Accepted]:
    """With the turns, and the words of each where they are compared: the system prompt, alike in many, never is."""
    for row in rows:
        told = turns(row.record)
        yield Accepted(row, told, [(role, words(text)) for role, text in told if role != "system"] if compared else ())


def understood(found: Iterable[Accepted], language: Callable[[str], str], expected: str, least: int, refuse: Refuse,
               ) -> Iterator[Accepted]:
    """Records in an expected language, as far as `language` can tell: of enough words, and prose."""
    for each in found:
        text = "\n".join(text for role, text in each.told if role != "system" and not _is_json(text))
        told = language(text) if sum(len(said) for _, said in each.said) >= least else ""
        if told:
            refuse(each.row, LANGUAGE, f"it looks like {told}, not {expected}")
        else:
            yield each


def _is_json(text: str) -> bool:
    return text.lstrip()[:1] in ("{", "[")


def unasked(found: Iterable[Accepted], near: "Near", refuse: Refuse, tally: Tally) -> Iterator[Accepted]:
    """Records that are not near to an eval question."""
    for each in found:
        if question := near(each.said):
            tally[suite(question), "near"] += 1
            refuse(each.row, CONTAMINATION, f"it holds the question {question}")
        else:
            yield each


def unexamined(found: Iterable[Accepted], alike: "Alike", refuse: Refuse, tally: Tally) -> Iterator[Accepted]:
    """Records whose request is not put like an eval question's, other literals apart."""
    for each in found:
        role, answer = each.told[-1]
        said = next((said for speaker, said in reversed(each.said) if speaker == "user"), ())
        if role == "assistant" and (question := alike(said, answer, each.row.record.get("tool_schema"))):
            tally[suite(question), "alike"] += 1
            refuse(each.row, SKELETON, f"it is put like the question {question}")
        else:
            yield each


def named(suite: str, questions: "Iterable[Question]") -> "list[Question]":
    """Questions that say which suite they are of."""
    return [replace(question, id=f"{suite}{OF}{question.id}") for question in questions]


def suite(question: str) -> str:
    """Of the id of a question that was named."""
    return question.partition(OF)[0]


def framed(record: Record, system: str | None) -> Record:
    """The record, with the domain's system prompt where it brings none."""
    brings = "system_hint" in record or any(m["role"] == "system" for m in record.get("messages", ()))
    return record if brings or not system else record | {"system_hint": system}
