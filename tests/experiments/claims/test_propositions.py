"""The claims of the article: each is well formed, designs are frozen, findings survive on disk and are told."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from experiments.claims import measures, rule
from experiments.claims.arms import ArmStore, SampleSize
from experiments.claims.catalogue import CAUSAL, RECORD, both_sides, catalogue, chosen, designs_hash
from experiments.claims.effects import ReachSize, spreads
from experiments.claims.judging import UNITS, Finding, find
from experiments.claims.measures import _after_steps
from experiments.claims.session import forest, line, markdown
from experiments.claims.uncertainty import POSTERIOR, PRIOR, draws
from experiments.cli.app import run_command
from experiments.design.posterior import POPULATION
from experiments.design.priors import UNUPDATED_PRIORS, prior_of
from experiments.errors import UserError
from experiments.figures.style import save
from experiments.targets.targets import scenario_named
from sim.scenario import parameters

TINY, TINY_REACH = (
    SampleSize(draws=4, crises=8, citizens=10, horizon=30, secondary_crises=4),
    ReachSize(4, 1, (4, 6, 8)),
)
LINE = re.compile(
    r"^P\d+ (record|causal) [a-z ]+ (odds ratio|risk ratio|ratio|N|share|days) \S+ \[\S+, \S+\]"
    r"( reach \S+\.\.\S+ power [01]\.\d\d)? \("
)


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
    assert {*proposition.drivers, *proposition.over} <= set(known)
    assert proposition.estimand and proposition.contradicted_by and proposition.claim.endswith(".")
    assert len({test.scale for test in proposition.tests}) == 1
    assert all(test.scale in UNITS for test in tests)
    # Wars are compared by risk ratios, other shares by odds ratios, days and deaths by ratios: nothing by differences.
    assert proposition.tests[0].scale != "level"
    laid = {path for spread in spreads(proposition) for path in spread.paths}
    assert not laid & {path for test in proposition.tests for changes in test.arms.values() for path in changes}


def test_unknown_propositions_are_refused_with_the_nearest_name():
    assert chosen(["P13", "P15"], catalogue(), "unknown") == ["P13", "P15"] and len(chosen([], catalogue(), "")) == 33
    with pytest.raises(UserError, match="P99: unknown; did you mean P9"):
        chosen(["P99"], catalogue(), "unknown")


def test_draws_lie_within_ranges_and_repeat():
    scenario, known = scenario_named("tovuz_2020"), parameters()
    for kind in (PRIOR, POSTERIOR):
        first, again = (draws(kind, scenario, "tovuz_2020", 12) for _ in range(2))
        assert len(first.weight) == 12 == len(
            next(iter(first.columns.values()))
        ) and first.weight.sum() == pytest.approx(1)
        for path, values in first.columns.items():
            assert np.array_equal(values, again.columns[path])
            assert known[path].low <= values.min() and values.max() <= known[path].high, path


def test_an_enemy_that_climbs_after_a_step_back_shows():
    rungs = np.full((20, 2, 3), 5)
    rungs[5:, 0, 0] = 4  # a steps down in lane 0 on day 5 and the enemy climbs two days later
    rungs[7:, 1, 0] = 6
    stepped, held, count = _after_steps(rungs, 0, np.zeros(3, int))
    assert count.tolist() == [1, 0, 0] and stepped[0] == 1 and 0 < held[0] < 0.5


def test_a_step_back_is_compared_within_its_own_draw():
    generator = np.random.default_rng(5)
    rungs, point = generator.integers(3, 7, size=(40, 2, 60)), np.repeat([0, 1, 2], 20)
    together = _after_steps(rungs, 0, point)
    apart = [_after_steps(rungs[:, :, point == one], 0, np.full(20, one)) for one in range(3)]
    np.testing.assert_allclose(together, np.concatenate(apart, axis=1))


@pytest.mark.parametrize("name", ["P1", "P13", "P15", "P28", "P29", "P3"])
def test_a_proposition_is_found_and_told(name, tmp_path):
    store, stages = ArmStore(TINY, tmp_path), TINY_REACH.stores(TINY, tmp_path, 1)
    finding = find(catalogue()[name], store, TINY_REACH, stages, provisional=True)
    assert finding == Finding(**json.loads(json.dumps(asdict(finding)))) or np.isnan(finding.smallest)
    assert finding.rule == rule.rule_hash() and finding.designs == designs_hash()
    assert finding.low <= finding.effect <= finding.high
    assert LINE.match(line(finding)) and line(finding).startswith(f"{name} ") and "provisional" in line(finding)
    text = markdown([finding], "today")
    assert finding.claim in text and f"| {name} | {finding.kind} |" in text
    assert {path.suffix for path in save(forest([finding]), tmp_path / "figures", "propositions")} == {".svg", ".png"}
    if name == "P15":
        headline = text.split("\n")[2]
        assert headline.startswith("*Is de-escalation possible only through international mechanisms?* **")
        assert all(words in headline for words in ("by day 60", "by day 14", "(weight ", "provisional")), headline


def test_the_designs_are_frozen():
    """Whoever changes what a claim is tested by changes this file, too."""
    kept = Path(rule.__file__).with_name("designs.hash").read_text(encoding="utf-8").strip()
    assert kept == designs_hash()


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


def test_where_too_few_draws_count_a_claim_is_undecided_and_says_why(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measures, "FIRST_CALM_BY", measures.CALM_DAYS)  # no clash calms down from its first day on
    monkeypatch.setattr("experiments.claims.session.FULL_REACH", TINY_REACH)
    sizes = ["--draws", "4", "--crises", "3", "--aside", "2", "--citizens", "10", "--workers", "1"]
    assert run_command(["propositions", "P1", *sizes, "--output", str(tmp_path / "run")]) == 0
    found = json.loads((tmp_path / "run" / "P1.json").read_text(encoding="utf-8"))
    assert found["verdict"] == "undecided" and "too few draws" in found["why"]
    assert "P1 causal undecided" in capsys.readouterr().out and (tmp_path / "run" / "propositions.md").exists()
