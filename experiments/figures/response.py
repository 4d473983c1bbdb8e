"""A quantity over one factor (curves) or two (maps)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from experiments.figures.palette import colour, ink_on
from experiments.figures.parts import by_name, capital, columns_of, highest, level_words, near, upright, with_unit
from experiments.figures.style import Drawing, canvas, headed_by_arms, marker, no_spines, percent_axis, styled
from experiments.text import known, plain, wrapped

CELLS = 100
"""Maps with at most so many cells print the number in each."""

MOST_TICKS = 9
"""Levels of a factor that are all written on its axis."""

MOST_NUMBERS = 15
"""Levels of a factor at which a curve that is alone still has its values written."""

CLOSE = 0.03
"""Part of a map's span next to either end in which no contour is drawn: it would be a dot."""

CROWDED = 0.6
"""Smallest gap between two levels, relative to the mean gap, at which an axis keeps to scale."""


@styled
def response_curves(
    curves: Mapping[str, pl.DataFrame], factor: str, label: str, unit: str, axis_label: str = "", note: str = ""
) -> Drawing:
    """Draw a quantity over one factor, a line an arm, with 95 % bands.

    Curves hold the factor's column and `value, low, high`, as `statistics.contrasts.by_factors` gives them;
    ``axis_label`` is the factor with its unit. A unit `probability` is shown in per cent.
    """
    title, alone, arms = f"{capital(label)}, by {axis_label or factor}", len(curves) == 1, list(curves)
    note = f"Marks and bands: estimates and 95 % intervals at each level. {note}"
    figure = canvas(3.6, title=title if alone else "", note=note, labels=arms)
    axes = figure.subplots()
    names = [str(level) for level in next(iter(curves.values()))[factor].unique(maintain_order=True)]
    numeric = all(curve[factor].dtype.is_numeric() for curve in curves.values())
    for index, curve in enumerate(curves.values()):
        at = curve[factor].to_numpy() if numeric else np.array([names.index(str(level)) for level in curve[factor]])
        if numeric:
            axes.fill_between(at, curve["low"], curve["high"], color=colour(index), alpha=0.15, linewidth=0)
            axes.plot(at, curve["value"], color=colour(index), marker=marker(index), markersize=4.2)
        else:
            upright(axes, at, columns_of(curve), index, 0.12 * (index - (len(curves) - 1) / 2), markersize=4.5)
    if not numeric:
        axes.set_xticks(range(len(names)), [wrapped(name, 16) for name in names])
    axes.set(xlabel=axis_label or factor, ylabel=with_unit(label, unit))
    axes.grid(True)
    if unit == "probability":
        top = highest(*(curve[name] for curve in curves.values() for name in ("high", "value")))
        axes.set_ylim(0, min(1.02, max(top * 1.1, 0.02)))
        percent_axis(axes.yaxis, 0 if top > 0.05 else 1)
    elif axes.get_ylim()[0] > 0:
        axes.set_ylim(bottom=0)
    if alone and curve.height <= MOST_NUMBERS:
        _write_values(axes, at, curve, unit)
    if not alone:
        headed_by_arms(figure, title, arms)
    cells = {
        name: [f"at {row[factor]} {level_words(row, unit)}" for row in curve.iter_rows(named=True)]
        for name, curve in curves.items()
    }
    return Drawing(figure, f"{label} over {factor}, with 95 % intervals. {by_name(cells)}.")


def _write_values(axes: Axes, at: np.ndarray, curve: pl.DataFrame, unit: str) -> None:
    """Write values above their marks, and beside them where the line next to them is steep."""
    values = curve["value"].to_numpy()
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    slopes = [0.0, *(np.diff(values) / (top - bottom) / (np.diff(at) / (right - left))), 0.0]
    for place, (where, value) in enumerate(zip(at, values, strict=True)):
        if not known(value):
            continue
        before, after = slopes[place], slopes[place + 1]
        falls = before < -0.5 or place == 0 and after < -0.5
        side, anchor = (-1, "right") if after > 0.5 else (1, "left") if falls else (0, "center")
        text = plain(value * 100) if unit == "probability" else plain(value)
        words = near(axes, text, (where, value), (side * 3, 6), ha=anchor)
        words.set_path_effects([withStroke(linewidth=2, foreground="white")])


