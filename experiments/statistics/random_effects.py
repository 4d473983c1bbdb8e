"""Effects that differ from draw to draw of the parameters, Monte Carlo noise taken out.

The spread of draws' means mixes what is not known with chance; an analysis of variance takes chance out of it, and each
draw's mean is moved towards the middle by just that part (:func:`deconvolved`). The range over draws is then about
parameters alone, as the intervals of a study's estimates are about chance alone, given those draws.

On the scale of logarithms or log-odds more is needed (:class:`RandomEffects`). Each draw has a few crises in each arm. The
arms' means of a draw are taken to be normal, across draws of one group, on the scale of the link; they are estimated by
penalised quasi-likelihood (Breslow & Clayton 1993): means are linearised around the current estimates, which shrink towards
the group's by their noise, until nothing moves. So a share of 0 of 20 has a logarithm, and rare events count for what they
tell. Group means, and the spread of draws around them, are fitted by expectation and maximisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.arms import CELL, DRAW, UNIT, Arm, pairs, shared_keys
from experiments.statistics.intervals import LEVEL, Floats
from experiments.statistics.metrics import Metric

ROUNDS, SETTLING = 25, 4
"""Rounds of linearising, and of expectation and maximisation in each."""
STEP, AWAY, WIDEST = 1.0, 5.0, 2.0
"""Most that an estimate moves in a round, that it lies away from all draws together, and that effects spread (standard
deviation), in units of the link: what a few crises without any event could not tell."""
SAMPLES = 200


@dataclass(frozen=True)
class RandomEffects:
    """Effects of each draw, estimated jointly from what was observed, linearised, ``seen`` (draws, effects).

    ``noise`` (draws, effects, effects) is the covariance that Monte Carlo error gives each draw's; effects may depend
    on the draw's group, int (draws,), and linearly on ``covariates`` (draws, covariates). Weights (draws,) add up to 1;
    ``widest`` is the largest standard deviation of effects between draws.
    """

    seen: Floats
    noise: Floats
    group: NDArray
    covariates: Floats
    weight: Floats
    widest: float = np.inf

    @cached_property
    def fitted(self) -> tuple[Floats, Floats, Floats]:
        """Estimates (draws, effects), their covariances, and the groups' spreads (groups, effects, effects)."""
        groups = _Groups(self.group, self.covariates)
        start = np.tile(np.diag(np.maximum(self.seen.var(axis=0), 1e-4)), (groups.belongs.shape[1], 1, 1))
        middle = groups.predicted(self.seen)
        _, middle, spread = groups.settled(self.seen, self.noise, middle, start, self.widest, ROUNDS * SETTLING // 2)
        return *_shrunk(self.seen, self.noise, middle, spread[self.group]), spread

    @property
    def effects(self) -> Floats:
        """The draws' effects, each drawn towards its group's mean by its noise, shape (draws, effects)."""
        return self.fitted[0]

    @cached_property
    def mean(self) -> Floats:
        """Weighted mean over draws, shape (effects,)."""
        return self.weight @ self.effects

    @cached_property
    def error(self) -> Floats:
        """Standard error of that mean from Monte Carlo noise and the number of draws, shape (effects,)."""
        shares = [float(self.weight[self.group == k].sum()) for k in range(len(self.fitted[2]))]
        return np.sqrt(sum(share**2 * np.diag(self._error_of_group(k)) for k, share in enumerate(shares)))

    def _error_of_group(self, group: int) -> Floats:
        return np.linalg.inv(np.linalg.inv(self.noise[self.group == group] + self.fitted[2][group]).sum(axis=0))

    def samples(self, number: int = SAMPLES) -> Floats:
        """What the effects may be, shape (number, draws, effects).

        Beside each draw's own uncertainty that of the groups' means counts, and that of their spreads: with few or noisy
        draws a small spread is no certainty.
        """
        effects, covariance, spread = self.fitted
        generator, size = np.random.default_rng(20_200_727), effects.shape[1]
        possible = effects + _normal(generator, covariance, (number, *effects.shape))
        for k in range(len(spread)):
            here = self.group == k
            kept = _kept(self.noise[here], spread[k])
            common = _normal(generator, self._error_of_group(k)[None], (number, 1, size))
            middle = effects[here].mean(axis=0)
            free = max(float(np.trace(kept, axis1=1, axis2=2).sum()) / size, 1.0)
            scale = np.sqrt(free / generator.chisquare(free, (number, 1, 1)))
            common = np.broadcast_to(common, (number, here.sum(), size))
            pulled = np.einsum("dij,rdj->rdi", np.eye(size) - kept, common)
            possible[:, here] = middle + (possible[:, here] - middle) * np.minimum(scale, 3) + pulled
        return possible

    def interval(
        self, effect: int, samples: Floats, draws: NDArray | slice = slice(None)
    ) -> tuple[float, float, float]:
        """Weighted mean of an effect over draws, or some of them, and the central 95 % of its samples."""
        possible, weight = samples[:, draws, effect], self.weight[draws]
        order = np.argsort(possible, axis=None)
        shares = np.cumsum(np.broadcast_to(weight, possible.shape).ravel()[order])
        low, high = np.interp([0.025, 0.975], shares / shares[-1], possible.ravel()[order])
        return float(weight @ self.effects[draws, effect] / weight.sum()), float(low), float(high)

    def world(self, moved_to: Floats, generator: np.random.Generator) -> RandomEffects:
        """Another world with the same spread of effects around another mean, observed with the same noise."""
        effects, covariance, _ = self.fitted
        shape = (1, *effects.shape)
        true = effects + _normal(generator, covariance, shape)[0]
        true += moved_to - self.weight @ true
        seen = true + _normal(generator, self.noise, shape)[0]
        return RandomEffects(seen, self.noise, self.group, self.covariates, self.weight, self.widest)


def counts(cells: list[Floats]) -> NDArray:
    """Which draws have a crisis that counts in every arm, bool (draws,); see :func:`contrasts_of`."""
    return np.any(~np.isnan(np.stack(cells)).any(axis=0), axis=1)


def contrasts_of(
    cells: list[Floats],
    scale: str,
    contrasts: Floats,
    group: NDArray,
    weight: Floats,
    covariates: Floats | None = None,
) -> RandomEffects | None:
    """Contrasts of the means of arms on a scale; None where hardly a draw of any group has crises that count.

    Parameters
    ----------
    cells : list of arrays, each of shape (draws, crises)
        What was measured in each arm; crises of one place met the same luck. A crisis with a NaN in any arm drops out.
    scale : {"odds", "risk", "ratio", "log", "level"}
        Log-odds of means, their logarithm (shares; positive numbers), or the means themselves (of logarithms; of anything).
    contrasts : array, shape (effects, arms)
        Weights of the arms.
    group, weight, covariates
        See :class:`RandomEffects`; draws without a crisis that counts drop out, with their weights.
    """
    together = np.stack(cells, axis=-1).astype(float)
    counted = ~np.isnan(together).any(axis=-1)
    number = counted.sum(axis=1)
    used = counts(cells)
    if used.sum() < 2:
        return None
    together, counted, number, group, weight = (each[used] for each in (together, counted, number, group, weight))
    names, group = np.unique(group, return_inverse=True)
    design = np.zeros((len(group), 0)) if covariates is None else covariates[used]
    filled = np.where(counted[..., None], together, 0.0)
    mean = filled.sum(axis=1) / number[:, None]
    deviations = np.where(counted[..., None], together - mean[:, None], 0.0)
    pooled = np.einsum("dci,dcj->ij", deviations, deviations) / max(float((number - 1).sum()), 1.0)
    estimates, noise = _linearised(mean, pooled, number, scale, group)
    seen = estimates @ contrasts.T
    widest = np.inf if scale in ("log", "level") else WIDEST
    return RandomEffects(seen, contrasts @ noise @ contrasts.T, group, design, weight / weight.sum(), widest)


def _linearised(mean: Floats, pooled: Floats, number: NDArray, scale: str, group: NDArray) -> tuple[Floats, Floats]:
    """The arms' means on the link's scale, linearised around their estimates, and the covariance of their noise."""
    size = mean.shape[1]
    if scale in ("log", "level"):
        return mean, pooled[None] / number[:, None, None] + 1e-12 * np.eye(size)
    overall = (number @ mean + 0.5) / (number.sum() + 1.0)
    current = _link((number[:, None] * mean + 4 * overall) / (number[:, None] + 4), scale)
    # As if half a crisis more had differed between arms: that none did is no certainty that none can.
    pooled = pooled + np.diag(_variance(overall, scale)) * 0.5 / number.sum()
    correlation = pooled / np.sqrt(np.outer(np.diag(pooled), np.diag(pooled)))
    # How far the variance of a crisis exceeds that of a share or, for positive numbers, the square of the mean.
    usual = number @ _variance(mean, scale) / number.sum()
    excess = np.where(usual > 0, np.maximum(np.diag(pooled), 1e-300) / np.maximum(usual, 1e-300), 1.0)
    groups = _Groups(group, np.zeros((len(group), 0)))
    spread = np.tile(0.25 * np.eye(size), (groups.belongs.shape[1], 1, 1))
    middle = groups.predicted(current)
    for _ in range(ROUNDS):
        level = _inverse(current, scale)
        slope = 1 / (level * (1 - level)) if scale == "odds" else 1 / level
        seen = current + (mean - level) * slope
        deviation = np.sqrt(excess * _variance(level, scale)) * slope
        noise = correlation * deviation[:, :, None] * deviation[:, None, :] / number[:, None, None]
        noise += 1e-9 * np.eye(size)
        estimates, middle, spread = groups.settled(seen, noise, middle, spread, WIDEST, SETTLING)
        current = current + np.clip(estimates - current, -STEP, STEP)
        current = np.clip(current, _link(overall, scale) - AWAY, _link(overall, scale) + AWAY)
    return seen, noise


def _link(level: Floats, scale: str) -> Floats:
    return np.log(level / (1 - level)) if scale == "odds" else np.log(level)


def _inverse(value: Floats, scale: str) -> Floats:
    if scale == "odds":
        return np.clip(1 / (1 + np.exp(-np.clip(value, -30, 30))), 1e-9, 1 - 1e-9)
    return np.exp(np.clip(value, -30, np.log(1 - 1e-9) if scale == "risk" else 30))


def _variance(level: Floats, scale: str) -> Floats:
    return level**2 if scale == "ratio" else level * (1 - level)


class _Groups:
    """Groups of draws, whose means may depend on covariates, shape (draws, covariates), too."""

    def __init__(self, group: NDArray, covariates: Floats) -> None:
        self.group = group
        self.belongs = np.eye(int(group.max()) + 1)[group]
        self.design = np.hstack([self.belongs, covariates])
        self.inverse = np.linalg.pinv(self.design)

    def predicted(self, values: Floats) -> Floats:
        """Values (draws, effects) as groups and covariates predict them."""
        return self.design @ (self.inverse @ values)

    def settled(
        self, seen: Floats, noise: Floats, middle: Floats, spread: Floats, widest: float, rounds: int
    ) -> tuple[Floats, Floats, Floats]:
        """Estimates, what is predicted of them and the groups' spreads after some rounds of fitting these in turn."""
        estimates = seen
        for _ in range(rounds):
            estimates, covariance = _shrunk(seen, noise, middle, spread[self.group])
            middle = self.predicted(estimates)
            spread = self._spread(estimates - middle, covariance, widest)
        return estimates, middle, spread

    def _spread(self, deviations: Floats, covariance: Floats, widest: float) -> Floats:
        """Spread of effects around the middle, a little above nothing, for the columns spent on the middle."""
        draws, size = deviations.shape
        count, spent = self.belongs.sum(axis=0), self.design.shape[1] - self.belongs.shape[1]
        free = np.maximum(count - 1 - spent * count / draws, 1.0)
        squares = (deviations[:, :, None] * deviations[:, None, :] + covariance).reshape(draws, -1)
        spread = (self.belongs.T @ squares / free[:, None]).reshape(-1, size, size)
        largest = np.maximum(np.linalg.eigvalsh(spread)[:, -1], 1e-300)
        return spread * np.minimum(1.0, widest**2 / largest)[:, None, None] + 1e-8 * np.eye(size)


def _kept(noise: Floats, spread: Floats) -> Floats:
    """Share of what was seen that is kept by estimates drawn towards the middle, a matrix a draw."""
    return spread @ np.linalg.inv(spread + noise)


def _shrunk(seen: Floats, noise: Floats, middle: Floats, spread: Floats) -> tuple[Floats, Floats]:
    """Estimates between what was seen and the middle, and their covariances."""
    kept = _kept(noise, spread)
    covariance = spread - kept @ spread
    return middle + np.einsum("dij,dj->di", kept, seen - middle), (covariance + covariance.swapaxes(1, 2)) / 2


def _normal(generator: np.random.Generator, covariance: Floats, shape: tuple[int, ...]) -> Floats:
    """Normal numbers of these covariances (draws, effects, effects)."""
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))[..., None, :]
    return np.einsum("dij,rdj->rdi", root, generator.standard_normal(shape))


