"""What became of the crises, arm by arm: shares of outcomes, rescued and harmed, deaths, days with shots and to calm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from experiments.figures.palette import CATEGORY_COLOURS, GREY, INK, JOINT_COLOURS, colour
from experiments.figures.parts import (
    OUTLINED,
    Row,
    as_rows,
    banded_line,
    beside,
    by_name,
    columns_of,
    highest,
    interval,
    near,
    row_height,
    row_name,
    share_words,
    stacked_bars,
    upright,
)
from experiments.figures.style import (
    NOTES,
    Drawing,
    arm_handles,
    canvas,
    headed_by_arms,
    key,
    marker,
    no_spines,
    percent_axis,
    plain_axis,
    small_percent,
    styled,
)
from experiments.statistics.contrasts import CLASSES
from experiments.statistics.estimates import DEATHS, death_classes, edges_of_deaths
from experiments.statistics.intervals import share_interval
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import percentage, wrapped
from sim.ladder import CALM_DAYS

THRESHOLDS = {100: "limited war", 1000: "war"}


@styled
def deaths_distribution(deaths: Mapping[str, np.ndarray]) -> Drawing:
    """Draw the distribution of military deaths of both sides together: whole numbers of shape (lanes,), by arm."""
    groups = list(deaths.values())
    figure = canvas(3.9, note=NOTES["deaths"], labels=list(deaths))
    left, right = figure.subplots(1, 2, width_ratios=[1.15, 1])
    _classes(left, groups)
    _exceedance(right, groups)
    headed_by_arms(figure, "How many soldiers died", list(deaths))
    cells = {name: _deaths_words(values) for name, values in deaths.items()}
    return Drawing(figure, f"Distribution of military deaths in a crisis, 95 % intervals. {by_name(cells)}.")


@styled
def classes_distribution(groups: Mapping[str, np.ndarray], label: str, edges: np.ndarray) -> Drawing:
    """Draw how often crises had none, few or many of something: whole numbers of shape (lanes,), by arm.

    ``edges`` are the first numbers that classes may begin with, ``label`` says what is counted.
    """
    figure = canvas(3.2, note=NOTES["classes"], labels=list(groups))
    axes = figure.subplots()
    tables = _classes(axes, list(groups.values()), edges)
    axes.set(xlabel=f"{label} in the crisis", title="")
    headed_by_arms(figure, f"How many {label}", list(groups))
    cells = {
        arm: [f"{words} {percentage(*ends)} %" for words, *ends in table.iter_rows()]
        for arm, table in zip(groups, tables, strict=True)
    }
    return Drawing(figure, f"Distribution of {label} in a crisis, 95 % intervals. {by_name(cells)}.")


def _classes(axes: Axes, groups: list[np.ndarray], edges: np.ndarray = DEATHS) -> list[pl.DataFrame]:
    rows = [death_classes(values, edges_of_deaths(groups, edges)) for values in groups]
    for index, classes in enumerate(rows):
        shift = 0.15 * (index - (len(groups) - 1) / 2)
        look = {**OUTLINED, "markersize": 4.2, "elinewidth": 1.3}
        upright(axes, np.arange(classes.height), columns_of(classes), index, shift, **look)
    axes.set_xticks(range(rows[0].height), rows[0]["words"].to_list(), rotation=40, ha="right", rotation_mode="anchor")
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


def _deaths_words(values: np.ndarray) -> list[str]:
    """The median, and how often none or many died, with 95 % intervals."""
    kinds = {"without deaths": values == 0, "100 or more": values >= 100, "1,000 or more": values >= 1000}
    cells = [f"median {np.median(values):.0f}"]
    for words, met in kinds.items():
        share = float(met.mean())
        low, high = map(float, share_interval(share, max(values.size, 1)))
        cells.append(f"{words} {percentage(share, low, high)} %")
    return cells


CLASS = 4
"""Width of a class of days in the ridges."""

UNSEEN = f"Days until calm are left out: a calm takes {CALM_DAYS} days to be seen."


@styled
def days_distribution(
    hot: Mapping[str, np.ndarray], calm: Mapping[str, np.ndarray], horizon: int, last_calm: int
) -> Drawing:
    """Draw the distributions of days with shots and of days until calm, each of shape (lanes,), by arm.

    Days until calm are NaN where none came, and empty for arms too short for one to be seen; ``last_calm`` is the last
    day on which a calm can be seen to begin, -1 where none can.
    """
    arms = list(hot)
    seen = last_calm >= 0
    ending = ", the share on the right had no calm while it could be seen." if seen else f". {UNSEEN}"
    rows = max(row_height(arm, 20, 0.42) for arm in arms) * len(arms)
    figure = canvas(3.2 + rows + 0.9, note=NOTES["days"] + ending, labels=arms)
    shown = [(hot, horizon, "days with shots"), (calm, last_calm, "days until calm")][: 1 + seen]
    heights = [2.4, rows + 0.9]
    panels = figure.subplots(2, len(shown), height_ratios=heights, sharex="col", squeeze=False)
    for column, (values, end, words) in enumerate(shown):
        groups = [np.asarray(values[name], float) for name in arms]
        _cumulative(panels[0, column], groups, min(end, horizon - 1), words)
        _ridges(panels[1, column], groups, end, words)
    panels[0, 0].set_ylabel("share of crises")
    panels[1, 0].set_yticks(0.3 - np.arange(len(arms)), [row_name(name, 20) for name in arms])
    panels[1, 0].tick_params(axis="y", length=0)
    headed_by_arms(figure, "How long crises lasted", arms)
    besides = " and of the days until calm" if any(len(days) for days in calm.values()) else ""
    cells = by_name({name: _days_words(hot[name], calm[name]) for name in arms})
    return Drawing(figure, f"Distributions of the days with shots{besides}. {cells}.")


def _cumulative(axes: Axes, groups: list[np.ndarray], end: int, words: str) -> None:
    days = np.arange(end + 1)
    for index, values in enumerate(groups):
        share = np.searchsorted(np.sort(values), days, side="right") / max(values.size, 1)
        low, high = share_interval(share, values.size)
        banded_line(axes, days, (share, low, high), index, steps=True)
    axes.set(title=words, ylim=(0, 1.01), xlim=(0, max(end, 1)))
    axes.grid(True)
    percent_axis(axes.yaxis)


def _ridges(axes: Axes, groups: list[np.ndarray], end: int, words: str) -> None:
    edges = np.append(np.arange(0, max(end, 1), CLASS), end + 1)
    heights = [np.histogram(values[~np.isnan(values)], edges)[0] / max(values.size, 1) for values in groups]
    tallest = max(float(np.max(np.sqrt(height))) for height in heights) or 1.0
    for index, (values, height) in enumerate(zip(groups, heights, strict=True)):
        curve = 0.85 * np.sqrt(height) / tallest
        look: dict[str, Any] = {"color": colour(index), "edgecolor": "white", "linewidth": 0.8, "zorder": index + 2}
        axes.fill_between(edges, -index, np.append(curve, curve[-1]) - index, step="post", alpha=0.55, **look)
        middle = _median(values)
        if middle <= end:
            axes.plot([middle, middle], [-index, 0.86 - index], color=INK, linewidth=0.9, zorder=15)
            near(axes, f"{middle:.0f}", (middle, 0.86 - index), (3, -1), va="top", zorder=16)
        if np.isnan(values).any():
            share = f"{np.mean(np.isnan(values)):.0%}\nnone".replace("%", " %")
            near(axes, share, (max(end, 1), 0.3 - index), (5, 0), color=INK, va="center", annotation_clip=False)
    axes.set(ylim=(-len(groups) + 0.85, 1.0), xlabel=words, xlim=(0, max(end, 1)))
    axes.set_yticks([])
    no_spines(axes, "left")


def _median(days: np.ndarray) -> float:
    """The median where what never came comes last."""
    return float(np.median(np.where(np.isnan(days), np.inf, days))) if days.size else np.inf


def _days_words(hot: np.ndarray, calm: np.ndarray) -> list[str]:
    shots = f"median {np.median(hot):.0f} days with shots"
    if not calm.size:
        return [shots]
    middle = f"{_median(calm):.0f}" if np.isfinite(_median(calm)) else "not reached"
    return [shots, f"median days until calm {middle}", f"{np.mean(np.isnan(calm)):.1%} without calm"]


TITLES = {"severity": "How severe the crises became", "termination": "How the first calm came about"}
LONGEST = 60
"""Letters of an arm's name that a line of the key holds."""


