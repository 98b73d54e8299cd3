import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pillm.backends.json_schema import problems
from pillm.backends.llama_cpp.server import Server
from pillm.errors import ConfigError
from pillm.serve import spans
from pillm.serve.chat import require_usable
from tests.conftest import ROOT
from tests.reference import tiny_gguf

SCHEMA = json.loads((ROOT / "schemas" / "tool_calls.schema.json").read_text("utf-8"))
MINI = {"type": "array", "minItems": 1, "maxItems": 2, "items": {"oneOf": [
    {"type": "object", "required": ["tool", "level"], "properties": {
        "tool": {"const": "volume"}, "level": {"type": "integer", "minimum": 0, "maximum": 3},
        "where": {"type": "string", "x-copied": True}, "mute": {"type": "boolean"}}},
    {"type": "object", "required": ["tool"], "properties": {"tool": {"const": "stop"}}}]}}

COPIED = {name for schema in (SCHEMA, MINI) for call in schema["items"]["oneOf"]
          for name, slot in call["properties"].items() if slot.get("x-copied")}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    path = tmp_path_factory.mktemp("model") / "model.gguf"
    tiny_gguf.model(path, "odd")
    with Server(path, context=1024, threads=1) as running:
        yield running


def rules(grammar: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in grammar.splitlines())


def test_a_span_is_whole_words_with_what_stands_between_them():
    request = "Note: acheter du lait, du pain pis «des œufs»."
    for text in ("acheter du lait, du pain", "lait, du pain pis «des œufs", "Note"):
        assert spans.is_span(text, request)
    for text in ("ache", "lait,", "du pain et", "", "acheter  du", "œufs»"):
        assert not spans.is_span(text, request)


def test_an_elided_word_may_stay_outside():
    request = "Resto dans l'Plateau, dis qu'on arrive d'ici c't'après-midi à 7:30"
    assert spans.is_span("Plateau", request)
    assert spans.is_span("on arrive d'ici", request)
    assert spans.is_span("après-midi", request)
    assert spans.is_span("l'Plateau", request)
    assert not spans.is_span("30", request)


@pytest.mark.parametrize(("request_", "text"), [("aujourd'hui", "hui"), ("rendez-vous", "vous"), ("l'", "")])
def test_no_other_part_of_a_word_is_a_span(request_, text):
    assert not spans.is_span(text, request_)


@settings(max_examples=200)
@given(st.text(alphabet="ab' .,:«»\"\\é-\n", max_size=30), st.data())
def test_the_grammar_and_is_span_agree(request_, data):
    """Walking the rules from any start to any word gives a span; so does nothing else."""
    found = rules(spans.grammar(request_, MINI))
    starts = [name for name in found["span"].split(" | ") if name in found]
    for start in starts:
        assert spans.is_span(json.loads('"' + json.loads(found[start].split(" (")[0]) + '"'), request_)
    assert bool(starts) == any(spans.is_span(word.strip('.,:«»"'), request_) for word in request_.split())


def test_literals_are_all_that_is_no_value():
    assert spans.literals(MINI) == sorted([
        '[{"tool":"volume","level":', '},{"tool":"volume","level":', '"},{"tool":"volume","level":',
        '[{"tool":"stop', '},{"tool":"stop', '"},{"tool":"stop',
        ',"where":"', '","mute":', ',"mute":', "}]", '"}]'], key=lambda text: (-len(text), text))


def calls_of(schema: dict) -> st.SearchStrategy[list[dict]]:
    """Calls with any of the slots that they may have, and short values."""
    def call(one: dict) -> st.SearchStrategy[dict]:
        (key, tool), *slots = one["properties"].items()
        values = {name: st.sampled_from(slot.get("enum") or [3 if slot.get("type") == "integer" else "mot"])
                  for name, slot in slots}
        must = {name: value for name, value in values.items() if name in one["required"]}
        may = {name: value for name, value in values.items() if name not in must}
        drawn = st.fixed_dictionaries(must, optional=may)
        return drawn.map(lambda had: {key: tool["const"]} | {name: had[name] for name in values if name in had})

    return st.lists(st.one_of(*map(call, schema["items"]["oneOf"])), min_size=1, max_size=4)


@pytest.mark.parametrize("schema", [SCHEMA, MINI])
@settings(max_examples=200)
@given(st.data())
def test_the_leftmost_first_and_the_longest_first_cut_alike(schema, data):
    """The tokenizers library does the one, llama.cpp the other."""
    literals = spans.literals(schema)
    text = json.dumps(data.draw(calls_of(schema)), ensure_ascii=False, separators=(",", ":"))
    leftmost = [match.span() for match in re.finditer("|".join(map(re.escape, literals)), text)]
    longest, left = [], text
    for literal in literals:
        while (at := left.find(literal)) >= 0:
            longest.append((at, at + len(literal)))
            left = left[:at] + "\0" * len(literal) + left[at + len(literal):]
    assert leftmost == sorted(longest)


