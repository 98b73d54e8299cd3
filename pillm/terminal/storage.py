"""`stored=list`, `stored=gc`, `stored=verify`."""
from pathlib import Path

from rich.console import Console

from pillm.engine import housekeeping
from pillm.engine.store import Store
from pillm.errors import ConfigError, suggest
from pillm.terminal import tables
from pillm.words import counted, size

COMMANDS = ("list", "gc", "verify")
OPTIONS = ("store", "runs", "interrupted")


def answer(console: Console, command: str, options: dict[str, str], *, yes: bool) -> int:
    """0, or 1 where verify found damage."""
    if command not in COMMANDS:
        raise ConfigError(f"command line: stored={command}: no such command.{suggest(command, COMMANDS)} "
                          f"There are {', '.join(COMMANDS)}.")
    store, runs = Store(Path(options.get("store", "store"))), Path(options.get("runs", "runs"))
    if command == "verify":
        return _verify(console, store)
    if command == "list":
        return _list(console, store, runs)
    return _gc(console, store, runs, yes=yes, interrupted=options.get("interrupted") == "true")


def _list(console: Console, store: Store, runs: Path) -> int:
    used = housekeeping.references(runs)
    rows = [(home.name, home.name.rsplit("-", 1)[0], housekeeping.octets(home), _users(used.get(home.name, [])))
            for home, _ in store.entries()]
    tables.stored(console, rows)
    return 0


def _users(runs: list[str]) -> str:
    return f"{runs[-1]}" + (f" and {len(runs) - 1} more" if len(runs) > 1 else "") if runs else "nothing"


def _gc(console: Console, store: Store, runs: Path, *, yes: bool, interrupted: bool) -> int:
    """What can be taken up again goes only where that is asked for; what is being made never does."""
    found = housekeeping.loose(store, runs)
    if _shown(console, found.orphans, "that no run refers to", "stored=gc yes=true", yes=yes):
        housekeeping.collect(store, found.orphans)
    if found.interrupted and _shown(console, found.interrupted, "of interrupted work, which the same command takes up",
                                    "stored=gc interrupted=true yes=true", yes=yes and interrupted):
        housekeeping.collect(store, found.interrupted)
    for folder in found.held:
        console.print(f"left alone: {folder}: a run is at work on it", highlight=False)
    return 0


def _shown(console: Console, folders: list[Path], why: str, words: str, *, yes: bool) -> bool:
    """Whether they are to be removed, after each has been told with its size."""
    octets = [housekeeping.octets(folder) for folder in folders]
    for folder, each in zip(folders, octets, strict=True):
        console.print(f"{size(each):>10}  {folder}", highlight=False)
    total = f"{counted(len(folders), 'folder')}, {size(sum(octets))}"
    offer = f". Remove them with {words}" if folders else ""
    console.print(f"removed {total}" if yes else f"{total}, {why}{offer}")
    return yes


def _verify(console: Console, store: Store) -> int:
    found = housekeeping.verify(store)
    damage = [(path, told) for path, told in found if told]
    for path, told in damage:
        console.print(f"[red]damaged[/] {path}: {told}", highlight=False, soft_wrap=True)
    console.print(f"{counted(len(found), 'artifact')} read, {len(damage)} damaged" +
                  (". Make them again with force=[STEP]" if damage else ""), highlight=False)
    return 1 if damage else 0
