"""Figures of reliability: how estimates settle with replicates, and how truces age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
from matplotlib.ticker import MaxNLocator

from experiments.figures.parts import banded_line, by_name, level_words, upright, with_unit, write_ends
from experiments.figures.style import Drawing, canvas, headed_by_arms, percent_axis, plain_axis, styled
from experiments.text import percentage, plain


@styled
def convergence(running: pl.DataFrame, label: str, unit: str) -> Drawing:
    """Draw running estimates over the number of replicates.

    Parameters
    ----------
    running : pl.DataFrame
        `arm, units, value, low, high`, as `statistics.convergence.running_estimates` gives them, arm after arm.
    label, unit : str
        Words for the quantity, and its unit.
    """
    arms = running["arm"].unique(maintain_order=True).to_list()
    figure = canvas(3.3, note="Estimates from the first so many replicates, with 95 % bands.", labels=arms)
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
    """Draw the daily hazard of truces breaking over their age, by arm, as `statistics.hazard.hazard_by_age` gives it."""
    note = "Truces broken at an age over truce-days lived at it; 95 % Wilson intervals."
    figure = canvas(3.3, note=note, labels=list(tables))
    axes = figure.subplots()
    ages = pl.concat([table["age_from", "age_to"] for table in tables.values()]).unique().sort(pl.all()).rows()
    tops: list[Any] = [table["high"].max() or 0.0 for table in tables.values()]
    top = max(tops, default=0.0)
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
