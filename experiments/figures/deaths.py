"""Military deaths: how often none, how often many."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from experiments.figures.parts import banded_line
from experiments.figures.style import (
    GREY,
    Drawing,
    arm_handles,
    canvas,
    colour,
    headed,
    key_height,
    marker,
    percent_axis,
    plain_axis,
    small_percent,
    styled,
)
from experiments.statistics.classes import DEATHS, death_classes, edges_of_deaths
from experiments.statistics.intervals import share_interval
from experiments.text import percentage

THRESHOLDS = {100: "limited war", 1000: "war"}
NOTE = (
    "Left: share of crises with none and with so many dead, 95 % Wilson intervals. Right: share with at least so "
    "many, same intervals as bands; both axes logarithmic. Dotted: 100 and 1,000 dead."
)


@styled
def deaths_distribution(deaths: Mapping[str, np.ndarray]) -> Drawing:
    """Draw the distribution of military deaths.

    Parameters
    ----------
    deaths : mapping of str to int array, shape (lanes,)
        Military deaths of both sides together, by arm.
    """
    arms = {name: np.asarray(values) for name, values in deaths.items()}
    figure = canvas(3.9 + key_height(list(arms)), note=NOTE)
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _classes(left, list(arms.values()))
    _exceedance(right, list(arms.values()))
    headed(figure, "How many soldiers died", arm_handles(left, len(arms)), list(arms))
    return Drawing(figure, _alt(arms))


@styled
def classes_distribution(groups: Mapping[str, np.ndarray], label: str, edges: np.ndarray) -> Drawing:
    """Draw how often crises had none, few or many of something.

    Parameters
    ----------
    groups : mapping of str to int array, shape (lanes,)
        Numbers of it, by arm.
    label : str
        Words for what is counted.
    edges : int array
        First numbers that classes may begin with.
    """
    figure = canvas(3.2 + key_height(list(groups)), note="Share of crises, 95 % Wilson intervals.")
    axes = figure.subplots()
    tables = _classes(axes, list(groups.values()), edges)
    axes.set(xlabel=f"{label} in the crisis", title="")
    headed(figure, f"How many {label}", arm_handles(axes, len(groups)), list(groups))
    parts = (
        f"{arm}: " + ", ".join(f"{words} {percentage(*ends)} %" for words, *ends in table.iter_rows())
        for arm, table in zip(groups, tables, strict=True)
    )
    return Drawing(figure, f"Distribution of {label} in a crisis, 95 % intervals. {'; '.join(parts)}.")


def _classes(axes: Axes, groups: list[np.ndarray], edges: np.ndarray = DEATHS) -> list[pl.DataFrame]:
    rows = [death_classes(values, edges_of_deaths(groups, edges)) for values in groups]
    for index, classes in enumerate(rows):
        share, low, high = (classes[name].to_numpy() for name in ("value", "low", "high"))
        places = np.arange(classes.height) + 0.15 * (index - (len(groups) - 1) / 2)
        axes.errorbar(
            places,
            share,
            [share - low, high - share],
            fmt=marker(index),
            color=colour(index),
            markersize=4.2,
            elinewidth=1.3,
            markeredgecolor="white",
            markeredgewidth=0.4,
            clip_on=False,
            zorder=3,
        )
    words = rows[0]["words"].to_list()
    axes.set_xticks(range(len(words)), words, rotation=40, ha="right", rotation_mode="anchor")
    axes.set(xlabel="military deaths in the crisis", ylabel="share of crises", title="none, few, many")
    axes.set_ylim(bottom=0)
    axes.axvline(0.5, color="#d0d0d0", linewidth=0.7)
    axes.yaxis.grid(True)
    percent_axis(axes.yaxis)
    return rows


def _exceedance(axes: Axes, groups: list[np.ndarray]) -> None:
    most = max((int(values.max()) for values in groups if values.size), default=1)
    grid = np.unique(np.round(np.geomspace(1, max(most, 10), 160)).astype(int))
    floor = 1.0
    for index, values in enumerate(groups):
        share = 1 - np.searchsorted(np.sort(values), grid, side="left") / max(values.size, 1)
        low, high = share_interval(share, values.size)
        seen = share > 0
        banded_line(axes, grid[seen], (share[seen], low[seen], high[seen]), index)
        floor = min(floor, 0.7 / max(values.size, 1))
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="at least so many military deaths",
        ylabel="share of crises",
        title="this many or more",
        ylim=(floor, 1.25),
        xlim=(1, max(most, 10) * 1.15),
    )
    for threshold, words in THRESHOLDS.items():
        if threshold < most:
            axes.axvline(threshold, color=GREY, linewidth=0.9, linestyle=(0, (1, 2)))
            axes.annotate(
                words,
                (threshold, floor),
                (-2, 3),
                textcoords="offset points",
                fontsize=7.5,
                color=GREY,
                va="bottom",
                ha="right",
                rotation=90,
            )
    plain_axis(axes.xaxis)
    small_percent(axes.yaxis)
    axes.grid(True)


def _alt(arms: Mapping[str, np.ndarray]) -> str:
    parts = []
    for name, values in arms.items():
        size = max(values.size, 1)
        cells = []
        for words, share in (
            ("without deaths", np.mean(values == 0)),
            ("100 or more", np.mean(values >= 100)),
            ("1,000 or more", np.mean(values >= 1000)),
        ):
            low, high = share_interval(share, size)
            cells.append(f"{words} {percentage(float(share), float(low), float(high))} %")
        parts.append(f"{name}: median {np.median(values):.0f}, " + ", ".join(cells))
    return "Distribution of military deaths in a crisis, 95 % intervals. " + "; ".join(parts) + "."
