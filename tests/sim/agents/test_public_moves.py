"""A public in motion: how it changes its mind, what angers it, when it takes to the street."""

import numpy as np
import pytest
from scipy.special import expit

from sim.agents.public import CAPITAL, DISPLACED, EXPOSED, SEGMENTS
from sim.ladder import RUNGS
from tests.sim.agents.test_public import AT_REST, SILENT, STILL, UNBURDENED, world
from tests.support.worlds import after, apart, both, group, on_day, side_by_side

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
    before, now = attitudes(
        *(world(STILL, conformity=0.2, bounded_confidence=width, hawkishness_sd=0.6) for width in (0, 2, 0.1)), days=10
    )
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
    shifts = mean_shift(
        *(world(STILL, loud, {"dyad.start_rung_b": rung}, media_pull=0.1, media_noise=0) for rung in (3, 5)), days=1
    )
    assert shifts[0] == 0 < shifts[1]


def test_messages_reach_those_who_trust_the_media():
    before, now = attitudes(world(STILL, media_pull=0.1, media_noise=0, hawkishness_sd=0.1), days=1)
    trust = side_by_side(world(), citizens=300).publics["a"].citizens.media_trust[0]
    push = (now - before)[0] / (1 - before[0])
    np.testing.assert_allclose(push / trust, (push / trust)[0])


def test_aligned_messages_move_hawks_and_leave_doves():
    before, now = attitudes(
        *(world(STILL, media_pull=0.1, media_noise=0, media_alignment=share, hawkishness_sd=0.25) for share in (0, 1)),
        days=3,
    )
    moved = now - before
    assert (moved[1] < moved[0]).all()
    doves, hawks = before[0] < -0.2, before[0] > 0.4
    assert (moved[1, doves] / moved[0, doves]).mean() < 0.5 < (moved[1, hawks] / moved[0, hawks]).mean()


def test_the_medias_day_to_day_noise_changes_nothing_on_average():
    shifts = mean_shift(
        world(STILL, media_pull=0.02, propaganda=0, media_noise=0.2), replicates=400, days=1, citizens=20
    )
    assert shifts.std() > 0 and abs(shifts.mean()) < 4 * shifts.std() / 20


def test_anger_hardens_and_weariness_softens():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
    still, angry, weary = mean_shift(
        *(world(STILL, war, **change) for change in ({}, {"anger_pull": 0.3}, {"weariness": 0.1}))
    )
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
    extreme = world(
        {"dyad.start_rung_a": 9, "dyad.start_rung_b": 9},
        attitude_shift=1,
        anger_pull=0.3,
        weariness=0.1,
        conformity=0.2,
        media_pull=0.1,
        media_noise=0.5,
        propaganda=1.2,
    )
    _, now = attitudes(extreme, days=10)
    assert (np.abs(now) <= 1).all()


# -- anger and blame --------------------------------------------------------------------------------------------------


def anger(*worlds):
    """Anger of the first day, mean over segments and replicates, shape (worlds,)."""
    crisis = after(1, *worlds, replicates=60)
    return crisis.publics["a"]._pressure.anger.mean(axis=1).reshape(len(worlds), 60).mean(axis=1)


WAR = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
SHELLING = {"dyad.start_rung_a": 5, "dyad.start_rung_b": 5, "dyad.combat.civilian_share_border": 1}


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("blame_prior", (0.1, 0.5, 0.9), 1),
        ("blame_propaganda", (0, 1, 3), 1),
        ("anger_scale", (5, 20, 100), -1),
        ("civilian_weight", (0, 2, 10), 1),
        ("border_alarm", (0, 2, 5), 1),
        ("salience", (0, 6, 20), 1),
    ],
)
def test_anger_rises_and_falls_with(name, values, sign):
    felt = anger(*(world(SHELLING, {"dyad.combat.salient_share": 0.2}, **{name: value}) for value in values))
    assert (np.diff(felt) * sign > 0).all()


