"""A mediator: when it acts, how often it tries, and what failure costs."""

import numpy as np
import pytest

from tests.support.worlds import FROZEN, ONE_MEDIATOR, after, group, on_day, scenario, side_by_side

NEVER_ACCEPTED = {"talks.threshold": -5, "talks.slope": 10}


def at(rung, *changes):
    """Both sides stay on a rung, nobody accepts anything, and a mediator tries every day."""
    here = {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung}
    return scenario(FROZEN, NEVER_ACCEPTED, here, ONE_MEDIATOR, *changes)


def diary(world, days, replicates=1, slot=0):
    """Whether a mediator is active, and tries, on each day: two arrays of shape (days, lanes)."""
    crisis = side_by_side(world, replicates=replicates)
    notes = []
    for _ in range(days):
        crisis.step()
        notes.append((crisis.mediators[slot].active, crisis.mediators[slot].attempting))
    return tuple(np.array(note) for note in zip(*notes, strict=True))


@pytest.mark.parametrize(
    ("delay", "mission", "expected"),
    [(0, 120, [1] * 6), (3, 120, [0, 0, 0, 1, 1, 1]), (1, 2, [0, 1, 1, 0, 0, 0]), (2.5, 1, [0, 0, 0, 1, 0, 0])],
)
def test_it_is_active_from_its_delay_to_the_end_of_its_mission(delay, mission, expected):
    active, tries = diary(at(5, {"mediation.delay": delay, "mediation.mission": mission}), 6)
    assert active[:, 0].tolist() == tries[:, 0].tolist() == [bool(day) for day in expected]


def test_it_waits_until_the_crisis_is_severe_enough():
    world = at(3, {"mediation.severity_trigger": 6, "mediation.delay": 1})
    crisis = side_by_side(world)
    for _ in range(3):
        crisis.step()
        assert not crisis.mediators[0].active
    crisis.governments["b"].rung[:] = crisis.governments["b"].intent[:] = 6
    crisis.step()
    crisis.step()
    assert crisis.mediators[0].active
    assert crisis.mediators[0].first_active_day == 4


def test_a_trigger_once_reached_stays_reached():
    world = at(6, {"mediation.severity_trigger": 6, "mediation.delay": 3})
    crisis = after(1, world)
    for own in crisis.governments.values():
        own.rung[:] = own.fought[:] = 3
    for _ in range(3):
        crisis.step()
    assert crisis.mediators[0].active


@pytest.mark.parametrize(("rung", "tries"), [(2, False), (3, True), (5, True)])
def test_attempts_are_made_from_mobilisation_on(rung, tries):
    active, attempts = diary(at(rung), 3)
    assert active.all() and attempts.all() == tries == attempts.any()


def test_no_attempts_are_made_while_an_agreement_is_in_force():
    crisis = after(1, at(5))
    crisis.agreement.kind[:] = 2
    crisis.step()
    assert crisis.mediators[0].active and not crisis.mediators[0].attempting


@pytest.mark.parametrize("effort", [0.0, 0.3, 1.0])
def test_it_tries_as_often_as_its_effort(effort):
    _, tries = diary(at(5, {"mediation.effort": effort}), 20, replicates=200)
    assert tries.mean() == pytest.approx(effort, abs=0.03)


def test_mediators_try_on_days_of_their_own():
    world = at(
        5,
        {"mediation.effort": 0.5},
        group("mediation.second", present=1, delay=0, effort=0.5),
        group("mediation.third", present=1, delay=0, effort=0.5),
    )
    tries = [diary(world, 20, replicates=100, slot=slot)[1].ravel().astype(float) for slot in range(3)]
    assert np.abs(np.corrcoef(tries) - np.eye(3)).max() < 0.1


def standing(days, **levers):
    crisis = side_by_side(at(5, group("mediation", **levers)))
    path = []
    for _ in range(days):
        crisis.step()
        path.append(crisis.mediators[0].standing.item())
    return np.array(path)


def test_failed_attempts_spend_standing_which_recovers():
    np.testing.assert_allclose(standing(3, failure_cost=0.1, recovery=0), 0.9 ** np.arange(1, 4))
    assert (standing(3, failure_cost=0) == 1).all()
    rested = after(3, at(5, group("mediation", failure_cost=0.5, recovery=0.1)))
    low = rested.mediators[0].standing.copy()
    rested.agreement.kind[:] = 2
    rested.step()
    assert rested.mediators[0].standing == pytest.approx(low + 0.1 * (1 - low))
    assert (standing(40, failure_cost=0.9, recovery=0.5) <= 1).all()


def test_success_costs_nothing():
    eager = scenario(
        FROZEN,
        ONE_MEDIATOR,
        {"talks.threshold": 5, "talks.slope": 10, "mediation.failure_cost": 1, "mediation.delay": 0},
    )
    crisis = after(1, eager, replicates=50)
    signed = crisis.agreement.mediated_today
    assert signed.all() and (crisis.mediators[0].standing == 1).all()


def test_the_days_attempts_are_drawn_whether_or_not_they_are_used():
    """Calling a mediator later does not shift its luck."""
    world = at(5, {"mediation.effort": 0.5})
    _, early = diary(world, 12, replicates=60)
    _, late = diary(world.replaced({"mediation.delay": 6}), 12, replicates=60)
    np.testing.assert_array_equal(early[6:], late[6:])
    assert not late[:6].any()


def test_its_presence_can_be_a_matter_of_luck():
    world = at(5)
    crisis = side_by_side(world, world.replaced({"mediation.present": 0}))
    on_day(crisis, 0).mediators[0].draw_attempt()
    assert crisis.mediators[0].attempting.tolist() == [True, False]
