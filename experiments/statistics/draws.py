"""Parameter uncertainty apart from Monte Carlo error: the spread of a number over draws of the parameters.

A study with ``uncertainty=posterior`` simulates each draw some replicates. The intervals of its estimates are about
chance alone, given those draws; the range over draws is about parameters alone, Monte Carlo noise taken out.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.statistics.arms import CELL, DRAW, UNIT, Arm, pairs, shared_keys
from experiments.statistics.metrics import Metric
from experiments.statistics.nested import nested

NOTHING = (float("nan"), float("nan"))


def level_over_draws(arm: Arm, metric: Metric) -> tuple[float, float]:
    """Range of a mean, share or typical value over 95 % of draws; NaN for quantiles and where nothing was drawn."""
    if metric.kind == "quantile" or DRAW not in arm.lanes.columns:
        return NOTHING
    values = arm.lanes.select(UNIT, DRAW, metric.expression.cast(pl.Float64).alias("value"))
    low, high = _range(values)
    return (float(np.expm1(low)), float(np.expm1(high))) if metric.kind == "geometric" else (low, high)


def change_over_draws(first: Arm, second: Arm, metric: Metric) -> tuple[float, float]:
    """Range of the difference of two paired arms over 95 % of draws; NaN also where luck is not shared."""
    if metric.kind not in ("mean", "probability") or DRAW not in first.lanes.columns:
        return NOTHING
    if shared_keys(first, second) is None:
        return NOTHING
    gap = (pl.col(f"{metric.name}:first") - pl.col(f"{metric.name}:second")).alias("value")
    drawn = first.lanes.select(UNIT, CELL, DRAW)
    return _range(pairs(first, second, [metric]).join(drawn, on=[UNIT, CELL], how="left").select(UNIT, DRAW, gap))


def _range(values: pl.DataFrame) -> tuple[float, float]:
    values = values.drop_nulls().filter(pl.col("value").is_not_nan())
    if values[DRAW].n_unique() < 2:
        return NOTHING
    cells = values.group_by(DRAW, UNIT, maintain_order=True).agg(pl.col("value").mean())
    return nested(*(cells[name].to_numpy() for name in (DRAW, "value", UNIT))).interval()
