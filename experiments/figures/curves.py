"""Curves over days and crises: events by day, truces by age, estimates by replicates, rungs and publics day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from experiments.figures.palette import SIDES, colour
from experiments.figures.parts import banded_line, by_name, highest, level_words, upright, with_unit, write_ends
from experiments.figures.style import (
    NOTES,
    SIDE_LOOKS,
    Drawing,
    canvas,
    headed_by_arms,
    headed_by_sides,
    marker,
    percent_axis,
    plain_axis,
    styled,
)
from experiments.text import percentage, plain, wrapped
from sim.ladder import CALM_DAYS

TITLE = "Calm, agreement and war by day"
WORDS = {"calm": "calm", "agreement": "first agreement", "war": "war"}


@styled
def cumulative_incidence(curves: pl.DataFrame) -> Drawing:
    """Draw the share of crises that had met each event by each day, as `statistics.competing.incidence` gives it."""
    arms = curves["arm"].unique(maintain_order=True).to_list()
    events = [event for event in WORDS if event in curves["event"].unique()]
    unseen = "" if "calm" in events else f" Calm is left out: it takes {CALM_DAYS} days to be seen."
    figure = canvas(3.5, note=NOTES["incidence"] + unseen, labels=arms)
    panels = figure.subplots(1, len(events), squeeze=False)[0]
    for axes, event in zip(panels, events, strict=True):
        _event(axes, curves.filter(pl.col("event") == event), arms, event)
    panels[0].set_ylabel("share of crises")
    headed_by_arms(figure, TITLE, arms)
    cells: dict[str, list[str]] = {WORDS[event]: [] for event in events}
    last = curves.sort("day").group_by("event", "arm").last()
    for row in sorted(last.iter_rows(named=True), key=lambda row: arms.index(row["arm"])):
        cells[WORDS[row["event"]]].append(f"{row['arm']} {level_words(row)} by day {row['day']}")
    return Drawing(figure, f"Cumulative incidence over the days of the crisis with 95 % intervals. {by_name(cells)}.")


def _event(axes: Axes, curves: pl.DataFrame, arms: list[str], event: str) -> None:
    ends = []
    for index, arm in enumerate(arms):
        curve = curves.filter(pl.col("arm") == arm).sort("day")
        if curve.is_empty():
            continue
        if curve.height == 1:  # known at the horizon alone: arms side by side
            value, low, high = curve.select("value", "low", "high").row(0)
            axes.plot([index, index], [low, high], color=colour(index))
            axes.plot(index, value, marker(index), color=colour(index), markersize=4.5)
        else:
            banded_line(axes, curve["day"].to_numpy(), curve["value", "low", "high"], index, steps=True)
        ends.append((index, curve["value"][-1]))
    top = max(highest(curves["high"], curves["value"]) * 1.08, 0.02)
    axes.set(ylim=(0, min(top, 1.0)), xlabel="day", title=WORDS[event])
    last: Any = curves["day"].max()
    if curves["day"].n_unique() == 1:
        axes.set(xlabel=f"by day {last:.0f}", xticks=[])
        last = len(arms) - 0.3
    axes.set_xlim(0 if axes.get_xlabel() == "day" else -0.7, last)
    percent_axis(axes.yaxis, 0 if axes.get_ylim()[1] > 0.05 else 1)
    axes.yaxis.grid(True)
    texts = [f"{value * 100:.1f}" for _, value in ends]
    write_ends(axes, [(index, last, value) for index, value in ends], texts, axes.get_ylim()[1] * 0.052)


@styled
def convergence(running: pl.DataFrame, label: str, unit: str) -> Drawing:
    """Draw running estimates over the number of replicates, as `statistics.estimates.running_estimates` gives them."""
    arms = running["arm"].unique(maintain_order=True).to_list()
    figure = canvas(3.3, note=NOTES["convergence"], labels=arms)
    axes = figure.subplots()
    for index, arm in enumerate(arms):
        part = running.filter(pl.col("arm") == arm)
        banded_line(axes, part["units"], part["value", "low", "high"], index, alpha=0.13)
    ends = running["units"].min(), running["units"].max()
    axes.set(xscale="log", xlabel="replicates", ylabel=with_unit(label, unit), xlim=ends)
    axes.grid(True)
    plain_axis(axes.xaxis)
    last = running.group_by("arm", maintain_order=True).last().to_dicts()
    low, high = axes.get_ylim()
    texts = [plain(row["value"] * (100 if unit == "probability" else 1)) for row in last]
    write_ends(axes, [(at, row["units"], row["value"]) for at, row in enumerate(last)], texts, (high - low) * 0.045)
    if unit == "probability":
        percent_axis(axes.yaxis)
    headed_by_arms(figure, f"How the estimate converges: {label}", arms)
    cells = [f"{row['arm']} {level_words(row, unit)} after {row['units']} replicates" for row in last]
    return Drawing(figure, f"Running estimates of {label} with 95 % bands: {'; '.join(cells)}.")


@styled
def truce_hazard(tables: Mapping[str, pl.DataFrame]) -> Drawing:
    """Draw the daily hazard of truces breaking over their age, by arm, as `statistics.competing.hazard_by_age` gives it."""
    figure = canvas(3.3, note=NOTES["truces"], labels=list(tables))
    axes = figure.subplots()
    ages = pl.concat([table["age_from", "age_to"] for table in tables.values()]).unique().sort(pl.all()).rows()
    top = highest(*(table["high"] for table in tables.values()))
    look: dict[str, Any] = {"markersize": 4.5, "elinewidth": 1.5, "clip_on": False, "zorder": 3}
    for index, table in enumerate(tables.values()):
        places = np.array([ages.index(age) for age in table["age_from", "age_to"].rows()], float)
        values = (table[name].to_numpy() for name in ("hazard", "low", "high"))
        upright(axes, places, values, index, 0.12 * (index - (len(tables) - 1) / 2), **look)
    axes.set_xticks(range(len(ages)), [f"{young}\N{EN DASH}{old - 1}" for young, old in ages])
    axes.set(xlabel="age of the truce (days)", ylabel="truces broken a day", ylim=(0, max(top * 1.08, 0.002)))
    axes.yaxis.grid(True)
    axes.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    percent_axis(axes.yaxis, 0 if top > 0.05 else 1)
    headed_by_arms(figure, "How often truces break, by age", list(tables))
    cells = {
        name: [
            f"age {row['age_from']} to {row['age_to']} days {percentage(row['hazard'], row['low'], row['high'], 2)} %"
            for row in table.iter_rows(named=True)
        ]
        for name, table in tables.items()
    }
    return Drawing(figure, f"Daily hazard of truces breaking, by age. {by_name(cells)}.")


QUANTITIES = {"rung": "rung of the ladder", "approval": "approval of the leader", "protest": "share protesting"}
BANDS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
FEWEST = 10
"""Crises below which there is no middle half worth a band: their median and extremes are drawn alone."""


@styled
def fans(tables: Mapping[str, pl.DataFrame], sides: Mapping[str, str] | None = None, condition: str = "") -> Drawing:
    """Draw daily bands of tracked quantities, a column an arm and both sides in each panel.

    Tables hold `day, quantity, q05, q25, q50, q75, q95` with quantities such as `rung_a`, and may give the number of
    crises behind them as `lanes`; something must be tracked, see `tracked`. ``condition`` says which crises were
    selected.
    """
    arms = [name for name, table in tables.items() if not table.is_empty()]
    stems = tracked(tables)
    few = any(_is_few(tables[arm]) for arm in arms)
    note = NOTES["fans"] + (f" Fewer than {FEWEST} crises: median and extremes alone." if few else "")
    note += f" Only crises with {condition}, of those whose paths are kept." if condition else ""
    headings = max(wrapped(arm, 22).count("\n") for arm in arms)
    height, width = 1.55 * len(stems) + 1.2 + 0.14 * max(headings - 1, 0), max(3.8, min(2.1 * len(arms) + 0.9, 12))
    figure = canvas(height, width=width, note=note)
    panels = figure.subplots(len(stems), len(arms), sharex=True, sharey="row", squeeze=False)
    for row, stem in enumerate(stems):
        for column, arm in enumerate(arms):
            _panel(panels[row, column], tables[arm], stem)
        panels[row, 0].set_ylabel(wrapped(QUANTITIES[stem], 16))
    for column, arm in enumerate(arms):
        panels[0, column].set_title(_heading(arm, tables[arm]), fontsize=8.5 if len(arms) <= 4 else 7.5)
        panels[-1, column].set_xlabel("day")
    headed_by_sides(figure, "The crisis day by day", sides or {"a": "side a", "b": "side b"})
    cells = {f"{arm}, {stem}": _words(tables[arm], stem) for arm in arms for stem in stems}
    chosen = f" among crises with {condition}" if condition else ""
    return Drawing(figure, f"Daily medians and bands{chosen}. {by_name(cells)}.")


def tracked(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """The quantities that there are for `fans` to draw, by the names that both sides share."""
    there = {name for table in tables.values() if not table.is_empty() for name in table["quantity"].unique()}
    return [stem for stem in QUANTITIES if f"{stem}_a" in there or f"{stem}_b" in there]


def _is_few(table: pl.DataFrame) -> bool:
    lanes: Any = table["lanes"].max() if "lanes" in table.columns else FEWEST
    return lanes < FEWEST


def _heading(arm: str, table: pl.DataFrame) -> str:
    if "lanes" not in table.columns:
        return wrapped(arm, 22)
    return f"{wrapped(arm, 22)}\n{table['lanes'][0]:,} {'crisis' if table['lanes'][0] == 1 else 'crises'}"


def _of_sides(table: pl.DataFrame, stem: str) -> dict[str, pl.DataFrame]:
    """The days of a quantity, for each side of which it was tracked."""
    rows = {side: table.filter(pl.col("quantity") == f"{stem}_{side}").sort("day") for side in SIDES}
    return {side: days for side, days in rows.items() if not days.is_empty()}


def _panel(axes: Axes, table: pl.DataFrame, stem: str) -> None:
    for side, rows in _of_sides(table, stem).items():
        days, look = rows["day"].to_numpy(), SIDE_LOOKS[side].copy()
        if not _is_few(table):
            shade: dict[str, Any] = {"alpha": 0.2, "linewidth": 0, "step": "post" if stem == "rung" else None}
            axes.fill_between(days, rows["q25"], rows["q75"], color=SIDES[side], **shade)
        look |= {"drawstyle": "steps-post"} if stem == "rung" else {}
        look |= {"marker": "."} if days.size == 1 else {}
        for edge in ("q05", "q95"):
            axes.plot(days, rows[edge], linewidth=0.7, alpha=0.75, **look)
        axes.plot(days, rows["q50"], **look)
    last: Any = table["day"].max()
    axes.set_xlim(0, max(float(last), 1.0))
    axes.yaxis.grid(True)
    if stem == "rung":
        axes.set(ylim=(0, 9.2), yticks=[0, 3, 6, 9])
    else:
        top: Any = table.filter(pl.col("quantity").str.starts_with(stem))["q95"].max()
        axes.set_ylim(0, 1 if stem == "approval" else max(axes.get_ylim()[1], 1.05 * top))
        percent_axis(axes.yaxis, 0 if top > 0.05 else 1)


def _words(table: pl.DataFrame, stem: str) -> list[str]:
    return [
        f"side {side} median {rows['q50'][0]:.2f} on day 0 and {rows['q50'][-1]:.2f} on day {rows['day'][-1]}"
        for side, rows in _of_sides(table, stem).items()
    ]


def bands_of_paths(paths: pl.DataFrame) -> pl.DataFrame:
    """Daily bands, as `fans` takes them, computed from full paths: `point, replicate, day, quantity, value`."""
    bands = [pl.col("value").quantile(at, "nearest").alias(name) for name, at in BANDS.items()]
    days = paths.group_by("day", "quantity").agg(pl.col("value").mean().alias("mean"), *bands, pl.len().alias("lanes"))
    return days.sort("quantity", "day")