def test_verified_facts_lower_blame_and_with_it_anger():
    verified = {"mediation.present": 1, "mediation.delay": 0}
    blame = [
        after(1, world(verified, {"mediation.verification": share})).publics["a"].blame.item() for share in (0, 0.5, 1)
    ]
    assert blame[0] > blame[1] > blame[2]
    deaf = after(1, world(verified, {"mediation.verification": 1}, blame_verification=0)).publics["a"].blame.item()
    assert deaf == blame[0]


def test_nobody_is_angry_where_nobody_died():
    assert anger(world({"dyad.start_rung_a": 2, "dyad.start_rung_b": 2})) == 0


def test_civilian_deaths_alone_anger_and_so_do_claims_of_them():
    quiet = {"dyad.combat.lethality": 0.05, "dyad.combat.salient_share": 0}
    deaf, real, claimed = anger(
        world(quiet, civilian_weight=0),
        world(quiet, SHELLING, {"dyad.combat.lethality": 2}, civilian_weight=10),
        world(quiet, {"dyad.reporting.civilian_claims": 5}, civilian_weight=10),
    )
    assert deaf < claimed and deaf < real


# -- the street -------------------------------------------------------------------------------------------------------


def protest(*worlds, days=4, replicates=20, citizens=100):
    crisis = after(days, *worlds, replicates=replicates, citizens=citizens)
    return crisis.publics["a"].protest.reshape(len(worlds), replicates).mean(axis=1)


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("police", (0, 0.02, 0.2), -1),
        ("arrest_rate", (0, 2, 10), -1),
        ("protest_threshold", (0, 0.3, 1), -1),
        ("capital_protest", (0, 0.1, 0.3), 1),
        ("anger_protest", (0, 0.4, 2), 1),
        ("hawkishness", (0, 0.3, 0.6), 1),
    ],
)
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
    crisis = after(
        2,
        world({"dyad.combat.salient_share": 0}),
        world(struck, {"dyad.combat.hurdle": 0}),
        world({"dyad.combat.salient_share": 0, "dyad.combat.hurdle": 0}),
    )
    assert crisis.publics["b"].protest[1] == crisis.publics["b"].protest[2]


def test_hiding_losses_calms_the_street_at_first_and_costs_approval_once_they_come_out():
    war = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8, "dyad.reporting.hiding_penalty": 5}
    open_, sealed, leaky = (
        world(war, group("dyad.reporting", disclosure_a=share, leak=leak), casualty_weight=0.1)
        for share, leak in ((1, 0), (0.3, 0), (0.3, 0.3))
    )
    early = protest(open_, sealed, leaky, days=2)
    assert early[1] < early[0] and early[1] < early[2]
    approval = after(15, open_, sealed, leaky, replicates=20).publics["a"].approval.reshape(3, 20).mean(axis=1)
    assert approval[2] < approval[1]


def test_too_much_force_brings_out_a_peace_movement():
    dovish = {"dyad.start_rung_a": 9, "dyad.start_rung_b": 1}
    out = protest(
        *(world(dovish, hawkishness=-0.4, peace_movement=weight, protest_threshold=0.1) for weight in (0, 0.5, 1)),
        days=15,
    )
    assert (np.diff(out) > 0).all()


def fear(protest, *worlds):
    """Risk of arrest that a street of yesterday's size makes for, shape (worlds,)."""
    public = after(1, *worlds).publics["a"]
    public.protest = np.broadcast_to(protest, len(worlds)).astype(float)
    public.update_public()
    return public._pressure.arrest.copy()


def test_arrests_in_whole_steps_let_protest_run_away():
    """With a floor, a street fuller than the police are fears nothing; without one, it always fears a little."""
    worlds = [world(police=0.01, cascade_floor=floor) for floor in (0, 1)]
    smooth, stepped = fear(0.05, *worlds)
    assert stepped == 0 < smooth
    assert (fear(0.005, *worlds) > 0).all()


def test_a_fuller_street_is_a_safer_one():
    assert (np.diff(fear([0.0001, 0.01, 0.2], world(), world(), world())) < 0).all()


