"""A claim's effects over draws, and what they say of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import log

import numpy as np
from scipy.special import expit, logit
from scipy.stats import rankdata, zscore

from experiments.claims.arms import Arm, ArmStore, Spread, arm, drawn_for
from experiments.claims.catalogue import CAUSAL, MORE, NECESSITY, Contrast, Proposition, both_sides
from experiments.claims.measures import MEASURES
from experiments.claims.rule import AGAINST, BETWEEN, FAILS, FOR, HOLDS, SMALL, Evidence, Reading, declared
from experiments.claims.rule import MORE as EXPECTS_MORE
from experiments.claims.rule import NOTHING as EXPECTS_NOTHING
from experiments.claims.uncertainty import POSTERIOR, PRIOR, Draws
from experiments.statistics.intervals import Floats
from experiments.statistics.random_effects import RandomEffects, contrasts_of, counts
from sim.scenario import parameters

MIXED = 2
"""What joint effects say where some are large and some are not: nothing."""


@dataclass(frozen=True)
class Effects:
    """Effects of one or several contrasts over draws, on the scale of their measures."""

    proposition: Proposition
    tests: tuple[Contrast, ...]
    fit: RandomEffects
    structure: np.ndarray
    halves: dict[str, dict[str, np.ndarray]]
    kept: np.ndarray
    """Which draws have crises that count, (draws,) of all draws."""

    @property
    def units(self) -> Floats:
        """The smallest effect of interest of each contrast, on the scale it is compared on."""
        return np.array([smallest(test) for test in self.tests])

    @property
    def weakest(self) -> int:
        """The contrast with the smallest mean effect."""
        return int(np.argmin(self.fit.mean / self.units))

    def evidence(self, samples: Floats, contrast: int | None = None) -> Evidence:
        """What possible effects (samples, draws, effects) say of the claim; of one contrast alone where it is named."""
        scaled = samples / self.units
        # All contrasts exceed a number where the smallest does: the joint chance, noise being out already.
        values = scaled.min(axis=-1) if contrast is None else scaled[..., contrast]
        says = reading(self.proposition).of(values)
        if contrast is None and self.proposition.expects == MORE:
            # Small is said of the claim where all contrasts are small; some large, some not settles nothing.
            says = np.where((says == BETWEEN) & (scaled.max(axis=-1) > 1), MIXED, says)
        admitted = (HOLDS, FAILS, SMALL) if self.proposition.expects == MORE else (HOLDS, FAILS)
        return Evidence(says, self.fit.weight, self.structure, self.halves, admitted)


def reading(proposition: Proposition) -> Reading:
    """How a claim reads an effect in units of the smallest of interest."""
    if proposition.expects == NECESSITY:
        rare, common = (float(logit(declared()["necessity"][limit])) for limit in ("rare", "common"))
        return Reading((rare, common), (FOR, BETWEEN, AGAINST))
    return EXPECTS_MORE if proposition.expects == MORE else EXPECTS_NOTHING


def smallest(test: Contrast) -> float:
    """The smallest effect of interest on the scale a contrast is compared on; 1 for levels of one arm, which have none."""
    return 1.0 if test.single or test.scale == "level" else log(declared()["smallest"][test.scale])


def told(test: Contrast, value: float) -> float:
    """An effect as a reader is given it: a ratio, the level of a single arm, or a difference of levels."""
    if test.single and test.scale == "odds":
        return float(expit(value))
    return value if test.scale == "level" else float(np.exp(value))


def arm_of(
    proposition: Proposition, test: Contrast, name: str, source: str = POSTERIOR, secondary: bool = False
) -> Arm:
    """One arm of a contrast."""
    measure = MEASURES[test.measured[name]]
    return arm(
        proposition.scenario,
        proposition.overrides,
        test.arms[name],
        source=source,
        horizon=min(measure.horizon, proposition.horizon),
        watch=measure.watch,
        # Only a causal claim gets a verdict that asks for a number of crises.
        secondary=secondary or source == PRIOR or proposition.kind != CAUSAL,
    )


def needed(proposition: Proposition) -> Iterator[Arm]:
    """Every arm that a claim takes, its reach apart."""
    for test in proposition.tests:
        for source in (POSTERIOR, PRIOR) if proposition.kind == CAUSAL else (POSTERIOR,):
            yield from (arm_of(proposition, test, name, source) for name in test.arms)
    for part in proposition.parts:
        yield from (arm_of(proposition, part.test, name, secondary=True) for name in part.test.arms)


def effects(
    proposition: Proposition,
    tests: tuple[Contrast, ...],
    store: ArmStore,
    source: str = POSTERIOR,
    secondary: bool = False,
) -> Effects | None:
    """Effects of contrasts that share a scale; None where hardly a draw has crises that count."""
    drawn = drawn_for(proposition.scenario, proposition.overrides, source, store.size.draws)
    halved = _halves(proposition, drawn)
    cells, weights = _cells(proposition, tests, store, source, secondary)
    covariates = np.array([column for _, column in halved.values()]).T if halved else np.zeros((store.size.draws, 0))
    fit = contrasts_of(cells, tests[0].scale, weights, drawn.structure, drawn.weight, covariates)
    if fit is None:
        return None
    kept = counts(cells)
    halves = {name: {f"{name} high": above[kept], f"{name} low": ~above[kept]} for name, (above, _) in halved.items()}
    return Effects(proposition, tests, fit, drawn.structure[kept], halves, kept)


def _cells(
    proposition: Proposition, tests: tuple[Contrast, ...], store: ArmStore, source: str, secondary: bool
) -> tuple[list[Floats], Floats]:
    """Values of the distinct arms of all contrasts, each (draws, crises), and the weights (contrasts, arms)."""
    weights: dict[tuple[Arm, str], Floats] = {}
    for number, test in enumerate(tests):
        for name, weight in test.weights.items():
            key = (arm_of(proposition, test, name, source, secondary), test.measured[name])
            weights.setdefault(key, np.zeros(len(tests)))[number] += weight
    return [store.values(*key) for key in weights], np.array(list(weights.values())).T.copy()


def _halves(proposition: Proposition, drawn: Draws) -> dict[str, tuple[np.ndarray, Floats]]:
    """Moderator in words -> which draws lie above its median, and its standardised ranks, both (draws,).

    Nothing where there are too few draws, nor for a moderator that is held fixed: no draw differs in it from another.
    """
    halved = {}
    for moderator in proposition.moderators:
        values = [drawn.of(path) for path in both_sides(moderator)]
        if len(drawn.weight) < 12 or any(column is None for column in values):
            continue
        column = np.mean(np.array(values, float), axis=0)
        if np.ptp(column) > 0:
            halved[moderator.rpartition(".")[2].replace("_", " ")] = (column > np.median(column), ranks(column))
    return halved


def ranks(values: Floats) -> Floats:
    """Ranks with mean 0 and variance 1."""
    return zscore(rankdata(values, method="ordinal"))


def spreads(proposition: Proposition) -> tuple[Spread, ...]:
    """What a claim names, and what every claim rests on, spread over declared ranges; both sides alike.

    What an arm sets stays as it is set.
    """
    laid = {path for test in proposition.tests for changes in test.arms.values() for path in changes}
    known, grouped = parameters(), dict[str, list[str]]()
    shared = both_sides(*proposition.moderators, *declared()["reach"])
    for path in dict.fromkeys((*proposition.drivers, *shared, *proposition.over)):
        if path not in laid:
            grouped.setdefault(path.replace(".b.", ".a."), []).append(path)
    return tuple(
        Spread(tuple(paths), float(known[first].low), float(known[first].high), place)
        for place, (first, paths) in enumerate(grouped.items())
    )
