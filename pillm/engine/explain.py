"""Why a step runs: its identity against the one of the recipe's last run, as short sentences."""
from collections.abc import Iterator
from typing import Any

Identity = dict[str, Any]


def reasons(now: Identity, before: Identity | None) -> list[str]:
    """`config lora.rank 8 → 16`, `input chats changed`, `stage version 1 → 2`, `never run`."""
    if before is None:
        return ["never run"]
    found = [f"stage version {before['version']} → {now['version']}"] if now["version"] != before["version"] else []
    for name in ("config", "libraries", "machine"):
        found += [f"{name} {key} {_short(old)} → {_short(new)}"
                  for key, old, new in differences(before.get(name, {}), now.get(name, {}))]
    found += [f"{kind} {name} {_happened(old, new)}" for key, kind in (("files", "file"), ("inputs", "input"))
              for name, old, new in differences(before.get(key, {}), now.get(key, {}))]
    return found or ["its artifact is gone"]


def differences(old: Any, new: Any, key: str = "") -> Iterator[tuple[str, Any, Any]]:
    """(dotted key, old, new) of every leaf that differs."""
    if isinstance(old, dict) and isinstance(new, dict):
        for name in sorted(old.keys() | new.keys()):
            yield from differences(old.get(name), new.get(name), f"{key}.{name}" if key else name)
    elif old != new:
        yield key, old, new


def _happened(old: Any, new: Any) -> str:
    if old is None or new is None:
        return "is new" if old is None else "is gone"
    return "changed"


def _short(value: Any) -> str:
    told = "null" if value is None else str(value)
    return told if len(told) <= 40 else f"{told[:37]}…"
