"""Response of a metric to factors: over one, over two, and one factor at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast
from experiments.statistics.estimates import estimate
from experiments.statistics.metrics import Metric

CLASSES = 10
LEVELS = 24


def grouped(values: pl.Series) -> pl.Series:
    """Return the levels of a factor: its values, or the middles of quantile classes where it varies continuously."""
    if not values.dtype.is_numeric() or values.n_unique() <= LEVELS:
        return values
    numbers = values.to_numpy()
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, CLASSES + 1)))
    place = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, edges.size - 2)
    middles = [np.median(numbers[place == k]) if (place == k).any() else np.nan for k in range(edges.size - 1)]
    return pl.Series(values.name, np.array(middles)[place])


def by_factors(lanes: pl.DataFrame, factors: Sequence[str], metric: Metric, horizon: int) -> pl.DataFrame:
    """Estimate a metric at every combination of levels of one or two factors, columns beside those of `outcomes`.

    Columns are the factors, then `value, low, high, error, lanes, units`, sorted by the factors.
    """
    levelled = lanes.with_columns(grouped(lanes[name]).alias(name) for name in factors)
    rows = [
        {**dict(zip(factors, key, strict=True)), **vars(estimate(Arm("", group, horizon).sample(metric), metric))}
        for key, group in levelled.group_by(*factors, maintain_order=True)
    ]
    return pl.DataFrame(rows).sort(*factors)


def one_at_a_time(lanes: pl.DataFrame, factors: Sequence[str], metric: Metric, horizon: int) -> pl.DataFrame:
    """Contrast each factor's lowest level with its highest, all other factors as they come.

    A row a factor, the largest span first: `factor, low_level, high_level, low_value, high_value, difference, low, high,
    error, basis`; `difference` is the highest level minus the lowest, with its interval. Parameters are those of
    :func:`by_factors`.
    """
    rows = []
    for name in factors:
        levels = grouped(lanes[name])
        ends = (levels.min(), levels.max())
        if ends[0] == ends[1]:
            continue
        arms = [Arm(str(end), lanes.filter(levels == end).drop(*factors), horizon) for end in ends]
        change = vars(contrast(arms[1], arms[0], metric))
        row: dict[str, Any] = {"factor": name, "low_level": arms[0].name, "high_level": arms[1].name}
        row |= {
            f"{end}_value": estimate(arm.sample(metric), metric).value
            for end, arm in zip(("low", "high"), arms, strict=True)
        }
        rows.append(row | {key: change[key] for key in ("difference", "low", "high", "error", "basis")})
    return pl.DataFrame(rows).sort(pl.col("difference").abs().fill_nan(-1), descending=True) if rows else pl.DataFrame()
