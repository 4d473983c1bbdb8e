"""Figures of arms over states of the world: levels by state, regret, and what is worth finding out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from experiments.figures.palette import GREY, INK, colour
from experiments.figures.parts import Row, as_rows, beside, capital, row_height, row_name
from experiments.figures.style import NOTES, Drawing, canvas, key, percent_axis, plain_axis, styled
from experiments.text import bracketed, percentage, wrapped

MOST = 12
"""Parameters drawn whose information is worth something, beside all that is uncertain."""
REGRETS = {
    "regret_best": "behind the best arm,\nmean",
    "regret_best_90": "behind the best arm,\nnine states of ten",
    "regret_own_90": "below its own median,\nnine states of ten",
    "best": "best of all in this\nshare of states",
}


@styled
def states_of_arms(arms: Sequence[str], levels: np.ndarray, table: pl.DataFrame, label: str, kind: str) -> Drawing:
    """Draw each arm's level in every state, its mean and its worst tenth.

    Parameters
    ----------
    arms : sequence of str
    levels : array, shape (states, arms)
        Levels with the noise of luck taken out.
    table : pl.DataFrame
        One metric's rows of :class:`experiments.decide.robust.Robustness`.
    label, kind : str
        Of the metric.
    """
    cells = {(row["arm"], row["measure"]): row for row in table.iter_rows(named=True)}
    height = sum(max(row_height(arm), 0.42) for arm in arms) + 1.4
    figure = canvas(height, title=f"{capital(label)}, state by state", note=NOTES["states"])
    axes = figure.subplots()
    generator = np.random.default_rng(1)
    texts = []
    for place, arm in enumerate(arms):
        jitter = generator.uniform(-0.22, 0.22, len(levels))
        dots = np.clip(levels[:, place], 0, 1 if kind == "probability" else None)
        axes.plot(dots, place + jitter, ".", color=GREY, markersize=2.5, alpha=0.5)
        mean = cells[arm, "mean"]
        _both_intervals(axes, place, mean, colour(0), "o", None if place else "mean")
        _both_intervals(axes, place + 0.3, cells[arm, "worst_tenth"], colour(1), "D", None if place else "worst tenth")
        ends = mean["value"], mean["low"], mean["high"]
        text = f"{percentage(*ends, 0)} %" if kind == "probability" else bracketed(*ends)
        beside(axes, place, text)
        texts.append(f"{arm} {text}")
    axes.set_yticks(range(len(arms)), [row_name(arm) for arm in arms])
    axes.set(ylim=(len(arms) - 0.4, -0.6), xlabel=label)
    if kind == "probability":
        percent_axis(axes.xaxis)
    if kind == "geometric":
        axes.set_xscale("symlog", linthresh=1)
        plain_axis(axes.xaxis)
    as_rows(axes)
    key(axes, *axes.get_legend_handles_labels())
    return Drawing(figure, f"Mean of {label} over states: {'; '.join(texts)}.")


def _both_intervals(axes: Axes, place: float, row: Row, hue: str, form: str, label: str | None = None) -> None:
    axes.plot([row["low"], row["high"]], [place, place], color=hue, linewidth=0.9)
    axes.plot([row["luck_low"], row["luck_high"]], [place, place], color=hue, linewidth=2.6, alpha=0.8)
    axes.plot(row["value"], place, form, color=hue, markersize=5, label=label)


@styled
def regret(table: pl.DataFrame, label: str, kind: str) -> Drawing:
    """Draw regret of both kinds, and how often each arm is best.

    Parameters
    ----------
    table : pl.DataFrame
        One metric's rows of :class:`experiments.decide.robust.Robustness`.
    label, kind : str
        Of the metric.
    """
    arms = table["arm"].unique(maintain_order=True).to_list()
    figure = canvas(sum(row_height(arm) for arm in arms) + 1.5, title=f"Regret in {label}", note=NOTES["regret"])
    grid = figure.subplots(1, len(REGRETS), sharey=True)
    for axes, (measure, words) in zip(grid, REGRETS.items(), strict=True):
        for row in table.filter(pl.col("measure") == measure).iter_rows(named=True):
            _both_intervals(axes, arms.index(row["arm"]), row, colour(0), "o")
        axes.set_title(words, fontsize=7.5)
        if measure == "best":
            percent_axis(axes.xaxis)
            axes.set_xlim(-0.03, 1.03)
        elif kind == "probability":
            axes.set_xlim(left=-0.03)
            axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:.4g}")
            axes.set_xlabel("percentage points", fontsize=7.5)
        axes.tick_params(axis="x", labelsize=7)
        as_rows(axes)
    grid[0].set_yticks(range(len(arms)), [row_name(arm) for arm in arms])
    grid[0].set_ylim(len(arms) - 0.5, -0.5)
    if kind == "geometric":
        grid[0].set_xlabel("times", fontsize=7.5)
    own = dict(table.filter(pl.col("measure") == "best").select("arm", "value").iter_rows())
    cells = ", ".join(f"{arm} {own[arm]:.0%}" for arm in arms)
    return Drawing(figure, f"Share of states in which an arm is best: {cells}.")


@styled
def worth_finding_out(table: pl.DataFrame, label: str, kind: str) -> Drawing:
    """Draw the expected value of perfect information on each parameter beside what chance alone gives.

    Parameters
    ----------
    table : pl.DataFrame
        `parameter, value, low, high, chance`, all that is uncertain first.
    label, kind : str
        Of the metric.
    """
    shown = table.head(MOST + 1)
    factor = 100 if kind == "probability" else 1
    unit = {"probability": " (percentage points)", "geometric": " (log units)"}.get(kind, "")
    height = sum(row_height(name, 40) for name in shown["parameter"]) + 1.3
    figure = canvas(height, title="What is worth finding out first", note=NOTES["information"])
    axes = figure.subplots()
    for place, row in enumerate(shown.iter_rows(named=True)):
        axes.barh(place, factor * row["value"], height=0.55, color=colour(0), alpha=0.75 if place else 0.35)
        axes.plot([factor * row["low"], factor * row["high"]], [place, place], color=INK, linewidth=1.0)
        axes.plot(factor * row["chance"], place, "|", color=colour(1), markersize=11, markeredgewidth=2)
    axes.set_yticks(range(shown.height), [wrapped(name, 40) for name in shown["parameter"]], fontsize=7)
    axes.set(ylim=(shown.height - 0.4, -0.6), xlabel=f"gain in {label}{unit}")
    axes.set_xlim(left=0)
    as_rows(axes)
    cells = ", ".join(f"{row['parameter']} {factor * row['value']:.2f}" for row in shown.iter_rows(named=True))
    return Drawing(figure, f"Expected gain in {label} of knowing: {cells}.")
