"""A government: how it chooses, what it commits to, how it tires, and who falls."""

import numpy as np
import pytest
from scipy.special import softmax

from sim.ladder import FORCE
from tests.support.worlds import (
    FROZEN,
    NO_INCIDENTS,
    after,
    apart,
    arms,
    both,
    choosing,
    group,
    on_day,
    scenario,
    side_by_side,
)

KNOWN = both("government", resolve_sd=0, fog=0, force_prior_error=0, private_noise=0)
"""Both sides are what they seem."""
APOLITICAL = both("government", domestic_weight=0)
"""Nobody asks the publics."""


def at(a, b, *changes):
    return scenario(NO_INCIDENTS, {"dyad.start_rung_a": a, "dyad.start_rung_b": b}, *changes)


# -- choice -----------------------------------------------------------------------------------------------------------


INDIFFERENT = {
    **APOLITICAL,
    **both(
        "government",
        resolve=0.2,
        rationality=0.1,
        material_cost=0,
        casualty_cost=0,
        readiness_cost=0,
        reciprocity=0,
        step_up=0,
        step_down=0,
    ),
}
"""No option is better than another, or nearly so."""


@pytest.mark.parametrize(("action_set", "reach"), [("one_step", 1), ("two_steps", 2), ("any", 9)])
def test_options_off_the_ladder_and_out_of_reach_are_never_taken(action_set, reach):
    """They are left out, not moved onto an edge: no option is likelier for lying at the end of the ladder."""
    how = both("government", action_set=action_set, clock_crisis=1, clock_calm=1)
    crisis = choosing(
        1, *(at(rung, rung, INDIFFERENT, how) for rung in (0, 5, 9)), replicates=700, citizens=5, every_rung=False
    )
    own = crisis.governments["a"]
    step = apart(own.intent - own.rung, 3)
    for row, (low, high) in enumerate(((0, reach), (max(-reach, -5), min(reach, 4)), (-reach, 0))):
        taken, number = np.unique(step[row], return_counts=True)
        assert taken.tolist() == list(range(low, high + 1))
        np.testing.assert_allclose(number / 700, 1 / len(taken), atol=0.07)


def test_choices_follow_quantal_response():
    how = both("government", clock_crisis=1, rationality=2, action_set="any", private_precision=0, rhetoric_erosion=0)
    own = choosing(1, at(5, 5, KNOWN, APOLITICAL, how), replicates=4000, citizens=5).governments["a"]
    assert (own.rung == 5).all()
    np.testing.assert_allclose(own.utility, np.tile(own.utility[0], (4000, 1)), atol=1e-9)
    seen = np.bincount(own.intent, minlength=10) / 4000
    np.testing.assert_allclose(seen, softmax(2 * own.utility[0]), atol=4 * np.sqrt(0.25 / 4000))


def test_near_best_response_takes_the_best_option():
    how = both("government", clock_crisis=1, rationality=50)
    crisis = choosing(1, at(5, 5, how), replicates=300, every_rung=False)
    own = crisis.governments["a"]
    worth = np.where(own.reachable, own.utility, -np.inf)
    ordered, best = np.sort(worth, axis=1), worth.argmax(axis=1)
    clear = ordered[:, -1] - ordered[:, -2] > 0.3
    assert clear.sum() > 100
    np.testing.assert_array_equal(own.intent[clear], best[clear])


@pytest.mark.parametrize(
    ("crisis_clock", "calm_clock", "rung", "share"),
    [(1, 0, 5, 1.0), (0.2, 0, 5, 0.2), (0, 1, 5, 0.0), (0, 1, 2, 1.0), (0.5, 0.1, 2, 0.1), (1, 0, 3, 1.0)],
)
def test_policy_is_reconsidered_by_the_clock_of_a_crisis_or_of_calm(crisis_clock, calm_clock, rung, share):
    how = both("government", clock_crisis=crisis_clock, clock_calm=calm_clock)
    crisis = choosing(1, at(rung, rung, how, APOLITICAL), replicates=2000, citizens=5)
    calm = crisis.highest_fought < 3
    assert (calm == (rung < 3)).mean() > (0.99 if share in (0, 0.1, 0.2) else 0)
    same = calm == (rung < 3)
    assert crisis.governments["a"].reconsiders[same].mean() == pytest.approx(share, abs=0.03)


