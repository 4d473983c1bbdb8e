"""Figures of a calibration: ranks, coverage, predictions, contraction, pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from scipy.stats import binom

from experiments.calibration.diagnostics import Checked
from experiments.calibration.diagnostics import contraction as contracted
from experiments.calibration.emulator import learned
from experiments.calibration.inference import Observation
from experiments.design.priors import Table
from experiments.figures.palette import FAINT, GREY, INK, PALETTE
from experiments.figures.style import NOTES, Drawing, canvas, no_spines, percent_axis, styled
from experiments.text import plain, wrapped

BLUE, RED = PALETTE[0], PALETTE[1]
BINS = 10
FEW = 8
"""More parameters than this are not drawn in pairs: the most contracted are."""


@styled
def ranks(names: Sequence[str], checked: Checked) -> Drawing:
    """Histograms of the rank of the truth among posterior draws, a panel a parameter."""
    counts, total = checked.histogram(BINS), len(checked.ranks)
    low, high = binom.ppf([0.025, 0.975], total, 1 / BINS)
    across = min(5, len(names))
    down = -(-len(names) // across)
    note = NOTES["posterior_ranks"].format(total=total)
    figure = canvas(1.35 * down + 1.1, title="Where the truth ranks among the draws", note=note)
    panels = np.atleast_1d(figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)).ravel()
    for panel, name, heights in zip(panels, names, counts, strict=False):
        panel.axhspan(low, high, color=FAINT, linewidth=0)
        panel.bar((np.arange(BINS) + 0.5) / BINS, heights, width=0.9 / BINS, color=BLUE)
        panel.set_title(wrapped(name, 20), fontsize=8, fontweight="normal")
        panel.set_xlim(0, 1)
        if panel.get_subplotspec().is_last_row():
            panel.set_xlabel("rank of the truth")
    for panel in panels[len(names) :]:
        panel.set_visible(False)
    figure.supylabel("populations", fontsize=8.5, color=INK)
    outside = int(((counts < low) | (counts > high)).sum())
    return Drawing(
        figure,
        f"Rank histograms of {len(names)} parameters from {total} simulated populations; {outside} of "
        f"{counts.size} bars lie outside the band of even ranks.",
    )


@styled
def coverage(names: Sequence[str], checked: Checked) -> Drawing:
    """Share of truths inside central intervals against the share promised."""
    total, inside_90 = len(checked.ranks), checked.coverage()[0.9]
    levels = np.linspace(0.02, 0.98, 49)
    note = NOTES["posterior_coverage"].format(total=total)
    figure = canvas(3.4, width=4.6, title="Do intervals hold what they promise?", note=note)
    axes = figure.subplots()
    low, high = binom.ppf([[0.025], [0.975]], total, levels) / total
    axes.fill_between(levels, low, high, color=FAINT, linewidth=0)
    axes.plot([0, 1], [0, 1], color=GREY, linewidth=0.8)
    for number in range(len(names)):
        inside = [np.mean(np.abs(checked.ranks[:, number] - 0.5) <= level / 2) for level in levels]
        axes.plot(levels, inside, color=BLUE, linewidth=1, alpha=0.65)
    axes.set(xlim=(0, 1), ylim=(0, 1), xlabel="promised coverage", ylabel="actual coverage")
    percent_axis(axes.xaxis)
    percent_axis(axes.yaxis)
    worst = names[int(np.argmin(inside_90))]
    return Drawing(
        figure,
        f"Actual against promised coverage of {len(names)} parameters; at 90 % promised it ranges from "
        f"{inside_90.min():.0%} ({worst}) to {inside_90.max():.0%}.",
    )


@styled
def predictive(table: pl.DataFrame, observation: Observation) -> Drawing:
    """What the posterior predicts for each target, in standard errors of the record."""
    rows = table.to_dicts()
    title, note = "What the posterior predicts, target by target", NOTES["posterior_predictive"]
    figure = canvas(0.24 * len(rows) + 1.6, title=title, note=note)
    axes = figure.subplots()
    for y, row in enumerate(rows):
        number = observation.names.index(row["id"])
        middle, error = observation.value[number], observation.error[number]

        def away(value: float, name: str = row["id"], middle: float = middle, error: float = error) -> float:
            return float(np.clip((learned(name, np.array(value)) - middle) / error, -8, 8))

        # A record's interval need not lie evenly about its number; one without an interval has its error alone.
        bounds = (row["record_low"], row["record_high"])
        left, right = map(away, bounds) if row["has_interval"] else (-1.96, 1.96)
        axes.barh(y, right - left, left=left, height=0.72, color=FAINT)
        value, low, high = (away(row[key]) for key in ("value", "low", "high"))
        shade = BLUE if row["inside"] else RED
        axes.plot([low, high], [y, y], color=shade, linewidth=1.3, solid_capstyle="butt")
        axes.plot(value, y, "o", color=shade, markersize=4.5, markerfacecolor=shade if row["inside"] else "white")
    axes.axvline(0, color=GREY, linewidth=0.8)
    axes.set_yticks(range(len(rows)), [f"{row['id']}  {row['statistic']}  {_number(row['value'])}" for row in rows])
    axes.set(ylim=(len(rows) - 0.4, -0.6), xlim=(-8.3, 8.3), xlabel="standard errors of the record")
    axes.tick_params(axis="y", length=0)
    no_spines(axes, "left")
    inside = sum(row["inside"] for row in rows)
    missed = ", ".join(row["id"] for row in rows if not row["inside"]) or "none"
    return Drawing(figure, f"Posterior predictions of {len(rows)} targets; {inside} inside; missed: {missed}.")


def _number(value: float) -> str:
    return plain(value, 0) if abs(value) >= 100 else f"{value:.3g}"


@styled
def contraction(table: Table, draws: np.ndarray) -> Drawing:
    """From prior to posterior: a row a parameter, the prior's whole range being the width of the panel."""
    shrunk = contracted(draws)
    order = np.argsort(-shrunk)
    figure = canvas(0.34 * len(table) + 1.5, title="From prior to posterior", note=NOTES["posterior_contraction"])
    axes = figure.subplots()
    for y, number in enumerate(order):
        low, first, middle, third, high = np.quantile(draws[:, number], [0.05, 0.25, 0.5, 0.75, 0.95])
        shade = BLUE if shrunk[number] >= 0.2 else GREY
        axes.barh(y, 1, height=0.6, color="#f0f0f0")
        axes.barh(y, high - low, left=low, height=0.16, color=shade)
        axes.barh(y, third - first, left=first, height=0.42, color=shade)
        axes.plot([middle, middle], [y - 0.3, y + 0.3], color="white", linewidth=1.4)
        item = table[number]
        axes.text(-0.01, y, f"{item.low:g}", ha="right", va="center", fontsize=7, color=GREY)
        axes.text(1.01, y, f"{item.high:g}", ha="left", va="center", fontsize=7, color=GREY)
        axes.text(1.09, y, f"{max(shrunk[number], 0):.0%}", ha="left", va="center", fontsize=8)
    axes.set_yticks(range(len(table)), [table[number].name.replace("_", " ") for number in order])
    axes.tick_params(axis="y", length=0, pad=30)
    axes.set(xlim=(0, 1.16), ylim=(len(table) - 0.4, -0.6), xticks=[])
    no_spines(axes, "left", "bottom")
    weak = [table[number].name for number in order if shrunk[number] < 0.2]
    return Drawing(figure, f"Contraction of {len(table)} parameters; not identified: {', '.join(weak) or 'none'}.")


