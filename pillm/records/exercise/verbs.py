"""What commands should print, computed by Python: small verbs over lines of text and over planted files.

`lines access.log | having 404 | column 1 | unique | count` reads from left to right, each verb taking what the one
before it left. Verbs over lines are in VERBS; those over files, which begin with `files FOLDER`, in `file_verbs.py`.
"""
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

Lines = list[str]


def having(lines: Lines, *texts: str) -> Lines:
    """Any of the texts."""
    return [line for line in lines if any(text in line for text in texts)]


def lacking(lines: Lines, *texts: str) -> Lines:
    return [line for line in lines if not any(text in line for text in texts)]


def ihaving(lines: Lines, text: str) -> Lines:
    """In any case."""
    return [line for line in lines if text.lower() in line.lower()]


def matching(lines: Lines, pattern: str) -> Lines:
    return [line for line in lines if re.search(pattern, line)]


def unmatching(lines: Lines, pattern: str) -> Lines:
    return [line for line in lines if not re.search(pattern, line)]


def found(lines: Lines, pattern: str) -> Lines:
    """Only what matches, one a line."""
    return [one[0] for line in lines for one in re.finditer(pattern, line)]


def around(lines: Lines, text: str, before: str, after: str) -> Lines:
    """Lines that have a text, with their neighbours; groups apart are parted by --."""
    shown = sorted({n for at, line in enumerate(lines) if text in line
                    for n in range(max(0, at - int(before)), min(len(lines), at + int(after) + 1))})
    out: Lines = []
    for place, n in enumerate(shown):
        out += ["--"] * (place > 0 and shown[place - 1] < n - 1) + [lines[n]]
    return out


def numbered(lines: Lines, text: str = "") -> Lines:
    """`number:line` of those that have the text."""
    return [f"{n}:{line}" for n, line in enumerate(lines, 1) if text in line]


def column(lines: Lines, *wanted: str, sep: str | None = None) -> Lines:
    """Fields by number, 1 first, -1 last; joined by a space. A last argument that is no number is the separator."""
    if not wanted[-1].lstrip("-").isdigit():
        *wanted, sep = wanted  # type: ignore[assignment]
    rows = [line.split(sep) for line in lines]
    return [(sep or " ").join(row[int(n) - (int(n) > 0)] for n in wanted) for row in rows if row]


def spaced(lines: Lines, sep: str) -> Lines:
    """Fields joined by a space instead of the separator."""
    return [line.replace(sep, " ") for line in lines]


def where(lines: Lines, field: str, relation: str, value: str, sep: str = "") -> Lines:
    """Rows whose field is the value, or over it."""
    judged: Callable[[str], bool] = {
        "over": lambda found: float(found.rstrip("%")) > float(value), "is": lambda found: found == value}[relation]
    return [line for line in lines if judged(line.split(sep or None)[int(field) - (int(field) > 0)])]


def characters(lines: Lines, start: str, end: str) -> Lines:
    return [line[int(start) - 1:int(end)] for line in lines]


def ordered(lines: Lines) -> Lines:
    return sorted(lines)


def numeric(lines: Lines) -> Lines:
    return sorted(lines, key=lambda line: (float(re.match(r"[-\d.]*", line.strip())[0] or 0), line))  # type: ignore[index]


def by(lines: Lines, field: str, sep: str = "", how: str = "text") -> Lines:
    """Sorted by a field, then by the whole line, as sort does."""
    def key(line: str) -> tuple[Any, str]:
        value = line.split(sep or None)[int(field) - 1]
        return (float(value.rstrip("%")) if how == "number" else value), line
    return sorted(lines, key=key)


def by_down(lines: Lines, field: str) -> Lines:
    """By the number in a field, the largest first; equals as sort -rn leaves them: by the whole line, upwards."""
    return sorted(sorted(lines), key=lambda line: -float(line.split()[int(field) - 1]))


def reversed_(lines: Lines) -> Lines:
    return lines[::-1]


def unique(lines: Lines) -> Lines:
    """Each once, in order of the alphabet."""
    return sorted(set(lines))


def once(lines: Lines) -> Lines:
    """Each once, in the order of their first time."""
    return list(dict.fromkeys(lines))


def repeated(lines: Lines) -> Lines:
    return sorted(line for line, n in Counter(lines).items() if n > 1)


def single(lines: Lines) -> Lines:
    return sorted(line for line, n in Counter(lines).items() if n == 1)


def tally(lines: Lines) -> Lines:
    """How often each occurs, as uniq -c writes it, in order of the alphabet."""
    return [f"{n:7d} {line}" for line, n in sorted(Counter(lines).items())]


