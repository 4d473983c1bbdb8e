"""A simulated population as a few numbers: each target's reading, with its error and number of cases."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan, sqrt

import numpy as np

from experiments.statistics.arms import Sample
from experiments.targets.readings import READINGS, SCALE
from experiments.targets.tables import Tables
from experiments.targets.targets import Target, targets, targets_of

AUDIENCE_COST = "B1"
"""Read in the population, too: publics must not be muted where hardly a target speaks of them."""


def wanted(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is calibrated to."""
    own = targets_of(scenario)
    audience = tuple(target for target in targets() if target.id == AUDIENCE_COST)
    return own + audience if scenario == "dispute_population" else own


def summarise(chosen: Sequence[Target], tables: Tables) -> dict[str, float]:
    """Every target's number in simulated tables, with its Monte Carlo error and cases, as columns.

    They are ``<id>``, ``<id>_error`` and ``<id>_cases``; the first two are NaN where there is no case.
    """
    row: dict[str, float] = {}
    for name in (target.id for target in chosen):
        sample, metric = READINGS[name].sample(tables), READINGS[name].metric
        if not len(sample.values):
            value, error = nan, nan
        elif metric.kind == "quantile":
            value, error = quantile_and_error(sample, metric.at)
        else:
            value, error = sample.mean, sample.error
        factor = SCALE.get(name, 1.0)
        row |= {name: factor * value, f"{name}_error": factor * error, f"{name}_cases": len(sample.values)}
    return row


def quantile_and_error(sample: Sample, at: float) -> tuple[float, float]:
    """A quantile and half the distance between the quantiles one standard error of the share to either side."""
    share = Sample.of((sample.values <= np.quantile(sample.values, at)).astype(float), sample.units, sample.count)
    reach = max(share.error, sqrt(at * (1 - at) / len(sample.values)))
    low, middle, high = np.quantile(sample.values, [max(at - reach, 0.0), at, min(at + reach, 1.0)])
    return float(middle), float(high - low) / 2
