import json
from dataclasses import replace

import pytest

from pillm.errors import ConfigError
from pillm.serve import lexicon
from pillm.serve.checkers import CHECKERS
from pillm.serve.questions import Question, messages, read, reads, require_checkers

GOOD = {"id": "q1", "user": "Quelle heure?", "check": "regex", "answer": r"\d+ h", "tags": ["heure"]}


def suite(folder, *lines):
    path = folder / "eval.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def test_a_suite_is_read(tmp_path):
    path = suite(tmp_path, "\ufeff" + json.dumps(GOOD), "", GOOD | {"id": "q2", "system_hint": "Sois bref."})
    first, second = read(path)
    assert first == Question("q1", "regex", r"\d+ h", user="Quelle heure?", tags=("heure",))
    assert second.line == GOOD | {"id": "q2", "system_hint": "Sois bref.", "tags": ("heure",)}


@pytest.mark.parametrize(("change", "told"), [
    ({"check": "regexp"}, "check is 'regexp', not one of exact, one_of, contains"),
    ({"check": "regexp"}, "Did you mean 'regex'?"),
    ({"check": ["regex"]}, "check is ['regex'], not one of exact"),
    ({"check": "balanced_pair", "answer": {"pair": "p", "premise": True, "check": ["regex"], "answer": "x"}},
     "does not suit balanced_pair. Give {pair:"),
    ({"answer": "("}, "answer '(' does not suit regex. Give a regular expression of Python."),
    ({"check": "slots", "answer": "x"}, "Give an object or a list of objects."),
    ({"check": "number", "answer": True}, "Give a number or {value, tolerance}."),
    ({"check": "number", "answer": {"value": 1, "tol": 2}}, "Give a number or {value, tolerance}."),
    ({"check": "one_of", "answer": []}, "Give a list of strings."),
    ({"tag": ["a"]}, "unknown key 'tag'. Did you mean 'tags'?"),
    ({"user": ""}, "it has neither user nor messages."),
    ({"id": 3}, "it has no id."),
    ({"gold": 7}, "gold is 7. Write a right answer as a model would."),
    ({"tags": "abc"}, "tags is 'abc'. Write a list of strings."),
    ({"user": 5}, "user is 5. Write a text."),
    ({"messages": "hello"}, "messages is 'hello'. Write a list of {role, content}."),
    ({"messages": [{"role": "user"}]}, "Write a list of {role, content}."),
    ({"schema": 5}, "schema is 5. Write a JSON Schema or the name of one in schemas/."),
    ({"schema": "nosuch"}, "schema is 'nosuch'. Write a JSON Schema"),
    ({"check": "json_schema", "answer": "nosuch"}, "answer 'nosuch' does not suit json_schema."),
])
def test_a_mistake_is_told_with_its_line(tmp_path, change, told):
    path = suite(tmp_path, GOOD, GOOD | {"id": "q2"} | change)
    with pytest.raises(ConfigError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}:2: ")
    assert told in str(error.value)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = suite(tmp_path, "{", "[]", GOOD, GOOD, {key: value for key, value in GOOD.items() if key != "answer"})
    with pytest.raises(ConfigError) as error:
        read(path)
    assert [line.split(": ")[1:] for line in str(error.value).splitlines()][1:] == [
        ["a list, not an object. Write one JSON object a line."],
        ["it has no answer for regex to compare with. Add it."],
        ["id 'q1' is that of line 3. Give each question its own."],
        ["id 'q1' is that of line 3. Give each question its own."]]


def test_a_suite_that_is_not_utf8_or_nested_without_end_is_told(tmp_path):
    path = suite(tmp_path, GOOD, "[" * 100_000)
    with pytest.raises(ConfigError, match=r"eval.jsonl:2: not JSON: its lists are nested too deeply\. Write one"):
        read(path)
    path.write_bytes(json.dumps(GOOD | {"user": "été"}, ensure_ascii=False).encode("latin-1"))
    with pytest.raises(ConfigError, match=r"eval.jsonl: it is not UTF-8 \(invalid.*\)\. Save it as UTF-8\."):
        read(path)


def test_an_empty_suite_is_a_mistake(tmp_path):
    with pytest.raises(ConfigError, match="there is no question in it"):
        read(suite(tmp_path, ""))


def test_turns_come_before_the_question():
    turns = ({"role": "user", "content": "Allô"}, {"role": "assistant", "content": "Salut!"})
    question = Question("q", "exact", "x", user="Pis?", messages=turns, system_hint="Sois bref.")
    assert [turn["role"] for turn in messages(question)] == ["system", "user", "assistant", "user"]
    assert messages(Question("q", "exact", "x", messages=turns[:1])) == [turns[0]]


def test_a_right_answer_is_made_of_the_argument_or_written(tmp_path):
    calls = [{"tool": "note", "text": "du lait à Noël"}]
    lines = [{"check": "exact", "answer": "oui"}, {"check": "one_of", "answer": ["oui", "ouais"]},
             {"check": "contains", "answer": ["deux", "trois"]}, {"check": "number", "answer": {"value": 1.5}},
             {"check": "slots", "answer": calls}, {"check": "chrf", "answer": ["Salut", "Allô"]},
             {"check": "regex", "answer": "^a+$"}, {"check": "regex", "answer": "^a+$", "gold": "aa"},
             {"check": "contains", "answer": "deux", "gold": "Ça en fait deux."}]
    read_back = read(suite(tmp_path, *({"id": str(n), "user": "?"} | line for n, line in enumerate(lines))))
    assert [question.right for question in read_back] == [
        "oui", "oui", "deux\ntrois", "1.5", '[{"tool":"note","text":"du lait à Noël"}]', "Salut", None, "aa",
        "Ça en fait deux."]
    assert read_back[7].line["gold"] == "aa"


REGISTER = {"check": "register", "answer": {"want": "quebecois", "least": 1}}


@pytest.mark.parametrize(("line", "files"), [
    (REGISTER, ["lexicon.yaml"]), ({"check": "balanced_pair", "answer": {"pair": "p", "premise": True} | REGISTER},
                                   ["lexicon.yaml"]),
    ({"check": "json_schema", "answer": "tool_calls", "gold": "[]"}, ["tool_calls.schema.json"]),
    ({"check": "exact", "answer": "x", "schema": "tool_calls"}, ["tool_calls.schema.json"]),
    ({"check": "json_schema", "answer": {"type": "object"}}, []), ({"check": "exact", "answer": "x"}, []),
])
def test_what_a_judgement_depends_on_is_known(line, files):
    assert [file.name for file in reads([Question("q", **line)])] == files
    assert lexicon.FILE.is_file()


def test_a_checker_inside_a_pair_is_required_too(monkeypatch):
    monkeypatch.setitem(CHECKERS, "register", replace(CHECKERS["register"], missing=lambda: "There is none."))
    pair = {"pair": "p", "premise": True} | REGISTER
    with pytest.raises(ConfigError, match=r"are judged by register\. There is none"):
        require_checkers([Question("q", "balanced_pair", pair)])
