"""Programs of Ruby, parsed and never run."""
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

RESERVED = frozenset("""BEGIN END alias and begin break case class def defined? do else elsif end ensure false for if in
module next nil not or redo rescue retry return self super then true undef unless until when while yield""".split())  # noqa: SIM905
"""Words that are no names; a stray `end` is read as one by the parser, and by Ruby as a mistake."""


@dataclass(frozen=True)
class Program:
    calls: frozenset[str]
    """Names that are called, and names alone, which may be calls."""
    text: str
    """It without comments."""


def missing() -> str | None:
    """Why nothing can be parsed, with the remedy."""
    absent = not (find_spec("tree_sitter") and find_spec("tree_sitter_ruby"))
    return "tree-sitter-ruby is not installed. Run `pip install 'pillm[music]'`." if absent else None


def parsed(text: str) -> Program | None:
    """None where it is no Ruby."""
    octets = text.encode("utf-8", "replace")
    root = _parser().parse(octets).root_node
    nodes = list(_below(root))
    if root.has_error or any(node.type == "identifier" and node.text.decode() in RESERVED for node in nodes):
        return None
    comments = [(node.start_byte, node.end_byte) for node in nodes if node.type == "comment"]
    for start, end in reversed(comments):
        octets = octets[:start] + octets[end:]
    calls = {name.text.decode() for node in nodes if (name := _called(node)) is not None}
    return Program(frozenset(calls), octets.decode())


def _called(node: Any) -> Any:
    if node.type == "call":
        return node.child_by_field_name("method")
    return node if node.type == "identifier" else None


def _below(root: Any) -> Iterator[Any]:
    """All nodes, without recursion: a stranger's text may nest deeply."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.children


@cache
def _parser() -> Any:
    import tree_sitter
    import tree_sitter_ruby

    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_ruby.language()))
