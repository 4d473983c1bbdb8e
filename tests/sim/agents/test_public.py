"""A public: what it thinks of the options, how it changes its mind, when it takes to the street."""

import numpy as np
import pytest
from scipy.special import expit

from sim.agents.public import CAPITAL, DISPLACED, EXPOSED, SEGMENTS
from tests.sim.worlds import FROZEN, after, both, group, on_day, scenario, side_by_side

ARMED = {**FROZEN, "dyad.start_rung_a": 5, "dyad.start_rung_b": 5}
SILENT = both("public", inconsistency=0, weakness=0, belligerence=0)
"""Honour charges nothing, whatever a government does."""
STILL = both("public", anchor_pull=0, conformity=0, media_pull=0, anger_pull=0, weariness=0)
"""Nothing moves attitudes."""


def publics(*worlds, days=0, **options):
    """The public of side a in each world, having weighed its options on the morning after some days."""
    crisis = after(days, *worlds, **{"replicates": 1, "citizens": 200} | options)
    on_day(crisis, days).talks.open()
    crisis._each(type(crisis.governments["a"]), "perceive")
    crisis.publics["a"].weigh_options()
    return crisis.publics["a"]


def world(*changes, at=ARMED, **public):
    return scenario(at, *changes, both("public", **public))


# -- the equation -----------------------------------------------------------------------------------------------------


def by_hand(public, rung, enemy, cover=0.0):
    """A citizen's evaluation of a rung, written out, and the share that approves."""
    p = {name: values[0] for name, values in vars(public.values).items()}
    own, report = public.government, public.model.reporting.of(public.side)
    citizens = {name: values[0].astype(float) for name, values in public.citizens._asdict().items()}
    kappa, step_down = own.commitment[0], rung < own.rung[0]
    framed = p["weakness"] * (1 + p["framing"] * own.enemy.rhetoric[0])
    beneath = max(enemy - (p["reciprocation"] * own.trust[0] if step_down else 0) - rung, 0)
    price = (p["inconsistency"] * max(kappa - rung, 0) + framed * beneath) / 9 * (1 - cover)
    preferred = np.where(citizens["attitude"] >= 0, 1 + 8 * citizens["attitude"], 1 + citizens["attitude"])
    told, hidden = np.log10(1 + report.told[0]), np.log10(1 + report.told[0] + report.leaked[0])
    believed = told + (1 - citizens["media_trust"] * report.credit[0]) * (hidden - told)
    value = (p["base_approval"] + p["rally_weight"] * public.rally[0]
             - p["mismatch"] * ((preferred - rung) / 9) ** 2
             - p["hardship_weight"] * public.hardship[0] * citizens["exposure"]
             - p["casualty_weight"] * citizens["casualty_sensitivity"] * believed
             * (1 - p["success_relief"] * report.success[0])
             - citizens["honour"] * price - p["belligerence"] * (1 - citizens["honour"]) * max(kappa - 4, 0) / 9)
    return expit(p["approval_slope"] * value).mean()


@pytest.mark.parametrize("days", [0, 6])
def test_approval_is_what_the_equation_says(days):
    public = publics(world({"dyad.reporting.disclosure_a": 0.5}), days=days)
    own = public.government
    for rung in range(own.rung[0] - 2, own.rung[0] + 3):
        expected = by_hand(public, rung, own.beliefs.rung[0])
        assert public.approval_of[0, rung] == pytest.approx(expected, abs=1e-9)


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


def test_the_adversarys_words_frame_a_step_down_as_weakness():
    public = publics(world(SILENT, both("public", weakness=1)))
    step_down = np.array([4.0])
    before = public.honour_price(step_down, np.array([5.0]), np.zeros(1))
    public.government.enemy.rhetoric = np.ones(1)
    assert public.honour_price(step_down, np.array([5.0]), np.zeros(1)) == pytest.approx(1.5 * before)
    public.values.framing = np.zeros(1)
    assert public.honour_price(step_down, np.array([5.0]), np.zeros(1)) == before


