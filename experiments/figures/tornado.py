"""Tornados: how far each factor moves a quantity, or how much of what moves it each assumption makes up."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from experiments.figures.palette import GREY, INK, colour
from experiments.figures.parts import as_rows, beside, highest
from experiments.figures.style import NOTES, Drawing, canvas, headed, styled
from experiments.text import bracketed, signed, texts_apart

MOST = 20
"""Factors drawn."""
INDICES = {
    "morris": ("mean absolute elementary effect", "standard deviation of effects (interactions, curvature)", "spread"),
    "saltelli": ("total share of variance", "its own share, without interactions", "first"),
}
"""Kind of design -> words for the index, words for the second one and its column."""


@styled
def tornado(spans: pl.DataFrame, label: str, unit: str) -> Drawing:
    """Draw how far each factor moves a quantity from its lowest to its highest level.

    Spans are as `statistics.response.one_at_a_time` gives them, the largest first.
    """
    shown, factor = spans.head(MOST), 100 if unit == "probability" else 1
    words = {"probability": "percentage points", "": ""}.get(unit, unit)
    figure = canvas(0.34 * shown.height + 1.3, title=f"What moves {label}", note=NOTES["tornado"])
    axes = figure.subplots()
    names, cells = [], []
    for place, row in enumerate(shown.iter_rows(named=True)):
        value, low, high = (factor * row[name] for name in ("difference", "low", "high"))
        axes.barh(place, value, height=0.62, color=colour(0 if value >= 0 else 1))
        axes.plot([low, high], [place, place], color=INK, linewidth=1.1)
        beside(axes, place, bracketed(value, low, high, form=signed))
        names.append(f"{row['factor']}\n{_apart(row['low_level'], row['high_level'])}")
        cells.append(f"{row['factor']} {signed(value)}")
    axes.set_yticks(range(shown.height), names, fontsize=7.5)
    axes.set(ylim=(shown.height - 0.45, -0.55), xlabel=f"change in {label}" + (f" ({words})" if words else ""))
    axes.axvline(0, color=GREY, linewidth=0.8)
    as_rows(axes)
    return Drawing(figure, f"Change in {label} from each factor's lowest to its highest level: {', '.join(cells)}.")


def _apart(low: str, high: str) -> str:
    """The two levels of a factor, numbers with as many digits as tell them apart."""
    try:
        levels = (float(low), float(high))
        low, high = (texts_apart(levels)[level] for level in levels)
    except ValueError:
        pass
    return f"{low} \N{RIGHTWARDS ARROW} {high}"


@styled
def influence(table: pl.DataFrame, kind: str, label: str, unit: str) -> Drawing:
    """Draw sensitivity indices of `morris` or `saltelli` with 95 % intervals, the largest on top.

    The table is as `sensitivity.indices` gives it: `factor, index, low, high` and `spread` or `first`; elementary
    effects of a probability are shown in percentage points.
    """
    total, second, column = INDICES[kind]
    points = kind == "morris" and unit == "probability"
    factor = 100 if points or kind == "saltelli" else 1
    shown = table.head(MOST)
    rest = table.height - shown.height
    left = f" {rest} smaller ones are in influence.csv." if rest else ""
    how = "Each input moves by two thirds of its span" if kind == "morris" else "All inputs move at once"
    note = f"{how}, both sides together. Black lines: 95 % bootstrap intervals.{left}"
    figure = canvas(0.24 * shown.height + 1.2, note=note, labels=(total, second))
    axes = figure.subplots()
    white: dict[str, Any] = {"color": "white", "markeredgecolor": INK}
    decimals = 1 if highest(shown["index"], shown["high"]) * factor >= 1 else 3
    for place, row in enumerate(shown.with_columns(pl.exclude("factor") * factor).iter_rows(named=True)):
        axes.barh(place, row["index"], height=0.62, color=colour(0))
        if row["low"] is not None:
            axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.1)
        axes.plot(max(row[column] or 0, 0), place, "D", markersize=4, zorder=4, clip_on=False, **white)
        beside(axes, place, index_words(row, 1, decimals))
    axes.set_yticks(range(shown.height), shown["factor"].to_list(), fontsize=7.5)
    words = "percentage points" if points else "per cent" if kind == "saltelli" else unit
    axes.set(ylim=(shown.height - 0.4, -0.6), xlabel=f"{total}" + (f" ({words})" if words else ""))
    axes.set_xlim(left=min(0, axes.get_xlim()[0]) if kind == "morris" else 0)
    as_rows(axes)
    diamond = Line2D([], [], linestyle="none", marker="D", markersize=4.5, **white)
    headed(figure, f"What moves {label}", [Patch(facecolor=colour(0)), diamond], [total, second])
    cells = [f"{row['factor']} {row['index'] * factor:.3g}" for row in shown.iter_rows(named=True)]
    return Drawing(figure, f"Sensitivity of {label}, {total}: " + ", ".join(cells) + ".")


def index_words(row: dict[str, Any], scale: float, decimals: int) -> str:
    """Return an index with its interval; an input that changed nothing, whatever the others were, has no number."""
    if row["index"] == 0 and row["high"] in (0, None):
        return "no effect"
    ends = (None if row[at] is None else row[at] * scale for at in ("index", "low", "high"))
    return bracketed(*ends, decimals=decimals)
