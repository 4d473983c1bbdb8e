"""Intervals at 95 % for probabilities, their differences and their ratios.

Everything here works on arrays of any shape, so a thousand simulated comparisons cost one call. Differences and ratios
are built from the two single Wilson intervals and the correlation between the arms ("recovering variances from
limits"): with correlation zero the difference is Newcombe's interval for independent proportions, with the phi
coefficient it is his interval for paired ones. The correlation is used as estimated, without a continuity
correction: with ten discordant pairs expected either way the simulated coverage is then .945-.955 throughout.

Sources: Wilson 1927, JASA 22; Newcombe 1998, Statistics in Medicine 17 (two papers); Zou and Donner 2008, Statistics in
Medicine 27.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]
LEVEL = 0.95
Z = float(ndtri(0.5 + LEVEL / 2))
"""Two-sided normal quantile of the level, 1.96."""


def wilson(share: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Return the limits of Wilson's score interval, within 0-1, which contain the share; 0-1 where there are no trials.

    The number of independent trials behind a share need not be whole: an effective number serves.
    """
    p, n = np.broadcast_arrays(np.asarray(share, float), np.asarray(trials, float))
    z2 = Z**2
    safe = np.where(n > 0, n, 1.0)
    middle = (p + z2 / (2 * safe)) / (1 + z2 / safe)
    reach = np.sqrt(z2 * p * (1 - p) / safe + z2**2 / (4 * safe**2)) / (1 + z2 / safe)
    low, high = np.clip(middle - reach, 0, p), np.clip(middle + reach, p, 1)
    low, high = np.where(p <= 0, 0.0, low), np.where(p >= 1, 1.0, high)
    return np.where(n > 0, low, 0.0), np.where(n > 0, high, 1.0)


def share_interval(share: ArrayLike, trials: ArrayLike) -> tuple[Floats, Floats]:
    """Return Wilson's interval, and none (NaN) where there are fewer than two trials: one crisis tells nothing."""
    enough = np.asarray(trials, float) >= 2
    low, high = wilson(share, trials)
    return np.where(enough, low, np.nan), np.where(enough, high, np.nan)


def difference(
    first: ArrayLike, first_trials: ArrayLike, second: ArrayLike, second_trials: ArrayLike, correlation: ArrayLike = 0.0
) -> tuple[Floats, Floats]:
    """Return the limits, -1 to 1, of `first - second`; swapping the shares negates and swaps them exactly.

    Shares 0-1 of any shape, with the trials behind them and the correlation of the two estimates, -1 to 1.
    """
    p, q = np.asarray(first, float), np.asarray(second, float)
    p_low, p_high = wilson(p, first_trials)
    q_low, q_high = wilson(q, second_trials)
    low = p - q - _reach(p - p_low, q_high - q, correlation)
    high = p - q + _reach(p_high - p, q - q_low, correlation)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def ratio(
    first: ArrayLike, first_trials: ArrayLike, second: ArrayLike, second_trials: ArrayLike, correlation: ArrayLike = 0.0
) -> tuple[Floats, Floats, Floats]:
    """Return the relative risk `first / second` and its limits, built on the logarithms of the Wilson limits.

    Parameters are those of :func:`difference`. With one share at zero the correlation cannot be used: the ratio is then
    0 or infinite, the finite limit that of independent shares. With both at zero it is NaN and its limits 0 to infinity.
    """
    p, q = np.asarray(first, float), np.asarray(second, float)
    p_low, p_high = wilson(p, first_trials)
    q_low, q_high = wilson(q, second_trials)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = p / q
        log_p, log_q = np.log(p), np.log(q)
        gap = log_p - log_q
        down = _reach(log_p - np.log(p_low), np.log(q_high) - log_q, correlation)
        up = _reach(np.log(p_high) - log_p, log_q - np.log(q_low), correlation)
        low, high = np.exp(gap - down), np.exp(gap + up)
        low, high = np.where(q == 0, p_low / q_high, low), np.where(p == 0, p_high / q_low, high)
    return value, np.where(p == 0, 0.0, low), np.where(q == 0, np.inf, high)


def _reach(first: Floats, second: Floats, correlation: ArrayLike) -> Floats:
    """Return the length of one arm of an interval: the law of cosines over two distances to a single limit."""
    square = (first**2 + second**2) - 2.0 * np.asarray(correlation, float) * (first * second)
    return np.sqrt(np.maximum(square, 0.0))
