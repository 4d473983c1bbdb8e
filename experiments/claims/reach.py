"""How far the instrument reaches: the largest and the smallest effect in the declared ranges of what a claim names.

A positive control. Many settings of what the claim names, at the ends of the declared ranges and between them, each laid
over a draw of everything else, are simulated with a few crises. The settings with the largest and the smallest effect are
simulated again with many crises and fresh luck, so that what was largest by chance is not taken for what can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from experiments.claims.arms import Arm, SampleSize
from experiments.claims.claim import CAUSAL, Proposition
from experiments.claims.effects import arm_of, reading, smallest, spreads, told
from experiments.claims.measures import MEASURES
from experiments.claims.store import ArmStore
from experiments.statistics.intervals import Floats
from experiments.statistics.random_effects import contrasts_of, counts


@dataclass(frozen=True)
class ReachSize:
    """Settings looked at, crises of each, and crises with fresh luck at the two that lie furthest apart."""

    settings: int = 48
    crises: int = 60
    fresh: int = 1500

    def stores(self, size: SampleSize, store: ArmStore) -> tuple[ArmStore, ArmStore]:
        """Where the settings, and the two chosen ones with fresh luck, are simulated."""
        first = replace(size, draws=self.settings, crises=self.crises)
        again = replace(first, crises=self.fresh, seed=size.seed + 1)
        return ArmStore(first, store.directory, store.workers), ArmStore(again, store.directory, store.workers)


@dataclass(frozen=True)
class Reach:
    """The smallest and the largest effect, as a reader is given them, and whether they can answer the claim."""

    least: float
    most: float
    expressible: bool


def arms(proposition: Proposition, rows: tuple[int, ...] = ()) -> list[Arm]:
    """The arms of a claim's contrasts over the settings, or over some of them."""
    if proposition.kind != CAUSAL:
        return []
    laid = spreads(proposition)
    return [
        replace(arm_of(proposition, test, name), spread=laid, rows=rows)
        for test in proposition.tests
        for name in test.arms
    ]


def furthest(proposition: Proposition, store: ArmStore) -> tuple[int, int] | None:
    """The settings with the smallest and the largest effect; None where hardly a setting has crises that count."""
    scaled = _scaled(proposition, store, ())
    return None if scaled is None else (int(np.nanargmin(scaled)), int(np.nanargmax(scaled)))


def reach(proposition: Proposition, first: ArmStore, again: ArmStore) -> Reach | None:
    """The reach of a claim; None where hardly a setting has crises that count."""
    rows = furthest(proposition, first)
    scaled = None if rows is None else _scaled(proposition, again, rows)
    if scaled is None or np.isnan(scaled).any():
        return None
    least, most = sorted(float(value) for value in scaled)
    test, (low, high) = proposition.tests[0], reading(proposition).cuts
    unit = smallest(test)
    return Reach(told(test, least * unit), told(test, most * unit), least < low or most > high)


def _scaled(proposition: Proposition, store: ArmStore, rows: tuple[int, ...]) -> Floats | None:
    """The smallest of a claim's effects in each setting, in units of the smallest of interest, NaN for none."""
    cells, weights = [], np.zeros((len(proposition.tests), 0))
    for number, test in enumerate(proposition.tests):
        for name, weight in test.weights.items():
            arm = replace(arm_of(proposition, test, name), spread=spreads(proposition), rows=rows)
            cells.append(store.values(arm, test.measured[name]))
            column = np.zeros((len(proposition.tests), 1))
            column[number] = weight
            weights = np.hstack([weights, column])
    count = len(cells[0])
    scale = MEASURES[next(iter(proposition.tests[0].measured.values()))].scale
    fit = contrasts_of(cells, scale, weights, np.zeros(count, int), np.full(count, 1 / count))
    if fit is None:
        return None
    scaled = np.full(count, np.nan)
    units = np.array([smallest(test) for test in proposition.tests])
    scaled[counts(cells)] = (fit.effects / units).min(axis=1)
    return scaled
