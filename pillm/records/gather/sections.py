"""A document's blocks as passages: sections, terms and options, examples with what leads to them, and answered
questions."""
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pillm.backends.blocks import Block
from pillm.records.gather.distinct import distinct
from pillm.records.gather.passage import Aside, Found, Passage
from pillm.records.text import collapsed

SENTENCE = re.compile(r"(?<!\b\w\.)(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\betc\.)(?<!\bvs\.)"
                      r"(?:(?<=[.!?])|(?<=[.!?][\"')\]]))\s+(?=[\"'(\[`]?[A-Z0-9])")
"""Between two sentences; not after an initial or a common abbreviation."""
GOAL = re.compile(r"(?:(?:if|when) you (?:want|need|wish|would like) |in order |for example, |e\.g\.,? )?"
                  r"to (?P<goal>\w(?:(?!, (?:you|we|let|define|use|the)\b).)+?)"
                  r"(?:,? (?:you can |simply |just |please )?(?:use|run|type|do|try|execute|enter|issue|call|write|say)"
                  r"\b[^,]*)?,?:?", re.IGNORECASE)
"""What a command is for, where the line above it says so: «To list them all, run:»."""
TAKEN_OUT = frozenset({"term", "code"})
"""Kinds of blocks that are passages of their own."""
HEADINGS = " > "
"""Between a heading and its subheading."""
LEADS = (":", "：")
ELSEWHERE = re.compile(r"\b(?:above|below|preceding|following|previous)\b")
"""In a sentence that is not whole without what stands around it."""
BESIDE = re.compile(r"(?:(?:normally|usually|by (?:default|itself)|there (?:is|are)|it|note|ignored|on some|same as|"
                    r"if (?:none|no|not)|(?:the )?(?:in|out)put (?:files? )?(?:is|are))\b|as -)", re.IGNORECASE)
"""How a first sentence begins that does not tell what a term does, but what is so without it or elsewhere."""
EXAMPLES = frozenset({"EXAMPLE", "EXAMPLES"})
"""Top headings under which a term is a command, or data."""
LONGEST_ASKED = 160
"""Characters of an explanation that is put as a question."""
SHORTEST_WORDS = 3
"""Of an explanation: fewer words explain nothing."""
MOST_CODE_LINES = 12
ACRONYM = 4
"""Letters of a word in capitals that is read as it stands."""
TOO_SHORT, TOO_LONG, NO_LEAD = "too short", "too long", "code that nothing leads to"
AMONG_EXAMPLES, CUT_OFF = "term among examples", "goes on from what was taken out"


@dataclass(frozen=True)
class Document:
    """What is said of every passage of a document."""

    title: str
    place: Callable[[Block, str], str]
    """Where a block stands, under which heading."""
    longest: int
    """Characters of an answer."""


@dataclass
class _Section:
    """What is under a heading so far."""

    heading: str
    prose: list[Block]
    """Paragraphs and items."""
    opens: bool
    """It is the first of its document."""
    before: Block | None = None
    """What stands right above."""


def passages(document: Document, blocks: Iterable[Block]) -> Iterator[Found]:
    """In the order of the document."""
    return distinct(list(_found(document, blocks)))


def _found(document: Document, blocks: Iterable[Block]) -> Iterator[Found]:
    path: list[Block] = []
    section = _Section("", [], opens=True)
    for block in map(_single_spaced, blocks):
        if block.kind == "heading":
            opens = section.opens and not section.prose
            yield from _prose(document, section)
            path = [*(above for above in path if above.level < block.level), block]
            section = _Section(HEADINGS.join(above.text for above in path if above.text), [], opens)
        elif block.kind in TAKEN_OUT:
            yield (_term(document, section.heading, block) if block.kind == "term"
                   else _code(document, section, block))
            if section.before and section.before.text.endswith(LEADS) and section.before in section.prose[-1:]:
                section.prose[-1:] = _without_last_sentence(section.before)
        elif _goes_on(block, section.before, document.title):
            yield Aside(document.place(block, section.heading), CUT_OFF, "it begins with a small letter", block.text)
        else:
            section.prose.append(block)
        section.before = block
    yield from _prose(document, section)


def _goes_on(block: Block, before: Block | None, title: str) -> bool:
    """A paragraph whose sentence began above an example or a term; one may begin with a program's name."""
    return (block.kind == "paragraph" and before is not None and before.kind in TAKEN_OUT
            and block.text[:1].islower() and block.text.split()[0] != title)


def _single_spaced(block: Block) -> Block:
    """Prose as one writes it today: one space after a full stop."""
    return block if block.kind == "code" else block._replace(text=re.sub(r"(?<=\S[.?!])  +(?=\S)", " ", block.text))


def sentences(text: str) -> list[str]:
    return [said.strip() for said in SENTENCE.split(text) if said.strip()]


