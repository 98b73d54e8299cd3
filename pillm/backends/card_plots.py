"""Pictures of a dataset for its README, on white and in plain colours: there no page's CSS chooses them."""
import re
from collections.abc import Mapping, Sequence

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator

from pillm.backends.plots import FIRST, SECOND, STYLE, WIDTH_IN, svg

Counts = Mapping[str, int]
WHITE = {"figure.facecolor": "#ffffff"}
VARIABLE = re.compile(r"var\(--plot-\w+, ([^)]+)\)")
ROW_IN = 0.24


def strata(panels: Mapping[str, Counts]) -> str:
    """How many rows each stratum has: a panel for records and one for questions, over the same names."""
    title = "Rows by tag"
    names = list(dict.fromkeys(name for counts in panels.values() for name in counts))
    with rc_context(STYLE | WHITE | {"svg.hashsalt": title, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(1.5 + 2.4 * len(panels), 0.8 + ROW_IN * len(names)))
        shown = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
        for axes, colour, (kind, counts) in zip(shown, (FIRST, SECOND), panels.items(), strict=False):
            _bars(axes, [counts.get(name, 0) for name in names], colour, kind)
        shown[0].set_yticks(range(len(names)), names)
        shown[0].set_ylim(len(names) - 0.4, -0.6)
        return _plain(svg(figure, title))


def _plain(picture: str) -> str:
    """For programs that show pictures and know no CSS."""
    return VARIABLE.sub(r"\1", picture)


def _bars(axes: Axes, counts: Sequence[int], colour: str, label: str) -> None:
    bars = axes.barh(range(len(counts)), counts, height=0.7, color=colour)
    axes.bar_label(bars, [f"{count:,}" if count else "" for count in counts], fontsize=8.5, padding=2)
    axes.set(xlabel=label)
    axes.margins(x=0.18)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=3, integer=True))


def lengths(rows: Sequence[tuple[str, Counts, int]], unit: str) -> str:
    """From the 5th to the 95th percentile, the median as a dot and the longest as a tick; 0 is asked, 1 answered."""
    title = f"Length in {unit}"
    with rc_context(STYLE | WHITE | {"svg.hashsalt": title, "axes.grid.axis": "x"}):
        figure = Figure(figsize=(WIDTH_IN, 0.8 + ROW_IN * len(rows)))
        axes = figure.add_subplot()
        for y, (_, found, kind) in enumerate(rows):
            colour = (FIRST, SECOND)[kind]
            axes.plot([found["p5"], found["p95"]], [y, y], color=colour, linewidth=3, alpha=0.5)
            axes.plot([found["p50"]], [y], color=colour, marker="o", markersize=6)
            axes.plot([found["max"]], [y], color=colour, marker="|", markersize=8)
        axes.set(xscale="log", xlabel=f"{unit}: 5th to 95th percentile,\nmedian (dot), longest (tick)",
                 ylim=(len(rows) - 0.4, -0.6))
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5), numticks=12))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
        axes.xaxis.set_minor_locator(LogLocator(subs=()))
        axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
        return _plain(svg(figure, title))
