"""What became of a crisis: severity, termination and measures, against a plain reading of the same days."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ensemble import Settings, simulate
from sim.outputs.outcomes import CALM_DAYS, COLUMNS, DTYPES, NEVER, SEVERITIES, TERMINATIONS, OutcomeRecorder, Outcomes
from sim.world import Accord
from tests.support.scenarios import scenarios
from tests.support.worlds import FROZEN, ONE_MEDIATOR, arms, group, scenario, side_by_side


@dataclass
class Script:
    """What one lane is made to go through, day by day."""

    a: list[int]
    b: list[int]
    agreement: list[int] = field(default_factory=list)
    deaths: tuple[int, int] = (0, 0)
    gain: float = 0.0
    support: int = 0


def read(*scripts: Script) -> list[dict]:
    """Outcomes of lanes that fight as scripted, one dictionary a lane."""
    crisis = side_by_side(scenario(FROZEN, group("alliance.first", present=1)), replicates=len(scripts), citizens=5)
    tally = OutcomeRecorder(crisis)
    for own, deaths in (("a", 0), ("b", 1)):
        crisis.governments[own].deaths = np.array([script.deaths[deaths] for script in scripts])
    crisis.territory.gain = np.array([script.gain for script in scripts])
    crisis.allies[0].support = np.array([script.support for script in scripts])
    for public in crisis.publics.values():
        public.under_arms = np.zeros(len(scripts), bool)
        public.audience_cost = public.step_down_penalty = np.zeros(len(scripts))
    for day in range(len(scripts[0].a)):
        crisis.day = day + 1
        for side in "ab":
            crisis.governments[side].fought = np.array([getattr(script, side)[day] for script in scripts])
        crisis.agreement.kind = np.array([script.agreement[day] if script.agreement else 0 for script in scripts])
        tally.record_day()
    lanes = tally.lanes(np.arange(len(scripts)), np.zeros(len(scripts)), np.zeros(len(scripts)))
    return [
        {name: values[i].item() if hasattr(values[i], "item") else values[i] for name, values in lanes.items()}
        for i in range(len(scripts))
    ]


def spells(*parts: tuple[int, int]) -> list[int]:
    """A path of rungs from spells (rung, days)."""
    return [rung for rung, days in parts for _ in range(days)]


def plainly(a: list[int], b: list[int]) -> dict:
    """Days hot, first day of the first calm and what came after, counted one day at a time."""
    hot = [max(pair) >= 4 for pair in zip(a, b, strict=True)]
    calm = next((day for day in range(len(hot) - CALM_DAYS + 1) if not any(hot[day : day + CALM_DAYS])), NEVER)
    if not any(hot):
        calm = 0
    after = sum(hot[calm + CALM_DAYS :]) if calm != NEVER else 0
    return {
        "days_hot": sum(hot),
        "days_to_calm": calm,
        "hot_days_after_calm": after,
        "relapsed": after > 0,
        "tension": sum(a) + sum(b),
        "peak_rung_a": max(a),
        "peak_rung_b": max(b),
    }


@given(
    st.lists(st.tuples(st.sampled_from([1, 3, 3, 4, 7]), st.integers(1, 16)), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from([1, 2, 3, 5]), st.integers(1, 16)), min_size=1, max_size=6),
)
@settings(max_examples=25)
def test_counts_and_first_days(one, two):
    a, b = spells(*one), spells(*two)
    days = min(len(a), len(b))
    seen, expected = read(Script(a[:days], b[:days]))[0], plainly(a[:days], b[:days])
    assert {name: seen[name] for name in expected} == expected


def test_a_calm_takes_fourteen_days_inside_the_horizon():
    short, long = (
        read(Script(spells((5, 3), (3, 13)), spells((1, 16)))),
        read(Script(spells((5, 3), (3, 14)), spells((1, 17)))),
    )
    assert (short[0]["days_to_calm"], short[0]["termination"]) == (NEVER, "ongoing")
    assert (long[0]["days_to_calm"], long[0]["termination"]) == (3, "unilateral")


def test_a_crisis_that_never_fights_ends_tacitly_on_its_first_day():
    for days in (3, 30):
        seen = read(Script([3] * days, [2] * days))[0]
        assert (seen["severity"], seen["termination"], seen["days_to_calm"], seen["relapsed"]) == (
            "none",
            "tacit",
            0,
            False,
        )


def test_fighting_after_a_calm_is_a_relapse_and_changes_nothing_before():
    seen = read(Script(spells((5, 2), (1, 14), (6, 3), (1, 14)), spells((5, 2), (1, 31))))[0]
    assert (seen["days_to_calm"], seen["relapsed"], seen["hot_days_after_calm"]) == (2, True, 3)


# -- how it ended -----------------------------------------------------------------------------------------------------

QUIET = (1, CALM_DAYS)


@pytest.mark.parametrize(
    ("script", "termination"),
    [
        (Script(spells((5, 4), QUIET), spells((5, 4), QUIET)), "tacit"),
        (Script(spells((5, 4), QUIET), spells((5, 2), (3, 2), QUIET)), "tacit"),
        (Script(spells((5, 4), QUIET), spells((5, 1), (3, 3), QUIET)), "unilateral"),
        (Script(spells((5, 1), (3, 3), QUIET), spells((5, 4), QUIET)), "unilateral"),
        (Script(spells((5, 4), QUIET), spells((5, 4), QUIET), spells((0, 4), (Accord.MEDIATED, 14))), "mediated"),
        (Script(spells((5, 4), QUIET), spells((5, 1), (3, 3), QUIET), spells((0, 4), (Accord.DIRECT, 14))), "direct"),
        (Script(spells((5, 4), QUIET), spells((5, 4), QUIET), spells((0, 5), (Accord.MEDIATED, 13))), "tacit"),
        (
            Script(spells((5, 4), QUIET), spells((5, 4), QUIET), spells((0, 4), (Accord.MEDIATED, 3), (0, 11))),
            "mediated",
        ),
        (Script(spells((8, 4), QUIET), spells((8, 4), QUIET), gain=0.3), "imposed"),
        (Script(spells((8, 4), QUIET), spells((8, 1), (1, 3), QUIET), gain=-0.4), "imposed"),
        (Script(spells((8, 4), QUIET), spells((8, 4), QUIET), spells((0, 4), (Accord.IMPOSED, 14))), "imposed"),
        (
            Script(spells((8, 4), QUIET), spells((8, 4), QUIET), spells((0, 4), (Accord.MEDIATED, 14)), gain=0.9),
            "mediated",
        ),
        (Script(spells((5, 18)), spells((5, 4), (1, 14))), "ongoing"),
        (
            Script(
                spells((5, 3), (1, 2), (4, 1), QUIET), spells((1, 20)), spells((0, 3), (Accord.MEDIATED, 2), (0, 15))
            ),
            "unilateral",
        ),
    ],
)
def test_the_first_that_applies_says_how_a_calm_came_about(script, termination):
    assert read(script)[0]["termination"] == termination


# -- how bad it was ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rung", "deaths", "support", "severity", "hostility"),
    [
        (3, (0, 2), 0, "none", 3),
        (1, (0, 0), 0, "none", 2),
        (2, (0, 0), 0, "none", 3),
        (4, (0, 0), 0, "clash", 4),
        (9, (60, 39), 0, "clash", 4),
        (5, (60, 40), 0, "limited_war", 4),
        (8, (999, 0), 3, "limited_war", 4),
        (5, (500, 500), 0, "war", 5),
        (8, (0, 1000), 2, "war", 5),
        (8, (1000, 0), 3, "regional_war", 5),
    ],
)
def test_severity_and_hostility_go_by_fighting_deaths_and_entry(rung, deaths, support, severity, hostility):
    seen = read(Script([rung] * 3, [1] * 3, deaths=deaths, support=support))[0]
    assert (seen["severity"], seen["hostility"]) == (severity, hostility)
    assert (seen["deaths_a"], seen["deaths_b"]) == deaths


def test_lanes_are_read_apart_from_each_other():
    scripts = [Script(spells((5, 2), (1, 16)), [1] * 18), Script([5] * 18, [5] * 18), Script([1] * 18, [1] * 18)]
    together = read(*scripts)
    of_the_public = {f"{measure}_{side}" for measure in ("min_approval", "max_protest") for side in "ab"}
    for lane, script in enumerate(scripts):
        alone = {**read(script)[0], "point": lane}
        assert {name for name in alone if str(alone[name]) != str(together[lane][name])} <= of_the_public


# -- any crisis at all ------------------------------------------------------------------------------------------------


def assert_consistent(lanes):
    """What must hold between the columns of any outcomes."""
    battle = lanes["deaths_a"] + lanes["deaths_b"]
    hot = lanes["days_hot"] > 0
    np.testing.assert_array_equal(lanes["severity"] == "none", ~hot)
    np.testing.assert_array_equal(np.isin(lanes["severity"], ["war", "regional_war"]), hot & (battle >= 1000))
    np.testing.assert_array_equal(lanes["severity"] == "limited_war", hot & (battle >= 100) & (battle < 1000))
    assert (lanes["ally_entries"][lanes["severity"] == "regional_war"] > 0).all()
    assert (lanes["ally_entries"][lanes["severity"] == "war"] == 0).all()
    np.testing.assert_array_equal(lanes["termination"] == "ongoing", lanes["days_to_calm"] == NEVER)
    np.testing.assert_array_equal(lanes["relapsed"], lanes["hot_days_after_calm"] > 0)
    assert (lanes["days_to_calm"][~hot] == 0).all() and (lanes["termination"][~hot] == "tacit").all()
    assert (lanes["hot_days_after_calm"] <= lanes["days_hot"]).all()
    np.testing.assert_array_equal(lanes["mediated"], lanes["mediation_day"] != NEVER)
    np.testing.assert_array_equal(lanes["agreements"] > 0, lanes["first_agreement_day"] != NEVER)
    np.testing.assert_array_equal(lanes["agreements"] > 0, lanes["first_agreement_by"] != "")
    assert (lanes["first_agreement_day"] >= lanes["mediation_day"])[lanes["first_agreement_by"] == "mediated"].all()
    np.testing.assert_array_equal(lanes["hostility"] == 5, battle >= 1000)
    peak = np.maximum(lanes["peak_rung_a"], lanes["peak_rung_b"])
    np.testing.assert_array_equal(peak >= 4, hot)
    assert (lanes["ally_support"] <= 3).all() and (lanes["ally_entries"] <= 3).all()
    assert ((lanes["ally_entries"] > 0) <= (lanes["ally_support"] == 3)).all()
    for side in "ab":
        assert ((lanes[f"min_approval_{side}"] >= 0) & (lanes[f"min_approval_{side}"] <= 1)).all()
        assert ((lanes[f"max_protest_{side}"] >= 0) & (lanes[f"max_protest_{side}"] <= 1)).all()
        missing = np.isnan(lanes[f"audience_cost_{side}"])
        np.testing.assert_array_equal(missing, np.isnan(lanes[f"step_down_penalty_{side}"]))
        assert (np.abs(lanes[f"audience_cost_{side}"][~missing]) <= 1).all()
    assert (np.abs(lanes["territory"]) <= 1).all()


@given(st.lists(scenarios(), min_size=4, max_size=8), st.integers(0, 2**64 - 1))
@settings(max_examples=6)
def test_outcomes_of_any_crisis_hang_together(worlds, seed):
    lanes = simulate(worlds, 3, Settings(seed=seed, horizon_days=30, citizens=11)).lanes
    assert_consistent(lanes)


def test_outcomes_of_the_default_crisis_hang_together():
    lanes = simulate(scenario(ONE_MEDIATOR, {"talks.present": 1}), 100, Settings(horizon_days=60, citizens=20)).lanes
    assert_consistent(lanes)
    assert len(set(lanes["termination"])) >= 3


# -- the table --------------------------------------------------------------------------------------------------------


def test_columns_stand_in_order_in_their_types():
    lanes = simulate(scenario(), 3, Settings(horizon_days=2, citizens=5)).lanes
    assert list(lanes) == list(COLUMNS)
    assert " ".join(COLUMNS) == (
        "point replicate luck severity termination hostility peak_rung_a peak_rung_b deaths_a deaths_b "
        "civilian_deaths_a civilian_deaths_b days_hot days_to_calm relapsed hot_days_after_calm mediated "
        "mediation_day agreements first_agreement_day first_agreement_by collapses leader_falls_a leader_falls_b "
        "min_approval_a min_approval_b max_protest_a max_protest_b audience_cost_a audience_cost_b "
        "step_down_penalty_a step_down_penalty_b territory ally_support ally_entries tension"
    )
    assert {name: values.dtype for name, values in lanes.items()} == {
        name: np.dtype(DTYPES[kind]) for name, kind in COLUMNS.items()
    }
    assert set(lanes["severity"]) <= set(SEVERITIES) and set(lanes["termination"]) <= set(TERMINATIONS)


def test_audience_measures_are_missing_where_a_side_never_took_up_arms():
    calm, armed = arms(*(scenario(FROZEN, {"dyad.start_rung_a": rung}) for rung in (2, 3)), replicates=4, days=5)
    assert np.isnan(calm["audience_cost_a"]).all() and not np.isnan(armed["audience_cost_a"]).any()
    assert not np.isnan(calm["audience_cost_b"]).any()


def test_batches_can_be_joined():
    one, two = (
        simulate(scenario(), number, Settings(horizon_days=3, citizens=5, records=True, trajectories=True))
        for number in (2, 3)
    )
    both_ = Outcomes.concatenate([one, two])
    assert len(both_) == 5 and both_.lanes["replicate"].tolist() == [0, 1, 0, 1, 2]
    assert len(both_.records["point"]) == 5 and both_.trajectories.counts == {0: 5}
    bare = simulate(scenario(), 1, Settings(horizon_days=3, citizens=5))
    assert Outcomes.concatenate([bare, bare]).records is None
