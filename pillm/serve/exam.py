"""An exam: every question put to a model, every answer judged, and the marks summed up."""
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pillm.errors import PillmError
from pillm.serve import pairs
from pillm.serve.checker import Measures
from pillm.serve.checkers import CHECKERS
from pillm.serve.json_answers import json_schema
from pillm.serve.picks import percentile, spread
from pillm.serve.questions import Question, messages

if TYPE_CHECKING:
    from pillm.backends.llama_cpp.server import Completion
    from pillm.backends.statistics import Interval
    from pillm.serve.chat import Chat
    from pillm.serve.kept import Kept

COUNTED = "thought_tokens"
"""The measure that is no share."""
Marks = dict[str, Any]
"""`score` over all questions, then each checker's own score and figures: intervals {value, low, high, n}."""


@dataclass(frozen=True)
class Answered:
    """One question with what came back."""

    question: Question
    completion: "Completion"
    measures: Measures

    @property
    def line(self) -> dict[str, Any]:
        """What answers.jsonl keeps: nothing that differs between two runs."""
        thought = {} if self.completion.thought is None else {"thought": self.completion.thought}
        return {"id": self.question.id, "answer": self.completion.text, **self.measures, **thought,
                "prompt_tokens": self.completion.prompt_tokens, "completion_tokens": self.completion.completion_tokens,
                "stop": self.completion.stop_reason}


def sit(chat: "Chat", questions: Sequence[Question], told: Callable[[int, float], None],
        kept: "Kept") -> list[Answered]:
    """Ask all of them in order, but those whose answer is kept; `told` hears how many are done and their mean score."""
    found: list[Answered] = []
    try:
        _require_sound(questions)
        rest = [question for question in questions if question.id not in kept.answers]
        asked = chat.ask_many(map(messages, rest), [question.schema for question in rest])
        for question in questions:
            if question.id not in kept.answers:
                kept.keep(question.id, next(asked))
            completion = kept.answers[question.id]
            found.append(Answered(question, completion, judged(question, completion.text) | thinking(completion)))
            told(len(found), _mean(found))
    except PillmError as error:
        error.add_note(f"at question {questions[len(found)].id}")
        raise
    return found


def _require_sound(questions: Sequence[Question]) -> None:
    """Raises ConfigError for a schema that no answer can be held against, before the first is asked for."""
    from pillm.backends.json_schema import schema

    judged = (pairs.inner(question.check, question.answer) for question in questions)
    by = [argument for name, argument in judged if name == "json_schema"]
    for given in filter(None, [*by, *(question.schema for question in questions)]):
        schema(given)


def _mean(answered: Sequence[Answered]) -> float:
    """Of those that wait for no judge."""
    scores = [one.measures["score"] for one in answered if "score" in one.measures]
    return sum(scores) / len(scores) if scores else 0.0


def judged(question: Question, answer: str) -> Measures:
    """The checker's measures; with a schema of its own, the question also says whether the answer satisfies it."""
    measures = CHECKERS[question.check](answer, question.answer)
    if question.schema is None:
        return measures
    return measures | {"schema_valid": json_schema(answer, question.schema)["score"]}


def thinking(completion: "Completion") -> Measures:
    """Of a model that thinks: tokens of its thoughts, and whether it came to an answer; judged is the answer alone."""
    if completion.thought is None:
        return {}
    return {COUNTED: float(completion.thought_tokens), "thought_ended": float(bool(completion.text))}


def marks(answered: Sequence[Answered], seed: int) -> Marks:
    """Over all questions, per checker, and per tag."""
    by_tag = defaultdict(list)
    for one in answered:
        for tag in one.question.tags:
            by_tag[tag].append(one)
    tags = {tag: _intervals(some, seed) for tag, some in sorted(by_tag.items())}
    return _intervals(answered, seed) | ({"tags": tags} if tags else {})


def _intervals(answered: Sequence[Answered], seed: int) -> "dict[str, Interval]":
    from pillm.backends.statistics import SHARES, bootstrap

    values: dict[str, list[float]] = {"score": [one.measures["score"] for one in answered]}
    for one in answered:
        for name, value in one.measures.items():
            values.setdefault(one.question.check if name == "score" else name, []).append(value)
    values |= pairs.over_pairs((one.question, one.measures["score"]) for one in answered)
    return {name: bootstrap(found, seed=seed, within=None if name == COUNTED else SHARES)
            for name, found in values.items() if found}


def differs(answered: Sequence[Answered], reference: Sequence[Answered], seed: int) -> "Interval":
    """Share of questions that are answered in other words than the reference answers them."""
    from pillm.backends.statistics import bootstrap

    pairs = zip(answered, reference, strict=True)
    return bootstrap([float(one.completion.text != other.completion.text) for one, other in pairs], seed=seed)


def speed(answered: Sequence[Answered]) -> dict[str, Any]:
    """Milliseconds to a whole answer (median, 90th and 99th percentile) and tokens/s read and written."""
    made = [one.completion for one in answered]
    latency_ms = [1000 * (one.prompt_s + one.decode_s) for one in made]
    return {"latency_ms": {f"p{p}": round(percentile(latency_ms, p), 2) for p in (50, 90, 99)},
            "prompt_tokens_per_s": _rate(sum(one.prompt_tokens for one in made), sum(one.prompt_s for one in made)),
            "tokens_per_s": _rate(sum(one.completion_tokens for one in made), sum(one.decode_s for one in made))}


def _rate(tokens: int, seconds: float) -> float:
    return round(tokens / seconds, 1) if seconds else 0.0


def some(questions: Sequence[Question], most: int | None) -> list[Question]:
    """At most so many, taken evenly; a pair comes whole, if need be in place of one question."""
    if most is None or most >= len(questions):
        return list(questions)
    units = pairs.units(questions)
    count = max(1, most * len(units) // len(questions))
    while count > 1 and sum(map(len, spread(units, count))) > most:
        count -= 1
    return [question for unit in spread(units, count) for question in unit]
