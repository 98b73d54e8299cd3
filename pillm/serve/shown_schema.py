"""A request with the JSON Schema of its answer below it: what a model of many schemas is trained on, and asked."""
import json
from typing import Any

Message = dict[str, str]
Schema = dict[str, Any]

KEYWORDS = ('"type":"string"', '"type":"integer"', '"type":"number"', '"type":"boolean"', '"type":"object"',
            '"type":"array"', '"properties":', '"required":', '"items":', '"enum":', '"const":', '"oneOf":', '"$ref":',
            '"$defs":', '"#/$defs/', '"minimum":', '"maximum":', '"minItems":', '"maxItems":', '"minLength":',
            '"maxLength":', '"pattern":', '"format":"date"', '"additionalProperties":false')
"""What JSON Schemas are full of; no two of them can overlap in JSON. A tokenizer of our own has each as one token."""


def shown(request: str, schema: Schema) -> str:
    """The request, a line's end, and the schema without spaces."""
    return f"{request}\n{compact(schema)}"


def compact(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False, separators=(",", ":"))


def asked(turns: list[Message], schema: str | Schema | None) -> tuple[list[Message], Schema | None]:
    """The conversation with the schema below its last message, and the schema; one that was typed there is found."""
    *before, last = turns
    if schema is None:
        return turns, typed(last["content"])
    found = schema if isinstance(schema, dict) else _named(schema)
    return [*before, {**last, "content": shown(last["content"], found)}], found


def _named(schema: str) -> Schema:
    from pillm.backends import json_schema

    return json_schema.schema(schema)


def typed(text: str) -> Schema | None:
    """The JSON object that a text ends with, or None."""
    start = text.find("{")
    while start >= 0:
        try:
            found = json.loads(text[start:])
        except ValueError:
            start = text.find("{", start + 1)
            continue
        return found
    return None
