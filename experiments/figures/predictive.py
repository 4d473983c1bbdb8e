"""Predictive distributions with what came true drawn in, a row a case, and the histogram of their ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from experiments.figures.palette import GREY, INK, colour
from experiments.figures.parts import as_rows, by_name, row_name
from experiments.figures.style import Drawing, canvas, headed, percent_axis, styled

COUNTS = {0: "0", 10: "10", 100: "100", 1_000: "1k", 10_000: "10k", 100_000: "100k"}
"""Numbers on a logarithmic axis, which has little room."""
KEY = ("nine tenths of crises", "half", "median", "record, with its own range")
RECORD = 1
"""Colour of the record."""


@dataclass(frozen=True)
class Row:
    """One case of one panel: quantiles at 5, 25, 50, 75 and 95 %, None beyond the horizon, and the record.

    ``low`` and ``high`` bound the record; an infinite end is one that the record leaves open, or that lies beyond the
    horizon where ``value`` does.
    """

    at: tuple[float | None, ...]
    value: float | None = None
    low: float = inf
    high: float = -inf


@dataclass(frozen=True)
class Panel:
    """One quantity: its name, its unit, the end of its axis where one is given, and whether that is logarithmic."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    horizon: float | None = None
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """A number's place on the axis."""
        return float(np.log10(1 + value)) if self.logarithmic else float(value)

    def end(self) -> float:
        """The end of the axis: the horizon, or the largest number there is."""
        if self.horizon is not None:
            return self.place(self.horizon)
        there = (value for row in self.rows for value in (*row.at, row.value, row.low, row.high) if value is not None)
        return self.place(max((value for value in there if abs(value) != inf), default=1.0))


@styled
def records_beside(names: Sequence[str], panels: Sequence[Panel], title: str, note: str) -> Drawing:
    """Draw a panel a quantity and a row a case: half and nine tenths of crises, the median, and the record."""
    figure = canvas(1.4 + 0.29 * len(names), note=note, labels=KEY)
    grid = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    places = -np.arange(len(names), dtype=float)
    for axes, panel in zip(grid, panels, strict=True):
        end = panel.end()
        for place, row in zip(places, panel.rows, strict=True):
            _predicted(axes, panel, place, row, end)
            _recorded(axes, panel, place, row, end)
        axes.set(title=panel.title, xlabel=panel.unit, xlim=(-0.02 * end, 1.05 * end), ylim=(places[-1] - 0.6, 0.6))
        if panel.logarithmic:
            ticks = {panel.place(count): words for count, words in COUNTS.items() if panel.place(count) <= 1.02 * end}
            axes.set_xticks(list(ticks), list(ticks.values()))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        as_rows(axes)
    grid[0].set_yticks(places, [row_name(name) for name in names])
    handles = [
        Line2D([], [], color=colour(0), lw=1),
        Line2D([], [], color=colour(0), lw=4),
        Line2D([], [], color="white", marker="o", mec=colour(0), ms=4, lw=0),
        Line2D([], [], color=colour(RECORD), marker="|", ms=9, mew=2, lw=1.2),
    ]
    headed(figure, title, handles, KEY)
    return Drawing(figure, f"{title}. " + " ".join(_words(name, panels, at) for at, name in enumerate(names)))


def _predicted(axes: Axes, panel: Panel, place: float, row: Row, end: float) -> None:
    least, low, half, high, most = (end if value is None else panel.place(value) for value in row.at)
    axes.plot([least, most], [place] * 2, color=colour(0), lw=1)
    axes.plot([low, high], [place] * 2, color=colour(0), lw=4, solid_capstyle="butt", alpha=0.75)
    axes.plot(half, place, "o", color="white", mec=colour(0), ms=4, mew=1.2, clip_on=False, zorder=3)
    if row.at[-1] is None:
        axes.plot(1.03 * end, place, ">", color=GREY, ms=4, clip_on=False)


def _recorded(axes: Axes, panel: Panel, place: float, row: Row, end: float) -> None:
    """A tick for the number, a line for its range, an arrow where one end is open."""
    if row.value is None and row.low > row.high:
        return
    look: dict[str, Any] = {"color": colour(RECORD), "zorder": 4}
    low, high = 0.0 if row.low == -inf else row.low, row.high
    first, last = (end if value == inf else min(panel.place(value), end) for value in (low, high))
    if last > first:
        axes.plot([first, last], [place + 0.27] * 2, lw=1.2, **look)
    if row.value is not None:
        axes.plot(end if row.value == inf else min(panel.place(row.value), end), place + 0.27, "|", ms=9, mew=2, **look)
    if high == inf:
        axes.plot(end, place + 0.27, ">", ms=4, clip_on=False, **look)


def _words(name: str, panels: Sequence[Panel], at: int) -> str:
    parts = []
    for panel in panels:
        row = panel.rows[at]
        half = "beyond the horizon" if row.at[2] is None else f"{row.at[2]:,.0f}"
        record = "" if row.value is None else f", record {row.value:,.0f}"
        parts.append(f"{panel.title} median {half}{record}")
    return f"{name}: {'; '.join(parts)}."


@styled
def ranks(histograms: Mapping[str, Sequence[float]], records: Mapping[str, int], title: str, note: str) -> Drawing:
    """Draw how many records lie in equal bins of their percentiles, a panel a quantity, beside the even share."""
    figure = canvas(2.5, title=title, note=note)
    panels = figure.subplots(1, len(histograms), sharey=True, squeeze=False)[0]
    for axes, (name, counts) in zip(panels, histograms.items(), strict=True):
        width = 1 / len(counts)
        axes.bar(np.arange(len(counts)) * width, counts, width, align="edge", color=colour(0), edgecolor="white")
        axes.axhline(records[name] * width, color=INK, lw=1, ls=(0, (3, 2)))
        axes.set(title=f"{name} ({records[name]})", xlabel="percentile of the record", xlim=(0, 1))
        axes.set_xticks([0, 0.5, 1])
        percent_axis(axes.xaxis)
    panels[0].set_ylabel("records")
    panels[0].yaxis.set_major_locator(MaxNLocator(4, integer=True))
    cells = by_name({name: [f"{count:.1f}" for count in counts] for name, counts in histograms.items()})
    return Drawing(figure, f"{title}, by equal bins from lowest to highest. {cells}.")
