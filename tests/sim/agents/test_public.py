"""A public: what it thinks of the options, what backing down costs, and what rallies it."""

import numpy as np
import pytest
from scipy.special import expit, logit

from sim.agents.government import Government
from sim.kernels.views import price_of_honour
from sim.ladder import FORCE
from tests.support.worlds import FROZEN, after, apart, both, choosing, on_day, scenario, side_by_side

PLEDGED = both("government", posture_commitment=1)
"""Where a government stands it stands committed in full."""
ARMED = {**FROZEN, **PLEDGED, "dyad.start_rung_a": 5, "dyad.start_rung_b": 5}
SILENT = both("public", inconsistency=0, weakness=0, belligerence=0)
"""Honour charges nothing, whatever a government does."""
STILL = both("public", anchor_pull=0, conformity=0, media_pull=0, anger_pull=0, weariness=0)
"""Nothing moves attitudes."""
AT_REST = {"dyad.start_rung_a": 1, "dyad.start_rung_b": 1}
UNBURDENED = both("public", casualty_weight=0, hardship_weight=0, fatigue_weight=0)
"""Losses, hardship and exhaustion weigh nothing."""


def publics(*worlds, days=0, **options):
    """The public of side a in each world, having weighed its options on the morning after some days."""
    crisis = after(days, *worlds, **{"replicates": 1, "citizens": 200} | options)
    on_day(crisis, days).talks.open()
    crisis.weighs_daily = True
    crisis._each(Government, "perceive")
    crisis._each(Government, "draw_decision")
    crisis.publics["a"].evaluate_options()
    return crisis.publics["a"]


def world(*changes, at=ARMED, **public):
    return scenario(at, *changes, both("public", **public))


# -- the equation -----------------------------------------------------------------------------------------------------


def by_hand(public, rung, enemy, cover=0.0):
    """A citizen's evaluation of a rung, written out, and the share that approves."""
    p = {name: values[0] for name, values in vars(public.values).items()}
    own = public.government
    citizens = {name: values[0].astype(float) for name, values in public.citizens._asdict().items()}
    kappa, step_down = own.commitment[0], rung < own.rung[0]
    framed = p["weakness"] * (1 + p["framing"] * own.enemy.rhetoric[0])
    beneath = max(enemy - (p["reciprocation"] * own.trust[0] if step_down else 0) - rung, 0)
    price = (p["inconsistency"] * max(kappa - rung, 0) + framed * beneath) / 9 * (1 - cover)
    preferred = np.where(citizens["attitude"] >= 0, 1 + 8 * citizens["attitude"], 1 + citizens["attitude"])
    value = (
        p["base_approval"]
        + p["rally_weight"] * public.rally[0]
        - p["mismatch"] * ((preferred - rung) / 9) ** 2
        - citizens["honour"] * price
        - p["belligerence"] * (1 - citizens["honour"]) * max(kappa - 4, 0) / 9
    )
    return expit(p["approval_slope"] * value).mean()


@pytest.mark.parametrize("days", [0, 6])
def test_approval_of_options_is_what_the_equation_says(days):
    public = publics(world({"dyad.reporting.disclosure_a": 0.5}), days=days)
    own = public.government
    for rung in range(own.rung[0] - 2, own.rung[0] + 3):
        expected = by_hand(public, rung, own.beliefs.rung[0])
        assert public.approval_of_options[0, rung] == pytest.approx(expected, abs=1e-9)


def burden_by_hand(public):
    """What losses, hardship and exhaustion weigh on each citizen, as a share of approval at rung 5, written out."""
    p = {name: values[0] for name, values in vars(public.values).items()}
    own, report = public.government, public.model.reports.of(public.side)
    citizens = {name: values[0].astype(float) for name, values in public.citizens._asdict().items()}
    told, hidden = np.log10(1 + report.told[0]), np.log10(1 + report.told[0] + report.leaked[0])
    believed = told + (1 - citizens["media_trust"] * report.credit[0]) * (hidden - told)
    relief = 1 - p["success_relief"] * report.success[0]
    losses = p["casualty_weight"] * citizens["casualty_sensitivity"] * believed * relief
    return losses + p["hardship_weight"] * p["hardship"] * citizens["exposure"] + p["fatigue_weight"] * own.fatigue[0]


