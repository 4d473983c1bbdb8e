"""Answers as a matter of course, and lulls: what they do, and that off is exactly nothing."""

import numpy as np
import pytest

from sim.ladder import HOT, SETTLED
from sim.scenario import Scenario
from tests.support.worlds import FROZEN, after, arms, both, group, same, scenario, side_by_side

SHOT_AT = scenario(
    FROZEN,
    {
        "dyad.start_rung_a": 1,
        "dyad.start_rung_b": 1,
        "dyad.trigger_rung": 4,
        "dyad.trigger_side": "a",
        "dyad.trigger_endorsed": 0,
        "dyad.incidents.return_fire": 0,
        "dyad.incidents.contagion": 0,
    },
)
"""Side a's troops fire on day 0; then nobody decides anything."""


def answering(chance, days=30):
    return SHOT_AT.replaced(both("government", answer_in_kind=chance, answer_days=days))


def fought(crisis, days, side="b"):
    """What a side fights on each day, shape (days, lanes)."""
    seen = []
    for _ in range(days):
        crisis.step()
        seen.append(crisis.governments[side].fought)
    return np.array(seen)


def hot_stand(rung=5, **lulls):
    return scenario(FROZEN, {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung}, group("dyad.combat", **lulls))


# -- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chance", [0.1, 0.4])
def test_who_is_shot_at_answers_once_at_its_chance_a_day(chance):
    days = 25
    hot = fought(side_by_side(answering(chance), replicates=1500), days) >= HOT
    assert hot.sum(axis=0).max() == 1
    assert not hot[0].any(), "nobody answers on the day itself"
    assert hot.any(axis=0).mean() == pytest.approx(1 - (1 - chance) ** (days - 1), abs=0.03)
    assert hot[1].mean() == pytest.approx(chance, abs=0.03)


def test_no_answer_comes_after_its_time():
    hot = fought(side_by_side(answering(0.2, 5), replicates=800), 20) >= HOT
    assert hot[1:6].any(axis=1).all() and not hot[6:].any()
    assert hot.any(axis=0).mean() == pytest.approx(1 - 0.8**5, abs=0.05)


def test_who_began_owes_no_answer_and_policy_stays_where_it_is():
    crisis = side_by_side(answering(0.5), replicates=200)
    assert (fought(crisis, 20, "a")[1:] < HOT).all(), "an answer is not answered in turn"
    assert (crisis.governments["b"].rung == 1).all()


def test_who_has_fired_already_owes_nothing():
    returned = answering(1).replaced({"dyad.incidents.return_fire": 1})
    assert (fought(side_by_side(returned, replicates=50), 10)[1:] < HOT).all()


def test_no_answer_is_given_under_an_agreement():
    crisis = after(1, answering(1), replicates=20)
    crisis.agreement.kind[:] = 1
    crisis.step()
    assert (crisis.governments["b"].fought < HOT).all()
    crisis.agreement.kind[:] = 0
    crisis.step()
    assert (crisis.governments["b"].fought == HOT).all()


# -- lulls ------------------------------------------------------------------------------------------------------------


def quiet_days(share, days, horizon=800, lanes=150):
    crisis, seen = side_by_side(hot_stand(lull_share=share, lull_days=days), replicates=lanes, citizens=5), []
    for own in crisis.governments.values():
        own.new_rung = own.rung
    for day in range(horizon):
        crisis.day, crisis.today = day, crisis.luck.day(day)
        crisis.lulls.draw_lull()
        seen.append(crisis.lulls.quiet)
    return np.array(seen)


@pytest.mark.parametrize(("share", "days", "mean"), [(0.3, 14, 14), (0.7, 20, 20), (0.9, 1, 9)])
def test_lulls_have_their_share_of_days_and_their_mean_length(share, days, mean):
    quiet = quiet_days(share, days)
    assert not quiet[0].any()
    settled = quiet[200:]
    assert settled.mean() == pytest.approx(share, abs=0.03)
    spells = (settled[1:] & ~settled[:-1]).sum()
    assert settled.sum() / spells == pytest.approx(mean, rel=0.12)


def test_nobody_dies_in_a_lull_and_policy_stays_where_it_is():
    crisis = side_by_side(hot_stand(lull_share=0.5, lull_days=5), replicates=200)
    quiet_seen = False
    for _ in range(15):
        crisis.step()
        quiet = crisis.lulls.quiet
        quiet_seen |= bool(quiet.any())
        for side, own in crisis.governments.items():
            assert (own.fought == np.where(quiet, SETTLED, 5)).all()
            assert (own.rung == 5).all() and (crisis.combat.today[side][quiet] == 0).all()
    assert quiet_seen


def test_an_offensive_knows_no_lull_on_either_side():
    world = scenario(FROZEN, {"dyad.start_rung_a": 8, "dyad.start_rung_b": 5}, group("dyad.combat", lull_share=0.9))
    assert (fought(side_by_side(world, replicates=50), 15) == 5).all()


def test_incidents_go_on_in_a_lull():
    busy = {"dyad.incidents.rate": 1, "dyad.incidents.violent_share": 1}
    world = hot_stand(lull_share=0.9, lull_days=60).replaced(busy)
    crisis = after(12, world, replicates=200)
    assert (crisis.governments["a"].fought[crisis.lulls.quiet] >= HOT).any()


def test_a_hot_posture_keeps_governments_busy_though_nobody_fires():
    """Policy is reconsidered by the clock of a crisis as long as either side stands at rung 3 or above."""
    world = hot_stand(lull_share=0.9, lull_days=60).replaced(both("government", clock_crisis=1, clock_calm=0))
    crisis = after(8, world, replicates=100)
    assert crisis.lulls.quiet.any()
    crisis.step()
    standing = np.maximum(*(own.rung - own.step for own in crisis.governments.values())) >= 3
    assert standing.any() and crisis.governments["a"].reconsiders[standing].all()


def test_lulls_make_longer_gaps_between_days_of_fighting_and_fewer_deaths():
    none, some = arms(hot_stand(), hot_stand(lull_share=0.6, lull_days=10), days=60)
    assert some["days_hot"].mean() < 0.6 * none["days_hot"].mean()
    assert some["deaths_a"].mean() < 0.7 * none["deaths_a"].mean()


# -- off --------------------------------------------------------------------------------------------------------------


def test_off_is_exactly_nothing():
    """At their neutral values neither changes a bit, whatever the length of lulls; on they do."""
    opened = {
        "dyad.start_rung_a": 1,
        "dyad.start_rung_b": 1,
        "dyad.trigger_rung": 5,
        "dyad.trigger_side": "a",
        "dyad.trigger_endorsed": 0,
    }
    base = Scenario().replaced(opened)
    off, other, answered, lulled = arms(
        base,
        base.replaced({"dyad.combat.lull_days": 60}),
        base.replaced(both("government", answer_in_kind=0.5)),
        base.replaced({"dyad.combat.lull_share": 0.6}),
        replicates=40,
        days=40,
    )
    assert same(off, other, but=("point",))
    for changed in (answered, lulled):
        assert not same(off, changed, but=("point",))
