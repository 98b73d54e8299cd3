"""What is left of a request for a command without its literals: paths, numbers, and words the command repeats."""
import re

from pillm.records.text import words

QUOTED = re.compile(r"```.*?```|`[^`]*`|«[^»]*»|'[^']*'(?!\w)|\"[^\"]*\"", re.DOTALL)
LITERAL = re.compile(r"\S*(?:\d|[/.*_=~$@:\\%+](?=\S))\S*")
"""A word with a digit or a mark inside: a path, an address, an option."""
FENCED = re.compile(r"```\w*\n(.*?)```", re.DOTALL)
MASK = "#"


def skeleton(request: str, answer: str) -> str:
    """Two requests of one skeleton are one phrasing; `answer` is what was or would be answered."""
    code = " ".join(FENCED.findall(answer)) or answer
    repeated = set(words(code))
    plain = LITERAL.sub(f" {MASK} ", QUOTED.sub(f" {MASK} ", request))
    said = [MASK if word == MASK or word in repeated else word
            for word in re.findall(rf"[^\W_]+|{MASK}", plain.lower())]
    return " ".join(word for n, word in enumerate(said) if word != MASK or n == 0 or said[n - 1] != MASK)
