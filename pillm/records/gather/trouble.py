"""Troubleshooting logs: notes with a problem and what helped, and terminal sessions in which a command failed.

    Problem: the disk is full       $ systemctl start nginx
    Cause:   logs of three years    Job for nginx.service failed …
    Fix:     logrotate -f …         $ nginx -t
"""
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pillm.records.gather import scrub
from pillm.records.gather.history import program
from pillm.records.gather.passage import Aside, Found, Passage
from pillm.records.gather.sections import SHORTEST_WORDS, TOO_LONG, TOO_SHORT

LABELS = {
    "problem": ("problem", "symptom", "issue", "error", "incident", "trouble", "problème", "symptôme", "panne"),
    "cause": ("cause", "root cause", "reason", "diagnosis", "why", "diagnostic", "raison"),
    "fix": ("fix", "solution", "resolution", "solved", "what helped", "workaround", "remedy", "correctif", "remède"),
}
"""How notes name their parts, in English and French, in any case; as `Fix:`, `## Fix` or `**Fix**:`."""
LABEL = re.compile(r"(?:#{1,6}\s+|[-*]\s+)?\**(?P<label>[A-Za-zÀ-ÿ ]{3,20}?)\**\s*(?:\d+\s*)?(?P<end>:\**|\Z)\s*"
                   r"(?P<text>.*)")
PROMPT = re.compile(r"(?:\([\w.-]+\)\s*)?(?:\[[^\]\n]{1,80}\]|[\w.-]+@[\w.-]+(?:[: ][^$#%\n]{0,80})?)?\s?[$#%]\s+"
                    r"(?P<command>\S.*)")
CONTROL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[^\n]\x08|[\x00-\x08\x0b-\x1f\x7f]")
"""Colours, titles and moves of the cursor, in what `script` and terminals save (ECMA-48 §5.4)."""
FAILED = re.compile(r"\b(?:error|errors|failed|failure|fatal|cannot|can't|could not|couldn't|unable|denied|not found|"
                    r"no such|refused|invalid|unknown|unrecognized|traceback|timed out|no space left)\b|^E: ",
                    re.IGNORECASE | re.MULTILINE)
MOST_THEN, SHOWN_LINES = 6, 3
"""Commands that a repair may take; lines of an error that are shown, those that name it first."""
UNSOLVED, NO_TROUBLE = "a problem without what helped", "neither a problem nor a prompt in it"


class _Ran(NamedTuple):
    line: int
    command: str
    output: str


@dataclass
class _Note:
    """A problem and what is said of it."""

    line: int
    parts: dict[str, list[str]] = field(default_factory=dict)

    def part(self, name: str) -> str:
        return "\n".join(self.parts.get(name, ())).strip()


def passages(text: str, name: str, longest: int) -> Iterator[Found]:
    """Of one log: both forms may stand in it."""
    lines = scrub.HOME.sub("~", CONTROL.sub("", text)).split("\n")
    found = [*_of_notes(list(_notes(lines)), name, longest), *_of_sessions(list(_session(lines)), name, longest)]
    yield from found or [Aside(name, NO_TROUBLE, "notes say Problem: and Fix:, sessions show $ before a command")]


def _notes(lines: Sequence[str]) -> Iterator[_Note]:
    """A note begins with its problem and ends where the next one begins."""
    note: _Note | None = None
    part = ""
    for n, line in enumerate(lines, 1):
        label, rest = _label(line)
        if label == "problem":
            if note:
                yield note
            note = _Note(n)
        ends = line.startswith(("#", "---", "===")) or PROMPT.fullmatch(line.strip())
        part = label or ("" if ends else part)
        if note and part:
            note.parts.setdefault(part, []).append(rest if label else line.rstrip())
    if note:
        yield note


def _label(line: str) -> tuple[str, str]:
    """(which part begins here, the text behind its name)."""
    found = LABEL.fullmatch(line.strip())
    said = found["label"].strip().lower() if found else ""
    bare = not (found and found["end"]) and not line.lstrip().startswith("#")
    part = next((part for part, names in LABELS.items() if said in names), "")
    return ("", "") if bare else (part, found["text"] if found else "")


def _of_notes(notes: Sequence[_Note], name: str, longest: int) -> Iterator[Found]:
    for note in notes:
        place, problem, cause, fix = f"{name}:{note.line}", *map(note.part, ("problem", "cause", "fix"))
        text = "\n".join(filter(None, (problem, cause, fix)))
        if not fix or not problem:
            yield Aside(place, UNSOLVED, f"it says {', '.join(note.parts) or 'nothing'}", text)
        elif scrub.typed(text)[1]:
            yield Aside(place, scrub.CREDENTIAL, scrub.UNTOLD)
        elif len(fix.split()) + len(problem.split()) < 2 * SHORTEST_WORDS:
            yield Aside(place, TOO_SHORT, f"problem and fix have fewer than {2 * SHORTEST_WORDS} words", text)
        elif max(map(len, (problem, cause, fix))) > longest:
            yield Aside(place, TOO_LONG, f"each part has at most {longest} characters", text)
        else:
            yield Passage("fix", text, place, {"problem": " ".join(problem.split()), "cause": cause, "text": fix})


def _session(lines: Sequence[str]) -> Iterator[_Ran]:
    """Commands with what they printed."""
    begun: tuple[int, str] | None = None
    output: list[str] = []
    for n, line in enumerate(lines, 1):
        found = PROMPT.fullmatch(line.strip())
        if not found:
            output.append(line.rstrip())
            continue
        if begun:
            yield _Ran(*begun, "\n".join(output).strip())
        begun, output = (n, found["command"].strip()), []
    if begun:
        yield _Ran(*begun, "\n".join(output).strip())


def _of_sessions(ran: Sequence[_Ran], name: str, longest: int) -> Iterator[Found]:
    """From a command that fails to where the same program runs without an error."""
    solved = -1
    for n, one in enumerate(ran):
        if n <= solved or not FAILED.search(one.output):
            continue
        place = f"{name}:{one.line}"
        error = _shown(one.output)
        end = next((m for m in range(n + 1, min(n + 1 + MOST_THEN, len(ran))) if _works(one, ran[m])), None)
        if end is None:
            yield Aside(place, UNSOLVED, f"{program(one.command)} does not run without an error within {MOST_THEN} "
                                         "commands", f"{one.command}\n{error}")
            continue
        then = "\n".join(other.command for other in ran[n + 1:end + 1] if not FAILED.search(other.output))
        solved = end
        text = f"{one.command}\n{error}\n{then}"
        if any(scrub.typed(command)[1] for command in text.split("\n")):
            yield Aside(place, scrub.CREDENTIAL, scrub.UNTOLD)
        elif len(text) > 2 * longest:
            yield Aside(place, TOO_LONG, f"command, error and repair have at most {2 * longest} characters", text)
        else:
            yield Passage("failed", text, place, {"code": one.command, "error": error, "then": then})


def _works(one: _Ran, other: _Ran) -> bool:
    return program(one.command) == program(other.command) and not FAILED.search(other.output)


def _shown(output: str) -> str:
    """The lines that name the error, in their order."""
    lines = [line for line in output.split("\n") if line.strip()]
    named = [line for line in lines if FAILED.search(line)]
    return "\n".join((named or lines)[:SHOWN_LINES])