def test_nobody_reconsiders_before_the_first_day_is_over():
    crisis = after(1, at(5, 5, both("government", clock_crisis=1)), replicates=100)
    assert (crisis.governments["a"].rung == 5).all()


def test_a_faster_clock_moves_policy_more_often():
    slow, fast = arms(at(5, 5, both("government", clock_crisis=0.2)), at(5, 5, both("government", clock_crisis=1)))
    moves = [np.abs(arm["tension"] - 2 * 5 * 20).mean() for arm in (slow, fast)]
    assert moves[1] > moves[0]


# -- utility, term by term --------------------------------------------------------------------------------------------

COSTS = [
    ("casualty_cost", "casualties", 8),
    ("material_cost", "material", 8),
    ("assault_surcharge", "material", 7),
    ("readiness_cost", "readiness", 3),
    ("reciprocity", "reciprocity", 8),
    ("step_up", "step", 6),
    ("step_down", "step", 4),
]


@pytest.mark.parametrize(("name", "term", "rung"), COSTS)
def test_each_cost_lowers_its_own_term_and_no_other(name, term, rung):
    low, high = {"assault_surcharge": (0, 1)}.get(name, (0.1, 1.5))
    crisis = choosing(0, at(5, 5, {f"government.a.{name}": low}), at(5, 5, {f"government.a.{name}": high}))
    terms = crisis.governments["a"].terms
    assert terms[term][1, rung] < terms[term][0, rung] <= 0
    assert [other for other, values in terms.items() if not np.array_equal(values[0], values[1])] == [term]


def test_the_surcharge_starts_with_ground_assault():
    terms = choosing(0, at(5, 5), at(5, 5, {"government.a.assault_surcharge": 1})).governments["a"].terms
    assert (terms["material"][0] != terms["material"][1]).tolist() == [False] * 7 + [True] * 3


def test_steps_cost_the_same_up_and_down_unless_told_otherwise():
    own = choosing(0, at(5, 5)).governments["a"]
    np.testing.assert_allclose(own.terms["step"][0], -0.7 * np.abs(np.arange(10) - 5))
    asymmetric = choosing(0, at(5, 5, {"government.a.step_down": 0})).governments["a"]
    np.testing.assert_allclose(asymmetric.terms["step"][0], -0.7 * np.maximum(np.arange(10) - 5, 0))


def test_utility_is_the_sum_of_its_terms():
    allies = {
        **group("alliance.first", present=1, protege="b", protection=0.5),
        **group("alliance.second", present=1, restraint=1),
    }
    own = choosing(4, at(5, 6, allies, {"government.a.force_drift": 0.02}), replicates=20).governments["a"]
    np.testing.assert_allclose(own.utility, sum(own.terms.values()), atol=1e-12)
    assert {
        "contest",
        "postponement",
        "casualties",
        "material",
        "readiness",
        "reciprocity",
        "domestic",
        "burden",
        "enemy's allies",
        "own allies",
        "step",
        "agreement",
    } == set(own.terms)


def test_the_stake_is_worth_its_resolve():
    worlds = [at(5, 5, KNOWN, {"government.a.resolve": v, "government.a.anticipation": 0}) for v in (1, 4)]
    terms = choosing(0, *worlds).governments["a"].terms["contest"]
    np.testing.assert_allclose(terms[1], 4 * terms[0])
    assert (np.diff(terms[1]) >= 0).all() and terms[0, 9] > 0 > terms[0, 0]


def test_in_the_difference_form_a_contest_between_the_idle_is_even_and_peace_is_stable():
    even = choosing(0, at(0, 0, KNOWN, {"government.a.anticipation": 0})).governments["a"]
    assert even.terms["contest"][0, 0] == 0


def test_the_ratio_form_rewards_a_little_force_against_none():
    """The first shot at a side without force wins all in the ratio form, and little in the difference form."""
    forms = [both("government", contest_form=form, anticipation=0) for form in ("difference", "ratio")]
    gain = choosing(0, *(at(0, 0, KNOWN, form) for form in forms)).governments["a"].terms["contest"]
    difference, ratio = gain[:, 4] - gain[:, 0]
    assert ratio == pytest.approx(2.5) and 0 < difference < ratio / 4


def test_a_steeper_contest_turns_force_into_more():
    worlds = [at(5, 5, KNOWN, {"government.a.contest_steepness": m}) for m in (1, 4)]
    gain = choosing(0, *worlds).governments["a"].terms["contest"]
    assert gain[1, 9] - gain[1, 5] > gain[0, 9] - gain[0, 5] > 0


