"""Approximate Bayesian computation: draws of the prior whose data set would look like the record, then adjusted.

A data set is what a record of the same size would show: the expected summaries of a population, plus the noise of a
record with as many cases as the real one, plus what the emulator itself does not know. The nearest draws are kept and
moved along a local linear regression (Beaumont, Zhang and Balding 2002, Genetics 162), on a scale on which the bounds
of the priors lie at infinity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

import numpy as np

from experiments.calibration.emulator import Emulator, learned, learned_error
from experiments.targets.targets import Target

EDGE = 1e-4
MOST = 3.0
"""Largest distance that one summary adds, in its spreads, so that one out of reach does not decide among the rest."""


@dataclass(frozen=True)
class Observation:
    """The record on the learned scale: ``value`` and its standard ``error``, each ``(summaries,)``.

    ``half`` is half the width of a range within which nothing is preferred; 0 for a number.
    """

    names: tuple[str, ...]
    value: np.ndarray
    error: np.ndarray
    half: np.ndarray


def observed(chosen: Sequence[Target], per_case: Mapping[str, float]) -> Observation:
    """The record's numbers with the errors that their own numbers of cases leave.

    Parameters
    ----------
    chosen : sequence of Target
    per_case : mapping
        For each target, the standard error that a single case would leave on the learned scale; used where a record
        gives no interval.
    """
    rows = [_observed(target, per_case.get(target.id, nan)) for target in chosen]
    value, error, half = (np.array(column) for column in zip(*rows, strict=True))
    return Observation(tuple(target.id for target in chosen), value, error, half)


def _observed(target: Target, per_case: float) -> tuple[float, float, float]:
    low, high = (float(learned(target.id, np.array(bound))) for bound in (target.low, target.high))
    if isnan(target.value):
        return (low + high) / 2, (high - low) / 12, (high - low) / 2
    value = float(learned(target.id, np.array(target.value)))
    if isnan(low):
        return value, per_case / np.sqrt(target.n), 0.0
    return value, (high - low) / 3.92, 0.0


def per_case_errors(chosen: Sequence[Target], summaries: Mapping[str, np.ndarray]) -> dict[str, float]:
    """The standard error a single case would leave: the median over the half of populations nearest to the record."""
    made = {}
    for target in chosen:
        value, error, cases = (np.asarray(summaries[f"{target.id}{part}"], float) for part in ("", "_error", "_cases"))
        scaled = learned_error(target.id, value, error) * np.sqrt(cases)
        gap = np.abs(learned(target.id, value) - learned(target.id, np.array(target.value)))
        usable = (
            (scaled > 0) & (cases > 4) & ~(gap > np.median(gap[np.isfinite(gap)]) if np.isfinite(gap).any() else False)
        )
        made[target.id] = float(np.median(scaled[usable])) if usable.any() else nan
    return made


@dataclass(frozen=True)
class Posterior:
    """Draws as positions in the unit cube of the priors ``(draws, hyperparameters)``, and how far the kept ones lay."""

    positions: np.ndarray
    distance: np.ndarray


def reference(emulator: Emulator, dimensions: int, size: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Draws of the prior and their expected summaries."""
    where = np.random.default_rng(seed).random((size, dimensions))
    return where, np.vstack([emulator(part) for part in np.array_split(where, max(size // 4000, 1))])


def data_sets(expected: np.ndarray, emulator: Emulator, noise: np.ndarray, seed: int) -> np.ndarray:
    """Summaries of records of the real size, ``(draws, summaries)``: expected summaries with the noise of a record."""
    generator = np.random.default_rng([seed, 7])
    spread = np.sqrt(emulator.error**2 + noise**2)
    factor = np.linalg.cholesky(emulator.correlation)
    return expected + generator.standard_normal(expected.shape) @ factor.T * spread


def abc(where: np.ndarray, simulated: np.ndarray, observation: Observation, keep: int, spread: np.ndarray) -> Posterior:
    """The nearest draws, adjusted.

    Parameters
    ----------
    where : array ``(draws, hyperparameters)``
        Draws of the prior, positions in the unit cube.
    simulated : array ``(draws, summaries)``
        A data set of each.
    observation : Observation
    keep : int
        How many draws are kept.
    spread : array ``(summaries,)``
        The scale on which a summary's distance is measured.
    """
    gap = np.clip(beyond(simulated, observation) / spread, -MOST, MOST)
    distance = np.sqrt(np.sum(gap**2, axis=1))
    nearest = np.argsort(distance, kind="stable")[:keep]
    width = max(float(distance[nearest[-1]]), 1e-12)
    weight = np.maximum(1 - (distance[nearest] / width) ** 2, 1e-3)
    moved = adjusted(to_line(where[nearest]), gap[nearest][:, reached(gap[nearest])], weight)
    return Posterior(from_line(moved), distance[nearest])


def beyond(simulated: np.ndarray, observation: Observation) -> np.ndarray:
    """Signed distances of summaries from what was observed, 0 inside a range, ``(draws, summaries)``."""
    gap = simulated - observation.value
    return np.sign(gap) * np.maximum(np.abs(gap) - observation.half, 0)


def reached(gap: np.ndarray) -> np.ndarray:
    """Summaries that the kept draws have on both sides, bool ``(summaries,)``; for others a regression extrapolates."""
    low, high = np.quantile(gap, [0.05, 0.95], axis=0)
    return (low <= 0) & (high >= 0)


def adjusted(values: np.ndarray, gap: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Values moved to where a weighted linear regression puts them at a gap of zero."""
    design = np.column_stack([np.ones(len(gap)), gap])
    root = np.sqrt(weight)[:, None]
    penalty = 1e-3 * weight.sum() * np.diag([0.0, *np.ones(gap.shape[1])])
    slope = np.linalg.solve((design * root).T @ (design * root) + penalty, (design * root).T @ (values * root))
    return values - gap @ slope[1:]


def to_line(position: np.ndarray) -> np.ndarray:
    """Positions in 0-1 on the whole line."""
    clipped = np.clip(position, EDGE, 1 - EDGE)
    return np.log(clipped / (1 - clipped))


def from_line(value: np.ndarray) -> np.ndarray:
    """The inverse of :func:`to_line`."""
    return 1 / (1 + np.exp(-value))
