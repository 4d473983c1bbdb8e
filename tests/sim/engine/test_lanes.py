"""Points and lanes: designs are checked, stacked into arrays, and taken apart again."""

import copy

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.lanes import Points, coded, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, run_chunk, simulate
from sim.scenario import ParameterError, Scenario, parameters
from tests.support.scenarios import SETTABLE, scenarios, values
from tests.support.worlds import rows, same, scenario


def stacked(points, point=None):
    lanes = np.arange(len(points)) if point is None else np.asarray(point)
    return lane_values(points, lanes, Luck(1, np.zeros(len(lanes), int)))


def read(tree, path):
    for name in path.split("."):
        tree = getattr(tree, name)
    return tree


@given(st.lists(scenarios(), min_size=1, max_size=4))
@settings(max_examples=20)
def test_every_parameter_of_every_lane_is_where_its_path_says(worlds):
    order = [*range(len(worlds)), 0]
    tree = stacked(Points.of(worlds), order)
    for path, parameter in SETTABLE.items():
        expected = [coded(parameter, worlds[point].get(path)) for point in order]
        assert read(tree, path).tolist() == expected, path


def test_lanes_hold_numbers_even_where_all_agree():
    tree = stacked(Points.of([Scenario()] * 3))
    assert {read(tree, path).shape for path in SETTABLE} == {(3,)}
    assert {read(tree, path).dtype for path in SETTABLE} == {np.dtype(float)}
    assert tree.peak_odds.shape == (3, 10, 10)


@given(st.data())
@settings(max_examples=20)
def test_a_crossed_design_is_the_list_of_its_scenarios(data):
    bases = data.draw(st.lists(scenarios(most_changes=5), min_size=1, max_size=3))
    paths = data.draw(st.lists(st.sampled_from(sorted(SETTABLE)), unique=True, min_size=1, max_size=4))
    number = data.draw(st.integers(1, 4))
    choice = data.draw(st.lists(st.integers(0, len(bases) - 1), min_size=number, max_size=number))
    raw = {path: data.draw(st.lists(values(SETTABLE[path]), min_size=number, max_size=number)) for path in paths}
    columns = {path: np.array([coded(SETTABLE[path], value) for value in raw[path]]) for path in paths}
    crossed = Points.cross(bases, choice, columns)
    by_hand = [bases[base].replaced({path: raw[path][i] for path in paths}) for i, base in enumerate(choice)]
    assert [crossed.scenario(i) for i in range(len(crossed))] == by_hand
    one, two = stacked(crossed), stacked(Points.of(by_hand))
    assert all(np.array_equal(read(one, path), read(two, path)) for path in SETTABLE)


def test_choices_may_be_given_by_name_or_number():
    named = Points.cross(Scenario(), [0, 0], {"alliance.first.protege": np.array(["b", "a"])})
    numbered = Points.cross(Scenario(), [0, 0], {"alliance.first.protege": np.array([1, 0])})
    assert named.columns["alliance.first.protege"].tolist() == numbered.columns["alliance.first.protege"].tolist()
    assert [named.scenario(i).get("alliance.first.protege") for i in (0, 1)] == ["b", "a"]


def test_whole_numbers_come_back_whole():
    world = Points.cross(Scenario(), [0], {"dyad.start_rung_a": np.array([7])}).scenario(0)
    assert world.get("dyad.start_rung_a") == 7 and type(world.get("dyad.start_rung_a")) is int


def test_part_of_a_design_is_a_design():
    design = Points.cross(
        [Scenario(), scenario({"talks.present": 1})], [0, 1, 1, 0], {"talks.rate": np.array([0.1, 0.2, 0.3, 0.4])}
    )
    part = design.take(np.array([3, 1]))
    assert len(design) == 4 and len(part) == 2
    assert [part.scenario(i) for i in (0, 1)] == [design.scenario(3), design.scenario(1)]


def test_a_design_can_be_sent_elsewhere():
    """Workers get designs by copy; a copy simulates alike."""
    design = Points.cross([Scenario()], [0, 0], {"talks.rate": np.array([0.1, 0.2])})
    how = Settings(horizon_days=3, citizens=5)
    assert same(simulate(copy.deepcopy(design), 2, how).lanes, simulate(design, 2, how).lanes)


def test_a_factor_takes_the_place_of_what_varies():
    spread = Scenario(
        varies={
            "talks.rate": {"dist": "uniform", "low": 0, "high": 1},
            "talks.leak": {"dist": "uniform", "low": 0, "high": 0.5},
        }
    )
    design = Points.cross(spread, [0, 0], {"talks.rate": np.array([0.25, 0.75])})
    tree = stacked(design)
    assert tree.talks.rate.tolist() == [0.25, 0.75] and 0 < tree.talks.leak[0] == tree.talks.leak[1] < 0.5
    assert list(design.scenario(0).varies) == ["talks.leak"] and list(spread.varies) == ["talks.rate", "talks.leak"]


def test_scenarios_without_spread_are_not_touched_by_those_with_it():
    spread = Scenario(varies={"talks.rate": {"dist": "uniform", "low": 0.9, "high": 1}})
    tree = stacked(Points.of([Scenario(), spread, Scenario()]))
    assert tree.talks.rate[[0, 2]].tolist() == [0.3, 0.3] and tree.talks.rate[1] >= 0.9


def test_only_the_scenarios_that_are_needed_are_read():
    design = Points.of([Scenario(), scenario({"talks.rate": 0.9}), scenario({"talks.rate": 0.6})])
    how = Settings(horizon_days=3, citizens=5)
    chunk = run_chunk(design, np.array([2, 0]), np.array([1, 0]), how)
    whole = simulate(design, 2, how)
    assert same(chunk.lanes, rows(whole, [5, 0]))


REFUSED = [
    ({"talks.rat": [1]}, ["talks.rat", "talks.rate"]),
    ({"talks.rate": [2]}, ["talks.rate=2.0", "0 to 1"]),
    ({"talks.rate": [float("nan")]}, ["talks.rate=nan", "finite"]),
    ({"talks.rate": ["x"]}, ["talks.rate='x'"]),
    ({"talks.rate": [0.1, 0.2]}, ["talks.rate", "1 points"]),
    ({"dyad.start_rung_a": [2.5]}, ["2.5", "whole"]),
    ({"dyad.start_rung_a": [10]}, ["dyad.start_rung_a=10", "0 to 9"]),
    ({"name": ["x"]}, ["name", "label"]),
    ({"alliance.first.protege": [2]}, ["alliance.first.protege=2", "a | b"]),
    ({"alliance.first.protege": ["c"]}, ["alliance.first.protege='c'", "a | b"]),
    ({"alliance.first.protege": [0.5]}, ["alliance.first.protege=0.5", "a | b"]),
    ({"government.a.luck_slot": [1]}, ["government.a.luck_slot", "luck"]),
]


@pytest.mark.parametrize(("columns", "said"), REFUSED)
def test_bad_columns_are_refused_in_one_line(columns, said):
    with pytest.raises(ParameterError) as error:
        Points.cross(Scenario(), [0], columns)
    message = str(error.value)
    assert "\n" not in message and "np." not in message
    assert all(part in message for part in said), message


@pytest.mark.parametrize("choice", [[1], [-1], [0, 3]])
def test_points_refer_to_scenarios_that_exist(choice):
    with pytest.raises(ParameterError, match="scenario"):
        Points.cross(Scenario(), choice, {})


def test_parameters_hold_no_text_for_the_model():
    assert {path for path in parameters() if path not in SETTABLE} == {
        path for path in parameters() if path.endswith(("label", "luck_slot")) or path in ("name", "title")
    }
