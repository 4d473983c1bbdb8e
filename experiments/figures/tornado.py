"""Tornado: how far each factor moves a quantity."""

from __future__ import annotations

import polars as pl

from experiments.figures.parts import as_rows, beside
from experiments.figures.style import GREY, INK, Drawing, canvas, colour, styled
from experiments.text import bracketed, signed, texts_apart


@styled
def tornado(spans: pl.DataFrame, label: str, unit: str, most: int = 20) -> Drawing:
    """Draw how far each factor moves a quantity from its lowest to its highest level.

    Parameters
    ----------
    spans : pl.DataFrame
        As `statistics.response.one_at_a_time` gives them, the largest span first.
    label, unit : str
        Words for the quantity, and its unit.
    most : int
        Factors drawn.
    """
    shown, factor = spans.head(most), 100 if unit == "probability" else 1
    words = {"probability": "percentage points", "": ""}.get(unit, unit)
    figure = canvas(
        0.34 * shown.height + 1.3,
        title=f"What moves {label}",
        note="Bars: the quantity at the factor's highest level minus at its lowest, with 95 % intervals.",
    )
    axes = figure.subplots()
    for place, row in enumerate(shown.iter_rows(named=True)):
        value, low, high = (factor * row[name] for name in ("difference", "low", "high"))
        axes.barh(place, value, height=0.62, color=colour(0 if value >= 0 else 1))
        axes.plot([low, high], [place, place], color=INK, linewidth=1.1)
        beside(axes, place, bracketed(value, low, high, form=signed))
    names = [
        f"{row['factor']}\n" + " \N{RIGHTWARDS ARROW} ".join(_apart(row["low_level"], row["high_level"]))
        for row in shown.iter_rows(named=True)
    ]
    axes.set_yticks(range(shown.height), names, fontsize=7.5)
    axes.set(ylim=(shown.height - 0.45, -0.55), xlabel=f"change in {label}" + (f" ({words})" if words else ""))
    axes.axvline(0, color=GREY, linewidth=0.8)
    as_rows(axes)
    cells = [f"{row['factor']} {signed(factor * row['difference'])}" for row in shown.iter_rows(named=True)]
    return Drawing(figure, f"Change in {label} from each factor's lowest to its highest level: {', '.join(cells)}.")


def _apart(low: str, high: str) -> tuple[str, str]:
    """The two levels of a factor, numbers with as many digits as tell them apart."""
    try:
        levels = (float(low), float(high))
    except ValueError:
        return low, high
    texts = texts_apart(levels)
    return texts[levels[0]], texts[levels[1]]
