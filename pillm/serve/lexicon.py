"""The lexicon of Québécois forms, and the two patterns that it makes: what marks joual, what marks careful French."""
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from pillm import fast_yaml

Entry = dict[str, Any]

PACKAGE = Path(__file__).parents[1]
ROOT = share if (share := PACKAGE / "share").exists() else PACKAGE.parent
FILE = ROOT / "dataset" / "quebecois" / "lexicon.yaml"

ENDINGS = "(?:er(?:a[is]?|ai[st]|aient|ez|on[st])?|e|es|ons|ez|ent|ée?s?|a[is]?|ai[st]|aient|ions|iez)"
"""Of a verb in -er."""
IRREGULAR = {"faire": r"(?:faire|fai[st]|font|fass\w+|fais\w+|fer\w+)", "prendre": r"(?:pren\w+|pri[ts]e?)",
             "mettre": r"(?:met\w*|mis)", "partir": r"part\w*", "courir": r"cour\w+", "dormir": r"dor\w+"}
OWNERS = {"son", "sa", "ses"}
OWNER = "(?:[mts](?:on|a|es)|notre|nos|votre|vos|leurs?)"
"""Whose it is: «attacher sa tuque» is found in «attache ta tuque»."""


@cache
def entries() -> tuple[Entry, ...]:
    """All entries, as dataset/quebecois/lexicon.yaml has them."""
    return tuple(fast_yaml.load(FILE.read_text("utf-8")))


@cache
def marks_of_joual() -> re.Pattern[str]:
    """Finds forms that are out of place in careful French, the longest first."""
    marking = (entry for entry in entries() if entry["usage"] != "courant" and not entry.get("shared"))
    return _any(found for entry in marking for found in patterns(entry))


@cache
def marks_of_care() -> re.Pattern[str]:
    """Finds what careful French says where joual says it otherwise."""
    return _any(entry["careful"] for entry in entries() if "careful" in entry)


def patterns(entry: Entry) -> Iterator[str]:
    """Of an entry's form: its own pattern, or what its letters say."""
    if "pattern" in entry:
        yield entry["pattern"]
        return
    for form in (entry["form"], *entry.get("also", ())):
        yield _verb(form) if entry.get("inflects") else _phrase(form) if entry["kind"] == "expression" else _word(form)


def _any(found: Iterator[str]) -> re.Pattern[str]:
    longest_first = sorted(set(found), key=lambda pattern: (-len(pattern), pattern))
    return re.compile(rf"(?<!\w)(?:{'|'.join(longest_first)})(?!\w)", re.IGNORECASE)


def _word(form: str) -> str:
    plural = "[sx]?" if form[-1].isalpha() else ""
    return re.escape(form) + plural


def _verb(form: str) -> str:
    return re.escape(form.removesuffix("er")) + ENDINGS


def _phrase(form: str) -> str:
    """The verb in any form, any owner, a word between («lâche surtout pas»); avoir and être may be left out."""
    verb, *rest = re.sub(r"^(?:se |s')", "", form).split()
    said = " ".join(OWNER if word in OWNERS else re.escape(word) for word in rest)
    if verb in ("avoir", "être"):
        return said
    if verb in IRREGULAR:
        return rf"{IRREGULAR[verb]}(?:[- ]\w+)? {said}"
    if verb.endswith("er") and rest:
        return rf"{_verb(verb)}(?:[- ]\w+)? {said}"
    return _word(form)
