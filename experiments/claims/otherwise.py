"""Verdicts where what is not known is weighed otherwise: how far an answer hangs on the posterior as it stands.

Beside the verdict and no part of it: the rule (:mod:`experiments.claims.rule`) is frozen, these weighings are not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.stats import betabinom

from experiments.claims.arms import Arm, ArmStore, drawn_for
from experiments.claims.effects import Effects
from experiments.claims.rule import Verdict, judge
from experiments.claims.uncertainty import POSTERIOR
from experiments.design.posterior import POPULATION
from experiments.protocols.asking import ask, items
from experiments.statistics.intervals import Floats
from experiments.statistics.vocabulary import WARS
from experiments.targets.populations import scenario_named
from experiments.targets.targets import targets_of

WIDER = 1.55
"""Factor by which a normal interval that holds 71 % of truths has to grow to hold 90 %, as it promises."""
STEP_DOWN, WARS_RECORDED = "cost_after_force", "T7"
"""The reply of publics, and the record, that the posterior misses and draws are weighed by."""
FEWEST = 12
"""Draws, in effect, below which a weighing says nothing."""
DISPUTES = Arm(POPULATION, secondary=True)
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
    replies = ask(
        scenario_named(POPULATION),
        {**drawn.columns, **drawn.varied},
        store.size.draws,
        store.size.citizens,
        store.size.seed,
    )
    (item,) = (item for item in items() if item.item == STEP_DOWN)
    inside = item.inside(np.nanmean(replies.values[STEP_DOWN], axis=1))
    yield Weighing(
        f"a step down in a crisis costs {item.low:g} to {item.high:g} of approval, as experiments find", weight * inside
    )
    severity = store.lanes(DISPUTES)["severity"].reshape(store.size.draws, -1)
    forceful, wars = (severity != "none").sum(axis=1), np.isin(severity, WARS).sum(axis=1)
    (record,) = (target for target in targets_of(POPULATION) if target.id == WARS_RECORDED)
    fits = betabinom.pmf(round(record.value * record.n), record.n, wars + 0.5, forceful - wars + 0.5)
    yield Weighing(f"as many disputes become wars as in the record ({record.value:.1%})", weight * fits)


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
    return judge(replace(after.evidence(samples), weight=weight / weight.sum()))
