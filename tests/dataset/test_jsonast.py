"""The jsonast dataset as it is shipped: records valid and varied, suites unseen, questions sound."""
import json
import re
from collections import Counter
from functools import cache

import pytest
import yaml

from pillm.backends.json_schema import accepting, problems, schema
from pillm.backends.llama_cpp import gbnf
from pillm.records.contamination import near
from pillm.records.languages import coverage, read
from pillm.records.languages.hear import Listener
from pillm.records.languages.shape import depth, features, shape
from pillm.records.skeleton import masks, skeleton
from pillm.records.text import words
from pillm.serve import questions
from tests.conftest import ROOT

FOLDER = ROOT / "dataset" / "jsonast"
TRAIN = [json.loads(line) for line in (FOLDER / "train.jsonl").read_text("utf-8").splitlines()]
SUITES = {"eval": FOLDER / "eval.jsonl", "schemas": FOLDER / "suites" / "schemas.jsonl",
          "phrasings": FOLDER / "suites" / "phrasings.jsonl"}
EVERY = 25
"""Records of one schema stand together: a part of them is looked at closely."""
SELDOM = 0.05
"""Of a language's records: the least share that has each of its constructors."""


@cache
def asked(suite: str) -> list[questions.Question]:
    return questions.read(SUITES[suite])


@cache
def train_shapes() -> frozenset[str]:
    return frozenset(shape(record["tool_schema"]) for record in TRAIN)


@cache
def train_forms() -> Counter[str]:
    return Counter(skeleton(words(record["user"]), json.loads(record["assistant"]), masks(record["tool_schema"]))
                   for record in TRAIN)


def of_depth(value: object) -> str:
    return f"depth:{depth(value)}" if depth(value) < 6 else "depth:6+"


def test_every_answer_satisfies_its_schema() -> None:
    contract = accepting(schema("record"))
    for record in TRAIN[::5]:
        assert contract(record)
        answer = json.loads(record["assistant"])
        assert accepting(record["tool_schema"])(answer)
        assert record["tags"][1] == of_depth(answer)
        assert record["assistant"] == json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
    for record in TRAIN[::EVERY]:
        assert problems(json.loads(record["assistant"]), schema(record["tool_schema"])) == []
        gbnf.grammar(record["tool_schema"])


def test_there_are_enough_and_they_differ() -> None:
    assert len(TRAIN) >= 5000
    assert (FOLDER / "train.jsonl").stat().st_size < 3e6
    assert len({record["user"] for record in TRAIN}) == len(TRAIN)
    forms = train_forms()
    assert len(forms) >= 150
    assert max(forms.values()) <= 0.02 * len(TRAIN)
    assert len(train_shapes()) >= 300
    depths = Counter(record["tags"][1] for record in TRAIN)
    assert all(depths[f"depth:{deep}"] >= 100 for deep in range(1, 6)) and depths["depth:6+"] >= 200
    told = Counter(tag for record in TRAIN[::4] for tag in features(record["tool_schema"]))
    assert told.keys() == {"oneOf", "$ref", "enum", "pattern", "array", "bounds"}
    languages = Counter(record["tags"][0] for record in TRAIN)
    assert languages.keys() == {language.name for language in read.read(FOLDER / "languages")}
    assert min(languages.values()) >= 200


def test_the_card_says_what_is_verified() -> None:
    card = yaml.safe_load((FOLDER / "card.yaml").read_text("utf-8"))
    forms = train_forms()
    assert card["verified"]["rows"] == len(TRAIN)
    assert card["skeletons"] == {"distinct": len(forms), "largest_share": round(max(forms.values()) / len(TRAIN), 4)}


def test_no_constructor_is_seldom_and_the_readme_says_how_many_have_it() -> None:
    found = coverage.shares(FOLDER / "languages", FOLDER / "train.jsonl")
    assert {f"{name}: {kind}": share for name, told in found.items() for kind, share in told.constructors.items()
            if share < SELDOM} == {}
    assert coverage.table(found) in (FOLDER / "README.md").read_text("utf-8")


def test_requests_are_free_of_what_readers_found_fault_with() -> None:
    faults = {"two colons": r":(?!\d).*:(?!\d)", "a comma before a mark": r"[,;] ?[,;.]",
              "two infinitives": r"\bto to ",
              "one child as several": r"children (?:are )?\((?:[^();]|\([^()]*\))*\)$",
              "p and p": r"\b([a-z]) (?:and|or|∧|∨) \1\b"}
    said = [re.sub(r'"[^"]*"', "it", record["user"]).rstrip(".") for record in TRAIN]
    assert {fault: found[0] for fault, form in faults.items() if (found := [
        text for text in said if re.search(form, text)])} == {}


def test_a_request_can_be_heard_in_one_way_only() -> None:
    listeners = {language.name: Listener(language) for language in read.read(FOLDER / "languages")}
    for record in TRAIN[::EVERY]:
        assert len(listeners[record["tags"][0]].trees(record["user"])) == 1, record["user"]


@pytest.mark.parametrize("suite", SUITES)
def test_no_question_is_near_a_record_nor_shares_its_skeleton(suite: str) -> None:
    find = near(asked(suite), 0.8)
    told = ([("user", words(record["user"])), ("assistant", words(record["assistant"]))] for record in TRAIN)
    assert [found for said in told if (found := find(said))] == []
    assert [question.id for question in asked(suite) if skeleton(
        words(question.user), question.answer, masks(question.schema)) in train_forms()] == []


@pytest.mark.parametrize("suite", ["eval", "schemas"])
def test_schemas_of_the_examination_share_no_shape_with_training(suite: str) -> None:
    assert [question.id for question in asked(suite) if shape(question.schema) in train_shapes()] == []


def test_phrasings_of_the_examination_are_none_of_training() -> None:
    """Each holds a way of saying that its language holds back, and training records hold none."""
    held = {language.name: [way.template for way in (*language.asks, *(
        way for shapes in language.nodes.values() for one in shapes for way in one.ways)) if way.held]
        for language in read.read(FOLDER / "languages")}
    assert all(held.values())

    def said(request: str, language: str) -> bool:
        text = " ".join(words(request))
        parts = ([" ".join(words(piece)) for piece in template if isinstance(piece, str) and words(piece)]
                 for template in held[language])
        return any(all(part in text for part in whole) for whole in parts)

    assert [question.id for question in asked("phrasings") if not said(question.user, question.tags[0])] == []


@pytest.mark.parametrize("suite", SUITES)
def test_questions_are_sound_and_told_apart(suite: str) -> None:
    assert len(asked(suite)) >= 60
    for question in asked(suite):
        assert question.check == "ast"
        assert accepting(question.schema)(question.answer), question.id
        gbnf.grammar(question.schema)
        assert question.tags[1:] == (of_depth(question.answer), *features(question.schema)), question.id
    assert len({of_depth(question.answer) for question in asked(suite)}) >= 5
