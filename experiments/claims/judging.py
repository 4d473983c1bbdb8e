"""Judging a claim: effects over draws and structures, reach, power, the rule's verdict, and what would settle it.

The worth of learning a parameter is how much likelier the right answer would become. Whoever says what is likeliest is
right with that chance; knowing a parameter, with the mean over its values of the largest chance given each (the expected
value of partial perfect information, here by regression: Strong, Oakley & Brennan 2014). Effects depend on a parameter's
rank linearly, with the regression's own noise taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from math import nan
from typing import Any

import numpy as np
from scipy.special import logit, ndtr
from scipy.stats import betabinom

from experiments.claims import rule
from experiments.claims.arms import Arm, ArmStore, SampleSize, drawn_for, points_of
from experiments.claims.catalogue import CAUSAL, NECESSITY, NOTHING, Claim, Contrast, Part, Proposition, designs_hash
from experiments.claims.depth.designs import BASELINE
from experiments.claims.effects import Effects, Reach, ReachSize, arm_of, effects, ranks, reach, reading, told
from experiments.claims.rule import AGAINST, BETWEEN, FOR, Chances, Reading, Verdict, declared, judge
from experiments.claims.uncertainty import POSTERIOR, PRIOR, Draws, contraction
from experiments.design.posterior import POPULATION
from experiments.statistics.intervals import Floats
from experiments.statistics.random_effects import RandomEffects
from experiments.statistics.vocabulary import WARS
from experiments.targets.targets import targets_of
from experiments.text import shared_path
from sim.ensemble import Settings, run_chunk

UNITS = {"odds": "odds ratio", "risk": "risk ratio", "ratio": "ratio", "log": "ratio", "level": "difference"}
"""What an effect on each scale is called."""
UNITS_OF_ONE = {"odds": "share", "risk": "share", "ratio": "days", "log": "deaths and 1", "level": ""}
"""The same for the level of one arm."""
STRUCTURE = "the structure of the model"
SHOWN = 3
"""Parameters of which the value of learning them is told."""
LEAST_GAIN = 0.02
"""Rise of the chance of the right answer from which learning a parameter is said to settle anything."""
TOO_FEW = "too few draws"
FEW_SAMPLES = 60
"""Possible effects a draw in each world of the power."""
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


@dataclass(frozen=True, kw_only=True)
class Finding(Claim):
    """What came of one proposition; plain values only, kept as JSON.

    ``effect``, ``low``, ``high`` are those of the weakest contrast over all draws, as a reader is given them; ``sign`` is
    the chance that it lies above none. ``reached`` and ``power`` are empty for claims of the record.
    """

    unit: str
    effect: float = nan
    low: float = nan
    high: float = nan
    sign: float = nan
    smallest: float
    verdict: str
    why: str = "too few draws have a crisis that counts: more are needed"
    chances: dict[str, float] = field(default_factory=dict)
    before: dict[str, float] = field(default_factory=dict)
    structures: dict[str, dict[str, float]] = field(default_factory=dict)
    halves: dict[str, dict[str, float]] = field(default_factory=dict)
    contrasts: list[dict[str, Any]] = field(default_factory=list)
    reached: dict[str, float]
    power: dict[str, float] = field(default_factory=dict)
    learning: dict[str, float] = field(default_factory=dict)
    assumption: bool
    contraction: dict[str, float]
    provisional: bool
    source: str
    effort: dict[str, int]
    parts: list[dict[str, Any]]
    otherwise: dict[str, str] = field(default_factory=dict)
    counted: str = ""
    rule: str
    designs: str

    @property
    def steady(self) -> bool:
        """Whether every other weighing leads to the same verdict."""
        return {*self.otherwise.values()} <= {self.verdict}


def find(
    proposition: Proposition,
    store: ArmStore,
    size: ReachSize,
    stores: Sequence[ArmStore],
    provisional: bool,
    weighings: Sequence[Weighing] = (),
) -> Finding:
    """Test one proposition and judge it by the rule, and beside that under other weighings of what is not known.

    Arms that the stores have are not simulated again.
    """
    causal, test = proposition.kind == CAUSAL, proposition.tests[0]
    after = effects(proposition, proposition.tests, store)
    before = effects(proposition, proposition.tests, store, PRIOR) if causal else None
    mean = float((after.fit.mean / after.units).min()) if after else 0.0
    reached = reach(proposition, size, stores, mean) if causal else None
    shares = contraction(proposition.scenario, *proposition.overrides)
    judgement: dict[str, Any] = {"verdict": rule.UNDECIDED if causal else rule.RECORD}
    if after is not None:
        judgement |= _judgement(after, before, reached, store, weighings)
    return Finding(
        **{each.name: getattr(proposition, each.name) for each in fields(Claim)},
        **judgement,
        unit=_unit(test),
        smallest=nan if test.single or test.scale == "level" else float(declared()["smallest"][test.scale]),
        reached=asdict(reached) if reached else {},
        assumption=rule.rests_on_assumption({path: shares.get(path, 0.0) for path in proposition.drivers}),
        contraction={path: share for path, share in shares.items() if path in proposition.drivers},
        provisional=provisional,
        source=_drawn(proposition, store).source,
        effort=asdict(store.size),
        parts=[_part(proposition, part, store) for part in proposition.parts],
        rule=rule.rule_hash(),
        designs=designs_hash(),
    )


def _unit(test: Contrast) -> str:
    return (UNITS_OF_ONE if test.single else UNITS)[test.scale]


def _drawn(proposition: Proposition, store: ArmStore) -> Draws:
    return drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, store.size.draws)


def _interval(after: Effects, number: int, samples: Floats, draws: Any = slice(None)) -> dict[str, float]:
    """Effect and interval of a contrast over draws, or some of them, as a reader is given them."""
    values = after.fit.interval(number, samples, draws)
    return {name: told(after.tests[number], v) for name, v in zip(("effect", "low", "high"), values, strict=True)}


def _judgement(
    after: Effects, before: Effects | None, reached: Reach | None, store: ArmStore, weighings: Sequence[Weighing]
) -> dict[str, Any]:
    """What the effects say, by field of a finding."""
    samples, weakest, weight = after.fit.samples(), after.weakest, after.fit.weight
    evidence = after.evidence(samples)
    structures = {name: after.structure == name for name in dict.fromkeys(map(str, after.structure))}
    judgement: dict[str, Any] = {
        **_interval(after, weakest, samples),
        "sign": float((samples[..., weakest] > 0).mean(axis=0) @ weight),
        "chances": asdict(evidence.pooled),
        "contrasts": [_contrast(after, number, samples, store) for number in range(len(after.tests))],
        "structures": {
            name: {
                "weight": float(weight[here].sum()),
                **_interval(after, weakest, samples, here),
                **asdict(evidence.among(here)),
            }
            for name, here in structures.items()
        },
        "halves": {
            half: asdict(evidence.among(draws)) for pair in after.halves.values() for half, draws in pair.items()
        },
    }
    if (~after.kept).any():
        judgement["counted"] = f"{int(after.kept.sum())} of {len(after.kept)} draws have crises that count"
    if after.proposition.kind != CAUSAL:
        return judgement | {"why": "a claim about what happened: set beside the record"}
    prior = before.evidence(before.fit.samples()).pooled if before else Chances(0.0, 0.0, 0.0)
    verdict, unit = _verdict(after, prior, reached, judge(evidence)), float(after.units[weakest])
    worth = values_of_learning(after.fit, weakest, unit, reading(after.proposition), _columns(after, store))
    otherwise = {}
    for weighing in weighings:
        plain = judged(after, weighing)
        answer = _verdict(after, prior, reached, plain).verdict if plain else TOO_FEW
        otherwise[f"{weighing.what} ({weighing.draws:.0f} draws in effect)"] = answer
    if verdict.verdict == rule.UNDECIDED:
        right, noise = max(judgement["chances"].values()), float(after.fit.error[weakest]) / unit
        verdict = replace(verdict, why=verdict.why + _what_would_settle(worth, right, noise))
    judgement |= {**asdict(verdict), "before": asdict(prior), "power": power(after)}
    return judgement | {"otherwise": otherwise, "learning": dict(list(worth.items())[:SHOWN])}


def _what_would_settle(worth: Mapping[str, float], right: float, noise: float) -> str:
    """Words on what to learn, from the worth of each parameter, the chance of the right answer now, and the noise."""
    name, gain = next(iter(worth.items()), ("", 0.0))
    words = "; no single parameter would settle it" if worth else ""
    if gain >= LEAST_GAIN:
        rises = f"chance of the right answer {right:.2f}, then {right + gain:.2f}"
        words = f"; learning {name} would settle most ({rises})"
    if noise > 0.5:
        words += f"; Monte Carlo error is {noise:.1f} smallest effects: more crises or draws would tell more"
    return words


def _verdict(after: Effects, prior: Chances, reached: Reach | None, plain: Verdict) -> Verdict:
    """The rule in its order: type, reach, chances; necessity is judged by its chances alone."""
    if after.proposition.expects != NECESSITY and rule.was_certain(prior):
        certain = max(prior.above, prior.below)
        return Verdict(rule.BUILT_IN, f"its answer was all but certain before any data ({certain:.2f})")
    if reached is not None and not reached.expressible:
        why = f"none of the settings tried passes the smallest effect of interest; {after.proposition.mechanism}"
        return Verdict(rule.NOT_EXPRESSIBLE, why)
    return plain


def power(after: Effects) -> dict[str, float]:
    """How often the rule says so in worlds in which the claim is true, and in which it is false.

    Effects keep their spread over draws and their noise; their mean lies as many smallest effects beyond what the claim
    expects as the rule declares.
    """
    numbers, expects = declared()["power"], after.proposition.expects
    if expects == NECESSITY:
        limits = declared()["necessity"]
        away = numbers["shift"] * np.log(declared()["smallest"]["odds"])
        true, false = logit(limits["rare"]) - away, logit(limits["common"]) + away
    else:
        true, false = (0.0, numbers["shift"]) if expects == NOTHING else (numbers["shift"], -numbers["shift"])
    generator = np.random.default_rng(20_200_731)
    shares = {}
    for name, verdict, mean in (("true", rule.HOLDS, true), ("false", rule.FAILS, false)):
        worlds = (after.fit.world(mean * after.units, generator) for _ in range(numbers["worlds"]))
        agree = sum(judge(after.evidence(world.samples(FEW_SAMPLES))).verdict == verdict for world in worlds)
        shares[name] = agree / numbers["worlds"]
    return shares


def _contrast(after: Effects, number: int, samples: Floats, store: ArmStore) -> dict[str, Any]:
    """One contrast by itself: effect, interval, chances, the answer alone, and the difference in plain units."""
    test, evidence = after.tests[number], after.evidence(samples, number)
    return {
        "what": test.what,
        **_interval(after, number, samples),
        "unit": _unit(test),
        **asdict(evidence.pooled),
        "alone": evidence.pooled.answer(evidence.answers) or rule.UNDECIDED,
        **_means(after.proposition, test, store),
    }


def _part(proposition: Proposition, part: Part, store: ArmStore) -> dict[str, Any]:
    """A part with its effect, interval and means; NaN where hardly a draw has crises that count."""
    words = {"what": part.what, "unit": _unit(part.test), "built_in": part.built_in}
    after = effects(proposition, (part.test,), store, secondary=True)
    if after is None:
        return words | dict.fromkeys(("effect", "low", "high"), nan)
    numbers = _interval(after, 0, after.fit.samples())
    return words | numbers | _means(proposition, part.test, store, secondary=True)


def _means(proposition: Proposition, test: Contrast, store: ArmStore, secondary: bool = False) -> dict[str, Any]:
    """The means of the arms, and their difference where there are two."""
    weight = _drawn(proposition, store).weight
    weight = weight / weight.sum()
    means = {}
    for name in test.arms:
        cells = store.values(arm_of(proposition, test, name, secondary=secondary), test.measured[name])
        there = ~np.isnan(cells)
        total = weight @ np.where(there, cells, 0).sum(axis=1)
        means[name] = float(total / max(weight @ there.sum(axis=1), 1e-12))
    pair = {"difference": sum(test.weights[name] * means[name] for name in means)} if len(means) == 2 else {}
    return {**pair, "means": means}


def _columns(after: Effects, store: ArmStore) -> dict[str, Floats]:
    """What is drawn, parameter in words -> values of the draws that count; what both sides share stands once."""
    drawn = _drawn(after.proposition, store)
    alike: dict[bytes, list[str]] = {}
    every = {**drawn.columns, **drawn.varied}
    for path, values in every.items():
        alike.setdefault(np.ascontiguousarray(values).tobytes(), []).append(path)
    return {
        shared_path(paths[0].removeprefix("varies.")) if len(paths) > 1 else paths[0]: every[paths[0]][after.kept]
        for paths in alike.values()
    }


# -- what learning is worth --------------------------------------------------------------------------------------------


def values_of_learning(
    fit: RandomEffects, contrast: int, unit: float, reading: Reading, columns: Mapping[str, Floats]
) -> dict[str, float]:
    """By how much knowing each parameter raises the chance of the right answer, the largest first.

    ``contrast`` says which of the fit's effects, ``unit`` what they are divided by before they are read; ``columns`` maps
    parameters in words to their values (draws,).
    """
    effect, noise = fit.effects[:, contrast] / unit, fit.noise[:, contrast, contrast] / unit**2
    seen, spread = fit.seen[:, contrast] / unit, fit.fitted[2][:, contrast, contrast] / unit**2
    groups = np.eye(int(fit.group.max()) + 1)[fit.group]
    weight = fit.weight @ groups
    middle = (fit.weight * effect) @ groups / weight
    # What moderators explain is part of what is not known, too.
    apart = np.array([np.average((effect - middle[k]) ** 2, weights=groups[:, k]) for k in range(len(weight))])
    spread = np.maximum(spread, apart)
    worth = {}
    for name, column in columns.items():
        if np.ptp(column) == 0:
            continue
        place = ranks(column)
        slope, error = _slope(seen, place, groups, noise + spread[fit.group])
        explained = min(max(slope**2 - error**2, 0.0), 0.98 * float(spread.max()))
        given = np.sign(slope) * np.sqrt(explained) * place
        rest = np.sqrt(np.maximum(spread - explained, 1e-6))
        shares = _shares(middle[None] + given[:, None], rest[None], reading)
        pooled = np.einsum("s,dsa->da", weight, shares)
        worth[name] = float(fit.weight @ pooled.max(axis=1) - (fit.weight @ pooled).max())
    if len(weight) > 1:
        shares = _shares(middle, np.sqrt(spread), reading)
        worth[STRUCTURE] = float(weight @ shares.max(axis=1) - (weight @ shares).max())
    return dict(sorted(worth.items(), key=lambda item: -item[1]))


def _slope(seen: Floats, place: Floats, groups: Floats, variance: Floats) -> tuple[float, float]:
    """Slope of effects over ranks within groups, and its standard error, draws weighed by their precision."""
    design = np.column_stack([place, groups])
    precise = design / variance[:, None]
    inverse = np.linalg.pinv(design.T @ precise)
    return float(inverse[0] @ (precise.T @ seen)), float(np.sqrt(max(inverse[0, 0], 0.0)))


def _shares(middle: Floats, spread: Floats, reading: Reading) -> Floats:
    """Chances of each answer for normal effects, on a last axis."""
    below, not_above = (ndtr((cut - middle) / spread) for cut in reading.cuts)
    parts = np.stack([below, not_above - below, 1 - not_above], axis=-1)
    says = np.array(reading.says)
    return np.stack([parts[..., says == what].sum(axis=-1) for what in (FOR, BETWEEN, AGAINST)], axis=-1)


# -- what is not known weighed otherwise; no part of the rule, which is frozen -----------------------------------------


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
    before, after = (float(weights @ wars / (weights @ forceful)) for weights in (weight, fitting))
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
