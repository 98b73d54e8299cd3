"""The command in an answer."""
import re

FENCE = re.compile(r"^[ \t]*```[^\n`]*\n(.*?)(?:^[ \t]*```|\Z)", re.MULTILINE | re.DOTALL)
"""A fenced block; one that is not closed ends with the answer."""
PROMPT = re.compile(r"^[ \t]*\$ ((?:.*\\\n)*.*)", re.MULTILINE)
"""A line after a prompt, and those that it goes on in."""
QUOTED = re.compile(r"`([^`\n]+)`")
MOST_CHARACTERS = 4000


def command(answer: str) -> str | None:
    """The first fenced block, or else the whole answer; of it the lines after `$ `, if there are any.

    An answer that is one `quoted` span is what is quoted. Nothing else is taken out of prose, and bash is given what
    remains: a sentence is no command. None where nothing remains, or more than a short script.
    """
    answer = answer.replace("\r\n", "\n")
    fenced = FENCE.search(answer)
    text = fenced[1] if fenced else answer
    prompted = PROMPT.findall(text)
    found = "\n".join(prompted) if prompted else text.strip()
    quoted = QUOTED.fullmatch(found)
    found = quoted[1] if quoted else found
    return found if found.strip() and "\0" not in found and len(found) <= MOST_CHARACTERS else None
