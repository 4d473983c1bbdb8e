"""Fans: the two sides' rungs, approval and protest day by day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes

from experiments.figures.style import SIDES, Drawing, canvas, headed, percent_axis, styled
from experiments.text import wrapped

QUANTITIES = {"rung": "rung of the ladder", "approval": "approval of the leader", "protest": "share protesting"}
BANDS = ("q05", "q25", "q50", "q75", "q95")
FEWEST = 10
"""Crises below which there is no middle half worth a band: their median and extremes are drawn alone."""

NOTE = "Thick lines: medians. Bands: the middle half of the crises. Thin lines: 5 and 95 per cent of them."


@styled
def fans(
    tables: Mapping[str, pl.DataFrame],
    sides: Mapping[str, str] | None = None,
    quantities: Sequence[str] = tuple(QUANTITIES),
    condition: str = "",
) -> Drawing:
    """Draw daily bands of tracked quantities, a column an arm and both sides in each panel.

    Parameters
    ----------
    tables : mapping of str to pl.DataFrame
        By arm: `day, quantity, q05, q25, q50, q75, q95` with quantities such as `rung_a`; an optional column `lanes`
        gives the number of crises behind them. Something must be tracked, see `is_tracked`.
    sides : mapping, optional
        Names of the sides `a` and `b` for the legend.
    quantities : sequence of str
        Stems to draw, in order; those that were not tracked are left out.
    condition : str
        Words for the crises selected, where they were.
    """
    arms = [name for name, table in tables.items() if not table.is_empty()]
    stems = _tracked(tables, quantities)
    few = any(_is_few(tables[arm]) for arm in arms)
    note = NOTE + (f" Fewer than {FEWEST} crises: median and extremes alone." if few else "")
    note += f" Only crises with {condition}, of those whose paths are kept." if condition else ""
    headings = max(wrapped(arm, 22).count("\n") for arm in arms)
    height, width = 1.55 * len(stems) + 1.2 + 0.14 * max(headings - 1, 0), max(3.8, min(2.1 * len(arms) + 0.9, 12))
    figure = canvas(height, width=width, note=note)
    panels = figure.subplots(len(stems), len(arms), sharex=True, sharey="row", squeeze=False)
    for row, stem in enumerate(stems):
        for column, arm in enumerate(arms):
            _panel(panels[row, column], tables[arm], stem)
        panels[row, 0].set_ylabel(wrapped(QUANTITIES.get(stem, stem), 16))
    for column, arm in enumerate(arms):
        panels[0, column].set_title(_heading(arm, tables[arm]), fontsize=8.5 if len(arms) <= 4 else 7.5)
        panels[-1, column].set_xlabel("day")
    _legend(figure, panels[0, 0], sides or {"a": "side a", "b": "side b"})
    return Drawing(figure, _alt(tables, arms, stems, condition))


def is_tracked(tables: Mapping[str, pl.DataFrame]) -> bool:
    """Whether there is anything for `fans` to draw."""
    return bool(_tracked(tables, tuple(QUANTITIES)))


def _tracked(tables: Mapping[str, pl.DataFrame], stems: Sequence[str]) -> list[str]:
    tracked = {name for table in tables.values() if not table.is_empty() for name in table["quantity"].unique()}
    return [stem for stem in stems if f"{stem}_a" in tracked or f"{stem}_b" in tracked]


def _is_few(table: pl.DataFrame) -> bool:
    lanes: Any = table["lanes"].max() if "lanes" in table.columns else FEWEST
    return lanes < FEWEST


def _heading(arm: str, table: pl.DataFrame) -> str:
    count = table["lanes"][0] if "lanes" in table.columns else None
    lanes = "" if count is None else f"\n{count} crisis" if count == 1 else f"\n{count:,} crises"
    return wrapped(arm, 22) + lanes


def _panel(axes: Axes, table: pl.DataFrame, stem: str) -> None:
    for side, hue in SIDES.items():
        rows = table.filter(pl.col("quantity") == f"{stem}_{side}").sort("day")
        if rows.is_empty():
            continue
        days = rows["day"].to_numpy()
        steps: dict[str, Any] = {"drawstyle": "steps-post"} if stem == "rung" else {}
        dot: dict[str, Any] = {"marker": "."} if days.size == 1 else {}
        if not _is_few(table):
            axes.fill_between(
                days, rows["q25"], rows["q75"], color=hue, alpha=0.2, linewidth=0, step="post" if steps else None
            )
        for edge in ("q05", "q95"):
            axes.plot(days, rows[edge], color=hue, linewidth=0.7, alpha=0.75, **_line(side), **steps, **dot)
        axes.plot(days, rows["q50"], color=hue, **_line(side), **steps, **dot)
    last: Any = table["day"].max()
    axes.set_xlim(0, max(float(last), 1.0))
    axes.yaxis.grid(True)
    if stem == "rung":
        axes.set(ylim=(0, 9.2), yticks=[0, 3, 6, 9])
    else:
        top: Any = table.filter(pl.col("quantity").str.starts_with(stem))["q95"].max()
        axes.set_ylim(0, 1 if stem == "approval" else max(axes.get_ylim()[1], 1.05 * top))
        percent_axis(axes.yaxis, 0 if top > 0.05 else 1)


def _line(side: str) -> dict:
    return {"linestyle": "-" if side == "a" else (0, (5, 1.5))}


def _legend(figure, axes: Axes, sides: Mapping[str, str]) -> None:
    handles = [axes.plot([], [], color=hue, **_line(side))[0] for side, hue in SIDES.items()]
    headed(figure, "The crisis day by day", handles, [sides.get(side, side) for side in SIDES], columns=2)


def _alt(tables: Mapping[str, pl.DataFrame], arms: list[str], stems: list[str], condition: str) -> str:
    parts = []
    for arm in arms:
        for stem in stems:
            cells = []
            for side in SIDES:
                rows = tables[arm].filter(pl.col("quantity") == f"{stem}_{side}").sort("day")
                if not rows.is_empty():
                    first, last = rows["q50"][0], rows["q50"][-1]
                    cells.append(f"side {side} median {first:.2f} on day 0 and {last:.2f} on day {rows['day'][-1]}")
            parts.append(f"{arm}, {stem}: " + ", ".join(cells))
    chosen = f" among crises with {condition}" if condition else ""
    return f"Daily medians and bands{chosen}. " + "; ".join(parts) + "."


def bands_of_paths(paths: pl.DataFrame) -> pl.DataFrame:
    """Daily bands computed from full paths: `day, quantity, mean, q05, q25, q50, q75, q95, lanes`, as `fans` takes them.

    Parameters
    ----------
    paths : pl.DataFrame
        `point, replicate, day, quantity, value`.
    """
    levels = np.array([0.05, 0.25, 0.5, 0.75, 0.95])
    bands = [pl.col("value").quantile(at, "nearest").alias(name) for name, at in zip(BANDS, levels, strict=True)]
    return (
        paths.group_by("day", "quantity")
        .agg(pl.col("value").mean().alias("mean"), *bands, pl.len().alias("lanes"))
        .sort("quantity", "day")
    )
