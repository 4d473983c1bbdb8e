"""Fans: the two sides' rungs, approval and protest day by day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl
from matplotlib.axes import Axes

from experiments.figures.palette import SIDES
from experiments.figures.parts import by_name
from experiments.figures.style import NOTES, SIDE_LOOKS, Drawing, canvas, headed_by_sides, percent_axis, styled
from experiments.text import wrapped

QUANTITIES = {"rung": "rung of the ladder", "approval": "approval of the leader", "protest": "share protesting"}
BANDS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}
FEWEST = 10
"""Crises below which there is no middle half worth a band: their median and extremes are drawn alone."""


@styled
def fans(tables: Mapping[str, pl.DataFrame], sides: Mapping[str, str] | None = None, condition: str = "") -> Drawing:
    """Draw daily bands of tracked quantities, a column an arm and both sides in each panel.

    Tables hold `day, quantity, q05, q25, q50, q75, q95` with quantities such as `rung_a`, and may give the number of
    crises behind them as `lanes`; something must be tracked, see `is_tracked`. ``condition`` says which crises were
    selected.
    """
    arms = [name for name, table in tables.items() if not table.is_empty()]
    stems = _tracked(tables)
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


def is_tracked(tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether there is anything for `fans` to draw."""
    return bool(_tracked(tables))


def _tracked(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    tracked = {name for table in tables.values() if not table.is_empty() for name in table["quantity"].unique()}
    return [stem for stem in QUANTITIES if f"{stem}_a" in tracked or f"{stem}_b" in tracked]


def _is_few(table: pl.DataFrame) -> bool:
    lanes: Any = table["lanes"].max() if "lanes" in table.columns else FEWEST
    return lanes < FEWEST


def _heading(arm: str, table: pl.DataFrame) -> str:
    count = table["lanes"][0] if "lanes" in table.columns else None
    lanes = "" if count is None else f"\n{count} crisis" if count == 1 else f"\n{count:,} crises"
    return wrapped(arm, 22) + lanes


def _of_sides(table: pl.DataFrame, stem: str) -> dict[str, pl.DataFrame]:
    """The days of a quantity, for each side of which it was tracked."""
    rows = {side: table.filter(pl.col("quantity") == f"{stem}_{side}").sort("day") for side in SIDES}
    return {side: own for side, own in rows.items() if not own.is_empty()}


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
