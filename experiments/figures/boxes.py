"""Figures of a discovery: what a box gains as it shrinks, and the box in the plane of two factors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from experiments.figures.style import GREY, INK, Drawing, canvas, colour, percent_axis, styled

BINS = 12


@styled
def trade_off(trajectory: pl.DataFrame, outcome: str) -> Drawing:
    """Draw density over coverage along a peeling trajectory, by the number of factors restricted.

    Parameters
    ----------
    trajectory : pl.DataFrame
        `coverage, density, restricted, score` of each box, on crises that it was not peeled on.
    outcome : str
        The cases of interest.
    """
    figure = canvas(
        3.6,
        title="What a smaller box gains",
        note="Each dot a box of the peeling, on crises it was not peeled on. Ring: the one that foretells best "
        "which crises are cases; its idle limits are then dropped.",
    )
    axes = figure.subplots()
    most = int(trajectory["restricted"].max() or 1)  # type: ignore[arg-type]
    ramp = colormaps["viridis"].resampled(most + 1)
    axes.plot(trajectory["coverage"], trajectory["density"], color=GREY, linewidth=0.7, zorder=1)
    dots = axes.scatter(
        trajectory["coverage"],
        trajectory["density"],
        c=trajectory["restricted"],
        cmap=ramp,
        vmin=-0.5,
        vmax=most + 0.5,
        s=26,
    )
    best = trajectory.row(int(trajectory["score"].arg_max() or 0), named=True)
    axes.plot(best["coverage"], best["density"], "o", markersize=11, markerfacecolor="none", color=colour(1))
    axes.set(xlabel="coverage: share of all cases in the box", ylabel="density: share of the box that is a case")
    axes.set(xlim=(-0.02, 1.04), ylim=(0, None))
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    bar = figure.colorbar(dots, ax=axes, ticks=range(0, most + 1, max(most // 8, 1)), fraction=0.04, pad=0.02)
    bar.set_label("factors restricted")
    return Drawing(
        figure,
        f"Cases: {outcome}. From density {trajectory['density'][0]:.2f} for all crises to {best['density']:.2f} at "
        f"coverage {best['coverage']:.2f}.",
    )


@styled
def plane(
    across: np.ndarray,
    up: np.ndarray,
    interest: np.ndarray,
    labels: Sequence[str],
    limits: Sequence[tuple[float, float]],
    outcome: str,
    held: str,
) -> Drawing:
    """Draw risk over two factors, and the box in their plane.

    Parameters
    ----------
    across, up : array, shape (crises,)
    interest : bool array, shape (crises,)
    labels : (str, str)
        Names of the factors.
    limits : ((float, float), (float, float))
        Ends of the box; infinite where a factor is not restricted.
    outcome, held : str
        The cases, and the other limits that the crises drawn meet, in words.
    """
    figure = canvas(
        4.2,
        title="The box in the plane of its first two factors",
        note=f"Shade: share of crises that are cases ({outcome}), a tenth of the crises a column and row; size: how many."
        + (f" Only crises where {held}." if held else ""),
    )
    axes = figure.subplots()
    cuts = [np.unique(np.quantile(values, np.linspace(0, 1, BINS + 1))) for values in (across, up)]
    place = [
        np.clip(np.searchsorted(own, v, "right") - 1, 0, len(own) - 2)
        for own, v in zip(cuts, (across, up), strict=True)
    ]
    shape = (len(cuts[0]) - 1, len(cuts[1]) - 1)
    flat = np.ravel_multi_index((place[0], place[1]), shape)
    count = np.bincount(flat, minlength=shape[0] * shape[1])
    cases = np.bincount(flat, interest, minlength=shape[0] * shape[1])
    filled = np.flatnonzero(count)
    where = np.unravel_index(filled, shape)
    middles = [
        np.array([np.median(v[own == k]) if (own == k).any() else 0.0 for k in range(size)])
        for v, own, size in zip((across, up), place, shape, strict=True)
    ]
    dots = axes.scatter(
        middles[0][where[0]],
        middles[1][where[1]],
        c=cases[filled] / count[filled],
        s=12 + 70 * count[filled] / count.max(),
        cmap="cividis",
        edgecolors="none",
    )
    ends = [
        (max(low, values.min()), min(high, values.max()))
        for (low, high), values in zip(limits, (across, up), strict=True)
    ]
    axes.add_patch(
        Rectangle(
            (ends[0][0], ends[1][0]),
            ends[0][1] - ends[0][0],
            ends[1][1] - ends[1][0],
            fill=False,
            edgecolor=colour(1),
            linewidth=2,
        )
    )
    for axis, values, setter in ((axes.xaxis, across, axes.set_xscale), (axes.yaxis, up, axes.set_yscale)):
        if values.min() > 0 and np.quantile(values, 0.95) > 20 * np.quantile(values, 0.05):
            setter("log")
        axis.label.set_color(INK)
    axes.set(xlabel=labels[0], ylabel=labels[1])
    bar = figure.colorbar(dots, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label("share of cases")
    percent_axis(bar.ax.yaxis)
    inside = (across >= ends[0][0]) & (across <= ends[0][1]) & (up >= ends[1][0]) & (up <= ends[1][1])
    outside = interest[~inside].mean() if (~inside).any() else 0.0
    return Drawing(
        figure,
        f"{labels[0]} {ends[0][0]:.3g} to {ends[0][1]:.3g} and {labels[1]} {ends[1][0]:.3g} to {ends[1][1]:.3g}: "
        f"{interest[inside].mean():.0%} of crises inside, {outside:.0%} outside.",
    )
