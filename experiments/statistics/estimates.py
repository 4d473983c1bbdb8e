"""One number of one arm: its value, its interval and its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm, Sample, acceleration, carriers
from experiments.statistics.bootstrap import (
    accelerated_interval,
    quantile,
    resampled_means,
    resampled_quantiles,
    too_few,
)
from experiments.statistics.intervals import Floats, Z, share_interval, wilson
from experiments.statistics.metrics import Metric
from experiments.statistics.nested import level_over_draws

NAN = float("nan")
OVER_DRAWS = ("draws_low", "draws_high")
"""Columns that say how far a number moves over draws of uncertain parameters; absent where nothing was drawn."""
STEPS = 48


@dataclass(frozen=True)
class Estimate:
    """An estimate; NaN where there is nothing to estimate from.

    There is no interval for a single unit, nor by resampling for too few units (`bootstrap.too_few`) or for values that
    did not vary; the Monte Carlo standard error is NaN for too few units, 0 where the values did not vary. ``lanes`` it
    rests on come from so many ``units`` of luck, of which ``carriers`` carry it: a mean with fewer than 20 hangs on a
    few extreme crises. NaN for quantiles.
    """

    value: float
    low: float
    high: float
    error: float
    lanes: int
    units: int
    carriers: float


@dataclass(frozen=True)
class Resampled:
    """An estimate on the scale on which it is printed, with its replicates, shape (draws,).

    ``influence`` is that of each unit, shape (units,), empty for quantiles.
    """

    value: float
    draws: Floats
    influence: Floats

    @property
    def error(self) -> float:
        """Monte Carlo standard error."""
        if self.influence.size:
            return float(np.sqrt(np.sum(self.influence**2)) / self.influence.size)
        finite = self.draws[np.isfinite(self.draws)]
        return float(finite.std()) if finite.size else NAN


def resampled(samples: Sequence[Sample], metric: Metric) -> list[Resampled]:
    """Bootstrap a mean, geometric mean or quantile; samples with the same units are resampled together."""
    if metric.kind == "quantile":
        return [Resampled(quantile(s, metric.at), resampled_quantiles(s, metric.at), np.empty(0)) for s in samples]
    means = [Resampled(s.mean, d, s.influence) for s, d in zip(samples, resampled_means(list(samples)).T, strict=True)]
    if metric.kind == "mean":
        return means
    values = [float(np.expm1(mean.value)) for mean in means]
    return [Resampled(v, np.expm1(m.draws), m.influence * (1 + v)) for v, m in zip(values, means, strict=True)]


def point_value(sample: Sample, metric: Metric) -> float:
    """Return the value of an estimate without its interval."""
    if metric.kind == "quantile":
        return quantile(sample, metric.at)
    return float(np.expm1(sample.mean)) if metric.kind == "geometric" else sample.mean


def estimate(sample: Sample, metric: Metric) -> Estimate:
    """Estimate a metric: Wilson's interval for a probability, the bootstrap for everything else."""
    carried = NAN if metric.kind == "quantile" else carriers(sample.influence)
    counts = (int(sample.values.size), sample.occupied, carried)
    few = sample.occupied < 2 or (metric.kind != "probability" and too_few(sample.occupied, metric.at))
    if few or (metric.kind != "probability" and not np.ptp(sample.values)):
        return Estimate(point_value(sample, metric), NAN, NAN, NAN if few else 0.0, *counts)
    if metric.kind == "probability":
        low, high = map(float, wilson(sample.mean, sample.trials))
        return Estimate(sample.mean, low, high, sample.error, *counts)
    (replicated,) = resampled([sample], metric)
    low, high = accelerated_interval(replicated.value, replicated.draws, acceleration(replicated.influence))
    return Estimate(replicated.value, low, high, replicated.error, *counts)


def levels(arms: Sequence[Arm], metrics: Sequence[Metric]) -> pl.DataFrame:
    """Return a row an arm and metric: `metric, label, unit, arm` and the fields of `Estimate`."""
    rows = []
    for metric in metrics:
        for arm in arms:
            names = {"metric": metric.name, "label": metric.label, "unit": metric.unit, "arm": arm.name}
            over_draws = dict(zip(OVER_DRAWS, level_over_draws(arm, metric), strict=True))
            rows.append({**names, **vars(estimate(arm.sample(metric), metric)), **over_draws})
    return without_draws(pl.DataFrame(rows))


def without_draws(table: pl.DataFrame) -> pl.DataFrame:
    """The table, less its columns over draws where nothing was drawn."""
    return table.drop(OVER_DRAWS) if table.select(pl.col(OVER_DRAWS).is_nan().all()).row(0) == (True, True) else table


def shares(arm: Arm, column: str, categories: Sequence[str]) -> pl.DataFrame:
    """Return the share of each category of a column: `arm, category` and the fields of `Estimate`, in the order given."""
    rows = []
    for category in categories:
        metric = Metric(category, category, (pl.col(column) == category).fill_null(False), "probability")
        rows.append({"arm": arm.name, "category": category, **vars(estimate(arm.sample(metric), metric))})
    return pl.DataFrame(rows)


def running_estimates(arm: Arm, metric: Metric) -> pl.DataFrame:
    """Return a probability's or a mean's estimate from the first n units: `arm, metric, units, value, low, high`.

    About 48 rows are evenly spaced on a logarithmic scale from 10 units. Intervals of means are normal ones here, since
    each row would otherwise need a bootstrap of its own; there is none where nothing varied.
    """
    sample, total = arm.sample(metric), arm.keys.size
    counts = np.unique(np.round(np.geomspace(min(10, total), total, STEPS)).astype(int)) if total else np.array([], int)
    sums, sizes, squares = (
        np.cumsum(part)[counts - 1]
        for part in (sample.sums, sample.sizes, np.bincount(sample.units, sample.values**2, sample.count))
    )
    value = np.divide(sums, sizes, out=np.full(counts.size, np.nan), where=sizes > 0)
    if metric.kind == "probability":
        low, high = share_interval(value, sizes * (sample.trials / max(float(sample.sizes.sum()), 1.0)))
    else:
        reach = Z * np.sqrt(np.maximum(squares / np.maximum(sizes, 1) - value**2, 0) / counts)
        reach = np.where(reach > 0, reach, np.nan)
        low, high = value - reach, value + reach
    table = pl.DataFrame({"units": counts, "value": value, "low": low, "high": high})
    return table.select(pl.lit(arm.name).alias("arm"), pl.lit(metric.name).alias("metric"), pl.all())
