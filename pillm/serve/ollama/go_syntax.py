"""The part of Go's text/template language that our Modelfiles are written in, read into a tree.

Actions hold one command each (no pipes): literals, fields, variables, calls in parentheses, `if`, `range`, `define`,
`template`. Whatever else a template holds is refused. The language is that of https://pkg.go.dev/text/template.
"""
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pillm.errors import DataError

ACTION = re.compile(r"\{\{(- )?((?:[^\"}]|\"(?:[^\"\\]|\\.)*\")*?)( -)?\}\}", re.DOTALL)
TOKEN = re.compile(r"""\s*(?:(?P<string>"(?:[^"\\]|\\.)*")|(?P<number>\d+)|(?P<name>[a-z]\w*)
    |(?P<variable>\$\w*)|(?P<field>\.\w*)|(?P<mark>:=|=|[(),]))""", re.VERBOSE)
SPACE = " \t\r\n"


@dataclass(frozen=True)
class Literal:
    """A string (as UTF-8 bytes, which `len` and `slice` count), number or truth."""

    value: bytes | int | bool


@dataclass(frozen=True)
class Path:
    """`$x.Role`, `.Role`, or `(…).Role`: where to begin, and the fields to follow."""

    start: "str | Expression"
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """A function with its arguments."""

    function: str
    arguments: tuple["Expression", ...]


Expression = Literal | Path | Call


@dataclass(frozen=True)
class Text:
    """Bytes printed as they are."""

    value: bytes


@dataclass(frozen=True)
class Output:
    """`{{ expression }}`"""

    value: Expression


@dataclass(frozen=True)
class Assign:
    """`$x := expression`, or without `declares` `$x = expression`."""

    name: str
    value: Expression
    declares: bool


@dataclass(frozen=True)
class If:
    """The first branch whose condition holds; the last may have `true`."""

    branches: tuple[tuple[Expression, tuple["Node", ...]], ...]


@dataclass(frozen=True)
class Range:
    """`range $i, $m := expression`, or without variables."""

    names: tuple[str, ...]
    value: Expression
    body: tuple["Node", ...]


@dataclass(frozen=True)
class Use:
    """`{{ template "name" expression }}`"""

    name: str
    value: Expression


Node = Text | Output | Assign | If | Range | Use


@dataclass
class Tokens:
    """The words of one action, taken from the left."""

    words: list[tuple[str, str]]

    def peek(self) -> str:
        return self.words[0][1] if self.words else ""

    def take(self, wanted: str = "") -> tuple[str, str]:
        if not self.words or (wanted and self.words[0][1] != wanted):
            raise DataError(f"Go template: {wanted or 'a value'} is missing before {self.peek()!r}. Correct it.")
        return self.words.pop(0)


@dataclass
class Template:
    """What a template prints, and the templates it defines."""

    nodes: tuple[Node, ...] = ()
    defined: dict[str, tuple[Node, ...]] = field(default_factory=dict)


def parse(source: str) -> Template:
    """A template's tree; raises DataError for what this subset of the language lacks."""
    template = Template()
    reader = _Reader(list(_pieces(source)), template.defined)
    template.nodes = reader.body()
    if reader.pieces:
        raise DataError("Go template: an {{ end }} or {{ else }} has no beginning. Correct it.")
    return template


def _pieces(source: str) -> Iterator[bytes | Tokens]:
    """Texts and actions, with the white space that `{{-` and `-}}` eat gone."""
    at, trim = 0, False
    for found in ACTION.finditer(source):
        yield _text(source[at:found.start()], left=trim, right=bool(found[1]))
        yield Tokens(list(_words(found[2])))
        at, trim = found.end(), bool(found[3])
    yield _text(source[at:], left=trim, right=False)


def _text(text: str, *, left: bool, right: bool) -> bytes:
    if "{{" in text:
        raise DataError(f"Go template: an action is not closed in {text[:40]!r}. Correct it.")
    text = text.lstrip(SPACE) if left else text
    return (text.rstrip(SPACE) if right else text).encode()


