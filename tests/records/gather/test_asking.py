"""Templates: every kind is asked about, in different words, and what is wrong with one is told."""
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest

from pillm.errors import DataError
from pillm.records.exercise.text import said
from pillm.records.gather import asking
from pillm.records.gather.passage import Passage
from pillm.records.gather.support import problem
from pillm.stages.gather import TEMPLATES

UNASKED = {"rest"}
"""Further parts of a section: only a teacher knows what to ask of them."""


def passage(kind: str, n: int = 0, **slots: str) -> Passage:
    given = {slot: slots.get(slot, f"its {slot} {n} with <file> in it") for slot in asking.KINDS[kind]}
    return Passage(kind, "\n".join(given.values()), f"a.md:{n}", given)


@pytest.mark.parametrize("kind", sorted(asking.KINDS.keys() - UNASKED))
def test_every_kind_is_asked_about_in_many_words(kind):
    templates = asking.read(TEMPLATES)
    asked = [pair for n in range(60) for pair in asking.pairs(passage(kind, n), templates, 1, 0)]
    assert len(asked) == 60 * sum(template.kind == kind for template in templates)
    assert not any(problem(pair, passage(kind, n // (len(asked) // 60)).text) for n, pair in enumerate(asked))
    phrasings = Counter("".join(c for c in pair.ask if not c.isdigit()) for pair in asked)
    assert len(phrasings) >= 5
    assert max(phrasings.values()) <= len(asked) / 2
    assert "<file>" in asked[0].ask


def test_questions_are_drawn_by_seed_and_are_several_where_wanted():
    templates = asking.read(TEMPLATES)
    option = passage("option")
    assert list(asking.pairs(option, templates, 1, 3)) == list(asking.pairs(option, templates, 1, 3))
    assert any(list(asking.pairs(option, templates, 1, seed)) != list(asking.pairs(option, templates, 1, 3))
               for seed in range(5))
    several = list(asking.pairs(option, templates, 3, 0))
    assert len({pair.ask for pair in several}) == 6


@pytest.mark.parametrize("template", asking.read(TEMPLATES), ids=lambda template: template.kind)
def test_what_asks_has_a_question_mark(template: asking.Template):
    asked = {said(phrasing, Random(seed)) for phrasing in template.ask for seed in range(12)}
    if template.kind == "faq":
        asked = {ask.replace("<heading>", "Is it deep?") for ask in asked}
    assert [ask for ask in asked if re.match("(What|Which|How|Where|Why|When|Is|Do) ", ask) and "?" not in ask] == []


@pytest.mark.parametrize(("kind", "wording"), [
    ("option", "says so"), ("option", "Should I"), ("term", "stand for"), ("name", "What is it called: "),
    ("name", "Where do I look")])
def test_wordings_that_the_answer_does_not_fit_are_not_asked(kind: str, wording: str):
    assert not any(wording in ask for template in asking.read(TEMPLATES) if template.kind == kind
                   for ask in template.ask)


@pytest.mark.parametrize(("phrasing", "asked"), [
    ("<first>. Which option?", "Empties the well. Which option?"), ("<title>: which option?", "pump: which option?"),
    ("<term> of <title>, please.", "all of pump, please."), ("<heading>?", "Pumps and allies?"),
    ("`<term>`?", "`all`?")])
def test_a_question_begins_with_a_capital_unless_a_name_stands_first(phrasing: str, asked: str):
    template = asking.Template(kind="term", answer="<text>", quote="text", ask=(phrasing,))
    term = passage("term", title="pump", term="all", first="empties the well", heading="pumps and allies")
    assert [pair.ask for pair in asking.pairs(term, [template], 1, 0)] == [asked]


def test_a_template_whose_part_is_missing_is_not_used():
    templates = asking.read(TEMPLATES)
    assert not any("How do I " in pair.ask for seed in range(20)
                   for pair in asking.pairs(passage("code", goal=""), templates, 1, seed))


@pytest.mark.parametrize(("text", "told"), [
    ("a: [", "it is no YAML"), ("a: 1", "templates are a list"), ("[]", "templates are a list"),
    ("- {kind: optoin, answer: <text>, quote: text, ask: [a]}",
     "template 1: there is no kind optoin. Did you mean 'option'?"),
    ("- {kind: option, answer: <txt>, quote: text, ask: [a]}",
     "a passage of kind option has no <txt>. Did you mean 'text'?"),
    ("- {kind: option, answer: yes it is, quote: text, ask: [a]}", "the answer does not hold what it quotes"),
    ("- {kind: option, answer: <text>, quote: text, ask: []}", "template 1: ask:"),
    ("- {kind: option, answer: <text>, quote: text, ask: [a], awnser: b}", "template 1: awnser:")])
def test_what_is_wrong_with_templates_is_told(tmp_path: Path, text: str, told: str):
    (tmp_path / "mine.yaml").write_text(text, "utf-8")
    with pytest.raises(DataError) as error:
        asking.read(tmp_path / "mine.yaml")
    assert told in str(error.value)
    assert str(tmp_path / "mine.yaml") in str(error.value)
