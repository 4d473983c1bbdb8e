"""Severity and termination: what became of the crises, arm by arm."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.style import (
    CATEGORY_COLOURS,
    GREY,
    INK,
    Drawing,
    canvas,
    colour,
    highest,
    ink_on,
    key,
    marker,
    no_spines,
    percent_axis,
    percentage,
    row_height,
    row_name,
    styled,
    wrapped,
)
from experiments.statistics.vocabulary import CATEGORIES

TITLES = {"severity": "How grave the crises became", "termination": "How the first calm came about"}
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
    arms = shares["arm"].unique(maintain_order=True).to_list()
    words = {name: label for name, label in CATEGORIES[column].items() if _ever(shares, name)}
    bars, rows = max(map(row_height, arms)) * len(arms) + 0.5, 0.19 * len(arms) * len(words) + 0.14 * len(words) + 0.4
    names = 0.15 * sum(wrapped(arm, LONGEST).count("\n") for arm in arms)
    figure = canvas(bars + rows + names + 0.9, title=TITLES[column], note=NOTE)
    top, bottom = figure.subplots(2, 1, height_ratios=[bars, rows])
    _stack(top, shares, arms, words, CATEGORY_COLOURS[column])
    _marks(bottom, shares, arms, words)
    return Drawing(figure, _alt(shares, arms, words, TITLES[column]))


def _ever(shares: pl.DataFrame, category: str) -> bool:
    top: Any = shares.filter(pl.col("category") == category)["value"].max()
    return top is not None and top > 0


def _cell(shares: pl.DataFrame, arm: str, category: str) -> dict:
    return shares.row(by_predicate=(pl.col("arm") == arm) & (pl.col("category") == category), named=True)


def _stack(axes: Axes, shares: pl.DataFrame, arms: list[str], words: dict[str, str], colours: dict[str, str]) -> None:
    for place, arm in enumerate(arms):
        left = 0.0
        for category in words:
            value = _cell(shares, arm, category)["value"]
            axes.barh(
                place,
                value,
                left=left,
                height=0.72,
                color=colours[category],
                edgecolor="white",
                linewidth=0.6,
                label=words[category] if place == 0 else None,
            )
            if value >= 0.045:
                axes.text(
                    left + value / 2,
                    place,
                    f"{value * 100:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color=ink_on(colours[category]),
                )
            left += value
    axes.set(xlim=(0, 1), ylim=(len(arms) - 0.5, -0.5), xlabel="share of crises")
    axes.set_yticks(range(len(arms)), [row_name(arm) for arm in arms])
    axes.tick_params(axis="y", length=0)
    no_spines(axes, "left")
    key(axes, *axes.get_legend_handles_labels(), handlelength=1.0)
    percent_axis(axes.xaxis)


def _marks(axes: Axes, shares: pl.DataFrame, arms: list[str], words: dict[str, str]) -> None:
    step = len(arms) + 0.75
    limit = max(highest(shares["high"], shares["value"]), 0.05)
    for block, category in enumerate(words):
        for place, arm in enumerate(arms):
            cell, y = _cell(shares, arm, category), block * step + place
            axes.plot([cell["low"], cell["high"]], [y, y], color=colour(place), linewidth=1.6)
            axes.plot(
                cell["value"],
                y,
                marker(place),
                color=colour(place),
                markersize=4.2,
                markeredgecolor="white",
                markeredgewidth=0.4,
                clip_on=False,
                zorder=3,
            )
            axes.text(
                1.015,
                y,
                percentage(cell["value"], cell["low"], cell["high"]),
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=7.5,
                color=INK,
            )
        if block:
            axes.axhline(block * step - 0.875, color="#e6e6e6", linewidth=0.7)
    middle = (len(arms) - 1) / 2
    axes.set_yticks([block * step + middle for block in range(len(words))], [wrapped(w, 18) for w in words.values()])
    axes.set(xlim=(0, min(limit * 1.04, 1)), ylim=(len(words) * step - 1, -0.8), xlabel="share of crises")
    axes.tick_params(axis="y", length=0)
    axes.xaxis.grid(True)
    percent_axis(axes.xaxis)
    handles = [axes.plot([], [], marker(place), color=colour(place), markersize=4.5)[0] for place in range(len(arms))]
    key(axes, handles, [wrapped(arm, LONGEST) for arm in arms], labelcolor=GREY)


def _alt(shares: pl.DataFrame, arms: list[str], words: dict[str, str], title: str) -> str:
    parts = []
    for arm in arms:
        cells = [(words[name], _cell(shares, arm, name)) for name in words]
        parts.append(
            f"{arm}: " + ", ".join(f"{word} {percentage(c['value'], c['low'], c['high'])} %" for word, c in cells)
        )
    return f"{title}, in per cent of crises with 95 % intervals. " + "; ".join(parts) + "."