def _words(action: str) -> Iterator[tuple[str, str]]:
    action, at = action.rstrip(), 0
    while at < len(action):
        found = TOKEN.match(action, at)
        if not found:
            raise DataError(f"Go template: {action[at:at + 40]!r} is not read here. Write it without pipes.")
        at = found.end()
        yield str(found.lastgroup), found[str(found.lastgroup)]


class _Reader:
    """Pieces of a template, taken from the left."""

    def __init__(self, pieces: list[bytes | Tokens], defined: dict[str, tuple[Node, ...]]) -> None:
        self.pieces, self.defined = pieces[::-1], defined

    def body(self) -> tuple[Node, ...]:
        """Nodes up to the `end` or `else` that is not theirs, which stays."""
        nodes: list[Node] = []
        while self.pieces:
            piece = self.pieces[-1]
            if isinstance(piece, Tokens) and piece.peek() in ("end", "else"):
                break
            self.pieces.pop()
            nodes.extend(self._action(piece) if isinstance(piece, Tokens) else [Text(piece)] if piece else [])
        return tuple(nodes)

    def _action(self, words: Tokens) -> Iterator[Node]:
        match words.peek():
            case "define":
                words.take()
                name = _unquoted(words.take()[1])
                self.defined[name] = self.body()
                self._end()
            case "if":
                yield If(tuple(self._branches(words)))
            case "range":
                yield self._range(words)
            case "template":
                words.take()
                yield Use(_unquoted(words.take()[1]), operand(words))
            case _:
                yield _simple(words)

    def _branches(self, words: Tokens) -> Iterator[tuple[Expression, tuple[Node, ...]]]:
        words.take("if")
        yield expression(words), self.body()
        while (after := self._next()).peek() == "else":
            after.take()
            if after.peek() == "if":
                after.take()
                yield expression(after), self.body()
            else:
                yield Literal(True), self.body()

    def _range(self, words: Tokens) -> Range:
        words.take("range")
        names = []
        while words.peek().startswith("$") and any(word == ":=" for _, word in words.words):
            names.append(words.take()[1])
            words.take()
        value = expression(words)
        body = self.body()
        self._end()
        return Range(tuple(names), value, body)

    def _next(self) -> Tokens:
        piece = self.pieces.pop() if self.pieces else None
        if not isinstance(piece, Tokens):
            raise DataError("Go template: an {{ end }} is missing. Correct it.")
        return piece

    def _end(self) -> None:
        self._next().take("end")


def _simple(words: Tokens) -> Node:
    """An assignment or something printed."""
    if len(words.words) > 1 and words.words[0][0] == "variable" and words.words[1][1] in (":=", "="):
        name = words.take()[1]
        return Assign(name, declares=words.take()[1] == ":=", value=expression(words))
    return Output(expression(words))


def expression(words: Tokens) -> Expression:
    """A call, or a single operand."""
    if words.peek() in ("true", "false") or not words.words or words.words[0][0] != "name":
        return operand(words)
    function, arguments = words.take()[1], []
    while words.words and words.peek() != ")":
        arguments.append(operand(words))
    return Call(function, tuple(arguments))


def operand(words: Tokens) -> Expression:
    """A literal, a path, or an expression in parentheses."""
    kind, word = words.take()
    match kind:
        case "string":
            return Literal(_unquoted(word).encode())
        case "number":
            return Literal(int(word))
        case "name" if word in ("true", "false"):
            return Literal(word == "true")
        case "variable":
            return Path(word, _fields(words))
        case "field":
            return Path(".", (*([word[1:]] if word != "." else []), *_fields(words)))
        case "mark" if word == "(":
            inside = expression(words)
            words.take(")")
            return Path(inside, fields) if (fields := _fields(words)) else inside
    raise DataError(f"Go template: {word!r} is not read here. Write it with literals, fields and calls.")


def _unquoted(word: str) -> str:
    """JSON's strings are Go's, but for the escape of eight digits."""
    try:
        return json.loads(re.sub(r"\\U([0-9a-f]{8})", lambda found: chr(int(found[1], 16)), word))
    except ValueError as error:
        raise DataError(f"Go template: {word[:40]} is not read here ({error}). Write it in quotes.") from None


def _fields(words: Tokens) -> tuple[str, ...]:
    found = []
    while words.words and words.words[0][0] == "field":
        found.append(words.take()[1][1:])
    return tuple(found)
