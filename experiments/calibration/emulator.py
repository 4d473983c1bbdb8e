"""An emulator: what a population's summaries are likely to be, learned from populations that were simulated.

Each summary has an emulator of its own, the best of a few in cross-validation. Shares are learned as they are, since
their estimates are unbiased at any number of crises; days and deaths are learned in the logarithm.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.calibration.optional_dependencies import need
from experiments.targets.readings import READINGS
from experiments.targets.targets import Target

FOLDS = 5
MANY = 500
"""Trees compete only where there are this many populations to learn from."""
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
    """Emulators of several summaries.

    ``chosen`` names the kind taken for each, ``skill`` its share of variance explained in cross-validation,
    ``error`` (summaries,) the standard error of its mean, ``correlation`` that of what is left over.
    """

    names: tuple[str, ...]
    models: tuple[Any, ...]
    chosen: tuple[str, ...]
    skill: np.ndarray
    error: np.ndarray
    correlation: np.ndarray

    def __call__(self, positions: np.ndarray) -> np.ndarray:
        """Expected summaries on the learned scale at positions in the unit cube, ``(points, summaries)``."""
        columns = []
        for name, model in zip(self.names, self.models, strict=True):
            expected = model.predict(positions)
            columns.append(
                expected if is_count(name) or name == "B2" else np.clip(expected, LEAST_SHARE, 1 - LEAST_SHARE)
            )
        return np.column_stack(columns)


def kinds(seed: int) -> dict[str, Callable[[], Any]]:
    """The kinds of emulator that compete: a quadratic surface, a Gaussian process, and boosted trees."""
    need("sklearn", "scikit-learn")
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    from sklearn.linear_model import RidgeCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures, StandardScaler

    def surface() -> Any:
        return make_pipeline(
            PolynomialFeatures(2, include_bias=False), StandardScaler(), RidgeCV(alphas=np.logspace(-1, 4, 16))
        )

    def process() -> Any:
        kernel = ConstantKernel(1.0, (0.01, 100)) * RBF(1.0, (0.2, 30)) + WhiteKernel(0.5, (1e-2, 10))
        return GaussianProcessRegressor(kernel, normalize_y=True, random_state=seed)

    def trees() -> Any:
        return HistGradientBoostingRegressor(
            max_iter=150,
            learning_rate=0.06,
            max_leaf_nodes=8,
            min_samples_leaf=12,
            l2_regularization=1.0,
            random_state=seed,
        )

    return {"surface": surface, "process": process, "trees": trees}


def fit(
    where: np.ndarray,
    summaries: Mapping[str, np.ndarray],
    chosen: Sequence[Target],
    seed: int = 1,
    allowed: Sequence[str] = ("surface", "process", "trees"),
) -> Emulator:
    """Learn every target's summary from simulated populations.

    Parameters
    ----------
    where : array ``(points, hyperparameters)``
        Positions in the unit cube of the priors.
    summaries : mapping
        Columns ``<id>`` and ``<id>_error``, each ``(points,)``; NaN where a population had no case.
    chosen : sequence of Target
    seed : int
    allowed : sequence of str
        The kinds that may compete.
    """
    if len(where) < MANY:
        allowed = [name for name in allowed if name != "trees"]
    competing = {name: make for name, make in kinds(seed).items() if name in allowed}
    made, left = [], np.full((len(where), len(chosen)), np.nan)
    for number, target in enumerate(chosen):
        value = learned(target.id, summaries[target.id])
        known = np.isfinite(value)
        noise = learned_error(target.id, summaries[target.id], summaries[f"{target.id}_error"])
        best = _best(competing, where[known], value[known], seed)
        left[known, number] = value[known] - best.outside
        made.append((best, _own_error(left[known, number], noise[known])))
    models = tuple(
        fitted(competing[best.kind], where[known], value[known])
        for best, known, value in (
            (best, np.isfinite(v), v)
            for (best, _), v in zip(made, (learned(t.id, summaries[t.id]) for t in chosen), strict=True)
        )
    )
    return Emulator(
        tuple(target.id for target in chosen),
        models,
        tuple(best.kind for best, _ in made),
        np.array([best.skill for best, _ in made]),
        np.array([error for _, error in made]),
        _correlation(left),
    )


@dataclass(frozen=True)
class _Contest:
    kind: str
    skill: float
    outside: np.ndarray


def _best(competing: Mapping[str, Callable[[], Any]], where: np.ndarray, value: np.ndarray, seed: int) -> _Contest:
    """The kind that predicts best what it has not seen, and those predictions."""
    results = []
    for kind, make in competing.items():
        outside = predicted_outside(make, where, value, seed)
        spread = float(np.mean((value - value.mean()) ** 2))
        skill = 1 - float(np.mean((value - outside) ** 2)) / spread if spread > 0 else 0.0
        results.append(_Contest(kind, skill, outside))
    return max(results, key=lambda result: result.skill)


def predicted_outside(make: Callable[[], Any], where: np.ndarray, value: np.ndarray, seed: int) -> np.ndarray:
    """Cross-validated predictions: each point is predicted by a model that has not seen it."""
    order = np.random.default_rng(seed).permutation(len(value))
    predicted = np.empty(len(value))
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        kept = np.setdiff1d(order, held)
        predicted[held] = fitted(make, where[kept], value[kept]).predict(where[held])
    return predicted


def fitted(make: Callable[[], Any], where: np.ndarray, value: np.ndarray) -> Any:
    """A fitted emulator. A scale that ends at its bound is fine here: it means noise alone, or none."""
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return make().fit(where, value)


def _own_error(left: np.ndarray, noise: np.ndarray) -> float:
    """The emulator's own standard error: residuals beyond the Monte Carlo noise of the populations."""
    spread = np.mean(np.clip(left, *np.quantile(left, [0.01, 0.99])) ** 2)
    return float(np.sqrt(max(spread - np.median(noise[np.isfinite(noise)] ** 2), 0.05 * spread)))


def _correlation(left: np.ndarray) -> np.ndarray:
    """Correlation of what is left over, shrunk a little so that it stays invertible."""
    filled = np.where(np.isfinite(left), left, 0.0)
    scale = np.sqrt(np.mean(filled**2, axis=0))
    matrix = (filled / np.where(scale > 0, scale, 1)).T @ (filled / np.where(scale > 0, scale, 1)) / len(filled)
    matrix = 0.9 * matrix + 0.1 * np.eye(len(matrix))
    np.fill_diagonal(matrix, 1.0)
    return matrix
