"""Predictive distributions with what came true drawn in, a row a case, and the histogram of their ranks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from experiments.figures.style import (
    GREY,
    INK,
    Drawing,
    canvas,
    colour,
    headed,
    key_height,
    no_spines,
    percent_axis,
    row_name,
    styled,
)

COUNTS = (0, 10, 100, 1_000, 10_000, 100_000)
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

    @property
    def recorded(self) -> bool:
        """Whether there is a record."""
        return self.value is not None or self.low <= self.high


@dataclass(frozen=True)
class Panel:
    """One quantity: its name, its unit, the end of its axis where one is given, and whether that is logarithmic."""

    title: str
    unit: str
    rows: tuple[Row, ...]
    horizon: float | None = None
    logarithmic: bool = False

    @property
    def scale(self) -> Callable[[float], float]:
        """A number's place on the axis."""
        return (lambda value: float(np.log10(1 + value))) if self.logarithmic else float


@styled
def records_beside(names: Sequence[str], panels: Sequence[Panel], title: str, note: str) -> Drawing:
    """Draw a panel a quantity and a row a case: half and nine tenths of crises, the median, and the record."""
    labels = [row_name(name) for name in names]
    figure = canvas(1.4 + 0.29 * len(names) + key_height(KEY), note=note)
    axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
    places = -np.arange(len(names), dtype=float)
    for one, panel in zip(axes, panels, strict=True):
        end = _end(panel)
        for place, row in zip(places, panel.rows, strict=True):
            _predicted(one, panel, place, row, end)
            _recorded(one, panel, place, row, end)
        one.set(title=panel.title, xlabel=panel.unit, xlim=(-0.02 * end, 1.05 * end), ylim=(places[-1] - 0.6, 0.6))
        if panel.logarithmic:
            ticks = [count for count in COUNTS if np.log10(1 + count) <= 1.02 * end]
            one.set_xticks([np.log10(1 + count) for count in ticks], [_counted(count) for count in ticks])
        else:
            one.xaxis.set_major_locator(MaxNLocator(4, integer=True))
        one.xaxis.grid(True)
        one.tick_params(axis="y", length=0)
        no_spines(one, "left")
    axes[0].set_yticks(places, labels)
    handles = [
        Line2D([], [], color=colour(0), lw=1),
        Line2D([], [], color=colour(0), lw=4),
        Line2D([], [], color="white", marker="o", mec=colour(0), ms=4, lw=0),
        Line2D([], [], color=colour(RECORD), marker="|", ms=9, mew=2, lw=1.2),
    ]
    headed(figure, title, handles, KEY)
    return Drawing(figure, f"{title}. " + " ".join(_told(name, panels, at) for at, name in enumerate(names)))


def _end(panel: Panel) -> float:
    """The end of a panel's axis: the horizon, or the largest number there is."""
    if panel.horizon is not None:
        return panel.scale(panel.horizon)
    there = [value for row in panel.rows for value in (*row.at, row.value, row.low, row.high) if value is not None]
    return panel.scale(max((value for value in there if abs(value) != inf), default=1.0))


def _predicted(axes: Axes, panel: Panel, place: float, row: Row, end: float) -> None:
    least, low, half, high, most = (end if value is None else panel.scale(value) for value in row.at)
    axes.plot([least, most], [place] * 2, color=colour(0), lw=1)
    axes.plot([low, high], [place] * 2, color=colour(0), lw=4, solid_capstyle="butt", alpha=0.75)
    axes.plot(half, place, "o", color="white", mec=colour(0), ms=4, mew=1.2, clip_on=False, zorder=3)
    if row.at[-1] is None:
        axes.plot(1.03 * end, place, ">", color=GREY, ms=4, clip_on=False)


def _recorded(axes: Axes, panel: Panel, place: float, row: Row, end: float) -> None:
    """A tick for the number, a line for its range, an arrow where one end is open."""
    if not row.recorded:
        return
    look: dict[str, Any] = {"color": colour(RECORD), "zorder": 4}
    low, high = 0.0 if row.low == -inf else row.low, row.high
    first, last = (end if value == inf else min(panel.scale(value), end) for value in (low, high))
    if last > first:
        axes.plot([first, last], [place + 0.27] * 2, lw=1.2, **look)
    if row.value is not None:
        axes.plot(end if row.value == inf else min(panel.scale(row.value), end), place + 0.27, "|", ms=9, mew=2, **look)
    if high == inf:
        axes.plot(end, place + 0.27, ">", ms=4, clip_on=False, **look)


def _told(name: str, panels: Sequence[Panel], at: int) -> str:
    parts = []
    for panel in panels:
        row = panel.rows[at]
        half = "beyond the horizon" if row.at[2] is None else f"{row.at[2]:,.0f}"
        record = "" if row.value is None else f", record {row.value:,.0f}"
        parts.append(f"{panel.title} median {half}{record}")
    return f"{name}: {'; '.join(parts)}."


def _counted(count: int) -> str:
    """A count on an axis that has little room: 10,000 as 10k."""
    return f"{count // 1000}k" if count >= 1000 else str(count)


@styled
def ranks(histograms: Mapping[str, Sequence[float]], records: Mapping[str, int], title: str, note: str) -> Drawing:
    """Draw records by equal bins of their percentiles, a panel a quantity, beside the even share.

    Parameters
    ----------
    histograms : mapping
        Quantity -> records in each bin.
    records : mapping
        Quantity -> how many there are.
    title, note : str
        Words above and below.
    """
    figure = canvas(2.5, title=title, note=note)
    axes = np.atleast_1d(figure.subplots(1, len(histograms), sharey=True))
    for one, (name, counts) in zip(axes, histograms.items(), strict=True):
        width = 1 / len(counts)
        one.bar(np.arange(len(counts)) * width, counts, width, align="edge", color=colour(0), edgecolor="white")
        one.axhline(records[name] * width, color=INK, lw=1, ls=(0, (3, 2)))
        one.set(title=f"{name} ({records[name]})", xlabel="percentile of the record", xlim=(0, 1))
        one.set_xticks([0, 0.5, 1])
        percent_axis(one.xaxis)
    axes[0].set_ylabel("records")
    axes[0].yaxis.set_major_locator(MaxNLocator(4, integer=True))
    told = "; ".join(f"{name}: {', '.join(f'{count:.1f}' for count in counts)}" for name, counts in histograms.items())
    return Drawing(figure, f"{title}, by equal bins from lowest to highest. {told}.")
