"""Military deaths: how often none, how often many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from experiments.figures.palette import GREY
from experiments.figures.parts import OUTLINED, banded_line, by_name, columns_of, near, upright
from experiments.figures.style import Drawing, canvas, headed_by_arms, percent_axis, plain_axis, small_percent, styled
from experiments.statistics.classes import death_classes, edges_of_deaths
from experiments.statistics.intervals import share_interval
from experiments.text import percentage

THRESHOLDS = {100: "limited war", 1000: "war"}
NOTE = (
    "Left: share of crises with none and with so many dead, 95 % Wilson intervals. Right: share with at least so "
    "many, same intervals as bands; both axes logarithmic. Dotted: 100 and 1,000 dead."
)


@styled
def deaths_distribution(deaths: Mapping[str, np.ndarray]) -> Drawing:
    """Draw the distribution of military deaths of both sides together: whole numbers of shape (lanes,), by arm."""
    groups = list(deaths.values())
    figure = canvas(3.9, note=NOTE, labels=list(deaths))
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _classes(left, groups)
    _exceedance(right, groups)
    headed_by_arms(figure, "How many soldiers died", list(deaths))
    cells = {name: _words(values) for name, values in deaths.items()}
    return Drawing(figure, f"Distribution of military deaths in a crisis, 95 % intervals. {by_name(cells)}.")


def _classes(axes: Axes, groups: list[np.ndarray]) -> None:
    rows = [death_classes(values, edges_of_deaths(groups)) for values in groups]
    for index, classes in enumerate(rows):
        shift = 0.15 * (index - (len(groups) - 1) / 2)
        look = {**OUTLINED, "markersize": 4.2, "elinewidth": 1.3}
        upright(axes, np.arange(classes.height), columns_of(classes), index, shift, **look)
    words = rows[0]["words"].to_list()
    axes.set_xticks(range(len(words)), words, rotation=40, ha="right", rotation_mode="anchor")
    axes.set(xlabel="military deaths in the crisis", ylabel="share of crises", title="none, few, many")
    axes.set_ylim(bottom=0)
    axes.axvline(0.5, color="#d0d0d0", linewidth=0.7)
    axes.yaxis.grid(True)
    percent_axis(axes.yaxis)


def _exceedance(axes: Axes, groups: list[np.ndarray]) -> None:
    most = max((int(values.max()) for values in groups if values.size), default=1)
    grid = np.unique(np.round(np.geomspace(1, max(most, 10), 160)).astype(int))
    floor = 1.0
    for index, values in enumerate(groups):
        share = 1 - np.searchsorted(np.sort(values), grid, side="left") / max(values.size, 1)
        seen = share > 0
        bounds = [end[seen] for end in (share, *share_interval(share, values.size))]
        banded_line(axes, grid[seen], bounds, index)
        floor = min(floor, 0.7 / max(values.size, 1))
    axes.set(xscale="log", xlabel="at least so many military deaths", xlim=(1, max(most, 10) * 1.15))
    axes.set(yscale="log", ylabel="share of crises", ylim=(floor, 1.25), title="this many or more")
    for threshold, words in THRESHOLDS.items():
        if threshold < most:
            axes.axvline(threshold, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)))
            near(axes, words, (threshold, floor), (-2, 3), color=GREY, va="bottom", ha="right", rotation=90)
    plain_axis(axes.xaxis)
    small_percent(axes.yaxis)
    axes.grid(True)


def _words(values: np.ndarray) -> list[str]:
    """The median, and how often none or many died, with 95 % intervals."""
    shares = {
        "without deaths": np.mean(values == 0),
        "100 or more": np.mean(values >= 100),
        "1,000 or more": np.mean(values >= 1000),
    }
    cells = (
        f"{words} {percentage(*map(float, (share, *share_interval(share, max(values.size, 1)))))} %"
        for words, share in shares.items()
    )
    return [f"median {np.median(values):.0f}", *cells]
