"""What a card counts of a file: rows, languages, strata, checkers, and how long its texts are."""
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from pillm import fast_yaml
from pillm.errors import ConfigError, DataError
from pillm.records.chat import thought_stream, turns
from pillm.records.formats import Record, ours
from pillm.records.read import Row, rows, sources
from pillm.serve.picks import percentile

Tokens = Callable[[str], int]
Said = tuple[list[str], list[str]]
"""(what is asked, what is answered): a text for each row; a question has no text to answer it with."""
PERCENTS = {"p5": 5, "p50": 50, "p95": 95, "max": 100}


def counts(file: Path) -> dict[str, Any]:
    """Of records or questions (JSONL), or of a YAML file's entries; raises DataError for lines that are neither."""
    if file.suffix != ".jsonl":
        return {"rows": _entries(file)}
    lines = _lines(file)
    tallies = {"languages": tally([line["lang"]] for line in lines if "lang" in line),
               "strata": tally(line.get("tags", ()) for line in lines),
               "checks": tally([line["check"]] for line in lines if "check" in line)}
    return {"rows": len(lines)} | {name: found for name, found in tallies.items() if found} | {
        "characters": _spread(lines, len)}


def token_counts(file: Path, tokens: Tokens) -> dict[str, Any]:
    """How long the texts of a file are to a tokenizer; empty for a file that has none."""
    return _spread(_lines(file), tokens) if file.suffix == ".jsonl" else {}


def examined(file: Path) -> dict[str, float]:
    """What answers score on a suite that know nothing, and right ones (pillm.serve.examining)."""
    from pillm.serve import examining, questions

    figures = examining.examined(questions.read(file))
    return {name: figures[name] for name in examining.ANSWERERS if name in figures}


def tally(named: Iterable[Iterable[str]]) -> dict[str, int]:
    """How often each name occurs, the most frequent first."""
    found = Counter(name for names in named for name in names)
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _entries(file: Path) -> int:
    found = fast_yaml.load(file.read_text("utf-8"))
    if not isinstance(found, list | dict):
        raise ConfigError(f"{file}: a card counts lines of JSON, and the entries of a YAML list or mapping. "
                          "Leave this file out of the card's files.")
    return len(found)


def _lines(file: Path) -> list[Record]:
    wrong: list[str] = []

    def refuse(row: Row, reason: str, told: str) -> None:
        wrong.append(f"{row.place}: {reason}: {told}. Repair the line.")

    found = [(row.place, row.record) for row in rows(sources([file])[0], refuse)]
    wrong += [f"{place}: it is no record and no question. Say what is asked: user, messages or question."
              for place, line in found if not _is_asked(line)]
    if wrong:
        raise DataError("\n".join(wrong))
    return [ours(line) for _, line in found]


def _is_asked(line: Any) -> bool:
    return isinstance(line, dict) and not {"user", "messages", "question"}.isdisjoint(ours(line))


def _spread(lines: Sequence[Record], length: Tokens) -> dict[str, dict[str, int]]:
    asked, answered = said(lines)
    texts = {"asked": asked, "answered": answered, "thought": [thought_stream(line) for line in lines
                                                               if line.get("agent_responses")]}
    return {name: _percentiles([length(text) for text in found]) for name, found in texts.items() if found}


def _percentiles(lengths: Sequence[int]) -> dict[str, int]:
    return {name: int(percentile(lengths, percent)) for name, percent in PERCENTS.items()}


def said(lines: Iterable[Record]) -> Said:
    """Conversations up to the answer, system prompts apart, and the answers that are there."""
    asked, answered = [], []
    for line in lines:
        told = _question(line) if "check" in line else turns(line)
        if told[-1][0] == "assistant":
            answered.append(told.pop()[1])
        asked.append("\n".join(text for role, text in told if role != "system"))
    return asked, answered


def _question(line: Record) -> list[tuple[str, str]]:
    before = [(message["role"], message["content"]) for message in line.get("messages", ())]
    return [*before, *([("user", line["user"])] if line.get("user") else [])]
