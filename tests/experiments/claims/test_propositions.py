"""The claims of the article: each is well formed, the rule judges as written, findings survive on disk."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from experiments.claims import judging, measures, rule
from experiments.claims.arms import SampleSize
from experiments.claims.catalogue import catalogue, chosen, declaration, designs_hash, rule_hash
from experiments.claims.claim import CAUSAL, RECORD, both_sides
from experiments.claims.judging import TOO_FEW, Finding, _by_rule, _chances, _interval, find
from experiments.claims.measures import _advance
from experiments.claims.reporting import line, markdown, write_figure
from experiments.claims.rule import Chances, judge, judge_necessity, rests_on_assumption
from experiments.claims.specifications import halves
from experiments.claims.store import ArmStore
from experiments.claims.uncertainty import DRIVERS_DRAWN, POSTERIOR, PRIOR, draws
from experiments.cli.app import run_command
from experiments.design.posterior import POPULATION
from experiments.design.priors import UNUPDATED_PRIORS, prior_of
from experiments.errors import UserError
from experiments.statistics.nested import Nested, nested
from experiments.targets.populations import scenario_named
from sim.scenario import parameters

ROOT = Path(__file__).parents[3]
TINY = SampleSize(draws=4, crises=10, citizens=10, horizon=30)
OPEN = Chances(0.4, 0.3, 0.3)


def test_all_thirty_three_are_there_in_order():
    assert list(catalogue()) == [f"P{number}" for number in range(1, 34)]
    assert {proposition.kind for proposition in catalogue().values()} == {RECORD, CAUSAL}
    assert {name for name, one in catalogue().items() if one.kind == RECORD} == {"P3", "P6", "P7", "P17", "P19"}
    with_parts = {name for name, one in catalogue().items() if any(part.built_in for part in one.parts)}
    assert {"P5", "P8", "P12", "P13", "P16", "P21", "P22", "P24"} <= with_parts


@pytest.mark.parametrize("name", list(catalogue()))
def test_what_a_proposition_changes_can_be_changed(name):
    proposition, known = catalogue()[name], parameters()
    tests = [*proposition.tests, *(part.test for part in proposition.parts)]
    for changes in (changes for test in tests for changes in test.arms.values()):
        for path, value in changes.items():
            known[path].check(path, value)
    assert set(proposition.drivers) <= set(known)
    assert proposition.tests
    assert proposition.estimand and proposition.contradicted_by and proposition.claim.endswith(".")


def test_unknown_propositions_are_refused_with_the_nearest_name():
    assert [one.name for one in chosen(["p13", "P15"])] == ["P13", "P15"]
    with pytest.raises(UserError, match="P99"):
        chosen(["P99"])


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        ({"as it is": Chances(0.95, 0.05, 0)}, "holds in the model"),
        ({"as it is": Chances(0, 0.05, 0.95)}, "fails in the model"),
        ({"as it is": Chances(0.02, 0.95, 0.03)}, "negligible"),
        ({"as it is": OPEN}, "undecided"),
        ({"as it is": Chances(0.95, 0.05, 0), "other": OPEN}, "undecided"),
        ({"as it is": Chances(0.95, 0.05, 0), "other": Chances(0.91, 0.09, 0)}, "holds in the model"),
    ],
)
def test_the_rule_asks_every_structure(after, verdict):
    assert judge(CAUSAL, OPEN, after).verdict == verdict


def test_the_rule_types_before_it_judges():
    sure = {"as it is": Chances(1, 0, 0)}
    assert judge(RECORD, OPEN, sure).verdict == "record"
    assert judge(rule.BUILT_IN, OPEN, sure).verdict == "built in"
    assert judge(CAUSAL, Chances(0.96, 0.04, 0), sure).verdict == "built in"


def test_the_rule_knows_moderators_and_noise():
    halves = {"high": Chances(0.95, 0.05, 0), "low": Chances(0, 0.97, 0.03)}
    assert judge(CAUSAL, OPEN, {"as it is": OPEN}, halves).verdict == "conditional"
    alike = {"high": Chances(0.95, 0.05, 0), "low": Chances(0.92, 0.08, 0)}
    assert judge(CAUSAL, OPEN, {"as it is": OPEN}, alike).verdict == "undecided"
    assert "Monte Carlo" in judge(CAUSAL, OPEN, {"as it is": Chances(1, 0, 0)}, noise=0.8).why


def test_necessity_has_a_rule_of_its_own():
    assert judge_necessity(0.95, 0).verdict == "holds in the model"
    assert judge_necessity(0, 0.93).verdict == "fails in the model"
    assert judge_necessity(0.5, 0.2).verdict == "undecided"


def test_an_answer_rests_on_assumption_where_its_drivers_hardly_narrow():
    assert rests_on_assumption({"x": 0.1, "y": 0.6})
    assert rests_on_assumption({})
    assert not rests_on_assumption({"x": 0.3, "y": 0.6})


def test_draws_lie_within_ranges_and_repeat():
    scenario, known = scenario_named("tovuz_2020"), parameters()
    for kind in (PRIOR, POSTERIOR):
        first, again = (draws(kind, scenario, "tovuz_2020", 12) for _ in range(2))
        assert len(first) == 12
        for path, values in first.columns.items():
            assert np.array_equal(values, again.columns[path])
            assert known[path].low <= values.min() and values.max() <= known[path].high, path


def test_an_enemy_that_climbs_after_a_step_back_shows_as_an_advance():
    rungs = np.full((20, 2, 3), 5)
    rungs[5:, 0, 0] = 4  # a steps down in lane 0 on day 5 and the enemy climbs two days later
    rungs[7:, 1, 0] = 6
    assert 0.7 < _advance(rungs, 0, np.zeros(3, int))[0] < 1  # its own days before the step count among those without
    assert np.isnan(_advance(rungs, 0, np.zeros(3, int))[1:]).all()


@pytest.mark.parametrize("name", ["P1", "P13", "P15", "P32"])
def test_a_proposition_is_found_and_told(name, tmp_path):
    finding = find(catalogue()[name], ArmStore(TINY), provisional=True)
    assert finding == Finding(**json.loads(json.dumps(asdict(finding))))
    assert finding.rule == rule_hash() and finding.low <= finding.effect <= finding.high + 1e-9
    assert line(finding).startswith(name) and "provisional" in line(finding)
    assert finding.claim in markdown([finding], "today")
    assert {path.suffix for path in write_figure([finding], tmp_path)} == {".svg", ".png"}


def test_noise_in_the_mean_keeps_a_verdict_from_hanging_on_a_hair():
    raw = np.full(40, 0.051)
    sharp = Nested(0.051, 0.0, 0.0, raw, raw, 0.0)
    noisy = nested(np.repeat(np.arange(40), 50), 0.051 + np.random.default_rng(3).normal(0, 0.9, 2000))
    claim = catalogue()["P15"]
    assert claim.measure.smallest == 0.05
    assert _chances(sharp, claim).above == 1 and 0.05 < _chances(noisy, claim).above < 0.95
    low, high = _interval(noisy)
    assert 0.03 < high - low < 0.2


def test_the_rule_is_frozen():
    """Whoever changes the rule changes this file, too, and every verdict reached by the old one names the old."""
    kept = Path(rule.__file__).with_name("rule.hash").read_text(encoding="utf-8").strip()
    assert kept == rule_hash()


def test_what_a_claim_rests_on_is_drawn_in_one_look_at_least():
    for proposition in catalogue().values():
        if proposition.kind == CAUSAL:
            scenario = scenario_named(proposition.scenario, *proposition.overrides)
            looks = ((PRIOR, ""), (POSTERIOR, ""), (POSTERIOR, DRIVERS_DRAWN))
            drawn = {
                path for kind, how in looks for path in draws(kind, scenario, proposition.scenario, 2, how).columns
            }
            assert set(proposition.drivers) <= drawn | set(scenario.varies), proposition.name


@pytest.mark.parametrize("name", [name for name, one in catalogue().items() if one.kind == CAUSAL])
def test_a_causal_claim_has_two_moderators_that_calibration_or_its_own_range_can_draw(name):
    proposition = catalogue()[name]
    assert len(proposition.moderators) == 2
    moved = {
        path.removeprefix("varies.").removesuffix(".median")
        for table in (UNUPDATED_PRIORS, POPULATION)
        for item in prior_of(table)
        for path in item.paths
    }
    assert set(both_sides(*proposition.moderators)) <= moved
    parts = list(halves(proposition, 7))
    assert len({half for _, half, _ in parts}) == len(parts) in (0, 2, 4)
    for high, low in zip(parts[::2], parts[1::2], strict=True):
        assert high[2].sum() in (3, 4) and not (high[2] & low[2]).any() and (high[2] | low[2]).all()


def test_the_designs_are_frozen():
    """Whoever changes what a claim is tested by changes this file, too."""
    kept = Path(rule.__file__).with_name("designs.hash").read_text(encoding="utf-8").strip()
    assert kept == designs_hash()


def test_a_divided_answer_is_conditional():
    pair = {"x high": Chances(0.95, 0.05, 0), "x low": Chances(0, 0.02, 0.98)}
    halves = {"y": {"y high": OPEN, "y low": OPEN}, "x": pair}
    verdict = _by_rule(CAUSAL, OPEN, {"as it is": OPEN}, halves, noise=0.0)
    assert verdict.verdict == "conditional" and "x high" in verdict.why


def test_every_claim_is_tested_as_it_was_declared_in_code():
    """What was declared before the claims became data: arms, weights, estimands, measures; and one frozen rule."""
    kept = json.loads((ROOT / "tests/baselines/claims.json").read_text(encoding="utf-8"))
    now = {name: declaration(claim) for name, claim in catalogue().items()}
    assert json.loads(json.dumps(now)) == kept


def test_where_too_few_draws_count_a_claim_is_undecided_and_says_why(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measures, "FIRST_CALM_BY", measures.CALM_DAYS)  # no clash calms down from its first day on
    sizes = ["--draws", "4", "--crises", "3", "--aside", "2", "--citizens", "10", "--workers", "1"]
    assert run_command(["propositions", "P13", "P1", *sizes, "--output", str(tmp_path / "run")]) == 0
    found = json.loads((tmp_path / "run" / "P1.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "undecided" and "too few draws" in found["why"]
    assert "P1 " in capsys.readouterr().out and (tmp_path / "run" / "propositions.md").exists()


def test_an_effect_of_too_few_draws_has_no_chances_and_can_be_shown(tmp_path, monkeypatch):
    assert _chances(TOO_FEW, catalogue()["P1"]) == Chances(0, 0, 0) and np.isnan(_interval(TOO_FEW)).all()
    monkeypatch.setattr(judging, "effect", lambda *_: TOO_FEW)
    finding = find(catalogue()["P15"], ArmStore(TINY), provisional=True, structures=False)
    assert finding.verdict == "undecided" and "nan" in line(finding) and "too few" in markdown([finding], "today")
    assert write_figure([finding], tmp_path)


def test_a_step_back_is_compared_within_its_own_draw():
    generator = np.random.default_rng(5)
    rungs = generator.integers(3, 7, size=(40, 2, 60))
    point = np.repeat([0, 1, 2], 20)
    together = _advance(rungs, 0, point)
    apart = np.concatenate([_advance(rungs[:, :, point == one], 0, np.full(20, one)) for one in range(3)])
    np.testing.assert_allclose(together, apart)
