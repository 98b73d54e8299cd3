"""What no program can judge, a model does: by a criterion, or against another answer, blind and in both orders."""
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pillm.serve.checker import Measures
from pillm.serve.checkers import CHECKERS
from pillm.serve.judge_prompt import POINTS, Case, Message, Reply, again, case, of_right, verdict
from pillm.serve.picks import spread
from pillm.serve.questions import Question, messages

if TYPE_CHECKING:
    from pillm.backends.statistics import Interval
    from pillm.serve.exam import Answered

Ask = Callable[[Mapping[str, list[Message]]], Mapping[str, Reply]]
"""Has conversations answered, by key; those that got no answer are missing."""


def judged(answered: "Sequence[Answered]", ask: Ask) -> "list[Answered]":
    """With the measures of those that wait for a judge."""
    waiting = [one for one in answered if CHECKERS[one.question.check].by_model]
    cases = [case(asked(one.question), one.completion.text, one.question.answer) for one in waiting]
    found = iter(measured(cases, ask))
    return [replace(one, measures=one.measures | next(found)) if CHECKERS[one.question.check].by_model else one
            for one in answered]


def agreement(answered: "Sequence[Answered]", most: int, ask: Ask, seed: int) -> "dict[str, Interval]":
    """How often judge and program agree, over at most so many answers, half of them right if it can be.

    `agreement` over all, `on_right` and `on_wrong` over those that the program says are, `judge_failed`: the share
    without a verdict, which agrees with nothing.
    """
    from pillm.backends.statistics import bootstrap

    tried = _tried(answered, most)
    cases = [of_right(asked(one.question), one.completion.text, str(one.question.right)) for one in tried]
    found = measured(cases, ask)
    truth = [one.measures["score"] for one in tried]
    agrees = [float(one["score"] == score and not one["judge_failed"]) for one, score in zip(found, truth, strict=True)]
    values = {"agreement": agrees, "judge_failed": [one["judge_failed"] for one in found],
              "on_right": [value for value, score in zip(agrees, truth, strict=True) if score],
              "on_wrong": [value for value, score in zip(agrees, truth, strict=True) if not score]}
    return {name: bootstrap(each, seed=seed) for name, each in values.items() if each}


def _tried(answered: "Sequence[Answered]", most: int) -> "list[Answered]":
    """Of the answers that a program found right or wrong outright, as many of both as there are."""
    known = [one for one in answered if one.measures.get("score") in (0, 1) and one.question.right is not None
             and not CHECKERS[one.question.check].by_model and one.completion.text.strip()]
    wrong, right = ([one for one in known if one.measures["score"] == score] for score in (0, 1))
    few = min(len(right), max(most // 2, most - len(wrong)))
    return [*_some(right, few), *_some(wrong, most - few)]


def _some(answered: "Sequence[Answered]", most: int) -> "list[Answered]":
    return spread(answered, most) if most else []


def measured(cases: Sequence[Case], ask: Ask) -> list[Measures]:
    """`score`, `judge_failed` (1 where a verdict is missing, which scores 0), in comparisons `judge_swayed` by order.

    A reply without a verdict is asked for it once more.
    """
    asked_for = {key: (messages, one.choices) for one in cases if one.settled is None
                 for key, messages in one.conversations.items()}
    replies = dict(ask({key: messages for key, (messages, _) in asked_for.items()})) if asked_for else {}
    repeated = {key: again(messages, replies[key][0], choices) for key, (messages, choices) in asked_for.items()
                if key in replies and replies[key][0].strip() and verdict(*replies[key], choices) is None}
    second = ask({f"{key}/again": messages for key, messages in repeated.items()}) if repeated else {}
    replies |= {name.removesuffix("/again"): reply for name, reply in second.items()}
    return [_measures(one, replies) for one in cases]


def _measures(one: Case, replies: Mapping[str, Reply]) -> Measures:
    """Points over the orders in which it was shown."""
    if one.settled is not None:
        return {"score": one.settled, "judge_failed": 0.0}
    found = [verdict(*replies[key], one.choices) if key in replies else None for key in one.conversations]
    if None in found:
        return {"score": 0.0, "judge_failed": 1.0}
    points = [1 - POINTS[str(word)] if place else POINTS[str(word)] for place, word in enumerate(found)]
    swayed = {"judge_swayed": float(points[0] != points[-1])} if one.against is not None else {}
    return {"score": sum(points) / len(points), "judge_failed": 0.0} | swayed


def asked(question: Question) -> str:
    """The conversation up to the answer: a single question as it is, several turns with who says them."""
    turns: list[dict[str, Any]] = [turn for turn in messages(question) if turn["role"] != "system"]
    return turns[0]["content"] if len(turns) == 1 else "\n".join(f"{one['role']}: {one['content']}" for one in turns)
