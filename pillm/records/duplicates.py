"""Records that say the same again, in the same words or nearly; and those that answer one question otherwise."""
import hashlib
import json
import unicodedata
from collections.abc import Callable, Iterable

from pillm.records.chat import Turn
from pillm.records.read import NotJson, value
from pillm.records.text import MARKS, collapsed, pairs

ENDS = " .,;:!?…«»\"'"


def digests(told: list[Turn], seed: int) -> tuple[bytes, bytes]:
    """Of a conversation's prompt and of the whole, white space apart: equal for equal ones."""
    texts = [f"{role}\0{collapsed(said)}\0" for role, said in told]
    answer = texts.pop() if told[-1][0] == "assistant" else ""
    hashed = hashlib.sha256(f"{seed}\0{''.join(texts)}".encode())
    prompt = hashed.digest()
    hashed.update(answer.encode())
    return prompt, hashed.digest()


def number(digest: bytes) -> int:
    """Never 0, which stands for nothing."""
    return int.from_bytes(digest[:8]) or 1


def stance(told: list[Turn], terms: str = "") -> tuple[int, int]:
    """What is asked, on which terms, and what is answered, as numbers; case, accents and ends of sentences apart."""
    asked = "\0".join([terms, *(f"{role}\0{plain(text)}" for role, text in told[:-1])])
    return _number(asked), _number(_answer(told[-1][1]))


def _number(text: str) -> int:
    return number(hashlib.sha256(text.encode()).digest())


def plain(text: str) -> str:
    """Without case and accents; the signs between words stay: `>` and `>>` are two commands."""
    if not text.isascii():
        text = MARKS.sub("", unicodedata.normalize("NFKD", text))
    return " ".join(text.casefold().split()).strip(ENDS)


def _answer(text: str) -> str:
    """JSON in the order of its keys."""
    try:
        found = value(text)
    except NotJson:
        return plain(text)
    return plain(json.dumps(found, sort_keys=True, ensure_ascii=False))


def tokens(text: str) -> set[str]:
    """What near duplicates are compared by: a text's words and their pairs."""
    words = text.split(" ")
    return {*words, *pairs(words)}


def twins(found: Iterable[tuple[int, int]], alike: Callable[[int, int], bool]) -> dict[int, int]:
    """For each that is like an earlier one, which stays, that one.

    `found` names pairs (later, earlier) in the order of the later.
    """
    twin: dict[int, int] = {}
    last, looked_at = -1, set[int]()
    for later, earlier in found:
        if later != last:
            last, looked_at = later, set()
        stays = twin.get(earlier, earlier)
        if later not in twin and stays not in looked_at and alike(later, stays):
            twin[later] = stays
        looked_at.add(stays)
    return twin
