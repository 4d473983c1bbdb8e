"""In rows: what each arm changes, beside the smallest effect of interest, levels of arms, and what each factor moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from experiments.figures.palette import GREY, INK, colour
from experiments.figures.parts import (
    as_rows,
    beside,
    capital,
    highest,
    interval,
    level_words,
    row_height,
    row_name,
    with_unit,
)
from experiments.figures.style import NOTES, Drawing, arm_handles, canvas, headed, marker, percent_axis, styled
from experiments.statistics.contrasts import CARRIERS
from experiments.statistics.estimates import OVER_DRAWS
from experiments.text import bracketed, known, plain, signed, texts_apart, wrapped

SCALES = {
    "probability": "difference in probability (percentage points)",
    "days": "difference in days",
    "deaths": "ratio of deaths (logarithmic)",
    "": "difference",
}
THIN = " Thin: 95 % of the draws of uncertain parameters, Monte Carlo noise removed."
SOURCES = {"paired": "paired by luck", "unpaired": "unpaired: luck is not shared", "identical": "the same crises"}

LONGEST = 60
"""Columns of an arm's name that stand in one line."""

_FEW = (
    pl.col("unit").ne("probability")
    & pl.col("basis").ne("identical")
    & pl.col("low").is_not_nan()
    & pl.col("carriers").is_between(0, CARRIERS, "none")
)


def on_axis(contrasts: pl.DataFrame, unit: str) -> pl.DataFrame:
    """Return the contrasts of a unit with what is drawn of them on the axis of its panel.

    `at, low, high` are the mark and its interval, `least, most` the range over draws, `left, right` the smallest effect.
    """
    rows = contrasts.filter(pl.col("unit") == unit)
    ratio, factor = unit == "deaths", 100 if unit == "probability" else 1
    names = ("ratio", "ratio_low", "ratio_high") if ratio else ("difference", "low", "high")
    columns = dict(zip(("at", "low", "high"), names, strict=True))
    if not ratio and OVER_DRAWS[0] in rows.columns:
        columns |= dict(zip(("least", "most"), OVER_DRAWS, strict=True))
    ends: dict[str, Any] = {name: factor * pl.col(column) for name, column in columns.items()}
    right = factor * pl.col("smallest_effect").cast(pl.Float64)
    ends |= {"left": 1 / right if ratio else -right, "right": right}
    rows = rows.with_columns(**{"least": None, "most": None, **ends}, few=_FEW)
    return rows.with_columns(pl.when(pl.col("at").is_finite()).then(pl.col("at", "least", "most").cast(pl.Float64)))


@styled
def forest(
    contrasts: pl.DataFrame, order: Sequence[str] = (), title: str = "What each arm changes", note: str = ""
) -> Drawing:
    """Draw contrasts against one baseline, as `statistics.contrasts.contrasts` gives them, a panel a unit.

    ``order`` holds all arms, the baseline among them, in the order of their colours elsewhere; title and note are for
    arms that are not all set against one baseline.
    """
    arms = contrasts["arm"].unique(maintain_order=True).to_list()
    baseline, bases = contrasts["baseline"][0], sorted(set(contrasts["basis"]))
    order = list(order) or [baseline, *arms]
    numbered = contrasts.with_row_index("row")
    tables = [table for unit in SCALES if (table := on_axis(numbered, unit)).height]
    drawn = pl.concat(tables, how="vertical_relaxed").sort("row")
    heights = [0.2 * table["label"].n_unique() * (len(arms) + 0.6) + 0.55 for table in tables]
    few = f" \N{DAGGER}\N{NO-BREAK SPACE}rests on fewer than {CARRIERS} crises: read with care."
    note = note or (
        f"Each arm against {baseline}; 95 % intervals, {' / '.join(SOURCES[basis] for basis in bases)}. Grey: smaller "
        f"than the smallest effect of interest.{few if drawn['few'].any() else ''}"
        f"{THIN if OVER_DRAWS[0] in contrasts.columns else ''}"
    )
    figure = canvas(sum(heights) + 0.8, note=note, labels=arms)
    panels = figure.subplots(len(tables), 1, height_ratios=heights, squeeze=False)[:, 0]
    for axes, table in zip(panels, tables, strict=True):
        _panel(axes, table, arms, order)
    headed(figure, title, arm_handles(map(order.index, arms), linestyle="none"), arms)
    cells = []
    for row in drawn.filter(pl.col("at").is_not_null()).iter_rows(named=True):
        what = {"probability": "points", "days": "days", "deaths": "times"}.get(row["unit"], "")
        ends = f" [{row['low']:.2f}, {row['high']:.2f}]" if known(row["low"]) else ""
        cells.append(f"{row['label']}, {row['arm']}: {row['at']:.2f} {what}{ends}")
    return Drawing(figure, f"Contrasts with {baseline} and their 95 % intervals. {'; '.join(cells)}.")


