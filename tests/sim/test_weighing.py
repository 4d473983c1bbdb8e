"""Options are weighed only where it matters, and nothing else changes with it."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.engine.lanes import Points
from sim.ensemble import Settings, begin, trace
from sim.outputs.outcomes import OutcomeRecorder
from tests.support.scenarios import scenarios
from tests.support.worlds import (
    ALL_MECHANISMS,
    DIRECT_TALKS,
    FROZEN,
    ONE_MEDIATOR,
    after,
    different,
    group,
    scenario,
)

HOW = Settings(horizon_days=20, citizens=17)
EVERYTHING = scenario(
    ALL_MECHANISMS,
    ONE_MEDIATOR,
    DIRECT_TALKS,
    {"mediation.effort": 0.3, "talks.rate": 0.2},
    group("alliance.first", present=1, start_support=1),
)


def columns(worlds, how, weighs_daily):
    """Outcome columns, with options weighed every day or only where it matters."""
    lane = np.arange(3 * len(worlds))
    crisis = begin(Points.of(worlds), lane // 3, lane % 3, how, weighs_daily=weighs_daily)
    tally = OutcomeRecorder(crisis)
    for _ in range(how.horizon_days):
        crisis.step()
        tally.record_day()
    lanes = tally.lanes(lane // 3, lane % 3, lane)
    crisis.close()
    return lanes


@given(st.lists(scenarios(), min_size=1, max_size=4), st.integers(0, 2**32), st.sampled_from(["shared", "own"]))
@example([scenario(), EVERYTHING], 1, "shared")
@example([EVERYTHING, EVERYTHING.swapped()], 2, "own")
@settings(max_examples=10)
def test_weighing_every_day_changes_no_result(worlds, seed, luck):
    how = replace(HOW, seed=seed, luck=luck)
    assert different(columns(worlds, how, True), columns(worlds, how, False)) == []


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_traced_lane_is_told_as_the_ensemble_ran_it(dtype):
    how = replace(HOW, dtype=dtype)
    crisis = begin(Points.of([EVERYTHING]), np.array([0]), np.array([4]), how)
    lapsed = 0
    for told in trace(Points.of([EVERYTHING]), 0, 4, how):
        crisis.step()
        for side, own in crisis.governments.items():
            day = told[side]
            assert (day["rung"], day["fought"], day["lapsed"]) == (own.rung, own.fought, own.lapses)
            assert (day["approval"], day["protest"]) == (own.public.approval, own.public.protest)
            assert (day["trust"], day["hope"], day["commitment"]) == (own.trust, own.hope, own.commitment)
            lapsed += day["lapsed"]
    assert lapsed > 0
    crisis.close()


@pytest.mark.parametrize("weighs_daily", [False, True])
def test_governments_weigh_on_day_0_on_days_of_decision_and_when_they_are_asked(weighs_daily):
    crisis = after(0, EVERYTHING, replicates=200, citizens=5, weighs_daily=weighs_daily)
    idle = 0
    for day in range(6):
        crisis.step()
        asked = crisis.talks.direct | crisis.talks.mediated
        for own in crisis.governments.values():
            decides = own.reconsiders | own.lapses
            np.testing.assert_array_equal(own.decides, decides)
            np.testing.assert_array_equal(own.weighs_all, decides | (day == 0) | weighs_daily)
            np.testing.assert_array_equal(own.weighs, own.weighs_all | asked)
            assert not (day == 0 and decides.any())
            idle += (~own.weighs).sum()
    assert (idle == 0) == weighs_daily


def test_on_a_day_without_decision_only_todays_rung_is_looked_at():
    crisis = after(2, scenario(FROZEN, ONE_MEDIATOR), scenario(FROZEN), citizens=10)
    own = crisis.governments["a"]
    assert own.weighs.tolist() == [True, False] and not own.weighs_all.any()
    assert own.reachable[0].nonzero()[0].tolist() == [5]
    assert own.public.support_of_offer[0] > 0


def test_both_sides_answer_an_offer_on_what_they_think_that_day():
    """A government that decides nothing judges an offer as one whose options are all known."""
    refused = {"talks.threshold": -5, "talks.slope": 10}
    crises = [after(6, scenario(FROZEN, ONE_MEDIATOR, refused), replicates=30, weighs_daily=w) for w in (False, True)]
    for side in "ab":
        lazy, keen = (crisis.talks.terms(crisis.governments[side], 1)["settling"] for crisis in crises)
        np.testing.assert_array_equal(lazy, keen)
    assert all(crisis.talks.mediated.all() for crisis in crises)
