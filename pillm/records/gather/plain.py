"""Plain text as blocks: headings that are underlined, numbered or in capitals; questions after «Q:»; lists; what is
indented is an example."""
import re
from collections.abc import Iterator
from itertools import groupby

from pillm.backends.blocks import Block

UNDERLINE = re.compile(r"(=|-|~|\*|\^|#|\+)\1{2,}")
NUMBERED = re.compile(r"\d+(?:\.\d+)*[.)]?\s+(?P<text>[A-Z].{0,70}[^.,;:])")
CAPITALS = re.compile(r"[A-Z][A-Z0-9 ,&/'()-]{3,60}[A-Z)]")
QUESTION = re.compile(r"(?:Q(?:uestion)?\s?\d{0,3}\s?[:.)]|\d+[.)]\s+(?=.*\?$))\s*(?P<text>\S.*)")
ANSWER = re.compile(r"A(?:nswer)?\s?\d{0,3}\s?[:.)]\s*(?P<text>\S.*)")
BULLET = re.compile(r"(?:[-*•+o]|\d+[.)])\s+(?P<text>\S.*)")
INDENTED = 4
"""Columns further in than the text around it."""
Line = tuple[int, str]
"""(its number, what is on it)."""


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs are what blank lines part."""
    lines = [(n, line.expandtabs().rstrip()) for n, line in enumerate(text.split("\n"), 1)]
    margin = min((_indent(line) for _, line in lines if line), default=0)
    for filled, rows in groupby(lines, key=lambda pair: bool(pair[1])):
        if filled:
            yield from _paragraph([(n, line[margin:]) for n, line in rows])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _paragraph(rows: list[Line]) -> Iterator[Block]:
    rows = [row for row in rows if not (rows[0] is row and UNDERLINE.fullmatch(row[1].strip()))]
    if not rows:
        return
    number, first = rows[0]
    if len(rows) > 1 and UNDERLINE.fullmatch(rows[1][1].strip()):
        yield Block("heading", first.strip(), number, level=1 if rows[1][1].strip()[0] in "=#*" else 2)
        yield from _paragraph(rows[2:])
    elif len(rows) == 1 and (heading := _heading(first)):
        yield Block("heading", heading, number, level=2)
    elif min(_indent(line) for _, line in rows) >= INDENTED and not BULLET.match(first.strip()):
        least = min(_indent(line) for _, line in rows)
        yield Block("code", "\n".join(line[least:] for _, line in rows), number)
    else:
        yield from _said([(n, line.strip()) for n, line in rows])


def _heading(line: str) -> str:
    if numbered := NUMBERED.fullmatch(line):
        return numbered["text"]
    return line if CAPITALS.fullmatch(line) else ""


def _said(rows: list[Line]) -> Iterator[Block]:
    """A question with its answer, the items of a list, or a paragraph."""
    pieces: list[list[Line]] = []
    for row in rows:
        if not pieces or QUESTION.match(row[1]) or ANSWER.match(row[1]) or BULLET.match(row[1]):
            pieces.append([])
        pieces[-1].append(row)
    for piece in pieces:
        number, said = piece[0][0], " ".join(line for _, line in piece)
        if asked := QUESTION.fullmatch(said):
            yield Block("heading", f"{asked['text'].rstrip('?')}?", number, level=3)
        elif answer := ANSWER.fullmatch(said):
            yield Block("paragraph", answer["text"], number)
        elif item := BULLET.fullmatch(said):
            yield Block("item", item["text"], number)
        else:
            yield Block("paragraph", re.sub(r"::$", ":", said), number)
