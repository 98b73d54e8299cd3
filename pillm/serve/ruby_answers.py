"""The checker `ruby`: a program that parses, makes the calls that are wanted, and says what it must."""
import re
from typing import TYPE_CHECKING, Any

from pillm.serve.execution.answer import command as code_of

if TYPE_CHECKING:
    from pillm.serve.checker import Measures


def ruby(answer: str, wanted: dict[str, Any]) -> "Measures":
    """Right if the answer's code is Ruby, calls all of `calls`, and each of `has` is found outside its comments."""
    from pillm.backends.ruby import parsed

    code = code_of(answer)
    program = parsed(code) if code else None
    return {"score": float(program is not None and program.calls >= set(wanted["calls"])
                           and all(re.search(pattern, program.text) for pattern in wanted.get("has", ())))}


def is_ruby(value: Any) -> bool:
    """{calls: names} and perhaps {has: patterns}."""
    if not isinstance(value, dict) or not {"calls"} <= value.keys() <= {"calls", "has"}:
        return False
    if not all(isinstance(part, list) for part in value.values()):
        return False
    texts = [*value["calls"], *value.get("has", ())]
    return bool(value["calls"]) and all(isinstance(text, str) and _compiles(text) for text in texts)


def missing() -> str | None:
    """Why nothing can be parsed on this machine."""
    from pillm.backends import ruby as backend

    return backend.missing()


def _compiles(pattern: str) -> bool:
    try:
        return bool(re.compile(pattern))
    except re.error:
        return False
