"""Talks: who is at the table, what an offer is worth, and whether both sides take it."""

import numpy as np
import pytest
from scipy.special import expit

from sim.world import Channel
from tests.support.worlds import (
    DIRECT_TALKS,
    FROZEN,
    ONE_MEDIATOR,
    after,
    apart,
    arms,
    both,
    choosing,
    group,
    scenario,
)

TABLE = {**FROZEN, **ONE_MEDIATOR, "dyad.start_rung_a": 5, "dyad.start_rung_b": 5}
"""Two sides at rung 5 who stay there, and a mediator who tries every day."""
PLACEBO = group(
    "mediation",
    facilitation=0,
    formulation=0,
    manipulation=0,
    cover=0,
    leverage=0,
    secrecy=0,
    bias=0,
    verification=0,
    enforcement=0,
)
REFUSED = {"talks.threshold": -5, "talks.slope": 10}


def at_table(*changes):
    return scenario(TABLE, *changes)


def worth(*worlds, side="a", channel=Channel.MEDIATED, days=0, replicates=1):
    """The terms of the day's offer to a side, by name, (worlds x replicates,) each."""
    crisis = choosing(days, *(world.replaced(REFUSED) for world in worlds), replicates=replicates)
    return crisis.talks.terms(crisis.governments[side], channel)


def only(term, *worlds, **options):
    """Values of one term; all other terms must not differ between the worlds."""
    terms = worth(*worlds, **options)
    changed = {name for name, values in terms.items() if len(set(np.round(values, 12))) > 1}
    assert changed <= {term}, changed
    return terms[term]


# -- the terms --------------------------------------------------------------------------------------------------------


def test_an_offer_is_weighed_in_these_terms():
    assert list(worth(at_table())) == [
        "settling",
        "leverage",
        "distrust",
        "text",
        "unfairness",
        "ripeness",
        "asking",
        "shopping",
    ]


def test_a_text_is_worth_its_drafting():
    worlds = [
        at_table({"mediation.formulation": share, "mediation.cover": 0, "mediation.failure_cost": 0})
        for share in (0, 0.5, 1)
    ]
    np.testing.assert_allclose(only("text", *worlds), [0, 0.25, 0.5])
    assert (only("text", *(world.replaced({"talks.form": 0}) for world in worlds)) == 0).all()


def test_a_text_carries_part_of_the_cover():
    covers = [
        choosing(
            0,
            at_table(
                {
                    "mediation.formulation": share,
                    "mediation.cover": 0.8,
                    "talks.text_cover": part,
                    "mediation.secrecy": 0,
                }
            ),
        ).talks.offer_cover.item()
        for share, part in ((0, 0.5), (1, 0.5), (0, 0), (0, 1), (1, 1))
    ]
    assert covers == pytest.approx([0.4, 0.8, 0.8, 0, 0.8])


def test_leverage_pushes_as_far_as_it_is_used():
    calm = both("public", hawkishness=-0.4, hawkishness_sd=0)
    lever = [
        at_table(calm, {"mediation.leverage": lev, "mediation.manipulation": use, "mediation.failure_cost": 0})
        for lev, use in ((1.5, 0), (0, 1), (1, 0.5), (1.5, 1))
    ]
    np.testing.assert_allclose(only("leverage", *lever), [0, 0, 0.5, 1.5])


def test_pressure_in_public_provokes_a_hawkish_public():
    hawks = both("public", hawkishness=0.5, hawkishness_sd=0)
    push = {"mediation.leverage": 1, "mediation.manipulation": 1, "mediation.failure_cost": 0}
    worlds = [
        at_table(hawks, push, {"mediation.backlash": backlash, "mediation.secrecy": secrecy})
        for backlash, secrecy in ((0, 0), (0.5, 0), (1.5, 0), (1.5, 1))
    ]
    none, some, most, secret = worth(*worlds)["leverage"]
    assert none == 1 > some > most and secret == 1
    doves = [at_table(both("public", hawkishness=-0.4, hawkishness_sd=0), push, {"mediation.backlash": 1.5})]
    assert worth(*doves)["leverage"] == 1


def test_a_promise_is_trusted_verified_or_vouched_for():
    # no messages, so that facilitation does not also move trust itself
    base = {
        "talks.messages": 0,
        "talks.fog_relief": 0,
        "mediation.verification": 0,
        "mediation.facilitation": 0,
        **both("government", trust_start=0, trust_learning=0, private_precision=0),
        **both("public", blame_verification=0),
    }
    worlds = [
        at_table(base, change)
        for change in (
            {},
            both("government", trust_start=1, conciliation=0, rhetoric_erosion=0),
            {"mediation.verification": 0.5},
            {"mediation.facilitation": 1},
            {"talks.distrust": 0},
        )
    ]
    np.testing.assert_allclose(worth(*worlds)["distrust"], [-1, 0, -0.5, -0.6, 0], atol=1e-12)
    trusting_nobody = at_table(base, {"mediation.facilitation": 1, "talks.trust_relief": 0})
    assert worth(trusting_nobody)["distrust"] == -1


