"""Running estimates as replicates are added, and the precision reached."""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import LEVEL, quantile_of_normal, share_interval
from experiments.statistics.metrics import Metric

STEPS = 48


def running_estimates(arm: Arm, metric: Metric, steps: int = STEPS, level: float = LEVEL) -> pl.DataFrame:
    """Return a probability's or a mean's estimate from the first n units of luck, for a rising n.

    Returns
    -------
    pl.DataFrame
        `arm, metric, units, value, low, high`; about `steps` rows, evenly spaced on a logarithmic scale from 10 units.
        Intervals of means are normal ones here, since each row would otherwise need a bootstrap of its own; there is
        none where nothing varied.
    """
    sample, total = arm.sample(metric), arm.keys.size
    counts = np.unique(np.round(np.geomspace(min(10, total), total, steps)).astype(int)) if total else np.array([], int)
    sums, sizes, squares = (
        np.cumsum(part)[counts - 1]
        for part in (sample.sums, sample.sizes, np.bincount(sample.units, sample.values**2, sample.count))
    )
    value = np.divide(sums, sizes, out=np.full(counts.size, np.nan), where=sizes > 0)
    if metric.kind == "probability":
        scale = sample.trials / max(float(sample.sizes.sum()), 1.0)
        low, high = share_interval(value, sizes * scale, level)
    else:
        reach = quantile_of_normal(level) * np.sqrt(np.maximum(squares / np.maximum(sizes, 1) - value**2, 0) / counts)
        reach = np.where(reach > 0, reach, np.nan)
        low, high = value - reach, value + reach
    return pl.DataFrame(
        {
            "arm": [arm.name] * counts.size,
            "metric": [metric.name] * counts.size,
            "units": counts,
            "value": value,
            "low": low,
            "high": high,
        }
    )


def widest(arm: Arm, columns: dict[str, dict[str, str]], level: float = LEVEL) -> float:
    """Return the largest half-width of the Wilson intervals of all categories of some columns, 0-1.

    Parameters
    ----------
    columns : mapping
        Column -> its categories, as in `vocabulary.CATEGORIES`.
    """
    widths = [0.0]
    for column, categories in columns.items():
        for category in categories:
            share = Metric(category, category, (pl.col(column) == category).fill_null(False), "probability")
            result = estimate(arm.sample(share), share, level)
            widths.append((result.high - result.low) / 2)
    return max(widths)