# -- ranges over draws -------------------------------------------------------------------------------------------------

NOTHING = (float("nan"), float("nan"))


def level_over_draws(arm: Arm, metric: Metric) -> tuple[float, float]:
    """Range of a mean, share or typical value over 95 % of draws; NaN for quantiles and where nothing was drawn."""
    if metric.kind == "quantile" or DRAW not in arm.lanes.columns:
        return NOTHING
    values = arm.lanes.select(UNIT, DRAW, metric.expression.cast(pl.Float64).alias("value"))
    low, high = _range(values)
    return (float(np.expm1(low)), float(np.expm1(high))) if metric.kind == "geometric" else (low, high)


def change_over_draws(first: Arm, second: Arm, metric: Metric) -> tuple[float, float]:
    """Range of the difference of two paired arms over 95 % of draws; NaN also where luck is not shared."""
    drawn = metric.kind in ("mean", "probability") and DRAW in first.lanes.columns
    if not drawn or shared_keys(first, second) is None:
        return NOTHING
    gap = (pl.col(f"{metric.name}:first") - pl.col(f"{metric.name}:second")).alias("value")
    draws = first.lanes.select(UNIT, CELL, DRAW)
    return _range(pairs(first, second, [metric]).join(draws, on=[UNIT, CELL], how="left").select(UNIT, DRAW, gap))