def shortened(text: str, longest: int) -> str:
    """Whole paragraphs as far as they go, else whole sentences of the first; nothing where even one is too long.

    What refers to elsewhere at its end, or leads to what is not there, is left out.
    """
    parts, glue = text.split("\n\n"), "\n\n"
    if len(parts[0]) > longest:
        parts, glue = sentences(parts[0]), " "
    kept = ""
    for part in parts:
        longer = f"{kept}{glue}{part}" if kept else part
        if len(longer) > longest:
            break
        kept = longer
    return _ended(kept)


def _ended(text: str) -> str:
    """Without last sentences that need what stands around them."""
    last = (sentences(text.rpartition("\n\n")[2]) or [""])[-1]
    if not last.endswith(LEADS) and not ELSEWHERE.search(last):
        return text
    return _ended(text.removesuffix(last).rstrip(" \n-"))


def spoken(heading: str) -> str:
    """A heading as one speaks of it: itself without those above it, neither shouted nor with a colon."""
    last = heading.rpartition(HEADINGS)[2].rstrip(": ")
    return last.lower() if last.isupper() and len(last) > ACRONYM else last


def _term(document: Document, heading: str, block: Block) -> Found:
    place = document.place(block, heading)
    text = shortened(block.text if "\n- " in block.text else block.text.removeprefix("- "), document.longest)
    if len(block.text.split()) < SHORTEST_WORDS:
        return Aside(place, TOO_SHORT, f"{block.term} is explained in fewer than {SHORTEST_WORDS} words", block.text)
    if heading.partition(HEADINGS)[0].upper().rstrip(": ") in EXAMPLES:
        return Aside(place, AMONG_EXAMPLES, f"{block.term} is no word that is explained", block.text)
    if not text or len(block.term) > document.longest // 2:
        return Aside(place, TOO_LONG, f"an answer has at most {document.longest} characters", block.text)
    return Passage("option" if block.term.startswith("-") else "term", f"{block.term}\n{block.text}", place,
                   {"title": document.title, "heading": spoken(heading), "term": block.term, "text": text,
                    "first": _begin(block.term, text)})


def _begin(term: str, text: str) -> str:
    """The first sentence as what follows a colon, without its full stop; empty where it does not tell which term."""
    first = sentences(text)[0].removesuffix(".")
    argument = f"[={first.rpartition(' ')[2]}]"  # cut off: what the argument may be stands below
    unclear = BESIDE.match(first) or (argument.isupper() and argument in term)
    return "" if unclear or len(first) > LONGEST_ASKED or ", --no-" in term else first


def _code(document: Document, section: _Section, block: Block) -> Found:
    place = document.place(block, section.heading)
    lead = section.before.text if section.before and section.before.kind in ("paragraph", "item") else ""
    lead = sentences(lead)[-1] if lead else ""
    if not lead.endswith(LEADS) or len(lead.split()) < SHORTEST_WORDS:
        return Aside(place, NO_LEAD, "no sentence that ends with a colon stands above it", block.text)
    if len(block.text) > document.longest or block.text.count("\n") >= MOST_CODE_LINES:
        return Aside(place, TOO_LONG, f"an answer has at most {document.longest} characters and code "
                                      f"{MOST_CODE_LINES} lines", block.text)
    goal = GOAL.fullmatch(lead)
    return Passage("code", f"{lead}\n{block.text}", place,
                   {"title": document.title, "heading": spoken(section.heading), "lead": lead.rstrip(":： "),
                    "goal": goal["goal"] if goal and " " in goal["goal"] else "", "code": block.text})


def _without_last_sentence(block: Block) -> list[Block]:
    """What led to an example has no sense without it."""
    text = " ".join(sentences(block.text)[:-1])
    return [block._replace(text=text)] if text else []


def _prose(document: Document, section: _Section) -> Iterator[Found]:
    """The section as one passage, and what is left of a long one as further ones, for a teacher."""
    if not section.prose:
        return
    is_question = section.heading.rstrip().endswith("?")
    for n, part in enumerate(_parts(section.prose, document.longest)):
        whole = "\n\n".join(f"- {block.text}" if block.kind == "item" else block.text for block in part)
        place = document.place(part[0], section.heading)
        text = shortened(whole, document.longest)
        if len(collapsed(whole).split()) < SHORTEST_WORDS:
            yield Aside(place, TOO_SHORT, f"it has fewer than {SHORTEST_WORDS} words", whole)
        elif not text:
            yield Aside(place, TOO_LONG, f"its first sentence has more than {document.longest} characters, or refers "
                                         "to what stands elsewhere", whole)
        else:
            kind = "rest" if n else "faq" if is_question else "section"
            slots = {"title": document.title, "heading": spoken(section.heading), "text": text}
            slots |= {"opening": document.title} if section.opens and not n else {}
            yield Passage(kind, f"{section.heading}\n{whole}", place, slots)


def _parts(blocks: list[Block], longest: int) -> Iterator[list[Block]]:
    """Blocks together, as long as an answer may be; a longer one alone."""
    part: list[Block] = []
    for block in blocks:
        if part and sum(len(one.text) + 4 for one in [*part, block]) > longest:
            yield part
            part = []
        part.append(block)
    yield part
