"""Operations: how they begin, culminate and are renewed; how hope fades and stocks run down; what can be won."""

import numpy as np
import pytest

from sim.agents.government import Government
from sim.ladder import FORCE
from tests.support.worlds import (
    ALL_MECHANISMS,
    FROZEN,
    NO_INCIDENTS,
    after,
    apart,
    arms,
    both,
    choosing,
    different,
    group,
    on_day,
    scenario,
    side_by_side,
)

KNOWN = both("government", resolve_sd=0, fog=0, force_prior_error=0, anticipation=0)
IDLE = both("government", clock_crisis=0, clock_calm=0)
"""Policy is decided on days of lapse alone."""


def operations(**values):
    return group("dyad.operations", **values)


ALWAYS = operations(lapse_rate_middle=1, lapse_rate_8=1, lapse_rate_9=1)


def at(a, b, *changes):
    return scenario(NO_INCIDENTS, {"dyad.start_rung_a": a, "dyad.start_rung_b": b}, *changes)


# -- lapses -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("from_rung", [4, 5, 7])
def test_only_operations_lapse_and_both_sides_may_at_once(from_rung):
    worlds = [at(rung, 9, ALWAYS, operations(from_rung=from_rung)) for rung in range(10)]
    crisis = choosing(1, *(world.replaced(IDLE) for world in worlds))
    lapsed = {side: own.lapses for side, own in crisis.governments.items()}
    # Those whose operation lapsed on the day before the lapse moved: read from where they stand.
    np.testing.assert_array_equal(lapsed["a"], crisis.governments["a"].rung >= from_rung)
    assert lapsed["b"].all()


def test_nothing_lapses_on_day_0():
    crisis = after(1, at(9, 9, IDLE, ALWAYS), replicates=20)
    for own in crisis.governments.values():
        assert (own.rung == 9).all() and (own.renewals == 0).all() and (own.operations == 1).all()
        assert not own.lapses.any()


@pytest.mark.parametrize(("rung", "rate"), [(5, 0.2), (6, 0.2), (7, 0.2), (8, 0.4), (9, 0.6), (4, 0)])
def test_each_level_lapses_at_its_own_rate(rung, rate):
    rates = operations(lapse_rate_middle=0.2, lapse_rate_8=0.4, lapse_rate_9=0.6)
    crisis = on_day(after(1, at(rung, 1, IDLE, rates), replicates=3000, citizens=5), 1)
    own = crisis.governments["a"]
    own.perceive()
    own.draw_decision()
    assert own.lapses.mean() == pytest.approx(rate, abs=0.03) and not own.enemy.lapses.any()
    np.testing.assert_array_equal(own.decides, own.lapses)


def test_incidents_answers_and_lulls_never_lapse():
    """Only policy is an operation: troops who fight on their own do not culminate, and a lull ends none."""
    loud = group("dyad.incidents", rate=2, violent_share=1, artillery_share=1, return_fire=1)
    crisis = side_by_side(
        scenario(
            IDLE, loud, ALWAYS, both("government", answer_in_kind=1), {"dyad.start_rung_a": 3, "dyad.start_rung_b": 3}
        ),
        replicates=30,
    )
    for _ in range(8):
        crisis.step()
        assert not any(own.lapses.any() for own in crisis.governments.values())
    assert (crisis.peak_so_far >= 5).all()
    assert all((own.operations == 0).all() for own in crisis.governments.values())
    lull = group("dyad.combat", lull_share=0.9)
    resting = after(5, at(5, 5, IDLE, lull), replicates=10).governments["a"]
    assert (resting.rung == 5).all() and (resting.operations == 1).all()


def test_a_lapse_has_the_government_decide_whatever_its_clock_says():
    crisis = choosing(1, at(5, 5, IDLE, ALWAYS), at(5, 5, IDLE), replicates=300, every_rung=False)
    own = crisis.governments["a"]
    decides, moves = apart(own.decides, 2).mean(axis=1), apart(own.intent != own.rung, 2).mean(axis=1)
    assert decides.tolist() == [1, 0] and moves[0] > 0.5 and moves[1] == 0


