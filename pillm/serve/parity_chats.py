"""The chats by which training, llama.cpp and Ollama are compared: some of the domain's, and some made to differ."""
import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pillm.backends import json_lines
from pillm.errors import StageError

Messages = list[dict[str, str]]

SYSTEM = "Tu réponds en français québécois, en une phrase."
UNICODE = "Où ça, l’été? «Ça dépend…» — naïve Zoë, e\u0323\u0302, œuvre, 2½ km, ½, ² 🍁👍🏽 👨‍👩‍👧 日本語 한국어 עברית"
CODE = "def f(x):\n\treturn  x ** 2  # ok\n\n\nprint(f(12345.678))\r\n"
JSON = '{"tool": "localsearch", "query": "l\'resto «B&B»", "price": null, "tags": ["a", "b\\n"], "n": [1, 2.50, -3e4]}'
THOUGHTS = "<think>\nIl veut du café.\n</think>\n\nAu coin d'la rue."


@dataclass(frozen=True)
class Case:
    """A chat that ends with an answer; what is before it is the prompt."""

    name: str
    messages: Messages

    @property
    def asked(self) -> Messages:
        """Without the answer."""
        return self.messages[:-1]


def built(special: Sequence[str]) -> list[Case]:
    """Chats in which templates and tokenizers go apart first; `special` are the tokens of the model's own marks."""
    cases = [
        _case("one question", "Bonjour!"),
        _case("empty question", ""),
        _case("one space", " "),
        _case("Unicode", UNICODE, answer=UNICODE),
        _case("JSON", JSON, answer=JSON),
        _case("code with tabs and newlines", CODE, answer=CODE),
        _case("leading and trailing spaces", "   deux  espaces   ", answer="  oui  "),
        _case("leading and trailing newlines", "\n\nune ligne\n\n", answer="\n\noui\n\n"),
        _case("system", "Bonjour!", system=SYSTEM),
        _case("system with spaces and newlines", " Bonjour! ", system=f"\n {SYSTEM} \n"),
        _case("empty system", "Bonjour!", system=""),
        _case("system and empty question", "", system=SYSTEM),
        _turns("several turns", "", "Un café?", "Avec plaisir!", "Où ça?"),
        _turns("system and several turns", SYSTEM, "Un café?", " Avec plaisir!\n", "Où ça?", UNICODE, "Encore?"),
        _turns("thoughts in an answer", "", "Un café?", THOUGHTS, "Où ça?"),
        _turns("empty answer", "", "Un café?", "", "Où ça?"),
    ]
    return cases + [_case(f"{token} in a message", f"Que veut dire {token}? Et x{token}y?\n{token}", answer="Rien.")
                    for token in dict.fromkeys(filter(None, special))]


def of_domain(chats: Path, count: int) -> list[Case]:
    """So many chats of the test split, evenly from the whole; of another split where it is empty."""
    for split in ("test", "validation", "train"):
        file = chats / f"{split}.jsonl"
        lines = list(json_lines.texts(file)) if file.exists() else []
        if lines:
            chosen = sorted({i * len(lines) // count for i in range(count)})
            return [Case(f"{file.name}:{number}", json.loads(text)["messages"])
                    for number, text in map(lines.__getitem__, chosen)]
    raise StageError(f"{chats}: no split has a chat. Give prepare more records.")


def _case(name: str, question: str, *, answer: str = "C'est correct.", system: str | None = None) -> Case:
    start = [] if system is None else [_message("system", system)]
    return Case(name, [*start, _message("user", question), _message("assistant", answer)])


def _turns(name: str, system: str, *contents: str) -> Case:
    """Turns of user and assistant, begun and ended by the user; `system` may be nothing."""
    roles = ("user", "assistant")
    turns = [_message(roles[i % 2], content) for i, content in enumerate(contents)]
    start = [_message("system", system)] if system else []
    return Case(name, [*start, *turns, _message("assistant", "C'est correct.")])


def _message(role: str, content: str) -> dict[str, str]:
    """In NFC, as all chats of a recipe are (llama.cpp does not normalise)."""
    return {"role": role, "content": unicodedata.normalize("NFC", content)}
