"""A manual page, rendered on one line a paragraph, as blocks: its indentation says what is what.

    NAME                       a heading stands in column 0, a subheading in column 3
           ls - list …         text is indented by 7 (man) or 5 (mdoc)
           -a, --all           a term, whose explanation is indented further,
                  do not …
           -c     with -lt …   or stands on its line after a gap
"""
import re
from collections.abc import Iterator
from itertools import groupby, takewhile

from pillm.backends.blocks import Block

SUBHEADING = 3
SAME_LINE = re.compile(r"(?P<term>\S+(?: \S+)*?(?=  )|[-+]\S{5}(?= \S))(?P<gap> +)(?P<text>\S.*)")
"""After a gap of two spaces or more; an option of six letters fills its column but for one."""
ROUND = ("•", "·", "○", "●")
BULLETS = frozenset({*ROUND, "o", "*", "-", "+"})
MOST_TAGS = 4
"""Names that one explanation has; more lines at the margin are something else."""
WIDE_GAP = 2
OTHER_NAME = re.compile(r"or |-\S|\S+$")
"""What stands behind a gap and explains nothing: one more name of the option, or its argument."""
TAG_COLUMNS = 8
"""A term as short as this may have its explanation on its line; of a longer one only an option's."""
Lines = list[tuple[int, str]]
"""(indentation, text) of lines without a blank one between them."""


def blocks(text: str) -> Iterator[Block]:
    """Without the page's first and last lines, which name it and its date."""
    lines = [line.rstrip() for line in text.split("\n")]
    filled = [n for n, line in enumerate(lines) if line]
    body = lines[filled[0] + 1:filled[-1]] if len(filled) > 2 else []
    base = min((_indent(line) for line in body if line and _indent(line) > SUBHEADING), default=SUBHEADING + 1)
    before = Block("heading", "")
    for _, section in groupby(_with_headings(body), key=lambda pair: pair[0]):
        for block in _section([line for _, line in section], base):
            before = _led_to(block, before)
            yield before


def _led_to(block: Block, before: Block) -> Block:
    """A line that is no sentence, below one that ends with a colon, is an example at the margin."""
    both = block.kind == before.kind == "paragraph"
    is_example = both and before.text.endswith(":") and not _is_prose(block.text)
    return Block("code", block.text) if is_example else block


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _with_headings(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Each line with the number of the section it is in."""
    section = 0
    for line in lines:
        section += bool(line) and _indent(line) <= SUBHEADING
        yield section, line


def _section(lines: list[str], base: int) -> Iterator[Block]:
    if lines[0] and _indent(lines[0]) <= SUBHEADING:
        yield Block("heading", lines[0].strip(), level=1 if lines[0][0] != " " else 2)
        lines = lines[1:]
    term: Block | None = None
    for filled, chunk in groupby(lines, key=bool):
        rows = [(_indent(line), line.strip()) for line in chunk] if filled else []
        if rows and term and rows[0][0] > base:
            term = term._replace(text=f"{term.text}\n\n{_joined(rows)}" if term.text else _joined(rows))
        elif rows:
            yield from _closed(term)
            term = None
            for block in _chunk(rows, base):
                yield from _closed(term)
                term = block if block.kind == "term" else None
                yield from () if term else (block,)
    yield from _closed(term)


def _closed(term: Block | None) -> Iterator[Block]:
    """A term whose explanation never came is a line of text."""
    if term:
        yield term if term.text else Block("paragraph", term.term)


def _chunk(rows: Lines, base: int) -> Iterator[Block]:
    if rows[0][0] > base:
        yield _set_off(rows)
        return
    while rows:
        tags = list(takewhile(lambda row: row[0] <= base, rows))
        inner = list(takewhile(lambda row: row[0] > base, rows[len(tags):]))
        rows = rows[len(tags) + len(inner):]
        yield from _terms([text for _, text in tags], inner)


def _set_off(rows: Lines) -> Block:
    """Lines further in, of no term: an example, or an indented list or paragraph."""
    first = rows[0][1]
    if len(rows) == 1 and first.startswith(("-", *ROUND)) and (found := _same_line(first)):
        return found
    return Block("paragraph", first) if len(rows) == 1 and _is_prose(first) else Block("code", _joined(rows))


def _terms(tags: list[str], inner: Lines) -> Iterator[Block]:
    """Lines at the margin, and the deeper ones below them."""
    if inner and len(tags) == 1 and (begun := _begun(tags[0])):
        yield begun._replace(text=f"{begun.text}\n{_joined(inner)}")
        return
    if inner and len(tags) <= MOST_TAGS and not any(_is_prose(tag) or tag.endswith(":") for tag in tags):
        yield Block("term", _joined(inner), term=", ".join(tag.removeprefix("* ") for tag in tags))
        return
    found = [block for tag in tags if (block := _same_line(tag))]
    if len(found) == len(tags) and not inner:
        yield from found
    elif len(tags) == 1:
        yield found[0] if found else _alone(tags[0], inner)
        yield from [Block("code", _joined(inner))] if inner else []
    else:
        yield Block("code", "\n".join([*tags, *(f"  {text}" for _, text in inner)]))


def _begun(line: str) -> Block | None:
    """An option whose explanation begins on its line and goes on below; not one with an argument or another name."""
    found = SAME_LINE.fullmatch(line)
    if not found or len(found["gap"]) < WIDE_GAP or OTHER_NAME.match(found["text"]):
        return None
    return Block("term", found["text"], term=found["term"]) if line.startswith("-") else None


def _alone(line: str, inner: Lines) -> Block:
    """A paragraph, or an option whose explanation stands below a blank line."""
    return Block("term", "", term=line) if line.startswith("-") and not inner else Block("paragraph", line)


def _same_line(line: str) -> Block | None:
    """A term with its explanation, or an item after its bullet."""
    if line.startswith(tuple(ROUND)):
        return Block("item", line[1:].lstrip())
    found = SAME_LINE.fullmatch(line)
    if not found:
        return None
    term, text = found["term"], found["text"]
    if term in BULLETS or re.fullmatch(r"\(?\d+[.)]", term):
        return Block("item", text)
    short = len(term + found["gap"]) <= TAG_COLUMNS and " " not in term and not term.endswith((".", ":", ";"))
    return Block("term", text, term=term) if short or term.startswith(("-", "+")) else None


def _is_prose(text: str) -> bool:
    """A sentence, not a word that is explained or a line of code."""
    return len(text.split()) >= 6 and text[0].isupper() and text[-1] in ".:;?!)"


def _joined(rows: Lines) -> str:
    """Lines with their indentation to each other."""
    least = min(indent for indent, _ in rows)
    return "\n".join(" " * (indent - least) + text for indent, text in rows)
