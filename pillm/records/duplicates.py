"""Records that say the same again, in the same words or nearly."""
import hashlib
from collections.abc import Callable

from pillm.records.chat import Turn
from pillm.records.text import collapsed, pairs


def digests(told: list[Turn], seed: int) -> tuple[bytes, bytes]:
    """Of a conversation's prompt and of the whole, white space apart: equal for equal ones."""
    texts = [f"{role}\0{collapsed(said)}\0" for role, said in told]
    answer = texts.pop() if told[-1][0] == "assistant" else ""
    hashed = hashlib.sha256(f"{seed}\0{''.join(texts)}".encode())
    prompt = hashed.digest()
    hashed.update(answer.encode())
    return prompt, hashed.digest()


def tokens(text: str) -> set[str]:
    """What near duplicates are compared by: a text's words and their pairs."""
    words = text.split(" ")
    return {*words, *pairs(words)}


def earlier() -> Callable[[bytes, int], int | None]:
    """Given a digest and a name, the name under which the digest was first met, or None."""
    met: dict[bytes, int] = {}

    def first(digest: bytes, name: int) -> int | None:
        known = met.setdefault(digest[:16], name)
        return None if known == name else known

    return first