BURDENED = {"dyad.combat.hurdle": 0, **both("government", fatigue_gain=0.2, rhetoric_discipline=1, private_precision=0)}
"""Losses and exhaustion are felt, and nobody talks of them or tells the other side how ready it is."""


@pytest.mark.parametrize("days", [0, 6])
def test_the_burden_of_fighting_is_what_the_equation_says(days):
    public = publics(world(BURDENED), days=days)
    assert public.burden[0] == pytest.approx(burden_by_hand(public).mean(), abs=1e-12) and public.burden[0] > 0


def test_the_burden_weighs_on_each_option_as_its_force_does_and_not_on_its_approval():
    war = {"dyad.start_rung_a": 7, "dyad.start_rung_b": 7}
    crisis = choosing(4, world(war, BURDENED), world(war, BURDENED, UNBURDENED))
    own, public = crisis.governments["a"], crisis.publics["a"]
    weight = own.domestic_weight[0] * public.burden[0]
    np.testing.assert_allclose(own.terms["burden"][0], -weight * (FORCE - FORCE[7]) / FORCE[5], atol=1e-12)
    assert (own.terms["burden"][1] == 0).all() and own.terms["burden"][0, 2] > 0 > own.terms["burden"][0, 9]
    np.testing.assert_array_equal(*public.approval_of_options)


@pytest.mark.parametrize(("rung", "cap"), [(2, 2), (5, 2), (8, 2), (8, 0.5)])
def test_approval_bears_the_burden_by_the_force_of_policy_up_to_a_cap(rung, cap):
    """In proportion to the force in use; it all shows on the day on which approval follows at once."""
    here = {"dyad.start_rung_a": rung, "dyad.start_rung_b": 5}
    how = {"approval_speed": 1, "burden_cap": cap}
    crisis = after(3, world(STILL, here, BURDENED, **how), world(STILL, here, BURDENED, UNBURDENED, **how), citizens=50)
    public = crisis.publics["a"]
    # Exhaustion has moved on since citizens judged; it is taken back.
    day = on_day(after(2, world(STILL, here, BURDENED, **how), citizens=50), 2)
    with_, without = logit(public.citizens.approval)
    crisis.governments["a"].fatigue = np.repeat(day.governments["a"].fatigue, 2)
    expected = np.minimum(4 * burden_by_hand(public) * FORCE[rung] / FORCE[5], cap)
    np.testing.assert_allclose(without - with_, expected, atol=1e-9)


def test_on_the_eve_of_day_0_hardship_weighs_already():
    light, heavy = apart(side_by_side(world(hardship_weight=0), world(hardship_weight=0.1)).publics["a"].approval, 2)
    assert heavy < light


# -- audience costs ---------------------------------------------------------------------------------------------------


def test_audience_cost_is_nothing_where_honour_charges_nothing():
    assert publics(world(SILENT)).audience_cost == 0


@pytest.mark.parametrize("source", ["inconsistency", "belligerence"])
def test_each_source_of_audience_cost_adds_to_it_by_itself(source):
    worlds = [world(SILENT, both("public", **{source: weight})) for weight in (0, 1, 2)]
    none, some, more = publics(*worlds).audience_cost
    assert 0 == none < some < more


def test_weakness_is_paid_against_holding_not_against_staying_out():
    """Staying out leaves a side as far beneath the enemy as stepping down does; holding does not."""
    none, some, more = (publics(world(SILENT, both("public", weakness=weight))) for weight in (0, 1, 2))
    assert none.audience_cost == some.audience_cost == more.audience_cost == 0
    assert none.step_down_penalty < some.step_down_penalty < more.step_down_penalty


def price(public, rung, enemy=5.0, cover=0.0):
    """What honour charges at a rung, before each citizen's own honour weighs it."""
    honour = public.honour()
    return price_of_honour(honour, 0, float(rung), enemy, cover, honour.commitment[0])


