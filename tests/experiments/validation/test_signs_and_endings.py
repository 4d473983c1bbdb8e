"""Expected signs are complete, verdicts say what intervals say; peace, spells and quartiles are shares and marks."""

from __future__ import annotations

import math

import polars as pl
import pytest

from experiments.cases.requests import cases
from experiments.targets.targets import scenario_named
from experiments.validation.effects import (
    HARM,
    OUTCOMES,
    expectations,
    harm,
    numbers,
    sign_settings,
    sign_tests,
    verdict,
)
from experiments.validation.running import (
    EVERYTHING,
    NOTHING,
    changes,
    one_at_a_time,
    peace,
    quartiles,
    spell,
    third_edition,
)


def test_every_number_of_the_agents_and_of_talks_has_an_expected_sign() -> None:
    expected = expectations()
    assert {item.parameter for item in expected} == set(numbers())
    assert {item.base for item in expected} == set(sign_settings())
    assert {item.outcome for item in expected} <= set(OUTCOMES)
    assert {item.sign for item in expected} == {"+", "-", "±"}


@pytest.mark.parametrize(
    ("sign", "changed", "low", "high", "told"),
    [
        ("+", 0.5, 0.1, 0.2, "as expected"),
        ("-", 0.5, 0.1, 0.2, "against"),
        ("-", 0.5, -0.2, -0.1, "as expected"),
        ("+", 0.5, -0.1, 0.2, "no sign"),
        ("+", 0.5, math.nan, math.nan, "no sign"),
        ("±", 0.5, 0.1, 0.2, "either"),
        ("±", 0.5, -0.1, 0.2, "no sign"),
        ("±", 0.0, 0.0, 0.0, "inert"),
    ],
)
def test_a_verdict_says_what_the_interval_says(sign, changed, low, high, told) -> None:
    assert verdict(sign, changed, low, high) == told


def test_effects_run_from_end_to_end(monkeypatch) -> None:
    kept = [item for item in expectations() if item.parameter in ("government.resolve", "government.casualty_cost")]
    monkeypatch.setattr("experiments.validation.effects.expectations", lambda: kept)
    table = sign_tests("alone", replicates=40)
    assert table["parameter"].to_list() == ["government.resolve", "government.casualty_cost"]
    assert table["verdict"][0] == "as expected" and table["effect"][0] > 0


def test_settings_are_scenarios_and_every_lever_has_one(monkeypatch) -> None:
    assert all(own["levers"] for own in HARM.values())
    monkeypatch.setattr("experiments.validation.effects.HARM", {"eventful": HARM["eventful"]})
    table = harm(20)
    assert table["parameter"].to_list() == ["mediation.delay", "mediation.failure_cost"]
    assert set(table["verdict"]) <= {"harms", "helps", "neither"} and table["effect"][0] > 0


def test_each_change_of_the_third_edition_stands_alone() -> None:
    scenario = scenario_named("tovuz_2020")
    arms = one_at_a_time(scenario)
    none = arms["none", NOTHING].values()
    for name, (null, _) in changes().items():
        assert {path: none[path] for path in null} == null
        on = arms["none", f"only {name}"].values()
        assert {path for path in on if on[path] != none[path]} <= set(null)
        assert on != none
        without = arms.get(("as it is", f"without {name}"))
        assert (without is None) == ({path: scenario.values()[path] for path in null} == null)
    assert arms["as it is", EVERYTHING] == scenario


def test_an_edition_is_compared_with_its_own_reference() -> None:
    table = third_edition("tovuz_2020", 4)
    references = table.filter(pl.col("arm").is_in([NOTHING, EVERYTHING]))
    assert not references["differs"].any()
    assert table.group_by("arm").len()["len"].unique().to_list() == [references.height // 2]


def test_peace_spells_and_cases_are_read_off_crises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experiments.validation.running.CASE_DAYS", 30)
    shares = [*peace(30).iter_rows(named=True), *spell(60).iter_rows(named=True)]
    assert all(0 <= row["low"] <= row["share"] <= row["high"] <= 1 for row in shares)
    table = quartiles(4)
    assert table["case"].to_list() == cases()
    assert (table["dead_25"] <= table["dead_50"]).all() and (table["dead_50"] <= table["dead_75"]).all()
