"""Severity and termination: what became of the crises, arm by arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.parts import Row, as_rows, beside, interval, share_words, stacked_bars
from experiments.figures.style import (
    CATEGORY_COLOURS,
    GREY,
    INK,
    Drawing,
    canvas,
    colour,
    highest,
    key,
    marker,
    percent_axis,
    row_height,
    styled,
)
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import percentage, wrapped

TITLES = {"severity": "How severe the crises became", "termination": "How the first calm came about"}
LONGEST = 60
"""Letters of an arm's name that a line of the key holds."""
NOTE = "Bars: shares of all crises. Marks: the same shares with 95 % Wilson intervals, numbers beside them in per cent."


@styled
def stacked_shares(shares: pl.DataFrame, column: str) -> Drawing:
    """Draw the shares of a column's categories as stacked bars, and beneath them as marks with intervals.

    Parameters
    ----------
    shares : pl.DataFrame
        `arm, category, value, low, high, lanes`, as `statistics.estimates.shares` gives them, arms below one another.
    column : str
        `severity` or `termination`.
    """
    rows = rows_by_arm(shares, "category")
    seen = {row["category"] for row in shares.iter_rows(named=True) if row["value"] > 0}
    words = {name: label for name, label in CATEGORIES[column].items() if name in seen}
    heights = [max(map(row_height, rows)) * len(rows) + 0.5, 0.19 * len(rows) * len(words) + 0.14 * len(words) + 0.4]
    names = 0.15 * sum(wrapped(arm, LONGEST).count("\n") for arm in rows)
    figure = canvas(sum(heights) + names + 0.9, title=TITLES[column], note=NOTE)
    top, bottom = figure.subplots(2, 1, height_ratios=heights)
    bars = {arm: {name: own[name]["value"] for name in words} for arm, own in rows.items()}
    stacked_bars(top, bars, CATEGORY_COLOURS[column], words, "share of crises", 0.72)
    _marks(bottom, rows, words, highest(shares["high"], shares["value"]))
    summary = share_words(rows, words)
    return Drawing(figure, f"{TITLES[column]}, in per cent of crises with 95 % intervals. {summary}.")


def rows_by_arm(table: pl.DataFrame, column: str) -> dict[str, dict[str, Row]]:
    """Rows of a table by arm and by another column, in the order in which they come."""
    rows: dict[str, dict[str, Row]] = {}
    for row in table.iter_rows(named=True):
        rows.setdefault(row["arm"], {})[row[column]] = row
    return rows


def _marks(axes: Axes, rows: Mapping[str, Mapping[str, Row]], words: Mapping[str, str], top: float) -> None:
    step = len(rows) + 0.75
    look: dict[str, Any] = {
        "markersize": 4.2,
        "markeredgecolor": "white",
        "markeredgewidth": 0.4,
        "clip_on": False,
        "zorder": 3,
    }
    for block, category in enumerate(words):
        for number, own in enumerate(rows.values()):
            row, place = own[category], block * step + number
            interval(axes, place, row, colour(number), marker(number), **look)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
        if block:
            axes.axhline(block * step - 0.875, color="#e6e6e6", linewidth=0.7)
    middle = (len(rows) - 1) / 2
    axes.set_yticks([block * step + middle for block in range(len(words))], [wrapped(w, 18) for w in words.values()])
    axes.set(xlim=(0, min(max(top, 0.05) * 1.04, 1)), ylim=(len(words) * step - 1, -0.8), xlabel="share of crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis)
    handles = [axes.plot([], [], marker(place), color=colour(place), markersize=4.5)[0] for place in range(len(rows))]
    key(axes, handles, [wrapped(arm, LONGEST) for arm in rows], labelcolor=GREY)
