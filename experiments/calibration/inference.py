"""The posterior by a synthetic likelihood and tempered sequential Monte Carlo.

The likelihood of the record is that of summaries with the means an emulator expects, and with a covariance of the
record's own noise, the emulator's error, and a discrepancy between any model and the world (Wood 2010, Nature 466;
Kennedy and O'Hagan 2001), of heavy tails, so that a row out of reach does not decide among the rest. Draws of the prior
are moved to the posterior by raising the likelihood from power 0 to 1 (Del Moral, Doucet and Jasra 2006).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan, nan

import numpy as np
from scipy.linalg import solve_triangular

from experiments.calibration.emulator import Emulator, learned, learned_error
from experiments.targets.targets import Target

EDGE = 1e-4
DISCREPANCY = 1.0
"""Standard deviation of the model's own discrepancy from a row, in the record's standard errors; assumed."""
FREEDOM = 4.0
"""Degrees of freedom of the likelihood's tails; assumed."""
MOVES = 12
"""Steps of the random walk at each power of the likelihood."""


@dataclass(frozen=True)
class Observation:
    """The record on the learned scale: numbers, standard errors, half widths of ranges (0: a number), ``(summaries,)``."""

    names: tuple[str, ...]
    value: np.ndarray
    error: np.ndarray
    half: np.ndarray

    def without(self, names: Sequence[str]) -> Observation:
        """The same record with rows that say nothing."""
        return replace(self, error=np.where(np.isin(self.names, names), np.inf, self.error))


def observed(chosen: Sequence[Target], per_case: Mapping[str, float]) -> Observation:
    """The record's numbers with the errors that their own numbers of cases leave.

    ``per_case`` is, by target, the standard error that a single case would leave on the learned scale; used where a
    record gives no interval.
    """
    rows = []
    for target in chosen:
        low, middle, high = (float(learned(target.id, np.array(x))) for x in (target.low, target.value, target.high))
        if isnan(middle):
            rows.append(((low + high) / 2, (high - low) / 12, (high - low) / 2))
        elif isnan(low):
            rows.append((middle, per_case.get(target.id, nan) / np.sqrt(target.n), 0.0))
        else:
            rows.append((middle, (high - low) / 3.92, 0.0))
    value, error, half = (np.array(column) for column in zip(*rows, strict=True))
    return Observation(tuple(target.id for target in chosen), value, error, half)