def test_the_adversarys_words_frame_a_step_down_as_weakness():
    public = publics(world(SILENT, both("public", weakness=1)))
    before = price(public, 4)
    public.government.enemy.rhetoric = np.ones(1)
    assert before > 0 and price(public, 4) == pytest.approx(1.5 * before)
    public.values.framing = np.zeros(1)
    assert price(public, 4) == before


def test_sources_can_be_switched_off_one_at_a_time():
    costs = {source: cost.item() for source, cost in publics(world()).audience_cost_by_source().items()}
    assert list(costs) == ["none", "inconsistency", "weakness", "belligerence"]
    assert costs["none"] > costs["inconsistency"] and costs["none"] > costs["belligerence"]
    assert costs["none"] == pytest.approx(publics(world()).audience_cost.item(), abs=1e-12)


def test_audience_cost_grows_with_commitment():
    public = publics(*(world({"government.a.commitment_start": kappa}) for kappa in (5, 7, 9)))
    assert (np.diff(public.audience_cost) > 0).all()


def test_cover_of_an_agreement_softens_the_penalty_and_leaves_the_audience_cost():
    """What an experiment on backing down measures has no mediator in it."""
    crisis = after(2, world(hawkishness=0.2), weighs_daily=True)
    public, cost, penalty = crisis.publics["a"], [], []
    for cover in (0.0, 0.8):
        crisis.agreement.cover[:] = cover
        public.evaluate_options()
        cost.append(public.audience_cost.item())
        penalty.append(public.step_down_penalty.item())
    assert cost[0] == cost[1] and penalty[1] < penalty[0]


def test_whoever_cares_little_for_honour_charges_little():
    public = publics(*(world(honour=honour, belligerence=0) for honour in (0.05, 0.5, 0.95)))
    assert (np.diff(public.audience_cost) > 0).all()


def test_a_full_pledge_has_an_audience_cost_in_the_range_of_experiments():
    cost = publics(world(), replicates=50).audience_cost.mean()
    assert 0.05 < cost < 0.25


def test_audience_cost_is_answered_for_on_days_of_decision_from_rung_3_up():
    """An offer or a curious observer makes options known, and the audience cost is not measured by it."""
    clocks = both("government", clock_crisis=0.5, clock_calm=0.5)
    crisis = side_by_side(*(world(clocks, rungs) for rungs in ({}, AT_REST)), replicates=40)
    for day in range(4):
        before = {side: own.rung.copy() for side, own in crisis.governments.items()}
        crisis.step()
        for side, public in crisis.publics.items():
            expected = crisis.governments[side].decides & (before[side] >= 3)
            np.testing.assert_array_equal(public.answered_for, expected)
            assert expected.any() == (day > 0)


# -- cover ------------------------------------------------------------------------------------------------------------


def test_cover_lowers_the_price_and_full_cover_lifts_it():
    public = publics(world())
    prices = [price(public, 2, cover=cover) for cover in (0, 0.5, 1)]
    assert prices[0] > 0 and prices[1] == prices[0] / 2 and prices[2] == 0


def test_under_full_cover_options_are_judged_on_their_merits():
    covered = publics(world()).covered_approval_of_options
    free = publics(world(inconsistency=0, weakness=0)).approval_of_options
    np.testing.assert_allclose(covered, free, atol=1e-12)


def test_an_offer_with_cover_is_approved_more_than_one_without():
    talks = {"mediation.present": 1, "mediation.delay": 0, "mediation.effort": 1, "mediation.secrecy": 0}
    crisis = after(1, *(world(talks, {"mediation.cover": cover}) for cover in (0, 0.5, 1)), citizens=200)
    offers = crisis.publics["a"].support_of_offer
    assert (np.diff(offers) > 0).all()
    np.testing.assert_array_equal(crisis.publics["a"].support_of_direct_talks, offers[0])


def test_trust_in_reciprocation_softens_a_step_down():
    worlds = [world({"government.a.trust_start": 0.8}, reciprocation=expected) for expected in (0, 1.5, 4)]
    assert (np.diff(publics(*worlds).step_down_penalty) < 0).all()
    distrustful = [world({"government.a.trust_start": 0}, reciprocation=expected) for expected in (0, 4)]
    assert len(set(publics(*distrustful).step_down_penalty)) == 1


