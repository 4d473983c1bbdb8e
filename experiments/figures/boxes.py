"""Figures of a discovery: what a box gains as it shrinks, and the box in the plane of two factors."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.patches import Rectangle

from experiments.figures.palette import GREY, colour
from experiments.figures.style import NOTES, Drawing, canvas, percent_axis, styled

BINS = 8


@styled
def trade_off(trajectory: pl.DataFrame, outcome: str) -> Drawing:
    """Draw density over coverage along a peeling trajectory, by the number of factors restricted.

    The trajectory holds `coverage, density, restricted, score` of each box, on crises that it was not peeled on.
    """
    figure = canvas(3.6, title="What a smaller box gains", note=NOTES["trade_off"])
    axes = figure.subplots()
    most = int(trajectory["restricted"].max() or 1)  # type: ignore[arg-type]
    ramp = colormaps["viridis"].resampled(most + 1)
    across, up = trajectory["coverage"], trajectory["density"]
    axes.plot(across, up, color=GREY, linewidth=0.7, zorder=1)
    dots = axes.scatter(across, up, c=trajectory["restricted"], cmap=ramp, vmin=-0.5, vmax=most + 0.5, s=26)
    best = trajectory.row(int(trajectory["score"].arg_max() or 0), named=True)
    axes.plot(best["coverage"], best["density"], "o", markersize=11, markerfacecolor="none", color=colour(1))
    axes.set(xlabel="coverage: share of all cases in the box", ylabel="density: share of the box that is a case")
    axes.set(xlim=(-0.02, 1.04), ylim=(0, None))
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    bar = figure.colorbar(dots, ax=axes, ticks=range(0, most + 1, max(most // 8, 1)), fraction=0.04, pad=0.02)
    bar.set_label("factors restricted")
    ends = f"From density {up[0]:.2f} for all crises to {best['density']:.2f} at coverage {best['coverage']:.2f}."
    return Drawing(figure, f"Cases: {outcome}. {ends}")


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
    note = (
        f"Shade: share of crises that are cases ({outcome}). Factors in the order of their values: each value a column "
        "or a row where there are few, else an eighth of the crises."
    ) + (f" Only crises where {held}." if held else "")
    figure = canvas(4.2, title="The box in the plane of its first two factors", note=note)
    axes = figure.subplots()
    factors = (across, up)
    column, row = (np.minimum(_places(values, values), _bins(values) - 1).astype(int) for values in factors)
    count = np.zeros((_bins(up), _bins(across)))
    cases = np.zeros_like(count)
    np.add.at(count, (row, column), 1)
    np.add.at(cases, (row, column), interest)
    risk = np.ma.masked_invalid(np.divide(cases, count, out=np.full_like(cases, np.nan), where=count > 0))
    shade = axes.pcolormesh(risk, cmap="cividis", vmin=0)
    corners = np.array([_places(np.array(ends), values) for ends, values in zip(limits, factors, strict=True)])
    box = Rectangle(
        (corners[0, 0], corners[1, 0]),
        *np.diff(corners)[:, 0],
        fill=False,
        edgecolor=colour(1),
        linewidth=2.2,
        clip_on=False,
    )
    axes.add_patch(box)
    for axis, values in zip((axes.xaxis, axes.yaxis), factors, strict=True):
        few = np.unique(values)
        if len(few) <= BINS:
            axis.set_ticks(np.arange(len(few)) + 0.5, [f"{value:.3g}" for value in few])
        else:
            ticks = np.linspace(0, 1, 5)
            axis.set_ticks(BINS * ticks, [f"{value:.3g}" for value in np.quantile(values, ticks)])
    axes.set(xlabel=labels[0], ylabel=labels[1])
    bar = figure.colorbar(shade, ax=axes, fraction=0.04, pad=0.02)
    bar.set_label("share of cases")
    percent_axis(bar.ax.yaxis)
    inside = np.full(len(across), True)
    words = []
    for name, (least, most), values in zip(labels, limits, factors, strict=True):
        inside &= (values >= least) & (values <= most)
        words.append(f"{name} {least:.3g} to {most:.3g}")
    outside = interest[~inside].mean() if (~inside).any() else 0.0
    shares = f"{interest[inside].mean():.0%} of crises inside, {outside:.0%} outside"
    return Drawing(figure, f"{' and '.join(words)}: {shares}.")


def _bins(values: np.ndarray) -> int:
    """Columns or rows that a factor is drawn in: its values where they are few."""
    return min(len(np.unique(values)), BINS)


def _places(values: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Where values lie on the axis of a factor that has the values `among`: in columns from 0, ties in the middle."""
    few = np.unique(among)
    ordered = few if len(few) <= BINS else np.sort(among)
    below = (np.searchsorted(ordered, values) + np.searchsorted(ordered, values, "right")) / 2
    return below * _bins(among) / len(ordered)
