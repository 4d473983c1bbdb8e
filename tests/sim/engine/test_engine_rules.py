"""A lane is one crisis, the same bit for bit wherever, with whomever and for however long it is simulated."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, run_chunk, simulate
from sim.outputs.outcomes import COLUMNS
from sim.outputs.trajectories import TRACKED
from sim.scenario import Scenario, swap_path
from tests.support.scenarios import scenarios
from tests.support.worlds import (
    ALL_MECHANISMS,
    DIRECT_TALKS,
    ONE_MEDIATOR,
    both,
    different,
    group,
    rows,
    same,
    same_outcomes,
    same_paths,
    scenario,
)

EVERYBODY = scenario(
    ONE_MEDIATOR,
    DIRECT_TALKS,
    group("mediation.second", present=1, bias=0.4, delay=3),
    group("mediation.third", present=1, bias=-0.7, effort=0.2),
    group("alliance.first", present=1, treaty="border"),
    group("alliance.second", present=1, protege="b", start_support=1),
    group("alliance.third", present=1, relief=0.5),
    both("government", fall_hazard=0.01),
)
WAR = scenario(
    {
        "dyad.venue": "line_of_contact",
        "dyad.start_rung_a": 8,
        "dyad.start_rung_b": 9,
        "dyad.trigger_side": "a",
        "government.a.action_set": "any",
        "government.b.action_set": "one_step",
    },
    both("government", resolve=8, rationality=8),
)
VARIED = replace(
    EVERYBODY,
    varies={
        "government.a.resolve": {"dist": "lognormal", "median": 3, "sigma": 0.5},
        "government.b.resolve": {"dist": "lognormal", "median": 3, "sigma": 0.5},
        "dyad.start_rung_a": {"dist": "values", "values": [3, 5, 6, 7]},
        "dyad.combat.force_border_b": {"dist": "uniform", "low": 0.6, "high": 2},
        "mediation.present": {"dist": "bernoulli", "p": 0.5},
        "dyad.trigger_side": {"dist": "values", "values": ["a", "b", "both"], "weights": [1, 1, 2]},
    },
)
ALL_ON = EVERYBODY.replaced(ALL_MECHANISMS | {"dyad.start_rung_a": 8, "mediation.effort": 0.2})
WORLDS = [Scenario(), EVERYBODY, WAR, VARIED, ALL_ON]
POINTS = Points.of(WORLDS)
REPLICATES = 5
SHARED = Settings(horizon_days=14, citizens=23, trajectories=True)
OWN = replace(SHARED, luck="own")
LANES = [(point, replicate) for point in range(len(WORLDS)) for replicate in range(REPLICATES)]


@pytest.fixture(scope="module", params=[SHARED, OWN], ids=["shared", "own"])
def luck(request):
    return request.param


@pytest.fixture(scope="module")
def whole(luck):
    return simulate(POINTS, REPLICATES, luck)


def run(lanes, how=SHARED):
    point, replicate = np.array(lanes).T
    return run_chunk(POINTS, point, replicate, how)


# -- grouping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lane", [0, 6, 11, 19])
def test_a_lane_alone(whole, luck, lane):
    assert same(run([LANES[lane]], luck).lanes, rows(whole, slice(lane, lane + 1)))


@pytest.mark.parametrize("chunk_lanes", [7, 1000])
def test_any_chunk_size(whole, luck, chunk_lanes):
    assert same_outcomes(simulate(POINTS, REPLICATES, luck, chunk_lanes=chunk_lanes), whole)


@given(order=st.permutations(range(len(LANES))))
@settings(max_examples=3)
def test_any_order_and_any_duplicates(order):
    together, reference = run([LANES[lane] for lane in order + order[:3]]), run(LANES)
    assert same(together.lanes, rows(reference, order + order[:3]))


def test_trajectories_do_not_depend_on_the_order_in_which_parts_are_merged(whole, luck):
    parts = [run(LANES[first::3], luck) for first in (2, 0, 1)]
    first, *rest = parts
    for part in rest:
        first.trajectories.merge(part.trajectories)
    assert same_paths(first, whole)


def test_threads(whole, luck):
    parts = [LANES[first : first + 5] for first in range(0, len(LANES), 5)]
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda lanes: run(lanes, luck), parts))
    joined = {name: np.concatenate([part.lanes[name] for part in done]) for name in COLUMNS}
    assert same(joined, whole.lanes)


ELSEWHERE = """
import json, sys
from sim.ensemble import Settings, simulate
from sim.scenario import Scenario
lanes = simulate(Scenario(), 3, Settings(horizon_days=14, citizens=23)).lanes
json.dump({name: [str(value) for value in values.tolist()] for name, values in lanes.items()}, sys.stdout)
"""


def test_another_process():
    run_elsewhere = subprocess.run([sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True)
    here = simulate(Scenario(), 3, Settings(horizon_days=14, citizens=23)).lanes
    as_text = {name: [str(value) for value in values.tolist()] for name, values in here.items()}
    assert json.loads(run_elsewhere.stdout) == as_text


def test_scenarios_in_one_batch_equal_each_run_apart(whole, luck):
    for point, world in enumerate(WORLDS):
        here = slice(point * REPLICATES, (point + 1) * REPLICATES)
        alone = run_chunk(Points.of(world), np.zeros(REPLICATES, int), np.arange(REPLICATES), luck, point_offset=point)
        assert same(alone.lanes, rows(whole, here))


def test_part_of_a_design_can_be_run_apart(whole, luck):
    part = run_chunk(POINTS.take(np.array([2, 3])), np.array([0, 1, 1]), np.array([4, 0, 3]), luck, point_offset=2)
    assert same(part.lanes, rows(whole, [2 * REPLICATES + 4, 3 * REPLICATES, 3 * REPLICATES + 3]))


def test_double_precision_obeys_the_same_rules():
    exact = replace(SHARED, dtype="float64")
    assert same(run(LANES[::-4], exact).lanes, rows(run(LANES, exact), slice(None, None, -4)))


# -- luck -------------------------------------------------------------------------------------------------------------


def test_shared_luck_is_the_same_at_every_point():
    twice = simulate([Scenario(), Scenario()], 8, SHARED).lanes
    first, second = ({name: values[rows_] for name, values in twice.items()} for rows_ in (slice(0, 8), slice(8, 16)))
    assert same(first, second, but=("point",))
    assert twice["luck"].tolist() == [*range(8)] * 2


def test_own_luck_differs_from_point_to_point():
    twice = simulate([Scenario(), Scenario()], 8, OWN).lanes
    first, second = ({name: values[rows_] for name, values in twice.items()} for rows_ in (slice(0, 8), slice(8, 16)))
    assert "tension" in different(first, second)
    assert len(set(twice["luck"].tolist())) == 16


def test_another_seed_is_another_luck():
    one, two = (simulate(Scenario(), 8, replace(SHARED, seed=seed)).lanes for seed in (1, 2))
    assert "tension" in different(one, two)


def test_a_replicate_does_not_depend_on_how_many_there_are():
    few, many = (simulate(EVERYBODY, number, SHARED) for number in (2, 9))
    assert same(few.lanes, rows(many, slice(0, 2)))


def test_what_varies_is_drawn_by_replicate_and_paired_across_points():
    spread = {"government.a.fog": {"dist": "uniform", "low": 0, "high": 2}}
    low, high = (replace(scenario({"dyad.start_rung_b": rung}), varies=spread) for rung in (5, 6))
    point, replicate = np.repeat([0, 1], 50), np.tile(np.arange(50), 2)
    fog = lane_values(Points.of([low, high]), point, Luck(1, replicate)).government.a.fog
    np.testing.assert_array_equal(fog[:50], fog[50:])
    assert len(set(fog[:50])) == 50
    own = lane_values(Points.of([low, high]), point, Luck(1, replicate, point)).government.a.fog
    assert len(set(own)) == 100


# -- time -------------------------------------------------------------------------------------------------------------


def path(outcomes, days):
    paths = outcomes.trajectories.paths()
    early = paths["day"] < days
    return {name: values[early] for name, values in paths.items()}


def test_a_longer_horizon_keeps_the_shorter_one_as_its_prefix(luck):
    short, long = (simulate(POINTS, 3, replace(luck, horizon_days=days)) for days in (9, 14))
    assert same(path(short, 9), path(long, 9))
    for quantity in ("mean", "q05", "q50"):
        early = long.trajectories.rows()["day"] < 9
        np.testing.assert_array_equal(short.trajectories.rows()[quantity], long.trajectories.rows()[quantity][early])


LATER = [
    ({"mediation.delay": 7.0}, {"mediation.delay": 11.0}, 7),
    ({"mediation.mission": 5.0}, {"mediation.mission": 100.0}, 5),
    ({"mediation.delay": 8.0, "mediation.leverage": 0}, {"mediation.delay": 8.0, "mediation.leverage": 1.5}, 8),
    ({"mediation.delay": 8.0, "mediation.present": 0}, {"mediation.delay": 8.0}, 8),
    ({"dyad.combat.salient_day": 6}, {"dyad.combat.salient_day": -1}, 6),
]


@pytest.mark.parametrize(("one", "two", "day"), LATER)
def test_what_differs_only_later_changes_nothing_before(one, two, day):
    base = EVERYBODY.replaced({"mediation.facilitation": 1})
    first, second = (simulate(base.replaced(changes), 20, SHARED) for changes in (one, two))
    assert same(path(first, day), path(second, day))
    assert not same(path(first, 14), path(second, 14))


# -- sides ------------------------------------------------------------------------------------------------------------


def assert_swapped(one, two):
    """Outcome columns of crises and of the same with the sides' names exchanged mirror each other bit for bit."""
    mirrored = {name: two[swap_path(name)] for name in one}
    mirrored["territory"] = -mirrored["territory"]
    assert different(one, mirrored) == []


