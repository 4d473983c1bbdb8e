"""Figures that only some designs call for: many arms, indices of sensitivity, the selection of crises by mediators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from experiments.comparison.arms import Grouping
from experiments.comparison.sources import Source
from experiments.design.sensitivity import KINDS, indices, sampling_of, why_none
from experiments.figures.forest import forest
from experiments.figures.influence import index_words, influence
from experiments.figures.lazy_figures import Sketch
from experiments.figures.levels import arm_levels
from experiments.figures.style import PALETTE
from experiments.statistics.arms import UNIT, Arm
from experiments.statistics.contrasts import contrasts
from experiments.statistics.estimates import levels
from experiments.statistics.metrics import Metric

MOST_ROWS = 40
"""Arms that are still drawn row by row."""

MOST_NAMED = 5
"""Inputs that a line of words names."""

LEAST_SHARE = 0.05
"""Mediated and unmediated crises must both have this share of an arm before they are set against each other."""

RAW, CAUSAL = "raw difference", "effect of mediation"


@dataclass
class Special:
    """Sketches of figures, and tables, by name; and what must be said of them."""

    sketches: dict[str, Sketch] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def special(grouping: Grouping, sources: Sequence[Source], metrics: Sequence[Metric], baseline: str) -> Special:
    """Sketch what the studies' designs call for."""
    made = Special()
    if len(sources) == 1:
        _influences(made, sources[0], grouping, metrics)
    if len(PALETTE) < len(grouping.arms) <= MOST_ROWS and not _all_numeric(grouping):
        for metric in metrics:
            found = levels(grouping.arms, [metric])
            made.sketches[f"levels_{_stem(metric)}"] = partial(arm_levels, found, metric.label, metric.unit, baseline)
    _selection(made, grouping, metrics)
    return made


def _all_numeric(grouping: Grouping) -> bool:
    return bool(grouping.factors) and all(grouping.lanes[name].dtype.is_numeric() for name in grouping.factors)


def _influences(made: Special, source: Source, grouping: Grouping, metrics: Sequence[Metric]) -> None:
    design = source.results.config.get("design") or {}
    if len(grouping.arms) > 1 or not set(KINDS) & set(design):
        return
    sampled = sampling_of(design, source.results.studies[0].design.scenarios[0])
    tables = []
    for metric in metrics:
        values = _by_point(grouping.arms[0], source.design, metric)
        table = indices(sampled, source.design, values)
        tables.append(table.insert_column(0, pl.Series("metric", [metric.name] * table.height)))
        if reason := why_none(values):
            made.notes.append(f"What moves {metric.label} has no index: {reason}.")
            continue
        made.sketches[f"influence_{_stem(metric)}"] = partial(influence, table, sampled.kind, metric.label, metric.unit)
    if tables:
        made.tables["influence"] = pl.concat(tables)
        made.notes += influence_notes(made.tables["influence"], metrics)


def influence_notes(table: pl.DataFrame, metrics: Sequence[Metric]) -> list[str]:
    """Say a line a quantity what moves it most, from the table of indices."""
    share = "first" in table.columns
    what = "total share of its variance" if share else "mean absolute elementary effect"
    notes = []
    for metric in metrics:
        own = table.filter((pl.col("metric") == metric.name) & pl.col("index").is_not_null()).head(MOST_NAMED)
        scale = 100 if share or metric.unit == "probability" else 1
        most: Any = own[["index", "high"]].max_horizontal().max() if own.height else 0
        digits = 1 if most * scale >= 1 else 3
        named = [f"{row['factor']} {index_words(row, scale, digits)}" for row in own.iter_rows(named=True)]
        unit = " in per cent" if share else " in percentage points" if scale == 100 else ""
        if named:
            notes.append(f"What moves {metric.label} most, by {what}{unit}: {', '.join(named)}; all in influence.csv.")
    return notes


def _by_point(arm: Arm, design: pl.DataFrame, metric: Metric) -> np.ndarray:
    """Return the mean of a metric at each point, float (points,); NaN where a point has none."""
    mean = arm.lanes.group_by("point").agg(metric.expression.cast(pl.Float64).mean().alias("value"))
    values = design.select("point").join(mean, on="point", how="left", maintain_order="left")["value"]
    return values.to_numpy().astype(float)


def _selection(made: Special, grouping: Grouping, metrics: Sequence[Metric]) -> None:
    """Set the raw difference between mediated and unmediated crises beside what mediation changed in the mediated."""
    bare = [arm for arm in grouping.arms if arm.name in grouping.unmediated]
    others = [arm for arm in grouping.arms if _selects(arm)]
    if len(bare) != 1 or len(others) != 1:
        return
    arm = others[0]
    mediated = arm.lanes.filter(pl.col("mediated"))
    alone = Arm("unmediated crises", arm.lanes.filter(~pl.col("mediated")), arm.horizon)
    spared = bare[0].lanes.join(mediated.select(UNIT), on=UNIT, how="semi")
    same = Arm("the same crises without a mediator", spared, arm.horizon)
    raw = contrasts([Arm(RAW, mediated, arm.horizon)], alone, metrics)
    causal = contrasts([Arm(CAUSAL, mediated, arm.horizon)], same, metrics)
    table = pl.concat([raw, causal])
    made.tables["selection"] = table
    note = (
        f"{RAW.capitalize()}: mediated minus unmediated crises of {arm.name}, unpaired (hollow). "
        f"{CAUSAL.capitalize()}: mediated crises minus the same crises without a mediator, paired by luck. "
        "Where they part, mediators chose their crises."
    )
    made.sketches["selection"] = partial(forest, table, ["unmediated", RAW, CAUSAL], "Raw and causal", note)


def _selects(arm: Arm) -> bool:
    share: Any = arm.lanes["mediated"].mean()
    return LEAST_SHARE < (share or 0) < 1 - LEAST_SHARE


def _stem(metric: Metric) -> str:
    return "".join(letter if letter.isalnum() else "_" for letter in metric.name)
