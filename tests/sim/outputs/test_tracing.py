"""A crisis told day by day is the crisis that the ensemble ran."""

import json

import numpy as np
import pytest

from sim.engine.lanes import Points
from sim.ensemble import Settings, simulate, trace
from tests.support.worlds import DIRECT_TALKS, ONE_MEDIATOR, both, group, scenario

WORLDS = [
    scenario(
        ONE_MEDIATOR,
        DIRECT_TALKS,
        group("alliance.first", present=1, start_support=1),
        both("government", clock_crisis=0.7),
    ),
    scenario({"dyad.start_rung_a": 8, "government.b.action_set": "any"}, both("government", fall_hazard=0.02)),
]
HOW = Settings(horizon_days=20, citizens=21)


@pytest.fixture(scope="module", params=[(0, 3), (1, 0)], ids=["mediated", "war"])
def told(request):
    point, replicate = request.param
    return point, replicate, list(trace(Points.of(WORLDS), point, replicate, HOW))


def test_it_ends_as_the_ensemble_says(told):
    point, replicate, days = told
    outcomes = simulate(WORLDS, replicate + 1, HOW).lanes
    lane = {name: values[point * (replicate + 1) + replicate] for name, values in outcomes.items()}
    assert [day["day"] for day in days] == list(range(20))
    for side in "ab":
        assert days[-1][side]["total_deaths"] == lane[f"deaths_{side}"]
        assert max(day[side]["fought"] for day in days) == lane[f"peak_rung_{side}"]
        assert min(day[side]["approval"] for day in days) == lane[f"min_approval_{side}"]
        assert days[-1][side]["leader_falls"] == lane[f"leader_falls_{side}"]
    assert days[-1]["territory"] == lane["territory"]
    assert sum(day["collapsed"] for day in days) == lane["collapses"]
    assert any(day["talks"].get("mediated") for day in days) == lane["mediated"]


def test_each_day_begins_where_the_last_one_ended(told):
    for yesterday, today in zip(told[2], told[2][1:], strict=False):
        for side in "ab":
            assert today[side]["rung_before"] == yesterday[side]["rung"]


def test_what_was_weighed_adds_up_and_lies_within_reach(told):
    for day in told[2]:
        for side in "ab":
            part = day[side]
            assert part["rung_before"] in part["weighed"] and part["chosen"] in part["weighed"]
            for rung, utility in part["weighed"].items():
                assert sum(part["terms"][rung].values()) == pytest.approx(utility, abs=1e-9)
            assert part["terms"][part["rung_before"]]["step"] == 0
            assert part["terms"][part["rung_before"]]["domestic"] == 0


def test_nothing_changes_unless_policy_is_reconsidered_or_agreed(told):
    for day in told[2]:
        for side in "ab":
            part = day[side]
            if not part["reconsidered"]:
                assert part["chosen"] == part["rung_before"]
            if any(talk["agreed"] for talk in day["talks"].values()):
                assert part["rung"] == min(part["chosen"], 2)
            elif day["agreement"] != "imposed":
                assert part["rung"] == part["chosen"]


def test_the_case_against_stepping_down_is_the_difference_of_terms(told):
    for day in told[2]:
        for side in "ab":
            part = day[side]
            lower = {rung: value for rung, value in part["weighed"].items() if rung < part["rung_before"]}
            assert part["step_down"] == max(lower, key=lower.get, default=None)
            if lower:
                gap = part["weighed"][part["rung_before"]] - part["weighed"][part["step_down"]]
                assert sum(part["why_no_step_down"].values()) == pytest.approx(gap, abs=1e-9)


def test_it_is_told_in_plain_values(told):
    json.dumps(told[2], allow_nan=False)
    assert not any(isinstance(value, np.generic) for day in told[2] for value in day["a"].values())


def test_part_of_a_design_tells_the_same_story_under_luck_of_its_own():
    own = Settings(horizon_days=8, citizens=21, luck="own")
    whole = list(trace(Points.of(WORLDS), 1, 2, own))
    part = list(trace(Points.of(WORLDS[1]), 0, 2, own, point_offset=1))
    assert whole == part
