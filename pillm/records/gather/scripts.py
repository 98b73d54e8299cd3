"""What of a script's comments can be learned from: those that say what a command is for."""
import re
from collections.abc import Iterator

from pillm.backends import shell_scripts
from pillm.backends.shell_scripts import Commented
from pillm.records.gather.passage import Aside, Found, Passage
from pillm.records.gather.sections import MOST_CODE_LINES, SHORTEST_WORDS, TOO_LONG, TOO_SHORT
from pillm.records.text import words

NOT_MEANT = {
    "copyright notice": re.compile(r"\bcopyright\b|\blicen[cs]ed?\b|SPDX-|\bwarranty\b|©", re.IGNORECASE),
    "note to the author or a tool": re.compile(
        r"\b(?:TODO|FIXME|XXX|HACK)\b|^\s*(?:shellcheck|shfmt|vim?:|ex:|-\*-|noqa|!/)|^(?:BEGIN|END)\b"),
}
"""Comments that say nothing of the command below them."""
CODE, BROKEN = "commented-out code", "not parsed as bash"
RULE = re.compile(r"^(?:[#=*_~|+-]{2,}|[*|])(?=\s|$)|\s*[#=*_~|+-]{2,}$")
"""Lines and frames that are drawn around a comment."""
PROSE = frozenset(words("the a an to of if is are be for with from in on and or not this that it as when whether by "
                        "le la les un une de du des si est pour avec dans et ou ne pas ce cette que"))
"""Words between words: two of them are a sentence, though it has a `$1` or an option in it."""
MOST_WORDS = 60
"""Of a comment: a longer one is a page about the script."""


def passages(script: str, name: str, longest: int) -> Iterator[Found]:
    """In the order of the script; `name` is the file's."""
    for found in shell_scripts.commented(script):
        yield _judged(found, name, longest)


def cleaned(comment: str) -> str:
    """On one line, without rules and its full stop."""
    lines = (RULE.sub("", line).strip() for line in comment.split("\n"))
    return " ".join(" ".join(lines).split()).removesuffix(".")


def begun(comment: str) -> str:
    """As it stands after a colon: without its capital, unless that is a name's or an abbreviation's."""
    return comment[:1].lower() + comment[1:] if comment[1:2].islower() or comment[1:2] == " " else comment


def commented(comment: str, code: str, place: str, title: str, function: str = "") -> Passage:
    """A comment with its command, as a passage."""
    slots = {"title": title, "comment": comment, "begin": begun(comment), "code": code}
    return Passage("function" if function else "comment", f"{comment}\n{code}", place,
                   slots | ({"name": function} if function else {}))


def _judged(found: Commented, name: str, longest: int) -> Found:
    place, comment = f"{name}:{found.line}", cleaned(found.comment)
    if told := _unusable(found, comment, longest):
        return Aside(place, *told, f"# {comment}\n{found.code}")
    return commented(comment, found.code, place, name.rsplit("/", 1)[-1], function=found.function)


def _unusable(found: Commented, comment: str, longest: int) -> tuple[str, str] | None:
    for reason, pattern in NOT_MEANT.items():
        if told := pattern.search(found.comment):
            return reason, f"it has «{told[0].strip()}»"
    if found.broken:
        return BROKEN, "the command below the comment has a part that bash would not take"
    if len(comment.split()) < SHORTEST_WORDS:
        return TOO_SHORT, f"the comment has fewer than {SHORTEST_WORDS} words"
    said = sum(word in PROSE for word in words(comment))
    if said < 2 and shell_scripts.is_commented_out(found.comment):
        return CODE, "the comment is a command itself"
    if len(comment.split()) > MOST_WORDS or len(found.code) > longest or found.code.count("\n") >= MOST_CODE_LINES:
        return TOO_LONG, (f"a comment has at most {MOST_WORDS} words, its command {longest} characters and "
                          f"{MOST_CODE_LINES} lines")
    return None
