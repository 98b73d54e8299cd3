"""A folder of small languages:

    grammars/NAME.yaml   a language (language.Source)
    words.yaml           lists of fillers that all of them may use
    asks.yaml            how anything is asked for: asks, and held ones
"""
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from pillm.errors import DataError, suggest
from pillm.fast_yaml import LOADER
from pillm.records.languages.language import Atom, Constructor, Filler, Language, Many, Route, Shape, Source, Way
from pillm.records.languages.sound import mistakes
from pillm.records.languages.template import templates

Lists = Mapping[str, Any]


class Loader(LOADER):  # type: ignore[misc]
    """Of YAML 1.2, as far as truth goes: `on`, `off`, `yes` and `no` are words."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if tag != "tag:yaml.org,2002:bool" or first in "tTfF"]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def read(folder: Path, names: tuple[str, ...] = ()) -> list[Language]:
    """All of them, or those; raises DataError with every mistake as `file: what. what to do.`"""
    files = {file.stem: file for file in sorted((folder / "grammars").glob("*.yaml"))}
    wrong = [f"{folder}: there is no grammars/{name}.yaml.{suggest(name, files)} Write it." for name in names
             if name not in files]
    wrong += [] if files else [f"{folder}: there is no grammars/*.yaml. Write one."]
    if wrong:
        raise DataError("\n".join(wrong))
    sources = _sources(files, wrong)
    words, asks = _yaml(folder / "words.yaml"), _yaml(folder / "asks.yaml")
    found = []
    for name in names or sources:
        try:
            found.append(language(name, sources[name], words, asks))
        except DataError as error:
            wrong.append(str(error))
    wrong += [f"grammars/{each.name}.yaml: {told}" for each in found for told in mistakes(each)]
    if wrong:
        raise DataError("\n".join(wrong))
    return found


def language(name: str, source: Source, words: Lists, asks: Lists) -> Language:
    """A source, taken apart; raises DataError at the first that cannot be understood."""
    where = f"grammars/{name}.yaml"
    nodes = {sort: tuple(_shape(kind, sort, made, where) for kind, made in kinds.items())
             for sort, kinds in source.nodes.items()}
    fillers = {sort: _fillers(atom.words or atom.quoted, words, f"{where}: atoms.{sort}")
               for sort, atom in source.atoms.items() if atom.words or atom.quoted}
    asked = tuple(_ways((*asks["asks"], *source.asks), (*asks["held"], *source.held_asks), where))
    groups = {group: frozenset(kinds) for group, kinds in source.groups.items()}
    return Language(name, source.start, source.atoms, fillers, nodes, source.lists, groups, source.fields, asked,
                    source.share, source.heights, source.further,
                    source.once, source.later)


def _sources(files: Mapping[str, Path], wrong: list[str]) -> dict[str, Source]:
    found = {}
    for name, file in files.items():
        try:
            found[name] = Source.model_validate(_yaml(file))
        except ValidationError as error:
            wrong += [f"grammars/{file.name}: {told}" for told in map(_told, error.errors())]
    if wrong:
        raise DataError("\n".join(wrong))
    return found


def _told(error: Mapping[str, Any]) -> str:
    *before, last = map(str, error["loc"])
    where = ".".join(before)
    if error["type"] == "extra_forbidden":
        known = [name for form in (Source, Atom, Many, Route, Constructor) for name in form.model_fields]
        place = f"{where}: " if where else ""
        return f"{place}unknown key {last!r}.{suggest(last, known)} Correct it, or leave it out."
    return f"{'.'.join([*before, last])}: {error['msg'].removeprefix('Value error, ')}. Correct it."


def _shape(kind: str, sort: str, made: Constructor, where: str) -> Shape:
    here = f"{where}: nodes.{sort}.{kind}"
    optional = frozenset(field.removesuffix("?") for field in made.of if field.endswith("?"))
    parts = {field: tuple(flat for text in texts for flat in templates(text, f"{here}.parts.{field}"))
             for field, texts in made.parts.items()}
    return Shape(kind, sort, {field.removesuffix("?"): of for field, of in made.of.items()}, optional,
                 tuple(_ways(made.say, made.held, here)), tuple(way.template for way in _ways(made.heard, (), here)),
                 parts, made.match, made.rising, made.enter, made.end, made.names or (kind,), made.core, made.bare)


def _ways(say: tuple[str, ...], held: tuple[str, ...], where: str) -> Iterator[Way]:
    for texts, unseen in ((say, False), (held, True)):
        yield from (Way(flat, unseen) for text in texts for flat in templates(text, where))


def _fillers(given: Any, words: Lists, where: str) -> tuple[Filler, ...]:
    if isinstance(given, str) and given not in words:
        raise DataError(f"{where}: words.yaml has no {given!r}.{suggest(given, words)} Add it, or list fillers.")
    entries = words[given] if isinstance(given, str) else given
    groups = entries if isinstance(entries, dict) else {"": entries}
    return tuple(filler for group, those in groups.items() for entry in those
                 for filler in _filler(entry, group, where))


def _filler(entry: Any, group: str, where: str) -> Iterator[Filler]:
    """A text with choices stands for each; a mapping says how it is written."""
    if isinstance(entry, dict):
        said = [entry["said"]] if isinstance(entry["said"], str) else entry["said"]
        yield Filler(tuple(said), tuple(entry["as"]), group)
    else:
        for flat in templates(str(entry), where):
            text = "".join(piece for piece in flat if isinstance(piece, str))
            yield Filler((text,), (text,), group)


def _yaml(path: Path) -> Any:
    if not path.is_file():
        raise DataError(f"{path}: it is missing. Write it.")
    try:
        return yaml.load(path.read_text("utf-8"), Loader=Loader)
    except yaml.YAMLError as error:
        raise DataError(f"{path.name}: {' '.join(str(error).split())}. Mend the file's YAML.") from None
