"""Cumulative incidence: by which day calm, an agreement or war had come."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.palette import colour
from experiments.figures.parts import banded_line, by_name, highest, level_words, write_ends
from experiments.figures.style import Drawing, canvas, headed_by_arms, marker, percent_axis, styled
from sim.ladder import CALM_DAYS

TITLE = "Calm, agreement and war by day"
WORDS = {"calm": "calm", "agreement": "first agreement", "war": "war"}
NOTE = (
    "Calm and war compete: a crisis counts under whichever comes first. An agreement counts whatever follows it. "
    "Bands: 95 % Wilson intervals, day by day; numbers: per cent at the end of the curve."
)


@styled
def cumulative_incidence(curves: pl.DataFrame) -> Drawing:
    """Draw the share of crises that had met each event by each day, as `statistics.competing.incidence` gives it."""
    arms = curves["arm"].unique(maintain_order=True).to_list()
    events = [event for event in WORDS if event in curves["event"].unique()]
    unseen = "" if "calm" in events else f" Calm is left out: it takes {CALM_DAYS} days to be seen."
    figure = canvas(3.5, note=NOTE + unseen, labels=arms)
    panels = figure.subplots(1, len(events), squeeze=False)[0]
    for axes, event in zip(panels, events, strict=True):
        _panel(axes, curves.filter(pl.col("event") == event), arms, event)
    panels[0].set_ylabel("share of crises")
    headed_by_arms(figure, TITLE, arms)
    cells: dict[str, list[str]] = {WORDS[event]: [] for event in events}
    last = curves.sort("day").group_by("event", "arm").last()
    for row in sorted(last.iter_rows(named=True), key=lambda row: arms.index(row["arm"])):
        cells[WORDS[row["event"]]].append(f"{row['arm']} {level_words(row)} by day {row['day']}")
    return Drawing(figure, f"Cumulative incidence over the days of the crisis with 95 % intervals. {by_name(cells)}.")


def _panel(axes: Axes, curves: pl.DataFrame, arms: list[str], event: str) -> None:
    ends = []
    for index, arm in enumerate(arms):
        curve = curves.filter(pl.col("arm") == arm).sort("day")
        if curve.is_empty():
            continue
        if curve.height == 1:
            _point(axes, curve, index)
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


def _point(axes: Axes, curve: pl.DataFrame, index: int) -> None:
    """Draw what is only known at the horizon, arms side by side."""
    row = curve.row(0, named=True)
    axes.plot([index, index], [row["low"], row["high"]], color=colour(index))
    axes.plot(index, row["value"], marker(index), color=colour(index), markersize=4.5)
