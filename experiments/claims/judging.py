"""Judging a claim: effects over draws of what is not known, their chances, and what the rule says of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache

import numpy as np

from experiments.claims.arms import drawn_for
from experiments.claims.catalogue import designs_hash, rule_hash
from experiments.claims.claim import CAUSAL, Contrast, Proposition
from experiments.claims.rule import (
    BUILT_IN,
    BUILT_IN_BEFORE,
    CONDITIONAL,
    FAILS,
    HOLDS,
    NECESSARY_BELOW,
    NEGLIGIBLE,
    NOT_NECESSARY_ABOVE,
    RECORD,
    UNDECIDED,
    Chances,
    Verdict,
    judge,
    judge_necessity,
    rests_on_assumption,
)
from experiments.claims.specifications import MAIN, PARTS, Specification, contrast, halves, specifications
from experiments.claims.store import ArmStore
from experiments.claims.structures import AS_IT_IS
from experiments.claims.uncertainty import POSTERIOR, PRIOR, contraction
from experiments.statistics.joint_deconvolution import smallest
from experiments.statistics.nested import Nested, nested
from experiments.targets.populations import scenario_named

NECESSITY = "P15"
"""The claim that is judged by how often calm comes without any mediator."""
CLAIMED = ("name", "theme", "claim", "kind", "estimand", "beside", "contradicted_by")
"""What a finding repeats of its claim."""
_NOTHING = np.full(1, np.nan)
TOO_FEW = Nested(np.nan, np.nan, np.nan, _NOTHING, _NOTHING, np.nan)
"""The effect where fewer than two draws have a crisis that counts."""


@dataclass
class Finding:
    """What came of one proposition; plain values only, kept as JSON."""

    name: str
    theme: str
    claim: str
    kind: str
    estimand: str
    beside: str
    contradicted_by: str
    measure: str
    unit: str
    smallest: float
    effect: float
    low: float
    high: float
    monte_carlo_error: float
    prior: dict[str, float]
    posterior: dict[str, dict[str, float]]
    prior_low: float
    prior_high: float
    halves: dict[str, dict[str, float]]
    verdict: str
    why: str
    necessity: dict[str, float]
    assumption: bool
    contraction: dict[str, float]
    provisional: bool
    source: str
    rule: str
    effort: dict[str, int]
    parts: list[dict[str, str | float | bool]] = field(default_factory=list)
    designs: str = ""
    counted: dict[str, int] = field(default_factory=dict)
    refined: bool = False


def find(proposition: Proposition, store: ArmStore, provisional: bool, structures: bool = True) -> Finding:
    """Test one proposition and judge it by the rule; arms that the store has are not simulated again.

    Where the model as it is comes to an answer, every specification that has a say gets as many crises.
    """
    refined = has_answer(proposition, store)
    how = specifications(proposition, structures, refined)
    effects = {name: effect(proposition, store, specification) for name, specification in how.items()}
    before, main = effects.pop(PRIOR), effects[AS_IT_IS]
    divided = _by_halves(proposition, store)
    verdict, necessity = _verdict(proposition, before, effects, divided)
    narrowed = _narrowed(proposition)
    (low, high), (prior_low, prior_high) = _interval(main), _interval(before)
    return Finding(
        **{key: getattr(proposition, key) for key in CLAIMED},
        measure=proposition.measure.label,
        unit=proposition.measure.unit,
        smallest=proposition.measure.smallest,
        effect=main.mean,
        low=low,
        high=high,
        monte_carlo_error=main.monte_carlo_error,
        prior=asdict(_chances(before, proposition)),
        posterior={name: asdict(_chances(nested_effect, proposition)) for name, nested_effect in effects.items()},
        prior_low=prior_low,
        prior_high=prior_high,
        halves={half: asdict(chances) for pair in divided.values() for half, chances in pair.items()},
        verdict=verdict.verdict,
        why=verdict.why,
        necessity=necessity,
        assumption=rests_on_assumption({path: narrowed.get(path, 0.0) for path in proposition.drivers}),
        contraction=narrowed,
        provisional=provisional,
        source=drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, "", store.size.draws).source,
        rule=rule_hash(),
        effort=asdict(store.size),
        parts=[_part(proposition, part.what, part.test, part.built_in, store) for part in proposition.parts],
        designs=designs_hash(),
        counted=_counted(proposition, store, {name: how[name] for name in effects}),
        refined=refined,
    )


def has_answer(proposition: Proposition, store: ArmStore) -> bool:
    """Whether the model as it is, or a first look before calibration, comes to an answer to a causal claim by itself.

    Where it does not, no other specification after calibration can give one.
    """
    if proposition.kind != CAUSAL:
        return False
    before, main = effect(proposition, store, Specification(PRIOR)), effect(proposition, store, MAIN)
    return _verdict(proposition, before, {AS_IT_IS: main}, {})[0].verdict != UNDECIDED


def effect(proposition: Proposition, store: ArmStore, how: Specification, draws: np.ndarray | None = None) -> Nested:
    """The effect over draws, or over those chosen by a mask; of several tests the smallest, draw by draw."""
    contrasts = [contrast(proposition, test, store, how) for test in proposition.tests]
    draw, values = contrasts[0][0], np.array([values for _, values in contrasts])
    if draws is not None:
        draw, values = draw[draws[draw]], values[:, draws[draw]]
    return _separated(draw, values)


def _separated(draw: np.ndarray, values: np.ndarray) -> Nested:
    """The smallest of several effects (effects, lanes), or :data:`TOO_FEW` where hardly a draw has lanes that count."""
    if len(np.unique(draw[~np.isnan(values).any(axis=0)])) < 2:
        return TOO_FEW
    return nested(draw, values[0]) if len(values) == 1 else smallest(draw, values)


def _chances(nested_effect: Nested, proposition: Proposition, factor: float = 1.0) -> Chances:
    """Chances against the smallest effect of interest times a factor; all zero for :data:`TOO_FEW`."""
    if nested_effect is TOO_FEW:
        return Chances(0.0, 0.0, 0.0)
    limit, possible = factor * proposition.measure.smallest, nested_effect.possible
    above, below = float(np.mean(possible > limit)), float(np.mean(possible < -limit))
    return Chances(above, max(0.0, 1 - above - below), below)


def _interval(nested_effect: Nested) -> tuple[float, float]:
    """Central 95 % of what the effect may be."""
    low, high = (
        np.quantile(nested_effect.possible, [0.025, 0.975]) if nested_effect is not TOO_FEW else (np.nan, np.nan)
    )
    return float(low), float(high)


def _by_halves(proposition: Proposition, store: ArmStore) -> dict[str, dict[str, Chances]]:
    """Moderator -> half -> chances in the main specification; halves with too few draws that count are left out."""
    divided: dict[str, dict[str, Chances]] = {}
    for moderator, half, draws in halves(proposition, store.size.draws):
        nested_effect = effect(proposition, store, MAIN, draws)
        if nested_effect is not TOO_FEW:
            divided.setdefault(moderator, {})[half] = _chances(nested_effect, proposition)
    return divided


def _verdict(
    proposition: Proposition,
    before: Nested,
    after: Mapping[str, Nested],
    divided: Mapping[str, Mapping[str, Chances]],
) -> tuple[Verdict, dict[str, float]]:
    """What the rule says, and the chances of necessity where the claim is one of it."""
    if proposition.kind != RECORD and (
        short := [name for name, nested_effect in after.items() if nested_effect is TOO_FEW]
    ):
        return Verdict(UNDECIDED, f"too few draws have a crisis that counts ({', '.join(short)}): more are needed"), {}
    if proposition.name == NECESSITY:
        # Necessity, like any verdict, has to hold in every structure that may judge.
        low = min(float(np.mean(nested_effect.possible < NECESSARY_BELOW)) for nested_effect in after.values())
        high = min(float(np.mean(nested_effect.possible > NOT_NECESSARY_ABOVE)) for nested_effect in after.values())
        return judge_necessity(low, high), {"below .10": low, "above .25": high}
    noise = max(nested_effect.monte_carlo_error for nested_effect in after.values()) / proposition.measure.smallest
    prior = _chances(before, proposition)
    chances = {name: _chances(nested_effect, proposition) for name, nested_effect in after.items()}
    return _by_rule(proposition.kind, prior, chances, divided, noise), {}


def _by_rule(
    kind: str,
    before: Chances,
    after: Mapping[str, Chances],
    divided: Mapping[str, Mapping[str, Chances]],
    noise: float,
) -> Verdict:
    """The rule's verdict, then its verdict on the halves of each moderator; undecided with what each structure says."""
    plain = judge(kind, before, after, None, noise)
    if plain.verdict != UNDECIDED:
        return plain
    for pair in divided.values():
        verdict = judge(kind, before, after, pair, noise)
        if verdict.verdict == CONDITIONAL:
            return verdict
    alone = {name: judge(kind, before, {name: chances}, None, noise) for name, chances in after.items()}
    return _with_each_answer(plain, alone)


