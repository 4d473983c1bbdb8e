"""Putting a proposition to the test: draws of what is not known, crises within each draw, arms that meet the same luck."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from experiments.propositions.claim import CAUSAL, Changes, Proposition, Test
from experiments.propositions.rule import (
    NECESSARY_BELOW,
    NOT_NECESSARY_ABOVE,
    Chances,
    Verdict,
    judge,
    judge_necessity,
    rests_on_assumption,
    rule_hash,
)
from experiments.propositions.structures import STRUCTURES, admissible
from experiments.propositions.uncertainty import POSTERIOR, PRIOR, Draws, contraction, draws
from experiments.statistics.nested import Nested, nested
from experiments.validation.populations import scenario_named
from sim.ensemble import CHUNK_LANES, Settings, run_chunk
from sim.lanes import Points, coded
from sim.scenario import Scenario, parameters

NECESSITY = 15


@dataclass(frozen=True)
class Effort:
    """How hard to look: draws of the uncertain parameters, crises a draw, citizens a side, longest horizon."""

    draws: int = 200
    crises: int = 200
    citizens: int = 100
    horizon: int = 120
    seed: int = 20_200_712


FULL, QUICK = Effort(), Effort(draws=32, crises=24, citizens=50, horizon=61)
Column = tuple[str, np.ndarray]


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


def find(proposition: Proposition, effort: Effort, provisional: bool) -> Finding:
    """Test one proposition and judge it by the rule."""
    scenario = scenario_named(proposition.scenario, *proposition.overrides)
    tests = proposition.tests or proposition.prepare(scenario)
    asked = replace(effort, horizon=min(effort.horizon, proposition.horizon))
    before = _effect(tests, scenario, draws(PRIOR, scenario, proposition.scenario, asked.draws), asked)
    drawn = draws(POSTERIOR, scenario, proposition.scenario, asked.draws)
    effects = {
        name: _effect(tests, scenario, drawn, asked, STRUCTURES[name]) for name in admissible(proposition.scenario)
    }
    main = effects["as it is"]
    halves = _halves(proposition, tests, scenario, drawn, asked) if proposition.kind == CAUSAL else {}
    measure = tests[0].measure
    after = {name: _chances(effect, measure.smallest) for name, effect in effects.items()}
    narrowed = {
        path: share
        for path, share in contraction(proposition.scenario, scenario).items()
        if path in proposition.drivers
    }
    verdict, necessity = _verdict(proposition, _chances(before, measure.smallest), after, halves, main)
    low, high = main.interval()
    prior_low, prior_high = before.interval()
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
        {name: asdict(chances) for name, chances in halves.items()},
        proposition.beside,
        proposition.contradicted_by,
        provisional,
        drawn.source,
        rule_hash(),
        asdict(asked),
        necessity,
    )


def _verdict(
    proposition: Proposition, before: Chances, after: Mapping[str, Chances], halves: Mapping[str, Chances], main: Nested
) -> tuple[Verdict, dict[str, float]]:
    if proposition.number == NECESSITY:
        low, high = float(np.mean(main.means < NECESSARY_BELOW)), float(np.mean(main.means > NOT_NECESSARY_ABOVE))
        return judge_necessity(low, high), {"below .10": low, "above .25": high}
    return judge(proposition.kind, before, after, halves, main.monte_carlo_error / proposition.smallest), {}


def _halves(
    proposition: Proposition, tests: tuple[Test, ...], scenario: Scenario, drawn: Draws, effort: Effort
) -> dict[str, Chances]:
    if proposition.moderator is None:
        return {}
    name, *sides = proposition.moderator
    return {
        f"{name} {half}": _chances(_effect(tests, scenario, drawn, effort, changes), tests[0].measure.smallest)
        for half, changes in zip(("high", "low"), sides, strict=True)
    }


def _chances(effect: Nested, smallest: float) -> Chances:
    return Chances(*effect.verdicts(smallest))


def _effect(
    tests: tuple[Test, ...], scenario: Scenario, drawn: Draws, effort: Effort, background: Changes | None = None
) -> Nested:
    """The effect over draws; of several tests the smallest, draw by draw."""
    found = [_contrast(test, scenario, drawn, effort, background or {}) for test in tests]
    if len(found) == 1:
        return found[0]
    worst = np.min([one.means for one in found], axis=0)
    return Nested(float(worst.mean()), float(worst.std(ddof=1)), max(one.monte_carlo_error for one in found), worst)


def _contrast(test: Test, scenario: Scenario, drawn: Draws, effort: Effort, background: Changes) -> Nested:
    draw = np.repeat(np.arange(effort.draws), effort.crises)
    replicate = np.tile(np.arange(effort.crises), effort.draws)
    total = np.zeros(len(draw))
    for arm, changes in test.arms.items():
        points = _points(scenario, drawn, {**background, **changes})
        total += test.weights[arm] * _measured(test, points, draw, replicate, effort)
    return nested(draw, total)


def _points(scenario: Scenario, drawn: Draws, changes: Changes) -> Points:
    known, number = parameters(), len(drawn)
    columns: dict[str, Any] = dict(drawn.columns)
    for path, value in changes.items():
        columns[path] = np.full(number, coded(known[path], value))
    return Points.cross(scenario, np.zeros(number, int), columns)


def _measured(test: Test, points: Points, draw: np.ndarray, replicate: np.ndarray, effort: Effort) -> np.ndarray:
    settings = Settings(seed=effort.seed, horizon_days=effort.horizon, citizens=effort.citizens)
    values = np.empty(len(draw))
    for first in range(0, len(draw), 4 * CHUNK_LANES):
        here = slice(first, first + 4 * CHUNK_LANES)
        if test.own is not None:
            values[here] = test.own(points, draw[here], replicate[here], settings)
        else:
            values[here] = test.measure.read(run_chunk(points, draw[here], replicate[here], settings).lanes)
    return values
