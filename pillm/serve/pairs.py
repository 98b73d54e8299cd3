"""Questions in pairs, the same matter with a true and a false premise: one blanket answer is right half the time."""
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pillm.serve.checker import Checker, Measures
    from pillm.serve.questions import Question

NAME = "balanced_pair"
KEYS = {"pair", "premise", "check", "answer"}
SIDES = {True: "premise_true", False: "premise_false"}
WANTED = "{pair: a name that two questions share, premise: true or false, check: another checker, answer: its argument}"


def measure(single: "Mapping[str, Checker]", answer: str, argument: dict[str, Any]) -> "Measures":
    """The other checker's measures, and the score again under the side that the premise is on."""
    measures = single[argument["check"]](answer, argument["answer"])
    return measures | {SIDES[argument["premise"]]: measures["score"]}


def suits(single: "Mapping[str, Checker]", value: Any) -> bool:
    return (isinstance(value, dict) and value.keys() == KEYS and isinstance(value["pair"], str)
            and isinstance(value["premise"], bool) and isinstance(value["check"], str)
            and value["check"] in single and single[value["check"]].suits(value["answer"]))


def gold(single: "Mapping[str, Checker]", argument: dict[str, Any]) -> str | None:
    return single[argument["check"]].gold(argument["answer"])


def inner(check: str, argument: Any) -> tuple[str, Any]:
    """The checker that judges in the end, and its argument."""
    return (argument["check"], argument["answer"]) if check == NAME else (check, argument)


def unpaired(questions: Iterable[tuple[int, "Question"]]) -> Iterator[tuple[int, str]]:
    """(line, what is wrong. what to do.) of pairs that have not one true and one false premise."""
    premises: dict[str, list[bool]] = defaultdict(list)
    lines: dict[str, int] = {}
    for number, question in questions:
        if question.check == NAME:
            premises[question.answer["pair"]].append(question.answer["premise"])
            lines[question.answer["pair"]] = number
    for pair, found in premises.items():
        if sorted(found) != [False, True]:
            yield lines[pair], (f"pair {pair!r} has {found.count(True)} true and {found.count(False)} false premises. "
                                "Give it one of each.")


def units(questions: Sequence["Question"]) -> list[list["Question"]]:
    """Questions that belong together, in order of the first: pairs, and single ones."""
    found: dict[tuple[str, str], list[Question]] = defaultdict(list)
    for question in questions:
        found[(NAME, question.answer["pair"]) if question.check == NAME else ("", question.id)].append(question)
    return list(found.values())


def over_pairs(scored: Iterable[tuple["Question", float]]) -> dict[str, list[float]]:
    """Per whole pair: its balanced accuracy, (score with a true + score with a false premise) / 2, and both right."""
    pairs: dict[str, dict[bool, float]] = defaultdict(dict)
    for question, score in scored:
        if question.check == NAME:
            pairs[question.answer["pair"]][question.answer["premise"]] = score
    whole = [pair for pair in pairs.values() if len(pair) == len(SIDES)]
    return {"balanced_accuracy": [sum(pair.values()) / len(SIDES) for pair in whole],
            "both_right": [float(min(pair.values()) == 1) for pair in whole]}
