"""Robustness: arms crossed with states of the world, judged over the states, and what finding out the state is worth.

A state's mean over few crises is mostly luck: the best of several noisy arms looks better than it is, the worst tenth
worse, and every arm seems best somewhere. Before anything that is not linear is read off, the noise is therefore taken
out of all arms together (:func:`experiments.statistics.random_effects.without_noise`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtri

from experiments.statistics.random_effects import without_noise

Floats = NDArray[np.float64]
RESAMPLES = 400
PERMUTATIONS = 200
SEED, INFORMATION_SEED = 20_200_717, 20_200_718
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
        return self.without_noise(self.under_other_luck(), 2.0)  # resampling adds the noise a second time

    def over_states(self) -> Floats:
        """Means of resampled states, noise taken out of each resample anew, float (resamples, states, arms)."""
        return self.without_noise(self.seen[self._picked()])

    def over_both(self) -> Floats:
        """Means of resampled states under resampled luck, float (resamples, states, arms)."""
        moved = np.take_along_axis(self.under_other_luck(), self._picked()[:, :, None], axis=1)
        return self.without_noise(moved, 2.0)

    def _picked(self) -> NDArray[np.int64]:
        states = self.values.shape[1]
        return np.random.default_rng([SEED, states]).integers(states, size=(RESAMPLES, states))

    def under_other_luck(self) -> Floats:
        """Means of the same states under resampled luck, noise left in, float (resamples, states, arms)."""
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
    drawn = {"luck_": crossed.over_luck(), "states_": crossed.over_states(), "": crossed.over_both()}
    tables = []
    for name, (_, measure) in MEASURES.items():
        value = measure(values)
        table = {"arm": list(crossed.names), "measure": [name] * len(value), "value": value}
        for kind, resamples in drawn.items():
            low, high = np.quantile(measure(resamples), [0.025, 0.975], axis=0)
            if len(values) == 1 and kind != "luck_":
                low, high = np.full((2, len(value)), np.nan)  # one state says nothing of others
            table |= {f"{kind}low": np.minimum(low, value), f"{kind}high": np.maximum(high, value)}
        tables.append(pl.DataFrame(table))
    return pl.concat(tables)


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
    met, sure, possible, near, drawn = (np.array(start) for start in (True, True, True, False, True))
    for threshold in thresholds:
        crossed, level = quantities[threshold.metric], threshold.level
        spread = CLOSE * np.sqrt(np.diag(crossed.noise))
        met = met & (crossed.seen >= level)
        sure = sure & (crossed.seen - spread >= level)
        possible = possible & (crossed.seen + spread >= level)
        near = near | (np.abs(crossed.seen - level) < spread)
        drawn = drawn & (crossed.under_other_luck() >= level)
    low, high = np.quantile(drawn.mean(axis=1), [0.025, 0.975], axis=0)
    value = met.mean(axis=0)
    return pl.DataFrame(
        {
            "arm": list(next(iter(quantities.values())).names),
            "value": value,
            "luck_low": np.minimum(low, value),
            "luck_high": np.maximum(high, value),
            "low": sure.mean(axis=0),
            "high": possible.mean(axis=0),
            "close": near.mean(axis=0),
        }
    )


def perfect_information(of_states: Floats) -> Floats:
    """What choosing in every state gains over choosing once, in the quantity's unit, for means (..., states, arms)."""
    return of_states.max(axis=-1).mean(axis=-1) - of_states.mean(axis=-2).max(axis=-1)


