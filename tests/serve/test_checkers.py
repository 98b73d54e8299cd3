import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillm.serve.checkers import CHECKERS
from pillm.serve.examining import examined
from pillm.serve.questions import read
from tests.conftest import ROOT

JUNK = ["", " ", "null", "[", "{}", "[{]", "\x00", "\ud800", "NaN", "9" * 5000, "[" * 5000, '{"a":1,"a":2}', "(((", "∞"]
ARGUMENTS = {"register": {"want": "quebecois", "least": 2}, "exact": "oui", "one_of": ["oui", "non"],
             "contains": ["a", "b"], "regex": r"\boui\b", "number": 42,
             "json_schema": {"type": "object", "required": ["a"]}, "slots": [{"tool": "timer", "minutes": 5}],
             "chrf": "Il fait beau.", "ast": {"op": "+", "left": 1, "right": "x"},
             "ruby": {"calls": ["play"], "has": [r"\b60\b"]},
             "balanced_pair": {"pair": "lune", "premise": False, "check": "regex", "answer": r"(?i)^non\b"}}


def score(check, answer, argument):
    return CHECKERS[check](answer, argument)["score"]


@pytest.mark.parametrize(("check", "argument", "right", "wrong"), [
    ("exact", "Québec", ["Québec", " Québec\n", "Que\u0301bec"], ["québec", "Québec.", "Quebec", ""]),
    ("one_of", ["oui", "ouais"], ["oui", "ouais "], ["non", "oui ouais", ""]),
    ("contains", "l'hiver", ["C'est L’HIVER!", "l'hiver"], ["l hiver", "hiver"]),
    ("contains", ["5", "minutes"], ["5 minutes", "minutes: 5"], ["5 min", "minutes"]),
    ("contains", "20 °C", ["il fait 20\u00a0°C"], ["20°C"]),
    ("regex", r"^\d{2}:\d{2}$", ["07:30", " 07:30 "], ["7:30", "07:30 pile"]),
    ("regex", r"(?i)\bbonjour\b", ["Bonjour!"], ["bonjours"]),
    ("number", 42, ["42", "12 + 30 = 42", "42.", "42,0", "$42.00"], ["-42", "420", "4.2", "42 ou 43", "quarante-deux"]),
    ("number", {"value": 3.5, "tolerance": 0.1}, ["3,5 km", "3.45", "3.6"], ["3.7", "35"]),
    ("number", 1234567.5, ["1 234 567,5", "1,234,567.5", "1\u202f234\u202f567,5", "1234567.5"], ["1 234 567"]),
    ("number", 1234, ["1,234", "1.234", "1'234"], ["1,23"]),
    ("number", 1.234, ["1,234", "1.234"], ["1 234"]),
    ("number", 3.14159, ["π ≈ 3.14159"], ["3.141"]),
    ("number", -5, ["−5 °C", "-5"], ["3-5", "5"]),
])
def test_right_and_wrong(check, argument, right, wrong):
    assert [score(check, answer, argument) for answer in right] == [1] * len(right)
    assert [score(check, answer, argument) for answer in wrong] == [0] * len(wrong)


@pytest.mark.parametrize("check", ["json_schema", "slots", "ast"])
@pytest.mark.parametrize("levels", [100, 101, 300, 600])
def test_an_answer_of_many_levels_is_judged(check, levels):
    node = {"type": "array", "items": {"$ref": "#"}}
    argument = node if check == "json_schema" else json.loads("[" * 90 + "]" * 90)
    for answer in ("[" * levels + "]" * levels, '{"a":' * levels + "1" + "}" * levels):
        assert CHECKERS[check](answer, argument)["json_valid"] == float(levels <= 100)


@pytest.mark.parametrize(("answer", "right", "f1"), [
    ('[{"tool":"localsearch","query":"resto","area":"Plateau"}]', 1, 1),
    ('[ {"area": "Plateau", "query": "resto", "tool": "localsearch"} ]', 1, 1),
    ('{"tool":"localsearch","query":"resto","area":"Plateau"}', 1, 1),
    ('[{"tool":"localsearch","query":"resto"}]', 0, 0.8),
    ('[{"tool":"localsearch","query":"resto","area":"plateau"}]', 0, 2 / 3),
    ('[{"tool":"weather","query":"resto","area":"Plateau"}]', 0, 0),
    ('[{"tool":"localsearch","query":"resto","area":"Plateau"},{"tool":"none"}]', 0, 6 / 7),
    ("[]", 0, 0),
    ('["resto"]', 0, 0),
    ("```json\n[]\n```", 0, 0),
])
def test_slots(answer, right, f1):
    found = CHECKERS["slots"](answer, [{"tool": "localsearch", "query": "resto", "area": "Plateau"}])
    assert (found["score"], found["slot_f1"]) == (right, pytest.approx(f1))
    assert found["json_valid"] == (not answer.startswith("`"))