def test_exhaustion_ripens_only_when_it_is_mutual():
    crisis = choosing(2, *(at_table(REFUSED, {"talks.ripeness": b}) for b in (0, 0.5, 2)))
    a, b = crisis.governments["a"], crisis.governments["b"]
    a.fatigue, b.fatigue = np.full(3, 0.8), np.full(3, 0.2)
    for own in (a, b):
        np.testing.assert_allclose(crisis.talks.terms(own, Channel.MEDIATED)["ripeness"], [0, 0.1, 0.4])


def test_being_seen_to_ask_costs_face_and_cover_spares_it():
    public = {"mediation.secrecy": 0, "mediation.formulation": 1, "mediation.failure_cost": 0}
    worlds = [
        at_table(public, {"mediation.cover": cover, "talks.asking": price})
        for cover, price in ((0, 0), (0, 1), (0.5, 1), (1, 1))
    ]
    asked = apart(worth(*worlds, replicates=200)["asking"], 4)
    other = apart(worth(*worlds, replicates=200, side="b")["asking"], 4)
    assert (asked[0] == 0).all() and (asked[3] == 0).all()
    seen = asked[1] < 0
    assert 0.35 < seen.mean() < 0.65, "who asked is drawn"
    np.testing.assert_array_equal(seen, other[1] == 0)
    np.testing.assert_allclose(asked[2], asked[1] / 2)


def test_secrecy_hides_who_asked():
    shares = [
        (
            worth(at_table({"mediation.secrecy": secrecy, "mediation.cover": 0, "talks.leak": 0}), replicates=300)[
                "asking"
            ]
            < 0
        ).mean()
        for secrecy in (0, 0.5, 1)
    ]
    assert shares[0] == pytest.approx(0.5, abs=0.1) and shares[1] == pytest.approx(0.25, abs=0.08) and shares[2] == 0


def test_a_weak_showing_costs_more_before_an_adversary_that_frames_it():
    worlds = [
        at_table({"mediation.secrecy": 0, "mediation.cover": 0}, both("public", weakness=w, framing=f))
        for w, f in ((0, 2), (1, 0), (1, 2))
    ]
    asking = apart(worth(*worlds, replicates=40, days=1)["asking"], 3).min(axis=1)
    assert asking[0] == 0 and asking[2] < asking[1] < 0


def test_bias_repels_the_side_it_works_against():
    worlds = [at_table({"mediation.bias": bias, "talks.credibility": 0}) for bias in (-1, 0, 0.5)]
    np.testing.assert_allclose(only("unfairness", *worlds, side="a"), [0, 0, -0.3])
    np.testing.assert_allclose(only("unfairness", *worlds, side="b"), [-0.6, 0, 0])
    fair = [world.replaced({"talks.unfairness": 0}) for world in worlds]
    assert (only("unfairness", *fair) == 0).all()
    welcome = [world.replaced({"talks.unfairness": -0.5}) for world in worlds]
    assert only("unfairness", *welcome)[2] > 0


def test_several_mediators_cost_unless_they_act_as_one():
    three = {
        **group("mediation.second", present=1, delay=0, effort=1),
        **group("mediation.third", present=1, delay=0, effort=1),
    }
    worlds = [at_table(three, {"mediation.coordination": c, "talks.shopping": 0.4}) for c in (0, 0.5, 1)]
    np.testing.assert_allclose(worth(*worlds)["shopping"], [-0.8, -0.4, 0])
    assert worth(at_table({"mediation.coordination": 0}))["shopping"] == 0


def test_coordination_adds_up_what_several_bring():
    two = group("mediation.second", present=1, delay=0, effort=1, leverage=0.5, manipulation=1, facilitation=0.4)
    lead = {
        "mediation.leverage": 1,
        "mediation.manipulation": 1,
        "mediation.facilitation": 0.3,
        **both("public", hawkishness=-0.4, hawkishness_sd=0),
    }
    for coordination in (0, 0.5, 1):
        crisis = choosing(0, at_table(two, lead, {"mediation.coordination": coordination}))
        assert crisis.talks.facilitation == pytest.approx(0.4 + coordination * 0.3)
        offer = crisis.talks.terms(crisis.governments["a"], Channel.MEDIATED)
        assert offer["leverage"] == pytest.approx(1 + coordination * 0.5)


def test_facilitation_together_is_a_share_still():
    crisis = choosing(
        0,
        at_table(
            {"mediation.facilitation": 1, "mediation.coordination": 1},
            group("mediation.second", present=1, delay=0, facilitation=1),
        ),
    )
    assert crisis.talks.facilitation == 1


