"""A simulated population as a few numbers: each target's reading, with its error and number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan, sqrt

import numpy as np

from experiments.statistics.arms import Sample
from experiments.targets.readings import READINGS, SCALE
from experiments.targets.tables import Tables
from experiments.targets.targets import Target, targets, targets_of

AUDIENCE_COST = "B1"
"""Read in the population, too: publics must not be muted where hardly a target speaks of them."""


@dataclass(frozen=True)
class Summary:
    """One number of a simulated population: ``value``, its Monte Carlo standard ``error``, and its ``cases``."""

    value: float
    error: float
    cases: int


def wanted(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is calibrated to."""
    own = targets_of(scenario)
    audience = tuple(target for target in targets() if target.id == AUDIENCE_COST)
    return own + audience if scenario == "dispute_population" else own


def summarise(chosen: Sequence[Target], tables: Tables) -> dict[str, Summary]:
    """Every target's number in simulated tables."""
    return {target.id: _summary(target.id, tables) for target in chosen}


def _summary(name: str, tables: Tables) -> Summary:
    reading = READINGS[name]
    sample = reading.sample(tables)
    factor = SCALE.get(name, 1.0)
    if not len(sample.values):
        return Summary(nan, nan, 0)
    value, error = (
        quantile_and_error(sample, reading.metric.at)
        if reading.metric.kind == "quantile"
        else (sample.mean, sample.error)
    )
    return Summary(factor * value, factor * error, len(sample.values))


def quantile_and_error(sample: Sample, at: float) -> tuple[float, float]:
    """A quantile and half the distance between the quantiles one standard error of the share to either side."""
    share = Sample.of((sample.values <= np.quantile(sample.values, at)).astype(float), sample.units, sample.count)
    reach = max(share.error, sqrt(at * (1 - at) / len(sample.values)))
    low, middle, high = np.quantile(sample.values, [max(at - reach, 0.0), at, min(at + reach, 1.0)])
    return float(middle), float(high - low) / 2


def summary_columns(populations: Sequence[dict[str, Summary]], chosen: Sequence[Target]) -> dict[str, np.ndarray]:
    """Summaries of many populations as columns ``<id>``, ``<id>_error`` and ``<id>_cases``."""
    columns: dict[str, np.ndarray] = {}
    for target in chosen:
        summaries = [population[target.id] for population in populations]
        columns[target.id] = np.array([summary.value for summary in summaries])
        columns[f"{target.id}_error"] = np.array([summary.error for summary in summaries])
        columns[f"{target.id}_cases"] = np.array([summary.cases for summary in summaries], np.int32)
    return columns
