"""Tool calls held to one request: a grammar whose copied slots are spans of its words, and the JSON between the slots.

A tool schema is an array of `oneOf` objects; the first property of each is a `const`, the tool's name. A property
marked `x-copied` is a span of the request: whole words, as written, with what stands between them.
"""
import json
import re
from collections.abc import Iterator
from itertools import product
from typing import Any

Schema = dict[str, Any]

WORD = re.compile(r"[^\s.,!?;:…«»“”\"()]+(?:[.,:!?]+[^\s.,!?;:…«»“”\"()]+)*")
"""A word has no punctuation at its edges; inside («7:30», «3,5», «biblio.ca») it is part of the word."""
ELIDED = re.compile(r"(?:c['’]t|[cdjlmnst]|(?:jus|lors|puis|quoi)?qu)['’](?=\w)", re.IGNORECASE)
"""What may be left off where a span starts: «l'Plateau» gives «Plateau»."""
OPENINGS = ("[{", "},{", '"},{')
CLOSINGS = ("}]", '"}]')
FREE_STRING = r'"\"" ([^"\\\x00-\x1F] | "\\" ["\\/bfnrt])* "\""'
LONGEST_LISTED_RANGE = 100
MOST_DIGITS = 4
HELD = ("string", "integer", "number", "boolean")
"""Types of slots whose values the grammar can write."""


def is_tool_schema(schema: Schema | None) -> bool:
    """Whether `grammar` and `literals` know what to do with it."""
    items = (schema or {}).get("items")
    calls = _calls(schema) if schema and isinstance(items, dict) else []
    return bool(calls) and all("const" in next(iter(call.get("properties", {}).values()), {}) for call in calls)


def unheld(schema: Schema) -> list[str]:
    """Slots (`tool.slot`) of a tool schema that the grammar has no values for: lists, objects, null, several types."""
    calls = [list(call["properties"].items()) for call in _calls(schema)]
    return [f"{tool['const']}.{name}" for (_, tool), *slots in calls for name, slot in slots
            if not (slot.get("x-copied") or {"enum", "const"} & slot.keys() or slot.get("type") in HELD)]


def grammar(request: str, schema: Schema) -> str:
    """The GBNF of the calls that this request can ask for."""
    calls = _calls(schema)
    more = f'("," call){{0,{schema["maxItems"] - 1}}}' if "maxItems" in schema else '("," call)*'
    some = f"call {more}" if schema.get("minItems", 0) else f"(call {more})?"
    copied = _span_rules(request)
    rules = [f'root ::= "[" {some} "]"', "call ::= " + " | ".join(f"call-{i}" for i in range(len(calls)))]
    return "\n".join([*rules, *(f"call-{i} ::= {_call(call)}" for i, call in enumerate(calls)), *copied])


def literals(schema: Schema) -> list[str]:
    """Everything in the JSON of such calls that is no value, longest first; `[{"tool":"none`, `","area":"`, `"}]`…

    In the JSON of calls no two of them overlap, so that whoever looks for the leftmost first (the tokenizers library)
    and whoever looks for the longest first (llama.cpp) cut a text alike.
    """
    found = set(CLOSINGS)
    for call in _calls(schema):
        found.update(opening + head for opening, head in product(OPENINGS, _heads(call)))
        found.update(_separators(call))
    return sorted(found, key=lambda text: (-len(text), text))


def is_span(text: str, request: str) -> bool:
    """Whether `text` is some whole words of the request, as written."""
    places = list(_words(request))
    ends = {end for _, end in places}
    starts = (start for place in places for start in _starts(request, *place))
    return bool(text) and any(start + len(text) in ends and request.startswith(text, start) for start in starts)


def _calls(schema: Schema) -> list[Schema]:
    items = schema["items"]
    return items.get("oneOf") or items.get("anyOf") or [items]


def _words(request: str) -> Iterator[tuple[int, int]]:
    return (match.span() for match in WORD.finditer(request))


def _starts(request: str, start: int, end: int) -> Iterator[int]:
    """Where a span may start in a word: at its first letter, and after what is elided before it."""
    yield start
    while (elided := ELIDED.match(request, start, end)) is not None:
        start = elided.end()
        yield start


def _span_rules(request: str) -> list[str]:
    """`w3` is the third word and, perhaps, what follows; `e3-1` the same without what is elided before it."""
    places = list(_words(request))
    rules, first = [], []
    for i, (start, end) in enumerate(places):
        rest = f" ({_text(request[end:places[i + 1][0]])} w{i + 1})?" if i + 1 < len(places) else ""
        for n, here in enumerate(_starts(request, start, end)):
            name = f"e{i}-{n}" if n else f"w{i}"
            first.append(name)
            rules.append(f"{name} ::= {_text(request[here:end])}{rest}")
    return [f"span ::= {' | '.join(first)}", *rules] if first else ['span ::= " "']


