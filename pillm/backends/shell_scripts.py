"""Shell scripts, parsed by tree-sitter's grammar of bash: which comments stand at which commands.

A grammar, not a splitter of words: a `#` in a string or a here-document is no comment, and a loop or a pipeline over
several lines is one command.
"""
import textwrap
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import tree_sitter_bash
from tree_sitter import Language, Node, Parser

FUNCTION = "function_definition"
TELLING = frozenset({"variable_assignment", "redirected_statement", "pipeline", "list", "if_statement", "for_statement",
                     "while_statement", "case_statement", "test_command", "declaration_command", "simple_expansion",
                     "command_substitution", "expansion", FUNCTION})
"""Nodes that no prose has."""


class Commented(NamedTuple):
    """A comment, and the commands it stands above or beside."""

    comment: str
    """Its lines, without the signs that make them comments."""
    code: str
    line: int
    """Of the comment, from 1."""
    function: str
    """Its name, where the command defines one."""
    broken: bool
    """The commands are no bash."""


@cache
def _parser() -> Parser:
    return Parser(Language(tree_sitter_bash.language()))


def commented(script: str) -> Iterator[Commented]:
    """In the order of the script."""
    source = script.encode()
    yield from _in(_parser().parse(source).root_node, source)


def is_commented_out(comment: str) -> bool:
    """A comment that is a command itself: it parses, and has what prose has not."""
    root = _parser().parse(comment.encode()).root_node
    return not root.has_error and any(map(_is_code, root.named_children))


def _is_code(node: Node) -> bool:
    """Prose parses as a command with words behind it; only code has expansions, assignments, redirections, options."""
    is_option = node.type == "word" and (node.text or b"").startswith(b"-") and (node.text or b"") != b"-"
    return node.type in TELLING or is_option or any(map(_is_code, node.named_children))


def _in(node: Node, source: bytes) -> Iterator[Commented]:
    """Of a node's children, then of theirs."""
    children = [child for child in node.children if not _is_shebang(child)]
    for n, child in enumerate(children):
        if child.type == "comment" and not _continues(children, n):
            yield from _of_comment(children, n, source)
        else:
            yield from _in(child, source)


def _is_shebang(node: Node) -> bool:
    return node.start_byte == 0 and (node.text or b"").startswith(b"#!") and node.type == "comment"


def _continues(children: Sequence[Node], n: int) -> bool:
    """Whether a comment goes on from the line above."""
    before = children[n - 1] if n else None
    return bool(before and before.type == "comment" and before.start_point[0] == children[n].start_point[0] - 1
                and before.start_point[1] == children[n].start_point[1])


def _of_comment(children: Sequence[Node], n: int, source: bytes) -> Iterator[Commented]:
    beside = children[n - 1] if n and children[n - 1].end_point[0] == children[n].start_point[0] else None
    if beside is not None and beside.is_named:
        yield _made(children[n:n + 1], [beside], source)
        return
    last = n + 1
    while last < len(children) and children[last].type == "comment" and _continues(children, last):
        last += 1
    if commands := _together(children[last:], children[last - 1].end_point[0]):
        yield _made(children[n:last], commands, source)


def _together(siblings: Sequence[Node], row: int) -> list[Node]:
    """The commands on the lines right below, up to a blank line or a comment on a line of its own."""
    found: list[Node] = []
    for node in siblings:
        if node.start_point[0] > row + 1 or (node.type == "comment" and node.start_point[0] > row):
            break
        if node.is_named and node.type != "comment":
            if node.type == FUNCTION and found:
                break
            found.append(node)
            row = node.end_point[0] - (node.end_point[1] == 0)
            if node.type == FUNCTION:
                break
    return found


def _made(comments: Sequence[Node], commands: Sequence[Node], source: bytes) -> Commented:
    comment = "\n".join((node.text or b"").decode().lstrip("#").strip() for node in comments)
    return Commented(comment, _code(commands, source), comments[0].start_point[0] + 1, _function(commands[0]),
                     any(node.has_error for node in commands))


def _code(commands: Sequence[Node], source: bytes) -> str:
    """As it is written, less the indentation that it has as a whole."""
    first, end = commands[0], commands[-1].end_byte
    begin = first.start_byte - first.start_point[1]
    stands_first = not source[begin:first.start_byte].strip()
    return textwrap.dedent(source[begin if stands_first else first.start_byte:end].decode()).rstrip()


def _function(node: Node) -> str:
    """The name of what a command defines, or nothing."""
    name = node.child_by_field_name("name") if node.type == FUNCTION else None
    return (name.text or b"").decode() if name else ""
