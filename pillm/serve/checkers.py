"""The table of checkers: the names that questions call them by."""
from functools import partial

from pillm.json_text import compact
from pillm.serve import arguments, golds, lexicon, pairs, started
from pillm.serve.checker import Checker
from pillm.serve.json_answers import ast, json_schema, same_tree, schema_file, slots
from pillm.serve.register import register
from pillm.serve.ruby_answers import is_ruby, ruby
from pillm.serve.ruby_answers import missing as no_ruby
from pillm.serve.text_answers import chrf, contains, exact, number, one_of, regex

SINGLE: dict[str, Checker] = {
    "exact": Checker(exact, arguments.is_text, "a string", golds.itself),
    "one_of": Checker(one_of, arguments.is_texts, "a list of strings", golds.first),
    "contains": Checker(contains, arguments.is_text_or_texts, "a string or a list of strings", golds.together),
    "regex": Checker(regex, arguments.is_pattern, "a regular expression of Python"),
    "number": Checker(number, arguments.is_number, "a number or {value, tolerance}", golds.figure),
    "json_schema": Checker(json_schema, arguments.is_schema, "a JSON Schema or the name of one in schemas/",
                           reads=schema_file),
    "slots": Checker(slots, arguments.is_calls, "an object or a list of objects", compact),
    "ast": Checker(ast, arguments.is_tree, "the tree that is wanted, as JSON", compact, same_tree),
    "chrf": Checker(chrf, arguments.is_references, "a reference text, a list of them, or {references, given}",
                    golds.reference),
    "ruby": Checker(ruby, is_ruby, "{calls: names, has: patterns}", missing=no_ruby),
    "register": Checker(register, arguments.is_register, "{want: quebecois or standard, least: how many marks}",
                        reads=lambda argument: (lexicon.FILE,)),
}
"""Each judges an answer by itself."""


CHECKERS: dict[str, Checker] = SINGLE | {
    pairs.NAME: Checker(partial(pairs.measure, SINGLE), partial(pairs.suits, SINGLE), pairs.WANTED,
                        partial(pairs.gold, SINGLE)),
    "judge": Checker(lambda answer, argument: {}, arguments.is_criterion,
                     "{criterion: what a good answer does} or {criterion, against: another answer}", by_model=True),
    "execution": started.EXECUTION,
    "python": started.PYTHON,
    "music": started.MUSIC,
}