def _text(text: str) -> str:
    """A GBNF literal of what stands for `text` inside a JSON string."""
    return _literal(json.dumps(text, ensure_ascii=False)[1:-1])


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _call(call: Schema) -> str:
    (key, tool), *slots = call["properties"].items()
    pieces = [_literal("{" + _pair(key, tool["const"]))]
    for name, slot in slots:
        piece = f"{_literal(f',{json.dumps(name)}:')} {_value(slot)}"
        pieces.append(piece if name in call.get("required", ()) else f"({piece})?")
    return " ".join([*pieces, '"}"'])


def _pair(key: str, value: Any) -> str:
    return f"{json.dumps(key)}:{json.dumps(value, ensure_ascii=False)}"


def _value(slot: Schema) -> str:
    if slot.get("x-copied"):
        return r'"\"" span "\""'
    if "enum" in slot:
        return _one_of([json.dumps(value, ensure_ascii=False) for value in slot["enum"]])
    if "const" in slot:
        return _one_of([json.dumps(slot["const"], ensure_ascii=False)])
    if slot.get("type") == "integer":
        return _integer(slot.get("minimum"), slot.get("maximum"))
    if slot.get("type") == "number":
        sign = '"-"? ' if slot.get("minimum", -1) < 0 else ""
        return f'{sign}("0" | [1-9] [0-9]{{0,15}}) ("." [0-9]{{1,16}})?'
    if slot.get("type") == "boolean":
        return _one_of(["true", "false"])
    return rf'"\"" {_pattern(slot["pattern"])} "\""' if "pattern" in slot else FREE_STRING


def _one_of(texts: list[str]) -> str:
    return f"({' | '.join(map(_literal, texts))})"


def _integer(least: int | None, most: int | None) -> str:
    """Exact for a short range, else by the number of digits."""
    if least is not None and most is not None and most - least < LONGEST_LISTED_RANGE:
        return _one_of([str(number) for number in range(least, most + 1)])
    ways = ([_digits(most)] if most is None or most > 0 else []) + (
        [f'"-" {_digits(least)}'] if least is None or least < 0 else []) + (
        ['"0"'] if (least is None or least <= 0) and (most is None or most >= 0) else [])
    return f"({' | '.join(ways)})"


def _digits(end: int | None) -> str:
    return f"[1-9] [0-9]{{0,{(MOST_DIGITS if end is None else len(str(abs(end)))) - 1}}}"


def _pattern(pattern: str) -> str:
    """A plain regular expression (literals, classes, groups, alternation, counts) in GBNF."""
    pieces = re.findall(r"\[[^]]*\]|\(\?:|[()|?*+]|\{[\d,]+\}|\\.|.", pattern.removeprefix("^").removesuffix("$"))
    return re.sub(r" (?=[?*+{])", "", "(" + " ".join(map(_pattern_piece, pieces)) + ")")


def _pattern_piece(piece: str) -> str:
    special = {"(?:": "(", r"\d": "[0-9]", r"\w": "[a-zA-Z0-9_]", ".": r'[^"\\\x00-\x1F]'}
    if piece in special or piece in "()|?*+" or piece[0] in "[{":
        return special.get(piece, piece)
    return _literal(piece.removeprefix("\\"))


def _heads(call: Schema) -> Iterator[str]:
    """The tool's name with each slot that can come first; alone where no slot must come, without its last quote, which
    is the first of what follows."""
    (key, tool), *slots = call["properties"].items()
    head = _pair(key, tool["const"])
    for name, slot in slots:
        yield f"{head},{json.dumps(name)}:{_quote(slot)}"
        if name in call.get("required", ()):
            return
    yield head.removesuffix('"')


def _separators(call: Schema) -> Iterator[str]:
    """What stands between two values of one call."""
    before: set[str] = set()
    for name, slot in list(call["properties"].items())[1:]:
        yield from (f"{quote},{json.dumps(name)}:{_quote(slot)}" for quote in before)
        before = {_quote(slot)} | (set() if name in call.get("required", ()) else before)


def _quote(slot: Schema) -> str:
    """The quote around the slot's values, if they are strings."""
    values = slot["enum"] if "enum" in slot else [slot["const"]] if "const" in slot else None
    text = slot.get("type") == "string" if values is None else all(isinstance(value, str) for value in values)
    return '"' if text else ""