def information(crossed: Crossed, uncertain: Mapping[str, NDArray]) -> pl.DataFrame:
    """`parameter, value, low, high, chance, share`: all that is uncertain first, then each column, most worth first.

    The value of a column is what choosing by its expectation alone would gain: arms' means regressed on 1, z and z² of
    the column's normal scores, on the means of labels (Strong, Oakley & Brennan 2014, Medical Decision Making 34).
    Even a column that says nothing gains something on finitely many states: `chance` is what 95 % of permutations stay
    below. `low` and `high` resample states. Columns, (states,), of numbers or labels, that rank the states alike are one
    parameter.
    """
    total = float(perfect_information(crossed.cleaned))
    low, high = np.quantile(perfect_information(crossed.over_both()), [0.025, 0.975])
    rows = [("everything", total, float(min(low, total)), float(max(high, total)), float("nan"))]
    generator = np.random.default_rng(INFORMATION_SEED)
    seen = crossed.seen
    states = seen.shape[0]
    picks = generator.integers(states, size=(PERMUTATIONS, states))
    orders = np.argsort(generator.random((PERMUTATIONS, states)), axis=1)
    for name, alike in distinct(uncertain).items():
        basis = _basis(uncertain[alike[0]])
        value = float(_partial(seen, basis))
        chance = float(np.quantile(_partial(seen, basis[orders]), 0.95))
        low, high = np.quantile(_partial(seen[picks], basis[picks]), [0.025, 0.975])
        rows.append((name, value, float(min(low, value)), float(max(high, value)), chance))
    table = pl.DataFrame(rows, ["parameter", "value", "low", "high", "chance"], orient="row")
    ordered = pl.concat([table.head(1), table.slice(1).sort("value", descending=True)])
    share = pl.col("value") / total if total > 0 else pl.lit(float("nan"))
    return ordered.with_columns(share.alias("share"))


def distinct(columns: Mapping[str, NDArray]) -> dict[str, list[str]]:
    """Columns that vary, those that rank alike (rising or falling) together: what they are called -> their names."""
    alike: dict[bytes, list[str]] = {}
    for name, column in columns.items():
        if len(set(column.tolist())) < 2:
            continue
        if _is_label(column):
            key = np.unique(column.astype(str), return_inverse=True)[1].tobytes()
        else:
            ranks = _ranks(column)
            key = min(ranks.tobytes(), (len(ranks) + 1 - ranks).tobytes())
        alike.setdefault(key, []).append(name)
    return {_shared_name(names): names for names in alike.values()}


def _ranks(column: NDArray) -> Floats:
    """Ranks from 1, ties at their mean, float (states,)."""
    _, place, times = np.unique(column, return_inverse=True, return_counts=True)
    return (np.cumsum(times) - (times - 1) / 2)[place]


def _is_label(column: NDArray) -> bool:
    return column.dtype == object or column.dtype.kind in "US"


def _shared_name(names: list[str]) -> str:
    """One name for columns that are one parameter: both sides' where that is all that differs."""
    if len(names) == 1:
        return names[0]
    short = list(dict.fromkeys(name.replace(".a.", ".a|b.").replace(".b.", ".a|b.") for name in names))
    return short[0] if len(short) == 1 else f"{short[0]} and {len(short) - 1} more of the same rank"


def _basis(column: NDArray) -> Floats:
    """What arms' means are regressed on, float (states, terms)."""
    if _is_label(column):
        labels, place = np.unique(column.astype(str), return_inverse=True)
        return np.eye(len(labels))[place]
    z = ndtri((_ranks(column) - 0.5) / len(column))
    return np.column_stack([np.ones(len(z)), z, z**2])


def _partial(seen: Floats, basis: Floats) -> Floats:
    """What choosing by means fitted to a basis, (..., states, terms), gains over choosing once."""
    fitted = np.zeros(np.broadcast_shapes(seen.shape[:-1], basis.shape[:-1]) + seen.shape[-1:])
    directions: list[Floats] = []
    for term in range(basis.shape[-1]):  # by Gram and Schmidt: too small for a library with threads of its own
        direction = basis[..., term]
        for other in directions:
            direction = direction - (direction * other).sum(axis=-1, keepdims=True) * other
        length = np.sqrt((direction**2).sum(axis=-1, keepdims=True))
        direction = np.divide(direction, length, out=np.zeros_like(direction), where=length > 1e-9)
        directions.append(direction)
        fitted += direction[..., None] * (direction[..., None] * seen).sum(axis=-2, keepdims=True)
    return perfect_information(fitted)
