"""A domain's own rules: its tools, its checks, and the tags that its split goes by."""
from pathlib import Path

import pytest

from pillm.records.own_rules import Rule, keeping, of_known_tools
from pillm.records.read import Row, Source
from pillm.records.rejects import SOUND, TOOL, UNLIKE_DOMAIN
from pillm.records.split import stratum
from pillm.stages.prepare import PrepareConfig, check
from tests.conftest import ROOT

SOURCE = Source(0, Path("a.jsonl"), "a.jsonl")
SHORT = Rule("short", "regex", r"\A.{1,10}\Z", frozenset({"note"}))
POLITE = Rule("polite", "contains", "please", frozenset())
CONFIG = {"files": [], "eval": None, "system": None, "answer_schema": None, "seed": 0}
LOOK_IN = {"look_in": [ROOT]}


def left(keep, *records: dict) -> tuple[list[dict], list[tuple[str, str]]]:
    """Records that stay, and (reason, told) of the others."""
    refused: list[tuple[str, str]] = []
    rows = [Row(SOURCE, n, record) for n, record in enumerate(records, 1)]
    stay = keep(rows, lambda row, reason, told: refused.append((reason, told)))
    return [row.record for row in stay], refused


def test_a_tool_that_the_domain_does_not_have_is_told() -> None:
    known = [{"user": "a", "tool_schema": "email"}, {"user": "b"}, {"user": "c", "tool_schema": {"type": "object"}},
             {"user": "d", "tool_schema": '{"type": "array"}'}]
    stay, refused = left(lambda rows, refuse: of_known_tools(rows, ["email", "transit"], refuse),
                         *known, {"user": "e", "tool_schema": "reservation"})
    assert stay == known
    assert refused == [(TOOL, "the domain has no reservation; it has email, transit")]


def test_answers_pass_what_holds_for_their_tags() -> None:
    good = [{"user": "a", "assistant": "please", "tags": ["note", "x"]}, {"user": "b", "tags": ["note"]},
            {"messages": [{"role": "user", "content": "c"}, {"role": "assistant", "content": "Sit down, please."}]}]
    stay, refused = left(lambda rows, refuse: keeping(rows, [SHORT, POLITE], refuse),
                         *good, {"user": "d", "assistant": "Sit down, there!", "tags": ["note"]},
                         {"user": "e", "assistant": "No."})
    assert stay == good
    assert refused == [(UNLIKE_DOMAIN, "its answer does not pass short, polite"),
                       (UNLIKE_DOMAIN, "its answer does not pass polite")]


def test_both_count_as_mistakes() -> None:
    assert {TOOL, UNLIKE_DOMAIN}.isdisjoint(SOUND)


def test_only_tags_that_count_make_strata() -> None:
    record = {"tags": ["food", "autumn", "joual"], "requires_json": True}
    assert stratum(record, ["joual", "food"]) == ("food", "joual", "json")
    assert stratum(record, []) == ("json",)
    assert stratum(record) == ("autumn", "food", "joual", "json")


@pytest.mark.parametrize(("rule", "told"), [
    ({"check": "regx", "answer": "a"}, "check is 'regx', not one of"),
    ({"check": "regex", "answer": "("}, r"does not suit regex. Give a regular expression"),
    ({"check": "judge", "answer": {"criterion": "Is it kind?"}}, "judge needs a model to judge"),
])
def test_a_check_that_cannot_be_made_is_refused_before_work(rule: dict, told: str) -> None:
    config = PrepareConfig.model_validate({**CONFIG, "checks": {"mine": rule}}, context=LOOK_IN)
    found = [(field, message) for field, message in check(config) if field.startswith("checks")]
    assert found and all(field == "checks.mine" for field, _ in found)
    assert any(told in message for _, message in found)


def test_checks_that_can_be_made_are_silent() -> None:
    fine = {"check": "regex", "answer": "^[A-Z]", "tags": ["letters"]}
    config = PrepareConfig.model_validate({**CONFIG, "checks": {"mine": fine}, "tools": ["email"]}, context=LOOK_IN)
    assert list(check(config)) == []
