"""Where a composed value comes from: the last of Hydra's sources that sets its key, as file:line."""
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Key = tuple[str, ...]
Origins = dict[Key, str]
REFERENCE = re.compile(r"\$\{([\w.]+)\}")
"""A value that is another key's."""


def marks(node: yaml.Node, prefix: Key = ()) -> Iterator[tuple[Key, int]]:
    """Every key of a YAML node with its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*prefix, key.value)
            yield path, key.start_mark.line + 1
            yield from marks(value, path)
    if isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*prefix, str(index)), item.start_mark.line + 1
            yield from marks(item, (*prefix, str(index)))


def file_marks(file: Path, package: str) -> Iterator[tuple[Key, str]]:
    node = yaml.compose(file.read_text(encoding="utf-8-sig"))
    prefix = tuple(package.split(".")) if package and package != "_global_" else ()
    return ((key, f"{shown(file)}:{line}") for key, line in marks(node, prefix)) if node else iter(())


def shown(file: Path) -> str:
    """As short as it can be written from here."""
    relative = os.path.relpath(file)
    return relative if not relative.startswith("..") else str(file)


def nearest(origins: Origins, key: Key) -> str:
    """The origin of the key, or of the closest parent that has one."""
    return next((origins[key[:n]] for n in range(len(key), 0, -1) if key[:n] in origins), "default")


def as_written(written: Any, key: Key) -> Key:
    """The key that a person wrote: a value that is `${seed}` is the recipe's seed."""
    node = written
    for n, part in enumerate((*key, "")):
        if isinstance(node, str) and (found := REFERENCE.fullmatch(node)):
            return as_written(written, (*found[1].split("."), *key[n:]))
        if isinstance(node, list):
            node = node[int(part)] if part.isdecimal() and int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    return key


def followed(values: dict, origins: Origins, prefix: Key = ()) -> Iterator[tuple[Key, str]]:
    """A default that is `${model.context}` comes from where model.context does."""
    for name, value in values.items():
        key = (*prefix, str(name))
        if isinstance(value, dict):
            yield from followed(value, origins, key)
        elif isinstance(value, str) and (found := REFERENCE.fullmatch(value)) and key not in origins:
            source = nearest(origins, tuple(found[1].split(".")))
            if source != "default":
                yield key, source
