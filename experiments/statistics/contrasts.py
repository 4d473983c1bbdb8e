"""What one arm changes against another: differences and ratios, paired where luck is shared.

A contrast is never given as a p-value: with a simulator that would measure the number of replicates. It is read against
the smallest effect of interest instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm, identical, shared_keys
from experiments.statistics.bootstrap import accelerated_interval, acceleration
from experiments.statistics.draws import change_over_draws
from experiments.statistics.estimates import (
    NAN,
    Estimate,
    Resampled,
    estimate,
    over_draws_columns,
    point_value,
    resampled,
    without_draws,
)
from experiments.statistics.intervals import LEVEL
from experiments.statistics.intervals import difference as share_difference
from experiments.statistics.intervals import ratio as share_ratio
from experiments.statistics.metrics import Metric
from experiments.statistics.samples import Sample, carriers, correlation, covariance

Basis = Literal["identical", "paired", "unpaired"]
CARRIERS = 20
"""Units that must carry the contrast of a mean before it is read against the smallest effect of interest."""


@dataclass(frozen=True)
class Contrast:
    """One arm against another.

    Parameters
    ----------
    difference, low, high, error : float
        First minus second, its interval and its Monte Carlo standard error.
    ratio, ratio_low, ratio_high : float
        First over second and its interval; NaN where it is not defined.
    basis : str
        `paired` (same luck in both arms), `unpaired`, or `identical` (the very same crises: exactly zero).
    units : int
        Units of luck, in both arms (paired) or in the smaller one.
    carriers : float
        Units that carry the contrast: for a probability about the number of discordant pairs; NaN for quantiles.
    """

    difference: float
    low: float
    high: float
    error: float
    ratio: float
    ratio_low: float
    ratio_high: float
    basis: Basis
    units: int
    carriers: float


def contrast(first: Arm, second: Arm, metric: Metric, level: float = LEVEL) -> Contrast:
    """Contrast a metric of two arms, `first` minus `second`; paired when they share luck."""
    keys = shared_keys(first, second)
    if keys is None:
        return unpaired(first.sample(metric), second.sample(metric), metric, level)
    one, other = first.sample(metric, keys), second.sample(metric, keys)
    if identical(first, second, keys):
        return _nothing(one, metric)
    return paired(one, other, metric, level)


def _nothing(sample: Sample, metric: Metric) -> Contrast:
    value = point_value(sample, metric)
    gap, same = (NAN, NAN) if np.isnan(value) else (0.0, 1.0 if value > 0 or metric.kind == "geometric" else NAN)
    return Contrast(gap, gap, gap, gap, same, same, same, "identical", sample.count, 0.0)


def paired(first: Sample, second: Sample, metric: Metric, level: float = LEVEL) -> Contrast:
    """Contrast two samples whose unit numbers mean the same luck."""
    if metric.kind == "probability":
        return _shares(first, second, "paired", level)
    one, other = resampled([first, second], metric)
    gap = Resampled(one.value - other.value, one.draws - other.draws, one.influence - other.influence)
    low, high = accelerated_interval(gap.value, gap.draws, acceleration(gap.influence), level)
    carried = NAN if metric.kind == "quantile" else carriers(first.influence - second.influence)
    return Contrast(gap.value, low, high, gap.error, *_paired_ratio(one, other, level), "paired", first.count, carried)


def _paired_ratio(one: Resampled, other: Resampled, level: float) -> tuple[float, float, float]:
    over, under = one.value + one.offset, other.value + other.offset
    if not (over > 0 and under > 0):
        return NAN, NAN, NAN
    bend = acceleration(one.influence / over - other.influence / under)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(one.draws + one.offset) - np.log(other.draws + other.offset)
    low, high = accelerated_interval(np.log(over) - np.log(under), gap, bend, level)
    return over / under, float(np.exp(low)), float(np.exp(high))


def unpaired(first: Sample, second: Sample, metric: Metric, level: float = LEVEL) -> Contrast:
    """Contrast two samples with luck of their own; the two single intervals are combined."""
    if metric.kind == "probability":
        return _shares(first, second, "unpaired", level)
    one, other = estimate(first, metric, level), estimate(second, metric, level)
    low, high = _combined(one.value, one.low, one.high, other.value, other.low, other.high)
    ratios = _combined_ratio(one, other, 1.0 if metric.kind == "geometric" else 0.0)
    carried = NAN if metric.kind == "quantile" else carriers(first.influence, second.influence)
    error, units = float(np.hypot(one.error, other.error)), min(one.units, other.units)
    return Contrast(one.value - other.value, low, high, error, *ratios, "unpaired", units, carried)


def _combined(
    value: float, low: float, high: float, other: float, other_low: float, other_high: float
) -> tuple[float, float]:
    down, up = np.hypot(value - low, other_high - other), np.hypot(high - value, other - other_low)
    return value - other - float(down), value - other + float(up)


def _combined_ratio(one: Estimate, other: Estimate, offset: float) -> tuple[float, float, float]:
    over, under = one.value + offset, other.value + offset
    if not (over > 0 and under > 0):
        return NAN, NAN, NAN
    limits = (over, one.low + offset, one.high + offset, under, other.low + offset, other.high + offset)
    with np.errstate(divide="ignore"):
        low, high = _combined(*np.log(np.maximum(limits, 0)))
    return over / under, float(np.exp(low)), float(np.exp(high))


def _shares(first: Sample, second: Sample, basis: Basis, level: float) -> Contrast:
    together = basis == "paired"
    linked = correlation(first, second) if together else 0.0
    sides = (first.mean, first.trials, second.mean, second.trials)
    low, high = share_difference(*sides, linked, level)
    value, ratio_low, ratio_high = share_ratio(*sides, linked, level)
    shared = 2 * covariance(first, second) if together else 0.0
    error = float(np.sqrt(max((first.error**2 + second.error**2) - shared, 0.0)))
    ratios = (float(value), float(ratio_low), float(ratio_high))
    moved = (first.influence - second.influence,) if together else (first.influence, second.influence)
    gap, units = first.mean - second.mean, min(first.count, second.count)
    return Contrast(gap, float(low), float(high), error, *ratios, basis, units, carriers(*moved))


def reading(found: Contrast, metric: Metric) -> str:
    """Return how a contrast reads against the smallest effect of interest.

    `larger`: the whole interval lies beyond it; `negligible`: the whole interval lies within it; `undecided`:
    neither, so more replicates are needed; `fragile`: a mean hangs on fewer than 20 crises and its interval is not to
    be relied on; an empty string where no smallest effect was set or nothing was estimated.
    """
    if metric.smallest is None or np.isnan(found.difference):
        return ""
    if metric.kind == "mean" and found.basis != "identical" and 0 < found.carriers < CARRIERS:
        return "fragile"
    low, high, edge = found.low, found.high, metric.smallest
    if metric.scale == "ratio" and found.basis != "identical":
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high, edge = np.log(found.ratio_low), np.log(found.ratio_high), np.log(metric.smallest)
    if np.isnan(low) or np.isnan(high):
        return ""
    if low > edge or high < -edge:
        return "larger"
    return "negligible" if low > -edge and high < edge else "undecided"


def contrasts(arms: Sequence[Arm], baseline: Arm, metrics: Sequence[Metric], level: float = LEVEL) -> pl.DataFrame:
    """Return a row a metric and arm, each against the baseline.

    Returns
    -------
    pl.DataFrame
        `metric, label, unit, arm, baseline`, the fields of `Contrast`, `smallest_effect, smallest_scale, reading`.
    """
    rows = []
    for metric in metrics:
        for arm in (arm for arm in arms if arm is not baseline):
            found = contrast(arm, baseline, metric, level)
            rows.append(
                {
                    "metric": metric.name,
                    "label": metric.label,
                    "unit": metric.unit,
                    "arm": arm.name,
                    "baseline": baseline.name,
                    **asdict(found),
                    **over_draws_columns(change_over_draws(arm, baseline, metric)),
                    "smallest_effect": metric.smallest,
                    "smallest_scale": metric.scale,
                    "reading": reading(found, metric),
                }
            )
    return without_draws(pl.DataFrame(rows, schema_overrides={"smallest_effect": pl.Float64}))
