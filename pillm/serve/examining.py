"""A suite is examined itself: right answers must score full marks on it, and answers that know nothing next to none."""
import random
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from statistics import fmean
from typing import Any

from pillm.serve.checkers import CHECKERS
from pillm.serve.json_answers import json_schema
from pillm.serve.questions import ALL, Question, by_model, messages

Sheet = dict[str, list[float | None]]
"""By who answers: the score of each question in order; None where there is no such answer."""
Figures = dict[str, Any]

ANSWERERS = {
    "gold": "a right answer to each question",
    "empty": "nothing",
    "constant": "one and the same answer to all, the one that scores best of frequent right ones and of stock phrases",
    "echo": "the question",
    "shuffled": "the right answer to another question, which is chance",
}
CONSTANTS, SLOW_CONSTANTS = 25, 2
"""Right answers that are tried as blanket ones; few on questions whose judging takes long."""
STOCK = ("Yes.", "No.", "I don't know.", "I can't help with that.", "Oui.", "Non.", "Je ne sais pas.", "[]", "{}", "0")
"""Blanket answers that models give."""
DEALS, SLOW_DEALS = 5, 1
"""How often right answers are dealt to other questions."""


def all_examined(suites: Mapping[str, Sequence[Question]], seed: int = 0) -> dict[str, Figures]:
    """By suite; of several also all together, where what is right all through one suite is wrong in the others."""
    pooled = {ALL: [question for questions in suites.values() for question in questions]} if len(suites) > 1 else {}
    return {name: examined(questions, seed) for name, questions in {**suites, **pooled}.items()}


def examined(questions: Sequence[Question], seed: int = 0) -> Figures:
    """Mean scores of those who answer, over all questions and by checker and tag, and the ids of what is amiss.

    Questions for a judge are counted, and left out of the rest.
    """
    waiting = by_model(questions)
    questions = [question for question in questions if question.id not in waiting]
    sheet = answered(questions, seed)
    checkers = _groups((question.check, n) for n, question in enumerate(questions))
    tags = _groups((tag, n) for n, question in enumerate(questions) for tag in question.tags)
    return {**means(sheet, range(len(questions))), **_amiss(questions, sheet), "by_model": len(waiting),
            "checkers": {name: means(sheet, places) for name, places in checkers.items()},
            "tags": {name: means(sheet, places) for name, places in tags.items()}}


def _amiss(questions: Sequence[Question], sheet: Sheet) -> dict[str, list[str]]:
    """Questions without a right answer, those whose right answer is refused, and those that their own words pass."""
    by_score = list(zip(questions, sheet["gold"], sheet["echo"], strict=True))
    return {"without_gold": [one.id for one, gold, _ in by_score if gold is None],
            "wrong_gold": [one.id for one, gold, _ in by_score if gold is not None and not (gold == 1 and _fits(one))],
            "echo_passes": [one.id for one, _, echo in by_score if echo == 1]}


def answered(questions: Sequence[Question], seed: int) -> Sheet:
    """What each of ANSWERERS scores, question by question."""
    golds = [question.right for question in questions]
    return {"gold": _scores(questions, golds), "empty": _scores(questions, [""] * len(questions)),
            "constant": _constant(questions, golds),
            "echo": _scores(questions, [messages(question)[-1]["content"] for question in questions]),
            "shuffled": _shuffled(questions, golds, random.Random(f"examine/{seed}"))}


def means(sheet: Sheet, places: Sequence[int]) -> dict[str, float]:
    """How many questions, and the mean score of each over them; who answers none of them is left out."""
    known = {name: [score for n in places if (score := scores[n]) is not None] for name, scores in sheet.items()}
    return {"questions": len(places)} | {name: round(fmean(scores), 4) for name, scores in known.items() if scores}


def _fits(question: Question) -> bool:
    """Whether the question's right answer satisfies the schema that it names, if it does."""
    return question.schema is None or json_schema(str(question.right), question.schema)["score"] == 1


def _scores(questions: Sequence[Question], answers: Sequence[str | None]) -> list[float | None]:
    return [None if answer is None else CHECKERS[question.check].mark(answer, question.answer)
            for question, answer in zip(questions, answers, strict=True)]


def _constant(questions: Sequence[Question], golds: Sequence[str | None]) -> list[float | None]:
    frequent = Counter(gold for gold in golds if gold is not None).most_common(CONSTANTS)
    tried = [_scores(questions, [_blanket(answer, question, place) for question in questions])
             for place, answer in enumerate([*(gold for gold, _ in frequent), *STOCK])]
    best = max(tried, key=lambda scores: sum(score or 0 for score in scores))
    return [score or 0.0 for score in best]


def _blanket(answer: str, question: Question, place: int) -> str | None:
    """None where judging takes long and enough were tried: it counts as wrong."""
    return None if CHECKERS[question.check].slow and place >= SLOW_CONSTANTS else answer


def _shuffled(questions: Sequence[Question], golds: Sequence[str | None], chance: random.Random) -> list[float | None]:
    """Mean over several deals in which every right answer goes to another question."""
    found: dict[int, list[float]] = defaultdict(list)
    places = [n for n, gold in enumerate(golds) if gold is not None]
    deals = SLOW_DEALS if any(CHECKERS[question.check].slow for question in questions) else DEALS
    for _ in range(deals if len(places) > 1 else 0):
        chance.shuffle(places)
        for n, other in zip(places, [*places[1:], places[0]], strict=True):
            found[n].append(CHECKERS[questions[n].check].mark(str(golds[other]), questions[n].answer))
    return [fmean(found[n]) if n in found else None for n in range(len(questions))]


def _groups(pairs: Iterator[tuple[str, int]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for name, place in pairs:
        found[name].append(place)
    return dict(sorted(found.items()))