@pytest.mark.parametrize(
    ("rung", "action_set", "within_reach"),
    [
        (5, "one_step", [1, 2, 3, 4, 5, 6]),
        (8, "two_steps", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
        (9, "one_step", [1, 2, 3, 4, 5, 8, 9]),
        (9, "any", list(range(10))),
    ],
)
def test_on_a_lapse_the_garrison_is_in_reach_beside_what_always_is(rung, action_set, within_reach):
    how = both("government", action_set=action_set)
    own = choosing(1, at(rung, rung, IDLE, ALWAYS, how), every_rung=False).governments["a"]
    assert own.reachable[0].nonzero()[0].tolist() == within_reach


@pytest.mark.parametrize(("rung", "renewal"), [(5, 1), (7, 0.5), (9, 0), (4, 0.25)])
def test_going_on_costs_the_climb_from_the_garrison_less_what_renewal_spares(rung, renewal):
    costs = both("government", step_up=0.6, step_down=0.4)
    own = choosing(1, at(rung, rung, IDLE, ALWAYS, costs, operations(from_rung=4, renewal=renewal))).governments["a"]
    j = np.arange(10)
    expected = renewal * 0.6 * np.maximum(np.minimum(j, rung) - 3, 0)
    expected = expected + 0.6 * np.maximum(j - max(rung, 3), 0) + 0.4 * np.maximum(3 - j, 0)
    np.testing.assert_allclose(own.terms["step"][0], -expected, atol=1e-12)
    steady = choosing(1, at(rung, rung, IDLE, costs)).governments["a"].terms["step"][0]
    np.testing.assert_allclose(steady, -0.6 * np.maximum(j - rung, 0) - 0.4 * np.maximum(rung - j, 0), atol=1e-12)


def test_operations_and_renewals_are_counted_by_policy():
    """A rise begins one; going on through a lapse renews it; coming down ends it; a lapse that ends one renews none."""
    crisis = after(1, at(3, 5, FROZEN))
    own, enemy = crisis.governments["a"], crisis.governments["b"]
    assert (own.operations, own.renewals, enemy.operations) == (0, 0, 1)
    days = [(5, False), (7, False), (6, True), (3, True), (4, False), (5, False), (5, True), (2, False)]
    counted = []
    for rung, lapses in days:
        own.lapses = np.array([lapses])
        own.new_rung = np.array([rung])
        own.enact_rung()
        counted.append((own.operations.item(), own.renewals.item()))
    assert counted == [(1, 0), (1, 0), (1, 1), (1, 1), (1, 1), (2, 1), (2, 2), (2, 2)]


def test_an_agreement_of_the_day_ends_an_operation_instead_of_a_renewal():
    crisis = after(1, at(5, 5, FROZEN))
    own = crisis.governments["a"]
    own.intent, own.lapses = np.array([6]), np.array([True])
    crisis.agreement.signed_today = np.array([True])
    own.set_policy()
    own.enact_rung()
    assert own.rung == 2 and own.renewals == 0


# -- hope -------------------------------------------------------------------------------------------------------------


def test_hope_fades_with_days_of_operation_and_slowly_comes_back():
    crisis = side_by_side(at(5, 5, FROZEN, both("government", hope_rate=0.1, hope_recovery=0.25)))
    own = crisis.governments["a"]
    assert own.hope == 1
    for _ in range(4):
        crisis.step()
    assert own.hope == pytest.approx(np.exp(-0.4))
    own.new_rung = np.array([2])
    own.enact_rung()
    own.update_hope()
    assert own.hope == pytest.approx(np.exp(-0.1 * 4 * 0.75))


def test_ground_gained_restores_hope_to_the_side_that_gains_it():
    crisis = after(5, at(5, 5, FROZEN, both("government", hope_rate=0.1)))
    crisis.territory.moved = np.array([0.01])
    for own in crisis.governments.values():
        own.update_hope()
    assert crisis.governments["b"].hope == 1 and crisis.governments["a"].hope == pytest.approx(np.exp(-0.6))


def test_an_assault_that_gains_ground_keeps_hope():
    even = group("dyad.combat", force_border_a=2, force_border_b=1, general_war_rung=10)
    crisis = after(5, at(7, 7, FROZEN, even, both("government", hope_rate=0.1)))
    assert crisis.territory.gain < 0
    assert crisis.governments["a"].hope == 1 and crisis.governments["b"].hope == pytest.approx(np.exp(-0.5))


@pytest.mark.parametrize("form", ["difference", "ratio"])
def test_hope_takes_its_share_of_what_is_contested_and_of_nothing_else(form):
    how = both("government", contest_form=form, force_drift=0.02, clock_crisis=1)
    crisis = choosing(
        3,
        at(5, 5, FROZEN, KNOWN, how, both("government", clock_crisis=0)),
        at(5, 5, FROZEN, KNOWN, how, both("government", clock_crisis=0, hope_rate=0.2)),
    )
    own = crisis.governments["a"]
    share = own.hope[1]
    assert own.hope[0] == 1 and share == pytest.approx(np.exp(-0.2 * 3))
    for name, term in own.terms.items():
        factor = share if name in ("contest", "postponement") else 1
        np.testing.assert_allclose(term[1], factor * term[0], atol=1e-9, err_msg=name)


# -- stocks -----------------------------------------------------------------------------------------------------------


def test_stocks_run_down_with_fire_and_are_refilled_at_rest():
    crisis = after(1, at(9, 1, FROZEN))
    own = crisis.governments["a"]
    assert own.stock == pytest.approx(0.14) and own.enemy.stock == 0
    own.fought[:] = 1
    own.update_fatigue()
    assert own.stock == pytest.approx(0.14 * 0.99)
    for _ in range(200):
        own.fought[:] = 9
        own.update_fatigue()
    assert 0.99 < own.stock <= 1


def test_a_stance_without_fire_uses_up_no_stocks_though_it_tires():
    own = after(1, *(at(rung, 1, FROZEN) for rung in (1, 2, 3, 4))).governments["a"]
    assert (own.stock[:3] == 0).all() and own.stock[3] > 0 and (own.fatigue[1:] > 0).all()


def test_empty_stocks_make_force_dearer_and_nothing_else():
    stocks = both("government", stock_cost=4)
    own = choosing(5, at(6, 6, FROZEN, KNOWN), at(6, 6, FROZEN, KNOWN, stocks)).governments["a"]
    for name, term in own.terms.items():
        factor = 1 + 4 * own.stock[1] if name == "material" else 1
        np.testing.assert_allclose(term[1], factor * term[0], atol=1e-12, err_msg=name)


# -- what can be won --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["difference", "ratio"])
@pytest.mark.parametrize("scope", [0, 0.5, 1])
def test_only_what_the_larger_force_can_win_is_at_stake(form, scope):
    for enemy in (0, 5):
        worlds = [
            at(3, enemy, FROZEN, KNOWN, both("government", contest_form=form, contest_scope=s)) for s in (0, scope)
        ]
        terms = choosing(0, *worlds).governments["a"].terms["contest"]
        in_play = np.maximum(FORCE, FORCE[enemy]) ** scope
        assert (in_play[0] == 1) == (scope == 0 or FORCE[enemy] == 1)
        np.testing.assert_allclose(terms[1], in_play * terms[0], atol=1e-12)


# -- nulls, bit for bit -----------------------------------------------------------------------------------------------

NULLS = {
    "without lapses renewal is nothing": operations(renewal=0.1),
    "without hope lost nothing is recovered": both("government", hope_recovery=0.5),
    "without a price of stocks they may run down": both("government", stock_gain=0.2, stock_recovery=0.2),
}


@pytest.mark.parametrize("changes", NULLS.values(), ids=NULLS.keys())
def test_a_mechanism_at_its_null_changes_no_bit(changes):
    plain, nulled = arms(scenario(), scenario(changes), replicates=30, days=30)
    assert different(plain, nulled) == ["point"]


def test_a_lowest_rung_without_lapses_or_hope_lost_only_counts():
    plain, lower = arms(scenario(), scenario(operations(from_rung=4)), replicates=150, days=30)
    assert different(plain, lower) == ["point", "operations_a", "operations_b"]


@pytest.mark.parametrize(
    ("null", "free"),
    [
        (both("public", casualty_weight=0), both("public", success_relief=1, casualty_sensitivity_sd=1.5)),
        (both("public", hardship_weight=0), both("public", hardship=1, exposure=0.95, exposed_hardship=2)),
        (
            both("public", casualty_weight=0, hardship_weight=0, fatigue_weight=0),
            both("public", burden_cap=0.5, success_relief=1, hardship=0),
        ),
        (both("government", protest_pressure=0), both("government", protest_reference=0.1)),
        (both("government", posture_commitment=0, rhetoric_commitment=0), both("public", inconsistency=6)),
        ({"dyad.incidents.out_of_contact": 1}, group("dyad.incidents", contact_centre=6, contact_width=4)),
    ],
    ids=["casualties", "hardship", "burden", "pressure", "commitment", "contact"],
)
def test_what_a_null_switches_off_changes_no_bit(null, free):
    """At the null, whatever the parameters that belong to it; away from the null they matter."""
    calm = {**null, **both("public", weariness=0)}
    plain, freed = arms(scenario(calm), scenario(calm, free), replicates=30, days=30)
    assert different(plain, freed) == ["point"]
    plain, freed = arms(scenario(), scenario(free), replicates=30, days=30)
    assert set(different(plain, freed)) > {"point"}


def test_exhaustion_without_weight_is_felt_at_the_table_alone():
    calm = both("public", fatigue_weight=0)
    plain, tired = arms(scenario(calm), scenario(calm, both("government", fatigue_gain=0.2)), replicates=30, days=30)
    assert different(plain, tired) == ["point"]


# -- everything at once -----------------------------------------------------------------------------------------------


def test_with_everything_on_both_sides_may_lapse_on_one_day_and_see_yesterday():
    crisis = after(1, scenario(ALL_MECHANISMS, NO_INCIDENTS), replicates=200, citizens=5)
    both_lapse = np.zeros(200, bool)
    for _ in range(10):
        crisis.step()
        one, other = (own.lapses for own in crisis.agents_by_type[Government])
        both_lapse |= one & other
    assert both_lapse.any()