@given(st.lists(scenarios(), min_size=1, max_size=6), st.integers(0, 2**32))
@example([EVERYBODY, WAR, ALL_ON], 1)
@settings(max_examples=12)
def test_exchanging_the_sides_exchanges_the_results(worlds, seed):
    how = replace(SHARED, seed=seed, citizens=11, trajectories=False)
    assert_swapped(simulate(worlds, 2, how).lanes, simulate([world.swapped() for world in worlds], 2, how).lanes)


@pytest.mark.parametrize(
    "changes",
    [
        {"mediation.bias": 1.0},
        {"mediation.bias": -0.5, "mediation.second.bias": 0.8},
        {"alliance.third.protege": "b"},
        {"dyad.trigger_side": "a", "dyad.trigger_rung": 7},
        {"dyad.trigger_side": "b", "dyad.trigger_endorsed": 0},
        {"dyad.combat.salient_side": "b", "dyad.combat.salient_day": 2},
    ],
)
def test_every_lopsided_parameter_is_exchanged_too(changes):
    world = EVERYBODY.replaced(changes)
    assert_swapped(simulate(world, 12, SHARED).lanes, simulate(world.swapped(), 12, SHARED).lanes)


def test_paths_and_records_are_exchanged_too():
    how = replace(SHARED, horizon_days=30, records=True)
    one, two = simulate(WORLDS[:3], 8, how), simulate([world.swapped() for world in WORLDS[:3]], 8, how)
    assert different(one.records, two.records) == []
    mine, theirs = one.trajectories.paths(), two.trajectories.paths()
    for quantity in TRACKED:
        sign = -1 if quantity == "territory" else 1
        mirrored = theirs["value"][theirs["quantity"] == swap_path(quantity)]
        np.testing.assert_array_equal(mine["value"][mine["quantity"] == quantity], sign * mirrored, err_msg=quantity)


