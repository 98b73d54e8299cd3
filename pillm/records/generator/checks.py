"""Whether rules can be followed: every name in braces is known, every value can be said."""
from collections.abc import Mapping, Sequence

from pillm.errors import DataError, suggest
from pillm.records.generator.french import BEFORE
from pillm.records.generator.invent import BUILT_IN
from pillm.records.generator.phrase import Phrase, names
from pillm.records.generator.rules import REASONS, Filler, Fragment, Part, Rules, Table, Tool, Wording


def check(rules: Rules) -> None:
    """Raises DataError with file and fragment."""
    for tool in rules.tools.values():
        said = [*tool.phrasings.phrases, *tool.held_out.phrases]
        said += REASONS if tool.reasons else ()
        _known(said, tool.fragments, f"{tool.name}.yaml")
        for name, one in tool.fragments.items():
            where = f"words: {name}" if name in rules.fragments else f"{tool.name}.yaml: fragments.{name}"
            _known(_phrases(one), tool.fragments, where)
            if isinstance(one, Table):
                _covered(one, tool.drawn.get(one.slot, {}), where)
    _known(rules.joiners.phrases, rules.fragments, "several.yaml: joiners")
    if rules.frames:
        _parts(rules.frames, rules.fragments)


def _parts(frames: Tool, shared: Mapping[str, Fragment]) -> None:
    _known([*frames.phrasings.phrases, *frames.held_out.phrases], frames.fragments, "several.yaml: frames")
    for name, one in frames.fragments.items():
        if isinstance(one, Part):
            for tool, ways in zip(one.tools, one.said, strict=True):
                _known(ways.phrases, tool.fragments, f"several.yaml: parts.{name}.{tool.name}")
        elif name not in shared:
            _known(_phrases(one), frames.fragments, f"several.yaml: fragments.{name}")


def _known(phrases: Sequence[Phrase], fragments: Mapping[str, Fragment], where: str) -> None:
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
    if isinstance(one, Wording | Part):
        return []
    if isinstance(one, Table):
        return [phrase for ways in one.said.values() for phrase in ways.phrases]
    if isinstance(one, Filler):
        return [phrase for ways in (one.known, one.held_out, one.made_up) if ways for phrase in ways.phrases]
    return list(one.phrases)
