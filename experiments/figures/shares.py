"""What became of the crises, arm by arm: severity, termination, and crises rescued and harmed under equal luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.palette import CATEGORY_COLOURS, GREY, INK, JOINT_COLOURS, colour
from experiments.figures.parts import (
    OUTLINED,
    Row,
    as_rows,
    beside,
    highest,
    interval,
    row_height,
    share_words,
    stacked_bars,
)
from experiments.figures.style import NOTES, Drawing, arm_handles, canvas, key, marker, percent_axis, styled
from experiments.statistics.joint import CLASSES
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import percentage, wrapped

TITLES = {"severity": "How severe the crises became", "termination": "How the first calm came about"}
LONGEST = 60
"""Letters of an arm's name that a line of the key holds."""


@styled
def stacked_shares(shares: pl.DataFrame, column: str) -> Drawing:
    """Draw the shares of a column's categories as stacked bars, and beneath them as marks with intervals.

    Shares are as `statistics.estimates.shares` gives them, arms below one another; the column is `severity` or
    `termination`.
    """
    rows = _rows_by_arm(shares, "category")
    seen = {row["category"] for row in shares.iter_rows(named=True) if row["value"] > 0}
    words = {name: label for name, label in CATEGORIES[column].items() if name in seen}
    heights = [max(map(row_height, rows)) * len(rows) + 0.5, 0.19 * len(rows) * len(words) + 0.14 * len(words) + 0.4]
    names = 0.15 * sum(wrapped(arm, LONGEST).count("\n") for arm in rows)
    figure = canvas(sum(heights) + names + 0.9, title=TITLES[column], note=NOTES["shares"])
    top, bottom = figure.subplots(2, 1, height_ratios=heights)
    bars = {arm: {name: own[name]["value"] for name in words} for arm, own in rows.items()}
    stacked_bars(top, bars, CATEGORY_COLOURS[column], words, "share of crises", 0.72)
    _marks(bottom, rows, words, highest(shares["high"], shares["value"]))
    summary = share_words(rows, words)
    return Drawing(figure, f"{TITLES[column]}, in per cent of crises with 95 % intervals. {summary}.")


def _rows_by_arm(table: pl.DataFrame, column: str) -> dict[str, dict[str, Row]]:
    """Rows of a table by arm and by another column, in the order in which they come."""
    rows: dict[str, dict[str, Row]] = {}
    for row in table.iter_rows(named=True):
        rows.setdefault(row["arm"], {})[row[column]] = row
    return rows


def _marks(axes: Axes, rows: Mapping[str, Mapping[str, Row]], words: Mapping[str, str], top: float) -> None:
    step = len(rows) + 0.75
    for block, category in enumerate(words):
        for number, own in enumerate(rows.values()):
            row, place = own[category], block * step + number
            interval(axes, place, row, colour(number), marker(number), markersize=4.2, **OUTLINED)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
        if block:
            axes.axhline(block * step - 0.875, color="#e6e6e6", linewidth=0.7)
    middle = (len(rows) - 1) / 2
    axes.set_yticks([block * step + middle for block in range(len(words))], [wrapped(w, 18) for w in words.values()])
    axes.set(xlim=(0, min(max(top, 0.05) * 1.04, 1)), ylim=(len(words) * step - 1, -0.8), xlabel="share of crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis)
    handles = arm_handles(range(len(rows)), linestyle="none")
    key(axes, handles, [wrapped(arm, LONGEST) for arm in rows], labelcolor=GREY)


@styled
def joint_shares(table: pl.DataFrame) -> Drawing:
    """Draw the joint table of one bad outcome, as `statistics.joint.joint_table` gives it, a bar an arm."""
    rows = _rows_by_arm(table, "class")
    outcome, baseline = table["outcome"][0], table["baseline"][0]
    height = max(row_height(arm, least=0.36) for arm in rows) * len(rows)
    title = f"Rescued and harmed, against {baseline}: {outcome}"
    figure = canvas(0.59 * len(rows) + height + 2.3, title=title, note=NOTES["joint"])
    top, bottom = figure.subplots(2, 1, height_ratios=[height + 0.35, 0.6 * len(rows) + 0.3])
    bars = {arm: {name: own[name]["value"] for name in CLASSES} for arm, own in rows.items()}
    stacked_bars(top, bars, JOINT_COLOURS, CLASSES, "share of matched crises", 0.7)
    _bounds(bottom, rows)
    told = f"Crises of equal luck under {baseline} and under other arms; bad outcome: {outcome}."
    return Drawing(figure, f"{told} {share_words(rows, CLASSES)}.")


def _bounds(axes: Axes, rows: Mapping[str, Mapping[str, Row]]) -> None:
    """Draw the shares rescued and harmed with their intervals, over what the margins alone allow."""
    marks = {"rescued": (-0.2, "o"), "harmed": (0.2, "D")}
    look = {**OUTLINED, "markersize": 5, "markeredgewidth": 0.5, "zorder": 4}
    bracket: dict[str, Any] = {"color": "#b4b4b4", "linewidth": 1, "marker": "|", "markersize": 7}
    for number, (arm, own) in enumerate(rows.items()):
        for name, (offset, form) in marks.items():
            row, place = own[name], number + offset
            axes.plot([row["frechet_low"], row["frechet_high"]], [place, place], **bracket)
            interval(axes, place, row, JOINT_COLOURS[name], form, 2.6, **look)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
        words, across = wrapped(arm, 80, 1), axes.get_yaxis_transform()
        axes.text(0.008, number - 0.42, words, transform=across, fontsize=7.5, color=GREY, va="center")
    places = [(number + offset, CLASSES[name]) for number in range(len(rows)) for name, (offset, _) in marks.items()]
    axes.set_yticks(*zip(*places, strict=True))
    top = highest(*([own[name]["high"], own[name]["frechet_high"]] for own in rows.values() for name in marks))
    axes.set(xlim=(0, max(top * 1.05, 0.02)), ylim=(len(rows) - 0.6, -0.62), xlabel="share of matched crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis, 0 if top > 0.05 else 1)
