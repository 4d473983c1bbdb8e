"""A deterministic, vectorised bootstrap over units of luck.

The resampling weights depend on the number of units and a fixed seed alone, never on the data: the same study always
prints the same interval, paired arms are resampled together simply by using the same weights, and contrasting B with
A gives exactly the negative of contrasting A with B. Intervals are bias-corrected and accelerated (Efron 1987, JASA 82)
and read off order statistics, not interpolated, for the same reason. (SciPy's BCa shares no weights between samples,
and its jackknife is too slow at 10,000 units.)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from experiments.statistics.arms import Sample
from experiments.statistics.intervals import LEVEL, Floats, Z

DRAWS = 1999
SEED = 20_200_712
_BLOCK = 4_000_000
_KEPT = 16_000_000


def too_few(units: int, at: float = 0.5) -> bool:
    """Return whether units are so few that even their whole range misses a quantile too often: no interval then.

    Resampling never leaves the range of what was drawn. Five crises miss the median in 6 % of studies, six in 3 %.
    """
    return at**units + (1 - at) ** units > 1 - LEVEL


def weight_blocks(units: int, draws: int = DRAWS) -> Iterator[Floats]:
    """Yield resampling weights, arrays of shape (some draws, units); each row sums to `units`."""
    blocks = _kept_weights if units * draws <= _KEPT else _fresh_weights
    yield from (block.astype(float) for block in blocks(units, draws))


@lru_cache(maxsize=4)
def _kept_weights(units: int, draws: int) -> list[NDArray]:
    # One byte is enough: among few units none can be drawn more than 255 times, among many none ever is.
    return [block.astype(np.uint8) for block in _fresh_weights(units, draws)]


def _fresh_weights(units: int, draws: int) -> Iterator[NDArray]:
    generator = np.random.Generator(np.random.PCG64([SEED, units]))
    rows = max(1, _BLOCK // max(units, 1))
    for start in range(0, draws, rows):
        count = min(rows, draws - start)
        picked = generator.integers(0, units, size=(count, units))
        picked += np.arange(count)[:, None] * units
        yield np.bincount(picked.ravel(), minlength=count * units).reshape(count, units)


def resampled_means(samples: list[Sample], draws: int = DRAWS) -> Floats:
    """Return bootstrap replicates of the means, shape (draws, samples); all samples must have the same units."""
    parts = np.stack([part for sample in samples for part in (sample.sums, sample.sizes)])
    # No matrix product: a threaded library would add in an order of its own, and the last bits would depend on it.
    blocks = weight_blocks(samples[0].count, draws)
    totals = np.concatenate([np.einsum("bu,ku->bk", block, parts) for block in blocks])
    with np.errstate(invalid="ignore", divide="ignore"):
        return totals[:, 0::2] / totals[:, 1::2]


def quantile(sample: Sample, at: float) -> float:
    """Return the smallest value that at least the share `at` of the values does not exceed; NaN when there are none."""
    if not sample.values.size:
        return float("nan")
    place = max(int(np.ceil(at * sample.values.size - 1e-9)) - 1, 0)
    return float(np.partition(sample.values, place)[place])


def resampled_quantiles(sample: Sample, at: float, draws: int = DRAWS) -> Floats:
    """Return bootstrap replicates of a quantile, shape (draws,)."""
    levels, place = np.unique(sample.values, return_inverse=True)
    if not levels.size:
        return np.full(draws, np.nan)
    order = np.argsort(place, kind="stable")
    units, last = sample.units[order], np.flatnonzero(np.diff(place[order], append=levels.size))
    chosen = []
    for block in weight_blocks(sample.count, draws):
        reached = np.cumsum(block[:, units], axis=1)[:, last]
        chosen.append(levels[np.argmax(reached >= at * reached[:, -1:] - 1e-9, axis=1)])
    return np.concatenate(chosen)


def accelerated_interval(estimate: float, replicates: Floats, acceleration: float) -> tuple[float, float]:
    """Return the bias-corrected accelerated interval, which contains the estimate; NaN when there is nothing to go by.

    Bootstrap replicates, shape (draws,), that are not defined are left out; an acceleration (see
    :func:`~experiments.statistics.arms.acceleration`) of 0 gives the bias-corrected percentile interval.
    """
    ordered = np.sort(replicates[~np.isnan(replicates)])
    if not ordered.size or not np.isfinite(estimate):
        return float("nan"), float("nan")
    shift = _bias(estimate, ordered)
    below = _rank(shift - Z, shift, acceleration, ordered.size)
    above = _rank(-shift - Z, -shift, -acceleration, ordered.size)
    return min(float(ordered[below]), estimate), max(float(ordered[ordered.size - 1 - above]), estimate)


def _bias(estimate: float, ordered: Floats) -> float:
    """Return the normal score of the estimate's rank; ties count half, and negated data negate it exactly."""
    less = float(np.searchsorted(ordered, estimate, side="left"))
    more = float(ordered.size - np.searchsorted(ordered, estimate, side="right"))
    smaller = (min(less, more) + (ordered.size - less - more) / 2) / ordered.size
    score = float(ndtri(max(smaller, 0.5 / (ordered.size + 1))))
    return score if less < more else -score if less > more else 0.0


def _rank(score: float, shift: float, acceleration: float, draws: int) -> int:
    """Return how many order statistics to leave out on one side."""
    room = 1 - acceleration * score
    tail = float(ndtr(shift + score / room)) if room > 0 else 0.0
    return min(max(int(np.floor(tail * (draws + 1) + 1e-9)) - 1, 0), draws - 1)
