"""Means with their intervals, and how an effect is shared out among its causes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from scipy.special import expit

from experiments.statistics.random_effects import contrasts_of

Coalition = frozenset[str]


@dataclass(frozen=True)
class IntervalEstimate:
    """A mean with two intervals: of chance alone, and over draws of what is not known."""

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


def _short(value: float) -> str:
    return f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def estimate(
    cells: np.ndarray,
    weight: np.ndarray | None = None,
    structure: np.ndarray | None = None,
    scale: str = "level",
) -> IntervalEstimate:
    """Mean and intervals of values (draws, crises); NaN values drop out.

    The first interval is about chance, given these draws; the second holds 95 % of draws by their weights, Monte Carlo
    noise taken out, on the given scale.
    """
    draws = len(cells)
    weight = np.full(draws, 1 / draws) if weight is None else weight
    group = np.zeros(draws, int) if structure is None else structure
    number = (~np.isnan(cells)).sum(axis=1)
    if not number.any():
        return IntervalEstimate(*[float("nan")] * 3)
    used = number > 0
    share = weight[used] / weight[used].sum()
    means = np.nansum(cells[used], axis=1) / number[used]
    squares = np.nansum((cells[used] - means[:, None]) ** 2, axis=1).sum() / max((number[used] - 1).sum(), 1)
    mean, error = float(share @ means), float(np.sqrt(share**2 @ (squares / number[used])))
    fit = contrasts_of([cells], scale, np.ones((1, 1)), group, weight)
    _, least, most = (np.nan, np.nan, np.nan) if fit is None else fit.interval(0, fit.samples())
    if fit is not None and scale == "odds":
        least, most = float(expit(least)), float(expit(most))
    return IntervalEstimate(mean, mean - 1.96 * error, mean + 1.96 * error, least, most)


def coalitions(players: Sequence[str]) -> Iterator[Coalition]:
    """All subsets of the players, the empty one first."""
    for size in range(len(players) + 1):
        yield from map(frozenset, combinations(players, size))


def shapley(players: Sequence[str], worth: Mapping[Coalition, np.ndarray]) -> dict[str, np.ndarray]:
    """What each player adds to a coalition, on average over all orders in which it can be put together.

    ``worth`` maps each of the 2 ** players coalitions to what it brings about, arrays of one shape; shares add up to worth
    of all minus worth of none, element by element.
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
