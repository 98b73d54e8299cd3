"""Markdown as blocks, read by markdown-it-py (CommonMark 0.31, with tables left out)."""
import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from pillm.backends.blocks import Block

FRONT_MATTER = re.compile(r"\A---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.MULTILINE | re.DOTALL)
"""YAML that blog and documentation generators put first: facts about the page, not its text."""
EXPLAINED = re.compile(r"^(?P<term>`[^`]+`(?:,? (?:or )?`[^`]+`)*)\s*(?:[:–—]|-{1,2} )\s*(?P<text>\S.*)", re.DOTALL)
"""A list's item that explains a thing: `--all`: lists hidden files too."""
CODE = ("fence", "code_block")


def blocks(text: str) -> Iterator[Block]:
    """In the order of the page; HTML inside it, tables and front matter are left out."""
    blanked = FRONT_MATTER.sub(lambda found: "\n" * found[0].count("\n"), text)
    tokens = MarkdownIt("commonmark").enable("table").parse(blanked)
    listed, tabled = 0, 0
    for n, token in enumerate(tokens):
        listed += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        tabled += {"table_open": 1, "table_close": -1}.get(token.type, 0)
        if not tabled and (token.type == "inline" or token.type in CODE):
            yield from _block(token, tokens[n - 1], listed > 0)


def _block(token: Token, before: Token, listed: bool) -> Iterator[Block]:
    line = token.map[0] + 1 if token.map else 0
    if token.type in CODE:
        # A fence's first line is the fence.
        if token.content.strip():
            yield Block("code", token.content.rstrip("\n"), line + (token.type == "fence"))
        return
    text = _plain(token.children or ())
    if not text:
        return
    if before.type == "heading_open":
        yield Block("heading", text, line, level=int(before.tag[1]))
    elif listed and (found := EXPLAINED.match(text)):
        yield Block("term", " ".join(found["text"].split()), line, term=found["term"].replace("`", ""))
    else:
        yield Block("item" if listed else "paragraph", text, line)


def _plain(children: Sequence[Token]) -> str:
    """What is read, on one line; a picture is what stands for it."""
    pieces = {"text": "{0.content}", "code_inline": "`{0.content}`", "softbreak": " ", "hardbreak": " ",
              "image": "{0.content}"}
    return " ".join("".join(pieces.get(child.type, "").format(child) for child in children).split())
