"""An emulator: what a population's summaries are likely to be, learned from populations that were simulated.

A quadratic trend without interactions and a Gaussian process on what it leaves over (Rasmussen and Williams 2006), a
kernel for each group of summaries that hang on much the same: distances count a hyperparameter by the square root of the
share of variance that its trend explains. Length scale and noise are those that predict best when each population is
left out in turn; populations of fewer crises are noisier. Shares are learned as they are, since their estimates are
unbiased at any number of crises; days and deaths are learned in the logarithm.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from experiments.targets.readings import READINGS
from experiments.targets.targets import Target

GROUPS = (
    ("T1a", "T1b", "T1c", "T11a"),
    ("T13a", "T13b", "T13c"),
    ("T2a", "T2b", "T2c", "T5c", "T7"),
    ("T5a", "T5b", "T5d", "T9a", "T9b", "T9c"),
    ("T6a", "T6b", "T6c", "T6d", "T6e", "T11e", "T11f"),
    ("T8a", "T8b", "T8c", "T11b", "T11c", "T11d", "T11g", "T11h"),
    ("T12",),
    ("B1",),
)
"""Summaries that share a kernel; others share another."""
WIDTHS = (0.3, 0.6, 1.2)
"""Rates at which correlation falls with the mean squared distance over all hyperparameters."""
NOISES = (0.03, 0.1, 0.25, 0.6)
"""Variances of noise, relative to that of the process."""
SEARCHED = 1200
"""Populations, at most, on which length scale and noise are chosen."""
SHRINK = 10.0
"""Penalty of the linear trend."""
LEAST_WEIGHT = 0.1
LEAST_SHARE = 2e-4
"""An emulated share is kept off 0 and 1 by this much."""
NETWORKS = FOLDS = 4


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
    """What several summaries (``names``) are expected to be, and how far that can be relied on.

    ``expect`` maps positions in the unit cube ``(points, hyperparameters)`` to expected summaries ``(points, summaries)``.
    ``skill`` ``(summaries,)`` is the share of the variance explained at populations left out one by one, ``error``
    ``(summaries,)`` the standard error of what is expected, beyond the noise of the populations. ``left``
    ``(populations, summaries)`` is what is left over at each population when it is left out, NaN where it had no case;
    ``correlation`` ``(summaries, summaries)`` that of what is left over: mostly the noise of summaries that are read off
    the same crises. ``noise`` ``(populations, summaries)`` is the Monte Carlo standard error of the populations.
    """

    names: tuple[str, ...]
    expect: Callable[[np.ndarray], np.ndarray]
    skill: np.ndarray
    error: np.ndarray
    correlation: np.ndarray
    left: np.ndarray
    noise: np.ndarray

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Expected summaries on the learned scale at positions in the unit cube, ``(points, summaries)``."""
        expected = self.expect(positions)
        shares = [number for number, name in enumerate(self.names) if not is_count(name) and name != "B2"]
        expected[:, shares] = np.clip(expected[:, shares], LEAST_SHARE, 1 - LEAST_SHARE)
        return expected

    def judged_at(self, rows: np.ndarray) -> Emulator:
        """The same emulator with errors and correlations as they are at some populations, by number."""
        left, noise = self.left[rows], self.noise[rows]
        error = [_error(a[np.isfinite(a)], b[np.isfinite(a)]) for a, b in zip(left.T, noise.T, strict=True)]
        return replace(self, error=np.array(error), correlation=_correlation(left))


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
    names = tuple(target.id for target in chosen)
    value = np.column_stack([learned(name, summaries[name]) for name in names])
    noise = np.column_stack([learned_error(name, summaries[name], summaries[f"{name}_error"]) for name in names])
    known = np.isfinite(value)
    middle, spread = np.nanmean(value, axis=0), np.nanstd(value, axis=0)
    spread = np.where(spread > 0, spread, 1)
    scaled = np.where(known, (value - middle) / spread, 0)  # one without a case says nothing but the mean
    least = np.nanmedian(noise**2, axis=0)
    noisy = np.ones(len(where))
    if (least > 0).any():
        noisy = np.nanmean(noise**2 / np.where(least > 0, least, np.nan), axis=1)
    noisy = np.clip(np.where(np.isfinite(noisy), noisy, 1), 0.5, 4)
    rest = tuple(name for name in names if not any(name in group for group in GROUPS))
    groups = [columns for group in (*GROUPS, rest) if (columns := [names.index(n) for n in group if n in names])]
    processes = [(columns, *_process(where, scaled[:, columns], noisy)) for columns in groups]
    left = np.empty_like(scaled)
    for columns, _, left_over in processes:
        left[:, columns] = left_over
    left = np.where(known, left * spread, np.nan)

    def expect(positions: np.ndarray) -> np.ndarray:
        expected = np.empty((len(positions), len(names)))
        for columns, expect_columns, _ in processes:
            expected[:, columns] = expect_columns(positions)
        return middle + spread * expected

    variance = np.nanvar(value, axis=0)
    skill = 1 - np.nanmean(left**2, axis=0) / np.where(variance > 0, variance, 1)
    emulator = Emulator(names, expect, skill, np.zeros(len(names)), np.eye(len(names)), left, noise)
    return emulator.judged_at(np.arange(len(where)))


