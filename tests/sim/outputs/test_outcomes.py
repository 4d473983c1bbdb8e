"""What became of a crisis: severity, termination and measures, against a plain reading of the same days."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.ensemble import Settings, simulate
from sim.ladder import CALM_DAYS
from sim.outputs.outcomes import COLUMNS, DTYPES, NEVER, SEVERITIES, TERMINATIONS, OutcomeRecorder, Outcomes
from sim.world import Accord
from tests.support.scenarios import scenarios
from tests.support.worlds import FROZEN, NO_INCIDENTS, ONE_MEDIATOR, arms, both, group, scenario, side_by_side

QUIET = (1, CALM_DAYS)
"""Long enough a rest to be a calm."""


@dataclass
class Script:
    """What one lane is made to go through, day by day; each side fights by policy unless told what policy was."""

    a: list[int]
    b: list[int]
    policy_a: list[int] | None = None
    policy_b: list[int] | None = None
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
    for day in range(len(scripts[0].a)):
        crisis.day = day + 1
        for side in "ab":
            own, fought = crisis.governments[side], [getattr(script, side) for script in scripts]
            policy = [getattr(script, f"policy_{side}") or getattr(script, side) for script in scripts]
            own.fought, own.rung = (np.array([path[day] for path in paths]) for paths in (fought, policy))
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


def first_spell(disturbed: list[bool]) -> int:
    """First day of the first fourteen without disturbance; 0 where there never is any."""
    if not any(disturbed):
        return 0
    quiet = (day for day in range(len(disturbed) - CALM_DAYS + 1) if not any(disturbed[day : day + CALM_DAYS]))
    return next(quiet, NEVER)


def plainly(a: list[int], b: list[int], policy_a: list[int], policy_b: list[int]) -> dict:
    """Hot and heavy days, calm and silence and what came after, counted one day at a time."""
    fought = [max(pair) for pair in zip(a, b, strict=True)]
    hot, heavy = [rung >= 4 for rung in fought], [rung >= 5 for rung in fought]
    broken = [x or max(pair) >= 4 for x, *pair in zip(heavy, policy_a, policy_b, strict=True)]
    calm = first_spell(broken)
    later = [day for day in range(calm + CALM_DAYS, len(hot)) if broken[day]] if calm != NEVER else []
    return {
        "days_hot": sum(hot),
        "days_heavy": sum(heavy),
        "last_heavy_day": max((day for day, x in enumerate(heavy) if x), default=NEVER),
        "days_to_calm": calm,
        "days_to_silence": first_spell(hot),
        "hot_days_after_calm": len(later),
        "relapsed": bool(later),
        "relapse_day": min(later, default=NEVER),
        "tension": sum(a) + sum(b),
        "peak_rung_a": max(a),
        "peak_rung_b": max(b),
    }


@given(
    st.lists(st.tuples(st.sampled_from([1, 3, 3, 4, 7]), st.integers(1, 16)), min_size=1, max_size=6),
    st.lists(st.tuples(st.sampled_from([1, 2, 3, 5]), st.integers(1, 16)), min_size=1, max_size=6),
    st.lists(st.sampled_from([0, 0, 0, 0, 0, 0, 4, 5]), min_size=1, max_size=40),
)
@settings(max_examples=25)
def test_counts_and_first_days(one, two, incidents):
    """Policy is what is fought, or less on days on which troops on the spot fight on their own."""
    paths = [spells(*parts) for parts in (one, two)]
    days = min(map(len, paths))
    policy = [path[:days] for path in paths]
    a, b = ([max(rung, local) for rung, local in zip(path, (incidents * days)[:days], strict=True)] for path in policy)
    seen, expected = read(Script(a, b, *policy))[0], plainly(a, b, *policy)
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


def test_local_fire_below_rung_5_breaks_silence_and_no_calm():
    policy, days = spells((5, 2), (3, 28)), 30
    for rung, calm, silence in ((4, 2, 16), (5, 16, 16)):
        local = [rung if day in (8, 15) else 1 for day in range(days)]
        fought = [max(pair) for pair in zip(policy, local, strict=True)]
        seen = read(Script(fought, [1] * days, policy, [1] * days))[0]
        assert (seen["days_to_calm"], seen["days_to_silence"], seen["relapsed"]) == (calm, silence, False)


def test_a_lull_is_no_calm():
    """Policy at rung 4 and above breaks calm even where nobody fires."""
    seen = read(Script([5, *[1] * 30], [1] * 31, [5] * 31, [1] * 31))[0]
    assert (seen["days_to_calm"], seen["termination"]) == (NEVER, "ongoing")
    assert seen["days_to_silence"] == 1


def test_a_lane_in_which_only_troops_fire_below_rung_5_was_calm_throughout():
    seen = read(Script([4] * 20, [1] * 20, [3] * 20, [1] * 20))[0]
    assert (seen["days_to_calm"], seen["termination"], seen["severity"]) == (0, "tacit", "clash")
    assert (seen["days_to_silence"], seen["days_heavy"], seen["last_heavy_day"]) == (NEVER, 0, NEVER)


def test_a_relapse_is_dated_from_day_0_and_every_later_day_that_breaks_calm_counts():
    seen = read(Script(spells((6, 1), (1, 15), (4, 1), (1, 3), (5, 2)), [1] * 22))[0]
    assert (seen["days_to_calm"], seen["relapse_day"], seen["hot_days_after_calm"]) == (1, 16, 3)


def test_policy_says_who_came_down_first_whatever_troops_do():
    down = spells((5, 1), (3, 3), QUIET)
    fought = [max(pair) for pair in zip(down, [5, 4, 4, 4, *[1] * 14], strict=True)]
    seen = read(Script(fought, spells((5, 4), QUIET), down, spells((5, 4), QUIET)))[0]
    assert seen["termination"] == "unilateral"


# -- how it ended -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "termination"),
    [
        (Script(spells((5, 4), QUIET), spells((5, 4), QUIET)), "tacit"),
        (Script(spells((5, 4), QUIET), spells((5, 2), (3, 2), QUIET)), "tacit"),
        (Script(spells((5, 4), QUIET), spells((5, 1), (3, 3), QUIET)), "unilateral"),
        (Script(spells((5, 1), (3, 3), QUIET), spells((5, 4), QUIET)), "unilateral"),
        (
            Script(spells((5, 4), QUIET), spells((5, 4), QUIET), agreement=spells((0, 4), (Accord.MEDIATED, 14))),
            "mediated",
        ),
        (
            Script(spells((5, 4), QUIET), spells((5, 1), (3, 3), QUIET), agreement=spells((0, 4), (Accord.DIRECT, 14))),
            "direct",
        ),
        (
            Script(spells((5, 4), QUIET), spells((5, 4), QUIET), agreement=spells((0, 5), (Accord.MEDIATED, 13))),
            "tacit",
        ),
        (
            Script(
                spells((5, 4), QUIET), spells((5, 4), QUIET), agreement=spells((0, 4), (Accord.MEDIATED, 3), (0, 11))
            ),
            "mediated",
        ),
        (Script(spells((8, 4), QUIET), spells((8, 4), QUIET), gain=0.3), "imposed"),
        (Script(spells((8, 4), QUIET), spells((8, 1), (1, 3), QUIET), gain=-0.4), "imposed"),
        (
            Script(spells((8, 4), QUIET), spells((8, 4), QUIET), agreement=spells((0, 4), (Accord.IMPOSED, 14))),
            "imposed",
        ),
        (
            Script(
                spells((8, 4), QUIET), spells((8, 4), QUIET), agreement=spells((0, 4), (Accord.MEDIATED, 14)), gain=0.9
            ),
            "mediated",
        ),
        (Script(spells((5, 18)), spells((5, 4), (1, 14))), "ongoing"),
        (
            Script(
                spells((5, 3), (1, 2), (4, 1), QUIET),
                spells((1, 20)),
                agreement=spells((0, 3), (Accord.MEDIATED, 2), (0, 15)),
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
    assert (lanes["days_heavy"] <= lanes["days_hot"]).all()
    np.testing.assert_array_equal(lanes["days_heavy"] == 0, lanes["last_heavy_day"] == NEVER)
    np.testing.assert_array_equal(lanes["relapsed"], lanes["relapse_day"] != NEVER)
    later = lanes["relapsed"]
    assert (lanes["relapse_day"] >= lanes["days_to_calm"] + CALM_DAYS)[later].all()
    assert (lanes["days_to_silence"][~hot] == 0).all()
    for side in "ab":
        assert (lanes[f"renewals_{side}"] == 0)[lanes[f"operations_{side}"] == 0].all()
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
        "step_down_penalty_a step_down_penalty_b territory ally_support ally_entries tension "
        "days_to_silence relapse_day days_heavy last_heavy_day operations_a operations_b renewals_a renewals_b"
    )
    assert {name: values.dtype for name, values in lanes.items()} == {
        name: np.dtype(DTYPES[kind]) for name, kind in COLUMNS.items()
    }
    assert set(lanes["severity"]) <= set(SEVERITIES) and set(lanes["termination"]) <= set(TERMINATIONS)


def test_audience_measures_are_missing_where_a_side_never_took_up_arms():
    meek = {"resolve": 0.2, "material_cost": 6, "domestic_weight": 0, "action_set": "one_step", "rationality": 50}
    clocks = both("government", clock_crisis=1, clock_calm=1, **meek)
    at_once = {"dyad.start_rung_b": 0, **NO_INCIDENTS, **clocks}
    calm, armed = arms(*(scenario(at_once, {"dyad.start_rung_a": rung}) for rung in (0, 5)), replicates=4, days=5)
    assert np.isnan(calm["audience_cost_a"]).all() and not np.isnan(armed["audience_cost_a"]).any()


def test_audience_measures_are_missing_where_nothing_was_decided():
    idle = arms(scenario(FROZEN), replicates=4, days=5)[0]
    assert all(np.isnan(idle[f"{measure}_a"]).all() for measure in ("audience_cost", "step_down_penalty"))


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
