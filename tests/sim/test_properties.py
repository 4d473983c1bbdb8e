"""Whatever is set within the ranges: a crisis runs without a warning, and everything it reports is in its range."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ensemble import Settings, simulate
from sim.outputs.columns import NEVER, OUTCOMES
from sim.outputs.trajectories import TRACKED
from sim.scenario import Scenario
from tests.support.scenarios import SETTABLE, scenarios

DAYS = 30
HOW = Settings(horizon_days=DAYS, citizens=11, trajectories=True, records=True)


def carefully(worlds, how=HOW, replicates=1):
    """Simulate with every warning and every invalid operation an error."""
    with warnings.catch_warnings(), np.errstate(divide="raise", invalid="raise", over="raise"):
        warnings.simplefilter("error")
        return simulate(worlds, replicates, how)


def assert_sound(outcomes):
    """Every number is finite and in its range, and missing only where it may be."""
    for column in OUTCOMES:
        name, kind = column.name, column.kind
        values = outcomes.lanes[name]
        if kind == "label":
            assert column.nullable or all(values), name
        elif kind in ("count", "deaths", "luck"):
            assert (values >= 0).all(), name
        elif kind == "day":
            assert ((values >= (NEVER if column.nullable else 0)) & (values < DAYS)).all(), name
        elif kind == "measure":
            assert np.isfinite(values[~np.isnan(values)]).all(), name
            assert column.nullable or not np.isnan(values).any(), name
    assert (outcomes.lanes["days_hot"] <= DAYS).all() and (outcomes.lanes["tension"] <= 18 * DAYS).all()
    paths = outcomes.trajectories.paths()
    for quantity, tracked in TRACKED.items():
        values = paths["value"][paths["quantity"] == quantity]
        assert (values >= tracked.low - 1e-6).all() and (values <= tracked.high + 1e-6).all(), quantity


@given(st.lists(scenarios(most_changes=100), min_size=5, max_size=12), st.integers(0, 2**64 - 1))
@settings(max_examples=4)
def test_any_scenario_runs(worlds, seed):
    assert_sound(carefully(worlds, replace(HOW, seed=seed)))


def corners(number: int, seed: int) -> list[Scenario]:
    """Scenarios whose every parameter is at one end of its range or at its default."""
    random = np.random.default_rng(seed)
    worlds = []
    for _ in range(number):
        changes = {}
        for path, parameter in SETTABLE.items():
            ends = parameter.options if parameter.kind == "choice" else (parameter.low, parameter.high)
            value = (*ends, parameter.default)[random.integers(len(ends) + 1)]
            changes[path] = value
        worlds.append(Scenario().replaced_all({**Scenario().values(), **changes}))
    return worlds


@pytest.mark.parametrize("seed", range(2))
def test_the_corners_of_the_ranges_run(seed):
    assert_sound(carefully(corners(80, seed)))


def test_the_corners_run_with_luck_of_their_own_and_in_double_precision():
    assert_sound(carefully(corners(60, 99), replace(HOW, luck="own", dtype="float64")))


@pytest.mark.parametrize("citizens", [5, 6, 13])
def test_the_smallest_publics_run(citizens):
    assert_sound(carefully([Scenario(), *corners(10, 7)], replace(HOW, citizens=citizens)))


def test_a_quiet_pair_stays_a_pair_at_rest():
    """With nothing going on, nothing is reported: no deaths, no protest to speak of, no agreements, no news."""
    quiet = Scenario().replaced(
        {
            "dyad.start_rung_a": 0,
            "dyad.start_rung_b": 0,
            "dyad.incidents.rate": 0,
            "dyad.incidents.autonomous_risk": 0,
            **{f"government.{side}.{clock}": 0 for side in "ab" for clock in ("clock_crisis", "clock_calm")},
        }
    )
    lanes = carefully(quiet, replicates=10).lanes
    for name in ("deaths_a", "deaths_b", "civilian_deaths_a", "days_hot", "agreements", "ally_support", "tension"):
        assert (lanes[name] == 0).all(), name
    assert (lanes["severity"] == "none").all() and (lanes["termination"] == "tacit").all()
    assert (lanes["territory"] == 0).all() and np.isnan(lanes["audience_cost_a"]).all()
