"""Parameter uncertainty and Monte Carlo error, drawn apart.

Each parameter point (an outer draw, for instance from a posterior) is simulated with some replicates (the inner draws).
The spread of the points' means mixes both kinds of ignorance; a one-way analysis of variance takes the Monte Carlo part
out of it, and each point's mean is drawn towards the middle by just that part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.intervals import Floats


@dataclass(frozen=True)
class Nested:
    """An effect estimated from nested draws.

    Parameters
    ----------
    mean : float
        Mean over the points.
    parameter_spread : float
        Standard deviation between points with Monte Carlo noise taken out.
    monte_carlo_error : float
        Standard error of `mean` from the inner draws alone.
    means : array, shape (points,)
        The points' effects, deconvolved: their spread is `parameter_spread`.
    """

    mean: float
    parameter_spread: float
    monte_carlo_error: float
    means: Floats

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Central interval of the effect over parameter points, Monte Carlo error left aside."""
        low, high = np.quantile(self.means, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


def nested(point: NDArray, value: NDArray, luck: NDArray | None = None) -> Nested:
    """Separate the spread between points from the noise within them.

    Where points share luck, chance moves them together: what they have in common is no spread between them, and it does
    not average out over points either.

    Parameters
    ----------
    point : array, shape (lanes,)
        Point of each lane.
    value : array, shape (lanes,)
        What was measured; for a contrast, the difference of two lanes that share luck. NaN values drop out.
    luck : array, shape (lanes,), optional
        Key of each lane's luck, once a point at most; keys that no two points share are the same as none.

    Returns
    -------
    Nested
        Points need not have the same number of replicates; at least two points are required.
    """
    value = np.asarray(value, float)
    kept = ~np.isnan(value)
    _, place = np.unique(np.asarray(point)[kept], return_inverse=True)
    sizes = np.bincount(place).astype(float)
    if sizes.size < 2:
        raise ValueError("nested draws need at least two points")
    means = np.bincount(place, value[kept]) / sizes
    apart = value[kept] - means[place]
    noise = _variance_within(np.bincount(place, apart**2).astype(float), sizes) / sizes
    error = float(np.sqrt(noise.sum()) / sizes.size)
    if luck is not None and (shared := _shared(place, apart, np.asarray(luck)[kept])) is not None:
        noise, error = shared[0] / sizes, shared[1]
    between = max(float(means.var(ddof=1)) - float(noise.mean()), 0.0)
    apart = _deconvolved(means, between)
    return Nested(float(means.mean()), float(np.sqrt(between)), error, apart)


def _variance_within(squares: Floats, sizes: Floats) -> Floats:
    """Variance between replicates, a point each; where a point has but one, what the others have together."""
    free = np.maximum(sizes - 1, 0)
    pooled = squares.sum() / free.sum() if free.any() else 0.0
    return np.divide(squares, free, out=np.full(len(sizes), pooled), where=free > 0)


def _shared(place: NDArray, apart: Floats, luck: NDArray) -> tuple[float, float] | None:
    """Variance of what luck does to one point alone, and error of the overall mean, where points share luck."""
    _, key = np.unique(luck, return_inverse=True)
    met = np.bincount(key).astype(float)
    points, keys = int(place.max()) + 1, met.size
    if keys < 2 or met.mean() < 2:
        return None
    common = np.bincount(key, apart) / met
    free = apart.size - points - keys + 1
    alone = float(np.sum((apart - common[key]) ** 2)) / max(free, 1)
    return alone, float(np.sqrt(np.sum((met * common) ** 2) * keys / (keys - 1)) / apart.size)


def _deconvolved(means: Floats, between: float) -> Floats:
    """Shrink the points' means towards their middle until their spread is the one between parameters."""
    observed = float(means.var(ddof=1))
    return means.mean() + (means - means.mean()) * np.sqrt(between / observed) if observed > 0 else means


def without_noise(seen: Floats, noise: Floats) -> Floats:
    """Points' effects, moved towards their middle until their covariance is what noise leaves of it.

    Parameters
    ----------
    seen : array, shape (..., points, effects)
    noise : array, shape (effects, effects)
        Covariance of the noise in each point's effects.
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
