"""A quantity over one factor (curves) or two (maps)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator

from experiments.figures.parts import capital, level_words, with_unit
from experiments.figures.style import (
    Drawing,
    arm_handles,
    canvas,
    colour,
    headed,
    highest,
    ink_on,
    key_height,
    marker,
    no_spines,
    percent_axis,
    styled,
)
from experiments.text import known, plain, wrapped

CELLS = 100
"""Maps with at most so many cells print the number in each."""

SHARE_COLOURS = "cividis"

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

    Parameters
    ----------
    curves : mapping of str to pl.DataFrame
        By arm: the factor's column, `value, low, high`, as `statistics.response.by_factors` gives them.
    factor : str
        Column of the factor.
    label, unit : str
        Words for the quantity, and its unit (`probability` is shown in per cent).
    axis_label : str
        Words for the factor, with its unit.
    note : str
        A sentence for the foot of the figure.
    """
    title, alone = f"{capital(label)}, by {axis_label or factor}", len(curves) == 1
    figure = canvas(
        3.6 + key_height(list(curves)),
        title=title if alone else "",
        note=f"Marks and bands: estimates and 95 % intervals at each level. {note}",
    )
    axes = figure.subplots()
    names = [str(level) for level in next(iter(curves.values()))[factor].unique(maintain_order=True)]
    numeric = all(curve[factor].dtype.is_numeric() for curve in curves.values())
    for index, curve in enumerate(curves.values()):
        at = curve[factor].to_numpy() if numeric else np.array([names.index(str(level)) for level in curve[factor]])
        (_band if numeric else _bars)(axes, at, curve, index, len(curves))
    if not numeric:
        axes.set_xticks(range(len(names)), [wrapped(name, 16) for name in names])
    axes.set(xlabel=axis_label or factor, ylabel=with_unit(label, unit))
    axes.grid(True)
    _value_axis(axes, unit, highest(*(curve[name] for curve in curves.values() for name in ("high", "value"))))
    if alone and curve.height <= MOST_NUMBERS:
        _write_values(axes, at, curve, unit)
    if not alone:
        headed(figure, title, arm_handles(axes, len(curves)), list(curves))
    return Drawing(figure, _curve_alt(curves, factor, label, unit))


def _band(axes: Axes, at: np.ndarray, curve: pl.DataFrame, index: int, _: int) -> None:
    axes.fill_between(at, curve["low"], curve["high"], color=colour(index), alpha=0.15, linewidth=0)
    axes.plot(at, curve["value"], color=colour(index), marker=marker(index), markersize=4.2)


def _write_values(axes: Axes, at: np.ndarray, curve: pl.DataFrame, unit: str) -> None:
    """Write values above their marks, and beside them where the line next to them is steep."""
    values = curve["value"].to_numpy()
    for place, (where, value) in enumerate(zip(at, values, strict=True)):
        if not known(value):
            continue
        text = plain(value * 100) if unit == "probability" else plain(value)
        side = _side(axes, at, values, place)
        words = axes.annotate(
            text,
            (where, value),
            (side * 3, 6),
            textcoords="offset points",
            ha={-1: "right", 0: "center", 1: "left"}[side],
            fontsize=7.5,
        )
        words.set_path_effects([withStroke(linewidth=2, foreground="white")])


