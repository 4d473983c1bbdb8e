"""Parameter uncertainty and Monte Carlo error, drawn apart.

Each parameter point (an outer draw, for instance from a posterior) is simulated with some replicates (the inner draws).
The spread of the points' means mixes both kinds of ignorance; a one-way analysis of variance takes the Monte Carlo part
out of it, and each point's mean is drawn towards the middle by just that part. The range over points is then about
parameters alone, as the intervals of a study's estimates are about chance alone, given those points.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.arms import CELL, DRAW, UNIT, Arm, pairs, shared_keys
from experiments.statistics.intervals import LEVEL, Floats
from experiments.statistics.metrics import Metric

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
    return parameter_interval(*(cells[name].to_numpy() for name in (DRAW, "value", UNIT)))


def parameter_interval(point: NDArray, value: NDArray, luck: NDArray | None = None) -> tuple[float, float]:
    """Return the central 95 % of an effect over parameter points, Monte Carlo error left aside.

    Parameters are those of :func:`deconvolved`.
    """
    low, high = np.quantile(deconvolved(point, value, luck), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def deconvolved(point: NDArray, value: NDArray, luck: NDArray | None = None) -> Floats:
    """Return the points' effects, shape (points,), shrunk until their spread is the one between parameters.

    ``point``, ``value`` and ``luck`` are of shape (lanes,). Points, two at least, need not have the same number of
    replicates; values (for a contrast, the difference of two lanes that share luck) drop out where they are NaN. A
    lane's luck meets a point once at most; where points share it, chance moves them together: what they have in common
    is no spread between them.
    """
    value = np.asarray(value, float)
    kept = ~np.isnan(value)
    _, place = np.unique(np.asarray(point)[kept], return_inverse=True)
    sizes = np.bincount(place).astype(float)
    if sizes.size < 2:
        raise ValueError("nested draws need at least two points")
    means = np.bincount(place, value[kept]) / sizes
    apart = value[kept] - means[place]
    within = None if luck is None else _variance_apart(place, apart, np.asarray(luck)[kept])
    if within is None:
        squares, free = np.bincount(place, apart**2), np.maximum(sizes - 1, 0)
        pooled = squares.sum() / free.sum() if free.any() else 0.0  # for points with a single replicate
        within = np.divide(squares, free, out=np.full(len(sizes), pooled), where=free > 0)
    observed = float(means.var(ddof=1))
    between = max(observed - float((within / sizes).mean()), 0.0)
    return means.mean() + (means - means.mean()) * np.sqrt(between / observed) if observed > 0 else means


def _variance_apart(place: NDArray, apart: Floats, luck: NDArray) -> float | None:
    """Variance of what luck does to one point alone; None where points share no luck."""
    _, key = np.unique(luck, return_inverse=True)
    met = np.bincount(key)
    if met.size < 2 or met.mean() < 2:
        return None
    common = np.bincount(key, apart) / met
    free = apart.size - int(place.max()) - met.size
    return float(np.sum((apart - common[key]) ** 2)) / max(free, 1)


def without_noise(seen: Floats, noise: Floats) -> Floats:
    """Points' effects (..., points, effects), moved to their middle until their covariance is what noise leaves of it.

    ``noise`` (effects, effects) is the covariance of the noise in each point's effects.
    """
    middle = seen.mean(axis=-2, keepdims=True)
    apart = seen - middle
    observed = np.swapaxes(apart, -1, -2) @ apart / (seen.shape[-2] - 1)
    return middle + apart @ _power(observed, -0.5) @ _power(observed - noise, 0.5)


def _power(matrix: Floats, exponent: float) -> Floats:
    """A symmetric matrix to a power; directions without variance, or with less than none, count as nothing."""
    values, vectors = np.linalg.eigh(matrix)
    least = 1e-10 * np.abs(values).max(axis=-1, keepdims=True)
    raised = np.power(values, exponent, out=np.zeros_like(values), where=values > least)
    return (vectors * raised[..., None, :]) @ np.swapaxes(vectors, -1, -2)
