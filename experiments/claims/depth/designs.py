"""A declared design: arms by name, what is measured on them, and means with their intervals."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from itertools import combinations
from math import factorial, nan
from typing import Any, NamedTuple, TypeVar

import numpy as np
from scipy.special import expit

from experiments.claims.arms import Arm, ArmStore, Changes, arm, drawn_for
from experiments.claims.catalogue import OVERRIDES, laid_over
from experiments.claims.measures import MEASURES
from experiments.claims.uncertainty import POSTERIOR, Draws
from experiments.statistics.random_effects import RandomEffects, contrasts_of

Coalition = frozenset[str]


class IntervalEstimate(NamedTuple):
    """A mean with two intervals: of chance alone, and over draws of what is not known."""

    mean: float
    low: float
    high: float
    draws_low: float = nan
    draws_high: float = nan

    def __str__(self) -> str:
        return f"{_short(self.mean)} [{_short(self.low)}, {_short(self.high)}]"

    @property
    def with_draws(self) -> str:
        """With the spread over draws."""
        return f"{self} {{{_short(self.draws_low)}, {_short(self.draws_high)}}}"


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
        return IntervalEstimate(nan, nan, nan)
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
    shares = {}
    for player in players:
        others = [name for name in players if name != player]
        shares[player] = sum(
            factorial(len(members))
            * factorial(len(others) - len(members))
            / factorial(len(players))
            * (worth[members | {player}] - worth[members])
            for members in coalitions(others)
        )
    return shares


Key = TypeVar("Key", bound=Hashable)
BASELINE = "tovuz_2020"
NO_FEAR: Changes = {"alliance.shadow_weight": 0}
MIDDLING: Changes = {
    "mediation.present": 1,
    "mediation.delay": 1,
    "mediation.severity_trigger": 0,
    "mediation.effort": 0.5,
}
"""A mediator on the spot from the first day with every lever at its default, the middle of its range or near it."""


class Design(dict[str, Any]):
    """A section as declared: ``title``, ``text``, ``kind``, and what its kind reads beside them."""

    @property
    def overrides(self) -> tuple[str, ...]:
        """What is typed for all its arms."""
        return OVERRIDES[self.get("pressure", "unmediated")]

    @property
    def measures(self) -> list[str]:
        """What is measured on its arms."""
        return self.get("measures", ["calm_early"])

    def changes(self, *declared: Mapping[str, Any]) -> dict[str, float | str]:
        """Changes by path, later ones over earlier ones."""
        return {path: value for each in declared for path, value in laid_over(each, self.overrides).items()}

    def arm(self, changes: Changes, measured: str) -> Arm:
        """The baseline under the design's pressure, with some changes, for a measure."""
        measure = MEASURES[measured]
        return arm(BASELINE, self.overrides, changes, horizon=measure.horizon, watch=measure.watch)

    def drawn(self, store: ArmStore) -> Draws:
        """The draws that its arms rest on."""
        return drawn_for(BASELINE, self.overrides, POSTERIOR, store.size.draws)

    def cells(self, store: ArmStore, changes: Mapping[Key, Changes], measured: str) -> dict[Key, np.ndarray]:
        """A measure of several arms, each (draws, crises)."""
        return {key: store.values(self.arm(each, measured), measured) for key, each in changes.items()}

    def level(self, store: ArmStore, cells: np.ndarray, measured: str) -> IntervalEstimate:
        """A mean as a reader is given it."""
        scale = MEASURES[measured].scale
        if scale == "log":
            return IntervalEstimate(*(float(np.expm1(value)) for value in self.estimate(store, cells)))
        return self.estimate(store, cells, "odds" if scale in ("odds", "risk") else "level")

    def estimate(self, store: ArmStore, cells: np.ndarray, scale: str = "level") -> IntervalEstimate:
        """The mean of values (draws, crises) over the draws, by their weights."""
        drawn = self.drawn(store)
        return estimate(cells, drawn.weight, drawn.structure, scale)

    def effect(self, store: ArmStore, with_: np.ndarray, without: np.ndarray, measured: str) -> RandomEffects | None:
        """The contrast of two arms on the scale of their measure."""
        drawn = self.drawn(store)
        weights = np.array([[1.0, -1.0]])
        return contrasts_of([with_, without], MEASURES[measured].scale, weights, drawn.structure, drawn.weight)


def told(fit: RandomEffects | None, scale: str, draws: np.ndarray | slice = slice(None)) -> str:
    """An effect with 95 % of draws, as a ratio or a difference, over all draws or some of them."""
    if fit is None or len(fit.weight[draws]) < 2:
        return "too few crises count"
    show: Callable[[float], float] = float if scale == "level" else np.exp
    value, low, high = (show(number) for number in fit.interval(0, fit.samples(), draws))
    return f"{value:.2f} [{low:.2f}, {high:.2f}]"
