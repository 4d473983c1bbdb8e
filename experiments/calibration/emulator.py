"""An emulator: what a population's summaries are likely to be, learned from populations that were simulated.

A quadratic response surface for each summary (Box and Wilson 1951), its coefficients shrunk by ridge regression with the
penalty that generalised cross-validation prefers (Golub, Heath and Wahba 1979). Shares are learned as they are, since
their estimates are unbiased at any number of crises; days and deaths are learned in the logarithm. A surface holds near
the populations it was learned from, so those that an earlier surface puts far from the record are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.targets.readings import READINGS
from experiments.targets.targets import Target

PENALTIES = np.logspace(-2, 4, 19)
LEAST_SHARE = 2e-4
"""An emulated share is kept off 0 and 1 by this much."""


def is_count(name: str) -> bool:
    """Whether a target is a number of days or deaths, to be learned in the logarithm."""
    return READINGS[name].metric.kind == "quantile" or name == "T3b"


def learned(name: str, value: np.ndarray) -> np.ndarray:
    """A summary on the scale on which it is learned and compared."""
    return np.log1p(np.maximum(value, 0)) if is_count(name) else np.asarray(value, float)


def unlearned(name: str, value: np.ndarray) -> np.ndarray:
    """The inverse of :func:`learned`."""
    return np.maximum(np.expm1(value), 0) if is_count(name) else np.asarray(value, float)


def learned_error(name: str, value: np.ndarray, error: np.ndarray) -> np.ndarray:
    """A standard error carried over to the scale of :func:`learned`."""
    return error / (1 + np.maximum(value, 0)) if is_count(name) else np.asarray(error, float)


@dataclass(frozen=True)
class Emulator:
    """Response surfaces of several summaries.

    Attributes
    ----------
    names : tuple of str
        The summaries.
    coefficients : array ``(features, summaries)``
    skill : array ``(summaries,)``
        Share of the variance that is explained at populations left out one by one.
    error : array ``(summaries,)``
        Standard error of the surface itself, beyond the noise of the populations.
    correlation : array ``(summaries, summaries)``
        That of what the surfaces leave over: mostly the noise of summaries that are read off the same crises.
    populations : int
        How many it was learned from.
    """

    names: tuple[str, ...]
    coefficients: np.ndarray
    skill: np.ndarray
    error: np.ndarray
    correlation: np.ndarray
    populations: int

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Expected summaries on the learned scale at positions in the unit cube, ``(points, summaries)``."""
        expected = features(positions) @ self.coefficients
        shares = [number for number, name in enumerate(self.names) if not is_count(name) and name != "B2"]
        expected[:, shares] = np.clip(expected[:, shares], LEAST_SHARE, 1 - LEAST_SHARE)
        return expected


def features(positions: np.ndarray) -> np.ndarray:
    """A constant, and the positions, their squares and products, ``(points, features)``."""
    centred = 2 * np.asarray(positions) - 1
    first, second = np.triu_indices(centred.shape[1])
    return np.column_stack([np.ones(len(centred)), centred, centred[:, first] * centred[:, second]])


def fit(where: np.ndarray, summaries: Mapping[str, np.ndarray], chosen: Sequence[Target]) -> Emulator:
    """Learn every target's summary from simulated populations.

    Parameters
    ----------
    where : array ``(points, hyperparameters)``
        Positions in the unit cube of the priors.
    summaries : mapping
        Columns ``<id>`` and ``<id>_error``, each ``(points,)``; NaN where a population had no case.
    chosen : sequence of Target
    """
    design = features(where)
    value = np.column_stack([learned(target.id, summaries[target.id]) for target in chosen])
    noise = np.column_stack([learned_error(t.id, summaries[t.id], summaries[f"{t.id}_error"]) for t in chosen])
    known = np.isfinite(value)
    whole = known.all(axis=0)
    coefficients, left = np.zeros((design.shape[1], len(chosen))), np.full(value.shape, np.nan)
    coefficients[:, whole], left[:, whole] = ridge(design, value[:, whole])
    for number in np.flatnonzero(~whole):
        rows = known[:, number]
        coefficients[:, [number]], left[rows, number : number + 1] = ridge(design[rows], value[rows][:, [number]])
    spread, over = np.nanvar(value, axis=0), np.nanmean(left**2, axis=0)
    own = np.array(
        [_own_error(column[rows], noise[rows, n]) for n, (column, rows) in enumerate(zip(left.T, known.T, strict=True))]
    )
    skill = 1 - over / np.where(spread > 0, spread, 1)
    return Emulator(tuple(t.id for t in chosen), coefficients, skill, own, _correlation(left), len(where))


def ridge(design: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression of several columns with one design, each with the penalty that cross-validation prefers.

    Returns
    -------
    coefficients, left
        ``(features, columns)``; the constant, in the first column of the design, is not shrunk. And what is left over
        at each point if it is left out, ``(points, columns)``.
    """
    middle, centre, scale = value.mean(axis=0), design[:, 1:].mean(axis=0), design[:, 1:].std(axis=0)
    scale = np.where(scale > 0, scale, 1)
    u, s, vt = np.linalg.svd((design[:, 1:] - centre) / scale, full_matrices=False)
    turned = u.T @ (value - middle)
    score, coefficients, left = np.full(value.shape[1], np.inf), None, np.empty(value.shape)
    coefficients = np.empty((design.shape[1], value.shape[1]))
    for penalty in PENALTIES:
        shrink = s**2 / (s**2 + penalty)
        over = (value - middle) - u @ (shrink[:, None] * turned)
        leverage = (u**2) @ shrink + 1 / len(value)
        freedom = max(1 - leverage.mean(), 1e-3)
        crossed = np.mean(over**2, axis=0) / freedom**2
        better = crossed < score
        slope = (vt.T @ ((s / (s**2 + penalty))[:, None] * turned)) / scale[:, None]
        coefficients[1:, better] = slope[:, better]
        coefficients[0, better] = (middle - centre @ slope)[better]
        left[:, better] = (over / np.maximum(1 - leverage, 1e-2)[:, None])[:, better]
        score = np.minimum(score, crossed)
    return coefficients, left


def _own_error(left: np.ndarray, noise: np.ndarray) -> float:
    """The surface's own standard error: residuals beyond the Monte Carlo noise of the populations."""
    spread = np.mean(np.clip(left, *np.quantile(left, [0.01, 0.99])) ** 2)
    return float(np.sqrt(max(spread - np.median(noise[np.isfinite(noise)] ** 2), 0.05 * spread)))


def _correlation(left: np.ndarray) -> np.ndarray:
    """Correlation of what is left over, shrunk a little so that it stays invertible."""
    filled = np.where(np.isfinite(left), left, 0.0)
    scale = np.sqrt(np.mean(filled**2, axis=0))
    unit = filled / np.where(scale > 0, scale, 1)
    matrix = 0.9 * unit.T @ unit / len(filled)
    np.fill_diagonal(matrix, 1.0)
    return matrix
