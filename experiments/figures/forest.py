"""Forest plot: what each arm changes against the baseline, beside the smallest effect of interest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from experiments.figures.parts import as_rows, beside
from experiments.figures.style import GREY, INK, Drawing, canvas, colour, headed, key_height, marker, styled
from experiments.statistics.contrasts import CARRIERS
from experiments.statistics.estimates import OVER_DRAWS
from experiments.text import bracketed, known, plain, signed, wrapped

SCALES = {
    "probability": "difference in probability (percentage points)",
    "days": "difference in days",
    "deaths": "ratio of deaths (logarithmic)",
    "": "difference",
}
DRAWN = OVER_DRAWS[0]
THIN = " Thin: 95 % of the draws of uncertain parameters, Monte Carlo noise removed."
SOURCES = {"paired": "paired by luck", "unpaired": "unpaired: luck is not shared", "identical": "the same crises"}


_FEW = (
    pl.col("unit").ne("probability")
    & pl.col("basis").ne("identical")
    & pl.col("low").is_not_nan()
    & pl.col("carriers").is_between(0, CARRIERS, "none")
)


@styled
def forest(
    contrasts: pl.DataFrame, order: Sequence[str] = (), title: str = "What each arm changes", note: str = ""
) -> Drawing:
    """Draw contrasts against one baseline, a panel a unit.

    Parameters
    ----------
    contrasts : pl.DataFrame
        As `statistics.contrasts.contrasts` gives them.
    order : sequence of str
        All arms, the baseline among them, in the order of their colours elsewhere.
    title, note : str
        Words above and below, where the arms are not all set against one baseline.
    """
    order = list(order) or [contrasts["baseline"][0], *contrasts["arm"].unique(maintain_order=True)]
    arms = contrasts["arm"].unique(maintain_order=True).to_list()
    units = [unit for unit in SCALES if unit in contrasts["unit"].unique()]
    rows = {
        unit: contrasts.filter(pl.col("unit") == unit)["label"].unique(maintain_order=True).to_list() for unit in units
    }
    heights = [0.2 * len(rows[unit]) * (len(arms) + 0.6) + 0.55 for unit in units]
    baseline, bases = contrasts["baseline"][0], sorted(set(contrasts["basis"]))
    few = (
        f" \N{DAGGER}\N{NO-BREAK SPACE}rests on fewer than {CARRIERS} crises: read with care."
        if contrasts.filter(_FEW).height
        else ""
    )
    note = note or (
        f"Each arm against {baseline}; 95 % intervals, {' / '.join(SOURCES[basis] for basis in bases)}. "
        f"Grey: smaller than the smallest effect of interest.{few}{THIN if DRAWN in contrasts.columns else ''}"
    )
    figure = canvas(sum(heights) + 0.8 + key_height(arms), note=note)
    panels = figure.subplots(len(units), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, unit in zip(panels, units, strict=True):
        _panel(axes, contrasts.filter(pl.col("unit") == unit), rows[unit], arms, order)
    places = [order.index(arm) for arm in arms]
    handles = [panels[0].plot([], [], marker(k), color=colour(k), markersize=4.5)[0] for k in places]
    headed(figure, title, handles, arms)
    return Drawing(figure, _alt(contrasts, baseline))


def _panel(axes: Axes, table: pl.DataFrame, labels: list[str], arms: list[str], order: list[str]) -> None:
    step, unit = len(arms) + 0.6, table["unit"][0]
    for row in table.iter_rows(named=True):
        y = labels.index(row["label"]) * step + arms.index(row["arm"])
        _band(axes, row, labels.index(row["label"]) * step, len(arms))
        _mark(axes, row, y, order.index(row["arm"]))
    axes.axvline(1 if unit == "deaths" else 0, color=INK, linewidth=0.8, zorder=1)
    ticks = [k * step + (len(arms) - 1) / 2 for k in range(len(labels))]
    axes.set_yticks(ticks, [wrapped(text, 22) for text in labels])
    axes.set(ylim=(len(labels) * step - 0.8, -0.8), xlabel=SCALES.get(unit, "difference"))
    as_rows(axes, grid=False)
    (_ratio_scale if unit == "deaths" else _difference_scale)(axes, table, unit)


def scaled(row: Mapping[str, Any]) -> tuple[float, float, float]:
    """Return value and interval on the axis of the panel: points, days, or a ratio of deaths."""
    if row["unit"] == "deaths":
        return row["ratio"], row["ratio_low"], row["ratio_high"]
    factor = 100 if row["unit"] == "probability" else 1
    value, low, high = (
        row[name] if row[name] is None else factor * row[name] for name in ("difference", "low", "high")
    )
    return value, low, high


def _over_draws(row: dict) -> list[float]:
    """Range over draws of what is not known, on the axis of the panel."""
    factor = 100 if row["unit"] == "probability" else 1
    return [factor * row[name] for name in OVER_DRAWS]


def _defined(row: dict) -> bool:
    value = scaled(row)[0]
    return value is not None and bool(np.isfinite(value))


def _mark(axes: Axes, row: dict, y: float, index: int) -> None:
    if not _defined(row):
        beside(axes, y, "not defined", color=GREY)
        return
    value, low, high = scaled(row)
    deaths = row["unit"] == "deaths"
    hollow: dict[str, Any] = {"markerfacecolor": "white"} if row["basis"] == "unpaired" else {}
    axes.plot([low, high], [y, y], color=colour(index), linewidth=1.6, zorder=3)
    if not deaths and np.isfinite(row.get(DRAWN, np.nan)):
        axes.plot(_over_draws(row), [y, y], color=colour(index), linewidth=0.6, zorder=2, marker="|", markersize=3)
    axes.plot(value, y, marker(index), color=colour(index), markersize=4.5, zorder=4, **hollow)
    numbers = bracketed(value, low, high, decimals=2 if deaths else 1, form=plain if deaths else signed)
    few = " \N{DAGGER}" if pl.DataFrame([row]).filter(_FEW).height else ""
    beside(axes, y, f"{numbers}{few}")


def _band(axes: Axes, row: dict, top: float, arms: int) -> None:
    smallest = row["smallest_effect"]
    if smallest is None:
        return
    if row["unit"] == "deaths":
        left, right = 1 / smallest, smallest
    else:
        factor = 100 if row["unit"] == "probability" else 1
        left, right = -smallest * factor, smallest * factor
    axes.fill_betweenx([top - 0.55, top + arms - 0.45], left, right, color="#ececec", linewidth=0, zorder=0)


def _ends(table: pl.DataFrame) -> list[float]:
    rows = [row for row in table.iter_rows(named=True) if _defined(row)]
    drawn = [end for row in rows if DRAWN in row and row["unit"] != "deaths" for end in _over_draws(row)]
    return [value for value in (*drawn, *(value for row in rows for value in scaled(row))) if np.isfinite(value)]


def _ratio_scale(axes: Axes, table: pl.DataFrame, _: str) -> None:
    reach = max([max(value, 1 / value) for value in _ends(table) if value > 0] + [1.25])
    marks = (1, 1.25, 1.5, 2) if reach < 2.2 else (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    ticks = sorted({tick for mark in marks if mark <= reach * 1.05 for tick in (mark, 1 / mark)})
    axes.set(xscale="log", xlim=(1 / (reach * 1.08), reach * 1.08))
    axes.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)


def _difference_scale(axes: Axes, table: pl.DataFrame, unit: str) -> None:
    factor = 100 if unit == "probability" else 1
    smallest = [1.3 * factor * value for value in table["smallest_effect"].drop_nulls()]
    reach = max([*(abs(value) for value in _ends(table)), *smallest, 1e-9])
    decimals = 0 if reach >= 5 else 1 if reach >= 0.5 else 3
    axes.set_xlim(-reach * 1.06, reach * 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, decimals)))


def _alt(contrasts: pl.DataFrame, baseline: str) -> str:
    parts = []
    for row in contrasts.iter_rows(named=True):
        if _defined(row):
            value, low, high = scaled(row)
            what = {"probability": "points", "days": "days", "deaths": "times"}.get(row["unit"], "")
            ends = f" [{low:.2f}, {high:.2f}]" if known(low) else ""
            parts.append(f"{row['label']}, {row['arm']}: {value:.2f} {what}{ends}")
    return f"Contrasts with {baseline} and their 95 % intervals. " + "; ".join(parts) + "."
