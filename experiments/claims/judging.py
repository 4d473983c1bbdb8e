"""Judging a claim: effects over draws and structures, reach, power, the rule's verdict, and what would settle it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from math import nan
from typing import Any

import numpy as np
from scipy.special import logit

from experiments.claims import rule
from experiments.claims.arms import ArmStore, drawn_for
from experiments.claims.catalogue import CAUSAL, NECESSITY, NOTHING, Claim, Contrast, Proposition, designs_hash
from experiments.claims.effects import Effects, arm_of, effects, reading, told
from experiments.claims.learning import values_of_learning
from experiments.claims.otherwise import Weighing, judged
from experiments.claims.reach import Reach, ReachSize, reach
from experiments.claims.rule import Chances, Verdict, declared, judge
from experiments.claims.uncertainty import POSTERIOR, PRIOR, Draws, contraction
from experiments.statistics.intervals import Floats
from experiments.text import shared_path

UNITS = {"odds": "odds ratio", "risk": "risk ratio", "ratio": "ratio", "log": "ratio", "level": "difference"}
"""What an effect on each scale is called."""
UNITS_OF_ONE = {"odds": "share", "risk": "share", "ratio": "days", "log": "deaths and 1", "level": ""}
"""The same for the level of one arm."""
SHOWN = 3
"""Parameters of which the value of learning them is told."""
LEAST_GAIN = 0.02
"""Rise of the chance of the right answer from which learning a parameter is said to settle anything."""
TOO_FEW = "too few draws"
FEW_SAMPLES = 60
"""Possible effects a draw in each world of the power."""


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
    narrowed = {path: share for path, share in shares.items() if path in proposition.drivers}
    said: dict[str, Any] = {"verdict": rule.UNDECIDED if causal else rule.RECORD}
    if after is not None:
        said |= _said(after, before, reached, store, weighings)
    return Finding(
        **{each.name: getattr(proposition, each.name) for each in fields(Claim)},
        **said,
        unit=_unit(test),
        smallest=nan if test.single or test.scale == "level" else float(declared()["smallest"][test.scale]),
        reached=asdict(reached) if reached else {},
        assumption=rule.rests_on_assumption({path: narrowed.get(path, 0.0) for path in proposition.drivers}),
        contraction=narrowed,
        provisional=provisional,
        source=_drawn(proposition, store).source,
        effort=asdict(store.size),
        parts=[
            {
                "what": part.what,
                "unit": _unit(part.test),
                "built_in": part.built_in,
                **_part(proposition, part.test, store),
            }
            for part in proposition.parts
        ],
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


def _said(
    after: Effects, before: Effects | None, reached: Reach | None, store: ArmStore, weighings: Sequence[Weighing]
) -> dict[str, Any]:
    """What the effects say, by field of a finding."""
    samples, weakest, weight = after.fit.samples(), after.weakest, after.fit.weight
    evidence = after.evidence(samples)
    structures = {name: after.structure == name for name in dict.fromkeys(map(str, after.structure))}
    said: dict[str, Any] = {
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
        said["counted"] = f"{int(after.kept.sum())} of {len(after.kept)} draws have crises that count"
    if after.proposition.kind != CAUSAL:
        return {**said, "why": "a claim about what happened: set beside the record"}
    prior = before.evidence(before.fit.samples()).pooled if before else Chances(0.0, 0.0, 0.0)
    verdict, unit = _verdict(after, prior, reached, judge(evidence)), float(after.units[weakest])
    worth = values_of_learning(after.fit, weakest, unit, reading(after.proposition), _columns(after, store))
    said |= {"before": asdict(prior), "power": power(after), "verdict": verdict.verdict, "why": verdict.why}
    others = {f"{own.what} ({own.draws:.0f} draws in effect)": judged(after, own) for own in weighings}
    said["otherwise"] = {
        what: _verdict(after, prior, reached, other).verdict if other else TOO_FEW for what, other in others.items()
    }
    if verdict.verdict == rule.UNDECIDED:
        name, gain = next(iter(worth.items()), ("", 0.0))
        right, noise = max(said["chances"].values()), float(after.fit.error[weakest]) / unit
        if gain >= LEAST_GAIN:
            rises = f"chance of the right answer {right:.2f}, then {right + gain:.2f}"
            said["why"] += f"; learning {name} would settle most ({rises})"
        elif worth:
            said["why"] += "; no single parameter would settle it"
        if noise > 0.5:
            said["why"] += f"; Monte Carlo error is {noise:.1f} smallest effects: more crises or draws would tell more"
    return {**said, "learning": dict(list(worth.items())[:SHOWN])}


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
        said = [judge(after.evidence(world.samples(FEW_SAMPLES))).verdict == verdict for world in worlds]
        shares[name] = sum(said) / numbers["worlds"]
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


def _part(proposition: Proposition, test: Contrast, store: ArmStore) -> dict[str, Any]:
    """Effect, interval and means of a part; NaN where hardly a draw has crises that count."""
    after = effects(proposition, (test,), store, secondary=True)
    if after is None:
        return dict.fromkeys(("effect", "low", "high"), nan)
    return _interval(after, 0, after.fit.samples()) | _means(proposition, test, store, secondary=True)


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
