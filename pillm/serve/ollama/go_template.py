"""Prints a chat through the subset of Go's text/template that `go_syntax` reads: for machines without Go.

Strings are UTF-8 bytes, as in Go: `len` and `slice` count bytes. Tests hold this against Go itself.
"""
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pillm.errors import DataError
from pillm.serve.ollama.go_syntax import (
    Assign,
    Call,
    Expression,
    If,
    Literal,
    Node,
    Output,
    Path,
    Range,
    Template,
    Text,
    Use,
)
from pillm.serve.ollama.go_syntax import parse as read

parse = lru_cache(maxsize=64)(read)


def execute(source: str, data: Mapping[str, Any]) -> str:
    """What the template prints; raises DataError where Go would end with an error."""
    template = parse(source)
    root = _bytes(data)
    out: list[bytes] = []
    # A stack of our own: a template that calls itself for each byte of a message goes deeper than Python does.
    stack = [(iter(template.nodes), Scope({"$": root}), root)]
    while stack:
        nodes, scope, dot = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
        else:
            stack.extend((iter(body), inner, at) for body, inner, at in _step(node, template, scope, dot, out))
    return b"".join(out).decode("utf-8", "replace")


class Scope(dict[str, Any]):
    """Variables, and the scope around them."""

    def __init__(self, values: dict[str, Any], outer: "Scope | None" = None) -> None:
        super().__init__(values)
        self.outer = outer

    def holder(self, name: str) -> "Scope":
        """The innermost scope that declares the variable."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope:
                return scope
            scope = scope.outer
        raise DataError(f"Go template: undefined variable {name}. Declare it.")


Body = tuple[tuple[Node, ...], Scope, Any]


def _step(node: Node, template: Template, scope: Scope, dot: Any, out: list[bytes]) -> list[Body]:
    """Does one node; what it leads into comes back, the first to be done last."""
    match node:
        case Text(value):
            out.append(value)
        case Output(value):
            out.append(_printed(_value(value, scope, dot)))
        case Assign(name, value, declares):
            (scope if declares else scope.holder(name))[name] = _value(value, scope, dot)
        case If(branches):
            chosen = next((body for condition, body in branches if _value(condition, scope, dot)), ())
            return [(chosen, Scope({}, scope), dot)]
        case Range():
            return list(_turns(node, scope, dot))[::-1]
        case Use(name, value):
            given = _value(value, scope, dot)
            if name not in template.defined:
                raise DataError(f"Go template: template {name!r} is not defined. Define it.")
            return [(template.defined[name], Scope({"$": given}), given)]
    return []


def _turns(node: Range, scope: Scope, dot: Any) -> Iterator[Body]:
    for i, item in enumerate(_value(node.value, scope, dot)):
        given = (i, item) if len(node.names) == 2 else (item,)
        yield node.body, Scope(dict(zip(node.names, given, strict=False)), scope), item


def _value(expression: Expression, scope: Scope, dot: Any) -> Any:
    match expression:
        case Literal(value):
            return value
        case Path(start, fields):
            value = _start(start, scope, dot)
            for name in fields:
                if not isinstance(value, Mapping) or name not in value:
                    raise DataError(f"Go template: there is no field {name}. Use Messages, Role and Content.")
                value = value[name]
            return value
        case Call("and" | "or" as function, arguments):
            for argument in arguments:
                if bool(value := _value(argument, scope, dot)) == (function == "or"):
                    break
            return value
        case Call(function, arguments):
            return _call(function, [_value(argument, scope, dot) for argument in arguments])


def _start(start: str | Expression, scope: Scope, dot: Any) -> Any:
    if not isinstance(start, str):
        return _value(start, scope, dot)
    return dot if start == "." else scope.holder(start)[start]


def _call(function: str, arguments: list[Any]) -> Any:
    if function not in FUNCTIONS:
        raise DataError(f"Go template: function {function} is not known here. Use one of {', '.join(FUNCTIONS)}.")
    try:
        return FUNCTIONS[function](*arguments)
    except (TypeError, KeyError) as error:
        raise DataError(f"Go template: {function}: {error}. Give it the arguments that Go's function takes.") from error


def _slice(value: Any, start: int = 0, end: int | None = None) -> Any:
    end = len(value) if end is None else end
    if not 0 <= start <= end <= len(value):
        raise DataError(f"Go template: slice of {_shown(value)} is out of range: {start}:{end}.")
    return value[start:end]


def _index(value: Any, at: int) -> Any:
    if not 0 <= at < len(value):
        raise DataError(f"Go template: index of {_shown(value)} is out of range: {at}.")
    return value[at]


def _shown(value: Any) -> str:
    return repr(value.decode("utf-8", "replace")) if isinstance(value, bytes) else f"{len(value)} items"


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "not": lambda value: not value,
    "eq": lambda value, *others: value in others,
    "ne": lambda value, other: value != other,
    "ge": lambda value, other: value >= other,
    "len": len,
    "index": _index,
    "slice": _slice,
    "print": lambda *values: b"".join(_printed(value) for value in values),
}


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, Mapping):
        return {key: _bytes(item) for key, item in value.items()}
    return [_bytes(item) for item in value] if isinstance(value, list) else value


def _printed(value: Any) -> bytes:
    if not isinstance(value, bytes):
        raise DataError(f"Go template: {value!r} is printed where only text should be. Print text.")
    return value
