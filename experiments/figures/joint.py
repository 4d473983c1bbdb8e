"""Who is rescued and who is harmed when the same luck is met under another policy."""

from __future__ import annotations

from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.style import (
    GREY,
    INK,
    JOINT_COLOURS,
    Drawing,
    canvas,
    highest,
    ink_on,
    key,
    no_spines,
    percent_axis,
    percentage,
    row_height,
    row_name,
    styled,
    wrapped,
)
from experiments.statistics.joint import CLASSES

NOTE = (
    "Each crisis beside its counterpart of the same luck. Coloured marks: 95 % Wilson intervals. Grey brackets: what "
    "the two margins alone allow (Fr\N{LATIN SMALL LETTER E WITH ACUTE}chet bounds), however luck is shared."
)


@styled
def joint_shares(table: pl.DataFrame) -> Drawing:
    """Draw the joint table of one bad outcome, a bar an arm.

    Parameters
    ----------
    table : pl.DataFrame
        As `statistics.joint.joint_table` gives them, arms below one another.
    """
    arms = table["arm"].unique(maintain_order=True).to_list()
    outcome, baseline = table["outcome"][0], table["baseline"][0]
    rows = max(row_height(arm, least=0.36) for arm in arms) * len(arms)
    title = f"Rescued and harmed, against {baseline}: {outcome}"
    figure = canvas(0.59 * len(arms) + rows + 2.3, title=title, note=NOTE)
    heights = [rows + 0.35, 0.6 * len(arms) + 0.3]
    top, bottom = figure.subplots(2, 1, height_ratios=heights)
    _bars(top, table, arms)
    _bounds(bottom, table, arms)
    return Drawing(figure, _alt(table, arms, outcome, baseline))


def _cell(table: pl.DataFrame, arm: str, name: str) -> dict:
    return table.row(by_predicate=(pl.col("arm") == arm) & (pl.col("class") == name), named=True)


def _bars(axes: Axes, table: pl.DataFrame, arms: list[str]) -> None:
    for place, arm in enumerate(arms):
        left = 0.0
        for name, words in CLASSES.items():
            value = _cell(table, arm, name)["value"]
            axes.barh(
                place,
                value,
                left=left,
                height=0.7,
                color=JOINT_COLOURS[name],
                edgecolor="white",
                linewidth=0.6,
                label=words if place == 0 else None,
            )
            if value >= 0.045:
                axes.text(
                    left + value / 2,
                    place,
                    f"{value * 100:.0f}",
                    ha="center",
                    va="center",
                    fontsize=8,
                    color=ink_on(JOINT_COLOURS[name]),
                )
            left += value
    axes.set(xlim=(0, 1), ylim=(len(arms) - 0.5, -0.5), xlabel="share of matched crises")
    axes.set_yticks(range(len(arms)), [row_name(arm) for arm in arms])
    axes.tick_params(axis="y", length=0)
    no_spines(axes, "left")
    percent_axis(axes.xaxis)
    key(axes, *axes.get_legend_handles_labels(), handlelength=1.0)


def _bounds(axes: Axes, table: pl.DataFrame, arms: list[str]) -> None:
    ticks, words = [], []
    for place, arm in enumerate(arms):
        for offset, name in ((-0.2, "rescued"), (0.2, "harmed")):
            cell, y = _cell(table, arm, name), place + offset
            axes.plot(
                [cell["frechet_low"], cell["frechet_high"]],
                [y, y],
                color="#b4b4b4",
                linewidth=1,
                marker="|",
                markersize=7,
            )
            axes.plot([cell["low"], cell["high"]], [y, y], color=JOINT_COLOURS[name], linewidth=2.6)
            axes.plot(
                cell["value"],
                y,
                "o" if name == "rescued" else "D",
                color=JOINT_COLOURS[name],
                markersize=5,
                markeredgecolor="white",
                markeredgewidth=0.5,
                clip_on=False,
                zorder=4,
            )
            axes.text(
                1.015,
                y,
                percentage(cell["value"], cell["low"], cell["high"]),
                transform=axes.get_yaxis_transform(),
                va="center",
                fontsize=7.5,
                color=INK,
            )
            ticks.append(y)
            words.append(CLASSES[name])
    axes.set_yticks(ticks, words)
    for place, arm in enumerate(arms):
        beside: dict[str, Any] = {
            "transform": axes.get_yaxis_transform(),
            "fontsize": 7.5,
            "color": GREY,
            "va": "center",
        }
        axes.text(0.008, place - 0.42, wrapped(arm, 80, 1), **beside)
    shown = table.filter(pl.col("class").is_in(["rescued", "harmed"]))
    top = highest(shown["high"], shown["frechet_high"])
    axes.set(xlim=(0, max(top * 1.05, 0.02)), ylim=(len(arms) - 0.6, -0.62), xlabel="share of matched crises")
    axes.tick_params(axis="y", length=0)
    axes.xaxis.grid(True)
    percent_axis(axes.xaxis, 0 if top > 0.05 else 1)


def _alt(table: pl.DataFrame, arms: list[str], outcome: str, baseline: str) -> str:
    parts = []
    for arm in arms:
        cells = [(words, _cell(table, arm, name)) for name, words in CLASSES.items()]
        parts.append(
            f"{arm}: " + ", ".join(f"{words} {percentage(c['value'], c['low'], c['high'])} %" for words, c in cells)
        )
    return (
        f"Crises of equal luck under {baseline} and under other arms; bad outcome: {outcome}. " + "; ".join(parts) + "."
    )
