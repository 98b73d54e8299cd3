"""A shell's history: which commands were typed, and what can be asked of them.

    ls -a                          bash, a command a line
    #1700000000                    bash with HISTTIMEFORMAT: a command goes on to the next time
    : 1700000000:0;ls -a           zsh with EXTENDED_HISTORY; a line that ends with \\ goes on
    - cmd: ls -a                   fish
"""
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from pillm.backends import shell_scripts
from pillm.records.gather import scrub
from pillm.records.gather.passage import Aside, Found, Passage
from pillm.records.gather.scripts import cleaned, commented
from pillm.records.gather.sections import SHORTEST_WORDS, TOO_LONG

BASH_TIME = re.compile(r"#\d{9,11}")
ZSH = re.compile(r": \d{9,11}:\d+;(.*)", re.DOTALL)
FISH = re.compile(r"- cmd: (.*)")
FISH_ESCAPE = re.compile(r"\\([\\n])")
BEFORE_PROGRAM = frozenset({"sudo", "doas", "time", "nohup", "env", "command", "exec", "nice"})
ASSIGNED = re.compile(r"[A-Za-z_]\w*=")
SELDOM = "typed too seldom"


class Typed(NamedTuple):
    line: int
    """Where it begins in the file, from 1."""
    command: str


def commands(text: str) -> Iterator[Typed]:
    """In the order in which they were typed."""
    lines = text.split("\n")
    if any(FISH.fullmatch(line) for line in lines):
        return _fish(lines)
    if any(ZSH.fullmatch(line) for line in lines):
        return _zsh(lines)
    if any(BASH_TIME.fullmatch(line) for line in lines):
        return _timed(lines)
    return (Typed(n, line.strip()) for n, line in enumerate(lines, 1) if line.strip())


def _fish(lines: Sequence[str]) -> Iterator[Typed]:
    for n, line in enumerate(lines, 1):
        if found := FISH.fullmatch(line):
            yield Typed(n, FISH_ESCAPE.sub(lambda escape: "\n" if escape[1] == "n" else "\\", found[1]).strip())


def _zsh(lines: Sequence[str]) -> Iterator[Typed]:
    begun, number = "", 0
    for n, line in enumerate(lines, 1):
        number = number if begun else n
        begun = f"{begun}\n{line}" if begun else line
        if not line.endswith("\\"):
            found = ZSH.fullmatch(begun.replace("\\\n", "\n"))
            command = (found[1] if found else begun).strip()
            begun = ""
            if command:
                yield Typed(number, command)


def _timed(lines: Sequence[str]) -> Iterator[Typed]:
    begun: list[str] = []
    number = 1
    for n, line in enumerate([*lines, "#0000000000"], 1):
        if not BASH_TIME.fullmatch(line):
            begun.append(line)
            continue
        if command := "\n".join(begun).strip():
            yield Typed(number, command)
        begun, number = [], n + 1


def program(command: str) -> str:
    """What is run: the first word that is no assignment and no `sudo`."""
    words = command.split()
    return next((word for word in words if word not in BEFORE_PROGRAM and not ASSIGNED.match(word)
                 and not word.startswith("-")), "")


def passages(text: str, name: str, longest: int, least_times: int) -> Iterator[Found]:
    """Commands with a comment; of each program the command that is typed most; and what follows what."""
    typed: list[Typed] = []
    for one in commands(text):
        command, reason = scrub.typed(one.command)
        if reason:
            yield Aside(f"{name}:{one.line}", reason, scrub.UNTOLD)
        elif len(command) > longest:
            yield Aside(f"{name}:{one.line}", TOO_LONG, f"a command has at most {longest} characters")
        else:
            typed.append(Typed(one.line, command))
    yield from _commented(typed, name)
    yield from _usual(typed, name, least_times)
    yield from _following(typed, name, least_times)


def _commented(typed: Sequence[Typed], name: str) -> Iterator[Found]:
    """`rsync -a a/ b/  # mirror a to b`: the one place where it is said what a command is for."""
    for one in {each.command: each for each in typed}.values():
        for found in shell_scripts.commented(one.command):
            comment = cleaned(found.comment)
            if not found.broken and len(comment.split()) >= SHORTEST_WORDS:
                yield commented(comment, found.code, f"{name}:{one.line}", name)


def _usual(typed: Sequence[Typed], name: str, least: int) -> Iterator[Found]:
    """The most frequent command of each program that was called with something behind it."""
    times = Counter(one.command for one in typed if len(one.command.split()) > 1)
    last = {one.command: one.line for one in typed}
    ways: defaultdict[str, list[str]] = defaultdict(list)
    for command in times:
        ways[program(command)].append(command)
    for named, found in ways.items():
        best = max(found, key=lambda command: (times[command], last[command]))
        place = f"{name}:{last[best]}"
        if times[best] < least:
            yield Aside(place, SELDOM, f"no command of {named} was typed {least} times", best)
        elif named:
            yield Passage("usual", best, place, {"program": named, "code": best, "times": str(times[best])})


def _following(typed: Sequence[Typed], name: str, least: int) -> Iterator[Found]:
    """The command that mostly comes after another one: in half of all cases, and often enough."""
    after: defaultdict[str, Counter[str]] = defaultdict(Counter)
    last = {}
    for one, other in pairwise(typed):
        if one.command != other.command:
            after[one.command][other.command] += 1
            last[one.command, other.command] = other.line
    for command, found in after.items():
        then, times = max(found.items(), key=lambda pair: (pair[1], last[command, pair[0]]))
        if times >= least and 2 * times >= found.total() and len(then.split()) > 1 and "\n" not in command:
            yield Passage("next", f"{command}\n{then}", f"{name}:{last[command, then]}",
                          {"after": command, "code": then})
