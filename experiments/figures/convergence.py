"""Figures of reliability: how estimates settle with replicates, and how truces age."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from matplotlib.ticker import MaxNLocator

from experiments.figures.parts import banded_line, level_words, with_unit, write_ends
from experiments.figures.style import (
    Drawing,
    arm_handles,
    canvas,
    colour,
    headed,
    key_height,
    marker,
    percent_axis,
    plain_axis,
    styled,
)
from experiments.text import percentage, plain


@styled
def convergence(running: pl.DataFrame, label: str, unit: str) -> Drawing:
    """Draw running estimates over the number of replicates.

    Parameters
    ----------
    running : pl.DataFrame
        `arm, units, value, low, high`, as `statistics.estimates.running_estimates` gives them, arm after arm.
    label, unit : str
        Words for the quantity, and its unit.
    """
    arms = running["arm"].unique(maintain_order=True).to_list()
    note = "Estimates from the first so many replicates, with 95 % bands."
    figure = canvas(3.3 + key_height(arms), note=note)
    axes = figure.subplots()
    for index, arm in enumerate(arms):
        part = running.filter(pl.col("arm") == arm)
        banded_line(axes, part["units"], part["value", "low", "high"], index, alpha=0.13)
    fewest, most = running.select(first=pl.col("units").min(), last=pl.col("units").max()).row(0)
    axes.set(
        xscale="log",
        xlabel="replicates",
        ylabel=with_unit(label, unit),
        xlim=(fewest, most),
    )
    axes.grid(True)
    plain_axis(axes.xaxis)
    last = running.group_by("arm", maintain_order=True).last().to_dicts()
    low, high = axes.get_ylim()
    texts = [plain(row["value"] * (100 if unit == "probability" else 1)) for row in last]
    ends = [(index, row["units"], row["value"]) for index, row in enumerate(last)]
    write_ends(axes, ends, texts, (high - low) * 0.045)
    if unit == "probability":
        percent_axis(axes.yaxis)
    headed(figure, f"How the estimate converges: {label}", arm_handles(axes, len(arms)), arms)
    cells = [f"{row['arm']} {level_words(row, unit)} after {row['units']} replicates" for row in last]
    return Drawing(figure, f"Running estimates of {label} with 95 % bands: {'; '.join(cells)}.")


@styled
def truce_hazard(tables: dict[str, pl.DataFrame]) -> Drawing:
    """Draw the daily hazard of truces breaking over their age.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        By arm, as `statistics.competing.hazard_by_age` gives them.
    """
    note = "Truces broken at an age over truce-days lived at it; 95 % Wilson intervals."
    figure = canvas(3.3 + key_height(list(tables)), note=note)
    axes = figure.subplots()
    ages = sorted(
        {(row["age_from"], row["age_to"]) for table in tables.values() for row in table.iter_rows(named=True)}
    )
    tops: list[Any] = [table["high"].max() or 0.0 for table in tables.values()]
    top = max(tops, default=0.0)
    for index, table in enumerate(tables.values()):
        places = np.array([ages.index(age) for age in zip(table["age_from"], table["age_to"], strict=True)], float)
        value = table["hazard"].to_numpy()
        reach = [value - table["low"].to_numpy(), table["high"].to_numpy() - value]
        places += 0.12 * (index - (len(tables) - 1) / 2)
        look: dict[str, Any] = {
            "color": colour(index),
            "markersize": 4.5,
            "elinewidth": 1.5,
            "clip_on": False,
            "zorder": 3,
        }
        axes.errorbar(places, value, reach, fmt=marker(index), **look)
    axes.set_xticks(range(len(ages)), [f"{young}\N{EN DASH}{old - 1}" for young, old in ages])
    axes.set(xlabel="age of the truce (days)", ylabel="truces broken a day", ylim=(0, max(top * 1.08, 0.002)))
    axes.yaxis.grid(True)
    axes.yaxis.set_major_locator(MaxNLocator(8, steps=[1, 2, 5, 10]))
    percent_axis(axes.yaxis, 0 if top > 0.05 else 1)
    headed(figure, "How often truces break, by age", arm_handles(axes, len(tables)), list(tables))
    parts = []
    for name, table in tables.items():
        cells = [
            f"age {r['age_from']} to {r['age_to']} days {percentage(r['hazard'], r['low'], r['high'], 2)} %"
            for r in table.iter_rows(named=True)
        ]
        parts.append(f"{name}: " + ", ".join(cells))
    return Drawing(figure, "Daily hazard of truces breaking, by age. " + "; ".join(parts) + ".")
