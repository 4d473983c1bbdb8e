"""Checks of a posterior: ranks, coverage, contraction, and predictions on fresh luck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isnan

import numpy as np
import polars as pl

from experiments.calibration.emulator import learned, learned_error, unlearned
from experiments.calibration.inference import Likelihood, Observation
from experiments.design.priors import Table
from experiments.targets.targets import Target

LEVELS = (0.5, 0.8, 0.9, 0.95)
IDENTIFIED = 0.2
"""A parameter whose spread shrinks by less than this from prior to posterior is called unidentified."""


@dataclass(frozen=True)
class Checked:
    """Ranks of true values among posterior draws, ``(data sets, hyperparameters)``, in 0-1."""

    ranks: np.ndarray

    def histogram(self, bins: int) -> np.ndarray:
        """Counts of ranks in equal bins, ``(hyperparameters, bins)``; flat where the posterior is right."""
        numbers = np.minimum((self.ranks * bins).astype(int), bins - 1)
        return np.stack([np.bincount(column, minlength=bins) for column in numbers.T])

    def coverage(self) -> dict[float, np.ndarray]:
        """Share of true values inside the central interval of each level, ``(hyperparameters,)`` each."""
        return {level: np.mean(np.abs(self.ranks - 0.5) <= level / 2, axis=0) for level in LEVELS}

    def worst_gap(self) -> np.ndarray:
        """Largest distance between the ranks' distribution and the even one, ``(hyperparameters,)``."""
        ordered = np.sort(self.ranks, axis=0)
        even = np.arange(1, len(ordered) + 1)[:, None] / len(ordered)
        return np.maximum(np.abs(ordered - even), np.abs(ordered - even + 1 / len(ordered))).max(axis=0)


def ranks_among(
    truth: np.ndarray,
    summaries: Mapping[str, np.ndarray],
    chosen: Sequence[Target],
    likelihood: Likelihood,
    drawn: Callable[[Callable[[np.ndarray], np.ndarray], np.ndarray], np.ndarray],
) -> np.ndarray:
    """Ranks of true values, ``(data sets, hyperparameters)``, among draws that a population simulated at them informs.

    The population is taken for a second record beside the first. Truths are draws of the posterior themselves, so their
    ranks are even where the inference is right, near the record and not over a prior that the record rules out
    (Saeilynoja, Schmitt, Buerkner and Vehtari 2025).

    Parameters
    ----------
    truth : array ``(data sets, hyperparameters)``
        Positions that the populations were simulated at, draws of the posterior.
    summaries : mapping
        Columns ``<id>``, ``<id>_error`` of these populations.
    chosen : sequence of Target
    likelihood : Likelihood
        That of the record.
    drawn : callable
        A log likelihood and a truth to draws of the posterior, positions ``(draws, hyperparameters)``; where a truth
        holds more numbers than are drawn, these are given and stand last.
    """
    ranks = []
    for where, observation in zip(truth, as_observations(chosen, summaries, likelihood.observation), strict=True):
        second = replace(likelihood, observation=observation)

        def both(positions: np.ndarray, second: Likelihood = second) -> np.ndarray:
            expected = likelihood.emulator(positions)
            return likelihood.of_expected(expected) + second.of_expected(expected)

        draws = drawn(both, where)
        ranks.append((draws < where[: draws.shape[1]]).mean(axis=0))
    return np.array(ranks)


def as_observations(
    chosen: Sequence[Target], summaries: Mapping[str, np.ndarray], like: Observation
) -> list[Observation]:
    """Simulated populations as if each were the record, with the errors of their own crises."""
    value = np.column_stack([learned(t.id, summaries[t.id]) for t in chosen])
    error = np.column_stack([learned_error(t.id, summaries[t.id], summaries[f"{t.id}_error"]) for t in chosen])
    typical = np.nanmedian(np.where(error > 0, error, np.nan), axis=0)
    error = np.where((error > 0) & np.isfinite(error), error, typical)
    known = np.isfinite(value)
    value = np.where(known, value, np.nanmedian(value, axis=0))
    error = np.where(known, error, 10 * typical)
    return [Observation(like.names, v, e, np.zeros_like(v)) for v, e in zip(value, error, strict=True)]


