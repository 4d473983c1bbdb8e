"""Figures of studies in depth: intervals in a row, curves over a factor."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from experiments.claims.depth.designs import IntervalEstimate
from experiments.figures.palette import GREY, colour
from experiments.figures.style import Drawing, canvas, dash, headed, key_height, marker, styled
from experiments.text import plain

LINES = (
    "Circles: means over draws; thick: 95 % intervals of chance, the numbers at the right; thin: 95 % of the draws of "
    "what is not known, Monte Carlo noise taken out."
)
BANDS = "Bands: 95 % of the draws of what is not known."


@styled
def intervals(rows: Mapping[str, IntervalEstimate], label: str, title: str) -> Drawing:
    """A row a quantity: thick for chance, thin for draws of what is not known; the numbers at the right."""
    figure = canvas(1.5 + 0.28 * len(rows), title=title, note=LINES)
    axes = figure.subplots()
    axes.axvline(0, color=GREY, lw=0.7)
    for place, row in enumerate(rows.values()):
        if np.isfinite(row.draws_low):
            axes.plot([row.draws_low, row.draws_high], [-place] * 2, color=colour(0), lw=1, alpha=0.5)
        axes.plot([row.low, row.high], [-place] * 2, color=colour(0), lw=3, solid_capstyle="butt")
        axes.plot(row.mean, -place, "o", color="white", mec=colour(0), ms=5, mew=1.4)
        if np.isfinite(row.mean):
            axes.text(1.01, -place, str(row), transform=axes.get_yaxis_transform(), va="center", fontsize=7.5)
    axes.set_yticks([-place for place in range(len(rows))], list(rows))
    axes.set_ylim(-len(rows) + 0.4, 0.6)
    axes.set_xlabel(label)
    said = "; ".join(f"{name} {row}" for name, row in rows.items())
    return Drawing(figure, f"{title}: {said}.")


@styled
def curves(lines: Mapping[str, Mapping[float, IntervalEstimate]], across: str, label: str, title: str) -> Drawing:
    """A line a name over one factor, with bands for draws of what is not known."""
    figure = canvas(3.4 + key_height(list(lines)), note=BANDS)
    axes = figure.subplots()
    handles = []
    for number, line in enumerate(lines.values()):
        at, shade = np.array(list(line)), colour(number)
        mean, least, most = zip(
            *((level.mean, level.draws_low, level.draws_high) for level in line.values()), strict=True
        )
        axes.fill_between(at, least, most, color=shade, alpha=0.15, lw=0)
        handles += axes.plot(at, mean, color=shade, ls=dash(number), marker=marker(number), ms=4)
    axes.set_xlabel(across)
    axes.set_ylabel(label)
    axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    headed(figure, title, handles, list(lines))
    said = "; ".join(
        f"{name}: " + ", ".join(f"{plain(at)}: {value.mean:.2f}" for at, value in line.items())
        for name, line in lines.items()
    )
    return Drawing(figure, f"{title}. {said}.")
