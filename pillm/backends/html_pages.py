"""HTML as blocks, read by lxml: libxml2's parser takes pages as they are found, and knows the lines of elements."""
import re
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

from lxml import etree
from lxml import html as lxml_html

from pillm.backends.blocks import Block

Kind = Literal["paragraph", "item"]
LEFT_OUT = frozenset({"script", "style", "noscript", "template", "head", "nav", "header", "footer", "aside", "form",
                      "button", "select", "svg", "math", "iframe", "object", "table"})
"""What a page has around its text. Tables lose their meaning without their columns."""
HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = frozenset({"p", "pre", "ul", "ol", "dl", "div", "section", "article", "main", "blockquote", "li", "dt", "dd",
                    "figure", "figcaption", "details", "summary", "address", "center", *HEADINGS})
LAST_LINE = 65_535
ANCHOR = re.compile(r"\s*[#¶§]$")
"""Generators of documentation end a heading with a link to itself."""
CODE = frozenset({"code", "tt", "kbd", "samp"})


class Page(NamedTuple):
    """What a page says."""

    title: str
    """What it calls itself, or nothing."""
    blocks: list[Block]
    """In its order."""


def page(octets: bytes, encoding: str | None = None) -> Page:
    """Without an encoding, the one that the page names, else UTF-8; one without any element has nothing."""
    parser = lxml_html.HTMLParser(encoding=encoding or _declared(octets), remove_comments=True, remove_pis=True)
    try:
        root = lxml_html.document_fromstring(octets, parser=parser)
    except etree.ParserError:
        return Page("", [])
    title = " ".join((root.findtext(".//title") or "").split())
    return Page(title, list(_inside(root.body if root.body is not None else root, "paragraph")))


def _declared(octets: bytes) -> str | None:
    """None leaves it to the parser, which reads what the page says of itself."""
    return None if b"charset" in octets[:2048].lower() or octets.startswith(b"<?xml") else "utf-8"


def _inside(element: Any, kind: Kind) -> Iterator[Block]:
    """The blocks in an element, and as blocks of this kind the text that stands beside them."""
    term = ""
    run, line = [element.text or ""], _line(element)
    for child in element:
        if not _is_block(child):
            run += [*_pieces(child), child.tail or ""]
            continue
        yield from _paragraph(run, line, kind)
        if child.tag == "dt":
            term = f"{term}, {_text(child)}" if term else _text(child)
        elif child.tag == "dd" and term:
            yield Block("term", _text(child), _line(child), term=term.replace("`", ""))
            term = ""
        else:
            yield from _block(child)
        run, line = [child.tail or ""], _line(child)
    yield from _paragraph(run, line, kind)


def _is_block(element: Any) -> bool:
    return element.tag in BLOCKS or any(inner.tag in BLOCKS for inner in element.iterdescendants())


def _paragraph(run: list[str], line: int, kind: Kind) -> Iterator[Block]:
    if text := " ".join("".join(run).split()):
        yield Block(kind, text, line)


def _block(element: Any) -> Iterator[Block]:
    if element.tag in LEFT_OUT:
        return
    line = _line(element)
    if element.tag in HEADINGS:
        if text := ANCHOR.sub("", _text(element)):
            yield Block("heading", text, line, level=HEADINGS[element.tag])
    elif element.tag == "pre":
        if (code := element.text_content().strip("\n")).strip():
            yield Block("code", code, line)
    else:
        yield from _inside(element, "item" if element.tag == "li" else "paragraph")


def _line(element: Any) -> int:
    """0 below the last line that libxml2 counts."""
    line = element.sourceline or 0
    return line if line < LAST_LINE else 0


def _text(element: Any) -> str:
    """What is read of it, on one line."""
    return " ".join("".join(_pieces(element)).split())


def _pieces(element: Any) -> Iterator[str]:
    if element.tag in LEFT_OUT or not isinstance(element.tag, str):
        return
    mark = "`" if element.tag in CODE else " " if element.tag in ("br", *BLOCKS) else ""
    yield mark + (element.text or "")
    for child in element:
        yield from _pieces(child)
        yield child.tail or ""
    yield mark
