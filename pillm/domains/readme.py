"""The part of a dataset's README that is made from its card, and the pictures in it."""
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from pillm.domains.card import Card

START, END = "<!-- made from card.yaml by `python -m pillm card=", "<!-- end of what is made -->"
STRATA, LENGTHS = "images/strata.svg", "images/lengths.svg"
MOST_STRATA = 24
Values = dict[str, Any]
EXAMINED = {"gold": "right", "empty": "empty", "constant": "one to all", "echo": "the question", "shuffled": "shuffled"}


def placed(text: str, card: Card) -> str:
    """The README with the part in its place, or at its end where it had none."""
    before, found, rest = text.partition(START)
    after = rest.partition(END)[2] if found else "\n"
    return f"{before.rstrip() + chr(10) * 2 if before else ''}{section(card)}{after}"


def section(card: Card) -> str:
    """Markdown: where it comes from, what each file has, what was left out, what it is not good for."""
    parts = [_origin(card.values), _files(card.values["files"]), *_strata(card), *_lengths(card),
             *_examined(card.values["files"]), *_dropped(card.values), *_limits(card.values)]
    body = "\n\n".join(parts)
    return f"{START}{card.values['name']}`; change the card -->\n## What is in it\n{body}\n{END}"


def pictures(card: Card) -> dict[str, str]:
    """SVG by path in the folder."""
    from pillm.backends import card_plots

    found = {}
    if panels := _panels(card):
        found[STRATA] = card_plots.strata(panels)
    if rows := _length_rows(card, _unit(card)):
        found[LENGTHS] = card_plots.lengths(rows, _unit(card))
    return found


def _origin(values: Values) -> str:
    told = [values["source"], values.get("made", ""), f"Licence: {values['licence']}.",
            f"Languages: {', '.join(values['languages'])}."]
    if verified := values.get("verified"):
        told.append(f"Found right by a program: {verified['rows']:,} records ({verified['how'].rstrip('.')}).")
    if skeletons := values.get("skeletons"):
        told.append(f"{skeletons['distinct']:,} phrasings with their literals masked, the most frequent one "
                    f"{skeletons['largest_share']:.1%} of the rows.")
    if rebuild := values.get("rebuild"):
        told.append(f"Made again by `{rebuild['command']}` in {rebuild['seconds']:,.0f} s.")
    return " ".join(filter(None, told))


def _files(files: Values) -> str:
    """A row for each file."""
    rows = [(f"`{name}`", f"{told['rows']:,}", *_said(told), _names(told.get("checks", {})), told["what"])
            for name, told in files.items()]
    lengths = ("asked: median, 95 %", "answered: median, 95 %", "thought: median, 95 %")
    return _table(("file", "rows", *lengths, "judged by", "what it is"), rows)


def _said(told: Values) -> tuple[str, str, str]:
    lengths = told.get("characters", {})
    return _length(lengths.get("asked")), _length(lengths.get("answered")), _length(lengths.get("thought"))


def _length(found: Values | None) -> str:
    return f"{found['p50']:,}, {found['p95']:,}" if found else ""


def _names(counts: Values) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _strata(card: Card) -> Iterator[str]:
    """The picture, and what does not go into it."""
    if not (panels := _panels(card)):
        return
    yield f"![Rows by tag]({STRATA})"
    known = {name for counts in panels.values() for name in counts}
    left = _strata_of(card, questions=False) + _strata_of(card, questions=True)
    if more := {name: count for name, count in sorted(left.items()) if name not in known}:
        yield f"And, of records and questions together: {_names(more)}."


def _panels(card: Card) -> dict[str, dict[str, int]]:
    """The largest strata, of records where there are any, else of questions."""
    both = {"records": _strata_of(card, questions=False), "questions": _strata_of(card, questions=True)}
    together = both["records"] + both["questions"]
    shown = sorted(together, key=lambda name: (-both["records"][name], -together[name], name))[:MOST_STRATA]
    return {kind: {name: counts[name] for name in shown} for kind, counts in both.items() if counts}


def _strata_of(card: Card, *, questions: bool) -> Counter[str]:
    files = [told for told in card.values["files"].values() if ("checks" in told) == questions]
    return sum((Counter(told.get("strata", {})) for told in files), Counter[str]())


def _lengths(card: Card) -> Iterator[str]:
    if _length_rows(card, _unit(card)):
        unit = f"tokens of {card.values['tokenizer']}" if _unit(card) == "tokens" else "characters"
        yield f"![Length of what is asked and answered, in {unit}]({LENGTHS})"
        if _unit(card) == "tokens":
            yield f"Tokens are those of {card.values['tokenizer']}; the table has characters."


def _unit(card: Card) -> str:
    """Tokens where every file that has texts is counted in them."""
    files = [told for told in card.values["files"].values() if "characters" in told]
    return "tokens" if files and all("tokens" in told for told in files) else "characters"


def _length_rows(card: Card, unit: str) -> list[tuple[str, dict[str, int], int]]:
    return [(f"{name.removesuffix('.jsonl')}, {kind}", told[unit][kind], number)
            for name, told in card.values["files"].items()
            for number, kind in enumerate(("asked", "answered")) if kind in told.get(unit, {})]


def _examined(files: Values) -> Iterator[str]:
    """What answers score that need no model."""
    rows = [(f"`{name}`", *(_share(told["examined"].get(key)) for key in EXAMINED))
            for name, told in files.items() if "examined" in told]
    if rows:
        yield "What answers score that need no model:\n\n" + _table(("questions", *EXAMINED.values()), rows)


def _share(score: float | None) -> str:
    return "" if score is None else f"{100 * score:.3g} %"


def _dropped(values: Values) -> Iterator[str]:
    if dropped := values.get("dropped"):
        yield "Left out:\n\n" + _table(("why", "records"), [(why, f"{count:,}") for why, count in dropped.items()])


def _limits(values: Values) -> Iterator[str]:
    if limits := values.get("limits"):
        yield "What it is not good for:\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns in which nothing stands are left out."""
    kept = [n for n in range(len(head)) if any(row[n] for row in rows)]
    cells = [[row[n].replace("|", "\\|") for n in kept] for row in rows]
    lines = [[head[n] for n in kept], ["---"] * len(kept), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
