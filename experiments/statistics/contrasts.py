"""Contrasts of two arms: differences and ratios, paired where luck is shared; crises rescued and harmed; factors.

A contrast is never given as a p-value: with a simulator that would measure the number of replicates. It is read against
the smallest effect of interest instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import polars as pl

from experiments.statistics.arms import (
    UNIT,
    Arm,
    Sample,
    acceleration,
    carriers,
    correlation,
    identical,
    pairs,
    shared_keys,
)
from experiments.statistics.estimates import (
    NAN,
    OVER_DRAWS,
    Estimate,
    Resampled,
    accelerated_interval,
    estimate,
    point_value,
    resampled,
    too_few,
    without_draws,
)
from experiments.statistics.intervals import difference as share_difference
from experiments.statistics.intervals import ratio as share_ratio
from experiments.statistics.intervals import share_interval, wilson
from experiments.statistics.metrics import Metric
from experiments.statistics.random_effects import change_over_draws

Basis = Literal["identical", "paired", "unpaired"]
CARRIERS = 20
"""Units that must carry the contrast of a mean before it is read against the smallest effect of interest."""


@dataclass(frozen=True)
class Contrast:
    """One arm against another: the difference is first minus second, the ratio first over second (NaN: not defined).

    There is no interval (NaN) for a single unit, nor by resampling for too few units (`estimates.too_few`) or for
    differences that did not vary: for too few the Monte Carlo standard error is NaN, without variation it is 0. The
    basis is `paired` (same luck in both arms), `unpaired`, or `identical` (the very same crises: exactly zero).
    ``units`` of luck have values in both arms (paired) or in the smaller one; ``carriers`` carry the contrast: for a
    probability about the number of discordant pairs; NaN for quantiles.
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


def contrast(first: Arm, second: Arm, metric: Metric) -> Contrast:
    """Contrast a metric of two arms, `first` minus `second`; paired when they share luck."""
    keys = shared_keys(first, second)
    if keys is None:
        return unpaired(first.sample(metric), second.sample(metric), metric)
    treated, control = first.sample(metric, keys), second.sample(metric, keys)
    return _nothing(treated, metric) if identical(first, second, keys) else paired(treated, control, metric)


def _nothing(sample: Sample, metric: Metric) -> Contrast:
    value, units = point_value(sample, metric), sample.occupied
    gap, same = (NAN, NAN) if np.isnan(value) else (0.0, 1.0 if value > 0 or metric.kind == "geometric" else NAN)
    if too_few(units):
        return Contrast(gap, NAN, NAN, NAN, same, NAN, NAN, "identical", units, 0.0)
    return Contrast(gap, gap, gap, gap, same, same, same, "identical", units, 0.0)


def paired(first: Sample, second: Sample, metric: Metric) -> Contrast:
    """Contrast two samples whose unit numbers mean the same luck."""
    if metric.kind == "probability":
        return _shares(first, second, "paired")
    units = min(first.occupied, second.occupied)
    carried = NAN if metric.kind == "quantile" else carriers(first.influence - second.influence)
    few = too_few(units, metric.at)
    if few or _constant_gap(first, second) is not None:
        value, other = (point_value(sample, metric) for sample in (first, second))
        return _without_interval(value, other, NAN if few else 0.0, metric, "paired", units, carried)
    treated, control = resampled([first, second], metric)
    gap = Resampled(treated.value - control.value, treated.draws - control.draws, treated.influence - control.influence)
    low, high = accelerated_interval(gap.value, gap.draws, acceleration(gap.influence))
    ratios = _paired_ratio(treated, control, metric.offset)
    return Contrast(gap.value, low, high, gap.error, *ratios, "paired", units, carried)


def _constant_gap(first: Sample, second: Sample) -> float | None:
    """Return how far two samples of the same luck lie apart where that is the same everywhere, else None."""
    if not first.values.size or not np.array_equal(first.units, second.units):
        return None
    gaps = first.values - second.values
    return None if np.ptp(gaps) else float(gaps[0])


def _without_interval(
    value: float, other: float, error: float, metric: Metric, basis: Basis, units: int, carried: float
) -> Contrast:
    over, under = value + metric.offset, other + metric.offset
    ratio = over / under if over > 0 and under > 0 else NAN
    return Contrast(value - other, NAN, NAN, error, ratio, NAN, NAN, basis, units, carried)


