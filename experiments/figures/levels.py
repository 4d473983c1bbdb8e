"""One quantity of many arms, an arm a row: for designs with more arms than colours."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.style import (
    Drawing,
    bracketed,
    canvas,
    colour,
    known,
    no_spines,
    percent_axis,
    percentage,
    row_height,
    row_name,
    styled,
)

LONGEST = 60
"""Columns of an arm's name that stand in one line."""


@styled
def arm_levels(levels: pl.DataFrame, label: str, unit: str, baseline: str = "") -> Drawing:
    """Draw the level of a quantity in every arm, with 95 % intervals.

    Parameters
    ----------
    levels : pl.DataFrame
        A row an arm, in order: `arm, value, low, high`.
    label, unit : str
        Words for the quantity, and its unit (`probability` is shown in per cent).
    baseline : str
        Arm whose level is drawn across all rows.
    """
    note = "Marks and lines: estimates and 95 % intervals." + (f" Dashed: {baseline}." if baseline else "")
    rows = max(row_height(arm, LONGEST, 0.24) for arm in levels["arm"]) * levels.height
    figure = canvas(rows + 1.1, title=f"{label[:1].upper()}{label[1:]}, arm by arm", note=note)
    axes = figure.subplots()
    for place, row in enumerate(levels.iter_rows(named=True)):
        _row(axes, place, row, unit, row["arm"] == baseline)
        if row["arm"] == baseline and known(row["value"]):
            axes.axvline(row["value"], color=colour(1), linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    axes.set_yticks(range(levels.height), [row_name(arm, LONGEST) for arm in levels["arm"]])
    axes.set(ylim=(levels.height - 0.4, -0.6), xlabel=label + ("" if unit in ("probability", "") else f" ({unit})"))
    axes.tick_params(axis="y", length=0)
    axes.xaxis.grid(True)
    no_spines(axes, "left")
    if unit == "probability":
        percent_axis(axes.xaxis)
        axes.set_xlim(0, max(axes.get_xlim()[1], 0.02))
    cells = [f"{row['arm']} {_words(row, unit)}" for row in levels.iter_rows(named=True)]
    return Drawing(figure, f"{label} by arm, with 95 % intervals: " + "; ".join(cells) + ".")


def _row(axes: Axes, place: int, row: dict, unit: str, marked: bool) -> None:
    if not known(row["value"]):
        return
    hue = colour(1 if marked else 0)
    axes.plot([row["low"], row["high"]], [place, place], color=hue, linewidth=1.6)
    axes.plot(row["value"], place, "s" if marked else "o", color=hue, markersize=4.5)
    beside: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "fontsize": 7.5}
    axes.text(1.015, place, _words(row, unit), **beside)


def _words(row: dict, unit: str) -> str:
    if not known(row["value"]):
        return "not defined"
    if unit == "probability":
        return f"{percentage(row['value'], row['low'], row['high'])} %"
    return bracketed(row["value"], row["low"], row["high"])
