"""Robustness: arms crossed with states of the world, judged over the states and against each other in each.

A state's mean over few crises is mostly luck: the best of several noisy arms looks better than it is, the worst tenth
worse, and every arm seems best somewhere. Before anything that is not linear is read off, the noise is therefore taken
out of all arms together (:func:`experiments.statistics.random_effects.without_noise`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.random_effects import without_noise

Floats = NDArray[np.float64]
RESAMPLES = 400
SEED = 20_200_717
WORST = 0.1
"""Share of states that the worst tenth is the mean of."""
REGRET_AT = 0.9
"""Quantile over states at which regret is read: all but the worst tenth of states stay below it."""
CLOSE = 2.0
"""Noise standard deviations within which a state's mean does not tell on which side of a threshold it lies."""
MANY = 0.2
"""Share of states that close to a threshold from which on satisficing is called uncertain."""


@dataclass(frozen=True)
class Crossed:
    """One quantity of arms crossed with states: values of shape (arms, states, lucks), more being better, without NaN.

    ``paired`` says that arms met the same luck, ``common`` that all states met the same few lucks.
    """

    names: Sequence[str]
    values: Floats
    paired: bool = True
    common: bool = False

    @cached_property
    def seen(self) -> Floats:
        """Means over lucks, float (states, arms)."""
        return self.values.mean(axis=2).T

    @cached_property
    def noise(self) -> Floats:
        """Covariance that luck adds to the means of a state, float (arms, arms).

        What common lucks do to all states alike is no spread between states and is left out of it.
        """
        arms, states, lucks = self.values.shape
        if lucks < 2:
            return np.zeros((arms, arms))
        rest = self.values - self.values.mean(axis=2, keepdims=True)
        free = states * (lucks - 1)
        if self.common and states > 1:
            rest = rest - rest.mean(axis=1, keepdims=True)
            free = (states - 1) * (lucks - 1)
        flat = rest.reshape(arms, -1)
        covariance = np.einsum("an,bn->ab", flat, flat) / free / lucks
        return covariance if self.paired else np.diag(np.diag(covariance))

    @cached_property
    def cleaned(self) -> Floats:
        """Means of states with the noise taken out of all arms together, float (states, arms)."""
        return self.without_noise(self.seen)

    def without_noise(self, seen: Floats, times: float = 1.0) -> Floats:
        """Means, (..., states, arms), with so many times the noise taken out; as they are for a single state."""
        if seen.shape[-2] < 2:
            return seen
        return without_noise(seen, times * self.noise)

    def over_luck(self) -> Floats:
        """Means of the same states under resampled luck, noise taken out, float (resamples, states, arms)."""
        # Resampling adds the noise a second time.
        return self.without_noise(self._reweighted(), 2.0)

    def over_states(self) -> Floats:
        """Means of resampled states, noise taken out of each resample anew, float (resamples, states, arms)."""
        return self.without_noise(self.seen[self._picked()])

    def over_both(self) -> Floats:
        """Means of resampled states under resampled luck, float (resamples, states, arms)."""
        moved = np.take_along_axis(self._reweighted(), self._picked()[:, :, None], axis=1)
        return self.without_noise(moved, 2.0)

    def _picked(self) -> NDArray[np.int64]:
        states = self.values.shape[1]
        return np.random.default_rng([SEED, states]).integers(states, size=(RESAMPLES, states))

    def _reweighted(self) -> Floats:
        arms, states, lucks = self.values.shape
        generator = np.random.default_rng([SEED, states, lucks])
        shape = (RESAMPLES, 1 if self.paired else arms, 1 if self.common else states)
        weights = generator.multinomial(lucks, np.full(lucks, 1 / lucks), size=shape) / lucks
        return np.einsum("basl,asl->bsa", np.broadcast_to(weights, (RESAMPLES, *self.values.shape)), self.values)


def means(of_states: Floats) -> Floats:
    """Mean over states, (..., arms)."""
    return of_states.mean(axis=-2)


def worst_tenth(of_states: Floats) -> Floats:
    """Mean of the worst tenth of states (conditional value at risk), (..., arms)."""
    count = max(int(np.ceil(WORST * of_states.shape[-2])), 1)
    return np.sort(of_states, axis=-2)[..., :count, :].mean(axis=-2)


