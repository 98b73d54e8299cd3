"""`stored=list`, `stored=gc`, `stored=verify`."""
from pathlib import Path

from rich.console import Console

from pillm.engine import housekeeping
from pillm.engine.store import Store
from pillm.errors import ConfigError, suggest
from pillm.terminal import tables
from pillm.words import size

COMMANDS = ("list", "gc", "verify")


def answer(console: Console, command: str, overrides: list[str], *, yes: bool) -> int:
    """0, or 1 where verify found damage."""
    if command not in COMMANDS:
        raise ConfigError(f"command line: stored={command}: no such command.{suggest(command, COMMANDS)} "
                          f"There are {', '.join(COMMANDS)}.")
    places = dict(word.lstrip("+").split("=", 1) for word in overrides if "=" in word)
    store, runs = Store(Path(places.get("store", "store"))), Path(places.get("runs", "runs"))
    if command == "verify":
        return _verify(console, store)
    return _list(console, store, runs) if command == "list" else _gc(console, store, runs, yes=yes)


def _list(console: Console, store: Store, runs: Path) -> int:
    used = housekeeping.references(runs)
    rows = [(home.name, home.name.rsplit("-", 1)[0], housekeeping.octets(home), _users(used.get(home.name, [])))
            for home, _ in store.entries()]
    tables.stored(console, rows)
    return 0


def _users(runs: list[str]) -> str:
    return f"{runs[-1]}" + (f" and {len(runs) - 1} more" if len(runs) > 1 else "") if runs else "nothing"


def _gc(console: Console, store: Store, runs: Path, *, yes: bool) -> int:
    loose = housekeeping.orphans(store, runs)
    for folder in loose:
        console.print(f"{size(housekeeping.octets(folder)):>10}  {folder}", highlight=False)
    total = size(sum(housekeeping.octets(folder) for folder in loose))
    if yes:
        housekeeping.collect(loose)
        console.print(f"removed {len(loose)} folders, {total}")
    else:
        console.print(f"{len(loose)} folders, {total}, that no run refers to" +
                      (". Remove them with stored=gc yes=true" if loose else ""))
    return 0


def _verify(console: Console, store: Store) -> int:
    found = housekeeping.verify(store)
    damage = [(path, told) for path, told in found if told]
    for path, told in damage:
        console.print(f"[red]damaged[/] {path}: {told}", highlight=False, soft_wrap=True)
    console.print(f"{len(found)} artifacts read, {len(damage)} damaged" +
                  (". Make them again with force=[STEP]" if damage else ""), highlight=False)
    return 1 if damage else 0
