"""What a teacher is asked for a record, and what its reply is worth."""
import json
import re
import unicodedata
from dataclasses import dataclass

from pillm.backends import json_schema
from pillm.json_text import compact
from pillm.records.chat import turns
from pillm.records.formats import Record
from pillm.records.read import LONE_SURROGATE, NotJson, value

Message = dict[str, str]

JSON_ONLY = "Answer with one JSON value and nothing else: no explanation, no code fence."
SATISFY = "It must satisfy this JSON Schema:\n{schema}"
AGAIN = "This cannot be used: {reason}: {told}. Answer again. " + JSON_ONLY

NOT_JSON, NOT_SCHEMA = "answer is not JSON", "answer does not satisfy its schema"
EMPTY, CUT, NOT_TEXT = "answer is empty", "answer is cut off", "answer is not text"

THOUGHTS = re.compile(r"^\s*<think>.*?</think>", re.DOTALL)
ROLE = re.compile(r"^(?:<\|)?assistant(?:\|>)?\s*:?\s*", re.IGNORECASE)
FENCE = re.compile(r"```[ \t]*(\w*)[ \t]*\n(.*?)\n?[ \t]*```", re.DOTALL)
PLAIN_FENCES = {"", "text", "txt", "markdown", "md", "json"}
"""A text wholly fenced as one of these is the answer; one fenced as code is code."""
ECHO_WORDS = 4
"""A reply that begins with fewer words of the prompt, «Bonjour», may well mean them."""


@dataclass(frozen=True)
class Judged:
    """A reply as an answer, or why it is none."""

    answer: str = ""
    reason: str = ""
    told: str = ""

    @property
    def ask_again(self) -> bool:
        """Whether the teacher may do better once it knows what was wrong."""
        return self.reason in (NOT_JSON, NOT_SCHEMA)


def prompt(record: Record) -> list[Message]:
    """The record's conversation without an answer; where JSON is wanted, its last message says so."""
    asked = [{"role": role, "content": text} for role, text in turns(record)]
    if record.get("requires_json"):
        wanted = [asked[-1]["content"], JSON_ONLY]
        if "tool_schema" in record:
            schema = json_schema.schema(record["tool_schema"])
            wanted.append(SATISFY.format(schema=json.dumps(schema, ensure_ascii=False)))
        asked[-1]["content"] = "\n\n".join(wanted)
    return asked


def again(asked: list[Message], reply: str, judged: Judged) -> list[Message]:
    """The conversation that asks once more."""
    wrong = AGAIN.format(reason=judged.reason, told=judged.told)
    return [*asked, {"role": "assistant", "content": reply}, {"role": "user", "content": wrong}]


def judge(record: Record, reply: str, cut: bool) -> Judged:
    """A teacher's reply, without its thoughts, an echo of the prompt and code fences."""
    if LONE_SURROGATE.search(reply):
        return Judged(reason=NOT_TEXT, told="half of a surrogate pair is no character")
    text = _without_echo(unicodedata.normalize("NFC", THOUGHTS.sub("", reply)).strip(), record)
    if record.get("requires_json"):
        return _json(record, text)
    if cut:
        return Judged(reason=CUT, told="it is as long as an answer may be; raise max_tokens")
    text = _unfenced(text)
    return Judged(answer=text) if text else Judged(reason=EMPTY, told="there is nothing but white space")


def _without_echo(text: str, record: Record) -> str:
    """Base models, and servers that complete plain text, repeat what they were asked."""
    said = [message["content"] for message in prompt(record)]
    own = [spoken for _, spoken in turns(record)]
    for echo in ("\n\n".join(said), said[-1], "\n\n".join(own), own[-1]):
        rest = text.removeprefix(echo)
        if len(echo.split()) >= ECHO_WORDS and rest != text and rest.strip() and rest.lstrip(" ").startswith("\n"):
            return ROLE.sub("", rest.strip())
    return text


def _unfenced(text: str) -> str:
    whole = FENCE.fullmatch(text)
    return whole[2].strip() if whole and whole[1].lower() in PLAIN_FENCES else text


def _json(record: Record, text: str) -> Judged:
    """The JSON of a reply, written without spaces."""
    fenced = FENCE.search(text)
    try:
        found = value(fenced[2] if fenced and text[:1] not in '{["' else text)
    except NotJson as error:
        return Judged(reason=NOT_JSON, told=str(error))
    wrong = json_schema.problems(found, json_schema.schema(record["tool_schema"])) if "tool_schema" in record else []
    if wrong:
        return Judged(reason=NOT_SCHEMA, told="; ".join(wrong[:3]))
    return Judged(answer=compact(found))
