"""Parts that several figures share: bars in stacks, rows with intervals, lines with bands, and their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.text import Text

from experiments.figures.palette import colour, ink_on
from experiments.figures.style import key, marker, no_spines, percent_axis
from experiments.text import bracketed, known, percentage, wrapped

Row = Mapping[str, Any]
MOST_LINES = 4
"""Lines of a name beside a row."""

OUTLINED: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.4, "clip_on": False, "zorder": 3}
"""Look of marks that stay apart where they overlap."""


def stacked_bars(
    axes: Axes,
    shares: Mapping[str, Mapping[str, float]],
    colours: Mapping[str, str],
    words: Mapping[str, str],
    unit: str,
    height: float,
) -> None:
    """Draw the shares of each arm, arm -> category -> share (0 to 1), as a stacked bar of a height, with a key above.

    Colours and words are by category; the unit is what the shares are of, as the axis says it.
    """
    for place, by_category in enumerate(shares.values()):
        left = 0.0
        for name, share in by_category.items():
            look: dict[str, Any] = {"color": colours[name], "label": None if place else words[name]}
            axes.barh(place, share, left=left, height=height, edgecolor="white", linewidth=0.6, **look)
            if share >= 0.045:  # room for a number
                text, ink = f"{share * 100:.0f}", ink_on(colours[name])
                axes.text(left + share / 2, place, text, ha="center", va="center", fontsize=8, color=ink)
            left += share
    axes.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5), xlabel=unit)
    axes.set_yticks(range(len(shares)), [row_name(arm) for arm in shares])
    as_rows(axes, grid=False)
    key(axes, *axes.get_legend_handles_labels(), handlelength=1.0)
    percent_axis(axes.xaxis)


def row_name(label: str, width: int = 24) -> str:
    """Return a label as a row of a figure shows it; the key holds the whole of a very long one."""
    return wrapped(label, width, MOST_LINES)


def row_height(label: str, width: int = 24, least: float = 0.34) -> float:
    """Inches that a row of a figure takes whose label is wrapped into so many columns."""
    return max(least, 0.155 * (row_name(label, width).count("\n") + 1) + 0.06)


def as_rows(axes: Axes, grid: bool = True, spine: bool = False) -> None:
    """Let the vertical axis name rows: without ticks, and with vertical grid lines."""
    axes.tick_params(axis="y", length=0)
    if grid:
        axes.xaxis.grid(True)
    if not spine:
        no_spines(axes, "left")


def beside(axes: Axes, place: float, text: str, **look: Any) -> None:
    """Write a text to the right of a row."""
    axes.text(1.015, place, text, transform=axes.get_yaxis_transform(), va="center", fontsize=7.5, **look)


def near(axes: Axes, text: str, place: tuple[float, float], points: tuple[float, float], **look: Any) -> Text:
    """Write a text so many points away from a place, both (across, up), and return it."""
    return axes.annotate(text, place, points, textcoords="offset points", **{"fontsize": 7.5, **look})


def interval(axes: Axes, place: float, row: Row, hue: str, form: str, width: float = 1.6, **look: Any) -> None:
    """Draw `value` as a mark and `low` to `high` as a line, at a place on the vertical axis."""
    axes.plot([row["low"], row["high"]], [place, place], color=hue, linewidth=width)
    axes.plot(row["value"], place, form, color=hue, **look)


def columns_of(table: pl.DataFrame) -> list[np.ndarray]:
    """The columns `value`, `low` and `high` of a table."""
    return [table[name].to_numpy() for name in ("value", "low", "high")]


def upright(axes: Axes, places: np.ndarray, values: Iterable[Any], index: int, shift: float, **look: Any) -> None:
    """Draw values, and their intervals upright, in the look of the arm of a number, moved sideways by ``shift``.

    ``values`` are (value, low, high), each of shape (places,).
    """
    value, low, high = values
    reach = [value - low, high - value]
    axes.errorbar(places + shift, value, reach, fmt=marker(index), color=colour(index), **look)


def banded_line(
    axes: Axes, places: Any, values: Iterable[Any], index: int, steps: bool = False, alpha: float = 0.14
) -> None:
    """Draw a line with its band, in the look of the arm of a number; with ``steps`` values hold until the next place.

    ``values`` are (value, low, high), each of shape (places,); ``alpha`` is how dense the band is, 0 to 1.
    """
    value, low, high = values
    axes.fill_between(places, low, high, step="post" if steps else None, color=colour(index), alpha=alpha, linewidth=0)
    look: dict[str, Any] = {"color": colour(index), "drawstyle": "steps-post" if steps else "default"}
    step = max(len(places) // 5, 1)
    few = (step * (2 * index + 1) // 14) % step, step  # shifted from arm to arm lest markers cover one another
    axes.plot(places, value, marker=marker(index), markersize=4, markevery=few, **look)


def spread_out(places: Sequence[float], gap: float) -> np.ndarray:
    """Move labels apart until neighbours are `gap` apart, each as close to its place as its order allows."""
    order = np.argsort(places, kind="stable")
    moved = np.asarray(places, float)[order]
    for _ in range(200):
        overlap = np.maximum(gap - np.diff(moved), 0)
        if not (overlap > 1e-9).any():
            break
        moved[:-1] -= overlap / 2
        moved[1:] += overlap / 2
    return moved[np.argsort(order)]


def write_ends(axes: Axes, ends: Sequence[tuple[int, float, float]], texts: Sequence[str], gap: float) -> None:
    """Write texts at the ends of lines (number of the arm, place of the last value, last value), moved apart.

    ``gap`` is the smallest distance of two texts, in units of the vertical axis.
    """
    heights: np.ndarray = spread_out([value for _, _, value in ends], gap)
    for (index, place, _), height, text in zip(ends, heights, texts, strict=True):
        near(axes, text, (place, height), (4, 0), va="center", color=colour(index), annotation_clip=False)


def highest(*columns: Iterable[float | None]) -> float:
    """Return the largest number there is in some columns; nought where there is none."""
    return max((value for column in columns for value in column if known(value)), default=0.0)


def with_unit(label: str, unit: str) -> str:
    """A label with its unit in brackets; probabilities have none, their axis is in per cent."""
    return label if unit in ("probability", "") else f"{label} ({unit})"


def capital(text: str) -> str:
    """A text with a capital first letter; other letters stay as they are."""
    return text[:1].upper() + text[1:]


def level_words(row: Row, unit: str = "probability") -> str:
    """A `value` with the ends `low` and `high` of its interval; probabilities are given in per cent."""
    ends = (row["value"], row["low"], row["high"])
    if not known(row["value"]):
        return "not defined"
    return f"{percentage(*ends)} %" if unit == "probability" else bracketed(*ends)


def by_name(parts: Mapping[str, Iterable[str]]) -> str:
    """Names, such as those of arms, with what is said of each, as a figure's text tells them."""
    return "; ".join(f"{name}: {', '.join(cells)}" for name, cells in parts.items())


def share_words(rows: Mapping[str, Mapping[str, Row]], words: Mapping[str, str]) -> str:
    """Arms with the shares of their categories: arm -> category -> `value, low, high`, and category -> words."""
    return by_name({arm: [f"{words[name]} {level_words(row[name])}" for name in words] for arm, row in rows.items()})
