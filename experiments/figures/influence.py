"""Sensitivity as a tornado: how much each assumption, or group of them, moves a quantity."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.parts import as_rows, beside
from experiments.figures.style import INK, Drawing, canvas, colour, headed, highest, key_height, styled
from experiments.text import bracketed

WORDS = {
    "morris": ("mean absolute elementary effect", "standard deviation of effects (interactions, curvature)", "spread"),
    "saltelli": ("total share of variance", "its own share, without interactions", "first"),
}


@styled
def influence(table: pl.DataFrame, kind: str, label: str, unit: str, most: int = 20) -> Drawing:
    """Draw sensitivity indices with 95 % intervals, the largest on top.

    Parameters
    ----------
    table : pl.DataFrame
        As `sensitivity.indices` gives it: `factor, index, low, high` and `spread` or `first`.
    kind : str
        `morris` or `saltelli`.
    label, unit : str
        Words for the quantity, and its unit; elementary effects of a probability are shown in percentage points.
    most : int
        Inputs drawn.
    """
    total, second, column = WORDS[kind]
    points = kind == "morris" and unit == "probability"
    factor = 100 if points or kind == "saltelli" else 1
    shown = table.head(most)
    note = _note(table, shown, kind)
    figure = canvas(0.24 * shown.height + 1.2 + key_height([total, second]), note=note)
    axes = figure.subplots()
    for place, row in enumerate(shown.iter_rows(named=True)):
        scaled = {name: None if value is None else value * factor for name, value in row.items() if name != "factor"}
        _bar(axes, place, scaled, column, 1 if highest(shown["index"], shown["high"]) * factor >= 1 else 3)
    axes.set_yticks(range(shown.height), shown["factor"].to_list(), fontsize=7.5)
    words = "percentage points" if points else "per cent" if kind == "saltelli" else unit
    axes.set(ylim=(shown.height - 0.4, -0.6), xlabel=f"{total}" + (f" ({words})" if words else ""))
    axes.set_xlim(left=min(0, axes.get_xlim()[0]) if kind == "morris" else 0)
    as_rows(axes)
    handles = [axes.barh(-5, 0, color=colour(0)), axes.plot([], [], "D", color="white", mec=INK, markersize=4.5)[0]]
    headed(figure, f"What moves {label}", handles, [total, second])
    cells = [f"{row['factor']} {row['index'] * factor:.3g}" for row in shown.iter_rows(named=True)]
    return Drawing(figure, f"Sensitivity of {label}, {total}: " + ", ".join(cells) + ".")


def _bar(axes: Axes, place: int, row: dict, column: str, decimals: int) -> None:
    axes.barh(place, row["index"], height=0.62, color=colour(0))
    if row["low"] is not None:
        axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.1)
    look: dict[str, Any] = {"color": "white", "markeredgecolor": INK, "markersize": 4, "zorder": 4, "clip_on": False}
    axes.plot(max(row[column] or 0, 0), place, "D", **look)
    beside(axes, place, index_words(row, 1, decimals))


def index_words(row: dict[str, Any], scale: float, decimals: int) -> str:
    """Return an index with its interval; an input that changed nothing, whatever the others were, has no number."""
    if row["index"] == 0 and row["high"] in (0, None):
        return "no effect"
    ends = (None if row[at] is None else row[at] * scale for at in ("index", "low", "high"))
    return bracketed(*ends, decimals=decimals)


def _note(table: pl.DataFrame, shown: pl.DataFrame, kind: str) -> str:
    rest = table.height - shown.height
    left = f" {rest} smaller ones are in influence.csv." if rest else ""
    how = "Each input moves by two thirds of its span" if kind == "morris" else "All inputs move at once"
    return f"{how}, both sides together. Black lines: 95 % bootstrap intervals.{left}"
