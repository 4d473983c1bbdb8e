"""Total Sobol' indices of a few factors, by redrawing one at a time, with luck taken out (Jansen 1999)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from experiments.claims.arms import Arm, Bench, Spread
from experiments.claims.depth.telling import RESAMPLES, UNKNOWN, Known, values
from experiments.claims.measures import Measure

AS_DRAWN = "as drawn"


def total_index_arms(base: Arm, factors: Mapping[str, Spread]) -> dict[str, Arm]:
    """The base with every factor spread over its draws, and again with each factor alone redrawn."""
    made = {AS_DRAWN: replace(base, spread=tuple(factors.values()))}
    for name, one in factors.items():
        others = (other._replace(copy=1) if other is one else other for other in factors.values())
        made[name] = replace(base, spread=tuple(others))
    return made


def total_indices(bench: Bench, arms: Mapping[str, Arm], measure: Measure) -> dict[str, Known]:
    """Factor -> its total index: share of the variance between draws that is left when all else is known."""
    base = values(bench, arms[AS_DRAWN], measure)
    return {name: total_index(base, values(bench, one, measure)) for name, one in arms.items() if name != AS_DRAWN}


def total_index(base: np.ndarray, redrawn: np.ndarray) -> Known:
    """Total index from crises (draws, crises), the same with one factor redrawn.

    Half the mean squared change over the variance between draws. Both are products of two halves of the crises, which
    have nothing but the draw in common, so that luck inflates neither.
    """
    halves = [(cells[:, ::2].mean(axis=1), cells[:, 1::2].mean(axis=1)) for cells in (base, redrawn)]
    (one, other), (one_redrawn, other_redrawn) = halves
    change = (one - one_redrawn) * (other - other_redrawn) / 2
    picks = np.random.default_rng(20_200_723).integers(len(base), size=(RESAMPLES, len(base)))
    everything = np.vstack([np.arange(len(base)), picks])
    spread = (
        _covariance(one[everything], other[everything])
        + _covariance(one_redrawn[everything], other_redrawn[everything])
    ) / 2
    if spread[0] <= 0:
        return UNKNOWN
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(spread > 0, change[everything].mean(axis=1) / spread, np.nan)
    low, high = np.nanquantile(index[1:], [0.025, 0.975])
    return Known(float(index[0]), float(low), float(high), float("nan"), float("nan"))


def _covariance(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    centred = one - one.mean(axis=1, keepdims=True)
    return (centred * (other - other.mean(axis=1, keepdims=True))).sum(axis=1) / (one.shape[1] - 1)
