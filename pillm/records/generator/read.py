"""A folder of rules:

    tools/NAME.yaml   how the tool NAME is asked for
    said/NAME.yaml    whole requests for it, as people say them (where there is one)
    words/*.yaml      fragments that all tools may use
    several.yaml      how several requests are said as one
    noise.yaml        how people write
    lexicon.yaml      genders, and the syllables of made-up words
"""
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pillm.errors import DataError
from pillm.records.generator.checks import check
from pillm.records.generator.fragment import beside, fragment, options
from pillm.records.generator.frames import frames
from pillm.records.generator.noise import Noise
from pillm.records.generator.rules import Fragment, Lexicon, Rules, Said, Several, Tool, ToolFile

LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""By libyaml, where PyYAML has it: ten times as fast, and these files are long."""


def read(folder: Path) -> Rules:
    """Raises DataError with file and key where a rule cannot be followed."""
    shared = {name: fragment(data, f"{path.name}: {name}")
              for path in _files(folder, "words") for name, data in _yaml(path).items()}
    tools = {path.stem: _tool(path, shared) for path in _files(folder, "tools")}
    several = _typed(Several, folder / "several.yaml")
    rules = Rules(
        tools, several, options(several.joiners, "several.yaml: joiners"), frames(several, tools, shared),
        _typed(Noise, folder / "noise.yaml"), _typed(Lexicon, folder / "lexicon.yaml"), shared)
    check(rules)
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
        return yaml.load(path.read_text("utf-8"), Loader=LOADER)
    except yaml.YAMLError as error:
        raise DataError(f"{path.name}: {error}. Quote phrases that begin with a bracket or hold a colon.") from None


def _typed(kind: type[Any], path: Path) -> Any:
    try:
        return kind.model_validate(_yaml(path))
    except ValidationError as error:
        told = "\n".join(f"{path.name}: {'.'.join(map(str, e['loc']))}: {e['msg']}." for e in error.errors())
        raise DataError(f"{told} Known keys: {', '.join(kind.model_fields)}.") from None


def _tool(path: Path, shared: Mapping[str, Fragment]) -> Tool:
    file, where = _typed(ToolFile, path), path.name
    own = {key: fragment(data, f"{where}: fragments.{key}") for key, data in file.fragments.items()}
    phrasings, held_out = options(file.phrasings, f"{where}: phrasings"), options(file.held_out, f"{where}: held_out")
    if (aside := path.parents[1] / "said" / path.name).is_file():
        said, where = _typed(Said, aside), f"said/{path.name}"
        phrasings = beside(phrasings, options(said.phrasings, f"{where}: phrasings"), said.share)
        if said.held_out:
            held_out = beside(held_out, options(said.held_out, f"{where}: held_out"), said.share)
    return Tool(
        path.stem, file.weight, file.reasons, file.drawn,
        {slot: _left_out(words) for slot, words in file.left_out.items()}, phrasings, held_out, {**shared, **own})


def _left_out(words: str) -> tuple[str, ...]:
    """Each with what divides it from the next word."""
    return tuple(word if word.endswith("'") else f"{word} " for word in words.split())