def _panel(axes: Axes, table: pl.DataFrame, arms: list[str], order: list[str]) -> None:
    labels = table["label"].unique(maintain_order=True).to_list()
    step, unit = len(arms) + 0.6, table["unit"][0]
    for row in table.iter_rows(named=True):
        top = labels.index(row["label"]) * step
        if row["left"] is not None:
            ends = [top - 0.55, top + len(arms) - 0.45]
            axes.fill_betweenx(ends, row["left"], row["right"], color="#ececec", linewidth=0, zorder=0)
        _mark(axes, row, top + arms.index(row["arm"]), order.index(row["arm"]))
    axes.axvline(1 if unit == "deaths" else 0, color=INK, linewidth=0.8, zorder=1)
    ticks = [k * step + (len(arms) - 1) / 2 for k in range(len(labels))]
    axes.set_yticks(ticks, [wrapped(text, 22) for text in labels])
    axes.set(ylim=(len(labels) * step - 0.8, -0.8), xlabel=SCALES[unit])
    as_rows(axes, grid=False)
    drawn = table.drop_nulls("at")["at", "low", "high", "least", "most"].unpivot().drop_nulls()["value"]
    scale = _ratio_scale if unit == "deaths" else _difference_scale
    scale(axes, drawn.filter(drawn.is_finite()), table["right"].drop_nulls())


def _mark(axes: Axes, row: dict, y: float, index: int) -> None:
    if row["at"] is None:
        beside(axes, y, "not defined", color=GREY)
        return
    deaths = row["unit"] == "deaths"
    look: dict[str, Any] = {"color": colour(index)}
    axes.plot([row["low"], row["high"]], [y, y], linewidth=1.6, zorder=3, **look)
    if known(row["least"]):
        axes.plot([row["least"], row["most"]], [y, y], linewidth=0.6, zorder=2, marker="|", markersize=3, **look)
    hollow: dict[str, Any] = {"markerfacecolor": "white"} if row["basis"] == "unpaired" else {}
    axes.plot(row["at"], y, marker(index), markersize=4.5, zorder=4, **look, **hollow)
    form = plain if deaths else signed
    numbers = bracketed(row["at"], row["low"], row["high"], decimals=2 if deaths else 1, form=form)
    beside(axes, y, numbers + (" \N{DAGGER}" if row["few"] else ""))


def _ratio_scale(axes: Axes, ends: pl.Series, _: pl.Series) -> None:
    reach = max([max(end, 1 / end) for end in ends if end > 0] + [1.25])
    marks = (1, 1.25, 1.5, 2) if reach < 2.2 else (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
    ticks = sorted({tick for mark in marks if mark <= reach * 1.05 for tick in (mark, 1 / mark)})
    axes.set(xscale="log", xlim=(1 / (reach * 1.08), reach * 1.08))
    axes.set_xticks(ticks, [f"{tick:.2g}" for tick in ticks])
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(axis="x", which="minor", length=0)


def _difference_scale(axes: Axes, ends: pl.Series, smallest: pl.Series) -> None:
    reach = max([*ends.abs(), *(1.3 * smallest), 1e-9])
    decimals = 0 if reach >= 5 else 1 if reach >= 0.5 else 3
    axes.set_xlim(-reach * 1.06, reach * 1.06)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: signed(value, decimals)))


@styled
def arm_levels(levels: pl.DataFrame, label: str, unit: str, baseline: str = "") -> Drawing:
    """Draw the level of a quantity in every arm, from a row an arm of `arm, value, low, high`, with 95 % intervals.

    The level of the arm named ``baseline`` is drawn across all rows.
    """
    note = "Marks and lines: estimates and 95 % intervals." + (f" Dashed: {baseline}." if baseline else "")
    rows = max(row_height(arm, LONGEST, 0.24) for arm in levels["arm"]) * levels.height
    figure = canvas(rows + 1.1, title=f"{capital(label)}, arm by arm", note=note)
    axes = figure.subplots()
    cells = []
    for place, row in enumerate(levels.iter_rows(named=True)):
        marked, words = row["arm"] == baseline, level_words(row, unit)
        cells.append(f"{row['arm']} {words}")
        if known(row["value"]):
            interval(axes, place, row, colour(1 if marked else 0), "s" if marked else "o", markersize=4.5)
            beside(axes, place, words)
            if marked:
                axes.axvline(row["value"], color=colour(1), linewidth=0.9, linestyle=(0, (4, 2)), zorder=1)
    axes.set_yticks(range(levels.height), [row_name(arm, LONGEST) for arm in levels["arm"]])
    axes.set(ylim=(levels.height - 0.4, -0.6), xlabel=with_unit(label, unit))
    as_rows(axes)
    if unit == "probability":
        percent_axis(axes.xaxis)
        axes.set_xlim(0, max(axes.get_xlim()[1], 0.02))
    return Drawing(figure, f"{label} by arm, with 95 % intervals: {'; '.join(cells)}.")