def _paired_ratio(treated: Resampled, control: Resampled, offset: float) -> tuple[float, float, float]:
    over, under = treated.value + offset, control.value + offset
    if not (over > 0 and under > 0):
        return NAN, NAN, NAN
    bend = acceleration(treated.influence / over - control.influence / under)
    with np.errstate(divide="ignore", invalid="ignore"):
        gap = np.log(treated.draws + offset) - np.log(control.draws + offset)
    low, high = accelerated_interval(np.log(over) - np.log(under), gap, bend)
    return over / under, float(np.exp(low)), float(np.exp(high))


def unpaired(first: Sample, second: Sample, metric: Metric) -> Contrast:
    """Contrast two samples with luck of their own; the two single intervals are combined."""
    if metric.kind == "probability":
        return _shares(first, second, "unpaired")
    treated, control = estimate(first, metric), estimate(second, metric)
    carried = NAN if metric.kind == "quantile" else carriers(first.influence, second.influence)
    error, units = float(np.hypot(treated.error, control.error)), min(treated.units, control.units)
    if not error > 0:  # too few, or neither varied
        return _without_interval(treated.value, control.value, error, metric, "unpaired", units, carried)
    treated, control = (
        replace(arm, low=arm.value, high=arm.value) if not arm.error else arm for arm in (treated, control)
    )
    low, high = _combined(treated.value, treated.low, treated.high, control.value, control.low, control.high)
    ratios = _combined_ratio(treated, control, metric.offset)
    return Contrast(treated.value - control.value, low, high, error, *ratios, "unpaired", units, carried)


def _combined(
    value: float, low: float, high: float, other: float, other_low: float, other_high: float
) -> tuple[float, float]:
    down, up = np.hypot(value - low, other_high - other), np.hypot(high - value, other - other_low)
    return value - other - float(down), value - other + float(up)


def _combined_ratio(treated: Estimate, control: Estimate, offset: float) -> tuple[float, float, float]:
    over, under = treated.value + offset, control.value + offset
    if not (over > 0 and under > 0):
        return NAN, NAN, NAN
    limits = (over, treated.low + offset, treated.high + offset, under, control.low + offset, control.high + offset)
    with np.errstate(divide="ignore"):
        low, high = _combined(*np.log(np.maximum(limits, 0)))
    return over / under, float(np.exp(low)), float(np.exp(high))


def _shares(first: Sample, second: Sample, basis: Basis) -> Contrast:
    together = basis == "paired"
    sides = (first.mean, first.trials, second.mean, second.trials, correlation(first, second) if together else 0.0)
    low, high = map(float, share_difference(*sides))
    ratio, least, most = map(float, share_ratio(*sides))
    shared = 2 * float(np.sum(first.influence * second.influence) / first.count**2) if together else 0.0
    error = float(np.sqrt(max((first.error**2 + second.error**2) - shared, 0.0)))
    moved = (first.influence - second.influence,) if together else (first.influence, second.influence)
    gap, units, carried = first.mean - second.mean, min(first.occupied, second.occupied), carriers(*moved)
    if units < 2:
        return Contrast(gap, NAN, NAN, NAN, ratio, NAN, NAN, basis, units, carried)
    if together and _constant_gap(first, second) == 0:  # no pair differs: as many as Wilson's limit of none may
        limit = float(wilson(0.0, units)[1])
        low, high = -limit, limit
        if first.mean > 0:
            ratio, least, most = 1.0, max(1 - limit / first.mean, 0.0), 1 + limit / first.mean
    return Contrast(gap, low, high, error, ratio, least, most, basis, units, carried)


def reading(result: Contrast, metric: Metric) -> str:
    """Return how a contrast reads against the smallest effect of interest.

    `larger`: the whole interval lies beyond it; `negligible`: the whole interval lies within it; `undecided`:
    neither, so more replicates are needed; `fragile`: a mean hangs on fewer than 20 crises and its interval is not to
    be relied on; an empty string where no smallest effect was set, or there is no interval.
    """
    if metric.smallest is None or np.isnan(result.low):
        return ""
    if metric.kind == "mean" and result.basis != "identical" and 0 < result.carriers < CARRIERS:
        return "fragile"
    low, high, edge = result.low, result.high, metric.smallest
    if metric.scale == "ratio" and result.basis != "identical":
        with np.errstate(divide="ignore", invalid="ignore"):
            low, high, edge = np.log(result.ratio_low), np.log(result.ratio_high), np.log(metric.smallest)
    if np.isnan(low) or np.isnan(high):
        return ""
    if low > edge or high < -edge:
        return "larger"
    return "negligible" if low > -edge and high < edge else "undecided"


