"""The JSON Schema of recipe files, for editors; generated from the typed parts and stages."""
import json
from typing import Any

from pydantic import BaseModel

from pillm.config.parts import PARTS
from pillm.config.recipe import Engine
from pillm.config.told import described
from pillm.engine import registry


def recipe_schema() -> dict[str, Any]:
    """Every key a recipe may write, with its help; steps under names of their own are objects."""
    definitions: dict[str, Any] = {}
    engine = _partial(Engine, definitions)["properties"]
    parts = {name: _partial(part, definitions) for name, part in PARTS.items()}
    stages = {name: _partial(registry.load(name).config, definitions) for name in own_stages()}
    kept = {name: engine[name] for name in ("name", "seed", "threads", "gates", "enforce")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "title": "pillm recipe", "type": "object",
        "required": ["steps"], "properties": {"defaults": _defaults(), "steps": _steps(), **kept, **parts, **stages},
        "additionalProperties": {"type": "object"}, "$defs": dict(sorted(definitions.items()))}


def own_stages() -> list[str]:
    """The stages of this package."""
    return [name for name, entry in registry.offers().items() if entry.value.startswith("pillm.")]


def _partial(model: type[BaseModel], definitions: dict[str, Any]) -> dict[str, Any]:
    """A recipe changes some keys of a part or stage: none is required."""
    schema = described(model).model_json_schema(ref_template="#/$defs/{model}")
    for name, inner in schema.pop("$defs", {}).items():
        definitions[name] = inner | {"required": []} if "required" in inner else inner
    return {key: value for key, value in schema.items() if key != "required"}


def _defaults() -> dict[str, Any]:
    groups = [f"override /{name}" for name in PARTS]
    choice = {"type": "object", "maxProperties": 1, "propertyNames": {"enum": groups}}
    return {"type": "array", "items": choice, "description": "The parts it is made of."}


def _steps() -> dict[str, Any]:
    options = {"type": "object", "additionalProperties": False, "properties": {
        "uses": {"enum": own_stages(), "description": "The stage, where the step has another name."},
        "inputs": {"type": "object", "additionalProperties": {"type": "string"},
                   "description": "Input → the step it is taken from."}}}
    named = {"type": "object", "minProperties": 1, "maxProperties": 1, "additionalProperties": options}
    return {"type": "array", "description": "Stages in the order they run.", "items": {"anyOf": [
        {"type": "string", "description": "A stage."}, named]}}


def text() -> str:
    """As it stands in schemas/recipe.schema.json."""
    return json.dumps(recipe_schema(), indent=1, ensure_ascii=False, default=str) + "\n"
