"""What a domain asks of its own records: the tools that answers may call, and what answers must pass."""
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pillm.backends.schema_files import is_name
from pillm.records.chat import answered, turns
from pillm.records.formats import Record
from pillm.records.read import Refuse, Row
from pillm.records.rejects import TOOL, UNLIKE_DOMAIN
from pillm.serve.checkers import CHECKERS


@dataclass(frozen=True)
class Rule:
    """A checker that answers must pass."""

    name: str
    check: str
    argument: Any
    tags: frozenset[str]
    """Of the records it holds for: all of these."""


def of_known_tools(rows: Iterable[Row], tools: Collection[str], refuse: Refuse) -> Iterator[Row]:
    """Records whose tool, where they name one of schemas/, is among the domain's."""
    for row in rows:
        named = row.record.get("tool_schema")
        if is_name(named) and named not in tools:
            refuse(row, TOOL, f"the domain has no {named}; it has {', '.join(tools)}")
        else:
            yield row


def keeping(rows: Iterable[Row], rules: Collection[Rule], refuse: Refuse) -> Iterator[Row]:
    """Records whose answer, where they have one, passes what holds for it."""
    for row in rows:
        if broken := _broken(row.record, rules):
            refuse(row, UNLIKE_DOMAIN, f"its answer does not pass {', '.join(broken)}")
        else:
            yield row


def _broken(record: Record, rules: Collection[Rule]) -> list[str]:
    holding = [rule for rule in rules if rule.tags.issubset(record.get("tags", ()))]
    told = turns(record) if holding else []
    if not told or not answered(told):
        return []
    return [rule.name for rule in holding if CHECKERS[rule.check](told[-1][1], rule.argument)["score"] < 1]
