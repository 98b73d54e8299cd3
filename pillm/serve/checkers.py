"""The table of checkers: the names that questions call them by."""
from functools import partial
from typing import Any

from pillm.serve import arguments, golds, pairs
from pillm.serve.checker import Checker, Measures
from pillm.serve.json_answers import json_schema, slots
from pillm.serve.register import register
from pillm.serve.text_answers import chrf, contains, exact, number, one_of, regex

SINGLE: dict[str, Checker] = {
    "exact": Checker(exact, arguments.is_text, "a string", golds.itself),
    "one_of": Checker(one_of, arguments.is_texts, "a list of strings", golds.first),
    "contains": Checker(contains, arguments.is_text_or_texts, "a string or a list of strings", golds.together),
    "regex": Checker(regex, arguments.is_pattern, "a regular expression of Python"),
    "number": Checker(number, arguments.is_number, "a number or {value, tolerance}", golds.figure),
    "json_schema": Checker(json_schema, arguments.is_schema, "a JSON Schema or the name of one in schemas/"),
    "slots": Checker(slots, arguments.is_calls, "an object or a list of objects", golds.compact),
    "chrf": Checker(chrf, arguments.is_references, "a reference text, a list of them, or {references, given}",
                    golds.reference),
    "register": Checker(register, arguments.is_register, "{want: quebecois or standard, least: how many marks}"),
}
"""Each judges an answer by itself."""



def _execution(answer: str, wanted: Any) -> Measures:
    """See there: it starts processes, which most suites never do."""
    from pillm.serve.execution.judge import execution

    return execution(answer, wanted)


def _suits(value: Any) -> bool:
    from pillm.serve.execution.argument import suits

    return suits(value)


def _uncontained() -> str | None:
    from pillm.backends import sandbox

    return sandbox.missing()


CHECKERS: dict[str, Checker] = SINGLE | {
    pairs.NAME: Checker(partial(pairs.measure, SINGLE), partial(pairs.suits, SINGLE), pairs.WANTED,
                        partial(pairs.gold, SINGLE)),
    "judge": Checker(lambda answer, argument: {}, arguments.is_criterion,
                     "{criterion: what a good answer does} or {criterion, against: another answer}", by_model=True),
    "execution": Checker(_execution, _suits, "trees with stdout or state, as in docs/sandbox.md", slow=True,
                         missing=_uncontained),
}