def test_an_answer_is_literals_and_values():
    answer = '[{"tool":"localsearch","query":"resto","area":"Plateau","price":"cheap"},{"tool":"heat","temp":21}]'
    for literal in spans.literals(SCHEMA):
        answer = answer.replace(literal, "|")
    assert answer == "|resto|Plateau|cheap|21|"


def test_a_tool_schema_is_known_by_its_form():
    assert spans.is_tool_schema(SCHEMA)
    assert spans.is_tool_schema(MINI)
    for other in (None, {}, {"type": "object"}, {"type": "array", "items": {"type": "string"}},
                  {"type": "array", "items": {"oneOf": [{"properties": {"tool": {"type": "string"}}}]}}):
        assert not spans.is_tool_schema(other)


@pytest.mark.parametrize("request_", [
    "Tu peux-tu me trouver un resto pas cher dans l'Plateau?", 'Écris à Zoé: "c\'est\\beau"\npis bye', "?!", "",
    "Mets l'cadran à 7:30 " + "pis allume l'sous-sol, " * 5])
@pytest.mark.parametrize("schema", [SCHEMA, MINI])
def test_even_noise_obeys(server, request_, schema):
    """llama.cpp takes the grammar, and what a model that knows nothing writes under it keeps the contract."""
    finished = 0
    for seed in range(4):
        chat = [{"role": "user", "content": request_ or "-"}]
        done = server.chat(chat, max_tokens=700, temperature=5.0, seed=seed, grammar=spans.grammar(request_, schema))
        if done.stop_reason == "limit":
            continue
        finished += 1
        calls = json.loads(done.text)
        assert not problems(calls, schema)
        assert done.text == json.dumps(calls, ensure_ascii=False, separators=(",", ":"))
        for call in calls:
            copied = [value for name, value in call.items() if name in COPIED]
            assert all(spans.is_span(value, request_) for value in copied) or not request_.strip("?!")
    assert finished


NUMBERS = {"type": "array", "minItems": 1, "maxItems": 1, "items": {"oneOf": [{
    "type": "object", "required": ["tool", "degrees", "share", "unit"], "additionalProperties": False, "properties": {
        "tool": {"const": "set"}, "degrees": {"type": "integer"}, "share": {"type": "number", "minimum": 0},
        "unit": {"const": "C"}}}]}}


def test_numbers_and_constants_are_held_to_the_schema(server):
    grammar = spans.grammar("-", NUMBERS)
    for seed in range(4):
        done = server.chat([{"role": "user", "content": "-"}], max_tokens=200, temperature=5.0, seed=seed,
                           grammar=grammar)
        assert (done.stop_reason, problems(json.loads(done.text), NUMBERS)) == ("eos", [])
    assert ',"unit":"' in spans.literals(NUMBERS)


@pytest.mark.parametrize(("least", "most", "right", "wrong"), [
    (None, None, ["0", "-5", "9999"], ["05", "-0", "10000"]), (0, None, ["0", "12"], ["-1"]),
    (1, None, ["1", "12"], ["0", "-1"]), (None, 500, ["-7", "0", "500"], ["5000"]), (-3000, -1, ["-20"], ["0", "1"]),
    (-1, 2, ["-1", "0", "2"], ["3", "-2"])])
def test_an_integer_is_written_within_its_bounds(least, most, right, wrong):
    bounds = {name: end for name, end in (("minimum", least), ("maximum", most)) if end is not None}
    rule = spans._value({"type": "integer", **bounds})
    pattern = re.compile(rule.replace(" ", "").replace('"', ""))
    assert [text for text in right + wrong if pattern.fullmatch(text)] == right


@pytest.mark.parametrize("slot", [{"type": "array"}, {"type": "object"}, {"type": "null"}, {}, {"type": ["string"]}])
def test_a_slot_that_the_grammar_has_no_values_for_is_named(slot):
    schema = json.loads(json.dumps(NUMBERS))
    schema["items"]["oneOf"][0]["properties"]["unit"] = slot
    with pytest.raises(ConfigError, match=r"spans cannot hold set\.unit to its schema"):
        require_usable(schema, "spans")
    for usable in (NUMBERS, MINI, SCHEMA):
        require_usable(usable, "spans")


def test_words_are_written_as_json(tmp_path: Path):
    grammar = spans.grammar('dis "oui\\non" là', MINI)
    assert 'w0 ::= "dis" (" \\\\\\"" w1)?' in grammar
