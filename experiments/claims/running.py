"""Putting a proposition to the test: draws of what is not known, crises within each, arms that meet the same luck."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache

import numpy as np

from experiments.claims.arms import FULL, QUICK, Arm, Bench, Changes, Effort, arm, drawn_for
from experiments.claims.catalogue import designs_hash, rule_hash
from experiments.claims.claim import CAUSAL, Part, Proposition, Test, both
from experiments.claims.rule import (
    BUILT_IN,
    BUILT_IN_BEFORE,
    CONDITIONAL,
    FAILS,
    HOLDS,
    NECESSARY_BELOW,
    NEGLIGIBLE,
    NOT_NECESSARY_ABOVE,
    UNDECIDED,
    Chances,
    Verdict,
    judge,
    judge_necessity,
    rests_on_assumption,
)
from experiments.claims.structures import AS_IT_IS, STRUCTURES, admissible
from experiments.claims.uncertainty import POSTERIOR, PRIOR, contraction
from experiments.statistics.joint_deconvolution import smallest
from experiments.statistics.nested import Nested, nested
from experiments.targets.populations import scenario_named

__all__ = ["FULL", "QUICK", "Effort", "Finding", "find", "plan"]

NECESSITY = 15


@dataclass
class Finding:
    """What came of one proposition; plain values only, kept as JSON."""

    name: str
    theme: str
    claim: str
    kind: str
    estimand: str
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
    verdict: str
    why: str
    assumption: bool
    contraction: dict[str, float]
    halves: dict[str, dict[str, float]]
    beside: str
    contradicted_by: str
    provisional: bool
    source: str
    rule: str
    effort: dict[str, int]
    necessity: dict[str, float] = field(default_factory=dict)
    parts: list[dict[str, str | float | bool]] = field(default_factory=list)
    designs: str = ""
    counted: dict[str, int] = field(default_factory=dict)
    closer: bool = False


@dataclass(frozen=True)
class Look:
    """One way of looking at a proposition's effect: whence the draws, in which structure, on what background.

    ``full`` asks for as many crises a draw as the model as it is gets.
    """

    source: str
    structure: str = AS_IT_IS
    background: tuple[tuple[str, float | str], ...] = ()
    beside: bool = False
    full: bool = False

    @property
    def aside(self) -> bool:
        """Whether fewer crises a draw will do: before calibration, beside the model as it is, and for parts."""
        return not self.full and (self.source == PRIOR or self.structure != AS_IT_IS or self.beside)


PARTS = Look(POSTERIOR, beside=True)


def plan(propositions: list[Proposition], bench: Bench, structures: bool = True) -> None:
    """Ask the bench for every arm of a first look at the propositions."""
    for proposition in propositions:
        _want(proposition, bench, _looks(proposition, structures))
        for part in proposition.parts:
            bench.want(_arm(proposition, part.test, changes, PARTS) for changes in part.test.arms.values())


def plan_closer(propositions: list[Proposition], bench: Bench, structures: bool = True, at_most: bool = False) -> None:
    """Ask for what a closer look needs, once the first is there (see :func:`find`), or for all it could ever need."""
    for proposition in propositions:
        looks = _looks(proposition, structures)
        if proposition.kind == CAUSAL and (at_most or _answered(proposition, bench, looks)):
            _want(proposition, bench, _closer(looks))


def _want(proposition: Proposition, bench: Bench, looks: Mapping[str, Look]) -> None:
    for test, look in ((test, look) for look in looks.values() for test in proposition.tests):
        bench.want(_arm(proposition, test, changes, look) for changes in test.arms.values())


def _looks(proposition: Proposition, structures: bool) -> dict[str, Look]:
    """Name -> look: before, and after in each admissible structure."""
    looks = {PRIOR: Look(PRIOR)}
    for name in admissible(proposition.scenario) if structures and proposition.kind == CAUSAL else [AS_IT_IS]:
        looks[name] = Look(POSTERIOR, name, tuple(sorted(STRUCTURES.get(name, {}).items())))
    return looks


def _answered(proposition: Proposition, bench: Bench, looks: Mapping[str, Look]) -> bool:
    """Whether the model as it is, or a first look before calibration, comes to an answer by itself.

    Where it does not, no other look after calibration can give one.
    """
    smallest, main = proposition.tests[0].measure.smallest, _effect(proposition, bench, looks[AS_IT_IS])
    before = _chances(_effect(proposition, bench, looks[PRIOR]), smallest)
    alone, _ = _verdict(proposition, before, {AS_IT_IS: _chances(main, smallest)}, {}, {AS_IT_IS: main})
    return alone.verdict != UNDECIDED


def _closer(looks: Mapping[str, Look]) -> dict[str, Look]:
    return {name: replace(look, full=True) for name, look in looks.items()}


def _halves(proposition: Proposition, draws: int) -> Iterator[tuple[str, str, np.ndarray]]:
    """Moderator, name of a half, and which draws it holds: those above and those below the middle one.

    Nothing where there are too few draws for two halves that have a spread.
    """
    if draws < 4:
        return
    drawn = drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, "", draws).columns
    for moderator in proposition.moderators:
        rank = np.argsort(np.argsort(np.mean([drawn[path] for path in both(moderator)], axis=0)))
        name = moderator.rpartition(".")[2].replace("_", " ")
        yield moderator, f"{name} high", rank >= draws / 2
        yield moderator, f"{name} low", rank < draws / 2


def _arm(proposition: Proposition, test: Test, changes: Changes, look: Look) -> Arm:
    return arm(
        proposition.scenario,
        proposition.overrides,
        {**dict(look.background), **changes},
        source=look.source,
        structure="" if look.structure == AS_IT_IS else look.structure,
        horizon=min(test.measure.horizon, proposition.horizon),
        watch=test.own.__name__ if test.own else "",
        # Only a causal claim gets a verdict that asks for a number of crises.
        aside=look.aside or proposition.kind != CAUSAL,
    )


def find(proposition: Proposition, effort: Effort | Bench, provisional: bool, structures: bool = True) -> Finding:
    """Test one proposition and judge it by the rule; arms a bench already has are not simulated again.

    Where the model as it is comes to an answer, every look that has a say gets as many crises.
    """
    bench = effort if isinstance(effort, Bench) else Bench(effort)
    measure = proposition.tests[0].measure
    looks = _looks(proposition, structures)
    closer = proposition.kind == CAUSAL and _answered(proposition, bench, looks)
    looks = _closer(looks) if closer else looks
    effects = {name: _effect(proposition, bench, look) for name, look in looks.items()}
    halves: dict[str, dict[str, Chances]] = {}
    for moderator, half, chosen in _halves(proposition, bench.effort.draws):
        effect = _effect(proposition, bench, Look(POSTERIOR), chosen)
        halves.setdefault(moderator, {})[half] = _chances(effect, measure.smallest)
    before, main = effects.pop(PRIOR), effects[AS_IT_IS]
    after = {name: _chances(effect, measure.smallest) for name, effect in effects.items()}
    narrowed = {
        path: share
        for path, share in _narrowed(proposition.scenario, proposition.overrides).items()
        if path in proposition.drivers
    }
    verdict, necessity = _verdict(proposition, _chances(before, measure.smallest), after, halves, effects)
    low, high = _interval(main)
    prior_low, prior_high = _interval(before)
    return Finding(
        proposition.name,
        proposition.theme,
        proposition.claim,
        proposition.kind,
        proposition.estimand,
        measure.name,
        measure.unit,
        measure.smallest,
        main.mean,
        low,
        high,
        main.monte_carlo_error,
        asdict(_chances(before, measure.smallest)),
        {name: asdict(chances) for name, chances in after.items()},
        prior_low,
        prior_high,
        verdict.verdict,
        verdict.why,
        rests_on_assumption({path: narrowed.get(path, 0.0) for path in proposition.drivers}),
        narrowed,
        {half: asdict(chances) for pair in halves.values() for half, chances in pair.items()},
        proposition.beside,
        proposition.contradicted_by,
        provisional,
        drawn_for(proposition.scenario, proposition.overrides, POSTERIOR, "", bench.effort.draws).source,
        rule_hash(),
        asdict(bench.effort),
        necessity,
        [_part(proposition, part, bench) for part in proposition.parts],
        designs_hash(),
        _counted(proposition, bench, {name: look for name, look in looks.items() if name != PRIOR}),
        closer,
    )


def _counted(proposition: Proposition, bench: Bench, looks: Mapping[str, Look]) -> dict[str, int]:
    """How many crises count in each look, where a measure leaves some out."""
    if all(test.own is None for test in proposition.tests):
        return {}
    found = {
        name: [~np.isnan(_contrast(proposition, test, bench, look)[1]) for test in proposition.tests]
        for name, look in looks.items()
    }
    if all(some.all() for many in found.values() for some in many):
        return {}
    return {name: int(np.logical_and.reduce(many).sum()) for name, many in found.items()}


def _part(proposition: Proposition, part: Part, bench: Bench) -> dict[str, str | float | bool]:
    """What came of a part, as plain values."""
    effect = nested(*_contrast(proposition, part.test, bench, PARTS))
    low, high = _interval(effect)
    measure = part.test.measure
    return {
        "what": part.what,
        "effect": effect.mean,
        "low": low,
        "high": high,
        "unit": measure.unit,
        "smallest": measure.smallest,
        "built_in": part.built_in,
    }


@cache
def _narrowed(scenario: str, overrides: tuple[str, ...]) -> dict[str, float]:
    return contraction(scenario, scenario_named(scenario, *overrides))


def _verdict(
    proposition: Proposition,
    before: Chances,
    after: Mapping[str, Chances],
    halves: Mapping[str, Mapping[str, Chances]],
    effects: Mapping[str, Nested],
) -> tuple[Verdict, dict[str, float]]:
    if proposition.number == NECESSITY:
        # Necessity, like any verdict, has to hold in every structure that may judge.
        low = min(float(np.mean(effect.possible < NECESSARY_BELOW)) for effect in effects.values())
        high = min(float(np.mean(effect.possible > NOT_NECESSARY_ABOVE)) for effect in effects.values())
        return judge_necessity(low, high), {"below .10": low, "above .25": high}
    noise = max(effect.monte_carlo_error for effect in effects.values()) / proposition.tests[0].measure.smallest
    plain = judge(proposition.kind, before, after, None, noise)
    if plain.verdict != UNDECIDED:
        return plain, {}
    divided = (judge(proposition.kind, before, after, pair, noise) for pair in halves.values())
    alone = {name: judge(proposition.kind, before, {name: chances}, None, noise) for name, chances in after.items()}
    return next((verdict for verdict in divided if verdict.verdict == CONDITIONAL), _told_apart(plain, alone)), {}


def _told_apart(undecided: Verdict, alone: Mapping[str, Verdict]) -> Verdict:
    """The same verdict, saying which look by itself comes to which answer where one of them comes to any."""
    answers = {verdict.verdict for verdict in alone.values()}
    if answers == {UNDECIDED}:
        return undecided
    said = (
        f"{answer} in {', '.join(name for name, verdict in alone.items() if verdict.verdict == answer)}"
        for answer in sorted(answers)
    )
    return replace(undecided, why=f"{undecided.why}; look by look: {'; '.join(said)}")


def verdict_under(proposition: Proposition, bench: Bench, factor: float, certain: float) -> str:
    """The verdict another rule would give on the model as it is: smallest effect times a factor, other certainty."""
    smallest = factor * proposition.tests[0].measure.smallest
    before = _chances(_effect(proposition, bench, Look(PRIOR)), smallest)
    after = _chances(_effect(proposition, bench, Look(POSTERIOR)), smallest)
    if max(before.above, before.below) >= BUILT_IN_BEFORE:
        return BUILT_IN
    sides = {HOLDS: after.above, FAILS: after.below, NEGLIGIBLE: after.within}
    return next((verdict for verdict, share in sides.items() if share >= certain), UNDECIDED)


def _chances(effect: Nested, smallest: float) -> Chances:
    values = effect.possible
    above, below = float(np.mean(values > smallest)), float(np.mean(values < -smallest))
    return Chances(above, max(0.0, 1 - above - below), below)


def _interval(effect: Nested) -> tuple[float, float]:
    low, high = np.quantile(effect.possible, [0.025, 0.975])
    return float(low), float(high)


def _effect(proposition: Proposition, bench: Bench, look: Look, chosen: np.ndarray | None = None) -> Nested:
    """The effect over draws, or over those chosen; of several tests the smallest, draw by draw."""
    found = [_contrast(proposition, test, bench, look) for test in proposition.tests]
    draw = found[0][0]
    here = slice(None) if chosen is None else chosen[draw]
    if len(found) == 1:
        return nested(draw[here], found[0][1][here])
    return smallest(draw[here], np.array([values[here] for _, values in found]))


def _contrast(proposition: Proposition, test: Test, bench: Bench, look: Look) -> tuple[np.ndarray, np.ndarray]:
    """Draw and contrast of each lane."""
    arms = {name: _arm(proposition, test, changes, look) for name, changes in test.arms.items()}
    draw = bench.draw(next(iter(arms.values())))
    total = np.zeros(len(draw))
    for name, one in arms.items():
        lanes = bench.lanes(one)
        total += test.weights[name] * (lanes["value"] if test.own else test.measure.read(lanes))
    return draw, total