def test_standing_scales_what_a_mediator_brings():
    levers = {
        "mediation.leverage": 1,
        "mediation.manipulation": 1,
        "mediation.cover": 0.8,
        "mediation.secrecy": 0,
        "mediation.formulation": 1,
        **both("public", hawkishness=-0.4, hawkishness_sd=0),
    }
    crisis = choosing(0, at_table(levers))
    fresh = crisis.talks.terms(crisis.governments["a"], Channel.MEDIATED)
    crisis.mediators[0].standing = np.array([0.5])
    crisis.talks.open()
    spent = crisis.talks.terms(crisis.governments["a"], Channel.MEDIATED)
    assert spent["leverage"] == fresh["leverage"] / 2 and spent["text"] == fresh["text"] / 2
    assert crisis.talks.offer_cover == pytest.approx(0.4 * 0.75)


def test_settling_is_worth_more_the_more_war_costs_and_the_less_honour_asks():
    costly = at_table(both("government", material_cost=6))
    proud = at_table(both("public", inconsistency=6), {"mediation.cover": 0})
    base, war_costs, honour_asks = worth(at_table({"mediation.cover": 0}), costly, proud)["settling"]
    assert war_costs > base > honour_asks


def test_cover_makes_settling_worth_more():
    settling = worth(
        *(
            at_table({"mediation.cover": cover, "mediation.secrecy": 0, "mediation.formulation": 1})
            for cover in (0, 0.5, 1)
        )
    )["settling"]
    assert (np.diff(settling) > 0).all()


def test_the_cost_of_coming_down_is_a_lump_sum_unless_it_is_spread_over_the_days_planned_for():
    lump = worth(*(at_table(both("government", planning_days=days)) for days in (1, 14, 60)))["settling"]
    assert lump[0] == lump[1] == lump[2]
    spread = {"talks.descent_window": 1}
    settling = worth(*(at_table(spread, both("government", planning_days=days)) for days in (1, 14, 60)))["settling"]
    assert (np.diff(settling) > 0).all() and settling[0] == pytest.approx(lump[0])
    free = worth(*(at_table(both("government", planning_days=d, step_down=0)) for d in (1, 60)))["settling"]
    assert free[0] == free[1]


# -- channels ---------------------------------------------------------------------------------------------------------


def test_direct_talks_have_nothing_that_only_a_third_party_can_bring():
    loaded = {
        **DIRECT_TALKS,
        "mediation.leverage": 1.5,
        "mediation.manipulation": 1,
        "mediation.formulation": 1,
        "mediation.bias": 1,
        "mediation.verification": 1,
        "talks.messages": 0,
    }
    direct = worth(at_table(loaded), channel=Channel.DIRECT)
    assert [direct[name] for name in ("leverage", "text", "unfairness", "shopping")] == [0, 0, 0, 0]
    half_trust = both("government", trust_start=0.5, trust_learning=0, private_precision=0, rhetoric_erosion=0)
    assert worth(at_table(loaded, half_trust), channel=Channel.DIRECT)["distrust"] == pytest.approx(-0.5)


def test_a_placebo_offers_what_direct_talks_offer():
    """With every lever at zero what is left is the channel: the same rule, the same worth."""
    world = at_table(PLACEBO, {"talks.present": 1, "talks.secrecy": 0, "talks.asking": 0})
    direct, mediated = (worth(world, channel=channel) for channel in (Channel.DIRECT, Channel.MEDIATED))
    assert direct == mediated


def test_direct_attempts_come_with_trust():
    for trust in (0, 0.4, 1):
        still = both("government", trust_start=trust, private_precision=0, rhetoric_erosion=0)
        world = scenario(FROZEN, REFUSED, still, {"talks.present": 1, "talks.rate": 0.5})
        crisis = choosing(1, world, replicates=1500, citizens=5)
        assert crisis.talks.direct.mean() == pytest.approx(0.5 * trust, abs=0.04)


@pytest.mark.parametrize(("rung", "tried"), [(2, False), (3, True)])
def test_nobody_talks_in_a_calm(rung, tried):
    calm = {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung}
    crisis = choosing(0, scenario(FROZEN, DIRECT_TALKS, calm))
    assert crisis.talks.direct == tried


def test_nobody_negotiates_what_has_been_agreed():
    crisis = after(1, scenario(FROZEN, DIRECT_TALKS, REFUSED))
    crisis.agreement.kind[:] = 1
    crisis.step()
    assert not crisis.talks.direct


# -- secrecy and leaks ------------------------------------------------------------------------------------------------


