"""Pictures as SVG text: the same figures give the same bytes, and a page's CSS decides the colours.

Colours are written as `var(--plot-…, #…)`: a page may set them (dark mode); a file alone shows the fallback.
"""
import io
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from hashlib import sha256
from html import escape
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

Interval = Mapping[str, float]
"""{value, low, high}."""
Points = Sequence[tuple[float, float]]

INK, FAINT, FIRST, SECOND = "#010101", "#020202", "#030303", "#040404"
"""Stand-ins, each replaced by its CSS variable in the finished SVG."""
VARIABLES = {INK: "var(--plot-ink, #24292f)", FAINT: "var(--plot-faint, #d5dae1)",
             FIRST: "var(--plot-first, #1f6f8b)", SECOND: "var(--plot-second, #c2571a)"}
COLOURS = (FIRST, SECOND, INK)

WIDTH_IN = 5.4
"""Narrow, so that the letters stay readable where a phone shrinks the picture."""
SMOOTHED_FROM = 40
"""A curve of so many points is drawn faint, with its running mean over it."""
SHARED_LINE = 0.36
"""Of a line's height, between the dots that share it."""
LEAST_ROOM = 0.2
"""Of a score's axis."""
STYLE: Any = {
    "svg.fonttype": "none", "font.size": 11, "axes.labelsize": 10.5, "xtick.labelsize": 10, "ytick.labelsize": 10,
    "text.color": INK, "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": FAINT,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "grid.color": FAINT, "grid.linewidth": 0.6,
    "axes.axisbelow": True, "xtick.major.size": 0, "ytick.major.size": 0, "lines.solid_capstyle": "round",
    "text.parse_math": False,  # a user's tag may hold two dollars and be no formula
    "figure.constrained_layout.use": True, "figure.facecolor": "none", "axes.facecolor": "none",
}

CLEANED = (
    (r" <metadata>.*?</metadata>\n", ""),
    (r" <defs>\s*<style.*?</style>\s*</defs>\n", ""),
    (r'(<svg[^>]*?) width="[^"]*"', r"\1"),
    (r'(<svg[^>]*?) height="[^"]*"', r"\1"),
    (r' id="[a-z0-9.]+_\d+"', ""),
    (r"; font-family: [^;\"]*", ""),
)
"""What an SVG inside a page must not have: dates, rules for the whole page, a size, ids that repeat, a font."""


def curves(series: Mapping[str, Points], title: str, *, x_label: str, y_label: str, share: bool = False) -> str:
    """Lines over a common axis, each named at its end; that of a share begins at 0."""
    with rc_context(STYLE | {"svg.hashsalt": title}):
        figure = Figure(figsize=(WIDTH_IN, 2.7))
        axes = figure.add_subplot()
        for (name, points), colour in zip(series.items(), COLOURS, strict=False):
            _curve(axes, points, colour, name)
        axes.set(xlabel=x_label, ylabel=y_label)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.margins(x=0.01)
        if share:
            axes.set_ylim(0, max(axes.get_ylim()[1], LEAST_ROOM))
        axes.legend(frameon=False, loc="best", labelcolor="linecolor", handlelength=1)
        return svg(figure, title)


