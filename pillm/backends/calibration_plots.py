"""Pictures of a confidence: whether it is as often right as it says, and what leaving the unsure out is worth."""
from collections.abc import Mapping, Sequence
from itertools import product

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from pillm.backends.calibration import BINS, Bin
from pillm.backends.plots import FAINT, FIRST, INK, SECOND, STYLE, WIDTH_IN, Points, svg

LOOKS = list(product(("-", (0, (4, 2))), (FIRST, SECOND, INK)))
"""Dash and colour of a line; the seventh looks like the first again."""
FEWEST = 5
"""Answers before which a share of them says nothing."""


def reliability(series: Mapping[str, Sequence[Bin]], threshold: float) -> str:
    """Share right against confidence, with Wilson's 95 % intervals, over the number of answers in each bin."""
    title = "Reliability"
    with rc_context(STYLE | {"svg.hashsalt": title}):
        figure = Figure(figsize=(WIDTH_IN, 4.2))
        upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
        upper.plot([0, 1], [0, 1], color=INK, linewidth=0.8, linestyle=":")
        for number, (name, bins) in enumerate(series.items()):
            _bins(upper, bins, name, number)
            _counts(lower, bins, number, len(series))
        for axes in (upper, lower):
            axes.axvline(threshold, color=INK, linewidth=0.8, alpha=0.5)
        upper.set(ylabel="share right", ylim=(-0.03, 1.03))
        upper.legend(frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=2, labelcolor="linecolor",
                     handlelength=0.5)
        lower.set(ylabel="answers", xlabel="confidence (the line is the threshold)", xlim=(-0.01, 1.01))
        lower.margins(y=0.3)
        return svg(figure, title)


def _bins(axes: Axes, bins: Sequence[Bin], name: str, number: int) -> None:
    _, colour = LOOKS[number % len(LOOKS)]
    for each in bins:
        axes.plot([each.confidence] * 2, [each.right["low"], each.right["high"]], color=colour, linewidth=2, alpha=0.35)
    axes.plot([each.confidence for each in bins], [each.right["value"] for each in bins], color=colour, linewidth=0,
              marker="o", markersize=5.5, label=name)


def _counts(axes: Axes, bins: Sequence[Bin], number: int, of: int) -> None:
    """A bar with its count in each bin, beside those of the other series."""
    _, colour = LOOKS[number % len(LOOKS)]
    width = 1 / BINS / of
    middles = [(min(int(BINS * each.confidence), BINS - 1) + (number + 0.5) / of) / BINS for each in bins]
    counts = [int(each.right["n"]) for each in bins]
    bars = axes.bar(middles, counts, width=0.9 * width, color=colour, alpha=0.75)
    axes.bar_label(bars, fontsize=7, padding=1)


def coverage(series: Mapping[str, Points], wanted: float) -> str:
    """Share right among the surest answers against how many that is of all, a line per suite."""
    title = "Accuracy against coverage"
    with rc_context(STYLE | {"svg.hashsalt": title}):
        figure = Figure(figsize=(WIDTH_IN, 3.2))
        axes = figure.add_subplot()
        axes.axvline(wanted, color=FAINT, linewidth=2)
        for number, (name, points) in enumerate(series.items()):
            dash, colour = LOOKS[number % len(LOOKS)]
            shown = points[min(FEWEST, len(points)) - 1:]
            axes.plot([x for x, _ in shown], [y for _, y in shown], color=colour, linestyle=dash, linewidth=1.6,
                      label=name)
        axes.set(xlabel="share of questions answered, the surest first", ylabel="share right", xlim=(0, 1.01),
                 ylim=(-0.03, 1.03))
        axes.xaxis.set_major_formatter(PercentFormatter(1.0, symbol=" %"))
        axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5), labelcolor="linecolor", handlelength=1.8)
        return svg(figure, title)
