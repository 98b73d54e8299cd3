"""A request with the JSON Schema of its answer below it: what a model of many schemas is trained on, and asked."""
import json
from typing import Any

from pillm.json_text import compact

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


def asked(turns: list[Message], schema: str | Schema | None) -> tuple[list[Message], Schema | None]:
    """The conversation with the schema below its last message, and the schema; one typed behind it is found."""
    *before, last = turns
    request, found = (last["content"], _read(schema)) if schema is not None else apart(last["content"])
    if found is None:
        return turns, None
    return [*before, {**last, "content": shown(request, found)}], found


def apart(text: str) -> tuple[str, Schema | None]:
    """A request, and the JSON object that it ends with, if it does."""
    start = text.find("{")
    while start >= 0:
        try:
            return text[:start].rstrip(), json.loads(text[start:])
        except ValueError:
            start = text.find("{", start + 1)
    return text, None


def _read(schema: str | Schema) -> Schema:
    if isinstance(schema, dict):
        return schema
    from pillm.backends import json_schema

    return json_schema.schema(schema)