def test_trust_lets_a_side_stay_below_its_enemy():
    """With conciliation and trust the best answer in kind lies below the enemy's rung; without either it does not."""
    for trust, conciliation, best in ((0, 2, 5), (1, 0, 5), (1, 2, 3)):
        world = at(5, 5, KNOWN, {"government.a.trust_start": trust, "government.a.conciliation": conciliation})
        assert choosing(0, world).governments["a"].terms["reciprocity"][0].argmax() == best


# -- the street and the ballot ----------------------------------------------------------------------------------------


def test_the_street_presses_with_its_side_and_leaves_the_weight_of_the_public_alone():
    """A street is heard for what it thinks, up to a ceiling; how many march makes the public as a whole no louder."""
    how = both("government", protest_pressure=2, protest_reference=0.01, protest_ceiling=0.04)
    crisis = side_by_side(at(5, 5, how), at(5, 5, how), at(5, 5, how), at(5, 5, both("government", protest_pressure=0)))
    crisis.publics["a"].protest, crisis.publics["a"].approval = np.array([0, 0.02, 0.08, 0.02]), np.ones(4)
    np.testing.assert_allclose(crisis.governments["a"].domestic_weight, 5.1)
    np.testing.assert_allclose(crisis.governments["a"].pressure, [200, 200, 100, 0])


@pytest.mark.parametrize(("insecurity", "factor"), [(2, 1.8), (0, 1.0), (-1, 0.6)])
def test_insecurity_makes_a_leader_lean_on_the_public_or_away_from_it(insecurity, factor):
    crisis = side_by_side(at(5, 5, both("government", insecurity=insecurity, approval_needed=0.6)))
    crisis.publics["a"].protest, crisis.publics["a"].approval = np.zeros(1), np.array([0.2])
    assert crisis.governments["a"].domestic_weight == pytest.approx(5.1 * factor)
    crisis.publics["a"].approval = np.array([0.7])
    assert crisis.governments["a"].domestic_weight == pytest.approx(5.1)


def test_the_domestic_weight_is_never_negative():
    crisis = side_by_side(at(5, 5, both("government", insecurity=-1, approval_needed=1, protest_pressure=0)))
    crisis.publics["a"].approval = np.array([-0.5])
    assert crisis.governments["a"].domestic_weight == 0


def test_without_a_domestic_weight_publics_change_nothing_a_government_does():
    hawks, doves = (
        {"public.a.hawkishness": h, "public.a.inconsistency": i, "government.a.rhetoric_attitude": 0}
        for h, i in ((0.6, 6), (-0.4, 0))
    )
    deaf = {**APOLITICAL, **both("government", rhetoric_attitude=0, rhetoric_protest=0, fall_hazard=0)}
    one, two = arms(at(5, 5, deaf, hawks), at(5, 5, deaf, doves), replicates=40)
    for name in ("tension", "deaths_a", "deaths_b", "peak_rung_b", "days_to_calm"):
        np.testing.assert_array_equal(one[name], two[name])


def test_publics_that_push_move_their_governments_up():
    """More hawkish citizens, or a heavier price of inconsistency, keep a government higher: the domestic trap."""
    trap = both("government", clock_crisis=1)
    for name, low, high in (("hawkishness", -0.2, 0.4), ("inconsistency", 0, 6), ("weakness", 0, 6)):
        calm, pushed = arms(*(at(5, 5, trap, both("public", **{name: value})) for value in (low, high)))
        assert pushed["tension"].mean() > calm["tension"].mean()


# -- what moves policy ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "low", "high", "sign"),
    [
        ("resolve", 0.5, 10, 1),
        ("material_cost", 0, 6, -1),
        ("casualty_cost", 0, 2, -1),
        ("readiness_cost", 0, 3, -1),
        ("step_up", 0, 3, -1),
        ("step_down", 0, 3, 1),
    ],
)
def test_tension_rises_and_falls_with(name, low, high, sign):
    less, more = arms(*(at(5, 5, both("government", clock_crisis=1, **{name: value})) for value in (low, high)))
    assert (more["tension"].mean() - less["tension"].mean()) * sign > 1


