"""The smallest of several effects of the same parameter points, Monte Carlo noise taken out of all of them together.

The smallest of noisy numbers lies below the smallest of what they measure; and effects that share arms share noise, so
that taking it out of each apart would make them look less alike than they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.statistics.intervals import Floats
from experiments.statistics.nested import RESAMPLES, Nested, nested


@dataclass(frozen=True)
class Smallest(Nested):
    """The smallest of several effects over nested draws; as for one, with

    Parameters
    ----------
    seen : array, shape (points, effects)
        Every point's effects as they were observed.
    shared_noise : array, shape (effects, effects)
        Covariance that Monte Carlo error adds to `seen`, mean over the points.
    """

    seen: Floats
    shared_noise: Floats

    @cached_property
    def possible(self) -> Floats:
        """Resampled values of the smallest effect over parameter points, float, shape (resamples * points,).

        Points are resampled and noise is taken out of each resample anew, as for a single effect.
        """
        picks = np.random.default_rng(20_200_727).integers(len(self.seen), size=(RESAMPLES, len(self.seen)))
        return without_noise(self.seen[picks], self.shared_noise).min(axis=-1).ravel()


def smallest(point: NDArray, values: NDArray) -> Smallest:
    """Separate the spread of the smallest effect between points from the noise within them.

    Parameters
    ----------
    point : array, shape (lanes,)
        Point of each lane.
    values : array, shape (effects, lanes)
        What was measured, an effect a row; lanes of one point have luck of their own. A lane with a NaN drops out.
    """
    values, point = np.asarray(values, float), np.asarray(point)
    kept = ~np.isnan(values).any(axis=0)
    apart = [nested(point[kept], row[kept]) for row in values]
    _, place = np.unique(point[kept], return_inverse=True)
    sizes = np.bincount(place)
    seen = np.column_stack([effect.raw for effect in apart])
    rest = values[:, kept] - seen[place].T
    # Weighted so that the diagonal is the noise of each effect alone.
    weight = 1 / (np.maximum(sizes - 1, 1) * sizes * len(sizes))
    noise = (rest * weight[place]) @ rest.T
    worst = without_noise(seen, noise).min(axis=1)
    error = max(effect.monte_carlo_error for effect in apart)
    return Smallest(float(worst.mean()), float(worst.std(ddof=1)), error, worst, worst, 0.0, seen, noise)


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
