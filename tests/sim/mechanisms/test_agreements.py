"""Agreements: signed, kept at a price, broken by choice, and over when they are not kept."""

import numpy as np
import pytest

from sim.world import Accord
from tests.support.worlds import (
    DIRECT_TALKS,
    FROZEN,
    ONE_MEDIATOR,
    after,
    apart,
    both,
    choosing,
    group,
    scenario,
    side_by_side,
)

EAGER = {"talks.threshold": 5, "talks.slope": 10}
AGREED = scenario(
    FROZEN,
    ONE_MEDIATOR,
    EAGER,
    {"dyad.start_rung_a": 6, "dyad.start_rung_b": 4},
    group(
        "mediation",
        enforcement=0.5,
        leverage=1,
        manipulation=0.8,
        secrecy=0,
        cover=0.6,
        formulation=1,
        leverage_half_life=10,
    ),
)
"""Two sides that sign a mediated agreement on the first day and then stay where it puts them."""


def test_any_agreement_brings_both_sides_down_to_two_at_most():
    for world, kind in ((AGREED, Accord.MEDIATED), (scenario(FROZEN, DIRECT_TALKS, EAGER), Accord.DIRECT)):
        crisis = after(1, world)
        assert (crisis.agreement.kind, crisis.agreement.in_force) == (kind, True)
        assert all(own.rung == 2 for own in crisis.governments.values())


def test_whoever_stands_lower_stays_lower():
    crisis = after(1, AGREED.replaced({"dyad.start_rung_b": 1}))
    assert [own.rung.item() for own in crisis.governments.values()] == [2, 1]


def test_agreements_are_counted_dated_and_named():
    crisis = after(3, AGREED.replaced({"mediation.delay": 2}))
    agreement = crisis.agreement
    assert (agreement.number, agreement.first_day, agreement.first_kind, agreement.age) == (1, 2, Accord.MEDIATED, 1)


def test_a_mediated_agreement_carries_what_its_mediators_gave_and_a_direct_one_nothing():
    mediated = after(1, AGREED).agreement
    assert (mediated.enforcement, mediated.verification, mediated.half_life) == (0.5, 0.2, 10)
    assert mediated.leverage == pytest.approx(0.8) and mediated.cover == pytest.approx(0.6)
    direct = after(1, scenario(FROZEN, DIRECT_TALKS, EAGER)).agreement
    assert (direct.enforcement, direct.verification, direct.leverage, direct.cover) == (0, 0, 0, 0)


def test_cover_lasts_as_long_as_the_agreement_by_its_share():
    for share in (0, 0.5, 1):
        crisis = after(4, AGREED.replaced({"talks.settlement_cover": share}))
        assert crisis.agreement.cover == pytest.approx(0.6 * share)


# -- the price of breaking it -----------------------------------------------------------------------------------------


def test_breaking_costs_enforcement_and_what_is_left_of_leverage():
    crisis, price = after(1, AGREED), []
    for _ in range(21):
        price.append(crisis.agreement.price_of_breaking.item())
        crisis.step()
    lever = np.array(price) - 2 * 0.5 - 0.2
    np.testing.assert_allclose(lever, 0.8 * 0.5 ** ((np.arange(21) + 1) / 10))
    assert lever[10] == pytest.approx(lever[0] / 2), "leverage fades by half in its half-life"


def test_a_word_given_costs_something_to_break_without_any_mediator():
    direct = scenario(FROZEN, DIRECT_TALKS, EAGER)
    prices = [after(1, direct.replaced({"talks.given_word": word})).agreement.price_of_breaking for word in (0, 0.2, 1)]
    assert prices == [0, 0.2, 1]


def test_the_price_falls_on_force_alone():
    crisis = choosing(3, AGREED)
    term = crisis.governments["a"].terms["agreement"][0]
    assert (term[:4] == 0).all() and (term[4:] == -crisis.agreement.price_of_breaking).all()
    unpriced = choosing(3, AGREED.replaced({"talks.breaking": 0, "mediation.leverage": 0, "talks.given_word": 0}))
    assert (unpriced.governments["a"].terms["agreement"] == 0).all()


