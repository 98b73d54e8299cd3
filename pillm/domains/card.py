"""card.yaml: what people write of a dataset, and what is counted of its files, in one file."""
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from pillm.domains.counts import Tokens, counts, examined, token_counts
from pillm.engine import digest
from pillm.errors import ConfigError, MissingInput

NAME = "card.yaml"
WIDTH = 118
Values = dict[str, Any]


@dataclass(frozen=True)
class Card:
    """A dataset's card, as it stands or as it should."""

    folder: Path
    head: str
    """The comment above."""
    values: Values

    @property
    def text(self) -> str:
        """The file, in the one way it is written."""
        return self.head + yaml.dump(self.values, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)


@dataclass(frozen=True)
class Tokenizer:
    """What counts tokens, and the name that the card gives it."""

    name: str
    count: Tokens


def read(folder: Path) -> Card:
    """Raises ConfigError for a file that is no card, or has comments that writing it anew would lose."""
    file = folder / NAME
    if not file.is_file():
        raise MissingInput(f"{file}: there is no such card. Write one: name, source, licence, languages, and under "
                           "files what each file is.")
    text = file.read_text("utf-8-sig")
    head = "".join(line for line in text.splitlines(keepends=True)[:_head(text)])
    try:
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{file}: {' '.join(str(error).split())}. Mend the file's YAML.") from error
    if not isinstance(values, dict) or not isinstance(values.get("files"), dict):
        raise ConfigError(f"{file}: a card is a mapping, with a mapping of files in it. Write files: "
                          "{train.jsonl: {what: …}}.")
    if line := _comment(text[len(head):]):
        raise ConfigError(f"{file}:{line + head.count(chr(10))}: a comment inside the card would be lost. "
                          "Move it above the first key, or into limits.")
    return Card(folder, head, values)


def refreshed(card: Card, tokenizer: Tokenizer | None = None) -> Card:
    """The card with all that is counted; raises ConfigError with every file that is missing on either side."""
    named, there = set(card.values["files"]), {file.relative_to(card.folder).as_posix()
                                               for file in card.folder.rglob("*.jsonl")}
    mistakes = [f"{card.folder / NAME}: files.{name}: there is no such file. Take it out, or bring it."
                for name in sorted(named) if not (card.folder / name).is_file()]
    mistakes += [f"{card.folder / NAME}: {name} is not named. Say under files what it is: {name}: {{what: …}}."
                 for name in sorted(there - named)]
    if mistakes:
        raise ConfigError("\n".join(mistakes))
    files = {name: _file(card, name, tokenizer) for name in card.values["files"]}
    used = {"tokenizer": tokenizer.name} if tokenizer else _still_used(card, files)
    rules = {"rules": _rules(card)} if "rules" in card.values else {}
    kept = {key: value for key, value in card.values.items() if key != "tokenizer"}
    return replace(card, values=kept | {"files": files} | rules | used)


def mistakes(card: Card) -> list[str]:
    """Where it does not keep schemas/card.schema.json."""
    from pillm.backends.json_schema import problems, schema

    wrong = problems(card.values, schema("card"))
    return [f"{card.folder / NAME}: {told}. See schemas/card.schema.json." for told in wrong]


def _file(card: Card, name: str, tokenizer: Tokenizer | None) -> Values:
    """What takes a tokenizer or long stands as long as the file does not change."""
    file, known = card.folder / name, card.values["files"][name] or {}
    sha256, counted = digest.sha256(file), counts(file)
    stands = known if known.get("sha256") == sha256 else {}
    tokens = token_counts(file, tokenizer.count) if tokenizer else stands.get("tokens")
    scores = (stands.get("examined") or examined(file)) if "checks" in counted else None
    further = {"tokens": tokens, "examined": scores, "sha256": sha256}
    what = {"what": known["what"]} if "what" in known else {}
    return what | counted | {key: value for key, value in further.items() if value}


def _still_used(card: Card, files: Values) -> Values:
    """The tokenizer that counted, where any of its counts still stands."""
    counted = any("tokens" in told for told in files.values())
    return {"tokenizer": card.values["tokenizer"]} if counted and "tokenizer" in card.values else {}


def _rules(card: Card) -> Values:
    """A folder of rules or tasks that a generator expands."""
    rules = card.values["rules"]
    folder = card.folder / str(rules.get("path", ""))
    if "path" not in rules or not folder.is_dir():
        raise ConfigError(f"{card.folder / NAME}: rules: there is no such folder. Set rules.path.")
    found = {name: digest.sha256(file) for name, file in digest.files(folder)}
    return rules | {"files": len(found), "sha256": digest.of_files(found)}


def _head(text: str) -> int:
    """How many lines stand above the first key."""
    lines = text.splitlines()
    return next((n for n, line in enumerate(lines) if line.strip() and not line.startswith("#")), len(lines))


def _comment(text: str) -> int:
    """The number of the first line with a comment, or 0."""
    end = 0
    for token in yaml.scan(text):
        if (place := text.find("#", end, token.start_mark.index)) >= 0:
            return text.count("\n", 0, place) + 1
        end = token.end_mark.index
    return 0


class _Dumper(yaml.SafeDumper):
    """Counts stand on one line, all else on lines of its own."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> yaml.MappingNode:
        numbers = bool(mapping) and all(isinstance(value, int | float) for value in dict(mapping).values())
        return super().represent_mapping(tag, mapping, flow_style=numbers)

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        return super().increase_indent(flow, False)
