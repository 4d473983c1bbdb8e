"""One quantity of many arms, an arm a row: for designs with more arms than colours."""

from __future__ import annotations

import polars as pl

from experiments.figures.parts import as_rows, beside, capital, interval, level_words, with_unit
from experiments.figures.style import Drawing, canvas, colour, percent_axis, row_height, row_name, styled
from experiments.text import known

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
    figure = canvas(rows + 1.1, title=f"{capital(label)}, arm by arm", note=note)
    axes = figure.subplots()
    cells = []
    for place, row in enumerate(levels.iter_rows(named=True)):
        marked, words = row["arm"] == baseline, level_words(row, unit)
        cells.append(f"{row['arm']} {words}")
        if known(row["value"]):
            interval(axes, place, row, colour(1 if marked else 0), "s" if marked else "o", markersize=4.5)
            beside(axes, place, words)
            if marked:
                axes.axvline(row["value"], color=colour(1), linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    axes.set_yticks(range(levels.height), [row_name(arm, LONGEST) for arm in levels["arm"]])
    axes.set(ylim=(levels.height - 0.4, -0.6), xlabel=with_unit(label, unit))
    as_rows(axes)
    if unit == "probability":
        percent_axis(axes.xaxis)
        axes.set_xlim(0, max(axes.get_xlim()[1], 0.02))
    return Drawing(figure, f"{label} by arm, with 95 % intervals: {'; '.join(cells)}.")