@styled
def stacked_shares(shares: pl.DataFrame, column: str) -> Drawing:
    """Draw the shares of a column's categories as stacked bars, and beneath them as marks with intervals.

    Shares are as `statistics.estimates.shares` gives them, arms below one another; the column is `severity` or
    `termination`.
    """
    rows = _rows_by_arm(shares, "category")
    seen = {row["category"] for row in shares.iter_rows(named=True) if row["value"] > 0}
    words = {name: label for name, label in CATEGORIES[column].items() if name in seen}
    heights = [max(map(row_height, rows)) * len(rows) + 0.5, 0.19 * len(rows) * len(words) + 0.14 * len(words) + 0.4]
    names = 0.15 * sum(wrapped(arm, LONGEST).count("\n") for arm in rows)
    figure = canvas(sum(heights) + names + 0.9, title=TITLES[column], note=NOTES["shares"])
    top, bottom = figure.subplots(2, 1, height_ratios=heights)
    bars = {arm: {name: row[name]["value"] for name in words} for arm, row in rows.items()}
    stacked_bars(top, bars, CATEGORY_COLOURS[column], words, "share of crises", 0.72)
    _marks(bottom, rows, words, highest(shares["high"], shares["value"]))
    return Drawing(figure, f"{TITLES[column]}, in per cent of crises with 95 % intervals. {share_words(rows, words)}.")


