"""Where theory fixes a direction the model goes that way: a few hundred crises a value, under shared luck."""

import numpy as np
import pytest

from tests.support.worlds import FROZEN, NO_INCIDENTS, after, apart, arms, both, group, scenario

LAPSING = group("dyad.operations", lapse_rate_middle=0.3, lapse_rate_8=0.3, lapse_rate_9=0.3)


def operations(**values):
    return group("dyad.operations", **values)


def means(column, *changes, days=50, replicates=300):
    """Mean of an outcome in each world."""
    return [
        np.nanmean(arm[column])
        for arm in arms(*(scenario(change) for change in changes), replicates=replicates, days=days, citizens=16)
    ]


def falls(values):
    return (np.diff(values) < 0).all()


HEAVY = {
    "lapse rate": [operations(lapse_rate_middle=r, lapse_rate_8=r, lapse_rate_9=r) for r in (0, 0.1, 0.3, 1)],
    "fading of hope": [both("government", hope_rate=rate) for rate in (0, 0.05, 0.3)],
    "cost of stocks": [both("government", stock_cost=cost) for cost in (0, 2, 5)],
    "what force can win": [both("government", contest_scope=scope) for scope in (0, 0.3, 1)],
    "cost of renewal": [{**LAPSING, "dyad.operations.renewal": share} for share in (0, 0.5, 1)],
    "weight of losses": [both("public", casualty_weight=weight) for weight in (0, 0.05, 0.1)],
    "weight of hardship": [both("public", hardship_weight=weight, hardship=1) for weight in (0, 0.05, 0.1)],
    "weight of exhaustion": [
        both("public", fatigue_weight=weight) | both("government", fatigue_gain=0.1) for weight in (0, 0.05, 0.1)
    ],
}


@pytest.mark.parametrize("changes", HEAVY.values(), ids=HEAVY.keys())
def test_days_of_heavy_fighting_fall_with(changes):
    assert falls(means("days_heavy", *changes))


def test_dearer_renewals_are_fewer_per_lapse():
    """The share of lapses after which an operation goes on, over ten days from the same start."""
    shares = (0, 0.5, 1)
    crisis = after(
        0, *(scenario(LAPSING, NO_INCIDENTS, operations(renewal=r)) for r in shares), replicates=300, citizens=8
    )
    lapses = np.zeros((3, 300))
    for _ in range(10):
        crisis.step()
        lapses += apart(crisis.governments["a"].lapses, 3)
    renewals = apart(crisis.governments["a"].renewals, 3).sum(axis=1) / lapses.sum(axis=1)
    assert falls(renewals)


def test_more_lapses_are_more_renewals():
    renewals = means("renewals_a", *HEAVY["lapse rate"])
    assert renewals[0] == 0 and (np.diff(renewals) > 0).all()


def test_a_posture_that_binds_has_a_larger_audience_cost_and_longer_fights():
    pledges = [both("government", posture_commitment=share) for share in (0, 0.5, 1)]
    assert (np.diff(means("audience_cost_a", *pledges)) > 0).all()
    none, _, full = means("days_heavy", *pledges)
    assert full > none


def test_a_longer_memory_of_the_street_keeps_more_people_in_it():
    """Day for day, under the same events; what governments make of it is another matter."""
    shares = (0, 0.5, 0.8, 0.99)
    silent = both("government", rhetoric_protest=0, fall_hazard=0)
    worlds = [scenario(FROZEN, silent, both("public", protest_memory=share)) for share in shares]
    crisis = after(0, *worlds, replicates=50, citizens=32)
    for _ in range(15):
        crisis.step()
        protest = apart(crisis.publics["a"].protest, 4)
        assert (np.diff(protest, axis=0) >= -1e-12).all()
    assert (np.diff(protest.mean(axis=1)) > 0).all()


def test_pressure_pulls_governments_where_the_street_stands():
    """A street of doves presses down, a street of hawks does not: in the second edition it only made people louder."""
    dovish = [both("public", hawkishness=-0.2) | both("government", protest_pressure=weight) for weight in (0, 3)]
    hawkish = [both("public", hawkishness=0.6) | both("government", protest_pressure=weight) for weight in (0, 3)]
    less, more = means("tension", *dovish), means("tension", *hawkish)
    assert less[1] < less[0] and more[1] - more[0] > less[1] - less[0]


@pytest.mark.parametrize(("name", "sign"), [("out_of_contact", 1), ("contact_centre", -1)])
def test_incidents_at_rest_follow_contact(name, sign):
    rest = {"dyad.start_rung_a": 1, "dyad.start_rung_b": 1, "dyad.incidents.rate": 0.5}
    low, high = {"out_of_contact": (0, 1), "contact_centre": (0, 6)}[name]
    worlds = [scenario(FROZEN, rest, {"dyad.incidents.contagion": 0, f"dyad.incidents.{name}": x}) for x in (low, high)]
    crisis = after(1, *worlds)
    one, two = crisis.incidents.intensity("a")
    assert sign * (two - one) > 0
