"""The questions of an eval suite: read, judged before anything starts, and turned into messages."""
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from pillm.backends import json_lines
from pillm.errors import ConfigError, suggest
from pillm.serve import pairs
from pillm.serve.arguments import is_schema, is_text, is_texts, is_turns
from pillm.serve.checkers import CHECKERS
from pillm.serve.json_answers import schema_file

Message = dict[str, str]
DEVELOPMENT, ALL = "dev", "all"
"""What the questions of `domain.eval` are called beside the domain's further suites, and those of all of them."""

FIELDS = ("id", "user", "system_hint", "messages", "check", "answer", "schema", "gold", "tags")
SHAPES = {
    "user": (is_text, "Write a text."),
    "system_hint": (is_text, "Write a text."),
    "messages": (is_turns, "Write a list of {role, content}."),
    "schema": (is_schema, "Write a JSON Schema or the name of one in schemas/."),
    "gold": (is_text, "Write a right answer as a model would."),
    "tags": (is_texts, "Write a list of strings."),
}
"""What a field that may be left out must be, if it is there."""


@dataclass(frozen=True)
class Question:
    """One line of eval.jsonl."""

    id: str
    check: str
    answer: Any
    """The checker's argument."""
    user: str = ""
    messages: tuple[Message, ...] = ()
    """Turns before `user`, or all of them."""
    system_hint: str | None = None
    schema: str | dict | None = None
    """What the answer must also satisfy."""
    gold: str | None = None
    """A right answer, where `answer` says none (regex, json_schema) or a lesser one; the suite is tried by it."""
    tags: tuple[str, ...] = ()

    @property
    def right(self) -> str | None:
        """An answer that must score full marks; None where there is none."""
        return CHECKERS[self.check].gold(self.answer) if self.gold is None else self.gold

    @property
    def line(self) -> dict[str, Any]:
        """As in eval.jsonl, without what is not set."""
        return {key: value for key in FIELDS if (value := getattr(self, key)) not in (None, "", ())}


def read(path: Path) -> list[Question]:
    """All questions; raises ConfigError with every mistake as `file:line: what. what to do.`

    A file that has not changed is read once: the checks of a recipe's steps ask for the same suites.
    """
    facts = path.stat()
    return list(_read(path, facts.st_mtime_ns, facts.st_size))


@lru_cache(maxsize=32)
def _read(path: Path, *as_it_is: int) -> tuple[Question, ...]:
    lines = list(_lines(path))
    mistakes = [f"{path}:{number}: {what}" for number, line in lines for what in _mistakes(line)]
    mistakes += _doubled(path, lines)
    found = [] if mistakes else [(number, _question(line)) for number, line in lines]
    mistakes += [f"{path}:{number}: {what}" for number, what in pairs.unpaired(found)]
    if mistakes or not lines:
        raise ConfigError("\n".join(mistakes or [f"{path}: there is no question in it. Write one JSON object a line."]))
    return tuple(question for _, question in found)


def reads(questions: Iterable[Question]) -> list[Path]:
    """The files that a judgement of their answers depends on, beside the suite itself."""
    judged = [(*CHECKERS[name].reads(argument), *schema_file(question.schema)) for question in questions
              for name, argument in [pairs.inner(question.check, question.answer)]]
    return sorted({file for files in judged for file in files})


def require_checkers(questions: list[Question]) -> list[Question]:
    """The questions; raises ConfigError where a checker that they name can't be had on this machine."""
    judges = {question.id: pairs.inner(question.check, question.answer)[0] for question in questions}
    for name in sorted(set(judges.values())):
        if told := CHECKERS[name].missing():
            asking = [question for question, judge in judges.items() if judge == name]
            raise ConfigError(f"{len(asking)} questions ({asking[0]} …) are judged by {name}. {told}")
    return questions


def by_model(questions: Iterable[Question]) -> list[str]:
    """The ids of those that no program judges."""
    return [question.id for question in questions if CHECKERS[question.check].by_model]


def require_programs(questions: Iterable[Question]) -> None:
    """Raises ConfigError where a judge would have to be asked."""
    if waiting := by_model(questions):
        raise ConfigError(f"{len(waiting)} questions ({waiting[0]} …) are judged by a model, which only evaluate asks. "
                          "Leave them out.")


def messages(question: Question) -> list[Message]:
    """The conversation up to the answer; the question's own system prompt, if it has one, comes first."""
    turns = [*question.messages, *([{"role": "user", "content": question.user}] if question.user else [])]
    if question.system_hint and turns[0]["role"] != "system":
        turns.insert(0, {"role": "system", "content": question.system_hint})
    return turns


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        for number, line in json_lines.texts(path):
            yield number, _parsed(line)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: it is not UTF-8 ({error.reason}). Save it as UTF-8.") from None


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except RecursionError:
        return ValueError("its lists are nested too deeply")
    except ValueError as error:
        return error


def _question(line: dict[str, Any]) -> Question:
    sequences = {key: tuple(line.get(key) or ()) for key in ("messages", "tags")}
    return Question(**{key: line[key] for key in FIELDS if key in line} | sequences)


def _doubled(path: Path, lines: list[tuple[int, Any]]) -> Iterator[str]:
    first: dict[str, int] = {}
    for number, line in lines:
        name = line.get("id") if isinstance(line, dict) else None
        if isinstance(name, str) and first.setdefault(name, number) != number:
            yield f"{path}:{number}: id {name!r} is that of line {first[name]}. Give each question its own."


def _mistakes(line: Any) -> Iterator[str]:
    """What is wrong with one line, if anything."""
    if not isinstance(line, dict):
        told = f"not JSON: {line}" if isinstance(line, ValueError) else f"a {type(line).__name__}, not an object"
        yield f"{told}. Write one JSON object a line."
        return
    yield from (f"unknown key '{key}'.{suggest(key, FIELDS)}" for key in line if key not in FIELDS)
    if not isinstance(line.get("id"), str):
        yield "it has no id. Give it a string of its own."
    if not line.get("user") and not line.get("messages"):
        yield "it has neither user nor messages. Say what is asked."
    for key, (suits, told) in SHAPES.items():
        if line.get(key) not in (None, []) and not suits(line[key]):
            yield f"{key} is {line[key]!r:.60}. {told}"
    yield from mistakes_of_check(line)


def mistakes_of_check(line: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a `check` and its `answer`."""
    check = line.get("check")
    if not isinstance(check, str) or check not in CHECKERS:
        yield f"check is {check!r}, not one of {', '.join(CHECKERS)}.{suggest(str(check), CHECKERS)}"
    elif "answer" not in line:
        yield f"it has no answer for {check} to compare with. Add it."
    elif not CHECKERS[check].suits(line["answer"]):
        yield f"answer {line['answer']!r:.60} does not suit {check}. Give {CHECKERS[check].wanted}."