def _with_each_answer(undecided: Verdict, alone: Mapping[str, Verdict]) -> Verdict:
    """The same verdict, saying which specification by itself comes to which answer where any of them comes to one."""
    answers = {verdict.verdict for verdict in alone.values()}
    if answers == {UNDECIDED}:
        return undecided
    each = (
        f"{answer} in {', '.join(name for name, verdict in alone.items() if verdict.verdict == answer)}"
        for answer in sorted(answers)
    )
    return replace(undecided, why=f"{undecided.why}; look by look: {'; '.join(each)}")


def verdict_under(proposition: Proposition, store: ArmStore, factor: float, certain: float) -> str:
    """The verdict another rule would give on the model as it is: smallest effect times a factor, other certainty."""
    before = _chances(effect(proposition, store, Specification(PRIOR)), proposition, factor)
    after = _chances(effect(proposition, store, MAIN), proposition, factor)
    if max(before.above, before.below) >= BUILT_IN_BEFORE:
        return BUILT_IN
    sides = {HOLDS: after.above, FAILS: after.below, NEGLIGIBLE: after.within}
    return next((verdict for verdict, share in sides.items() if share >= certain), UNDECIDED)


def _counted(proposition: Proposition, store: ArmStore, how: Mapping[str, Specification]) -> dict[str, int]:
    """How many crises count in each specification, where a measure leaves some out."""
    if not any(test.measure.watches for test in proposition.tests):
        return {}
    counted = {
        name: ~np.isnan([contrast(proposition, test, store, each)[1] for test in proposition.tests]).any(axis=0)
        for name, each in how.items()
    }
    if all(lanes.all() for lanes in counted.values()):
        return {}
    return {name: int(lanes.sum()) for name, lanes in counted.items()}


def _part(
    proposition: Proposition, what: str, test: Contrast, built_in: bool, store: ArmStore
) -> dict[str, str | float | bool]:
    """What came of a part, as plain values."""
    draw, values = contrast(proposition, test, store, PARTS)
    nested_effect = _separated(draw, values[None])
    low, high = _interval(nested_effect)
    return {
        "what": what,
        "effect": nested_effect.mean,
        "low": low,
        "high": high,
        "unit": test.measure.unit,
        "smallest": test.measure.smallest,
        "built_in": built_in,
    }


def _narrowed(proposition: Proposition) -> dict[str, float]:
    """How much narrower each driver of an answer is after calibration."""
    shares = _contraction(proposition.scenario, proposition.overrides)
    return {path: share for path, share in shares.items() if path in proposition.drivers}


@cache
def _contraction(scenario: str, overrides: tuple[str, ...]) -> dict[str, float]:
    return contraction(scenario, scenario_named(scenario, *overrides))
