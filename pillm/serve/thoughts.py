"""What a model thinks before it answers, told from the answer by the marks around it."""
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pillm.backends.hf.forms import MARK

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion

OPEN, CLOSE = "<think>", "</think>"
TURNS = [{"role": "user", "content": "Zquestion"}, {"role": "assistant", "content": "Zanswer"},
         {"role": "user", "content": "Zfurther"}]


@dataclass(frozen=True)
class Frame:
    """What a chat template puts around what the model says."""

    opens: bool = False
    """The prompt ends with the mark that opens thoughts: what is said first is thought."""
    end: str = ""
    """The mark after an answer, where that is no token of its own: the model spells it out before it stops."""


def frame(say: Callable[[list[dict[str, str]]], str], is_token: Callable[[str], bool]) -> Frame:
    """Of a template; `say` makes a prompt of messages, `is_token` tells whether a mark is one token."""
    after = say(TURNS).partition(TURNS[1]["content"])[2]
    found = re.match(rf"\s*({MARK})", after)
    spelled = found[1] if found and not is_token(found[1]) else ""
    return Frame(say(TURNS[:1]).rstrip().endswith(OPEN), spelled)


def before(grammar: str) -> str:
    """A grammar (GBNF) after any thoughts and the mark that closes them, for a prompt that opens them."""
    rules = ['root ::= thought-0', *(f"thought-{n} ::= {_after(n)}" for n in range(len(CLOSE))),
             f'thought-{len(CLOSE)} ::= "\\n"{{0,2}} answer']
    return "\n".join([*rules, re.sub(r"^root ::=", "answer ::=", grammar, flags=re.MULTILINE)])


def _after(said: int) -> str:
    """What may follow so many characters of the mark; none but its first can begin it anew."""
    first, wanted = CLOSE[0], CLOSE[said]
    if said == 0:
        return f'"{first}" thought-1 | [^{first}] thought-0'
    return f'"{wanted}" thought-{said + 1} | "{first}" thought-1 | [^{wanted}{first}] thought-0'


def split(text: str, opens: bool) -> tuple[str, str] | None:
    """(thoughts, answer); the answer is empty where the thoughts never ended. None where nothing was thought."""
    if not opens:
        if not text.lstrip().startswith(OPEN):
            return None
        text = text.lstrip().removeprefix(OPEN)
    thought, _, answer = text.partition(CLOSE)
    return thought.strip(), answer.strip()


def apart(completion: "Completion", opens: bool) -> "Completion":
    """The answer alone, its confidence too, with the thoughts beside it."""
    found = split(completion.text, opens)
    if found is None:
        return completion
    thought, answer = found
    tokens = _tokens_until(completion.pieces, CLOSE)
    logprobs = completion.logprobs[tokens:] or completion.logprobs
    return replace(completion, text=answer, thought=thought, thought_tokens=tokens, logprobs=logprobs,
                   pieces=completion.pieces[tokens:], mean_logprob=sum(logprobs) / max(1, len(logprobs)))


def _tokens_until(pieces: Sequence[str], end: str) -> int:
    """How many it takes until the text is said; all, where it never is."""
    said = ""
    for count, piece in enumerate(pieces, 1):
        said += piece
        if end in said:
            return count
    return len(pieces)


class Teller:
    """Tells text as it comes: each piece, and whether it is thought. The marks, and white space after them, are not."""

    def __init__(self, opens: bool, told: Callable[[str, bool], None]) -> None:
        self._told, self._held, self._fresh = told, "", opens
        self._thinks: bool | None = True if opens else None
        """None as long as the text may begin with the mark that opens thoughts."""

    def __call__(self, text: str) -> None:
        self._held += text
        if self._thinks is None:
            self._begin()
        if self._thinks and CLOSE in self._held:
            before, _, self._held = self._held.partition(CLOSE)
            self._tell(before)
            self._thinks, self._fresh = False, True
        if self._thinks is not None:
            kept = _overlap(self._held, CLOSE) if self._thinks else 0
            ready, self._held = self._held[:len(self._held) - kept], self._held[len(self._held) - kept:]
            self._tell(ready)

    def end(self) -> None:
        """What was held back in case it was part of a mark."""
        self._thinks = bool(self._thinks)
        self._tell(self._held)
        self._held = ""

    def _begin(self) -> None:
        start = self._held.lstrip()
        if start.startswith(OPEN):
            self._thinks, self._fresh, self._held = True, True, start.removeprefix(OPEN)
        elif not OPEN.startswith(start):
            self._thinks = False

    def _tell(self, text: str) -> None:
        if text := text.lstrip() if self._fresh else text:
            self._fresh = False
            self._told(text, bool(self._thinks))


def _overlap(text: str, mark: str) -> int:
    """Characters at the end of a text that a mark may begin with."""
    return next((n for n in range(len(mark) - 1, 0, -1) if text.endswith(mark[:n])), 0)
