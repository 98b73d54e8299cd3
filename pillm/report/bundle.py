"""The page that goes with a bundle: how to copy it, run it, and what to expect."""
import json
import shlex
from collections.abc import Mapping
from typing import Any

from pillm.device_fit import RESERVE_GIB, fits, kv_cache_bytes, memory_bytes, tokens_per_s
from pillm.report.page import environment
from pillm.serve.shown_schema import shown
from pillm.words import size

EXAMPLE = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
"""A schema that a request brings."""


def page(facts: Mapping[str, Any]) -> str:
    """Markdown. `facts` are name, file, bytes, sha256, build, device, shape, context, decoding, show_schema, system,
    modelfile, divergence (of this type, or None), calibration (of this file, or None), thinks, end (of an answer)."""
    device, shape, context = facts["device"], facts["shape"], facts["context"]
    memory = memory_bytes(facts["bytes"], shape, context)
    return environment().get_template("bundle.md.jinja").render(
        facts, size=size, memory=memory, kv_bytes=kv_cache_bytes(shape, context), options=_options(facts),
        request=_request(facts), fits=fits(memory, device["ram_gib"], device.get("reserve_gib", RESERVE_GIB)),
        speed=tokens_per_s(device["bandwidth_gb_per_s"], facts["bytes"]))


def _options(facts: Mapping[str, Any]) -> str:
    """What llama-cli and llama-server are both told."""
    cores, context = str(facts["device"]["cores"]), str(facts["context"])
    words = ["-m", facts["file"], "-c", context, "-t", cores, "--temp", "0", "--jinja"]
    held = facts["decoding"] == "schema" and not facts.get("show_schema")
    grammar = ["--grammar-file", "answer.gbnf"] if held else []
    return shlex.join([*words, *grammar])


def _request(facts: Mapping[str, Any]) -> str:
    turns = [{"role": "system", "content": facts["system"]}] if facts["system"] else []
    own = bool(facts.get("show_schema"))
    asked = {"role": "user", "content": shown("…", EXAMPLE) if own else "…"}
    held = {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": EXAMPLE}}}
    stop = {"stop": [facts["end"]]} if facts["end"] else {}
    return json.dumps({"messages": [*turns, asked], **(held if own and facts["decoding"] == "schema" else {}), **stop},
                      ensure_ascii=False)
