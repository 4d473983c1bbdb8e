"""Cumulative incidence: by which day calm, an agreement or war had come."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.style import (
    Drawing,
    arm_handles,
    canvas,
    colour,
    headed,
    highest,
    key_height,
    marked,
    marker,
    percent_axis,
    percentage,
    spread_out,
    styled,
)
from experiments.statistics.vocabulary import CALM_DAYS

WORDS = {"calm": "calm", "agreement": "first agreement", "war": "war"}
NOTE = (
    "Calm and war compete: a crisis counts where it arrives first. An agreement counts whatever follows it. "
    "Bands: 95 % Wilson intervals, day by day; numbers: per cent at the end of the curve."
)


@styled
def cumulative_incidence(curves: pl.DataFrame) -> Drawing:
    """Draw the share of crises that had met each event by each day.

    Parameters
    ----------
    curves : pl.DataFrame
        `arm, event, day, value, low, high`, as `statistics.competing.incidence` gives them, arms below one another.
    """
    arms = curves["arm"].unique(maintain_order=True).to_list()
    events = [event for event in WORDS if event in curves["event"].unique()]
    unseen = "" if "calm" in events else f" Calm is left out: it takes {CALM_DAYS} days to be seen."
    figure = canvas(3.5 + key_height(arms), note=NOTE + unseen)
    panels = figure.subplots(1, len(events), sharey=False, squeeze=False)[0]
    for axes, event in zip(panels, events, strict=True):
        _panel(axes, curves.filter(pl.col("event") == event), arms, event)
    panels[0].set_ylabel("share of crises")
    headed(figure, "By which day it had come", arm_handles(panels[0], len(arms)), arms)
    return Drawing(figure, _alt(curves, arms, events))


def _panel(axes: Axes, curves: pl.DataFrame, arms: list[str], event: str) -> None:
    ends = []
    for index, arm in enumerate(arms):
        curve = curves.filter(pl.col("arm") == arm).sort("day")
        if curve.is_empty():
            continue
        (_point if curve.height == 1 else _curve)(axes, curve, index)
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
    places = spread_out([value for _, value in ends], axes.get_ylim()[1] * 0.052)
    for (index, value), place in zip(ends, places, strict=True):
        axes.annotate(
            f"{value * 100:.1f}",
            (last, place),
            (4, 0),
            textcoords="offset points",
            va="center",
            fontsize=7.5,
            color=colour(index),
            annotation_clip=False,
        )


def _curve(axes: Axes, curve: pl.DataFrame, index: int) -> None:
    days = curve["day"].to_numpy()
    axes.fill_between(days, curve["low"], curve["high"], step="post", color=colour(index), alpha=0.14, linewidth=0)
    axes.step(
        days,
        curve["value"],
        where="post",
        color=colour(index),
        marker=marker(index),
        markersize=4,
        markevery=marked(index, days.size),
    )


def _point(axes: Axes, curve: pl.DataFrame, index: int) -> None:
    """Draw what is only known at the horizon, arms side by side."""
    row = curve.row(0, named=True)
    axes.plot([index, index], [row["low"], row["high"]], color=colour(index))
    axes.plot(index, row["value"], marker(index), color=colour(index), markersize=4.5)


def _alt(curves: pl.DataFrame, arms: list[str], events: list[str]) -> str:
    parts = []
    for event in events:
        last = curves.filter(pl.col("event") == event).sort("day").group_by("arm", maintain_order=True).last()
        rows = {row["arm"]: row for row in last.iter_rows(named=True)}
        cells = [
            f"{arm} {percentage(*(rows[arm][k] for k in ('value', 'low', 'high')))} % by day {rows[arm]['day']}"
            for arm in arms
            if arm in rows
        ]
        parts.append(f"{WORDS[event]}: " + ", ".join(cells))
    return "Cumulative incidence over the days of the crisis with 95 % intervals. " + "; ".join(parts) + "."