@styled
def factor_map(
    table: pl.DataFrame,
    across: str,
    up: str,
    label: str,
    unit: str,
    across_label: str = "",
    up_label: str = "",
    title: str = "",
    note: str = "",
) -> Drawing:
    """Draw a quantity over two numeric factors as a heat map with contours of equal value.

    The table holds both factors and `value` on a full grid, as `statistics.contrasts.by_factors` gives them; cells that
    are missing stay blank. Labels of the factors come with their units.
    """
    grid = _Grid.of(table, across, up, unit)
    levels, columns, rows = _contour_levels(grid), _places(grid.across), _places(grid.up)
    uneven = columns is not grid.across or rows is not grid.up
    spaced = "Levels stand side by side, not to scale." if uneven else ""
    note = " ".join(filter(None, (*_notes(levels, grid), spaced, note)))
    figure = canvas(4.4, width=5.6, title=title or capital(label), note=note)
    axes = figure.subplots()
    low, high = _colour_scale(grid)
    look: dict[str, Any] = {"cmap": "cividis", "vmin": low, "vmax": high, "linewidth": 0, "rasterized": True}
    mesh: Any = axes.pcolormesh(_edges(columns), _edges(rows), grid.values, **look)
    alt = (
        f"Heat map of {label} over {across_label or across} and {up_label or up}: from {_value(grid, grid.low)} to "
        f"{_value(grid, grid.high)}."
    )
    if levels:
        lines = axes.contour(
            columns, rows, np.ma.masked_invalid(grid.values), levels=levels, colors="white", linewidths=1.0
        )
        lines.set_path_effects([withStroke(linewidth=2.0, foreground="#00000066")])
        if grid.values.size > CELLS:
            axes.clabel(lines, fontsize=7.5, fmt=lambda value: _value(grid, value))
    if grid.values.size <= CELLS:
        alt += _grid_words(grid, across, up)
        for (i, j), value in np.ndenumerate(grid.values):
            if np.isfinite(value):
                ground = to_hex(mesh.to_rgba(value))
                place: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "zorder": 4}
                text = axes.text(float(columns[j]), float(rows[i]), _short(grid, value), color=ink_on(ground), **place)
                text.set_path_effects([withStroke(linewidth=2.6, foreground=ground)])
    axes.set(xlabel=wrapped(across_label or across, 62), ylabel=wrapped(up_label or up, 46))
    if columns.size <= MOST_TICKS or columns is not grid.across:
        axes.set_xticks(columns, [f"{value:.3g}" for value in grid.across])
    if rows.size <= MOST_TICKS or rows is not grid.up:
        axes.set_yticks(rows, [f"{value:.3g}" for value in grid.up])
    no_spines(axes, "left", "bottom")
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, aspect=28)
    bar.outline.set_visible(False)
    bar.set_label(with_unit(label, unit))
    if unit == "probability":
        percent_axis(bar.ax.yaxis, _decimals(high - low))
    return Drawing(figure, alt)


@dataclass(frozen=True)
class _Grid:
    """The values of a map, (rows, columns), NaN where there is none; the levels of its factors; what its numbers mean.

    ``half`` is half the widest interval of a cell, nought where intervals are not known; ``low`` and ``high`` are the
    smallest and the largest value.
    """

    values: np.ndarray
    across: np.ndarray
    up: np.ndarray
    unit: str
    half: float
    low: float
    high: float

    @classmethod
    def of(cls, table: pl.DataFrame, across: str, up: str, unit: str) -> _Grid:
        columns, rows = (np.sort(table[name].unique().to_numpy()).astype(float) for name in (across, up))
        values = np.full((rows.size, columns.size), np.nan)
        places = np.searchsorted(rows, table[up].to_numpy()), np.searchsorted(columns, table[across].to_numpy())
        values[places] = table["value"]
        half = highest((table["high"] - table["low"]) / 2) if "low" in table.columns else 0.0
        return cls(values, columns, rows, unit, half, float(np.nanmin(values)), float(np.nanmax(values)))


