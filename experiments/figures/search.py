"""Figures of a search: its front, its levers, its progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from experiments.figures.palette import FAINT, GREY, INK, colour
from experiments.figures.parts import by_name, near
from experiments.figures.style import NOTES, WIDTH, Drawing, canvas, no_spines, percent_axis, plain_axis, styled
from experiments.text import as_typed, percentage, wrapped
from sim.scenario import parameters

DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)))
Words = Mapping[str, tuple[str, str]]
"""Measure -> its label and its kind."""


@styled
def front(policies: pl.DataFrame, arms: pl.DataFrame, words: Words) -> Drawing:
    """Draw judged policies with their intervals, each measure over the cost, or over the first measure.

    Parameters
    ----------
    policies : pl.DataFrame
        As :func:`experiments.decide.judging.judge` gives them.
    arms : pl.DataFrame
        The arms beside them, with the same measures.
    words : mapping
        Measure -> label and kind.
    """
    names = list(words)
    first, priced = names[0], "cost" in policies.columns
    shown = names if priced else names[1:] or names
    across, label = (
        (policies["cost"], "declared cost (sum of prices)") if priced else (policies[first], words[first][0])
    )
    rows = -(-len(shown) // 2)
    figure = canvas(2.5 * rows + 1.1, title="Policies on fresh luck and fresh states", note=NOTES["front"])
    panels = figure.subplots(rows, min(len(shown), 2), squeeze=False).ravel()
    for panel in panels[len(shown) :]:
        panel.set_axis_off()
    for axes, name in zip(panels, shown, strict=False):
        for number, (row, place) in enumerate(zip(policies.iter_rows(named=True), across, strict=True)):
            fill = colour(0) if row["on_front"] else "white"
            axes.plot([place] * 2, [row[f"{name}_low"], row[f"{name}_high"]], color=colour(0), linewidth=1.0, alpha=0.7)
            axes.plot(place, row[name], "o", color=colour(0), markerfacecolor=fill, markersize=4.5)
            if row["on_front"]:
                end, away = (f"{name}_low", -9) if number % 2 else (f"{name}_high", 3)  # neighbours above and below
                near(axes, row["name"].removeprefix("policy_"), (place, row[end]), (-4, away), fontsize=6.5, color=INK)
        for number, row in enumerate(arms.iter_rows(named=True), 1):
            axes.axhspan(row[f"{name}_low"], row[f"{name}_high"], color=colour(number), alpha=0.12, linewidth=0)
            axes.axhline(row[name], color=colour(number), linewidth=1.1, linestyle=DASHES[number % 3], label=row["arm"])
        axes.set(xlabel=label, ylabel=wrapped(words[name][0], 30))
        _measure_axis(axes, words[name][1])
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper right", ncols=len(labels), fontsize=7.5)
    cells = ", ".join(
        f"{row['name']} " + (f"at cost {row['cost']:.2f} " if priced else "") + _level(row, first, words[first][1])
        for row in policies.iter_rows(named=True)
    )
    return Drawing(figure, f"{words[first][0]} of each judged policy: {cells}.")


def _measure_axis(axes: Axes, kind: str) -> None:
    """Show shares in per cent, and typical numbers of deaths on a logarithmic axis, from none on where there are none."""
    if kind == "probability":
        percent_axis(axes.yaxis)
    if kind == "geometric":
        low, _ = axes.get_ylim()
        axes.set_yscale("log") if low > 0 else axes.set_yscale("symlog", linthresh=1)
        plain_axis(axes.yaxis)


def _lever(path: str, width: int) -> str:
    """A lever's name as an axis shows it, with its unit where it is a number of days."""
    parameter = parameters().get(path)
    unit = " (days)" if parameter and parameter.unit == "days" else ""
    return wrapped(path.removeprefix("mediation.").replace("_", " ") + unit, width)


def _level(row: Mapping[str, Any], name: str, kind: str) -> str:
    ends = row[name], row[f"{name}_low"], row[f"{name}_high"]
    return f"{percentage(*ends)} %" if kind == "probability" else f"{ends[0]:.2f}"


