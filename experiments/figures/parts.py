"""Parts that several figures share: bars in stacks, rows with intervals, lines with bands, and their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.figures.style import colour, ink_on, key, marked, marker, no_spines, percent_axis, row_name, spread_out
from experiments.text import bracketed, known, percentage

Row = Mapping[str, Any]


def stack(
    axes: Axes,
    place: float,
    shares: Mapping[str, float],
    colours: Mapping[str, str],
    words: Mapping[str, str] | None = None,
    least: float = 0.045,
    fontsize: float = 8,
    **look: Any,
) -> None:
    """Draw shares as one stacked bar, with its numbers in per cent.

    Parameters
    ----------
    axes : Axes
    place : float
        Where the bar lies on the vertical axis.
    shares : mapping of str to float
        Category -> share, 0 to 1, from left to right.
    colours : mapping of str to str
        Category -> colour.
    words : mapping of str to str, optional
        Category -> entry in the key; left out where another bar has made the entries.
    least : float
        Share from which on a part has room for its number.
    fontsize : float
        Size of the numbers, in points.
    **look
        Further settings of the bars.
    """
    left = 0.0
    for name, share in shares.items():
        label = words[name] if words else None
        axes.barh(place, share, left=left, color=colours[name], label=label, **look)
        if share >= least:
            text, ink = f"{share * 100:.0f}", ink_on(colours[name])
            axes.text(left + share / 2, place, text, ha="center", va="center", fontsize=fontsize, color=ink)
        left += share


def stacked_bars(
    axes: Axes,
    shares: Mapping[str, Mapping[str, float]],
    colours: Mapping[str, str],
    words: Mapping[str, str],
    unit: str,
    height: float,
) -> None:
    """Draw the shares of each arm as a stacked bar, with a key above.

    Parameters
    ----------
    axes : Axes
    shares : mapping of str to mapping
        Arm -> category -> share, 0 to 1.
    colours, words : mapping of str to str
        Category -> colour, and category -> entry in the key.
    unit : str
        What the shares are of, as the axis says it.
    height : float
        Height of the bars; a row is 1.
    """
    for place, own in enumerate(shares.values()):
        entries = words if place == 0 else None
        stack(axes, place, own, colours, entries, height=height, edgecolor="white", linewidth=0.6)
    axes.set(xlim=(0, 1), ylim=(len(shares) - 0.5, -0.5), xlabel=unit)
    axes.set_yticks(range(len(shares)), [row_name(arm) for arm in shares])
    as_rows(axes, grid=False)
    key(axes, *axes.get_legend_handles_labels(), handlelength=1.0)
    percent_axis(axes.xaxis)


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


def interval(axes: Axes, place: float, row: Row, hue: str, form: str, width: float = 1.6, **look: Any) -> None:
    """Draw `value` as a mark and `low` to `high` as a line, at a place on the vertical axis."""
    axes.plot([row["low"], row["high"]], [place, place], color=hue, linewidth=width)
    axes.plot(row["value"], place, form, color=hue, **look)


def banded_line(
    axes: Axes,
    places: Any,
    values: Iterable[Any],
    index: int,
    steps: bool = False,
    alpha: float = 0.14,
) -> None:
    """Draw a line with its band, in the look of an arm.

    Parameters
    ----------
    axes : Axes
    places : sequence of float, shape (places,)
    values : (value, low, high)
        Of the line and of the ends of its band, each of shape (places,).
    index : int
        Number of the arm.
    steps : bool
        Whether values hold until the next place.
    alpha : float
        How dense the band is, 0 to 1.
    """
    value, low, high = values
    axes.fill_between(places, low, high, step="post" if steps else None, color=colour(index), alpha=alpha, linewidth=0)
    axes.plot(
        places,
        value,
        drawstyle="steps-post" if steps else "default",
        color=colour(index),
        marker=marker(index),
        markersize=4,
        markevery=marked(index, len(places)),
    )


def write_ends(axes: Axes, ends: Iterable[tuple[int, float, float]], texts: Sequence[str], gap: float) -> None:
    """Write the last values of lines at their ends, moved apart.

    Parameters
    ----------
    axes : Axes
    ends : iterable of (int, float, float)
        Number of the arm, place of the last value, last value.
    texts : sequence of str
        What to write, one a line.
    gap : float
        Smallest distance of two texts, in units of the vertical axis.
    """
    ends = list(ends)
    heights: np.ndarray = spread_out([value for _, _, value in ends], gap)
    for (index, place, _), height, text in zip(ends, heights, texts, strict=True):
        axes.annotate(
            text,
            (place, height),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=colour(index),
            annotation_clip=False,
        )


def with_unit(label: str, unit: str) -> str:
    """A label with its unit in brackets; probabilities have none, their axis is in per cent."""
    return label if unit in ("probability", "") else f"{label} ({unit})"


def capital(text: str) -> str:
    """A text with a capital first letter; other letters stay as they are."""
    return text[:1].upper() + text[1:]


def level_words(row: Row, unit: str = "probability", decimals: int = 1) -> str:
    """A `value` with the ends `low` and `high` of its interval; probabilities are given in per cent."""
    ends = (row["value"], row["low"], row["high"])
    if not known(row["value"]):
        return "not defined"
    return f"{percentage(*ends, decimals)} %" if unit == "probability" else bracketed(*ends)


def share_words(rows: Mapping[str, Mapping[str, Row]], words: Mapping[str, str]) -> str:
    """Arms with the shares of their categories, as a figure's text tells them.

    Parameters
    ----------
    rows : mapping of str to mapping
        Arm -> category -> `value, low, high`.
    words : mapping of str to str
        Category -> words.
    """
    return "; ".join(
        f"{arm}: " + ", ".join(f"{words[name]} {level_words(own[name])}" for name in words) for arm, own in rows.items()
    )
