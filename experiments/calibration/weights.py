"""The structures weighed by what they predict of rows that they were not fitted to.

Each source of rows is left out in turn, each structure is fitted to what is left, and the rows left out are held against
what it then predicts on fresh luck. Weights are those of stacking (Yao, Vehtari, Simpson and Gelman 2018): the mixture
of structures that predicts best. They are moved a fifth of the way to even weights, since few rows from three sources
cannot rule a structure out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import polars as pl
from scipy.special import logsumexp
from scipy.stats import t as student

from experiments.calibration.diagnostics import as_observations, without_noise
from experiments.calibration.emulator import learned, learned_error
from experiments.calibration.inference import DISCREPANCY, FREEDOM, Likelihood, Observation
from experiments.calibration.stages import Fit, columns_of

SOURCES = {
    "crises (ICB)": ("T1a", "T1b", "T1c", "T13a", "T13b", "T13c"),
    "events (MIE)": ("T2a", "T2b", "T2c", "T5a", "T5b", "T5c", "T5d", "T9a", "T9b", "T9c"),
    "disputes (MID)": (
        *("T6a", "T6b", "T6c", "T6d", "T6e", "T7", "T12", "T8a", "T8b", "T8c"),
        *("T11a", "T11b", "T11c", "T11d", "T11e", "T11f", "T11g", "T11h"),
    ),
}
"""Source -> the rows that are left out together."""
TO_EVEN = 0.2
STEPS, RESAMPLES = 300, 1000
LEAST = -12.0
"""Least log density: that of a row of which a structure's populations have no case, or none anywhere near."""


@dataclass(frozen=True)
class Scores:
    """Log predictive densities of the rows left out, ``(rows, structures)``, with each row's source."""

    structures: tuple[str, ...]
    rows: tuple[str, ...]
    sources: tuple[str, ...]
    log_density: np.ndarray

    @property
    def weights(self) -> np.ndarray:
        """Stacking weights, moved a little to even ones, ``(structures,)``."""
        return toward_even(stacked(self.log_density, np.ones(len(self.rows))))

    def intervals(self, seed: int, level: float = 0.9) -> np.ndarray:
        """Intervals of the weights by the Bayesian bootstrap over rows (Rubin 1981), ``(structures, 2)``."""
        generator = np.random.default_rng(seed)
        shares = generator.dirichlet(np.ones(len(self.rows)), RESAMPLES) * len(self.rows)
        drawn = np.array([toward_even(stacked(self.log_density, share)) for share in shares])
        return np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0).T

    def by_source(self) -> pl.DataFrame:
        """Sums of log predictive densities, a row a structure and a column a source."""
        sums = {source: self.log_density[[row == source for row in self.sources]].sum(axis=0) for source in SOURCES}
        return pl.DataFrame({"structure": list(self.structures), **sums, "all": self.log_density.sum(axis=0)})


def scores(fits: Sequence[Fit]) -> Scores:
    """Every row's log predictive density under every structure, fitted without the row's source."""
    rows = {row: source for source, names in SOURCES.items() for row in names}
    columns = []
    for fit in fits:
        record = fit.likelihood.observation
        density: dict[str, float] = {}
        for number, (source, names) in enumerate(SOURCES.items()):
            fit.tell(f"predicting {source}, left out")
            known = tuple(row for row in names if row in record.names)
            populations = fit.anew(fit.without(known)[: fit.request.apart], 20 + number)
            density |= predictive_densities(known, columns_of(populations), record)
        columns.append([density[row] for row in rows])
    structures = tuple(fit.structure for fit in fits)
    return Scores(structures, tuple(rows), tuple(rows.values()), np.array(columns).T)


def predictive_densities(
    names: Sequence[str], summaries: Mapping[str, np.ndarray], observation: Observation
) -> dict[str, float]:
    """Log density of rows of the record, averaged over draws; a row of which no population has a case gets the least.

    Populations are drawn together by the Monte Carlo noise that they hold, so that it does not count as uncertainty.
    """
    densities = {}
    for name in names:
        value, error = summaries[name], summaries[f"{name}_error"]
        known = np.isfinite(value) & np.isfinite(error)
        if not known.any():
            densities[name] = LEAST
            continue
        scaled, noise = learned(name, value[known]), learned_error(name, value[known], error[known])
        middle = scaled.mean() + without_noise(scaled, noise, np.full(len(scaled), 1 / len(scaled)))
        number = observation.names.index(name)
        spread = sqrt(1 + DISCREPANCY**2) * observation.error[number]
        density = student.logpdf(observation.value[number], FREEDOM, middle, spread)
        densities[name] = max(float(logsumexp(density) - np.log(len(density))), LEAST)
    return densities


def stacked(log_density: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Weights ``(structures,)`` of the mixture with the highest log score, rows counted by ``shares`` (by EM)."""
    known = np.isfinite(log_density).all(axis=1)
    log_density, shares = log_density[known], shares[known]
    density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
    weight = np.full(density.shape[1], 1 / density.shape[1])
    for _ in range(STEPS):
        part = density * weight
        weight = (shares[:, None] * part / part.sum(axis=1, keepdims=True)).sum(axis=0) / shares.sum()
    return weight


def toward_even(weights: np.ndarray) -> np.ndarray:
    """Weights moved a little to even ones."""
    return (1 - TO_EVEN) * weights + TO_EVEN / len(weights)


def recovery(fits: Sequence[Fit]) -> pl.DataFrame:
    """How often each structure gets the largest weight when a structure's own populations stand for the record.

    Each such record is weighed as the real one is: every structure fitted without each source in turn, the rows left out
    predicted by the emulator in the place of new simulations. A row a structure that the records were simulated from:
    ``truth``, ``records``, ``picked`` (share in which it gets the largest weight itself), ``admitted`` (share in which it
    gets .10 or more) and ``weight_NAME``, the mean weight of each structure.
    """
    rows = []
    rests_on = [fit.posterior.positions for fit in fits]
    for truth, fit in enumerate(fits):
        records = as_observations(fit.chosen, columns_of(fit.predictive), fit.likelihood.observation)
        records = records[: fit.request.recovered]

        def weighed(fit: Fit = fit, records: Sequence[Observation] = records) -> np.ndarray:
            fit.tell("weights of structures where it is the truth")
            return np.array([_weights_for(record, fits) for record in records])

        weights = fit.cached("recovery", weighed, *rests_on)
        picked, admitted = weights.argmax(axis=1) == truth, weights[:, truth] >= 0.1
        row = {"truth": fit.structure, "records": len(records)}
        row |= {"picked": float(picked.mean()), "admitted": float(admitted.mean())}
        rows.append(row | {f"weight_{other.structure}": float(weights[:, n].mean()) for n, other in enumerate(fits)})
    return pl.DataFrame(rows)


def _weights_for(record: Observation, fits: Sequence[Fit]) -> np.ndarray:
    log_density = []
    spread = sqrt(1 + DISCREPANCY**2) * record.error
    for fit in fits:
        densities, emulator = [], fit.likelihood.emulator
        for names in SOURCES.values():
            left_out = Likelihood(emulator, record.without(names))
            expected = emulator(fit.drawn(left_out, fit.request.second, 12).positions)
            used = np.isin(record.names, names)
            each = student.logpdf(record.value[used], FREEDOM, expected[:, used], spread[used])
            densities.append(np.maximum(logsumexp(each, axis=0) - np.log(len(each)), LEAST))
        log_density.append(np.concatenate(densities))
    table = np.array(log_density).T
    return toward_even(stacked(table, np.ones(len(table))))