MOST = 20
"""Factors drawn."""
INDICES = {
    "morris": ("mean absolute elementary effect", "standard deviation of effects (interactions, curvature)", "spread"),
    "saltelli": ("total share of variance", "its own share, without interactions", "first"),
}
"""Kind of design -> words for the index, words for the second one and its column."""


@styled
def tornado(spans: pl.DataFrame, label: str, unit: str) -> Drawing:
    """Draw how far each factor moves a quantity from its lowest to its highest level.

    Spans are as `statistics.contrasts.one_at_a_time` gives them, the largest first.
    """
    shown, factor = spans.head(MOST), 100 if unit == "probability" else 1
    words = {"probability": "percentage points", "": ""}.get(unit, unit)
    figure = canvas(0.34 * shown.height + 1.3, title=f"What moves {label}", note=NOTES["tornado"])
    axes = figure.subplots()
    names, cells = [], []
    for place, row in enumerate(shown.iter_rows(named=True)):
        value, low, high = (factor * row[name] for name in ("difference", "low", "high"))
        axes.barh(place, value, height=0.62, color=colour(0 if value >= 0 else 1))
        axes.plot([low, high], [place, place], color=INK, linewidth=1.1)
        beside(axes, place, bracketed(value, low, high, form=signed))
        names.append(f"{row['factor']}\n{_apart(row['low_level'], row['high_level'])}")
        cells.append(f"{row['factor']} {signed(value)}")
    axes.set_yticks(range(shown.height), names, fontsize=7.5)
    axes.set(ylim=(shown.height - 0.45, -0.55), xlabel=f"change in {label}" + (f" ({words})" if words else ""))
    axes.axvline(0, color=GREY, linewidth=0.8)
    as_rows(axes)
    return Drawing(figure, f"Change in {label} from each factor's lowest to its highest level: {', '.join(cells)}.")


def _apart(low: str, high: str) -> str:
    """The two levels of a factor, numbers with as many digits as tell them apart."""
    try:
        levels = (float(low), float(high))
        low, high = (texts_apart(levels)[level] for level in levels)
    except ValueError:
        pass
    return f"{low} \N{RIGHTWARDS ARROW} {high}"


@styled
def influence(table: pl.DataFrame, kind: str, label: str, unit: str) -> Drawing:
    """Draw sensitivity indices of `morris` or `saltelli` with 95 % intervals, the largest on top.

    The table is as `sensitivity.indices` gives it: `factor, index, low, high` and `spread` or `first`; elementary
    effects of a probability are shown in percentage points.
    """
    total, second, column = INDICES[kind]
    points = kind == "morris" and unit == "probability"
    factor = 100 if points or kind == "saltelli" else 1
    shown = table.head(MOST)
    rest = table.height - shown.height
    left = f" {rest} smaller ones are in influence.csv." if rest else ""
    how = "Each input moves by two thirds of its span" if kind == "morris" else "All inputs move at once"
    note = f"{how}, both sides together. Black lines: 95 % bootstrap intervals.{left}"
    figure = canvas(0.24 * shown.height + 1.2, note=note, labels=(total, second))
    axes = figure.subplots()
    white: dict[str, Any] = {"color": "white", "markeredgecolor": INK}
    decimals = 1 if highest(shown["index"], shown["high"]) * factor >= 1 else 3
    for place, row in enumerate(shown.with_columns(pl.selectors.numeric() * factor).iter_rows(named=True)):
        axes.barh(place, row["index"], height=0.62, color=colour(0))
        if row["low"] is not None:
            axes.plot([row["low"], row["high"]], [place, place], color=INK, linewidth=1.1)
        axes.plot(max(row[column] or 0, 0), place, "D", markersize=4, zorder=4, clip_on=False, **white)
        beside(axes, place, index_words(row, 1, decimals))
    axes.set_yticks(range(shown.height), shown["factor"].to_list(), fontsize=7.5)
    words = "percentage points" if points else "per cent" if kind == "saltelli" else unit
    axes.set(ylim=(shown.height - 0.4, -0.6), xlabel=f"{total}" + (f" ({words})" if words else ""))
    axes.set_xlim(left=min(0, axes.get_xlim()[0]) if kind == "morris" else 0)
    as_rows(axes)
    diamond = Line2D([], [], linestyle="none", marker="D", markersize=4.5, **white)
    headed(figure, f"What moves {label}", [Patch(facecolor=colour(0)), diamond], [total, second])
    cells = [f"{row['factor']} {row['index'] * factor:.3g}" for row in shown.iter_rows(named=True)]
    return Drawing(figure, f"Sensitivity of {label}, {total}: " + ", ".join(cells) + ".")


def index_words(row: dict[str, Any], scale: float, decimals: int) -> str:
    """Return an index with its interval; an input that changed nothing, whatever the others were, has no number."""
    if row["index"] == 0 and row["high"] in (0, None):
        return "no effect"
    ends = (None if row[at] is None else row[at] * scale for at in ("index", "low", "high"))
    return bracketed(*ends, decimals=decimals)