def test_only_secret_talks_can_leak_and_leaks_cost_the_cover():
    worlds = [
        at_table({"mediation.secrecy": secrecy, "talks.leak": leak, "mediation.cover": 1, "mediation.formulation": 1})
        for secrecy, leak in ((0, 0.5), (1, 0), (1, 0.5), (0.5, 0.5))
    ]
    crisis = choosing(0, *worlds, replicates=1000, citizens=5)
    leaked, cover = apart(crisis.talks.leaked, 4), apart(crisis.talks.offer_cover, 4)
    np.testing.assert_allclose(leaked.mean(axis=1), [0, 0, 0.5, 0.25], atol=0.04)
    assert (cover[leaked] == 0).all() and (cover[~leaked] == 1).all()


def test_a_leak_shows_who_asked():
    def asked(leak):
        world = at_table({"mediation.secrecy": 1, "talks.leak": leak, "mediation.cover": 0})
        return (worth(world, replicates=400)["asking"] < 0).mean()

    assert asked(0) == 0 and asked(0.5) == pytest.approx(0.25, abs=0.06)


def test_direct_talks_can_be_secret_and_leak_too():
    shares = [
        (
            worth(
                scenario(FROZEN, DIRECT_TALKS, {"talks.secrecy": secrecy, "talks.leak": leak}),
                channel=Channel.DIRECT,
                replicates=400,
            )["asking"]
            < 0
        ).mean()
        for secrecy, leak in ((0, 0), (1, 0), (1, 0.5))
    ]
    assert shares[0] == pytest.approx(0.5, abs=0.08) and shares[1] == 0 and shares[2] == pytest.approx(0.25, abs=0.07)


def test_the_least_secret_mediator_sets_the_secrecy():
    crisis = choosing(
        0, at_table({"mediation.secrecy": 0.9}, group("mediation.second", present=1, delay=0, effort=1, secrecy=0.2))
    )
    assert crisis.talks.secrecy == 0.2


# -- acceptance -------------------------------------------------------------------------------------------------------


def test_both_must_accept_and_each_does_by_the_worth_of_it():
    world = at_table({"talks.threshold": 0.2, "mediation.secrecy": 0})
    crisis = after(1, world, replicates=3000, citizens=5)
    offers = crisis.talks.offered[Channel.MEDIATED]
    chance = [expit(2 * (sum(offers[side].values()) + 0.2)) for side in "ab"]
    expected = chance[0] * chance[1]
    assert crisis.agreement.mediated_today.mean() == pytest.approx(expected.mean(), abs=4 * np.sqrt(0.25 / 3000))


@pytest.mark.parametrize(("threshold", "agreed"), [(-5, 0.0), (5, 1.0)])
def test_readiness_to_accept_anything_decides_in_the_limit(threshold, agreed):
    crisis = after(1, at_table({"talks.threshold": threshold, "talks.slope": 10}), replicates=100)
    assert crisis.agreement.mediated_today.mean() == agreed


def test_a_steeper_rule_follows_worth_more_closely():
    world = at_table({"talks.threshold": -2})
    rates = [
        after(1, world.replaced({"talks.slope": slope}), replicates=300).agreement.mediated_today.mean()
        for slope in (0.2, 10)
    ]
    assert rates[0] > rates[1]


def test_when_both_channels_succeed_the_mediators_get_the_credit():
    eager = {**DIRECT_TALKS, "talks.threshold": 5, "talks.slope": 10}
    crisis = after(1, at_table(eager), replicates=30)
    assert crisis.talks.direct.all() and crisis.agreement.mediated_today.all()
    assert (crisis.agreement.kind == 2).all() and (crisis.agreement.number == 1).all()


@pytest.mark.parametrize(
    ("name", "low", "high", "sign"),
    [
        ("mediation.cover", 0, 1, 1),
        ("mediation.verification", 0, 1, 1),
        ("mediation.formulation", 0, 1, 1),
        ("mediation.leverage", 0, 1.5, 1),
        ("mediation.effort", 0.05, 1, 1),
        ("talks.distrust", 0, 3, -1),
        ("talks.asking", 0, 3, -1),
        ("talks.threshold", -3, 1, 1),
        ("mediation.failure_cost", 0, 1, -1),
    ],
)
def test_agreements_come_sooner_or_later_with(name, low, high, sign):
    world = at_table({"talks.threshold": -1.5, "mediation.manipulation": 1})
    less, more = arms(*(world.replaced({name: value}) for value in (low, high)), days=6, replicates=300)
    share = [(arm["agreements"] > 0).mean() for arm in (less, more)]
    assert (share[1] - share[0]) * sign > 0


def test_the_first_attempt_is_dated():
    low, high = arms(at_table({"mediation.delay": 4}, REFUSED), at_table({"mediation.effort": 0}), replicates=5)
    assert (low["mediation_day"] == 4).all() and low["mediated"].all()
    assert (high["mediation_day"] == -1).all() and not high["mediated"].any()
