"""The rule on planted effects: every verdict can be reached, and what was planted is found again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.claims import rule
from experiments.claims.catalogue import catalogue
from experiments.claims.effects import Effects, Reach, reading, smallest
from experiments.claims.judging import STRUCTURE, _verdict, power, values_of_learning
from experiments.claims.rule import Chances, judge, was_certain
from experiments.statistics.random_effects import RandomEffects

DRAWS = 200
STRUCTURES = np.repeat(["none", "culmination", "hope", "stocks"], 50)
OPEN, EXPRESSIBLE = Chances(0.4, 0.3, 0.3), Reach(0.2, 5.0, True)
HIGH = np.arange(DRAWS) % 2 == 1


def planted(
    name: str = "P10", mean: float | np.ndarray = 0.0, spread: float = 0.1, noise: float = 0.1, weights=(1, 1, 1, 1)
) -> Effects:
    """Effects of a claim's contrasts in units of the smallest of interest, with this spread and noise."""
    claim = catalogue()[name]
    generator = np.random.default_rng(1)
    units, count = np.array([smallest(test) for test in claim.tests]), len(claim.tests)
    shape = (DRAWS, count)
    true = np.broadcast_to(mean, shape) + spread * generator.standard_normal(shape)
    seen = (true + noise * generator.standard_normal(shape)) * units
    covariance = np.tile(np.diag((noise * units) ** 2), (DRAWS, 1, 1))
    weight = np.repeat(np.array(weights) / sum(weights) / 50, 50)
    _, group = np.unique(STRUCTURES, return_inverse=True)
    covariates = np.where(HIGH, 1.0, -1.0)[:, None]
    fit = RandomEffects(seen, covariance, group, covariates, weight)
    halves = {"weakness": {"weakness high": HIGH, "weakness low": ~HIGH}}
    return Effects(claim, claim.tests, fit, STRUCTURES, halves, np.ones(DRAWS, bool))


def verdict(effects: Effects, before: Chances = OPEN, reached: Reach = EXPRESSIBLE) -> str:
    return _verdict(effects, before, reached, judge(effects.evidence(effects.fit.samples()))).verdict


@pytest.mark.parametrize(
    ("mean", "spread", "said"),
    [(2.0, 0.2, rule.HOLDS), (-2.0, 0.2, rule.FAILS), (0.2, 0.2, rule.SMALL), (1.0, 0.5, rule.UNDECIDED)],
)
def test_a_planted_effect_gets_its_verdict(mean, spread, said):
    assert verdict(planted(mean=mean, spread=spread)) == said


def test_an_effect_that_divides_along_a_moderator_depends_on_it():
    assert verdict(planted(mean=np.where(HIGH, 3.0, 0.0)[:, None])) == "depends on weakness"


def test_an_effect_that_divides_along_the_structure_depends_on_it():
    by_structure = np.where(STRUCTURES == "hope", -3.0, 3.0)[:, None]
    assert verdict(planted(mean=by_structure)) == "depends on the structure"


def test_one_structure_of_weight_can_forbid_an_answer_and_one_of_little_weight_cannot():
    against = np.where(STRUCTURES == "hope", -1.2, 3.0)[:, None]
    heavy = planted(mean=against, spread=0.4, weights=(10, 10, 3, 5))
    assert heavy.evidence(heavy.fit.samples()).pooled.above < 0.9 or verdict(heavy) != rule.HOLDS
    light = planted(mean=against, spread=0.4, weights=(10, 10, 0.5, 10))
    assert verdict(light) == rule.HOLDS


def test_type_and_reach_come_before_chances():
    effects = planted(mean=2.0)
    assert verdict(effects, before=Chances(0.96, 0.04, 0)) == rule.BUILT_IN and was_certain(Chances(0, 0, 0.97))
    assert verdict(effects, reached=Reach(0.9, 1.1, False)) == rule.NOT_EXPRESSIBLE
    assert set(rule.VERDICTS) >= {rule.BUILT_IN, rule.NOT_EXPRESSIBLE, rule.RECORD}


def test_a_conjunction_takes_the_joint_chance_of_both():
    both = planted("P13", mean=np.array([1.4, 1.4]), spread=0.3, noise=0.05)
    evidence = both.evidence(both.fit.samples())
    alone = [both.evidence(both.fit.samples(), number).pooled.above for number in (0, 1)]
    assert min(alone) > 0.85 and evidence.pooled.above == pytest.approx(alone[0] * alone[1], abs=0.05)
    assert verdict(planted("P13", mean=np.array([3.0, 3.0]))) == rule.HOLDS
    assert verdict(planted("P13", mean=np.array([3.0, -3.0]))) == rule.FAILS


def test_a_claim_that_nothing_changes_holds_where_effects_are_small():
    assert verdict(planted("P28", mean=0.0, spread=0.2)) == rule.HOLDS
    assert verdict(planted("P28", mean=3.0, spread=0.2)) == rule.FAILS


def test_necessity_is_judged_by_how_often_calm_comes_without_mediators():
    rare, common = (np.log(share / (1 - share)) for share in (0.03, 0.7))
    assert verdict(planted("P15", mean=rare), before=Chances(1, 0, 0)) == rule.HOLDS
    assert verdict(planted("P15", mean=common)) == rule.FAILS
    assert verdict(planted("P15", mean=np.log(0.16 / 0.84))) == rule.UNDECIDED
    cuts = reading(catalogue()["P15"]).cuts
    assert 1 / (1 + np.exp(-np.array(cuts))) == pytest.approx([0.1, 0.25])


def test_power_is_high_where_noise_and_spread_are_small_and_low_where_they_are_not(monkeypatch):
    monkeypatch.setitem(rule.declared()["power"], "worlds", 10)
    sharp, blunt = (power(planted(spread=spread, noise=0.2)) for spread in (0.2, 3.0))
    assert min(sharp.values()) > 0.9 and max(blunt.values()) < 0.3
    assert min(power(planted("P28", spread=0.2)).values()) > 0.9
    assert min(power(planted("P15", spread=0.2)).values()) > 0.9


def test_what_would_settle_an_undecided_claim_is_the_parameter_it_hangs_on():
    generator = np.random.default_rng(2)
    decisive, idle = generator.uniform(size=(2, DRAWS))
    effects = planted(mean=(4 * decisive - 1)[:, None], spread=0.1)
    fit = replace(effects.fit, covariates=np.zeros((DRAWS, 0)))
    unit = float(effects.units[0])
    worth = values_of_learning(fit, 0, unit, reading(effects.proposition), {"idle": idle, "decisive": decisive})
    assert next(iter(worth)) == "decisive" and worth["decisive"] > 0.2
    assert abs(worth["idle"]) < 0.05 and abs(worth[STRUCTURE]) < 0.1


def test_the_rule_is_frozen():
    """Whoever changes the rule or its numbers changes this file, too; every verdict by the old one names the old."""
    kept = Path(rule.__file__).with_name("rule.hash").read_text(encoding="utf-8").strip()
    assert kept == rule.rule_hash()
    assert rule.declared()["smallest"] == {"risk": 1.25, "odds": 1.5, "ratio": 1.1, "log": 1.1}