def test_what_varies_travels_with_its_side():
    assert_swapped(simulate(VARIED, 20, OWN).lanes, simulate(VARIED.swapped(), 20, OWN).lanes)


def test_sides_that_are_alike_are_alike_in_law():
    even = scenario(
        {
            "dyad.combat.force_border_a": 1,
            "dyad.combat.force_line_b": 1,
            "dyad.combat.drones_b": 1,
            "dyad.stake_border_b": 1,
            "dyad.reporting.inflation_a": 4,
            "dyad.reporting.inflation_b": 4,
        }
    )
    mirrored = even.swapped().values()
    assert {path for path, value in even.values().items() if mirrored[path] != value} - {
        f"alliance.{slot}.protege" for slot in ("first", "second", "third")
    } == {f"government.{side}.{name}" for side in "ab" for name in ("label", "luck_slot")}
    lanes = simulate(even, 400, replace(SHARED, trajectories=False, citizens=10)).lanes
    gap = lanes["peak_rung_a"] - lanes["peak_rung_b"]
    assert abs(gap.mean()) < 4 * gap.std() / 20


# -- presence ---------------------------------------------------------------------------------------------------------

ABSENT = {
    "mediation": {"delay": 0, "effort": 1, "leverage": 1.5, "bias": 1},
    "mediation.third": {"delay": 0, "facilitation": 1, "verification": 1},
    "alliance.first": {"start_support": 2, "protection": 1, "relief": 1, "restraint": 3, "emboldening": 1},
    "alliance.second": {"start_support": 3, "moral_hazard": 2, "treaty": "everywhere"},
    "talks": {"rate": 1, "secrecy": 1},
}


@pytest.mark.parametrize("who", ABSENT)
def test_whoever_is_absent_changes_nothing(who):
    """Neither by what it could have done, nor by being present in another lane of the same batch."""
    base = scenario(
        {"mediation.second.present": 1, "alliance.third.present": 1, "alliance.third.protege": "b"},
        both("government", trust_start=1),
    )
    latent = base.replaced(group(who, present=0, **ABSENT[who]))
    there = latent.replaced({f"{who}.present": 1})
    outcomes = simulate([base, latent, there], 10, SHARED)
    without, with_latent, with_it = (rows(outcomes, slice(first, first + 10)) for first in (0, 10, 20))
    assert different(without, with_latent, but=("point",)) == []
    assert different(without, with_it, but=("point",)) != []


def test_pairs_of_worlds_used_here_do_differ():
    """The tests above would be empty if the worlds were alike."""
    means = [rows(simulate(world, 8, SHARED), slice(None))["tension"].tolist() for world in WORLDS]
    assert all(one != two for one, two in pairwise(means))
