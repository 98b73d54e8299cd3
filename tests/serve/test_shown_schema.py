"""The schema below a request."""
import json
from itertools import product

import pytest

from pillm.serve.chat import Chat, Style
from pillm.serve.shown_schema import KEYWORDS, apart, asked, shown
from tests.reference import tiny_gguf

SCHEMA = {"type": "object", "properties": {"où": {"enum": ["ici", "là"]}, "n": {"type": "integer"}}, "required": ["où"]}
TURNS = [{"role": "system", "content": "Bref."}, {"role": "user", "content": "C'est ici"}]


def test_the_last_message_ends_with_it() -> None:
    turns, schema = asked(TURNS, SCHEMA)
    assert turns == [TURNS[0], {"role": "user", "content": shown("C'est ici", SCHEMA)}]
    assert schema == SCHEMA
    below = json.dumps(SCHEMA, ensure_ascii=False, separators=(",", ":"))
    assert turns[-1]["content"].splitlines() == ["C'est ici", below]
    assert asked(TURNS, None) == (TURNS, None)
    assert asked(TURNS, json.dumps(SCHEMA))[1] == SCHEMA


@pytest.mark.parametrize(("text", "request_", "schema"), [
    (shown("Note {ceci} et cela", SCHEMA), "Note {ceci} et cela", SCHEMA),
    ('Un mot. {"type": "string"}', "Un mot.", {"type": "string"}),
    ('{"type": "string"} et plus', '{"type": "string"} et plus', None), ("rien", "rien", None), ("{", "{", None),
    ("", "", None)])
def test_a_schema_that_was_typed_is_found(text: str, request_: str, schema: dict | None) -> None:
    assert apart(text) == (request_, schema)
    wanted = text if schema is None else shown(request_, schema)
    assert asked([{"role": "user", "content": text}], None) == ([{"role": "user", "content": wanted}], schema)


def test_no_two_keywords_overlap_in_json() -> None:
    """A tokenizer's added tokens are found left to right by one library, the longest first by another."""
    overlaps = {(one, other) for one, other in product(KEYWORDS, KEYWORDS) if one != other
                and any(one.endswith(other[:size]) for size in range(2, len(other)))}
    assert overlaps == set()
    assert [(one, other) for one, other in product(KEYWORDS, KEYWORDS) if one != other and one in other] == []


def test_answers_are_held_to_the_schema_that_a_request_brings(tmp_path) -> None:
    tiny_gguf.model(tmp_path / "model.gguf", "odd")
    style = Style(decoding="schema", show_schema=True, max_tokens=60)
    with Chat(tmp_path / "model.gguf", style, context=512, threads=1) as chat:
        said = [chat.ask("bonjour", SCHEMA), chat.ask(f"bonjour {json.dumps(SCHEMA)}"),
                *chat.ask_many(["bonjour", "bonjour"], [{"enum": [7]}, SCHEMA])]
        free = chat.ask("bonjour")
    assert json.loads(said[0].text)["où"] in ("ici", "là")
    assert said[0].text == said[1].text == said[3].text
    assert said[2].text.strip() == "7"
    assert said[0].prompt_tokens > free.prompt_tokens
