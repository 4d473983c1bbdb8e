"""How far the instrument reaches: the largest and the smallest effect in the declared ranges of what a claim names.

A positive control: many settings of what the claim names, each laid over a draw of everything else, with a few crises;
those with the largest and smallest effects again, and of these two the last once more, each time with more and fresh
luck, so that what was largest by chance is not taken for what can be. The mean effect over all draws is within reach,
too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from experiments.claims.arms import Arm, ArmStore, SampleSize
from experiments.claims.catalogue import Proposition
from experiments.claims.effects import arm_of, reading, smallest, spreads, told
from experiments.statistics.intervals import Floats
from experiments.statistics.random_effects import contrasts_of, counts


@dataclass(frozen=True)
class ReachSize:
    """Settings looked at, those kept at each end, and the crises of each in the three stages."""

    settings: int = 128
    kept: int = 10
    crises: tuple[int, int, int] = (100, 300, 1500)

    def stores(self, size: SampleSize, directory: Path, workers: int) -> list[ArmStore]:
        """Where the settings of each stage are simulated, each with luck of its own."""
        return [
            ArmStore(replace(size, draws=self.settings, crises=crises, seed=size.seed + 1 + stage), directory, workers)
            for stage, crises in enumerate(self.crises)
        ]


@dataclass(frozen=True)
class Reach:
    """The smallest and the largest effect, as a reader is given them, and whether they can answer the claim.

    ``toward``: whether some setting's effect passes the smallest of interest on the side of larger effects.
    """

    least: float
    most: float
    expressible: bool
    toward: bool = True


def run(claims: Sequence[Proposition], size: ReachSize, stores: Sequence[ArmStore]) -> None:
    """Simulate what the reach of claims takes, a stage after the other."""
    for stage, store in enumerate(stores):
        for claim in claims:
            rows = _rows(claim, size, stores[:stage])
            store.want(arms(claim, rows) if rows is not None else ())
        store.run(f"propositions: reach, stage {stage + 1} of {len(stores)}")


def arms(proposition: Proposition, rows: tuple[int, ...]) -> list[Arm]:
    """The arms of a claim's contrasts over the settings, or over some of them."""
    laid = spreads(proposition)
    return [
        replace(arm_of(proposition, test, name), spread=laid, rows=rows)
        for test in proposition.tests
        for name in test.weights
    ]


def reach(proposition: Proposition, size: ReachSize, stores: Sequence[ArmStore], mean: float) -> Reach | None:
    """The reach of a claim, from the last stage and its mean effect in units of the smallest of interest.

    None where hardly a setting has crises that count.
    """
    rows = _rows(proposition, size, stores[:-1])
    scaled = None if rows is None else _scaled(proposition, stores[-1], rows)
    if scaled is None or np.isnan(scaled).all():
        return None
    least, most = (float(end([*scaled[~np.isnan(scaled)], mean])) for end in (np.min, np.max))
    test, (low, high) = proposition.tests[0], reading(proposition).cuts
    unit = smallest(test)
    return Reach(told(test, least * unit), told(test, most * unit), least < low or most > high, most > high)


def _rows(proposition: Proposition, size: ReachSize, before: Sequence[ArmStore]) -> tuple[int, ...] | None:
    """The settings that are left after the stages before: all (none named), those kept at each end, the furthest two."""
    rows: tuple[int, ...] | None = ()
    for stage, store in enumerate(before):
        scaled = None if rows is None else _scaled(proposition, store, rows)
        if scaled is None or np.isnan(scaled).all():
            return None
        numbers = np.array(rows or range(len(scaled)))
        order = numbers[np.argsort(scaled)][: int((~np.isnan(scaled)).sum())]
        ends = size.kept if stage == 0 else 1
        rows = tuple(dict.fromkeys(int(row) for row in (*order[:ends], *order[-ends:])))
    return rows


def _scaled(proposition: Proposition, store: ArmStore, rows: tuple[int, ...]) -> Floats | None:
    """The smallest of a claim's effects in each setting, in units of the smallest of interest, NaN for none."""
    tests = proposition.tests
    entries = [(test, name) for test in tests for name in test.weights]
    placed = zip(arms(proposition, rows), entries, strict=True)
    cells = [store.values(arm, test.measured[name]) for arm, (test, name) in placed]
    weights = np.array([[own.weights[name] * (own is test) for own, name in entries] for test in tests], float)
    count = len(cells[0])
    fit = contrasts_of(cells, tests[0].scale, weights, np.zeros(count, int), np.full(count, 1 / count))
    if fit is None:
        return None
    scaled = np.full(count, np.nan)
    scaled[counts(cells)] = (fit.effects / [smallest(test) for test in tests]).min(axis=1)
    return scaled