def _side(axes: Axes, at: np.ndarray, values: np.ndarray, place: int) -> int:
    """-1 to write a number left of its mark, where the line rises after it; 1 right of it, where it falls to it; else 0."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    width, height = right - left, top - bottom

    def slope(first: int, second: int) -> float:
        gap = (at[second] - at[first]) / width
        return (values[second] - values[first]) / height / gap if gap else 0.0

    after = slope(place, place + 1) if place + 1 < len(at) else 0.0
    before = slope(place - 1, place) if place else 0.0
    return -1 if after > 0.5 else 1 if before < -0.5 or not place and after < -0.5 else 0


def _bars(axes: Axes, at: np.ndarray, curve: pl.DataFrame, index: int, arms: int) -> None:
    value = curve["value"].to_numpy()
    reach = [value - curve["low"].to_numpy(), curve["high"].to_numpy() - value]
    axes.errorbar(
        at + 0.12 * (index - (arms - 1) / 2), value, reach, fmt=marker(index), color=colour(index), markersize=4.5
    )


def _value_axis(axes: Axes, unit: str, top: float) -> None:
    if unit == "probability":
        axes.set_ylim(0, min(1.02, max(top * 1.1, 0.02)))
        percent_axis(axes.yaxis, 0 if top > 0.05 else 1)
    elif axes.get_ylim()[0] > 0:
        axes.set_ylim(bottom=0)


def _curve_alt(curves: Mapping[str, pl.DataFrame], factor: str, label: str, unit: str) -> str:
    parts = []
    for name, curve in curves.items():
        cells = [f"at {row[factor]} {level_words(row, unit)}" for row in curve.iter_rows(named=True)]
        parts.append(f"{name}: " + ", ".join(cells))
    return f"{label} over {factor}, with 95 % intervals. " + "; ".join(parts) + "."


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

    Parameters
    ----------
    table : pl.DataFrame
        The two factors' columns and `value` on a full grid, as `statistics.response.by_factors` gives them; cells that
        are missing stay blank.
    across, up : str
        Columns of the horizontal and the vertical factor.
    label, unit : str
        Words for the quantity, and its unit.
    across_label, up_label : str
        Words for the factors, with their units.
    title, note : str
        Title of the figure, and a sentence for its foot.
    """
    grid, across_levels, up_levels = _grid(table, across, up)
    columns, rows = _places(across_levels), _places(up_levels)
    half = _half_width(table)
    levels = _contour_levels(grid, unit, half)
    uneven = columns is not across_levels or rows is not up_levels
    spaced = "Levels stand side by side, not to scale." if uneven else ""
    figure = canvas(
        4.4,
        width=5.6,
        title=title or capital(label),
        note=" ".join(filter(None, (_contour_note(levels, half, grid, unit), _noise(half, unit), spaced, note))),
    )
    axes = figure.subplots()
    low, high = _range(grid, unit, half)
    mesh = axes.pcolormesh(
        _edges(columns), _edges(rows), grid, cmap=SHARE_COLOURS, vmin=low, vmax=high, linewidth=0, rasterized=True
    )
    if levels:
        _contours(axes, grid, columns, rows, levels, unit)
    if grid.size <= CELLS:
        _numbers(axes, grid, columns, rows, unit, mesh)
    axes.set(xlabel=wrapped(across_label or across, 62), ylabel=wrapped(up_label or up, 46))
    if columns.size <= MOST_TICKS or columns is not across_levels:
        axes.set_xticks(columns, [f"{value:.3g}" for value in across_levels])
    if rows.size <= MOST_TICKS or rows is not up_levels:
        axes.set_yticks(rows, [f"{value:.3g}" for value in up_levels])
    no_spines(axes, "left", "bottom")
    _colour_bar(figure, mesh, axes, label, unit)
    alt = f"Heat map of {label} over {across_label or across} and {up_label or up}: {_extremes(grid, unit)}."
    if grid.size <= CELLS:
        alt += _grid_words(grid, across_levels, up_levels, (across, up), unit)
    return Drawing(figure, alt)


def _grid_words(grid: np.ndarray, columns: np.ndarray, rows: np.ndarray, names: tuple[str, str], unit: str) -> str:
    """The numbers of a map, a row a sentence."""
    span = float(np.nanmax(grid) - np.nanmin(grid))
    levels = ", ".join(f"{level:.3g}" for level in columns)
    parts = [
        f" {names[1]} {level:.3g}: "
        + ", ".join(_short(value, unit, span) if np.isfinite(value) else "none" for value in row)
        + "."
        for level, row in zip(rows, grid, strict=True)
    ]
    return f" Values{' in per cent' if unit == 'probability' else ''} at {names[0]} {levels}.{''.join(parts)}"


def _extremes(grid: np.ndarray, unit: str) -> str:
    low, high = float(np.nanmin(grid)), float(np.nanmax(grid))
    return f"from {_value(low, unit, high - low)} to {_value(high, unit, high - low)}"