def test_sources_can_be_switched_off_one_at_a_time():
    costs = {source: cost.item() for source, cost in publics(world()).audience_cost_by_source().items()}
    assert list(costs) == ["none", "inconsistency", "weakness", "belligerence"]
    assert costs["none"] > costs["inconsistency"] and costs["none"] > costs["belligerence"]
    assert costs["none"] == pytest.approx(publics(world()).audience_cost.item(), abs=1e-12)


def test_audience_cost_grows_with_commitment():
    public = publics(*(world({"government.a.commitment_start": kappa}) for kappa in (5, 7, 9)))
    assert (np.diff(public.audience_cost) > 0).all()


def test_whoever_cares_little_for_honour_charges_little():
    public = publics(*(world(honour=honour, belligerence=0) for honour in (0.05, 0.5, 0.95)))
    assert (np.diff(public.audience_cost) > 0).all()


def test_default_audience_cost_is_in_the_range_of_experiments():
    cost = publics(world(), replicates=50).audience_cost.mean()
    assert 0.05 < cost < 0.25


# -- cover ------------------------------------------------------------------------------------------------------------


def test_cover_lowers_the_price_and_full_cover_lifts_it():
    public = publics(world())
    prices = [public.honour_price(np.array([2.0]), np.array([5.0]), np.array([cover])).item()
              for cover in (0, 0.5, 1)]
    assert prices[0] > 0 and prices[1] == prices[0] / 2 and prices[2] == 0


def test_under_full_cover_options_are_judged_on_their_merits():
    covered = publics(world()).covered_approval_of
    free = publics(world({"government.a.commitment_start": 5}, inconsistency=0, weakness=0)).approval_of
    np.testing.assert_allclose(covered, free, atol=1e-12)


def test_an_offer_with_cover_is_approved_more_than_one_without():
    talks = {"mediation.present": 1, "mediation.delay": 0, "mediation.effort": 1, "mediation.secrecy": 0}
    crisis = after(1, *(world(talks, {"mediation.cover": cover}) for cover in (0, 0.5, 1)), citizens=200)
    offers = crisis.publics["a"].approval_of_offer
    assert (np.diff(offers) > 0).all()
    np.testing.assert_array_equal(crisis.publics["a"].approval_of_direct_talks, offers[0])


def test_trust_in_reciprocation_softens_a_step_down():
    worlds = [world({"government.a.trust_start": 0.8}, reciprocation=expected) for expected in (0, 1.5, 4)]
    assert (np.diff(publics(*worlds).step_down_penalty) < 0).all()
    distrustful = [world({"government.a.trust_start": 0}, reciprocation=expected) for expected in (0, 4)]
    assert len(set(publics(*distrustful).step_down_penalty)) == 1


# -- what else approval rests on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "values", "sign"), [
    ("base_approval", (0, 1, 2), 1), ("hardship", (0, 0.5, 1), -1), ("hardship_weight", (0, 1, 3), -1),
    ("mismatch", (0, 4, 10), -1), ("casualty_weight", (0, 0.5, 2), -1), ("rally_weight", (0, 0.3, 1), 1),
    ("success_relief", (0, 0.5, 1), 1), ("exposure", (0.1, 0.5, 0.9), -1), ("exposed_hardship", (0, 1, 2), -1)])
def test_approval_rises_and_falls_with(name, values, sign):
    war = {"dyad.start_rung_a": 7, "dyad.start_rung_b": 7, "dyad.combat.hurdle": 0, "dyad.reporting.inflation_a": 25}
    crisis = after(3, *(world(STILL, war, **{name: value}) for value in values), citizens=200)
    approval = crisis.publics["a"].approval
    assert (np.diff(approval) * sign > 0).all()