def test_nothing_is_violated_by_decree_and_nothing_kept_by_decree():
    """Under an agreement a government still chooses, and at a low price and a high stake it may choose force."""
    willing = {
        **both(
            "government",
            clock_crisis=1,
            clock_calm=1,
            resolve=12,
            reciprocity=0,
            readiness_cost=0,
            domestic_weight=0,
            material_cost=0,
            casualty_cost=0,
            step_up=0,
        ),
        "mediation.enforcement": 0,
        "mediation.leverage": 0,
    }
    crisis = after(6, AGREED.replaced(willing), replicates=100)
    assert crisis.agreement.collapses.mean() > 0.2
    dear = after(
        6,
        AGREED.replaced(
            {
                **willing,
                "mediation.enforcement": 1,
                "talks.breaking": 6,
                "mediation.leverage": 1.5,
                "mediation.manipulation": 1,
            }
        ),
        replicates=100,
    )
    assert dear.agreement.collapses.mean() < crisis.agreement.collapses.mean() - 0.2


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("mediation.enforcement", 0, 1),
        ("mediation.leverage", 0, 1.5),
        ("mediation.leverage_half_life", 7, 120),
        ("talks.breaking", 0, 6),
    ],
)
def test_agreements_last_longer_with(name, low, high):
    tempted = {
        **both("government", clock_crisis=1, clock_calm=1, resolve=8, step_up=0),
        "mediation.enforcement": 0.3,
        "talks.threshold": 5,
        "mediation.manipulation": 1,
    }
    crisis = after(25, *(AGREED.replaced({**tempted, name: value}) for value in (low, high)), replicates=150)
    brittle, solid = apart(crisis.agreement.collapses, 2).mean(axis=1)
    assert solid < brittle


# -- how it ends ------------------------------------------------------------------------------------------------------


def live(days, *changes):
    """A crisis under an agreement signed yesterday, and what happens to it when policy and incidents are as given.

    ``days`` lists (policy of a, incident of b) by day.
    """
    crisis = after(1, AGREED.replaced({key: value for change in changes for key, value in change.items()}))
    in_force = []
    for policy, incident in days:
        for own in crisis.governments.values():
            own.rung[:] = own.intent[:] = 2
            own.fought[:] = 2
        crisis.governments["a"].rung[:] = crisis.governments["a"].fought[:] = policy
        crisis.governments["b"].fought[:] = max(2, incident)
        crisis.agreement.signed_today = np.array([False])
        crisis.agreement.end_of_day()
        in_force.append(crisis.agreement.in_force.item())
    return crisis.agreement, in_force


@pytest.mark.parametrize(
    ("days", "in_force"),
    [
        ([(2, 0)] * 3, [True] * 3),
        ([(4, 0)], [True]),
        ([(4, 0), (4, 0)], [True, False]),
        ([(4, 0), (2, 0), (4, 0)], [True, True, True]),
        ([(3, 0)] * 3, [True] * 3),
        ([(2, 5), (2, 5)], [True, False]),
        ([(2, 4)] * 3, [True] * 3),
        ([(4, 0), (2, 5)], [True, False]),
    ],
)
def test_two_days_of_force_in_a_row_end_it_and_small_arms_of_troops_in_contact_do_not(days, in_force):
    agreement, seen = live(days)
    assert seen == in_force
    assert agreement.collapses == (not in_force[-1])


@pytest.mark.parametrize("patience", [1, 3])
def test_how_many_days_end_it_can_be_set(patience):
    _, seen = live([(5, 0)] * 4, {"talks.violation_days": patience})
    assert seen == [day + 1 < patience for day in range(4)]


def test_the_day_of_signing_does_not_count():
    crisis = side_by_side(
        AGREED.replaced(
            {"talks.violation_days": 1, "dyad.trigger_rung": 6, "dyad.trigger_side": "a", "dyad.trigger_endorsed": 0}
        )
    )
    crisis.step()
    assert crisis.governments["a"].fought == 6 and crisis.agreement.in_force


def test_a_collapse_takes_everything_with_it():
    agreement, _ = live([(5, 0), (5, 0)])
    assert (agreement.price_of_breaking, agreement.cover, agreement.enforcement, agreement.leverage, agreement.age) == (
        0,
        0,
        0,
        0,
        0,
    )


def test_after_a_collapse_there_can_be_another():
    agreement, _ = live([(5, 0), (5, 0)])
    yes, no = np.array([True]), np.array([False])
    agreement.sign(direct=yes, mediated=no)
    assert (agreement.kind, agreement.number, agreement.collapses) == (Accord.DIRECT, 2, 1)
    assert (agreement.first_day, agreement.first_kind) == (0, Accord.MEDIATED)


def test_a_settlement_that_is_imposed_takes_the_place_of_an_agreement():
    crisis = after(1, AGREED.replaced(group("dyad.territory", settlement=0.2, imposed_enforcement=0.9)))
    crisis.territory.gain, crisis.highest_fought = np.array([0.5]), np.array([8])
    no = np.array([False])
    crisis.agreement.sign(direct=no, mediated=no)
    assert (crisis.agreement.kind, crisis.agreement.enforcement, crisis.agreement.cover) == (Accord.IMPOSED, 0.9, 0)
    assert crisis.agreement.number == 1, "imposed settlements are not counted among agreements"


def test_an_agreement_keeps_facts_found_for_both_publics():
    crisis = after(3, AGREED.replaced({"mediation.verification": 0.7, "mediation.mission": 1}))
    assert not crisis.mediators[0].active and crisis.talks.verification == 0.7
