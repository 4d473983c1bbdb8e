"""Judging a claim: effects over draws and structures, reach, power, the rule's verdict, and what would settle it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import Any

import numpy as np
from scipy.special import logit

from experiments.claims.arms import drawn_for
from experiments.claims.catalogue import designs_hash
from experiments.claims.claim import CAUSAL, NECESSITY, NOTHING, Contrast, Proposition
from experiments.claims.effects import Effects, arm_of, effects, told
from experiments.claims.learning import values_of_learning
from experiments.claims.reach import Reach, ReachSize, reach
from experiments.claims.rule import (
    BUILT_IN,
    FAILS,
    HOLDS,
    NOT_EXPRESSIBLE,
    RECORD,
    UNDECIDED,
    Chances,
    Verdict,
    declared,
    judge,
    rests_on_assumption,
    rule_hash,
    was_certain,
)
from experiments.claims.store import ArmStore
from experiments.claims.uncertainty import POSTERIOR, PRIOR, contraction
from experiments.statistics.intervals import Floats
from experiments.targets.populations import scenario_named
from experiments.text import shared_path

UNITS = {"odds": "odds ratio", "risk": "risk ratio", "ratio": "ratio", "log": "ratio", "level": "difference"}
"""What an effect on each scale is called."""
CLAIMED = ("name", "theme", "claim", "kind", "expects", "estimand", "beside", "contradicted_by", "mechanism")
"""What a finding repeats of its claim."""
SHOWN = 3
"""Parameters of which the value of learning them is told."""
LEAST_GAIN = 0.02
"""Rise of the chance of the right answer from which learning a parameter is said to settle anything."""
FEW_SAMPLES = 60
"""Possible effects a draw in each world of the power."""


@dataclass
class Finding:
    """What came of one proposition; plain values only, kept as JSON.

    ``effect``, ``low``, ``high`` are those of the weakest contrast over all draws, as a reader is given them; ``sign`` is
    the chance that it lies above none. ``reached`` and ``power`` are empty for claims of the record.
    """

    name: str
    theme: str
    claim: str
    kind: str
    expects: str
    estimand: str
    beside: str
    contradicted_by: str
    mechanism: str
    unit: str
    effect: float
    low: float
    high: float
    sign: float
    smallest: float
    verdict: str
    why: str
    chances: dict[str, float]
    before: dict[str, float]
    structures: dict[str, dict[str, float]]
    halves: dict[str, dict[str, float]]
    contrasts: list[dict[str, Any]]
    reached: dict[str, float]
    power: dict[str, float]
    learning: dict[str, float]
    assumption: bool
    contraction: dict[str, float]
    provisional: bool
    source: str
    effort: dict[str, int]
    parts: list[dict[str, Any]] = field(default_factory=list)
    counted: str = ""
    rule: str = ""
    designs: str = ""


def find(
    proposition: Proposition, store: ArmStore, size: ReachSize, stores: Sequence[ArmStore], provisional: bool
) -> Finding:
    """Test one proposition and judge it by the rule; arms that the stores have are not simulated again."""
    causal = proposition.kind == CAUSAL
    after = effects(proposition, proposition.tests, store)
    before = effects(proposition, proposition.tests, store, PRIOR) if causal else None
    mean = float((after.fit.mean / after.units).min()) if after else 0.0
    reached = reach(proposition, size, stores, mean) if causal else None
    narrowed = _narrowed(proposition)
    drawn = drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, store.size.draws)
    finding = Finding(
        **{key: getattr(proposition, key) for key in CLAIMED},
        unit=_unit(proposition.tests[0]),
        effect=np.nan,
        low=np.nan,
        high=np.nan,
        sign=np.nan,
        smallest=_smallest(proposition),
        verdict=UNDECIDED if causal else RECORD,
        why="too few draws have a crisis that counts: more are needed",
        chances={},
        before={},
        structures={},
        halves={},
        contrasts=[],
        reached=asdict(reached) if reached else {},
        power={},
        learning={},
        assumption=rests_on_assumption({path: narrowed.get(path, 0.0) for path in proposition.drivers}),
        contraction=narrowed,
        provisional=provisional,
        source=drawn.source,
        effort=asdict(store.size),
        parts=[_part(proposition, part.what, part.test, part.built_in, store) for part in proposition.parts],
        rule=rule_hash(),
        designs=designs_hash(),
    )
    if after is not None:
        _fill(finding, after, before, reached, store)
    return finding


def _fill(finding: Finding, after: Effects, before: Effects | None, reached: Reach | None, store: ArmStore) -> None:
    """What the effects say."""
    samples, weakest = after.fit.samples(), after.weakest
    test = after.tests[weakest]
    evidence = after.evidence(samples)
    finding.effect, finding.low, finding.high = (told(test, v) for v in after.fit.interval(weakest, samples))
    finding.sign = float((samples[..., weakest] > 0).mean(axis=0) @ after.fit.weight)
    finding.chances = asdict(evidence.pooled)
    finding.contrasts = [_contrast(after, number, samples, store) for number in range(len(after.tests))]
    for name in dict.fromkeys(map(str, after.structure)):
        here = after.structure == name
        values = [told(test, value) for value in after.fit.interval(weakest, samples, here)]
        finding.structures[name] = {
            "weight": float(after.fit.weight[here].sum()),
            **dict(zip(("effect", "low", "high"), values, strict=True)),
            **asdict(evidence.among(here)),
        }
    finding.halves = {
        half: asdict(evidence.among(draws)) for pair in after.halves.values() for half, draws in pair.items()
    }
    if (~after.kept).any():
        finding.counted = f"{int(after.kept.sum())} of {len(after.kept)} draws have crises that count"
    if finding.kind != CAUSAL:
        finding.why = "a claim about what happened: set beside the record"
        return
    prior = before.evidence(before.fit.samples()).pooled if before else Chances(0.0, 0.0, 0.0)
    finding.before = asdict(prior)
    finding.power = power(after)
    verdict = _verdict(after, prior, reached, judge(evidence))
    finding.verdict, finding.why = verdict.verdict, verdict.why
    unit = float(after.units[weakest])
    worth = values_of_learning(after.fit, weakest, unit, after.reading, _columns(after, store))
    finding.learning = dict(list(worth.items())[:SHOWN])
    if finding.verdict == UNDECIDED and worth:
        name, gain = next(iter(worth.items()))
        right = max(finding.chances.values())
        finding.why += (
            f"; learning {name} would settle most (chance of the right answer {right:.2f}, then {right + gain:.2f})"
            if gain >= LEAST_GAIN
            else "; no single parameter would settle it"
        )
    noise = float(after.fit.error[weakest]) / unit
    if finding.verdict == UNDECIDED and noise > 0.5:
        finding.why += f"; Monte Carlo error is {noise:.1f} smallest effects: more crises or draws would tell more"


def _verdict(after: Effects, prior: Chances, reached: Reach | None, plain: Verdict) -> Verdict:
    """The rule in its order: type, reach, chances; necessity is judged by its chances alone."""
    if after.proposition.expects != NECESSITY and was_certain(prior):
        return Verdict(
            BUILT_IN, f"its answer was all but certain before any data ({max(prior.above, prior.below):.2f})"
        )
    if reached is not None and not reached.expressible:
        return Verdict(
            NOT_EXPRESSIBLE,
            f"none of the settings tried passes the smallest effect of interest; {after.proposition.mechanism}",
        )
    return plain


def power(after: Effects) -> dict[str, float]:
    """How often the rule says so in worlds in which the claim is true, and in which it is false.

    Effects keep their spread over draws and their noise; their mean lies as many smallest effects beyond what the claim
    expects as the rule declares.
    """
    rule = declared()["power"]
    shift, count = rule["shift"], after.units
    if after.proposition.expects == NECESSITY:
        limits = declared()["necessity"]
        away = shift * np.log(declared()["smallest"]["odds"])
        worlds = {HOLDS: logit(limits["rare"]) - away + 0 * count, FAILS: logit(limits["common"]) + away + 0 * count}
    else:
        true = 0.0 if after.proposition.expects == NOTHING else float(shift)
        false = float(shift) if after.proposition.expects == NOTHING else -float(shift)
        worlds = {HOLDS: true * count, FAILS: false * count}
    generator = np.random.default_rng(20_200_731)
    shares = {}
    for verdict, mean in worlds.items():
        said = 0
        for _ in range(rule["worlds"]):
            world = after.fit.world(mean, generator)
            said += judge(after.evidence(world.samples(FEW_SAMPLES))).verdict == verdict
        shares[verdict] = said / rule["worlds"]
    return {"true": shares[HOLDS], "false": shares[FAILS]}


def _contrast(after: Effects, number: int, samples: Floats, store: ArmStore) -> dict[str, Any]:
    """One contrast by itself: effect, interval, chances, the answer alone, and the difference in plain units."""
    test, evidence = after.tests[number], after.evidence(samples, number)
    answer = evidence.pooled.answer(evidence.answers)
    effect, low, high = (told(test, value) for value in after.fit.interval(number, samples))
    return {
        "what": test.what,
        "effect": effect,
        "low": low,
        "high": high,
        "unit": _unit(test),
        **asdict(evidence.pooled),
        "alone": answer or UNDECIDED,
        **_difference(after.proposition, test, store),
    }


def _difference(proposition: Proposition, test: Contrast, store: ArmStore, secondary: bool = False) -> dict[str, float]:
    """The means of the arms, and their difference where there are two."""
    drawn = drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, store.size.draws)
    weight = drawn.weight / drawn.weight.sum()
    means = {}
    for name in test.arms:
        cells = store.values(arm_of(proposition, test, name, secondary=secondary), test.measured[name])
        there = ~np.isnan(cells)
        total = weight @ np.where(there, cells, 0).sum(axis=1)
        means[name] = float(total / max(weight @ there.sum(axis=1), 1e-12))
    pair = {"difference": sum(test.weights[name] * means[name] for name in means)} if len(means) == 2 else {}
    return {**pair, "means": means}  # type: ignore[dict-item]


def _columns(after: Effects, store: ArmStore) -> dict[str, Floats]:
    """What is drawn, parameter in words -> values of the draws that count; what both sides share stands once."""
    claim = after.proposition
    drawn = drawn_for(claim.scenario, claim.overrides, POSTERIOR, store.size.draws)
    alike: dict[bytes, list[str]] = {}
    for path, values in (every := {**drawn.columns, **drawn.varied}).items():
        alike.setdefault(np.ascontiguousarray(values).tobytes(), []).append(path)
    return {
        shared_path(paths[0].removeprefix("varies.")) if len(paths) > 1 else paths[0]: every[paths[0]][after.kept]
        for paths in alike.values()
    }


def _unit(test: Contrast) -> str:
    scale = test.measure.scale
    if test.single:
        return {"odds": "share", "risk": "share", "ratio": "days", "log": "deaths and 1", "level": ""}[scale]
    return UNITS[scale]


def _smallest(proposition: Proposition) -> float:
    test = proposition.tests[0]
    if test.single or test.measure.scale == "level":
        return float("nan")
    return float(declared()["smallest"][test.measure.scale])


def _part(proposition: Proposition, what: str, test: Contrast, built_in: bool, store: ArmStore) -> dict[str, Any]:
    """What came of a part, as plain values."""
    part: dict[str, Any] = {"what": what, "unit": _unit(test), "built_in": built_in}
    found = effects(proposition, (test,), store, secondary=True)
    if found is None:
        return {**part, "effect": float("nan"), "low": float("nan"), "high": float("nan")}
    values = (told(test, value) for value in found.fit.interval(0, found.fit.samples()))
    return {
        **part,
        **dict(zip(("effect", "low", "high"), values, strict=True)),
        **_difference(proposition, test, store, secondary=True),
    }


def _narrowed(proposition: Proposition) -> dict[str, float]:
    """How much narrower each driver of an answer is after calibration."""
    shares = _contraction(proposition.scenario, proposition.overrides)
    return {path: share for path, share in shares.items() if path in proposition.drivers}


@cache
def _contraction(scenario: str, overrides: tuple[str, ...]) -> Mapping[str, float]:
    return contraction(scenario, scenario_named(scenario, *overrides))