def test_a_side_that_is_losing_ground_over_time_acts_now():
    """Powell's preventive motive: drift against a raises its rungs early, drift in its favour lets it wait."""
    drifts = arms(
        *(
            at(
                5,
                5,
                both("government", clock_crisis=1),
                {"government.a.force_drift": drift, "government.a.planning_days": 60},
            )
            for drift in (-0.05, 0, 0.05)
        ),
        replicates=200,
        days=10,
    )
    hurried, neutral, patient = (arm["peak_rung_a"].mean() for arm in drifts)
    assert hurried > neutral >= patient


def test_drift_is_weighed_against_using_force_and_not_at_all_at_zero():
    worlds = [at(5, 5, KNOWN, {"government.a.force_drift": drift}) for drift in (-0.05, 0, 0.05)]
    terms = choosing(0, *worlds).governments["a"].terms["postponement"]
    assert (terms[1] == 0).all()
    for row, sign in ((0, -1), (2, 1)):
        assert (np.sign(terms[row, :9]) == sign).all() and terms[row, 9] == 0
        np.testing.assert_allclose(terms[row], terms[row, 0] * (1 - FORCE))


def test_longer_plans_make_more_of_a_drift():
    worlds = [
        at(5, 5, KNOWN, {"government.a.force_drift": 0.02, "government.a.planning_days": days}) for days in (1, 14, 60)
    ]
    terms = choosing(0, *worlds).governments["a"].terms["postponement"][:, 0]
    assert terms[0] == 0 and terms[2] > terms[1] > 0
    impatient = at(5, 5, KNOWN, {"government.a.force_drift": 0.02, "government.a.discount": 0.5})
    assert choosing(0, impatient).governments["a"].terms["postponement"][0, 0] < terms[1]


# -- resolve ----------------------------------------------------------------------------------------------------------


def test_resolve_is_lognormal_about_its_median():
    crisis = side_by_side(at(5, 5, {"dyad.stake_border_a": 0.5}), at(5, 5, KNOWN), replicates=3000, citizens=5)
    private, known = apart(crisis.governments["a"].own_resolve, 2)
    assert np.median(private) == pytest.approx(2.5 * 0.5, rel=0.06)
    assert np.log(private).std() == pytest.approx(0.85, abs=0.04)
    assert (known == 2.5).all()


def test_the_two_sides_draw_their_resolves_apart():
    crisis = side_by_side(at(5, 5), replicates=3000, citizens=5)
    one, two = (np.log(crisis.governments[side].own_resolve) for side in "ab")
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.08


# -- exhaustion -------------------------------------------------------------------------------------------------------


def test_force_exhausts_and_rest_restores():
    own = after(1, at(9, 1, FROZEN)).governments["a"]
    assert own.fatigue == pytest.approx(0.02)
    assert own.enemy.fatigue == 0
    own.fought[:] = 1
    own.update_fatigue()
    assert own.fatigue == pytest.approx(0.02 * 0.99)


def test_exhaustion_is_bounded_and_can_be_switched_off():
    how = both("government", fatigue_gain=0.2, fatigue_recovery=0)
    assert 0.9 < after(30, at(9, 9, FROZEN, how)).governments["a"].fatigue < 1
    assert after(5, at(9, 9, FROZEN, both("government", fatigue_gain=0))).governments["a"].fatigue == 0


# -- leaders ----------------------------------------------------------------------------------------------------------


def falls(lanes=4000, approval=0.5, protest=0.0, lost=0.0, **government):
    """Share of leaders that fall on one day."""
    crisis = after(1, at(5, 5, FROZEN, both("government", **government)), replicates=lanes, citizens=5)
    own = crisis.governments["a"]
    crisis.publics["a"].approval, crisis.publics["a"].protest = np.full(lanes, approval), np.full(lanes, protest)
    crisis.territory.gain, own.leader_falls = np.full(lanes, lost), np.zeros(lanes, int)
    own.draw_leader_removal()
    return own.leader_falls.mean()


def test_the_hazard_of_falling_is_that_of_the_equation():
    assert falls(fall_hazard=0.02, vulnerability=1) == pytest.approx(1 - np.exp(-0.02), abs=0.008)
    expected = 1 - np.exp(-0.02 * 0.5 * np.exp(10 * 0.2 + 8 * 0.05 + 1 * 0.4))
    assert falls(fall_hazard=0.02, vulnerability=0.5, approval=0.3, protest=0.05, lost=0.4) == pytest.approx(
        expected, abs=0.025
    )


