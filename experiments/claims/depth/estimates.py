"""Means with their intervals, and how an effect or a variance is shared out among its causes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import factorial
from typing import TypeVar

import numpy as np

from experiments.claims.arms import Arm, Spread
from experiments.claims.store import ArmStore
from experiments.statistics.nested import nested

RESAMPLES = 1000
Key = TypeVar("Key", bound=Hashable)
Coalition = frozenset[str]


@dataclass(frozen=True)
class IntervalEstimate:
    """A mean with two intervals: by resampling luck, and over draws of what is not known."""

    mean: float
    low: float
    high: float
    least: float = float("nan")
    most: float = float("nan")

    def __str__(self) -> str:
        return f"{_short(self.mean)} [{_short(self.low)}, {_short(self.high)}]"

    @property
    def with_draws(self) -> str:
        """With the spread over draws."""
        return f"{self} {{{_short(self.least)}, {_short(self.most)}}}"

    def columns(self) -> dict[str, float]:
        """As columns of a table."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "draws_low": self.least, "draws_high": self.most}


UNKNOWN = IntervalEstimate(*[float("nan")] * 3)
"""Of what never happened."""


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def estimate(cells: np.ndarray) -> IntervalEstimate:
    """Mean and intervals of values (draws, crises); NaN values drop out."""
    if np.isnan(cells).all():
        return UNKNOWN
    low, high = np.nanquantile(resampled(cells), [0.025, 0.975])
    draw = np.repeat(np.arange(cells.shape[0]), cells.shape[1])
    try:
        least, most = nested(draw, cells.ravel()).interval()
    except ValueError:
        least = most = float("nan")
    return IntervalEstimate(float(np.nanmean(cells)), float(low), float(high), least, most)


def cells_of(store: ArmStore, arms: Mapping[Key, Arm], measured: str = "") -> dict[Key, np.ndarray]:
    """A measure of several arms, each (draws, crises)."""
    return {key: store.values(arm, measured) for key, arm in arms.items()}


def estimates(store: ArmStore, arms: Mapping[Key, Arm], measured: str = "") -> dict[Key, IntervalEstimate]:
    """Means of a measure in several arms."""
    return {key: estimate(cells) for key, cells in cells_of(store, arms, measured).items()}


def resampled(cells: np.ndarray) -> np.ndarray:
    """Means of values (draws, crises) under resampled luck, the same resamples for every call of that shape.

    Whole columns are resampled, crisis 7 of every draw together: draws stay as they are, and luck alone varies.
    """
    weights = luck_weights(cells.shape[1])
    there = ~np.isnan(cells)
    total, count = np.where(there, cells, 0).sum(axis=0), there.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights @ total) / (weights @ count)


def luck_weights(crises: int) -> np.ndarray:
    """How often each luck is drawn in each resample, shape (resamples, crises)."""
    return np.random.default_rng(20_200_717).multinomial(crises, np.full(crises, 1 / crises), RESAMPLES)


def ratio(part: np.ndarray, whole: np.ndarray) -> IntervalEstimate:
    """A part's share of the whole, both (draws, crises), with its interval over resampled luck."""
    with np.errstate(invalid="ignore", divide="ignore"):
        low, high = np.nanquantile(resampled(part) / resampled(whole), [0.025, 0.975])
        return IntervalEstimate(float(part.mean() / whole.mean()), float(low), float(high))


# -- Shapley values ---------------------------------------------------------------------------------------------------


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """All subsets of the players, the empty one first."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def shapley(players: Sequence[str], worth: Mapping[Coalition, np.ndarray]) -> dict[str, np.ndarray]:
    """What each player adds to a coalition, on average over all orders in which it can be put together.

    Parameters
    ----------
    players : sequence of str
    worth : mapping
        Coalition -> what it brings about, all arrays of one shape (a lane each, say); all 2 ** players are needed.

    Returns
    -------
    dict
        Player -> its share; the shares add up to worth of all minus worth of none, element by element.
    """
    count = len(players)
    return {
        player: sum(
            factorial(len(members))
            * factorial(count - len(members) - 1)
            / factorial(count)
            * (worth[members | {player}] - worth[members])
            for members in coalitions([name for name in players if name != player])
        )
        for player in players
    }


# -- total Sobol' indices, by redrawing one factor at a time, with luck taken out (Jansen 1999) -----------------------

AS_DRAWN = "as drawn"


def total_index_arms(base: Arm, factors: Mapping[str, Spread]) -> dict[str, Arm]:
    """The base with every factor spread over its draws, and again with each factor alone redrawn."""
    arms = {AS_DRAWN: replace(base, spread=tuple(factors.values()))}
    for name, redrawn in factors.items():
        spread = (redrawn._replace(copy=1) if factor is redrawn else factor for factor in factors.values())
        arms[name] = replace(base, spread=tuple(spread))
    return arms


def total_indices(store: ArmStore, arms: Mapping[str, Arm], measured: str) -> dict[str, IntervalEstimate]:
    """Factor -> its total index: share of the variance between draws that is left when all else is known."""
    cells = cells_of(store, arms, measured)
    base = cells.pop(AS_DRAWN)
    return {name: total_index(base, redrawn) for name, redrawn in cells.items()}


def total_index(base: np.ndarray, redrawn: np.ndarray) -> IntervalEstimate:
    """Total index from crises (draws, crises), the same with one factor redrawn.

    Half the mean squared change over the variance between draws. Both are products of two halves of the crises, which
    have nothing but the draw in common, so that luck inflates neither.
    """
    halves = [(cells[:, ::2].mean(axis=1), cells[:, 1::2].mean(axis=1)) for cells in (base, redrawn)]
    (first, second), (first_redrawn, second_redrawn) = halves
    change = (first - first_redrawn) * (second - second_redrawn) / 2
    picks = np.random.default_rng(20_200_723).integers(len(base), size=(RESAMPLES, len(base)))
    everything = np.vstack([np.arange(len(base)), picks])
    spread = np.add(*(_covariance(half[everything], other[everything]) for half, other in halves)) / 2
    if spread[0] <= 0:
        return UNKNOWN
    with np.errstate(invalid="ignore", divide="ignore"):
        index = np.where(spread > 0, change[everything].mean(axis=1) / spread, np.nan)
    low, high = np.nanquantile(index[1:], [0.025, 0.975])
    return IntervalEstimate(float(index[0]), float(low), float(high))


def _covariance(values: np.ndarray, other: np.ndarray) -> np.ndarray:
    centred = values - values.mean(axis=1, keepdims=True)
    return (centred * (other - other.mean(axis=1, keepdims=True))).sum(axis=1) / (values.shape[1] - 1)