def _curve(axes: Axes, points: Points, colour: str, name: str) -> None:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if len(points) >= SMOOTHED_FROM:
        axes.plot(xs, ys, color=colour, linewidth=0.8, alpha=0.35)
        axes.plot(xs, running_mean(ys, len(ys) // 20), color=colour, linewidth=2, label=name)
    else:
        axes.plot(xs, ys, color=colour, linewidth=1.8, marker="o", markersize=3.5, label=name)


def running_mean(values: Sequence[float], reach: int) -> list[float]:
    """Each value with its neighbours up to `reach` on both sides, as many as there are."""
    windows = (values[max(0, i - reach):i + reach + 1] for i in range(len(values)))
    return [sum(window) / len(window) for window in windows]


def intervals(
    rows: Sequence[tuple[str, Interval, int]], title: str, *, x_label: str, groups: Sequence[str] = (),
) -> str:
    """A dot with its interval per row, from 0 to 1; the number chooses the colour (0 ours, 1 to compare with).

    Rows of one name share a line, ours above, and the figure at its end is ours; `groups` names the colours.
    """
    names = list(dict.fromkeys(name for name, _, _ in rows))
    apart = SHARED_LINE if len(names) < len(rows) else 0.0
    with rc_context(STYLE | {"svg.hashsalt": title, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(WIDTH_IN, 0.75 + 0.34 * len(names) * (1 + apart) + 0.25 * bool(groups)))
        axes = figure.add_subplot()
        for name, found, group in rows:
            _interval(axes, found, names.index(name) + apart * (group - 0.5), group, told=not (apart and group))
        axes.set(xlim=(-0.02, 1.0), ylim=(len(names) - 0.5, -0.5), xlabel=x_label)
        axes.set_yticks(range(len(names)), names)
        axes.spines["left"].set_visible(False)
        if len(groups) > 1:
            _named_colours(axes, groups)
        return svg(figure, title)


def _interval(axes: Axes, found: Interval, y: float, group: int, *, told: bool) -> None:
    axes.plot([found["low"], found["high"]], [y, y], color=COLOURS[group], linewidth=2.2, alpha=0.55)
    axes.plot([found["value"]], [y], color=COLOURS[group], marker="o", markersize=7, clip_on=False)
    if told:
        axes.annotate(f"{found['value']:.2f}", (1, y), (8, 0), textcoords="offset points", va="center",
                      annotation_clip=False, fontsize=10)


def _named_colours(axes: Axes, groups: Sequence[str]) -> None:
    dots = [Line2D([], [], color=colour, marker="o", linewidth=0) for colour, _ in zip(COLOURS, groups, strict=False)]
    axes.legend(dots, groups, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(groups),
                handletextpad=0.2)


def trade(points: Sequence[tuple[str, float, Interval]], title: str, *, x_label: str, y_label: str) -> str:
    """What a thing costs (x) against what it is worth (y, with its interval), each point named."""
    with rc_context(STYLE | {"svg.hashsalt": title}):
        figure = Figure(figsize=(WIDTH_IN, 2.7))
        axes = figure.add_subplot()
        for name, x, found in points:
            axes.plot([x, x], [found["low"], found["high"]], color=FIRST, linewidth=2, alpha=0.5)
            axes.plot([x], [found["value"]], color=FIRST, marker="o", markersize=6)
            axes.annotate(name, (x, found["value"]), (7, 5), textcoords="offset points", fontsize=10)
        axes.set(xlabel=x_label, ylabel=y_label, ylim=_room([found for _, _, found in points]))
        axes.yaxis.set_major_formatter("{x:.2f}")
        axes.margins(x=0.15)
        axes.set_xlim(left=0)
        return svg(figure, title)


def _room(found: Sequence[Interval]) -> tuple[float, float]:
    """From the lowest to the highest bound, but never so little that noise looks like a difference."""
    low, high = min(each["low"] for each in found), max(each["high"] for each in found)
    spare = max(0.05 * (high - low), (LEAST_ROOM - (high - low)) / 2)
    bottom = max(low - spare, -0.02) if low >= 0 else low - spare
    return bottom, max(high + spare, bottom + LEAST_ROOM)


def comparison(labels: Sequence[str], series: Mapping[str, Sequence[float | None]]) -> str:
    """One panel per quantity side by side, one row per label; None is left empty."""
    title = ", ".join(series)
    with rc_context(STYLE | {"svg.hashsalt": title, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(1.2 + 2 * len(series), 0.9 + 0.34 * len(labels)))
        panels = figure.subplots(1, len(series), sharey=True, squeeze=False)[0]
        for axes, (name, values) in zip(panels, series.items(), strict=True):
            known = [(value, y) for y, value in enumerate(values) if value is not None]
            axes.plot(*zip(*known, strict=True), color=FIRST, linewidth=0, marker="o", markersize=7)
            axes.set(xlabel=name, ylim=(len(labels) - 0.5, -0.5))
            axes.margins(x=0.2)
            axes.xaxis.set_major_locator(MaxNLocator(nbins=3))
        panels[0].set_yticks(range(len(labels)), labels)
        return svg(figure, title)


def svg(figure: Figure, title: str) -> str:
    """One `<svg>` that scales with its page, speaks its title, and has no date, size or font of its own."""
    buffer = io.BytesIO()
    FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None, "Creator": None, "Type": None, "Format": None})
    text = buffer.getvalue().decode()
    text = text[text.index("<svg"):]
    for pattern, put in CLEANED:
        text = re.sub(pattern, put, text, flags=re.DOTALL)
    text = _with_ids_of_what_is_drawn(text)
    for colour, variable in VARIABLES.items():
        text = text.replace(colour, variable)
    root = f'<svg role="img" aria-label="{escape(title, quote=True)}" style="font-family: var(--plot-font, sans-serif)"'
    return text.replace("<svg", root, 1)


def _with_ids_of_what_is_drawn(text: str) -> str:
    """matplotlib's ids are of coordinates to the last bit, which are other ones on another processor."""
    ids = re.findall(r' id="([a-z][0-9a-f]{10})"', text)
    drawn = sha256(reduce(lambda bare, known: bare.replace(known, ""), ids, text).encode()).hexdigest()[:10]
    for number, known in enumerate(ids):
        text = text.replace(known, f"p{drawn}-{number}")
    return text
