"""Figures of reliability: how estimates settle with replicates, and how truces age."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from experiments.figures.style import (
    Drawing,
    arm_handles,
    bracketed,
    canvas,
    colour,
    headed,
    key_height,
    marked,
    marker,
    percent_axis,
    percentage,
    plain,
    plain_axis,
    spread_out,
    styled,
)


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
    note = "Estimates from the first so many replicates, with 95 % bands."
    figure = canvas(3.3 + key_height(arms), note=note)
    axes = figure.subplots()
    for index, arm in enumerate(arms):
        part = running.filter(pl.col("arm") == arm)
        axes.fill_between(part["units"], part["low"], part["high"], color=colour(index), alpha=0.13, linewidth=0)
        axes.plot(
            part["units"],
            part["value"],
            color=colour(index),
            marker=marker(index),
            markersize=4,
            markevery=marked(index, part.height),
        )
    axes.set(
        xscale="log",
        xlabel="replicates",
        ylabel=label + ("" if unit in ("probability", "") else f" ({unit})"),
        xlim=(running["units"].to_numpy().min(), running["units"].to_numpy().max()),
    )
    axes.grid(True)
    plain_axis(axes.xaxis)
    _ends(axes, running, arms, unit)
    if unit == "probability":
        percent_axis(axes.yaxis)
    headed(figure, f"How the estimate settles: {label}", arm_handles(axes, len(arms)), arms)
    return Drawing(figure, _alt(running, arms, label, unit))


def _ends(axes: Axes, running: pl.DataFrame, arms: list[str], unit: str) -> None:
    """Write the last estimates at the ends of their lines."""
    rows = [running.filter(pl.col("arm") == arm).row(-1, named=True) for arm in arms]
    low, high = axes.get_ylim()
    places = spread_out([row["value"] for row in rows], (high - low) * 0.045)
    for index, (row, place) in enumerate(zip(rows, places, strict=True)):
        text = plain(row["value"] * 100) if unit == "probability" else plain(row["value"])
        axes.annotate(
            text,
            (row["units"], place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=colour(index),
            annotation_clip=False,
        )


def _alt(running: pl.DataFrame, arms: list[str], label: str, unit: str) -> str:
    parts = []
    for arm in arms:
        row = running.filter(pl.col("arm") == arm).row(-1, named=True)
        words = (
            f"{percentage(row['value'], row['low'], row['high'])} %"
            if unit == "probability"
            else bracketed(row["value"], row["low"], row["high"])
        )
        parts.append(f"{arm} {words} after {row['units']} replicates")
    return f"Running estimates of {label} with 95 % bands: " + "; ".join(parts) + "."


@styled
def truce_hazard(tables: dict[str, pl.DataFrame]) -> Drawing:
    """Draw the daily hazard of truces breaking over their age.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        By arm, as `statistics.hazard.hazard_by_age` gives them.
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
    headed(figure, "How truces age", arm_handles(axes, len(tables)), list(tables))
    parts = []
    for name, table in tables.items():
        cells = [
            f"age {r['age_from']} to {r['age_to']} days {percentage(r['hazard'], r['low'], r['high'], 2)} %"
            for r in table.iter_rows(named=True)
        ]
        parts.append(f"{name}: " + ", ".join(cells))
    return Drawing(figure, "Daily hazard of truces breaking, by age. " + "; ".join(parts) + ".")