def per_case_errors(chosen: Sequence[Target], summaries: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The standard error a single case would leave: the median over the half of populations nearest to the record."""
    errors = {}
    for target in chosen:
        value, error, cases = (np.asarray(summaries[f"{target.id}{part}"], float) for part in ("", "_error", "_cases"))
        scaled = learned_error(target.id, value, error) * np.sqrt(cases)
        usable = (scaled > 0) & (cases > 4)
        gap = np.abs(learned(target.id, value) - learned(target.id, np.array(target.value)))
        if np.isfinite(gap).any():
            usable &= ~(gap > np.median(gap[np.isfinite(gap)]))
        errors[target.id] = float(np.median(scaled[usable])) if usable.any() else nan
    return errors


def beyond(expected: np.ndarray, observation: Observation) -> np.ndarray:
    """Signed distances of summaries from what was observed, 0 inside a range, ``(draws, summaries)``."""
    gap = expected - observation.value
    return np.sign(gap) * np.maximum(np.abs(gap) - observation.half, 0)


@dataclass(frozen=True)
class Likelihood:
    """The logarithm of the likelihood of a record at positions in the unit cube of the priors."""

    emulator: Emulator
    observation: Observation

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Log likelihoods ``(draws,)`` at ``positions`` ``(draws, hyperparameters)``."""
        return self.of_expected(self.emulator(positions))

    def of_expected(self, expected: np.ndarray) -> np.ndarray:
        """Log likelihoods ``(draws,)`` where ``expected`` ``(draws, summaries)`` are the summaries' means."""
        used = np.isfinite(self.observation.error)
        spread = np.sqrt((1 + DISCREPANCY**2) * self.observation.error[used] ** 2 + self.emulator.error[used] ** 2)
        factor = np.linalg.cholesky(self.emulator.correlation[np.ix_(used, used)])
        gap = beyond(expected, self.observation)[:, used] / spread
        whitened = solve_triangular(factor, gap.T, lower=True)
        heavy = -(FREEDOM + 1) / 2 * np.log1p(whitened**2 / FREEDOM)
        return heavy.sum(axis=0) - np.log(spread).sum() - np.log(np.diag(factor)).sum()


@dataclass(frozen=True)
class Posterior:
    """Draws as positions in the unit cube of the priors ``(draws, hyperparameters)``, with their log likelihoods."""

    positions: np.ndarray
    log_likelihood: np.ndarray
    log_evidence: float


def sampled(
    likelihood: Callable[[np.ndarray], np.ndarray],
    dimensions: int,
    size: int,
    seed: int,
    allowed: Callable[[np.ndarray], np.ndarray] = lambda positions: np.ones(len(positions), bool),
) -> Posterior:
    """Draws of the posterior.

    Parameters
    ----------
    likelihood : callable
        Positions ``(draws, hyperparameters)`` to log likelihoods ``(draws,)``.
    dimensions, size, seed : int
        Number of hyperparameters, of draws, and the seed.
    allowed : callable
        Positions to whether the prior allows them, ``(draws,)``.
    """
    generator = np.random.default_rng([seed, 5])
    line = to_line(_allowed_draws(allowed, dimensions, size, generator))
    value, power, evidence, scale = likelihood(from_line(line)), 0.0, 0.0, 1.0
    while power < 1:
        step = _step(value, 1 - power)
        weight = np.exp(step * (value - value.max()))
        evidence += step * value.max() + np.log(weight.mean())
        # systematic resampling
        at = (generator.random() + np.arange(size)) / size
        picked = np.minimum(np.searchsorted(np.cumsum(weight / weight.sum()), at), size - 1)
        line, value, power = line[picked], value[picked], power + step
        walk = np.linalg.cholesky(np.cov(line.T) * 2.38**2 / dimensions + 1e-9 * np.eye(dimensions))
        for _ in range(MOVES):
            moved = line + scale * generator.standard_normal(line.shape) @ walk.T
            position = from_line(moved)
            reached = likelihood(position)
            ratio = power * (reached - value) + _log_density(moved) - _log_density(line)
            accepted = (np.log(generator.random(size)) < ratio) & allowed(position)
            line, value = np.where(accepted[:, None], moved, line), np.where(accepted, reached, value)
            scale = float(np.clip(scale * np.exp(accepted.mean() - 0.25), 0.05, 2))
    return Posterior(from_line(line), value, float(evidence))


def _allowed_draws(
    allowed: Callable[[np.ndarray], np.ndarray], dimensions: int, size: int, generator: np.random.Generator
) -> np.ndarray:
    draws = np.empty((0, dimensions))
    while len(draws) < size:
        drawn = generator.random((size, dimensions))
        draws = np.vstack([draws, drawn[allowed(drawn)]])
    return draws[:size]


def _step(value: np.ndarray, most: float) -> float:
    """The largest step in the likelihood's power that leaves half of the draws in effect."""

    def effective(step: float) -> float:
        weight = np.exp(step * (value - value.max()))
        return float(weight.sum() ** 2 / (weight**2).sum() / len(value))

    if effective(most) >= 0.5:
        return most
    low, high = 0.0, most
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= 0.5 else (low, middle)
    return max(low, 1e-6 * most)


def _log_density(line: np.ndarray) -> np.ndarray:
    """Log density of the uniform distribution of positions, on the line."""
    return -(np.logaddexp(0, line) + np.logaddexp(0, -line)).sum(axis=1)


def to_line(position: np.ndarray) -> np.ndarray:
    """Positions in 0-1 on the whole line."""
    clipped = np.clip(position, EDGE, 1 - EDGE)
    return np.log(clipped / (1 - clipped))


def from_line(value: np.ndarray) -> np.ndarray:
    """The inverse of :func:`to_line`."""
    return 1 / (1 + np.exp(-np.clip(value, -30, 30)))