def contraction(draws: np.ndarray) -> np.ndarray:
    """Contraction from prior to posterior, 1 - the ratio of their standard deviations, ``(hyperparameters,)``."""
    return 1 - draws.std(axis=0) * np.sqrt(12)


def parameter_table(table: Table, draws: np.ndarray, checked: Checked) -> pl.DataFrame:
    """A row a hyperparameter: prior, posterior, contraction, whether identified, and its calibration."""
    shrunk = contraction(draws)
    values = [item.at(draws[:, number]) for number, item in enumerate(table)]
    low, middle, high = np.array([np.quantile(column, [0.05, 0.5, 0.95]) for column in values]).T
    priors = [(item.name, item.meaning, item.low, item.high, item.distribution, item.source) for item in table]
    frame = pl.DataFrame(priors, ["name", "meaning", "prior_low", "prior_high", "prior", "source"], orient="row")
    posterior = {"q05": low, "median": middle, "q95": high, "contraction": shrunk, "identified": shrunk >= IDENTIFIED}
    checks = {"rank_gap": checked.worst_gap(), "coverage_90": checked.coverage()[0.9]}
    return frame.hstack(pl.DataFrame(posterior | checks))


def predictive_table(
    chosen: Sequence[Target],
    summaries: Mapping[str, np.ndarray],
    observation: Observation,
    seed: int = 1,
    shares: np.ndarray | None = None,
) -> pl.DataFrame:
    """A row a target: the posterior's prediction, from populations simulated on fresh luck at draws of it.

    ``value`` is taken over all crises of all draws; ``low`` and ``high`` bound 95 % of what a record of the real size
    would show. ``inside`` tells whether ``value`` lies in the record's interval or range; where the record has none,
    whether the record's number lies within ``low`` and ``high``. ``shares`` ``(populations,)`` weighs populations, as
    those of structures of different weight.
    """
    generator = np.random.default_rng(seed)
    rows = []
    for number, target in enumerate(chosen):
        value, error, cases = (np.asarray(summaries[f"{target.id}{part}"], float) for part in ("", "_error", "_cases"))
        known = np.isfinite(value) & (cases > 0)
        middle, noise = learned(target.id, value[known]), learned_error(target.id, value[known], error[known])
        weight = cases[known] if shares is None else cases[known] * shares[known]
        weight = weight / weight.sum()
        pooled = float(np.sum(weight * middle))
        deviations = without_noise(middle, noise, weight)
        record = observation.error[number] if not isnan(target.value) else 0.0
        shown = pooled + deviations[:, None] + record * generator.standard_normal((len(deviations), 200))
        low, high = np.maximum(unlearned(target.id, np.quantile(shown, [0.025, 0.975])), 0).tolist()
        predicted = float(unlearned(target.id, np.array(pooled)))
        if isnan(target.low):
            inside = low <= target.value <= high
        else:
            inside = target.low <= predicted <= target.high
        prediction = {"value": predicted, "low": low, "high": high, "has_interval": not isnan(target.low)}
        counts = {"populations": int(known.sum()), "cases": int(cases[known].sum())}
        rows.append({**target.columns, "n": target.n, **prediction, "inside": inside, **counts})
    return pl.DataFrame(rows)


def without_noise(middle: np.ndarray, noise: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Deviations of populations from their weighted mean, shrunk by the Monte Carlo noise they hold, ``(populations,)``."""
    deviations = middle - np.sum(weight * middle)
    spread = float(np.sum(weight * deviations**2))
    left = max(spread - float(np.nanmedian(noise) ** 2), 0.0)
    return deviations * np.sqrt(left / spread) if spread > 0 else deviations
