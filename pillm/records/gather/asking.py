"""How passages are asked about: templates, read from YAML.

    - kind: option
      answer: "<text>"                      what is said, of the passage's parts
      quote: text                           the part that supports it
      ask: ["What does <term> do?", …]      one of them is drawn for each passage
"""
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pillm import fast_yaml
from pillm.errors import DataError, suggest
from pillm.records.exercise.text import SLOT, said
from pillm.records.gather.passage import Passage
from pillm.records.gather.support import Pair

KINDS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"title", "what"}),
    "synopsis": frozenset({"title", "code"}),
    "option": frozenset({"title", "heading", "term", "text", "first"}),
    "term": frozenset({"title", "heading", "term", "text", "first"}),
    "code": frozenset({"title", "heading", "lead", "goal", "code"}),
    "faq": frozenset({"title", "heading", "text", "opening"}),
    "section": frozenset({"title", "heading", "text", "opening"}),
    "rest": frozenset({"title", "heading", "text"}),
    "comment": frozenset({"title", "comment", "begin", "code"}),
    "function": frozenset({"title", "comment", "begin", "name", "code"}),
    "usual": frozenset({"program", "code", "times"}),
    "next": frozenset({"code", "after"}),
    "fix": frozenset({"problem", "cause", "text"}),
    "failed": frozenset({"code", "error", "then"}),
}
"""What passages there are, and the parts of each."""
NAMES = ("title", "term", "program")
"""Parts whose small letters say something."""


class Template(BaseModel):
    """A way to ask about passages of a kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str
    answer: str
    quote: str
    ask: tuple[str, ...] = Field(min_length=1)

    @property
    def slots(self) -> frozenset[str]:
        """Those without which it cannot be used."""
        return frozenset(found for text in (*self.ask, self.answer) for found, _ in SLOT.findall(text))


def read(file: Path) -> list[Template]:
    """Raises DataError with every mistake and its place in the file."""
    try:
        written = fast_yaml.load(file.read_text("utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{file}: it is no YAML ({error}). Mend it.") from error
    if not isinstance(written, list) or not written:
        raise DataError(f"{file}: templates are a list. Begin each with - kind:")
    found, told = [], []
    for n, entry in enumerate(written, 1):
        try:
            template = Template.model_validate(entry)
        except ValidationError as error:
            told += [f"{file}: template {n}: {'.'.join(map(str, one['loc']))}: {one['msg']}. Correct it."
                     for one in error.errors()]
            continue
        told += [f"{file}: template {n}: {wrong}" for wrong in _mistakes(template)]
        found.append(template)
    if told:
        raise DataError("\n".join(told))
    return found


def _mistakes(template: Template) -> Iterator[str]:
    if template.kind not in KINDS:
        yield f"there is no kind {template.kind}.{suggest(template.kind, KINDS)} There are {', '.join(KINDS)}."
        return
    known = KINDS[template.kind]
    for slot in sorted((template.slots | {template.quote}) - known):
        yield (f"a passage of kind {template.kind} has no <{slot}>.{suggest(slot, known)} "
               f"It has {', '.join(sorted(known))}.")
    if f"<{template.quote}>" not in template.answer:
        yield f"the answer does not hold what it quotes. Write <{template.quote}> into it, or quote another part."


def pairs(passage: Passage, templates: list[Template], asks: int, seed: int) -> Iterator[Pair]:
    """Questions of each template that the passage has all parts for: `asks` of each, in different words."""
    for n, template in enumerate(templates):
        if template.kind != passage.kind or not all(passage.slots.get(slot) for slot in template.slots):
            continue
        rng = Random(f"{seed}/{passage.place}/{passage.text}/{n}")
        for phrasing in rng.sample(template.ask, min(asks, len(template.ask))):
            ask = "\n".join(said(line, rng) for line in phrasing.split("\n"))
            yield Pair(_begun(_filled(ask, passage.slots), passage.slots), _filled(template.answer, passage.slots),
                       passage.slots[template.quote])


def _begun(ask: str, slots: Mapping[str, str]) -> str:
    """With a capital, unless a name stands first, which is written as it is."""
    names = [re.escape(slots[slot]) for slot in NAMES if slots.get(slot)]
    begins_with_name = names and re.match(rf"(?:{'|'.join(names)})(?!\w)", ask)
    return ask if begins_with_name else ask[:1].upper() + ask[1:]


def _filled(text: str, slots: Mapping[str, str]) -> str:
    """What is put in is not looked at again: a passage may well have `<file>` in it."""
    return SLOT.sub(lambda found: slots.get(found[1], found[0]), text)