def neural_emulator(emulator: Emulator, where: np.ndarray, summaries: Mapping[str, np.ndarray], seed: int) -> Emulator:
    """An emulator of the same populations by networks with one hidden layer; its error is that at folds left out.

    A neural likelihood (Papamakarios, Sterratt and Murray 2019) beside the Gaussian process. ``seed`` draws the folds;
    other parameters are those of :func:`fit`.
    """
    from sklearn.neural_network import MLPRegressor

    value = np.column_stack([learned(name, summaries[name]) for name in emulator.names])
    known = np.isfinite(value)
    middle, spread = np.nanmean(value, axis=0), np.maximum(np.nanstd(value, axis=0), 1e-9)
    scaled = np.where(known, (value - middle) / spread, 0)

    def trained(rows: np.ndarray, count: int) -> list[Any]:
        options = {"activation": "tanh", "alpha": 3.0, "learning_rate_init": 3e-3, "max_iter": 400}
        networks = [MLPRegressor(hidden_layer_sizes=(64,), random_state=number, **options) for number in range(count)]
        return [network.fit(2 * where[rows] - 1, scaled[rows]) for network in networks]

    def expected(networks: list[Any], positions: np.ndarray) -> np.ndarray:
        return middle + spread * np.mean([network.predict(2 * positions - 1) for network in networks], axis=0)

    order = np.random.default_rng(seed).permutation(len(where))
    left = np.full(value.shape, np.nan)
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        left[held] = value[held] - expected(trained(np.setdiff1d(order, held), 1), where[held])
    whole = trained(np.arange(len(where)), NETWORKS)
    neural = replace(
        emulator,
        expect=lambda positions: expected(whole, np.asarray(positions)),
        skill=1 - np.nanmean(left**2, axis=0) / spread**2,
        left=np.where(known, left, np.nan),
    )
    return neural.judged_at(np.arange(len(where)))


def _process(
    where: np.ndarray, value: np.ndarray, noisy: np.ndarray
) -> tuple[Callable[[np.ndarray], np.ndarray], np.ndarray]:
    """A function from positions to expected values, and what each point leaves over if it is left out.

    Values ``(points, columns)`` have mean 0 and standard deviation 1; ``noisy`` ``(points,)`` is the variance of each
    point's noise, relative to that of a usual one.
    """
    centred, count = 2 * where - 1, where.shape[1]
    design = _trend(centred)
    penalty = SHRINK * np.diag([0.0, *np.ones(design.shape[1] - 1)])
    slope = np.linalg.solve((design.T / noisy) @ design + penalty, (design.T / noisy) @ value)
    explained = slope[1 : 1 + count] ** 2 / 3 + slope[1 + count :] ** 2 * 4 / 45
    weight = np.sqrt((explained / np.maximum(explained.sum(axis=0), 1e-12)).mean(axis=1))
    weight = np.maximum(weight / max(weight.mean(), 1e-12), LEAST_WEIGHT) / np.sqrt(count)
    placed, residual = centred * weight, value - design @ slope
    some = np.random.default_rng(1).permutation(len(where))[:SEARCHED]
    apart = cdist(placed[some], placed[some], "sqeuclidean")
    scores = {}
    for width in WIDTHS:
        near = np.exp(-width * apart)
        for noise in NOISES:
            left = _left_out(near + noise * np.diag(noisy[some]), residual[some])[1]
            scores[width, noise] = float(np.mean(left**2 / noisy[some, None]))
    width, noise = min(scores, key=scores.__getitem__)
    kernel = np.exp(-width * cdist(placed, placed, "sqeuclidean")) + noise * np.diag(noisy)
    dual, left = _left_out(kernel, residual)
    others, weights = (np.sqrt(2 * width) * placed).astype(np.float32), dual.astype(np.float32)
    length = (others**2).sum(axis=1) / 2

    def expect(positions: np.ndarray) -> np.ndarray:
        at = 2 * np.asarray(positions) - 1
        here = (np.sqrt(2 * width) * at * weight).astype(np.float32)
        near = np.exp(here @ others.T - (here**2).sum(axis=1)[:, None] / 2 - length)
        return _trend(at) @ slope + near @ weights

    return expect, left


def _trend(centred: np.ndarray) -> np.ndarray:
    """A constant, positions and their squares as columns, ``(points, 1 + 2 hyperparameters)``."""
    return np.column_stack([np.ones(len(centred)), centred, centred**2 - 1 / 3])


def _left_out(kernel: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Dual coefficients, and what is left over at each point if it is left out (Rasmussen and Williams 2006, 5.12)."""
    inverse = cho_solve(cho_factor(kernel, lower=True), np.eye(len(kernel)))
    dual = inverse @ value
    return dual, dual / np.diag(inverse)[:, None]


def _error(left: np.ndarray, noise: np.ndarray) -> float:
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