def test_slots_are_in_order_and_typed():
    two = [{"tool": "timer", "minutes": 5}, {"tool": "none"}]
    assert CHECKERS["slots"]('[{"tool":"none"},{"tool":"timer","minutes":5}]', two) == {
        "score": 0, "slot_f1": 1, "json_valid": 1}
    assert score("slots", '[{"tool":"timer","minutes":5.0},{"tool":"none"}]', two) == 1
    for minutes in ('"5"', "true", "5.5", "null"):
        assert score("slots", f'[{{"tool":"timer","minutes":{minutes}}},{{"tool":"none"}}]', two) == 0


def test_chrf_grows_with_what_is_shared():
    answers = ["", "Rien", "Il fait frette.", "Il fait beau", "Il fait beau."]
    scores = [score("chrf", answer, "Il fait beau.") for answer in answers]
    assert scores == sorted(scores)
    assert (scores[0], scores[-1]) == (0, 1)
    assert score("chrf", "Salut", ["Bonjour", "Salut"]) == 1


def test_chrf_of_a_rewritten_text_counts_what_is_gained():
    argument = {"references": ["Je ne sais pas ce qu'il fait."], "given": "Je sais pas qu'est-ce qu'y fait."}
    assert CHECKERS["chrf"].suits(argument)
    assert score("chrf", argument["given"], argument) == score("chrf", "", argument) == 0
    assert score("chrf", CHECKERS["chrf"].gold(argument), argument) == 1
    assert 0 < score("chrf", "Je ne sais pas qu'est-ce qu'il fait.", argument) < 1
    assert not CHECKERS["chrf"].suits(argument | {"references": [argument["given"]]})
    assert not CHECKERS["chrf"].suits({"references": ["a"]})


@pytest.mark.parametrize("check", sorted(CHECKERS.keys() - {"json_schema", "judge", "execution", "python", "music"}))
def test_junk_scores_low_and_raises_nothing(check):
    for junk in JUNK:
        measures = CHECKERS[check](junk, ARGUMENTS[check])
        assert all(0 <= value <= 1 for value in measures.values())
        assert measures["score"] < 0.3


@given(st.text())
def test_any_text_is_judged(text):
    for check in ("exact", "one_of", "contains", "regex", "number", "slots", "balanced_pair"):
        assert CHECKERS[check](text, ARGUMENTS[check])["score"] in (0, 1)


@pytest.mark.parametrize(("answer", "right", "similarity"), [
    ('{"op":"+","left":1,"right":"x"}', 1, 1),
    (' {"right": "x", "op": "+", "left": 1.0}', 1, 1),
    ('{"op":"-","left":1,"right":"x"}', 0, 6 / 7),
    ('{"op":"+","left":"x","right":1}', 0, 5 / 7),
    ('{"op":"+","left":1}', 0, 5 / 7),
    ('{"op":"+","left":1,"right":{"op":"+","left":1,"right":"x"}}', 0, 7 / 13),
    ("1", 0, 1 / 7), ('{"op":"+","left":1,"right":"x"', 0, 0), ("", 0, 0)])
def test_ast_says_right_and_how_near(answer, right, similarity):
    measures = CHECKERS["ast"](answer, ARGUMENTS["ast"])
    assert (measures["score"], measures["tree_similarity"]) == (right, pytest.approx(similarity))
    assert CHECKERS["ast"].mark(answer, ARGUMENTS["ast"]) == right


def test_json_schema_says_valid_and_accepted():
    assert CHECKERS["json_schema"]('{"a": 1}', ARGUMENTS["json_schema"]) == {"score": 1, "json_valid": 1}
    assert CHECKERS["json_schema"]('{"b": 1}', ARGUMENTS["json_schema"]) == {"score": 0, "json_valid": 1}
    assert CHECKERS["json_schema"]('{"a": 1, "a": 2}', ARGUMENTS["json_schema"]) == {"score": 0, "json_valid": 0}


@pytest.mark.parametrize("check", ARGUMENTS)
def test_the_table_knows_what_suits_and_what_is_right(check):
    argument = ARGUMENTS[check]
    assert CHECKERS[check].suits(argument)
    assert not CHECKERS[check].suits(None)
    gold = CHECKERS[check].gold(argument)
    assert gold is None or score(check, gold, argument) == 1


def test_the_manual_has_every_checker():
    manual = (ROOT / "docs" / "suites.md").read_text("utf-8")
    assert {check for check in CHECKERS if f"\n| `{check}` |" not in manual} == set()


def test_the_questions_of_the_manual_are_sound(tmp_path):
    manual = (ROOT / "docs" / "suites.md").read_text("utf-8")
    lines = "".join(re.findall(r"^```json\n(.*?)^```", manual, re.MULTILINE | re.DOTALL))
    (tmp_path / "eval.jsonl").write_text(lines, "utf-8")
    found = examined(read(tmp_path / "eval.jsonl"))
    assert (found["questions"], found["gold"], found["empty"], found["echo"]) == (3, 1, 0, 0)