def _grid(table: pl.DataFrame, across: str, up: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns, rows = (np.sort(table[name].unique().to_numpy()).astype(float) for name in (across, up))
    grid = np.full((rows.size, columns.size), np.nan)
    grid[np.searchsorted(rows, table[up].to_numpy()), np.searchsorted(columns, table[across].to_numpy())] = table[
        "value"
    ]
    return grid, columns, rows


def _places(levels: np.ndarray) -> np.ndarray:
    """Return where levels are drawn: at their values, or side by side where some lie too close to be read."""
    gaps = np.diff(levels)
    crowded = gaps.size and gaps.min() < CROWDED * gaps.mean()
    return np.arange(levels.size, dtype=float) if crowded else levels


def _range(grid: np.ndarray, unit: str, half: float) -> tuple[float, float]:
    """Return the ends of the colour scale.

    Probabilities that differ by a tenth or more start at nought and end at the next full tenth; where all cells lie
    within the noise of one, the scale is as wide as that noise, lest colours show what is not there.
    """
    low, high = float(np.nanmin(grid)), float(np.nanmax(grid))
    if high - low <= half:
        return low - half, high + half
    if unit == "probability" and high - low >= 0.1:
        return 0.0, min(1.0, np.ceil(high * 10 - 1e-9) / 10)
    return low, high


def _edges(middles: np.ndarray) -> np.ndarray:
    if middles.size == 1:
        return np.array([middles[0] - 0.5, middles[0] + 0.5])
    inner = (middles[1:] + middles[:-1]) / 2
    return np.concatenate([[2 * middles[0] - inner[0]], inner, [2 * middles[-1] - inner[-1]]])


def _contour_levels(grid: np.ndarray, unit: str, half: float) -> list[float]:
    """Return the values at which contours are drawn: tenths of a probability, or round values where it varies less.

    There are none where all cells lie within the noise of one.
    """
    low, high = float(np.nanmin(grid)), float(np.nanmax(grid))
    if min(grid.shape) < 2 or not high - low > half:
        return []
    tenths = unit == "probability" and high - low >= 0.2
    levels = np.arange(0.1, 0.95, 0.1) if tenths else MaxNLocator(7).tick_values(low, high)
    edge = CLOSE * (high - low)
    return [float(level) for level in levels if low + edge < level < high - edge]


def _contour_note(levels: list[float], half: float, grid: np.ndarray, unit: str) -> str:
    if not levels:
        return "All cells lie within the noise of one: no contours." if half and min(grid.shape) > 1 else ""
    named = ", ".join(f"{level * 100:.3g}" if unit == "probability" else f"{level:.3g}" for level in levels)
    return f"Lines: contours at {named}{' %' if unit == 'probability' else ''}."


def _contours(
    axes: Axes, grid: np.ndarray, columns: np.ndarray, rows: np.ndarray, levels: list[float], unit: str
) -> None:
    lines = axes.contour(columns, rows, np.ma.masked_invalid(grid), levels=levels, colors="white", linewidths=1.0)
    lines.set_path_effects([withStroke(linewidth=2.0, foreground="#00000066")])
    if grid.size > CELLS:
        span = float(np.nanmax(grid) - np.nanmin(grid))
        axes.clabel(lines, fontsize=7.5, fmt=lambda value: _value(value, unit, span))


def _numbers(axes: Axes, grid: np.ndarray, columns: np.ndarray, rows: np.ndarray, unit: str, mesh) -> None:
    span = float(np.nanmax(grid) - np.nanmin(grid))
    for i, y in enumerate(rows):
        for j, x in enumerate(columns):
            if np.isfinite(grid[i, j]):
                ground = to_hex(mesh.to_rgba(grid[i, j]))
                text = axes.text(
                    x,
                    y,
                    _short(grid[i, j], unit, span),
                    ha="center",
                    va="center",
                    fontsize=7.5,
                    color=ink_on(ground),
                    zorder=4,
                )
                text.set_path_effects([withStroke(linewidth=2.6, foreground=ground)])


def _short(value: float, unit: str, span: float) -> str:
    if unit == "probability":
        return plain(value * 100, 0 if span >= 0.2 else 1)
    return plain(value, 0 if abs(value) >= 100 else 1 if abs(value) >= 1 else 2)


def _colour_bar(figure: Figure, mesh, axes: Axes, label: str, unit: str) -> None:
    bar = figure.colorbar(mesh, ax=axes, pad=0.02, aspect=28)
    bar.outline.set_visible(False)
    bar.set_label(with_unit(label, unit))
    if unit == "probability":
        percent_axis(bar.ax.yaxis, _decimals(mesh.norm.vmax - mesh.norm.vmin))


def _decimals(span: float) -> int:
    """Digits after the point that percentages need on a scale as wide as this."""
    return 0 if span >= 0.06 else 1 if span >= 0.006 else 2


def _value(value: float, unit: str, span: float) -> str:
    return f"{value * 100:.{_decimals(span)}f} %" if unit == "probability" else f"{value:.3g}"


def _half_width(table: pl.DataFrame) -> float:
    """Half the widest interval of a cell, nought where intervals are not known."""
    return highest((table["high"] - table["low"]) / 2) if "low" in table.columns else 0.0


def _noise(half: float, unit: str) -> str:
    words = f"{half * 100:.1f} points" if unit == "probability" else f"{half:.3g} {unit}".rstrip()
    return f"Widest 95 % interval of a cell: \N{PLUS-MINUS SIGN}{words}." if half else ""
