"""One number of one arm: its value, its interval and its Monte Carlo error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.bootstrap import (
    accelerated_interval,
    acceleration,
    quantile,
    resampled_means,
    resampled_quantiles,
    too_few,
)
from experiments.statistics.draws import level_over_draws
from experiments.statistics.intervals import LEVEL, Floats, wilson
from experiments.statistics.metrics import Metric
from experiments.statistics.samples import Sample, carriers

NAN = float("nan")
OVER_DRAWS = ("draws_low", "draws_high")
"""Columns that say how far a number moves over draws of uncertain parameters; absent where nothing was drawn."""


@dataclass(frozen=True)
class Estimate:
    """An estimate.

    Parameters
    ----------
    value, low, high : float
        Estimate and interval; NaN where there is nothing to estimate from. There is no interval for a single unit, nor
        by resampling for too few units (`bootstrap.too_few`) or for values that did not vary.
    error : float
        Monte Carlo standard error; NaN for too few units, 0 where the values did not vary.
    lanes, units : int
        Lanes it rests on, and units of luck behind them.
    carriers : float
        Units that carry the estimate; a mean with fewer than 20 hangs on a few extreme crises. NaN for quantiles.
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
    """An estimate with its bootstrap replicates, on the scale on which it is printed.

    Parameters
    ----------
    value : float
        The estimate.
    draws : array, shape (draws,)
        Its replicates.
    influence : array, shape (units,)
        Influence of each unit; empty for quantiles.
    offset : float
        Added to value and replicates before ratios are taken: 1 for geometric means of 1 + x.
    """

    value: float
    draws: Floats
    influence: Floats
    offset: float = 0.0

    @property
    def error(self) -> float:
        """Monte Carlo standard error."""
        if not self.influence.size:
            return spread(self.draws)
        return float(np.sqrt(np.sum(self.influence**2)) / self.influence.size)


def resampled(samples: Sequence[Sample], metric: Metric) -> list[Resampled]:
    """Bootstrap a mean, geometric mean or quantile; samples with the same units are resampled together."""
    if metric.kind == "quantile":
        return [Resampled(quantile(s, metric.at), resampled_quantiles(s, metric.at), np.empty(0)) for s in samples]
    draws = resampled_means(list(samples)).T
    if metric.kind == "mean":
        return [Resampled(s.mean, draw, s.influence) for s, draw in zip(samples, draws, strict=True)]
    back = [(float(np.expm1(s.mean)), np.expm1(draw), s) for s, draw in zip(samples, draws, strict=True)]
    return [Resampled(value, draw, s.influence * (1 + value), 1.0) for value, draw, s in back]


def point_value(sample: Sample, metric: Metric) -> float:
    """Return the value of an estimate without its interval."""
    if metric.kind == "quantile":
        return quantile(sample, metric.at)
    return float(np.expm1(sample.mean)) if metric.kind == "geometric" else sample.mean


def estimate(sample: Sample, metric: Metric, level: float = LEVEL) -> Estimate:
    """Estimate a metric: Wilson's interval for a probability, the bootstrap for everything else."""
    carried = NAN if metric.kind == "quantile" else carriers(sample.influence)
    counts = (int(sample.values.size), sample.occupied, carried)
    if sample.occupied < 2:
        return Estimate(point_value(sample, metric), NAN, NAN, NAN, *counts)
    if metric.kind == "probability":
        ends = wilson(sample.mean, sample.trials, level)
        return Estimate(sample.mean, float(ends[0]), float(ends[1]), sample.error, *counts)
    if too_few(sample.occupied, metric.at, level) or not np.ptp(sample.values):
        error = NAN if too_few(sample.occupied, metric.at, level) else 0.0
        return Estimate(point_value(sample, metric), NAN, NAN, error, *counts)
    replicated = resampled([sample], metric)[0]
    bend = acceleration(replicated.influence) if replicated.influence.size else 0.0
    low, high = accelerated_interval(replicated.value, replicated.draws, bend, level)
    return Estimate(replicated.value, low, high, replicated.error, *counts)


def spread(replicates: np.ndarray) -> float:
    """Standard deviation of bootstrap replicates, shape (resamples,), in their unit; NaN where none is finite."""
    finite = replicates[np.isfinite(replicates)]
    return float(finite.std()) if finite.size else float("nan")


def levels(arms: Sequence[Arm], metrics: Sequence[Metric], level: float = LEVEL) -> pl.DataFrame:
    """Return a row an arm and metric: `metric, label, unit, arm` and the fields of `Estimate`."""
    rows = []
    for metric in metrics:
        for arm in arms:
            result = estimate(arm.sample(metric), metric, level)
            names = {"metric": metric.name, "label": metric.label, "unit": metric.unit, "arm": arm.name}
            rows.append({**names, **vars(result)} | over_draws_columns(level_over_draws(arm, metric)))
    return without_draws(pl.DataFrame(rows))


def over_draws_columns(ends: tuple[float, float]) -> dict[str, float]:
    """A range over draws as columns of a table."""
    return dict(zip(OVER_DRAWS, ends, strict=True))


def without_draws(table: pl.DataFrame) -> pl.DataFrame:
    """The table, less its columns over draws where nothing was drawn."""
    return table.drop(OVER_DRAWS) if table.select(pl.col(OVER_DRAWS).is_nan().all()).row(0) == (True, True) else table


def shares(arm: Arm, column: str, categories: Sequence[str], level: float = LEVEL) -> pl.DataFrame:
    """Return the share of each category of a column, with Wilson intervals.

    Returns
    -------
    pl.DataFrame
        `arm, category` and the fields of `Estimate`, a row a category in the order given.
    """
    rows = []
    for category in categories:
        metric = Metric(category, category, (pl.col(column) == category).fill_null(False), "probability")
        rows.append({"arm": arm.name, "category": category, **vars(estimate(arm.sample(metric), metric, level))})
    return pl.DataFrame(rows)
