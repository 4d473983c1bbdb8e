"""Response of a metric to factors: over one, over two, and one factor at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from experiments.errors import UserError
from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import LEVEL
from experiments.statistics.metrics import Metric

CLASSES = 10
LEVELS = 24


def grouped(values: pl.Series, classes: int = CLASSES) -> pl.Series:
    """Return the levels of a factor: its values, or the middles of quantile classes where it varies continuously."""
    if not values.dtype.is_numeric() or values.n_unique() <= LEVELS:
        return values
    edges = np.unique(np.quantile(values.to_numpy(), np.linspace(0, 1, classes + 1)))
    place = np.clip(np.searchsorted(edges, values.to_numpy(), side="right") - 1, 0, edges.size - 2)
    middles = np.array(
        [np.median(values.to_numpy()[place == k]) if (place == k).any() else np.nan for k in range(edges.size - 1)]
    )
    return pl.Series(values.name, middles[place])


def by_factors(
    lanes: pl.DataFrame, factors: Sequence[str], metric: Metric, horizon: int, level: float = LEVEL
) -> pl.DataFrame:
    """Estimate a metric at every combination of levels of one or two factors.

    Parameters
    ----------
    lanes : pl.DataFrame
        Columns of `outcomes` and the factors.
    factors : sequence of str
        One or two columns.

    Returns
    -------
    pl.DataFrame
        The factors, then `value, low, high, error, lanes, units`, sorted by the factors.
    """
    require(lanes, factors)
    levelled = lanes.with_columns(grouped(lanes[name]).alias(name) for name in factors)
    rows = []
    for key, group in levelled.group_by(*factors, maintain_order=True):
        result = estimate(Arm("", group, horizon).sample(metric), metric, level)
        rows.append({**dict(zip(factors, key, strict=True)), **vars(result)})
    return pl.DataFrame(rows).sort(*factors)


def one_at_a_time(
    lanes: pl.DataFrame, factors: Sequence[str], metric: Metric, horizon: int, level: float = LEVEL
) -> pl.DataFrame:
    """Contrast each factor's lowest level with its highest, all other factors as they come.

    Returns
    -------
    pl.DataFrame
        A row a factor, the largest span first: `factor, low_level, high_level, low_value, high_value, difference, low,
        high, error, basis`; `difference` is the highest level minus the lowest, with its interval.
    """
    require(lanes, factors)
    rows = []
    for name in factors:
        levels = grouped(lanes[name])
        ends = (levels.min(), levels.max())
        if ends[0] == ends[1]:
            continue
        bottom, top = (Arm(str(end), lanes.filter(levels == end).drop(*factors), horizon) for end in ends)
        result = contrast(top, bottom, metric, level)
        low_value, high_value = (estimate(arm.sample(metric), metric, level).value for arm in (bottom, top))
        rows.append(
            {
                "factor": name,
                "low_level": str(ends[0]),
                "high_level": str(ends[1]),
                "low_value": low_value,
                "high_value": high_value,
                "difference": result.difference,
                "low": result.low,
                "high": result.high,
                "error": result.error,
                "basis": result.basis,
            }
        )
    return pl.DataFrame(rows).sort(pl.col("difference").abs().fill_nan(-1), descending=True) if rows else pl.DataFrame()


def require(lanes: pl.DataFrame, factors: Sequence[str]) -> None:
    """Refuse factors that are not columns of a table."""
    for name in factors:
        if name not in lanes.columns:
            raise UserError(f"factor = {name!r} is not in the results; there are {', '.join(lanes.columns[:12])}, ...")
