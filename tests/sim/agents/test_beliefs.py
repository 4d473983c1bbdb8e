"""What a government believes of the other: its rung, its force, how it answers, whether it can be trusted."""

import numpy as np
import pytest

from tests.support.worlds import FROZEN, after, apart, both, choosing, group, on_day, scenario, side_by_side

FACILITATED = group("mediation", present=1, delay=0, effort=0, bias=0)
"""A mediator who carries messages and makes no attempt."""


def at(a, b, *changes):
    return scenario(FROZEN, {"dyad.start_rung_a": a, "dyad.start_rung_b": b}, *changes)


# -- the enemy's rung -------------------------------------------------------------------------------------------------


def error_of_perception(*changes):
    crisis = choosing(1, at(5, 5, *changes), replicates=3000, citizens=5)
    return crisis.governments["a"].beliefs.rung - 5


def test_without_fog_a_rung_is_seen_as_it_is():
    assert (error_of_perception(both("government", fog=0)) == 0).all()


@pytest.mark.parametrize(
    ("changes", "spread"),
    [
        ({}, 0.8),
        ({"dyad.surprise_at": "line_of_contact"}, 0.8 * 1.2),
        ({**FACILITATED, "mediation.facilitation": 1}, 0.8 * 0.5),
        ({**FACILITATED, "mediation.facilitation": 1, "talks.fog_relief": 1}, 0.0),
        ({**FACILITATED, "mediation.facilitation": 1, "talks.fog_relief": 0}, 0.8),
        ({**FACILITATED, "mediation.facilitation": 0}, 0.8),
    ],
)
def test_fog_is_thick_on_a_line_of_contact_and_thinned_by_facilitation(changes, spread):
    error = error_of_perception(changes)
    assert error.std() == pytest.approx(spread, rel=0.06) and abs(error.mean()) < 0.06


def test_what_is_seen_is_what_was_fought_and_stays_on_the_ladder():
    crisis = choosing(1, at(5, 9, both("government", fog=2)), replicates=400)
    seen = crisis.governments["a"].beliefs.rung
    assert seen.max() == 9 and seen.min() >= 0


# -- its force --------------------------------------------------------------------------------------------------------


def test_the_error_about_force_is_drawn_by_side_and_nothing_without_doubt():
    crisis = side_by_side(at(5, 5), at(5, 5, both("government", force_prior_error=0)), replicates=3000, citizens=5)
    wrong, right = apart(crisis.governments["a"].beliefs.force_error, 2)
    assert wrong.std() == pytest.approx(0.25, rel=0.05) and (right == 0).all()
    other = apart(crisis.governments["b"].beliefs.force_error, 2)[0]
    assert abs(np.corrcoef(wrong, other)[0, 1]) < 0.08


def test_battle_teaches_about_force_and_quiet_does_not():
    for rung, learns in ((7, True), (2, False)):
        quick = both("government", force_learning_noise=0.5, force_prior_error=1)
        crisis = side_by_side(at(rung, rung, quick), replicates=300)
        beliefs = crisis.governments["a"].beliefs
        before = beliefs.force_error.copy(), beliefs.force_variance.copy()
        for _ in range(15):
            crisis.step()
        assert (beliefs.force_variance < before[1]).all() == learns
        assert (np.abs(beliefs.force_error).mean() < 0.6 * np.abs(before[0]).mean()) == learns
        assert np.array_equal(beliefs.force_error, before[0]) != learns


def test_noisy_news_teach_slowly():
    variance = (
        after(10, *(at(7, 7, both("government", force_learning_noise=noise)) for noise in (0.5, 1.5, 10)))
        .governments["a"]
        .beliefs.force_variance
    )
    assert (np.diff(variance) > 0).all()


def test_whoever_loses_more_than_the_balance_says_thinks_more_of_the_enemy():
    beliefs = side_by_side(at(7, 7)).governments["a"].beliefs
    before = beliefs.force_error.copy()
    beliefs.learn_force(np.array([1.0]), np.array([True]))
    after_losses = beliefs.force_error.copy()
    beliefs.learn_force(np.array([-3.0]), np.array([True]))
    assert after_losses > before and beliefs.force_error < after_losses


def test_what_is_believed_of_the_enemys_force_enters_the_choice():
    """Thinking the enemy weak makes force look better."""
    crisis = choosing(1, at(5, 5), at(5, 5))
    own = crisis.governments["a"]
    own.beliefs.force_error = np.array([-1.0, 1.0])
    own.perceive()
    own.choose()
    contest = own.terms["contest"]
    assert (contest[0] > contest[1]).all()


# -- how it answers ---------------------------------------------------------------------------------------------------


def taught(steps, answer_days=7, speed=1.0):
    """What side a has learned after days on which (a, b) took the given steps."""
    crisis = side_by_side(at(5, 5, both("government", answer_days=answer_days, answer_learning=speed)))
    own = crisis.governments["a"]
    for mine, theirs in steps:
        own.step, own.enemy.step = np.array([mine]), np.array([theirs])
        own.beliefs.learn_answer()
    return own.beliefs.answer.item()


PRIOR = 0.25


@pytest.mark.parametrize(
    ("steps", "answer"),
    [
        ([(0, 0)] * 5, PRIOR),
        ([(1, 0), (0, 1)], 1.0),
        ([(2, 0), (0, 1)], 0.5),
        ([(-1, 0), (0, -1)], 1.0),
        ([(-1, 0), (0, 1)], -1.0),
        ([(1, 0), (0, -3)], -1.0),
        ([(1, 0), (0, 3)], 1.5),
        ([(0, 2), (0, 1)], PRIOR),
        ([(1, 1)], PRIOR),
        ([(1, 0), (1, 1), (0, 0)], 1.0),
    ],
)
def test_an_answer_is_learned_from_the_enemys_next_step(steps, answer):
    assert taught(steps) == pytest.approx(answer)


