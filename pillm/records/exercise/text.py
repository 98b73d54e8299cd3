"""Texts with slots: `<dir>` is how the filler is said, `<dir.arg>` how a command writes it."""
import re
from random import Random

from pillm.records.exercise.tasks import Slots
from pillm.records.generator.phrase import Choice, Phrase, parse

SLOT = re.compile(r"<([a-z_]\w*)(?:\.(\w+))?>")


def filled(text: str, slots: Slots) -> str:
    """With its slots said; a filler that has no such face is written as it is said."""
    def face(found: re.Match[str]) -> str:
        return slots[found[1]].get(found[2] or "", slots[found[1]][""]) if found[1] in slots else found[0]
    return SLOT.sub(face, text)


def said(phrasing: str, rng: Random) -> str:
    """One way to say it: `(find|show me) files`. Brackets without a choice are brackets; lines stay lines."""
    return "\n".join(" ".join(line.split()) for line in _chosen(parse(phrasing, "ask"), rng).split("\n"))


def _chosen(phrase: Phrase, rng: Random) -> str:
    return "".join(_choice(node, rng) if isinstance(node, Choice) else str(node) for node in phrase)


def _choice(choice: Choice, rng: Random) -> str:
    if len(choice.options) == 1:
        return f"({_chosen(choice.options[0], rng)})"
    return _chosen(rng.choice(choice.options), rng)