# -- what else approval rests on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("base_approval", (0, 1, 2), 1),
        ("hardship", (0, 0.5, 1), -1),
        ("hardship_weight", (0, 0.05, 0.1), -1),
        ("mismatch", (0, 4, 10), -1),
        ("fatigue_weight", (0, 0.05, 0.1), -1),
        ("burden_cap", (0.5, 0.6, 5), -1),
        ("casualty_weight", (0, 0.05, 0.1), -1),
        ("rally_weight", (0, 0.3, 1), 1),
        ("success_relief", (0, 0.5, 1), 1),
        ("exposure", (0.1, 0.5, 0.9), -1),
        ("exposed_hardship", (0, 1, 2), -1),
    ],
)
def test_approval_rises_and_falls_with(name, values, sign):
    war = {"dyad.start_rung_a": 7, "dyad.start_rung_b": 7, "dyad.combat.hurdle": 0, "dyad.reporting.inflation_a": 25}
    tiring = both("government", fatigue_gain=0.2)
    crisis = after(3, *(world(STILL, war, tiring, **{name: value}) for value in values), citizens=200)
    approval = crisis.publics["a"].approval
    assert (np.diff(approval) * sign > 0).all()


def test_a_rally_follows_deaths_and_fades():
    crisis = after(
        3,
        world({"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}, rally_rhetoric=0),
        world({"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}, rally_gain=0, rally_rhetoric=0),
    )
    with_, without = crisis.publics["a"].rally
    assert with_ > 0.5 and without == 0
    crisis.reports.of("a").new_admitted[:] = 0
    crisis.governments["a"].fought[:] = 1
    crisis.publics["a"].update_public()
    assert crisis.publics["a"].rally[0] == pytest.approx(0.95 * with_)


def test_what_leaks_rallies_nobody():
    """Deaths once hidden come out drop by drop; each drop angers, but a rally needs news of the day."""
    hiding = {"dyad.start_rung_a": 5, "dyad.start_rung_b": 8, "dyad.reporting.disclosure_a": 0.5}
    crisis = after(6, world(hiding, rally_rhetoric=0))
    for own in crisis.governments.values():
        own.rung[:], own.fought[:] = 1, 1
    before = crisis.publics["a"].rally.copy()
    crisis.step()
    assert crisis.reports.of("a").new_deaths > 0 and crisis.combat.today["a"] == 0
    assert crisis.publics["a"].rally == pytest.approx(0.95 * before)


def test_words_rally_only_while_there_is_fighting():
    for rung, rallies in ((5, True), (3, False)):
        quiet = {"dyad.start_rung_a": rung, "dyad.start_rung_b": 3, "dyad.combat.lethality": 0.05}
        public = after(3, world(quiet, rally_gain=0, rally_rhetoric=0.2)).publics["a"]
        assert (public.rally > 0) == rallies


def test_a_rally_never_passes_one():
    wild = {"dyad.start_rung_a": 9, "dyad.start_rung_b": 9}
    public = after(8, world(wild, rally_gain=1, rally_rhetoric=0.2, rally_decay=0.999)).publics["a"]
    assert public.rally <= 1


def test_approval_follows_evaluation_at_its_own_speed():
    shocked = [world(STILL, approval_speed=speed) for speed in (0.01, 0.25, 1)]
    crisis = side_by_side(*shocked, citizens=200)
    crisis.publics["a"].citizens.approval[:] = 0
    crisis.step()
    slow, middle, fast = crisis.publics["a"].approval
    assert middle == pytest.approx(0.25 * fast, rel=1e-6) and slow == pytest.approx(0.01 * fast, rel=1e-6)


def test_a_new_leader_is_granted_back_part_of_what_was_lost():
    crisis = side_by_side(world(fresh_start=0.5), world(fresh_start=0))
    public = crisis.publics["a"]
    public.citizens.approval[:] = 0.2
    public.approval = np.array([0.2, 0.2])
    public.grant_fresh_start(np.array([True, True]))
    np.testing.assert_allclose(public.approval, [0.6, 0.2])
    np.testing.assert_allclose(public.citizens.approval.mean(axis=1), [0.6, 0.2])