def test_a_rally_follows_deaths_and_fades():
    crisis = after(3, world({"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}, rally_rhetoric=0),
                   world({"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}, rally_gain=0, rally_rhetoric=0))
    with_, without = crisis.publics["a"].rally
    assert with_ > 0.5 and without == 0
    crisis.reporting.of("a").new_admitted[:] = 0
    crisis.governments["a"].fought[:] = 1
    crisis.publics["a"].live_through_day()
    assert crisis.publics["a"].rally[0] == pytest.approx(0.95 * with_)


def test_what_leaks_rallies_nobody():
    """Deaths once hidden come out drop by drop; each drop angers, but a rally needs news of the day."""
    hiding = {"dyad.start_rung_a": 5, "dyad.start_rung_b": 8, "dyad.reporting.disclosure_a": 0.5}
    crisis = after(6, world(hiding, rally_rhetoric=0))
    for own in crisis.governments.values():
        own.rung[:], own.fought[:] = 1, 1
    before = crisis.publics["a"].rally.copy()
    crisis.step()
    assert crisis.reporting.of("a").new_deaths > 0 and crisis.combat.today["a"] == 0
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
    public.welcome_leader(np.array([True, True]))
    np.testing.assert_allclose(public.approval, [0.6, 0.2])
    np.testing.assert_allclose(public.citizens.approval.mean(axis=1), [0.6, 0.2])


# -- attitudes --------------------------------------------------------------------------------------------------------


def attitudes(*worlds, days=5, **options):
    """Attitudes of the citizens of side a before and after some days, shape (worlds, citizens) each."""
    crisis = side_by_side(*worlds, **{"citizens": 300} | options)
    before = crisis.publics["a"].citizens.attitude.copy()
    for _ in range(days):
        crisis.step()
    return before, crisis.publics["a"].citizens.attitude


def mean_shift(*worlds, **options):
    before, now = attitudes(*worlds, **options)
    return (now - before).mean(axis=1)


def test_nothing_moves_them_at_neutral_values():
    before, now = attitudes(world(STILL))
    np.testing.assert_array_equal(before, now)


def test_they_return_to_their_anchors():
    before, now = attitudes(world(STILL, attitude_shift=0.5, anchor_pull=0.2, hawkishness_sd=0.1), days=10)
    public = side_by_side(world(STILL, attitude_shift=0.5, hawkishness_sd=0.1), citizens=300).publics["a"]
    gap = np.abs(before - public.citizens.anchor)
    np.testing.assert_allclose(np.abs(now - public.citizens.anchor), 0.8**10 * gap, atol=1e-9)


def spread_within_segments(attitude, public):
    return np.mean([attitude[0, public.segment[0] == number].std() for number in range(len(SEGMENTS))])


def test_conformity_draws_segments_together_and_leaves_their_means():
    crisis = side_by_side(world(STILL, conformity=0.2, trait_spread=0), citizens=300)
    public = crisis.publics["a"]
    before = public.citizens.attitude.copy()
    for _ in range(5):
        crisis.step()
    now = public.citizens.attitude
    assert spread_within_segments(now, public) == pytest.approx(0.9**5 * spread_within_segments(before, public))
    for number in range(len(SEGMENTS)):
        here = public.segment[0] == number
        assert now[0, here].mean() == pytest.approx(before[0, here].mean(), abs=1e-9)


def test_with_bounded_confidence_those_far_apart_stay_apart():
    """Under a narrow kernel extremists hardly hear the middle; at 0 everybody counts."""
    before, now = attitudes(*(world(STILL, conformity=0.2, bounded_confidence=width, hawkishness_sd=0.6)
                              for width in (0, 2, 0.1)), days=10)
    extreme = np.abs(before[0] - before[0].mean()) > 0.5
    moved = np.abs(now - before)[:, extreme].mean(axis=1)
    assert moved[0] > moved[1] > 5 * moved[2]


def test_propaganda_hardens():
    shifts = mean_shift(*(world(STILL, media_pull=0.05, propaganda=value, media_noise=0) for value in (0, 0.5, 1.2)))
    assert shifts[0] == 0 and (np.diff(shifts) > 0).all()
    none = mean_shift(world(STILL, media_pull=0, propaganda=1.2))
    assert none == 0


def test_the_enemys_fighting_is_a_message_too():
    loud = both("government", rhetoric_discipline=1)
    shifts = mean_shift(*(world(STILL, loud, {"dyad.start_rung_b": rung}, media_pull=0.1, media_noise=0)
                          for rung in (3, 5)), days=1)
    assert shifts[0] == 0 < shifts[1]


def test_messages_reach_those_who_trust_the_media():
    before, now = attitudes(world(STILL, media_pull=0.1, media_noise=0, hawkishness_sd=0.1), days=1)
    trust = side_by_side(world(), citizens=300).publics["a"].citizens.media_trust[0]
    push = (now - before)[0] / (1 - before[0])
    np.testing.assert_allclose(push / trust, (push / trust)[0])


def test_aligned_messages_move_hawks_and_leave_doves():
    before, now = attitudes(*(world(STILL, media_pull=0.1, media_noise=0, media_alignment=share, hawkishness_sd=0.25)
                              for share in (0, 1)), days=3)
    moved = now - before
    assert (moved[1] < moved[0]).all()
    doves, hawks = before[0] < -0.2, before[0] > 0.4
    assert (moved[1, doves] / moved[0, doves]).mean() < 0.5 < (moved[1, hawks] / moved[0, hawks]).mean()


def test_the_medias_day_to_day_noise_changes_nothing_on_average():
    shifts = mean_shift(world(STILL, media_pull=0.02, propaganda=0, media_noise=0.2), replicates=400, days=1,
                        citizens=20)
    assert shifts.std() > 0 and abs(shifts.mean()) < 4 * shifts.std() / 20


def test_anger_hardens_and_weariness_softens():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
    still, angry, weary = mean_shift(*(world(STILL, war, **change) for change in (
        {}, {"anger_pull": 0.3}, {"weariness": 0.1})))
    assert weary < still == 0 < angry


def test_whoever_loves_honour_hardens_more():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
    before, now = attitudes(world(STILL, war, anger_pull=0.1, border_alarm=0, hawkishness_sd=0.1), days=1)
    honour = side_by_side(world(), citizens=300).publics["a"].citizens.honour[0]
    push = ((now - before)[0] / (1 - before[0])) / (0.5 + 0.5 * honour)
    np.testing.assert_allclose(push, push[0])


def test_hawks_have_more_to_lose_to_weariness():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8, "dyad.reporting.disclosure_a": 1}
    alike = {"weariness": 0.1, "casualty_sensitivity_sd": 0, "hawkishness_sd": 0.2}
    before, now = attitudes(world(STILL, war, **alike), days=1)
    push = (before - now)[0] / (1 + before[0])
    assert push[0] > 0
    np.testing.assert_allclose(push, push[0])


def test_attitudes_stay_in_their_range():
    extreme = world({"dyad.start_rung_a": 9, "dyad.start_rung_b": 9}, attitude_shift=1, anger_pull=0.3, weariness=0.1,
                    conformity=0.2, media_pull=0.1, media_noise=0.5, propaganda=1.2)
    _, now = attitudes(extreme, days=10)
    assert (np.abs(now) <= 1).all()


# -- anger and blame --------------------------------------------------------------------------------------------------


def anger(*worlds):
    crisis = after(1, *worlds, replicates=60)
    return crisis.publics["a"]._anger().mean(axis=1).reshape(len(worlds), 60).mean(axis=1)


WAR = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
SHELLING = {"dyad.start_rung_a": 5, "dyad.start_rung_b": 5, "dyad.combat.civilian_share_border": 1}


@pytest.mark.parametrize(("name", "values", "sign"), [
    ("blame_prior", (0.1, 0.5, 0.9), 1), ("blame_propaganda", (0, 1, 3), 1), ("anger_scale", (5, 20, 100), -1),
    ("civilian_weight", (0, 2, 10), 1), ("border_alarm", (0, 2, 5), 1), ("salience", (0, 6, 20), 1)])
def test_anger_rises_and_falls_with(name, values, sign):
    felt = anger(*(world(SHELLING, {"dyad.combat.salient_share": 0.2}, **{name: value}) for value in values))
    assert (np.diff(felt) * sign > 0).all()


def test_verified_facts_lower_blame_and_with_it_anger():
    verified = {"mediation.present": 1, "mediation.delay": 0}
    blame = [after(1, world(verified, {"mediation.verification": share})).publics["a"].blame.item()
             for share in (0, 0.5, 1)]
    assert blame[0] > blame[1] > blame[2]
    deaf = after(1, world(verified, {"mediation.verification": 1}, blame_verification=0)).publics["a"].blame.item()
    assert deaf == blame[0]


def test_nobody_is_angry_where_nobody_died():
    assert anger(world({"dyad.start_rung_a": 2, "dyad.start_rung_b": 2})) == 0


def test_civilian_deaths_alone_anger_and_so_do_claims_of_them():
    quiet = {"dyad.combat.lethality": 0.05, "dyad.combat.salient_share": 0}
    deaf, real, claimed = anger(
        world(quiet, civilian_weight=0), world(quiet, SHELLING, {"dyad.combat.lethality": 2}, civilian_weight=10),
        world(quiet, {"dyad.reporting.civilian_claims": 5}, civilian_weight=10))
    assert deaf < claimed and deaf < real


# -- the street -------------------------------------------------------------------------------------------------------


def protest(*worlds, days=4, replicates=20, citizens=100):
    crisis = after(days, *worlds, replicates=replicates, citizens=citizens)
    return crisis.publics["a"].protest.reshape(len(worlds), replicates).mean(axis=1)


@pytest.mark.parametrize(("name", "values", "sign"), [
    ("police", (0, 0.02, 0.2), -1), ("arrest_rate", (0, 2, 10), -1), ("protest_threshold", (0, 0.3, 1), -1),
    ("capital_protest", (0, 0.1, 0.3), 1), ("anger_protest", (0, 0.4, 2), 1), ("hawkishness", (0, 0.3, 0.6), 1)])
def test_protest_rises_and_falls_with(name, values, sign):
    out = protest(*(world(SHELLING, peace_movement=0, **{name: value}) for value in values))
    assert (np.diff(out) * sign > 0).all()


def test_a_softer_threshold_brings_out_more_of_a_quiet_public():
    quiet = {"dyad.start_rung_a": 2, "dyad.start_rung_b": 2}
    out = protest(*(world(quiet, protest_spread=spread) for spread in (0.01, 0.1, 0.5)))
    assert (np.diff(out) > 0).all()


def test_a_salient_death_brings_people_to_the_street():
    struck = {"dyad.combat.salient_day": 1, "dyad.combat.salient_side": "a", "dyad.combat.salient_share": 0}
    without, with_ = protest(world({"dyad.combat.salient_share": 0}), world(struck), days=2)
    assert with_ > without


def test_a_salient_death_of_one_side_leaves_the_other_sides_street_as_it_is():
    struck = {"dyad.combat.salient_day": 1, "dyad.combat.salient_side": "a", "dyad.combat.salient_share": 0}
    crisis = after(2, world({"dyad.combat.salient_share": 0}), world(struck, {"dyad.combat.hurdle": 0}),
                   world({"dyad.combat.salient_share": 0, "dyad.combat.hurdle": 0}))
    assert crisis.publics["b"].protest[1] == crisis.publics["b"].protest[2]


def test_hiding_losses_calms_the_street_at_first_and_costs_approval_once_they_come_out():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8, "dyad.reporting.hiding_penalty": 5}
    open_, sealed, leaky = (world(war, group("dyad.reporting", disclosure_a=share, leak=leak), casualty_weight=1)
                            for share, leak in ((1, 0), (0.3, 0), (0.3, 0.3)))
    early = protest(open_, sealed, leaky, days=2)
    assert early[1] < early[0] and early[1] < early[2]
    approval = after(15, open_, sealed, leaky, replicates=20).publics["a"].approval.reshape(3, 20).mean(axis=1)
    assert approval[2] < approval[1]


def test_too_much_force_brings_out_a_peace_movement():
    dovish = {"dyad.start_rung_a": 9, "dyad.start_rung_b": 1}
    out = protest(*(world(dovish, hawkishness=-0.4, peace_movement=weight, protest_threshold=0.1)
                    for weight in (0, 0.5, 1)), days=15)
    assert (np.diff(out) > 0).all()


def test_arrests_in_whole_steps_let_protest_run_away():
    """With a floor, a street fuller than the police are fears nothing; without one, it always fears a little."""
    for on_the_street, fear in ((0.05, 0), (0.005, 1)):
        crisis = side_by_side(*(world(police=0.01, cascade_floor=floor) for floor in (0, 1)))
        crisis.publics["a"].protest = np.full(2, on_the_street)
        smooth, stepped = crisis.publics["a"]._risk_of_arrest()
        assert (stepped > 0) == bool(fear) and smooth > 0


def test_a_fuller_street_is_a_safer_one():
    crisis = side_by_side(*(world() for _ in range(3)))
    crisis.publics["a"].protest = np.array([0.0001, 0.01, 0.2])
    assert (np.diff(crisis.publics["a"]._risk_of_arrest()) < 0).all()


# -- who they are -----------------------------------------------------------------------------------------------------


def test_segments_have_their_shares_and_the_rest_is_the_rest():
    shares = {"capital_share": 0.1, "border_share": 0.4, "displaced_share": 0.3, "exposed_share": 0.05}
    public = side_by_side(world(**shares), citizens=1000).publics["a"]
    sizes = np.bincount(public.segment[0], minlength=5)
    assert sizes.tolist() == [100, 400, 300, 50, 150]
    crowded = side_by_side(world(**dict.fromkeys(shares, 0.4)), citizens=1000).publics["a"]
    assert np.bincount(crowded.segment[0], minlength=5).tolist() == [250, 250, 250, 250, 0]


def test_segments_differ_in_what_they_went_through():
    public = side_by_side(world(displaced_hawkishness=0.5, exposed_hardship=2), citizens=5000).publics["a"]
    anchor, exposure = (public.citizens._asdict()[name][0] for name in ("anchor", "exposure"))
    displaced, exposed = public.segment[0] == DISPLACED, public.segment[0] == EXPOSED
    assert anchor[displaced].mean() == pytest.approx(anchor[~displaced].mean() + 0.5, abs=0.1)
    assert exposure[exposed].mean() == pytest.approx(3 * exposure[~exposed].mean(), rel=0.1)


def test_traits_have_their_medians_and_spreads():
    public = side_by_side(world(honour=0.3, media_trust=0.8, hawkishness=0.1, hawkishness_sd=0.2,
                                displaced_hawkishness=0), citizens=20_000).publics["a"]
    assert np.median(public.citizens.honour) == pytest.approx(0.3, abs=0.01)
    assert np.median(public.citizens.media_trust) == pytest.approx(0.8, abs=0.01)
    assert public.citizens.anchor.mean() == pytest.approx(0.1, abs=0.01)
    assert public.citizens.anchor.std() == pytest.approx(0.2, abs=0.01)
    alike = side_by_side(world(trait_spread=0, casualty_sensitivity_sd=0), citizens=50).publics["a"]
    assert np.ptp(alike.citizens.honour) == 0 and (alike.citizens.casualty_sensitivity == 1).all()


def test_traits_are_drawn_apart_from_each_other_and_between_sides():
    crisis = side_by_side(world(displaced_hawkishness=0, exposed_hardship=0), citizens=20_000)
    names = ("anchor", "honour", "casualty_sensitivity", "media_trust", "susceptibility", "exposure", "risk_aversion")
    rows = [getattr(crisis.publics[side].citizens, name)[0] for side in "ab" for name in names]
    correlation = np.corrcoef(rows) - np.eye(len(rows))
    assert np.abs(correlation).max() < 5 / np.sqrt(20_000)


def test_the_capital_comes_out_sooner():
    bounds = side_by_side(world(), citizens=100).publics["a"].bounds
    assert bounds.tolist() == [[0, 20, 40, 60, 80, 100]] and SEGMENTS[CAPITAL] == "capital"
    few, many = protest(world(SHELLING, capital_share=0.02, capital_protest=0.3),
                        world(SHELLING, capital_share=0.4, capital_protest=0.3))
    assert few < many


# -- hardship ---------------------------------------------------------------------------------------------------------


def test_hardship_grows_with_exhaustion_and_friends_relieve_it():
    friend = group("alliance.first", present=1, relief=0.5)
    crisis = side_by_side(world(hardship=0.4), world({**friend}, hardship=0.4),
                          world({**friend, "alliance.first.protege": "b"}, hardship=0.4))
    crisis.governments["a"].fatigue = np.full(3, 0.5)
    np.testing.assert_allclose(crisis.publics["a"].hardship, [0.55, 0.275, 0.55])
    crisis.publics["a"].values.hardship_by_fatigue = np.zeros(3)
    np.testing.assert_allclose(crisis.publics["a"].hardship, [0.4, 0.2, 0.4])
