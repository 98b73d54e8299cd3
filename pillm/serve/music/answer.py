"""The tune in an answer."""
import re

from pillm.serve.execution.answer import FENCE

TUNE = re.compile(r"^X:.*?(?=\n[ \t]*\n|\Z)", re.MULTILINE | re.DOTALL)
"""From its number to a blank line, as the standard has it (abcnotation.com/wiki/abc:standard:v2.1, 2.2.2)."""
HUGE = re.compile(r"\d{4}")
"""No length has four digits: it would be longer than an hour."""
MOST_CHARACTERS = 4000


def tune(answer: str) -> str | None:
    """The one tune of the first fenced block, or of the whole answer; None where there is none, or more than one."""
    answer = answer.replace("\r\n", "\n")
    fenced = FENCE.search(answer)
    found = TUNE.findall(fenced[1] if fenced else answer)
    if len(found) != 1 or len(re.findall(r"^X:", found[0], re.MULTILINE)) != 1:
        return None
    text = found[0].strip() + "\n"
    return text if "\0" not in text and len(text) <= MOST_CHARACTERS and not HUGE.search(_music(text)) else None


def _music(text: str) -> str:
    """The lines that are no fields."""
    return "\n".join(line for line in text.splitlines() if not re.match(r"[A-Za-z]:", line))