SMOOTHLY = {"dyad.combat.salient_share": 0}


def test_protest_lasts_and_fades_by_its_memory():
    """Once nothing new brings people out, what is left of a crowd is a share of yesterday's."""
    worlds = [world(AT_REST, SMOOTHLY, protest_threshold=1, protest_memory=memory) for memory in (0, 0.5, 0.9)]
    crisis = side_by_side(*worlds, citizens=50)
    public = crisis.publics["a"]
    public.citizens.march[:] = 0.04
    crisis.step()
    np.testing.assert_allclose(public.protest[1:], [0.02, 0.036])
    assert public.protest[0] < 0.001
    crisis.step()
    np.testing.assert_allclose(public.protest[1:], [0.01, 0.0324])


def test_each_of_those_who_marched_goes_on_and_nobody_else_for_their_sake():
    public = after(3, *[world(SHELLING, SMOOTHLY)] * 2, citizens=50).publics["a"]
    public.citizens.march[:] = 0
    public.citizens.march[1, :10] = 1
    public.update_public()
    fresh, lasting = public.citizens.march
    np.testing.assert_allclose(lasting[:10], np.maximum(0.8, fresh[:10]))
    np.testing.assert_array_equal(lasting[10:], fresh[10:])
    np.testing.assert_allclose(public.citizens.march.mean(axis=1), public.protest)


def test_nobody_marches_for_war_in_peace():
    """Hawks come out as fighting of either side, not a stance, brings the dispute to their minds."""
    hawkish = {"hawkishness": 0.6, "protest_threshold": 0.1, "peace_movement": 0, "anger_protest": 0}
    rungs = [{"dyad.start_rung_a": 0, "dyad.start_rung_b": enemy} for enemy in (0, 3, 5, 8)]
    out = protest(*(world(STILL, SILENT, UNBURDENED, SMOOTHLY, at, rally_weight=0, **hawkish) for at in rungs), days=1)
    assert out[0] < out[1] < out[2] == out[3]


@pytest.mark.parametrize("rung", [2, 5])
@pytest.mark.parametrize("police", [0, 1e-4, 0.01, 0.2])
def test_the_chance_of_marching_is_the_mean_over_aversions_to_risk(police, rung):
    """The closed form against a plain mean over risk aversions from 0 to 1."""
    how = {"police": police, "protest_memory": 0, "capital_protest": 0, "approval_speed": 1}
    at = {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung}
    public = after(2, world(STILL, SHELLING, SMOOTHLY, at, **how), citizens=40).publics["a"]
    public.update_public()
    arrest, anger = public._pressure.arrest[0], public._pressure.anger[0, public.segment[0]]
    citizens = {name: values[0] for name, values in public.citizens._asdict().items()}
    preferred = np.where(citizens["attitude"] >= 0, 1 + 8 * citizens["attitude"], 1 + citizens["attitude"])
    gap, against = (preferred - rung) / 9, 1 - citizens["approval"]
    too_soft = rung / 5 * np.clip(gap, 0, 1) * against + 0.4 * anger * citizens["honour"]
    too_hard = 0.5 * np.clip(-gap, 0, 1) * against
    aversion = (np.arange(20_000) + 0.5)[:, None] / 20_000
    net = np.maximum(too_soft, too_hard) - 0.25 - aversion * arrest
    np.testing.assert_allclose(citizens["march"], expit(net / 0.05).mean(axis=0), rtol=1e-4)


def test_it_matters_who_marches():
    """Of two crowds of one size the hawkish one raises the support of more force, the dovish one of less."""
    crisis = side_by_side(world(), world(), world(), citizens=200, weighs_daily=True)
    public = crisis.publics["a"]
    public.citizens.march[:] = 0
    hawks, doves = (np.argsort(sign * public.citizens.attitude[0])[:10] for sign in (-1, 1))
    public.citizens.march[1, hawks] = public.citizens.march[2, doves] = 1
    public.protest = np.array([0, 0.05, 0.05])
    on_day(crisis, 0).talks.open()
    for own in crisis.governments.values():
        own.perceive()
        own.draw_decision()
    public.evaluate_options()
    up, down = (public.support[:, rung] - public.support[:, 5] for rung in (7, 3))
    assert up[1] > up[0] > up[2] and down[2] > down[0] > down[1]
    np.testing.assert_array_equal(public.approval_of_options[0], public.approval_of_options[1])
    np.testing.assert_array_equal(public.support[0, :RUNGS], public.approval_of_options[0])


