"""Figures for deciding: a search's front, levers and progress; arms over states of the world; boxes of a discovery."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.patches import Rectangle

from experiments.figures.palette import FAINT, GREY, INK, colour
from experiments.figures.parts import Row, as_rows, beside, by_name, capital, near, row_height, row_name
from experiments.figures.style import NOTES, WIDTH, Drawing, canvas, key, no_spines, percent_axis, plain_axis, styled
from experiments.text import as_typed, bracketed, percentage, wrapped
from sim.scenario import parameters

DASHES = ("-", (0, (5, 2)), (0, (1, 1.5)))
Words = Mapping[str, tuple[str, str]]
"""Measure -> its label and its kind."""


@styled
def front(policies: pl.DataFrame, arms: pl.DataFrame, words: Words) -> Drawing:
    """Draw judged policies with their intervals, each measure over the cost, or over the first measure.

    Policies are as :func:`experiments.decide.judging.judge` gives them; the arms beside them have the same measures.
    """
    names = list(words)
    first, priced = names[0], "cost" in policies.columns
    shown = names if priced else names[1:] or names
    across = policies["cost" if priced else first]
    label = "declared cost (sum of prices)" if priced else words[first][0]
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

    ``places`` (policies, levers) say where each lever stands between its two ``ends``, 0 to 1; ``first`` is the first
    measure, its label and its kind.
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

    Candidates have a row each: levers, `..._seen`, `stage`.
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
            places = candidates[lever].to_numpy()
            axes.plot(places, values, ".", color=FAINT, markeredgecolor=GREY, markersize=3, markeredgewidth=0.2)
            axes.plot(places[kept], values[kept], "o", color=colour(1), markersize=3)
            known = np.isfinite(values)
            if np.ptp(places[known]) > 0 and np.ptp(values[known]) > 0:
                strongest.append((abs(float(np.corrcoef(places[known], values[known])[0, 1])), lever, label))
        line[0].set_ylabel(wrapped(label, 18), fontsize=7.5)
        _measure_axis(line[0], kind)
    for axes, lever in zip(grid[-1], levers, strict=True):
        axes.set_xlabel(_lever(lever, 14), fontsize=7.5)
        axes.tick_params(axis="x", labelsize=6.5)
    text = "; ".join(f"{lever} with {label} {size:.2f}" for size, lever, label in sorted(strongest)[::-1][:4])
    return Drawing(figure, f"Largest correlations over candidates, sign left out: {text}.")


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

    ``levels`` (states, arms) have the noise of luck taken out; the table is one metric's rows of
    :class:`experiments.decide.robust.Robustness`, with its label and its kind.
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
    """Draw regret of both kinds, and how often each arm is best, from the rows of one metric, see `states_of_arms`."""
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
    shares = dict(table.filter(pl.col("measure") == "best").select("arm", "value").iter_rows())
    cells = ", ".join(f"{arm} {shares[arm]:.0%}" for arm in arms)
    return Drawing(figure, f"Share of states in which an arm is best: {cells}.")


@styled
def worth_finding_out(table: pl.DataFrame, label: str, kind: str) -> Drawing:
    """Draw the expected value of perfect information on each parameter beside what chance alone gives.

    The table holds `parameter, value, low, high, chance`, all that is uncertain first.
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
    """Draw risk over two factors, ``across`` and ``up`` (crises,), and the box in their plane.

    ``interest`` (crises,) says which are cases, ``limits`` are the ends of the box on either factor, infinite where it
    is not restricted; ``outcome`` and ``held`` are the cases and the other limits that the crises drawn meet, in words.
    """
    note = NOTES["plane"].format(outcome=outcome) + (f" Only crises where {held}." if held else "")
    figure = canvas(4.2, title="The box in the plane of its first two factors", note=note)
    axes = figure.subplots()
    factors = (across, up)
    cells = tuple(np.minimum(_places(values, values), _bins(values) - 1).astype(int) for values in (up, across))
    count, cases = np.zeros((2, *(_bins(values) for values in (up, across))))
    np.add.at(count, cells, 1)
    np.add.at(cases, cells, interest)
    risk = np.ma.masked_invalid(np.divide(cases, count, out=np.full_like(cases, np.nan), where=count > 0))
    shade = axes.pcolormesh(risk, cmap="cividis", vmin=0)
    corners = np.array([_places(np.array(ends), values) for ends, values in zip(limits, factors, strict=True)])
    look: dict[str, Any] = {"fill": False, "edgecolor": colour(1), "linewidth": 2.2, "clip_on": False}
    axes.add_patch(Rectangle((corners[0, 0], corners[1, 0]), *np.diff(corners)[:, 0], **look))
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
    within = [(values >= least) & (values <= most) for values, (least, most) in zip(factors, limits, strict=True)]
    inside = np.all(within, axis=0)
    words = [f"{name} {least:.3g} to {most:.3g}" for name, (least, most) in zip(labels, limits, strict=True)]
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