def _rows_by_arm(table: pl.DataFrame, column: str) -> dict[str, dict[str, Row]]:
    """Rows of a table by arm and by another column, in the order in which they come."""
    rows: dict[str, dict[str, Row]] = {}
    for row in table.iter_rows(named=True):
        rows.setdefault(row["arm"], {})[row[column]] = row
    return rows


def _marks(axes: Axes, rows: Mapping[str, Mapping[str, Row]], words: Mapping[str, str], top: float) -> None:
    step = len(rows) + 0.75
    for block, category in enumerate(words):
        for number, by_category in enumerate(rows.values()):
            row, place = by_category[category], block * step + number
            interval(axes, place, row, colour(number), marker(number), markersize=4.2, **OUTLINED)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
        if block:
            axes.axhline(block * step - 0.875, color="#e6e6e6", linewidth=0.7)
    middle = (len(rows) - 1) / 2
    axes.set_yticks([block * step + middle for block in range(len(words))], [wrapped(w, 18) for w in words.values()])
    axes.set(xlim=(0, min(max(top, 0.05) * 1.04, 1)), ylim=(len(words) * step - 1, -0.8), xlabel="share of crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis)
    handles = arm_handles(range(len(rows)), linestyle="none")
    key(axes, handles, [wrapped(arm, LONGEST) for arm in rows], labelcolor=GREY)


@styled
def joint_shares(table: pl.DataFrame) -> Drawing:
    """Draw the joint table of one bad outcome, as `statistics.contrasts.joint_table` gives it, a bar an arm."""
    rows = _rows_by_arm(table, "class")
    outcome, baseline = table["outcome"][0], table["baseline"][0]
    height = max(row_height(arm, least=0.36) for arm in rows) * len(rows)
    title = f"Rescued and harmed, against {baseline}: {outcome}"
    figure = canvas(0.59 * len(rows) + height + 2.3, title=title, note=NOTES["joint"])
    top, bottom = figure.subplots(2, 1, height_ratios=[height + 0.35, 0.6 * len(rows) + 0.3])
    bars = {arm: {name: row[name]["value"] for name in CLASSES} for arm, row in rows.items()}
    stacked_bars(top, bars, JOINT_COLOURS, CLASSES, "share of matched crises", 0.7)
    _bounds(bottom, rows)
    alt = f"Crises of equal luck under {baseline} and under other arms; bad outcome: {outcome}."
    return Drawing(figure, f"{alt} {share_words(rows, CLASSES)}.")


def _bounds(axes: Axes, rows: Mapping[str, Mapping[str, Row]]) -> None:
    """Draw the shares rescued and harmed with their intervals, over what the margins alone allow."""
    marks = {"rescued": (-0.2, "o"), "harmed": (0.2, "D")}
    look = {**OUTLINED, "markersize": 5, "markeredgewidth": 0.5, "zorder": 4}
    bracket: dict[str, Any] = {"color": "#b4b4b4", "linewidth": 1, "marker": "|", "markersize": 7}
    for number, (arm, by_class) in enumerate(rows.items()):
        for name, (offset, form) in marks.items():
            row, place = by_class[name], number + offset
            axes.plot([row["frechet_low"], row["frechet_high"]], [place, place], **bracket)
            interval(axes, place, row, JOINT_COLOURS[name], form, 2.6, **look)
            beside(axes, place, percentage(row["value"], row["low"], row["high"]), color=INK)
        words, across = wrapped(arm, 80, 1), axes.get_yaxis_transform()
        axes.text(0.008, number - 0.42, words, transform=across, fontsize=7.5, color=GREY, va="center")
    places = [(number + offset, CLASSES[name]) for number in range(len(rows)) for name, (offset, _) in marks.items()]
    axes.set_yticks(*zip(*places, strict=True))
    top = highest(*([row[name]["high"], row[name]["frechet_high"]] for row in rows.values() for name in marks))
    axes.set(xlim=(0, max(top * 1.05, 0.02)), ylim=(len(rows) - 0.6, -0.62), xlabel="share of matched crises")
    as_rows(axes, spine=True)
    percent_axis(axes.xaxis, 0 if top > 0.05 else 1)