@styled
def parallel(
    policies: pl.DataFrame,
    places: Sequence[Sequence[float]],
    ends: Mapping[str, tuple[Any, Any]],
    first: tuple[str, tuple[str, str]],
) -> Drawing:
    """Draw the levers of judged policies side by side, a line a policy, coloured by the first measure.

    Parameters
    ----------
    policies : pl.DataFrame
    places : array, shape (policies, levers)
        Where each lever stands, 0 to 1.
    ends : mapping
        Lever -> its two ends.
    first : (str, (str, str))
        The first measure, its label and its kind.
    """
    name, (label, kind) = first
    values = policies[name].to_numpy()
    norm = Normalize(values.min(), values.max() if values.max() > values.min() else values.min() + 1e-9)
    ramp = colormaps["viridis"]
    width = max(WIDTH, 0.75 * len(ends) + 1.5)
    figure = canvas(3.6, width, "Levers of the kept policies", NOTES["levers"])
    axes = figure.subplots()
    for row, line in zip(policies.iter_rows(named=True), places, strict=True):
        style = "-" if row["on_front"] else (0, (2, 2))
        axes.plot(range(len(line)), line, linestyle=style, color=ramp(norm(row[name])), linewidth=1.4, marker="o", ms=3)
    axes.set_xticks(range(len(ends)), [_lever(path, 12) for path in ends], fontsize=7.5)
    for place, (low, high) in enumerate(ends.values()):
        axes.axvline(place, color=FAINT, linewidth=0.8, zorder=0)
        axes.text(place, -0.06, as_typed(low), ha="center", va="top", fontsize=6.5, color=GREY)
        axes.text(place, 1.06, as_typed(high), ha="center", va="bottom", fontsize=6.5, color=GREY)
    axes.set(ylim=(-0.16, 1.16), yticks=[])
    axes.tick_params(axis="x", length=0, pad=8)
    no_spines(axes, *axes.spines)
    bar = figure.colorbar(ScalarMappable(norm, ramp), ax=axes, fraction=0.03, pad=0.02)
    bar.set_label(wrapped(label, 30), fontsize=7.5)
    if kind == "probability":
        percent_axis(bar.ax.yaxis)
    short = ", ".join(_lever(path, 10_000) for path in ends)
    cells = {name: [f"{value:.2f}" for value in line] for name, line in zip(policies["name"], places, strict=True)}
    return Drawing(figure, f"Position of each lever between its ends ({short}): {by_name(cells)}.")


@styled
def progress(table: pl.DataFrame) -> Drawing:
    """Draw hypervolume over candidates tried, from a table of `generation, candidates, hypervolume`."""
    figure = canvas(2.8, title="How much the front covers", note=NOTES["progress"])
    axes = figure.subplots()
    axes.plot(table["candidates"], table["hypervolume"], color=colour(0), marker="o", markersize=3)
    axes.set(xlabel="candidates tried", ylabel="hypervolume (share)", ylim=(0, None))
    axes.yaxis.grid(True)
    first, last = table.row(0, named=True), table.row(-1, named=True)
    ends = (f"{row['hypervolume']:.3f} after {row['candidates']}" for row in (first, last))
    return Drawing(figure, "Hypervolume rises from {} candidates to {}.".format(*ends))


@styled
def levers_against(candidates: pl.DataFrame, levers: Sequence[str], seen: Sequence[str], words: Words) -> Drawing:
    """Draw what was seen of every candidate over each lever, a row of panels an objective.

    Parameters
    ----------
    candidates : pl.DataFrame
        A row a candidate: levers, `..._seen`, `stage`.
    levers, seen : sequence of str
        Columns to draw.
    words : mapping
        Measure -> label and kind.
    """
    width = max(WIDTH, 1.15 * len(levers) + 0.8)
    title = "Levers against objectives, as seen while searching"
    figure = canvas(1.7 * len(seen) + 0.9, width, title, NOTES["candidates"])
    grid = figure.subplots(len(seen), len(levers), squeeze=False, sharey="row", sharex="col")
    kept = (candidates["stage"] == "kept").to_numpy()
    strongest = []
    for line, column in zip(grid, seen, strict=True):
        label, kind = words[column.removesuffix("_seen")]
        values = candidates[column].to_numpy()
        for axes, lever in zip(line, levers, strict=True):
            own = candidates[lever].to_numpy()
            axes.plot(own, values, ".", color=FAINT, markeredgecolor=GREY, markersize=3, markeredgewidth=0.2)
            axes.plot(own[kept], values[kept], "o", color=colour(1), markersize=3)
            known = np.isfinite(values)
            if np.ptp(own[known]) > 0 and np.ptp(values[known]) > 0:
                strongest.append((abs(float(np.corrcoef(own[known], values[known])[0, 1])), lever, label))
        line[0].set_ylabel(wrapped(label, 18), fontsize=7.5)
        _measure_axis(line[0], kind)
    for axes, lever in zip(grid[-1], levers, strict=True):
        axes.set_xlabel(_lever(lever, 14), fontsize=7.5)
        axes.tick_params(axis="x", labelsize=6.5)
    text = "; ".join(f"{lever} with {label} {size:.2f}" for size, lever, label in sorted(strongest)[::-1][:4])
    return Drawing(figure, f"Largest correlations over candidates, sign left out: {text}.")