def ranked(lines: Lines) -> Lines:
    """How often each occurs, the most frequent first; equals as sort -rn leaves them."""
    ordered = sorted(((n, line) for line, n in Counter(lines).items()), reverse=True)
    return [f"{n:7d} {line}" for n, line in ordered]


def first(lines: Lines, count: str) -> Lines:
    return lines[:int(count)]


def last(lines: Lines, count: str) -> Lines:
    return lines[-int(count):]


def skip(lines: Lines, count: str = "1") -> Lines:
    return lines[int(count):]


def drop(lines: Lines, count: str = "1") -> Lines:
    """Without the last ones."""
    return lines[:-int(count)]


def between(lines: Lines, start: str, end: str) -> Lines:
    """By number, both included."""
    return lines[int(start) - 1:int(end)]


def block(lines: Lines, begin: str, end: str) -> Lines:
    """From the first line that is one mark to the next that is the other."""
    start = lines.index(begin)
    return lines[start:lines.index(end, start) + 1]


def upto(lines: Lines, text: str) -> Lines:
    """To the first line that has a text, and with it."""
    at = next((n for n, line in enumerate(lines) if text in line), len(lines))
    return lines[:at + 1]


def earlier(lines: Lines, field: str, text: str) -> Lines:
    """Whose field sorts before a text."""
    return [line for line in lines if line.split()[int(field) - 1] < text]


def every(lines: Lines, step: str) -> Lines:
    return lines[int(step) - 1::int(step)]


def count(lines: Lines) -> Lines:
    return [str(len(lines))]


def words(lines: Lines) -> Lines:
    return [word for line in lines for word in line.split()]


def lower(lines: Lines) -> Lines:
    return [line.lower() for line in lines]


def upper(lines: Lines) -> Lines:
    return [line.upper() for line in lines]


def rstripped(lines: Lines) -> Lines:
    return [line.rstrip(" \t\r") for line in lines]


def replaced(lines: Lines, old: str, new: str = "") -> Lines:
    """Every time."""
    return [line.replace(old, new) for line in lines]


def substituted(lines: Lines, pattern: str, new: str = "") -> Lines:
    """By a regular expression of Python, every time."""
    return [re.sub(pattern, new, line) for line in lines]


def added(lines: Lines, *text: str) -> Lines:
    return [*lines, " ".join(text)]


def topped(lines: Lines, *text: str) -> Lines:
    return [" ".join(text), *lines]


def wrapped(lines: Lines, before: str, after: str = "") -> Lines:
    return [f"{before}{line}{after}" for line in lines]


def joined(lines: Lines, sep: str) -> Lines:
    return [sep.join(lines)]


def split(lines: Lines, sep: str) -> Lines:
    return [part for line in lines for part in line.split(sep)]


def total(lines: Lines) -> Lines:
    return [str(sum(map(int, lines)))]


def mean(lines: Lines, digits: str = "2") -> Lines:
    return [f"{sum(map(float, lines)) / len(lines):.{digits}f}"]


def most(lines: Lines) -> Lines:
    return [str(max(map(int, lines)))]


def longest(lines: Lines) -> Lines:
    return [str(max(map(len, lines)))]


def longer(lines: Lines, length: str) -> Lines:
    return [line for line in lines if len(line) > int(length)]


def totals(lines: Lines, name: str, value: str, sep: str) -> Lines:
    """Per value of one field the sum of another: `name sum`."""
    sums: Counter[str] = Counter()
    for line in lines:
        fields = line.split(sep)
        sums[fields[int(name) - 1]] += int(fields[int(value) - 1])
    return [f"{key} {amount}" for key, amount in sums.items()]


def names_in(lines: Lines, state: str) -> Lines:
    """Of a JSON list of objects: the names of those in this state."""
    return [one["name"] for one in json.loads("".join(lines)) if one["state"] == state]


def chunk(lines: Lines, size: str, number: str) -> Lines:
    """The piece of this number, of pieces of so many lines."""
    start = int(size) * (int(number) - 1)
    return lines[start:start + int(size)]


def filed(lines: Lines) -> Lines:
    """Each with its number, as nl -ba writes it."""
    return [f"{n:6d}\t{line}" for n, line in enumerate(lines, 1)]


VERBS: dict[str, Callable[..., Lines]] = {verb.__name__.rstrip("_"): verb for verb in (
    having, lacking, ihaving, matching, unmatching, found, around, numbered, column, spaced, where, characters,
    ordered, numeric, by, by_down, reversed_, unique, once, repeated, single, tally, ranked, first, last, skip, drop,
    between, block, upto, earlier, every, count, words, lower, upper, rstripped, replaced, substituted,
    added, topped, wrapped, joined, split, total, mean, most, longest, longer, totals, names_in, chunk,
    filed)}
