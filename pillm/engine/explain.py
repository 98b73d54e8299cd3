"""Why a step runs: its identity against the one of the recipe's last run, as short sentences."""
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

Identity = dict[str, Any]
DIGEST = re.compile("[0-9a-f]{64}")
"""What a file is in an identity."""


def reasons(now: Identity, before: Identity | None, named: dict[str, Any] | None = None) -> list[str]:
    """`config lora.rank 8 → 16`, `file library.jsonl changed`, `input chats changed`, `stage version 1 → 2`,
    `never run`; `named` is the config as it is now, its files by name."""
    if before is None:
        return ["never run"]
    found = [f"stage version {before['version']} → {now['version']}"] if now["version"] != before["version"] else []
    for name in ("config", "libraries", "machine"):
        found += [_told(name, key, old, new, named or {})
                  for key, old, new in differences(before.get(name, {}), now.get(name, {}))]
    found += [f"{kind} {name} {_happened(old, new)}" for key, kind in (("files", "file"), ("inputs", "input"))
              for name, old, new in differences(before.get(key, {}), now.get(key, {}))]
    return found or ["its artifact is gone"]


def differences(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(dotted key, old, new) of every leaf that differs; a list of plain values is a leaf."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from differences(old.get(name), new.get(name), _below(key, name))
    elif isinstance(old, list) and isinstance(new, list) and not _plain(old + new):
        for place, was, now in _unlike(old, new):
            yield from differences(was, now, _below(key, place))
    elif old != new:
        yield key, old, new


def _below(key: str, name: object) -> str:
    return f"{key}.{name}" if key else str(name)


def _plain(items: list) -> bool:
    return not any(isinstance(item, (dict, list)) or _is_file(item) for item in items)


def _is_file(value: Any) -> bool:
    return isinstance(value, str) and bool(DIGEST.fullmatch(value))


def _unlike(old: list, new: list) -> Iterator[tuple[int, Any, Any]]:
    """(place, old item, new item): what only moved because another came or went is no difference."""
    matched = SequenceMatcher(None, [repr(item) for item in old], [repr(item) for item in new], autojunk=False)
    for what, a, a_end, b, b_end in matched.get_opcodes():
        if what != "equal":
            for n, (was, now) in enumerate(zip_longest(old[a:a_end], new[b:b_end])):
                yield (b if b + n < b_end else a) + n, _beside(was, now), _beside(now, was)


def _beside(item: Any, other: Any) -> Any:
    """An item that came or went is told by its keys, as one that changed."""
    return {} if item is None and isinstance(other, dict) else item


def _told(kind: str, key: str, old: Any, new: Any, named: dict[str, Any]) -> str:
    if _is_file(old) or _is_file(new):
        name = _at(named, key) if _is_file(new) else None
        return f"file {name} {_happened(old, new)}" if name else f"{kind} {key} {_happened(old, new)}"
    was, now = _short(old), _short(new)
    return f"{kind} {key} changed" if was == now else f"{kind} {key} {was} → {now}"


def _at(named: Any, key: str) -> Any:
    for part in key.split("."):
        if isinstance(named, list):
            named = named[int(part)] if part.isdecimal() and int(part) < len(named) else None
        else:
            named = named.get(part) if isinstance(named, dict) else None
    return named


def _happened(old: Any, new: Any) -> str:
    if old is None or new is None:
        return "is new" if old is None else "is gone"
    return "changed"


def _short(value: Any) -> str:
    told = "null" if value is None else str(value)
    return told if len(told) <= 40 else f"{told[:37]}…"
