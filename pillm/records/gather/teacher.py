"""A teacher writes questions about passages, and says which words of the passage each answer rests on."""
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pillm.records.formats import Record
from pillm.records.gather.passage import Aside, Passage
from pillm.records.gather.support import Pair, invented, problem
from pillm.records.teach import Lesson

UNASKED = frozenset({"usual", "next"})
"""Habits: a teacher cannot know what they are for."""
SYSTEM = "You write exercises for students from a text. You ask only what the text answers, and you quote it exactly."
PROMPT = """Between the lines of dashes is a passage {about}. Write at most {most} questions that it answers.

- The question can be understood by somebody who has not got the passage: it names what it is about.
- The answer is what the passage says, in one to three sentences. Options, commands, names and numbers are copied.
- The quote is the stretch of the passage that the answer rests on, copied character by character.
- Where the passage answers nothing that is worth asking, write [].

{rule}
{text}
{rule}

Answer with a JSON array of objects: [{{"question": …, "answer": …, "quote": …}}]"""
RULE = "-" * 20
FEW_WORDS = 6
"""Of a passage, below which there is nothing to ask about that a template does not ask."""
NOTHING_ASKED = "the teacher asks nothing of it"


def schema(most: int) -> dict[str, Any]:
    """Of a teacher's reply."""
    text = {"type": "string", "pattern": "\\S"}
    return {"type": "array", "maxItems": most, "items": {
        "type": "object", "required": ["question", "answer", "quote"], "additionalProperties": False,
        "properties": {"question": text, "answer": text, "quote": text}}}


def request(passage: Passage, most: int) -> Record:
    """What the teacher is asked, as a record that waits for its answer."""
    title, heading = passage.slots.get("title", ""), passage.slots.get("heading", "")
    about = f"of {title}" + (f", section {heading}" if heading else "") if title else "of a document"
    return {"system_hint": SYSTEM, "requires_json": True, "tool_schema": schema(most),
            "user": PROMPT.format(about=about, most=most, rule=RULE, text=passage.text)}


def asks(passage: Passage) -> bool:
    return passage.kind not in UNASKED and len(passage.text.split()) >= FEW_WORDS


def requests(passages: Iterable[Passage], most: int) -> Iterator[Record]:
    return (request(passage, most) for passage in passages if asks(passage))


def pairs(passage: Passage, lesson: Lesson, most: int) -> Iterator[Pair | Aside]:
    """What the teacher wrote of a passage; what the passage does not support is set aside."""
    judged = lesson.answer(request(passage, most))
    if judged.reason:
        yield Aside(passage.place, judged.reason, judged.told, passage.text)
        return
    written = json.loads(judged.answer)
    if not written:
        yield Aside(passage.place, NOTHING_ASKED, "it answered []", passage.text)
    for each in written:
        pair = Pair(each["question"].strip(), each["answer"].strip(), each["quote"].strip())
        wrong = problem(pair, passage.text) or invented(pair, passage.text)
        yield Aside(passage.place, *wrong, json.dumps(each, ensure_ascii=False)) if wrong else pair