def regret_of_best(of_states: Floats) -> Floats:
    """How far an arm stays behind the best arm in the same state, mean over states, (..., arms)."""
    return (of_states.max(axis=-1, keepdims=True) - of_states).mean(axis=-2)


def high_regret_of_best(of_states: Floats) -> Floats:
    """The same, in all but the worst tenth of states at most."""
    return np.quantile(of_states.max(axis=-1, keepdims=True) - of_states, REGRET_AT, axis=-2)


def regret_of_own(of_states: Floats) -> Floats:
    """How far an arm falls short of its own median state, in all but the worst tenth of states at most, (..., arms)."""
    own = np.median(of_states, axis=-2, keepdims=True)
    return np.quantile(np.maximum(own - of_states, 0), REGRET_AT, axis=-2)


def chance_of_best(of_states: Floats) -> Floats:
    """Share of states in which an arm is the best one, ties divided, (..., arms)."""
    top = of_states >= of_states.max(axis=-1, keepdims=True) - 1e-12
    return (top / top.sum(axis=-1, keepdims=True)).mean(axis=-2)


MEASURES: dict[str, tuple[str, Callable[[Floats], Floats]]] = {
    "mean": ("mean over states", means),
    "worst_tenth": ("mean of the worst tenth of states", worst_tenth),
    "regret_best": ("behind the best arm, mean", regret_of_best),
    "regret_best_90": ("behind the best arm, in nine states of ten at most", high_regret_of_best),
    "regret_own_90": ("below its own median state, in nine states of ten at most", regret_of_own),
    "best": ("share of states in which it is best", chance_of_best),
}
"""Name -> words, and what it makes of (..., states, arms)."""


def robustness(crossed: Crossed) -> pl.DataFrame:
    """`arm, measure, value`, and three intervals of 95 %.

    `luck_low, luck_high`: the same states under other luck. `states_low, states_high`: other states. `low, high`: both.
    """
    values = crossed.cleaned
    ensembles = {"luck": crossed.over_luck(), "states": crossed.over_states(), "": crossed.over_both()}
    rows = []
    for name, (_, measure) in MEASURES.items():
        seen = measure(values)
        ends = {
            kind: np.quantile(measure(some), [0.025, 0.975], axis=0) if values.shape[0] > 1 or kind == "luck" else None
            for kind, some in ensembles.items()
        }
        for at, arm in enumerate(crossed.names):
            row = {"arm": arm, "measure": name, "value": float(seen[at])}
            for kind, limits in ends.items():
                prefix = f"{kind}_" if kind else ""
                row |= {
                    f"{prefix}low": float("nan") if limits is None else float(min(limits[0][at], seen[at])),
                    f"{prefix}high": float("nan") if limits is None else float(max(limits[1][at], seen[at])),
                }
            rows.append(row)
    return pl.DataFrame(rows)


@dataclass(frozen=True)
class Threshold:
    """A level that a state's mean must reach, on the scale on which more is better."""

    text: str
    metric: str
    level: float


def satisficing(quantities: dict[str, Crossed], thresholds: Sequence[Threshold]) -> pl.DataFrame:
    """`arm, value, luck_low, luck_high, low, high, close`: share of states that meet all thresholds.

    Shares are read off the means as they were observed, since taking noise out of the spread does not tell on which
    side of a threshold a state lies. `low` and `high` count the states that meet them even (only) with two noise standard
    deviations against (for) them; `close` is the share of states that are nearer than that to a threshold.
    """
    first = quantities[thresholds[0].metric]
    met, sure, possible, near, drawn = (np.array(some) for some in (True, True, True, False, True))
    for item in thresholds:
        own = quantities[item.metric]
        spread = CLOSE * np.sqrt(np.diag(own.noise))
        met = met & (own.seen >= item.level)
        sure = sure & (own.seen - spread >= item.level)
        possible = possible & (own.seen + spread >= item.level)
        near = near | (np.abs(own.seen - item.level) < spread)
        drawn = drawn & (own._reweighted() >= item.level)
    low, high = np.quantile(drawn.mean(axis=1), [0.025, 0.975], axis=0)
    value = met.mean(axis=0)
    return pl.DataFrame(
        {
            "arm": list(first.names),
            "value": value,
            "luck_low": np.minimum(low, value),
            "luck_high": np.maximum(high, value),
            "low": sure.mean(axis=0),
            "high": possible.mean(axis=0),
            "close": near.mean(axis=0),
        }
    )