@pytest.mark.parametrize(
    ("calm", "worse"),
    [
        ({"approval": 0.9}, {"approval": 0.1}),
        ({"protest": 0}, {"protest": 0.3}),
        ({"lost": 0.0}, {"lost": 1.0}),
        ({"lost": -1.0}, {"lost": 1.0}),
        ({"vulnerability": 0.05}, {"vulnerability": 1}),
    ],
)
def test_leaders_fall_when_it_goes_badly_for_them(calm, worse):
    high = {"fall_hazard": 0.02, "fall_by_loss": 4}
    assert falls(**high, **worse) > falls(**high, **calm)


def test_nobody_falls_at_zero_hazard():
    assert falls(fall_hazard=0, approval=0, protest=1, lost=1) == 0


def test_a_successor_inherits_part_of_the_commitment_and_brings_a_resolve_of_their_own():
    shaky = both("government", fall_hazard=0.02, fall_by_approval=20, successor_commitment=0.4)
    crisis = on_day(side_by_side(at(5, 5, FROZEN, shaky), replicates=600, citizens=10), 1)
    own, public = crisis.governments["a"], crisis.publics["a"]
    own.culpable, public.approval = np.ones(600), np.full(600, 0.3)
    before = own.commitment.copy(), own.own_resolve.copy(), own.leader_falls.copy()
    own.draw_leader_removal()
    fell = own.leader_falls > before[2]
    assert 0.2 < fell.mean() < 0.8
    np.testing.assert_allclose(own.commitment[fell], 0.4 * before[0][fell])
    np.testing.assert_array_equal(own.commitment[~fell], before[0][~fell])
    assert (own.own_resolve[fell] != before[1][fell]).all() and (own.own_resolve[~fell] == before[1][~fell]).all()
    assert np.log(own.own_resolve[fell] / 2.5).std() == pytest.approx(0.85, abs=0.12)
    np.testing.assert_array_equal(own.culpable, np.where(fell, 0, 1))
    np.testing.assert_allclose(public.approval, np.where(fell, 0.65, 0.3))


# -- who began it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("side", "endorsed", "rung", "culpable"),
    [("a", 1, 6, (1, 0)), ("b", 1, 6, (0, 1)), ("both", 1, 6, (0, 0)), ("a", 0, 6, (0, 0)), ("a", 1, 3, (0, 0))],
)
def test_whoever_opens_fire_by_policy_began_it(side, endorsed, rung, culpable):
    world = at(2, 2, {"dyad.trigger_side": side, "dyad.trigger_endorsed": endorsed, "dyad.trigger_rung": rung})
    crisis = side_by_side(world)
    assert tuple(crisis.governments[s].culpable.item() for s in "ab") == culpable


def test_climbing_to_force_against_a_quiet_enemy_is_to_begin_it():
    crisis = after(1, at(3, 3, FROZEN))
    own = crisis.governments["a"]
    own.intent = np.array([5])
    own.set_policy()
    assert own.culpable == 1
    own.enact_rung()
    own.intent = np.array([3])
    own.set_policy()
    assert own.culpable == 0
    crisis.governments["b"].fought[:] = 5
    own.enact_rung()
    own.intent = np.array([5])
    own.set_policy()
    assert own.culpable == 0


# -- readiness --------------------------------------------------------------------------------------------------------


def test_readiness_is_the_chance_of_stepping_down_if_honour_were_covered():
    own = choosing(2, at(5, 5, both("government", clock_crisis=1)), replicates=30).governments["a"]
    assert ((own.readiness > 0) & (own.readiness < 1)).all()
    free = both("public", inconsistency=0, weakness=0)
    unburdened = choosing(2, at(5, 5, both("government", clock_crisis=1), free), replicates=30).governments["a"]
    weight = softmax(np.where(unburdened.reachable, 3.6 * unburdened.utility, -np.inf), axis=1)
    expected = [weight[lane, :rung].sum() for lane, rung in enumerate(unburdened.rung)]
    np.testing.assert_allclose(unburdened.readiness, expected, atol=1e-9)


def test_the_private_signal_tells_the_readiness_of_the_last_decision():
    """Readiness is formed on day 0 and then on days of decision alone, however often options are looked at."""
    own = after(1, at(5, 5, FROZEN), weighs_daily=True).governments["a"]
    first = own.readiness.copy()
    assert 0 < first < 1
    for _ in range(4):
        own.model.step()
    assert own.readiness == first
    moved = after(5, at(5, 5, NO_INCIDENTS, both("government", clock_crisis=1))).governments["a"]
    assert moved.readiness != first
