"""What one arm changes against another: differences and ratios, paired where luck is shared.

A contrast is never given as a p-value: with a simulator that would measure the number of replicates. It is read against
the smallest effect of interest instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm, identical, shared_keys
from experiments.statistics.bootstrap import accelerated_interval, acceleration, too_few
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
from experiments.statistics.intervals import LEVEL, wilson
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
        First minus second, its interval and its Monte Carlo standard error. There is no interval (NaN) for a single
        unit, nor by resampling for too few units (`bootstrap.too_few`) or for differences that did not vary: for too
        few the error is NaN, without variation it is 0.
    ratio, ratio_low, ratio_high : float
        First over second and its interval; NaN where it is not defined.
    basis : str
        `paired` (same luck in both arms), `unpaired`, or `identical` (the very same crises: exactly zero).
    units : int
        Units of luck that have values, in both arms (paired) or in the smaller one.
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
    if too_few(sample.occupied):
        return Contrast(gap, NAN, NAN, NAN, same, NAN, NAN, "identical", sample.occupied, 0.0)
    return Contrast(gap, gap, gap, gap, same, same, same, "identical", sample.occupied, 0.0)


def paired(first: Sample, second: Sample, metric: Metric, level: float = LEVEL) -> Contrast:
    """Contrast two samples whose unit numbers mean the same luck."""
    if metric.kind == "probability":
        return _shares(first, second, "paired", level)
    units = min(first.occupied, second.occupied)
    carried = NAN if metric.kind == "quantile" else carriers(first.influence - second.influence)
    few = too_few(units, metric.at, level)
    if few or _apart(first, second) is not None:
        value, other = point_value(first, metric), point_value(second, metric)
        return _bare(value, other, NAN if few else 0.0, metric, "paired", units, carried)
    own, base = resampled([first, second], metric)
    gap = Resampled(own.value - base.value, own.draws - base.draws, own.influence - base.influence)
    low, high = accelerated_interval(gap.value, gap.draws, acceleration(gap.influence), level)
    return Contrast(gap.value, low, high, gap.error, *_paired_ratio(own, base, level), "paired", units, carried)


def _apart(first: Sample, second: Sample) -> float | None:
    """Return how far two samples of the same luck lie apart where that is the same everywhere, else None."""
    if not first.values.size or not np.array_equal(first.units, second.units):
        return None
    gaps = first.values - second.values
    return None if np.ptp(gaps) else float(gaps[0])


def _bare(
    value: float, other: float, error: float, metric: Metric, basis: Basis, units: int, carried: float
) -> Contrast:
    """Return a contrast without any interval."""
    offset = 1.0 if metric.kind == "geometric" else 0.0
    over, under = value + offset, other + offset
    ratio = over / under if over > 0 and under > 0 else NAN
    return Contrast(value - other, NAN, NAN, error, ratio, NAN, NAN, basis, units, carried)


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
    carried = NAN if metric.kind == "quantile" else carriers(first.influence, second.influence)
    error, units = float(np.hypot(one.error, other.error)), min(one.units, other.units)
    if not error > 0:  # too few, or neither varied
        return _bare(one.value, other.value, error, metric, "unpaired", units, carried)
    one, other = (replace(arm, low=arm.value, high=arm.value) if not arm.error else arm for arm in (one, other))
    low, high = _combined(one.value, one.low, one.high, other.value, other.low, other.high)
    ratios = _combined_ratio(one, other, 1.0 if metric.kind == "geometric" else 0.0)
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
    low, high = map(float, share_difference(*sides, linked, level))
    value, ratio_low, ratio_high = share_ratio(*sides, linked, level)
    shared = 2 * covariance(first, second) if together else 0.0
    error = float(np.sqrt(max((first.error**2 + second.error**2) - shared, 0.0)))
    ratios = (float(value), float(ratio_low), float(ratio_high))
    moved = (first.influence - second.influence,) if together else (first.influence, second.influence)
    gap, units = first.mean - second.mean, min(first.occupied, second.occupied)
    if units < 2:
        return Contrast(gap, NAN, NAN, NAN, float(value), NAN, NAN, basis, units, carriers(*moved))
    if together and _apart(first, second) == 0:  # no pair differs: as many as Wilson's limit of none may
        most = float(wilson(0.0, units, level)[1])
        low, high = -most, most
        if first.mean > 0:
            ratios = (1.0, max(1 - most / first.mean, 0.0), 1 + most / first.mean)
    return Contrast(gap, low, high, error, *ratios, basis, units, carriers(*moved))


def reading(found: Contrast, metric: Metric) -> str:
    """Return how a contrast reads against the smallest effect of interest.

    `larger`: the whole interval lies beyond it; `negligible`: the whole interval lies within it; `undecided`:
    neither, so more replicates are needed; `fragile`: a mean hangs on fewer than 20 crises and its interval is not to
    be relied on; an empty string where no smallest effect was set, or there is no interval.
    """
    if metric.smallest is None or np.isnan(found.low):
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