def _grid_words(grid: _Grid, across: str, up: str) -> str:
    """The numbers of a map, a row a sentence."""
    levels = ", ".join(f"{level:.3g}" for level in grid.across)
    rows = (
        f"{up} {level:.3g}: {', '.join(_short(grid, value) if np.isfinite(value) else 'none' for value in row)}."
        for level, row in zip(grid.up, grid.values, strict=True)
    )
    return f" Values{' in per cent' if grid.unit == 'probability' else ''} at {across} {levels}. {' '.join(rows)}"


def _places(levels: np.ndarray) -> np.ndarray:
    """Return where levels are drawn: at their values, or side by side where some lie too close to be read."""
    gaps = np.diff(levels)
    crowded = gaps.size and gaps.min() < CROWDED * gaps.mean()
    return np.arange(levels.size, dtype=float) if crowded else levels


def _edges(middles: np.ndarray) -> np.ndarray:
    if middles.size == 1:
        return np.array([middles[0] - 0.5, middles[0] + 0.5])
    inner = (middles[1:] + middles[:-1]) / 2
    return np.concatenate([[2 * middles[0] - inner[0]], inner, [2 * middles[-1] - inner[-1]]])


def _colour_scale(grid: _Grid) -> tuple[float, float]:
    """Return the ends of the colour scale.

    Probabilities that differ by a tenth or more start at nought and end at the next full tenth; where all cells lie
    within the noise of one, the scale is as wide as that noise, lest colours show what is not there.
    """
    low, high = grid.low, grid.high
    if high - low <= grid.half:
        return low - grid.half, high + grid.half
    if grid.unit == "probability" and high - low >= 0.1:
        return 0.0, min(1.0, np.ceil(high * 10 - 1e-9) / 10)
    return low, high


def _contour_levels(grid: _Grid) -> list[float]:
    """Return the values at which contours are drawn: tenths of a probability, or round values where it varies less.

    There are none where all cells lie within the noise of one.
    """
    low, high = grid.low, grid.high
    if min(grid.values.shape) < 2 or not high - low > grid.half:
        return []
    tenths = grid.unit == "probability" and high - low >= 0.2
    levels = np.arange(0.1, 0.95, 0.1) if tenths else MaxNLocator(7).tick_values(low, high)
    edge = CLOSE * (high - low)
    return [float(level) for level in levels if low + edge < level < high - edge]


def _notes(levels: list[float], grid: _Grid) -> Iterator[str]:
    """Sentences on contours and on the noise of cells."""
    percent, half = grid.unit == "probability", grid.half
    if levels:
        marks = ", ".join(f"{level * (100 if percent else 1):.3g}" for level in levels)
        yield f"Lines: contours at {marks}{' %' if percent else ''}."
    elif half and min(grid.values.shape) > 1:
        yield "All cells lie within the noise of one: no contours."
    if half:
        words = f"{half * 100:.1f} points" if percent else f"{half:.3g} {grid.unit}".rstrip()
        yield f"Widest 95 % interval of a cell: \N{PLUS-MINUS SIGN}{words}."


def _short(grid: _Grid, value: float) -> str:
    if grid.unit == "probability":
        return plain(value * 100, 0 if grid.high - grid.low >= 0.2 else 1)
    return plain(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2)


def _value(grid: _Grid, value: float) -> str:
    if grid.unit == "probability":
        return f"{value * 100:.{_decimals(grid.high - grid.low)}f} %"
    return f"{value:.3g}"


def _decimals(span: float) -> int:
    """Digits after the point that percentages need on a scale as wide as this."""
    return 0 if span >= 0.06 else 1 if span >= 0.006 else 2
