"""A folder of rules:

    tools/NAME.yaml   how the tool NAME is asked for
    words/*.yaml      fragments that all tools may use
    several.yaml      how several requests are said as one
    noise.yaml        how people write
    lexicon.yaml      genders, and the syllables of made-up words
"""
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from pillm.errors import DataError, suggest
from pillm.records.generator.fragment import Filler, Fragment, Options, Table, Wording, fragment, options
from pillm.records.generator.french import BEFORE
from pillm.records.generator.invent import BUILT_IN
from pillm.records.generator.noise import Noise
from pillm.records.generator.phrase import Named, Phrase, names

REASONS: tuple[Phrase, Phrase] = ((Named("reason_before"),), (Named("reason_after"),))


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class ToolFile(_Strict):
    weight: float = 1
    """How often, beside the other tools."""
    reasons: float = 0
    """Share of requests with a reason before or after them: the shared fragments reason_before and reason_after."""
    drawn: dict[str, dict[str, float]] = {}
    """Slots that have a value before a word is said, with weights; the value "" leaves the slot out. Names that begin
    with _ are no slots, only choices that fragments can share."""
    left_out: dict[str, str] = {}
    """Per copied slot the words that stay outside when they come first: articles, mostly."""
    phrasings: list[str] | dict[str, float]
    held_out: list[str] | dict[str, float]
    """Phrasings that training never sees."""
    fragments: dict[str, Any] = {}


class Lexicon(_Strict):
    feminine: list[str]
    """Nouns that take «une» and «la»."""
    syllables: list[str]
    """Of made-up words."""
    endings: list[str]


class Several(_Strict):
    share: float
    """Of all requests."""
    calls: dict[int, float]
    never: list[str] = []
    """Tools that only come alone."""
    joiners: dict[str, float]


@dataclass(frozen=True)
class Tool:
    name: str
    reasons: float
    drawn: Mapping[str, Mapping[str, float]]
    left_out: Mapping[str, tuple[str, ...]]
    phrasings: Options
    held_out: Options
    fragments: Mapping[str, Fragment]
    """Its own and the shared ones."""


@dataclass(frozen=True)
class Rules:
    tools: Mapping[str, Tool]
    weights: Mapping[str, float]
    several: Several
    joiners: Options
    noise: Noise
    lexicon: Lexicon
    fragments: Mapping[str, Fragment]
    """The shared ones."""


def read(folder: Path) -> Rules:
    """Raises DataError with file and key where a rule cannot be followed."""
    shared = {name: fragment(data, f"{path.name}: {name}")
              for path in _files(folder, "words") for name, data in _yaml(path).items()}
    files = {path.stem: _typed(ToolFile, path) for path in _files(folder, "tools")}
    several = _typed(Several, folder / "several.yaml")
    rules = Rules(
        {name: _tool(name, file, shared) for name, file in files.items()},
        {name: file.weight for name, file in files.items()},
        several, options(several.joiners, "several.yaml: joiners"), _typed(Noise, folder / "noise.yaml"),
        _typed(Lexicon, folder / "lexicon.yaml"), shared)
    _check(rules)
    return rules


def _files(folder: Path, kind: str) -> list[Path]:
    found = sorted((folder / kind).glob("*.yaml"))
    if not found:
        raise DataError(f"{folder.name}: there is no {kind}/*.yaml. Point domain.generator to a folder of rules.")
    return found


def _yaml(path: Path) -> Any:
    """Every scalar a string: «on» and «non» are words here."""
    if not path.is_file():
        raise DataError(f"{path.parent.name}: {path.name} is missing. Write it, or copy one from another domain.")
    try:
        return yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        raise DataError(f"{path.name}: {error}. Quote phrases that begin with a bracket or hold a colon.") from None


def _typed(kind: type[Any], path: Path) -> Any:
    try:
        return kind.model_validate(_yaml(path))
    except ValidationError as error:
        told = "\n".join(f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors())
        raise DataError(f"{told} Known keys: {', '.join(kind.model_fields)}.") from None


def _tool(name: str, file: ToolFile, shared: Mapping[str, Fragment]) -> Tool:
    where = f"{name}.yaml"
    own = {key: fragment(data, f"{where}: fragments.{key}") for key, data in file.fragments.items()}
    return Tool(
        name, file.reasons, file.drawn, {slot: _left_out(words) for slot, words in file.left_out.items()},
        options(file.phrasings, f"{where}: phrasings"), options(file.held_out, f"{where}: held_out"), {**shared, **own})


def _left_out(words: str) -> tuple[str, ...]:
    """Each with what divides it from the next word."""
    return tuple(word if word.endswith("'") else f"{word} " for word in words.split())


def _check(rules: Rules) -> None:
    """Every name in braces must be known."""
    for tool in rules.tools.values():
        said = [*tool.phrasings.phrases, *tool.held_out.phrases]
        said += REASONS if tool.reasons else ()
        _known(said, tool.fragments, f"{tool.name}.yaml")
        for name, one in tool.fragments.items():
            where = f"words: {name}" if name in rules.fragments else f"{tool.name}.yaml: fragments.{name}"
            _known(_phrases(one), tool.fragments, where)
            if isinstance(one, Table):
                _covered(one, tool.drawn.get(one.slot, {}), where)
    _known(list(rules.joiners.phrases), rules.fragments, "several.yaml: joiners")


def _known(phrases: list[Phrase], fragments: Mapping[str, Fragment], where: str) -> None:
    for named in (named for phrase in phrases for named in names(phrase)):
        if named.name not in fragments and named.name not in BUILT_IN:
            hint = suggest(named.name, [*fragments, *BUILT_IN])
            raise DataError(f"{where}: there is no fragment {named.name!r}.{hint} Add it under fragments or words.")
        if named.before and named.before not in BEFORE:
            raise DataError(f"{where}: {named.before!r} cannot stand before a fragment. Known: {', '.join(BEFORE)}.")


def _covered(table: Table, drawn: Mapping[str, float], where: str) -> None:
    """Every value that can be drawn must be sayable."""
    if missing := sorted(drawn.keys() - table.said.keys()):
        raise DataError(f"{where}: there are no words for {table.slot} {missing[0]!r}. Add them.")


def _phrases(one: Fragment) -> list[Phrase]:
    if isinstance(one, Wording):
        return []
    if isinstance(one, Table):
        return [phrase for ways in one.said.values() for phrase in ways.phrases]
    if isinstance(one, Filler):
        return [phrase for ways in (one.known, one.held_out, one.made_up) if ways for phrase in ways.phrases]
    return list(one.phrases)
