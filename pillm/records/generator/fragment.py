"""Reads what a name in braces can say."""
from collections.abc import Callable, Mapping
from inspect import signature
from itertools import accumulate, pairwise
from typing import Any

from pillm.errors import DataError, suggest
from pillm.records.generator.clock import clock
from pillm.records.generator.days import day, when
from pillm.records.generator.durations import duration
from pillm.records.generator.numbers import Said, number
from pillm.records.generator.phrase import parse
from pillm.records.generator.rules import Filler, Fragment, Options, Table, Wording

WORDINGS: dict[str, Callable[..., Said]] = {
    "clock": clock, "day": day, "when": when, "duration": duration, "number": number,
}


def fragment(data: Any, where: str) -> Fragment:
    """Raises DataError where the form is none of the known ones."""
    if isinstance(data, Mapping):
        if "by" in data:
            said = {value: options(ways, f"{where}.{value}") for value, ways in data.items() if value != "by"}
            return Table(data["by"], said)
        if "known" in data:
            return _filler(data, where)
        if "says" in data:
            return _wording(dict(data), where)
    return options(data, where)


def options(data: Any, where: str) -> Options:
    """A list of phrases, or phrases with their weights, or one phrase."""
    if isinstance(data, str):
        return Options((parse(data, where),))
    if isinstance(data, list) and data and all(isinstance(text, str) for text in data):
        return Options(tuple(parse(text, where) for text in data))
    if isinstance(data, Mapping) and data:
        return Options(tuple(parse(text, where) for text in data), tuple(accumulate(_weights(data, where))))
    raise DataError(f"{where}: phrases are missing. Write a list of phrases, or phrases with weights.")


def beside(first: Options, second: Options, share: float) -> Options:
    """Both, of which the second is said in so large a share."""
    parts = ((first, 1 - share), (second, share))
    weights = [part * weight for one, part in parts for weight in _shares(one)]
    return Options(first.phrases + second.phrases, tuple(accumulate(weights)))


def _shares(said: Options) -> list[float]:
    """Of each phrase; they sum to 1."""
    if not said.heavy:
        return [1 / len(said.phrases)] * len(said.phrases)
    return [(high - low) / said.heavy[-1] for low, high in pairwise((0.0, *said.heavy))]


def _weights(data: Mapping[str, Any], where: str) -> list[float]:
    try:
        return [float(weight) for weight in data.values()]
    except (TypeError, ValueError):
        raise DataError(f"{where}: a weight is no number. Write `phrase: 2`, or `by`, `known` or `says`.") from None


def _filler(data: Mapping[str, Any], where: str) -> Filler:
    known = options(data["known"], f"{where}.known")
    salad = data.get("salad", {})
    return Filler(
        known, options(data["held_out"], f"{where}.held_out") if "held_out" in data else known,
        options(data["made_up"], f"{where}.made_up") if "made_up" in data else None,
        int(salad.get("keep", 0)), int(salad.get("add", 0)))


def _wording(data: dict[str, Any], where: str) -> Wording:
    name, sets = data.pop("says"), data.pop("sets", {})
    if name not in WORDINGS:
        told = f"there is no wording {name!r}.{suggest(name, WORDINGS)}"
        raise DataError(f"{where}: {told} Known: {', '.join(WORDINGS)}.")
    known = [option for option in signature(WORDINGS[name]).parameters if option != "rng"]
    if unknown := sorted(data.keys() - set(known)):
        told = f"Known: {', '.join(known)}, sets." if known else "It has only sets."
        raise DataError(f"{where}: {name} does not know {unknown[0]!r}.{suggest(unknown[0], known)} {told}")
    return Wording(WORDINGS[name], {key: _number(value) for key, value in data.items()}, sets)


def _number(text: str) -> Any:
    return int(text) if text.lstrip("-").isdigit() else float(text) if text.replace(".", "", 1).isdigit() else text
