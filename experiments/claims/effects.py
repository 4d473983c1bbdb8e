"""A claim's effects over draws, what they say of it, and how far the instrument reaches.

Reach is a positive control, the largest and the smallest effect in the declared ranges of what the claim names: many
settings, each laid over a draw of everything else, with a few crises; those with the largest and smallest effects again,
and of these two the last once more, each time with more and fresh luck, so that what was largest by chance is not taken
for what can be. The mean effect over all draws is within reach, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import log
from pathlib import Path

import numpy as np
from scipy.special import expit, logit
from scipy.stats import rankdata, zscore

from experiments.claims import rule
from experiments.claims.arms import Arm, ArmStore, SampleSize, Spread, arm, drawn_for
from experiments.claims.catalogue import CAUSAL, MORE, NECESSITY, Contrast, Proposition, both_sides
from experiments.claims.measures import MEASURES
from experiments.claims.rule import AGAINST, BETWEEN, FOR, Evidence, Reading, declared
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
        answers = (rule.HOLDS, rule.FAILS, *([rule.SMALL] if self.proposition.expects == MORE else []))
        return Evidence(says, self.fit.weight, self.structure, self.halves, answers)


def reading(proposition: Proposition) -> Reading:
    """How a claim reads an effect in units of the smallest of interest."""
    if proposition.expects == NECESSITY:
        rare, common = (float(logit(declared()["necessity"][limit])) for limit in ("rare", "common"))
        return Reading((rare, common), (FOR, BETWEEN, AGAINST))
    return rule.MORE if proposition.expects == MORE else rule.NOTHING


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
    weight_of: dict[tuple[Arm, str], Floats] = {}  # of each distinct arm and measure, (contrasts,)
    for number, test in enumerate(tests):
        for name, weight in test.weights.items():
            key = (arm_of(proposition, test, name, source, secondary), test.measured[name])
            weight_of.setdefault(key, np.zeros(len(tests)))[number] += weight
    cells, weights = [store.values(*key) for key in weight_of], np.array(list(weight_of.values())).T.copy()
    covariates = np.array([column for _, column in halved.values()]).T if halved else np.zeros((store.size.draws, 0))
    fit = contrasts_of(cells, tests[0].scale, weights, drawn.structure, drawn.weight, covariates)
    if fit is None:
        return None
    kept = counts(cells)
    halves = {name: {f"{name} high": above[kept], f"{name} low": ~above[kept]} for name, (above, _) in halved.items()}
    return Effects(proposition, tests, fit, drawn.structure[kept], halves, kept)


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


# -- reach -------------------------------------------------------------------------------------------------------------


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


def run_reach(claims: Sequence[Proposition], size: ReachSize, stores: Sequence[ArmStore]) -> None:
    """Simulate what the reach of claims takes, a stage after the other."""
    for stage, store in enumerate(stores):
        for claim in claims:
            rows = _rows(claim, size, stores[:stage])
            store.want(reach_arms(claim, rows) if rows is not None else ())
        store.run(f"propositions: reach, stage {stage + 1} of {len(stores)}")


def reach_arms(proposition: Proposition, rows: tuple[int, ...]) -> list[Arm]:
    """The arms of a claim's contrasts over the settings, or over some of them."""
    contrasts, spread = [(test, name) for test in proposition.tests for name in test.weights], spreads(proposition)
    return [replace(arm_of(proposition, *contrast), spread=spread, rows=rows) for contrast in contrasts]


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
    arms = zip(reach_arms(proposition, rows), entries, strict=True)
    cells = [store.values(arm, test.measured[name]) for arm, (test, name) in arms]
    weights = np.array([[other.weights[name] * (other is test) for other, name in entries] for test in tests], float)
    count = len(cells[0])
    fit = contrasts_of(cells, tests[0].scale, weights, np.zeros(count, int), np.full(count, 1 / count))
    if fit is None:
        return None
    scaled = np.full(count, np.nan)
    scaled[counts(cells)] = (fit.effects / [smallest(test) for test in tests]).min(axis=1)
    return scaled
