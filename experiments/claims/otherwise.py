"""Verdicts where what is not known is weighed otherwise: how far an answer hangs on the posterior as it stands.

Beside the verdict and no part of it: the rule (:mod:`experiments.claims.rule`) is frozen, these weighings are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import betabinom

from experiments.claims.arms import Arm, ArmStore, SampleSize, drawn_for, points_of
from experiments.claims.depth.designs import BASELINE
from experiments.claims.effects import Effects
from experiments.claims.rule import Verdict, judge
from experiments.claims.uncertainty import POSTERIOR
from experiments.design.posterior import POPULATION
from experiments.statistics.intervals import Floats
from experiments.statistics.vocabulary import WARS
from experiments.targets.targets import targets_of
from sim.ensemble import Settings, run_chunk

WIDER = 1.55
"""Factor by which a normal interval that holds 71 % of truths has to grow to hold 90 %, as it promises."""
WARS_RECORDED = "T7"
"""The record of wars, which the posterior misses."""
FEWEST = 12
"""Draws, in effect, below which a weighing says nothing."""
DISPUTES = Arm(POPULATION)
"""The disputes of each draw, of which some become wars."""


@dataclass(frozen=True)
class Weighing:
    """Weights of draws, (draws,), and the factor by which effects spread more around their structure's mean."""

    what: str
    weight: Floats
    wider: float = 1.0

    @property
    def draws(self) -> float:
        """How many draws of equal weight tell as much."""
        return float(self.weight.sum() ** 2 / max((self.weight**2).sum(), 1e-300))


def weighings(store: ArmStore) -> Iterator[Weighing]:
    """Each way of weighing the draws of the posterior; the disputes of each are simulated where they were not yet."""
    drawn = drawn_for(POPULATION, (), POSTERIOR, store.size.draws)
    weight, structure = drawn.weight, drawn.structure
    _, place, times = np.unique(structure, return_inverse=True, return_counts=True)
    yield Weighing("structures weigh alike", 1 / times[place])
    yield Weighing(f"effects differ {WIDER:g} times as much between draws", weight, WIDER)
    costs = np.nan_to_num(_costs_of_a_step_down(store.size))
    dearest = weight * (costs >= np.quantile(costs, 2 / 3))
    mean = float(dearest @ costs / dearest.sum())
    yield Weighing(
        f"the third of draws counts in which a step down in a crisis costs most ({mean:.2g} of approval)", dearest
    )
    severity = store.lanes(DISPUTES)["severity"].reshape(store.size.draws, -1)
    forceful, wars = (severity != "none").sum(axis=1), np.isin(severity, WARS).sum(axis=1)
    (record,) = (target for target in targets_of(POPULATION) if target.id == WARS_RECORDED)
    fitting = weight * betabinom.pmf(round(record.value * record.n), record.n, wars + 0.5, forceful - wars + 0.5)
    before, after = (float(own @ wars / (own @ forceful)) for own in (weight, fitting))
    yield Weighing(
        f"draws count once more as they meet the record of wars ({record.value:.1%}; {before:.1%} before, {after:.1%} so)",
        fitting,
    )


def _costs_of_a_step_down(size: SampleSize) -> Floats:
    """What one step down at rung 3 or above costs at home, mean of crises and sides, (draws,); NaN where nobody decided."""
    points = points_of(Arm(BASELINE), size)
    draw, replicate = np.divmod(np.arange(size.draws * size.secondary_crises), size.secondary_crises)
    settings = Settings(seed=size.seed, horizon_days=size.horizon, citizens=size.citizens, luck="own")
    lanes = run_chunk(points, draw, replicate, settings).lanes
    costs = np.ma.masked_invalid([lanes["audience_cost_a"], lanes["audience_cost_b"]]).mean(axis=0)
    return costs.reshape(size.draws, -1).mean(axis=1).filled(np.nan)


def judged(after: Effects, weighing: Weighing) -> Verdict | None:
    """The verdict of the rule's chances under a weighing; None where too few draws count."""
    weight = weighing.weight[after.kept]
    if replace(weighing, weight=weight).draws < FEWEST:
        return None
    samples = after.fit.samples()
    for name in np.unique(after.structure):
        here = after.structure == name
        middle = samples[:, here].mean(axis=(0, 1))
        samples[:, here] = middle + weighing.wider * (samples[:, here] - middle)
    # Nothing can depend on a moderator of which one half does not count.
    halves = {name: pair for name, pair in after.halves.items() if all(weight[half].any() for half in pair.values())}
    return judge(replace(after.evidence(samples), weight=weight / weight.sum(), halves=halves))
