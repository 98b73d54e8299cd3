"""Checkers that start processes, loaded when they are used: most suites never are."""
from typing import Any

from pillm.serve.checker import Checker, Measures


def _execution(answer: str, wanted: Any) -> Measures:
    from pillm.serve.execution.judge import execution

    return execution(answer, wanted)


def _python(answer: str, wanted: Any) -> Measures:
    from pillm.backends import contained_python
    from pillm.serve.execution.judge import execution

    return execution(answer, wanted, contained_python.run)


def _music(answer: str, wanted: Any) -> Measures:
    from pillm.serve.music.judge import music

    return music(answer, wanted)


def _has_trees(value: Any) -> bool:
    from pillm.serve.execution.argument import suits

    return suits(value)


def _is_music(value: Any) -> bool:
    from pillm.serve.music.argument import suits

    return suits(value)


def _uncontained() -> str | None:
    from pillm.backends import sandbox

    return sandbox.missing()


def _no_python() -> str | None:
    from pillm.backends import contained_python

    return contained_python.missing()


def _unread() -> str | None:
    from pillm.serve.music.judge import missing

    return missing()


TREES = "trees with stdout or state, as in docs/sandbox.md"
EXECUTION = Checker(_execution, _has_trees, TREES, slow=True, missing=_uncontained)
PYTHON = Checker(_python, _has_trees, TREES, slow=True, missing=_no_python)
MUSIC = Checker(_music, _is_music, "{key, metre, bars}, and range, ends, upbeat if need be", slow=True, missing=_unread)
