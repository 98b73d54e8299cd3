"""Frames for several requests said as one: «deux affaires: …, pis …», «mets {thing} pis {thing}»."""
from collections.abc import Mapping

from pillm.errors import DataError, suggest
from pillm.records.generator.fragment import fragment, options
from pillm.records.generator.rules import Fragment, Options, Part, Several, Tool

WHOLE = "request"


def frames(several: Several, tools: Mapping[str, Tool], shared: Mapping[str, Fragment]) -> Tool | None:
    """A tool of which the fragments are the parts; raises DataError where a part names no tool."""
    if not several.frames:
        return None
    own = {key: fragment(data, f"several.yaml: fragments.{key}") for key, data in several.fragments.items()}
    parts: dict[str, Fragment] = {name: _part(name, said, tools) for name, said in several.parts.items()}
    joined = [tool for tool in tools.values() if tool.name not in several.never]
    parts[WHOLE] = Part(tuple(joined), tuple(tool.phrasings for tool in joined), whole=True)
    phrasings = options(several.frames, "several.yaml: frames")
    held_out = options(several.held_out, "several.yaml: held_out") if several.held_out else phrasings
    return Tool("several", 0, 0, {}, {}, phrasings, held_out, {**shared, **own, **parts})


def _part(name: str, said: Mapping[str, object], tools: Mapping[str, Tool]) -> Part:
    where = f"several.yaml: parts.{name}"
    if unknown := sorted(said.keys() - tools.keys()):
        raise DataError(f"{where}: there is no tool {unknown[0]!r}.{suggest(unknown[0], tools)} Write it to tools/.")
    words: list[Options] = [options(ways, f"{where}.{tool}") for tool, ways in said.items()]
    return Part(tuple(tools[tool] for tool in said), tuple(words))