@styled
def pairs(names: Sequence[str], draws: np.ndarray) -> Drawing:
    """The draws of the most contracted parameters against each other."""
    few = np.sort(np.argsort(-contracted(draws))[:FEW])
    figure = canvas(0.95 * len(few) + 0.9, title="Draws of the posterior in pairs", note=NOTES["posterior_pairs"])
    panels = figure.subplots(len(few), len(few), squeeze=False)
    together = np.corrcoef(draws[:, few].T)
    for row, down in enumerate(few):
        for column, across in enumerate(few):
            _pair(panels[row, column], draws[:, across], draws[:, down], together[row, column], row - column)
        panels[row, 0].set_ylabel(wrapped(names[down], 11), fontsize=7, rotation=0, ha="right", va="center")
        panels[-1, row].set_xlabel(wrapped(names[down], 11), fontsize=7)
    strongest = np.unravel_index(np.argmax(np.abs(together - np.eye(len(few)))), together.shape)
    first, second = (names[few[number]] for number in strongest)
    return Drawing(
        figure,
        f"Pairs of {len(few)} parameters; the strongest correlation is {together[strongest]:.2f}, between "
        f"{first} and {second}.",
    )


def _pair(panel: Axes, across: np.ndarray, down: np.ndarray, together: float, below: int) -> None:
    panel.set(xlim=(0, 1), xticks=[], yticks=[])
    if below == 0:
        panel.hist(across, bins=16, range=(0, 1), color=BLUE)
        no_spines(panel, "left")
    elif below > 0:
        panel.plot(across, down, ".", color=BLUE, markersize=1.8, alpha=0.35, markeredgewidth=0)
        panel.set_ylim(0, 1)
    else:
        text, shade = plain(together, 2), INK if abs(together) >= 0.3 else GREY
        panel.text(0.5, 0.5, text, transform=panel.transAxes, color=shade, ha="center", va="center", fontsize=8)
        no_spines(panel, "left", "bottom")


@styled
def weights(structures: Mapping[str, Mapping[str, float]], rows: Sequence[Mapping[str, Any]]) -> Drawing:
    """Weights of the structures with their intervals, and each row's log predictive density against the best one's."""
    names = list(structures)
    title = "Which way of ending fighting predicts what it was not fitted to?"
    figure = canvas(0.17 * len(rows) + 1.6, title=title, note=NOTES["posterior_weights"])
    left, right = figure.subplots(1, 2, width_ratios=(1, 2.2))
    for y, name in enumerate(names):
        row = structures[name]
        left.plot([row["low"], row["high"]], [y, y], color=PALETTE[y], linewidth=2.2)
        left.plot(row["weight"], y, "o", color=PALETTE[y], markersize=6)
    left.set_yticks(range(len(names)), names)
    left.set(xlim=(0, 1), ylim=(len(names) - 0.5, -0.5), xlabel="weight")
    for y, row in enumerate(rows):
        best = max(row[name] for name in names)
        for number, name in enumerate(names):
            gap = max(row[name] - best, -4)
            right.plot(gap, y, "o", color=PALETTE[number], markersize=3.6, alpha=0.85)
    right.set_yticks(range(len(rows)), [row["id"] for row in rows], fontsize=6.5)
    right.set(xlim=(-4.1, 0.15), ylim=(len(rows) - 0.5, -0.5), xlabel="log predictive density less the best")
    largest = max(names, key=lambda name: structures[name]["weight"])
    text = ", ".join(f"{name} {structures[name]['weight']:.2f}" for name in names)
    return Drawing(figure, f"Weights of the structures: {text}. The largest is that of {largest}.")
