"""The tuning script: reproducible, within declared ranges, and written as configuration."""

from __future__ import annotations

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.calibration.tuning import (
    KNOBS,
    Knob,
    Search,
    at_rest,
    design,
    design_columns,
    distance,
    overlay,
    require_citizens,
    tune,
)
from experiments.targets.populations import scenario_named
from experiments.targets.targets import targets_of
from sim.scenario import parameters

SMALL = Search(points=3, crises=3, centres=2, closer=3, finalists=2, more_crises=4, last_crises=5, citizens=20)


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(sorted(KNOBS)), st.integers(0, 2**32 - 1))
def test_any_position_is_an_allowed_point_and_sides_are_tied(name, seed):
    scenario, knobs = scenario_named(name), KNOBS[name]
    positions = np.random.default_rng(seed).random((4, len(knobs)))
    points = design(scenario, knobs, positions)
    assert len(points) == 4
    start = scenario.values()
    columns = design_columns(scenario, knobs, positions)
    for knob in knobs:
        factors = [
            columns[path] / start[path]
            for path in knob.paths
            if parameters()[path].low < columns[path].min() and columns[path].max() < parameters()[path].high
        ]
        for factor in factors:
            np.testing.assert_allclose(factor, factors[0])


@pytest.mark.parametrize("name", sorted(KNOBS))
def test_the_citizens_are_not_tuned_and_never_muted(name):
    assert not [path for knob in KNOBS[name] for path in knob.paths if path.startswith("public") or "domestic" in path]
    require_citizens(scenario_named(name))
    with pytest.raises(ValueError, match="domestic_weight"):
        require_citizens(scenario_named(name).replaced({"government.b.domestic_weight": 1}))


def test_a_knob_at_rest_leaves_the_scenario_alone():
    knob = Knob("x", ("dyad.combat.lethality",), 0.25, 2.0)
    position = at_rest([knob])
    assert knob.value(position, 0.8, "dyad.combat.lethality")[0] == pytest.approx(0.8)


@pytest.mark.parametrize(("value", "expected"), [(20, 0), (8, 0), (30, 0), (41, 0.5), (-3, 0.5), (float("nan"), 2)])
def test_loss_is_zero_inside_and_grows_with_the_distance(value, expected):
    deaths = next(target for target in targets_of("tovuz_2020") if target.id == "B3")
    assert distance(deaths, value) == pytest.approx(expected)


@pytest.mark.slow
def test_the_same_search_gives_the_same_fit_and_a_configuration_that_composes(tmp_path):
    fit = tune("tovuz_2020", SMALL)
    again = tune("tovuz_2020", SMALL)
    assert (fit.values, fit.loss, repr(fit.comparisons)) == (again.values, again.loss, repr(again.comparisons))
    text = overlay(fit)
    assert text.startswith("# @package _global_\n")
    tree = yaml.safe_load(text)
    for path, value in fit.values.items():
        place = tree
        for name in path.split("."):
            place = place[name]
        assert place == pytest.approx(value)
        assert parameters()[path].check(path, float(place)) is not None
    assert [item.target.id for item in fit.comparisons] == [target.id for target in targets_of("tovuz_2020")]