def test_a_generals_death_can_bring_the_crowd_of_july_2020_within_five_days():
    """30 to 50 thousand in the street, .004 to .007 of adults, whom a skirmish without it does not bring out."""
    skirmish = {"dyad.start_rung_a": 4, "dyad.start_rung_b": 4, "dyad.combat.salient_share": 0}
    struck = {**skirmish, "dyad.combat.salient_day": 1, "dyad.combat.salient_side": "a"}
    crisis = side_by_side(world(skirmish), world(struck), replicates=100, citizens=128)
    most = np.zeros(200)
    for _ in range(6):
        crisis.step()
        most = np.maximum(most, crisis.publics["a"].protest)
    without, with_ = apart(most, 2)
    assert (without > 0.004).mean() < 0.1 and (with_ > 0.004).mean() > 0.3
    assert np.median(with_) < 0.01


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
    public = side_by_side(
        world(honour=0.3, media_trust=0.8, hawkishness=0.1, hawkishness_sd=0.2, displaced_hawkishness=0),
        citizens=20_000,
    ).publics["a"]
    assert np.median(public.citizens.honour) == pytest.approx(0.3, abs=0.01)
    assert np.median(public.citizens.media_trust) == pytest.approx(0.8, abs=0.01)
    assert public.citizens.anchor.mean() == pytest.approx(0.1, abs=0.01)
    assert public.citizens.anchor.std() == pytest.approx(0.2, abs=0.01)
    alike = side_by_side(world(trait_spread=0, casualty_sensitivity_sd=0), citizens=50).publics["a"]
    assert np.ptp(alike.citizens.honour) == 0 and (alike.citizens.casualty_sensitivity == 1).all()


def test_traits_are_drawn_apart_from_each_other_and_between_sides():
    """No trait tells of another; citizens of the two sides have nothing to do with one another on average."""
    crisis = side_by_side(world(displaced_hawkishness=0, exposed_hardship=0), citizens=2000, replicates=40)
    names = ("anchor", "honour", "casualty_sensitivity", "media_trust", "susceptibility", "exposure")
    traits = [[getattr(crisis.publics[side].citizens, name) for name in names] for side in "ab"]
    for lane in range(40):
        within = np.corrcoef([trait[lane] for trait in traits[0]]) - np.eye(6)
        assert np.abs(within).max() < 0.06
    for one, other in zip(*traits, strict=True):
        assert abs(np.mean([np.corrcoef(one[lane], other[lane])[0, 1] for lane in range(40)])) < 0.25
    assert not any(np.array_equal(one, other) for one, other in zip(*traits, strict=True))


def test_the_capital_comes_out_sooner():
    bounds = side_by_side(world(), citizens=100).publics["a"].bounds
    assert bounds.tolist() == [[0, 20, 40, 60, 80, 100]] and SEGMENTS[CAPITAL] == "capital"
    few, many = protest(
        world(SHELLING, capital_share=0.02, capital_protest=0.3),
        world(SHELLING, capital_share=0.4, capital_protest=0.3),
    )
    assert few < many


# -- hardship ---------------------------------------------------------------------------------------------------------


def test_friends_relieve_hardship_and_exhaustion_leaves_it():
    friend = group("alliance.first", present=1, relief=0.5)
    friends = ({}, friend, {**friend, "alliance.first.protege": "b"})
    crisis = side_by_side(*(world(changes, hardship=0.4) for changes in friends))
    crisis.governments["a"].fatigue = np.full(3, 0.5)
    np.testing.assert_allclose(crisis.publics["a"].hardship, [0.4, 0.2, 0.4])