def _range(values: pl.DataFrame) -> tuple[float, float]:
    values = values.drop_nulls().filter(pl.col("value").is_not_nan())
    if values[DRAW].n_unique() < 2:
        return NOTHING
    cells = values.group_by(DRAW, UNIT, maintain_order=True).agg(pl.col("value").mean())
    return parameter_interval(*(cells[name].to_numpy() for name in (DRAW, "value", UNIT)))


def parameter_interval(point: NDArray, value: NDArray, luck: NDArray | None = None) -> tuple[float, float]:
    """Return the central 95 % of an effect over parameter points, Monte Carlo error left aside, by :func:`deconvolved`."""
    low, high = np.quantile(deconvolved(point, value, luck), [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def deconvolved(point: NDArray, value: NDArray, luck: NDArray | None = None) -> Floats:
    """Return the points' effects, shape (points,), shrunk until their spread is the one between parameters.

    ``point``, ``value`` and ``luck`` are of shape (lanes,). Points, two at least, need not have the same number of
    replicates; values (for a contrast, the difference of two lanes that share luck) drop out where they are NaN. A
    lane's luck meets a point once at most; where points share it, chance moves them together: what they have in common
    is no spread between them.
    """
    value = np.asarray(value, float)
    known = ~np.isnan(value)
    value = value[known]
    _, point_of = np.unique(np.asarray(point)[known], return_inverse=True)
    sizes = np.bincount(point_of).astype(float)
    if sizes.size < 2:
        raise ValueError("nested draws need at least two points")
    means = np.bincount(point_of, value) / sizes
    deviations = value - means[point_of]
    within = None if luck is None else _variance_apart(point_of, deviations, np.asarray(luck)[known])
    if within is None:
        squares, free = np.bincount(point_of, deviations**2), np.maximum(sizes - 1, 0)
        pooled = squares.sum() / free.sum() if free.any() else 0.0  # for points with a single replicate
        within = np.divide(squares, free, out=np.full(len(sizes), pooled), where=free > 0)
    observed = float(means.var(ddof=1))
    between = max(observed - float((within / sizes).mean()), 0.0)
    return means.mean() + (means - means.mean()) * np.sqrt(between / observed) if observed > 0 else means


def _variance_apart(point_of: NDArray, deviations: Floats, luck: NDArray) -> float | None:
    """Variance of what luck does to one point alone; None where points share no luck."""
    _, key = np.unique(luck, return_inverse=True)
    met = np.bincount(key)
    if met.size < 2 or met.mean() < 2:
        return None
    common = np.bincount(key, deviations) / met
    free = deviations.size - int(point_of.max()) - met.size
    return float(np.sum((deviations - common[key]) ** 2)) / max(free, 1)


def without_noise(seen: Floats, noise: Floats) -> Floats:
    """Points' effects (..., points, effects), moved to their middle until their covariance is what noise leaves of it.

    ``noise`` (effects, effects) is the covariance of the noise in each point's effects.
    """
    middle = seen.mean(axis=-2, keepdims=True)
    deviations = seen - middle
    observed = np.swapaxes(deviations, -1, -2) @ deviations / (seen.shape[-2] - 1)
    return middle + deviations @ _power(observed, -0.5) @ _power(observed - noise, 0.5)


def _power(matrix: Floats, exponent: float) -> Floats:
    """A symmetric matrix to a power; directions without variance, or with less than none, count as nothing."""
    values, vectors = np.linalg.eigh(matrix)
    least = 1e-10 * np.abs(values).max(axis=-1, keepdims=True)
    raised = np.power(values, exponent, out=np.zeros_like(values), where=values > least)
    return (vectors * raised[..., None, :]) @ np.swapaxes(vectors, -1, -2)
