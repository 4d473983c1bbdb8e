"""Crises rescued and harmed: the joint distribution of a bad outcome under two policies and equal luck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.parts import Row, as_rows, beside, interval, share_words, stacked_bars
from experiments.figures.shares import rows_by_arm
from experiments.figures.style import (
    GREY,
    INK,
    JOINT_COLOURS,
    Drawing,
    canvas,
    highest,
    percent_axis,
    row_height,
    styled,
)
from experiments.statistics.joint import CLASSES
from experiments.text import percentage, wrapped

NOTE = (
    "Each crisis beside its counterpart of the same luck. Coloured marks: 95 % Wilson intervals. Grey brackets: what "
    "the two margins alone allow (Fr\N{LATIN SMALL LETTER E WITH ACUTE}chet bounds), however luck is shared."
)


@styled
def joint_shares(table: pl.DataFrame) -> Drawing:
    """Draw the joint table of one bad outcome, a bar an arm.

    Parameters
    ----------
    table : pl.DataFrame
        As `statistics.joint.joint_table` gives them, arms below one another.
    """
    rows = rows_by_arm(table, "class")
    outcome, baseline = table["outcome"][0], table["baseline"][0]
    height = max(row_height(arm, least=0.36) for arm in rows) * len(rows)
    title = f"Rescued and harmed, against {baseline}: {outcome}"
    figure = canvas(0.59 * len(rows) + height + 2.3, title=title, note=NOTE)
    top, bottom = figure.subplots(2, 1, height_ratios=[height + 0.35, 0.6 * len(rows) + 0.3])
    bars = {arm: {name: own[name]["value"] for name in CLASSES} for arm, own in rows.items()}
    stacked_bars(top, bars, JOINT_COLOURS, CLASSES, "share of matched crises", 0.7)
    _bounds(bottom, rows)
    summary = share_words(rows, CLASSES)
    return Drawing(
        figure, f"Crises of equal luck under {baseline} and under other arms; bad outcome: {outcome}. {summary}."
    )


def _bounds(axes: Axes, rows: Mapping[str, Mapping[str, Row]]) -> None:
    """Draw the shares rescued and harmed with their intervals, over what the margins alone allow."""
    marks = {"rescued": (-0.2, "o"), "harmed": (0.2, "D")}
    look: dict[str, Any] = {
        "markersize": 5,
        "markeredgecolor": "white",
        "markeredgewidth": 0.5,
        "clip_on": False,
        "zorder": 4,
    }
    bracket: dict[str, Any] = {"color": "#b4b4b4", "linewidth": 1, "marker": "|", "markersize": 7}
    for number, own in enumerate(rows.values()):
        for name, (offset, form) in marks.items():
            row, place = own[name], number + offset
            axes.plot([row["frechet_low"], row["frechet_high"]], [place, place], **bracket)
            interval(axes, place, row, JOINT_COLOURS[name], form, 2.6, **look)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
    places = [(number + offset, CLASSES[name]) for number in range(len(rows)) for name, (offset, _) in marks.items()]
    axes.set_yticks(*zip(*places, strict=True))
    for number, arm in enumerate(rows):
        words, across = wrapped(arm, 80, 1), axes.get_yaxis_transform()
        axes.text(0.008, number - 0.42, words, transform=across, fontsize=7.5, color=GREY, va="center")
    ends = [own[name][end] for own in rows.values() for name in marks for end in ("high", "frechet_high")]
    top = highest(ends)
    axes.set(xlim=(0, max(top * 1.05, 0.02)), ylim=(len(rows) - 0.6, -0.62), xlabel="share of matched crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis, 0 if top > 0.05 else 1)