def contrasts(arms: Sequence[Arm], baseline: Arm, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Return a row a metric and arm, each against the baseline.

    Columns are `metric, label, unit, arm, baseline`, the fields of `Contrast`, `smallest_effect, smallest_scale,
    reading`.
    """
    rows = []
    for metric in metrics:
        names = {"metric": metric.name, "label": metric.label, "unit": metric.unit}
        smallest = {"smallest_effect": metric.smallest, "smallest_scale": metric.scale}
        for arm in (arm for arm in arms if arm is not baseline):
            result = contrast(arm, baseline, metric)
            over_draws = dict(zip(OVER_DRAWS, change_over_draws(arm, baseline, metric), strict=True))
            row = {**names, "arm": arm.name, "baseline": baseline.name, **vars(result), **over_draws, **smallest}
            rows.append({**row, "reading": reading(result, metric)})
    return without_draws(pl.DataFrame(rows, schema_overrides={"smallest_effect": pl.Float64}))


CLASSES = {"spared": "well either way", "rescued": "rescued", "harmed": "harmed", "lost": "ill either way"}
"""Class of a matched pair -> words: `rescued` is ill under the baseline alone, `harmed` under the arm alone."""
_ILL = {"spared": (False, False), "rescued": (False, True), "harmed": (True, False), "lost": (True, True)}
"""Class of a matched pair -> whether it is ill under the arm, and under the baseline."""


def joint_table(arm: Arm, baseline: Arm, bad: Metric) -> pl.DataFrame | None:
    """Count what an arm does to each crisis of the baseline; None where no crisis has a counterpart of the same luck.

    ``bad`` is a probability: the outcome one wants to avoid. A row a class: `arm, baseline, outcome, class, value, low,
    high, error, frechet_low, frechet_high, pairs`.

    Under shared luck each crisis has its counterpart, so the joint distribution can be counted. It depends on how luck
    is shared, which no observation can settle; the Frechet bounds beside it hold however it is shared.
    """
    if shared_keys(arm, baseline) is None:
        return None
    matched = pairs(arm, baseline, [bad]).drop_nulls()
    if matched.is_empty():
        return None
    ill = [matched[f"{bad.name}:{side}"].to_numpy() > 0.5 for side in ("first", "second")]
    units = matched[UNIT].rank("dense").to_numpy().astype(np.int64) - 1
    rows: list[dict[str, Any]] = []
    for name, (ill_here, ill_there) in _ILL.items():
        alike = (ill[0] == ill_here) & (ill[1] == ill_there)
        sample = Sample.of(alike.astype(float), units, int(units.max()) + 1)
        low, high = map(float, share_interval(sample.mean, sample.trials))
        first, second = map(float, (ill[0].mean(), ill[1].mean()))
        least, most = frechet_bounds(first if ill_here else 1 - first, second if ill_there else 1 - second)
        names = {"arm": arm.name, "baseline": baseline.name, "outcome": bad.label, "class": name}
        numbers = {"value": sample.mean, "low": low, "high": high, "error": sample.error}
        rows.append({**names, **numbers, "frechet_low": least, "frechet_high": most, "pairs": matched.height})
    return pl.DataFrame(rows)


def frechet_bounds(first: float, second: float) -> tuple[float, float]:
    """Return the smallest and largest share of crises with both outcomes, of these shares, that two margins allow."""
    return max(0.0, first + second - 1), min(first, second)


# -- response to factors -----------------------------------------------------------------------------------------------

QUANTILE_CLASSES = 10
LEVELS = 24


def grouped(values: pl.Series) -> pl.Series:
    """Return the levels of a factor: its values, or the middles of quantile classes where it varies continuously."""
    if not values.dtype.is_numeric() or values.n_unique() <= LEVELS:
        return values
    numbers = values.to_numpy()
    edges = np.unique(np.quantile(numbers, np.linspace(0, 1, QUANTILE_CLASSES + 1)))
    class_of = np.clip(np.searchsorted(edges, numbers, side="right") - 1, 0, edges.size - 2)
    middles = [np.median(numbers[class_of == k]) if (class_of == k).any() else np.nan for k in range(edges.size - 1)]
    return pl.Series(values.name, np.array(middles)[class_of])


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
        low, high = (Arm(str(end), lanes.filter(levels == end).drop(*factors), horizon) for end in ends)
        row: dict[str, Any] = {"factor": name, "low_level": low.name, "high_level": high.name}
        row |= {
            f"{end}_value": estimate(arm.sample(metric), metric).value for end, arm in (("low", low), ("high", high))
        }
        change = vars(contrast(high, low, metric))
        rows.append(row | {key: change[key] for key in ("difference", "low", "high", "error", "basis")})
    return pl.DataFrame(rows).sort(pl.col("difference").abs().fill_nan(-1), descending=True) if rows else pl.DataFrame()