def test_no_answer_in_time_is_an_answer_of_nought():
    assert taught([(1, 0)] + [(0, 0)] * 2, answer_days=3) == PRIOR
    assert taught([(1, 0)] + [(0, 0)] * 3, answer_days=3) == 0
    assert taught([(1, 0)] + [(0, 0)] * 3 + [(0, 1)], answer_days=3) == 0
    assert taught([(1, 0)] + [(0, 0)] * 2 + [(0, 1)], answer_days=3) == 1


def test_learning_has_a_speed_and_can_be_switched_off():
    assert taught([(1, 0), (0, 1)], speed=0.1) == pytest.approx(PRIOR + 0.1 * (1 - PRIOR))
    assert taught([(1, 0), (0, 1)], speed=0) == PRIOR


# -- trust ------------------------------------------------------------------------------------------------------------

NO_WORDS = both("government", private_precision=0, rhetoric_erosion=0, trust_start=0.4)


def trust_after(enemy_step, *changes, days=1):
    crisis = choosing(days, at(5, 5, NO_WORDS, *changes))
    own = crisis.governments["a"]
    own.enemy.step = np.full(crisis.lanes, enemy_step)
    own.beliefs.update_trust()
    return own.trust


@pytest.mark.parametrize(("step", "trust"), [(-1, 0.4 + 0.1 * 0.6), (-2, 0.4 + 0.1 * 0.6), (1, 0.4 * 0.9), (0, 0.4)])
def test_trust_follows_the_enemys_deeds(step, trust):
    assert trust_after(step) == pytest.approx(trust)
    assert trust_after(step, both("government", trust_learning=0)) == pytest.approx(0.4)


def test_private_signals_carry_the_enemys_true_readiness():
    for readiness, sign in ((1.0, 1), (0.0, -1)):
        crisis = choosing(1, at(5, 5, NO_WORDS, both("government", private_precision=0.2, private_noise=0)))
        own = crisis.governments["a"]
        own.enemy.readiness, before = np.array([readiness]), own.trust.copy()
        own.beliefs.update_trust()
        assert own.trust == pytest.approx(before + 0.2 * (readiness - before)) and np.sign(own.trust - before) == sign


def test_noise_in_private_signals_blurs_without_bias():
    worlds = [at(5, 5, NO_WORDS, both("government", private_precision=0.1, private_noise=noise)) for noise in (0, 0.5)]
    exact, blurred = apart(after(1, *worlds, replicates=2000, citizens=5).governments["a"].trust, 2)
    assert (blurred - exact).std() == pytest.approx(0.05, rel=0.05)
    assert abs((blurred - exact).mean()) < 4 * 0.05 / np.sqrt(2000)


def test_without_private_signals_trust_in_a_standstill_does_not_move():
    assert (after(6, at(5, 5, NO_WORDS), replicates=20).governments["a"].trust == 0.4).all()


def test_hostile_words_wear_trust_off_while_there_is_fighting():
    for rung, erodes in ((5, True), (3, False)):
        words = {**NO_WORDS, **both("government", rhetoric_erosion=0.2)}
        trust = after(4, at(rung, rung, words)).governments["a"].trust
        assert (trust < 0.4) == erodes


def test_more_restraint_in_words_keeps_more_trust():
    words = {**NO_WORDS, **both("government", rhetoric_erosion=0.2)}
    trust = (
        after(6, *(at(5, 5, words, both("government", rhetoric_discipline=share)) for share in (0, 0.5, 1)))
        .governments["a"]
        .trust
    )
    assert trust[0] < trust[1] < trust[2] == 0.4


def messages(bias, credibility=0.4):
    """How far one day's messages of readiness move the trust of each side."""
    world = at(
        5,
        5,
        NO_WORDS,
        FACILITATED,
        {"mediation.bias": bias, "talks.credibility": credibility, "talks.messages": 0.2, "mediation.facilitation": 1},
    )
    crisis = choosing(0, world)
    moved = []
    for own in crisis.governments.values():
        own.enemy.readiness, before = np.ones(1), own.trust.copy()
        own.beliefs.update_trust()
        moved.append((own.trust - before).item())
    return moved


def test_a_friends_word_counts_for_more():
    even_a, even_b = messages(0)
    assert even_a == even_b > 0
    to_a, to_b = messages(0.8)
    assert to_b > even_b and to_a < even_a
    assert messages(-0.8) == pytest.approx([to_b, to_a])
    assert messages(0.8, credibility=0) == [even_a, even_b]
    reversed_a, reversed_b = messages(0.8, credibility=-0.4)
    assert reversed_b < even_b and reversed_a > even_a


def test_messages_need_a_facilitator():
    silent = at(5, 5, NO_WORDS, {"talks.messages": 0.2}, FACILITATED, {"mediation.facilitation": 0})
    assert (after(3, silent, at(5, 5, NO_WORDS, {"talks.messages": 0.2})).governments["a"].trust == 0.4).all()


def test_trust_stays_a_share():
    wild = both("government", private_precision=0.2, private_noise=1, trust_start=0)
    crisis = on_day(after(8, at(5, 5, wild), replicates=200), 8)
    assert ((crisis.governments["a"].trust >= 0) & (crisis.governments["a"].trust <= 1)).all()
