"""Local incidents: a self-exciting process apart from policy, blind to truces."""

import numpy as np
import pytest
from scipy.special import expit

from sim.ladder import FORCE
from sim.mechanisms.incidents import Incidents
from tests.support.worlds import FROZEN, after, both, group, on_day, scenario, side_by_side

LINE = {"dyad.venue": "line_of_contact", "dyad.incidents.line_scale": 1, "dyad.incidents.autonomous_risk": 0}


def at_rungs(a, b, *changes):
    """Both sides stay where they are; incidents are what the changes make them."""
    return scenario(
        both("government", clock_crisis=0, clock_calm=0),
        {"dyad.start_rung_a": a, "dyad.start_rung_b": b, "dyad.trigger_rung": 0},
        *changes,
    )


def watch(crisis, days):
    """Level of what each side began on each day, shape (sides, days, lanes); only the incidents are run."""
    begun = []
    for day in range(days):
        on_day(crisis, day).incidents.draw_incidents()
        begun.append([crisis.incidents.begun[side] for side in "ab"])
    return np.array(begun).transpose(1, 0, 2)


def frequency(*changes, rung=1, days=40, lanes=400):
    """Incidents a day and side."""
    return (watch(side_by_side(at_rungs(rung, rung, LINE, *changes), replicates=lanes), days) > 0).mean()


@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5])
def test_without_contagion_incidents_come_at_their_rate(rate):
    seen = frequency(group("dyad.incidents", rate=rate, contagion=0))
    assert seen == pytest.approx(1 - np.exp(-rate), abs=0.01)


@pytest.mark.parametrize("contagion", [0.2, 0.45])
def test_each_incident_provokes_as_many_as_contagion_says(contagion):
    """An incident has ``contagion`` offspring of its own, and n / (1 - n) descendants in all."""
    world = at_rungs(1, 1, LINE, group("dyad.incidents", rate=0, contagion=contagion, memory=30))
    crisis = side_by_side(world, replicates=800)
    for side in "ab":
        crisis.incidents.memory[side] += 2
    descendants = (watch(crisis, 250) > 0).sum(axis=1).mean()
    assert descendants == pytest.approx(2 * contagion / (1 - contagion), rel=0.1)


def test_a_long_memory_spreads_what_is_provoked_over_more_days():
    first, later = [], []
    for memory in (2, 20):
        crisis = side_by_side(at_rungs(1, 1, LINE, group("dyad.incidents", rate=0, contagion=0.9, memory=memory)))
        crisis.incidents.memory["a"] += 1
        first.append(crisis.incidents.intensity("a").item())
        crisis.incidents.memory["a"] *= (1 - 1 / memory) ** 20
        later.append(crisis.incidents.intensity("a").item())
    assert first[0] > first[1] and later[0] < later[1]


def test_incidents_of_one_side_do_not_provoke_the_other_by_themselves():
    crisis = side_by_side(at_rungs(1, 1, LINE))
    before = crisis.incidents.intensity("b")
    crisis.incidents.memory["a"] += 5
    assert crisis.incidents.intensity("b") == before


def test_force_in_play_leaves_something_to_chance():
    """Autonomous risk grows with the force of the side's own rung, and is nothing at its neutral value."""
    for risk in (0.0, 0.3):
        crisis = side_by_side(
            *(at_rungs(rung, 1, LINE, group("dyad.incidents", rate=0, autonomous_risk=risk)) for rung in range(10))
        )
        np.testing.assert_allclose(crisis.incidents.intensity("a"), risk * FORCE)
        np.testing.assert_array_equal(crisis.incidents.intensity("b"), 0)


def test_the_place_sets_the_frequency():
    worlds = [
        at_rungs(5, 5, {"dyad.venue": "border"}),
        at_rungs(1, 1, {"dyad.venue": "border"}),
        at_rungs(1, 1, {"dyad.venue": "line_of_contact"}),
        at_rungs(1, 1, {"dyad.surprise_at": "line_of_contact"}),
    ]
    crisis = side_by_side(*(world.replaced({"dyad.incidents.autonomous_risk": 0}) for world in worlds))
    contact = expit((np.array([5, 1]) - 2.6) / 1)
    expected = [*(0.1 + 0.9 * contact), 1.5, 1.5]
    np.testing.assert_allclose(crisis.incidents.intensity("a"), 0.06 * np.array(expected))


def test_contact_on_a_border_rises_smoothly_with_the_higher_rung_of_the_pair():
    """Halfway to full at its centre, without a jump, whichever side stands higher, and not at all on a line."""
    silent = {"dyad.venue": "border", "dyad.incidents.autonomous_risk": 0}
    one, other = (
        side_by_side(*(at_rungs(*pair(rung), silent, {"dyad.incidents.contact_centre": 3}) for rung in range(10)))
        for pair in (lambda rung: (rung, 0), lambda rung: (0, rung))
    )
    by_rung = one.incidents.intensity("a") / 0.06
    np.testing.assert_array_equal(by_rung, other.incidents.intensity("b") / 0.06)
    assert (np.diff(by_rung) > 0).all() and np.diff(by_rung).max() < 0.3
    assert by_rung[3] == pytest.approx(0.1 + 0.9 / 2) and by_rung[0] > 0.1 and by_rung[9] == pytest.approx(1, abs=0.01)
    sharp, soft = (
        side_by_side(*(at_rungs(rung, 0, silent, {"dyad.incidents.contact_width": width}) for rung in (1, 5)))
        for width in (0.1, 4)
    )
    assert np.ptp(sharp.incidents.intensity("a")) > 2 * np.ptp(soft.incidents.intensity("a"))
    line = side_by_side(*(at_rungs(rung, rung, silent, LINE) for rung in (0, 9)))
    assert np.ptp(line.incidents.intensity("a")) == 0


def test_shares_of_shooting_and_artillery():
    shares = group("dyad.incidents", rate=2, violent_share=0.4, artillery_share=0.25)
    begun = watch(side_by_side(at_rungs(1, 1, LINE, shares), replicates=2000), 5)
    begun = begun[begun > 0]
    assert set(np.unique(begun)) == {3, 4, 5}
    assert (begun >= 4).mean() == pytest.approx(0.4, abs=0.02)
    assert (begun[begun >= 4] == 5).mean() == pytest.approx(0.25, abs=0.03)


def test_fire_is_returned_only_when_there_is_fire():
    always = group("dyad.incidents", rate=1, contagion=0, violent_share=0.5, return_fire=1)
    crisis = side_by_side(at_rungs(1, 1, LINE, always), replicates=500)
    on_day(crisis, 1).incidents.draw_incidents()
    a_shoots, b_began = crisis.incidents.begun["a"] >= 4, crisis.incidents.begun["b"]
    level = crisis.incidents.level["b"]
    assert (level[a_shoots] >= 4).all()
    np.testing.assert_array_equal(level[~a_shoots], b_began[~a_shoots])
    never = side_by_side(at_rungs(1, 1, LINE, always, {"dyad.incidents.return_fire": 0}), replicates=500)
    on_day(never, 1).incidents.draw_incidents()
    np.testing.assert_array_equal(never.incidents.level["b"], never.incidents.begun["b"])


def test_an_incident_lasts_a_day_and_is_not_policy():
    world = at_rungs(
        1,
        1,
        {"dyad.trigger_rung": 5, "dyad.trigger_side": "a", "dyad.trigger_endorsed": 0},
        group("dyad.incidents", rate=0, contagion=0, return_fire=0),
    )
    crisis = after(1, world)
    assert (crisis.governments["a"].fought, crisis.governments["a"].rung) == (5, 1)
    assert crisis.governments["b"].fought == 1
    crisis.step()
    assert crisis.governments["a"].fought == 1


@pytest.mark.parametrize(("side", "policy"), [("a", (6, 2)), ("b", (2, 6)), ("both", (6, 6))])
def test_an_opening_that_is_endorsed_is_policy(side, policy):
    crisis = side_by_side(at_rungs(2, 2, {"dyad.trigger_rung": 6, "dyad.trigger_side": side}))
    assert tuple(crisis.governments[s].rung.item() for s in "ab") == policy


def test_what_is_fought_is_policy_or_incident_whichever_is_higher():
    crisis = after(6, scenario(group("dyad.incidents", rate=1.5)), replicates=100)
    for side in "ab":
        own = crisis.governments[side]
        np.testing.assert_array_equal(own.fought, np.maximum(own.rung, crisis.incidents.level[side]))


def test_a_truce_changes_nothing_about_incidents():
    """The same days with and without an agreement in force begin the same incidents, under the same luck."""
    world = at_rungs(2, 2, LINE, group("dyad.incidents", rate=0.3, violent_share=0.5))
    crisis = side_by_side(world, world, replicates=30)
    agreed = np.repeat([False, True], 30)
    crisis.agreement.kind[agreed] = 2
    for _ in range(12):
        crisis.step()
        crisis.agreement.kind[agreed] = 2
        for side in "ab":
            begun = crisis.incidents.begun[side]
            np.testing.assert_array_equal(begun[~agreed], begun[agreed])
    assert (crisis.incidents.memory["a"] > 0).any()


def test_nothing_happens_at_neutral_values():
    assert (watch(side_by_side(scenario(FROZEN, {"dyad.trigger_rung": 0}), replicates=50), 30) == 0).all()


def test_memory_is_kept_by_side():
    assert isinstance(side_by_side(scenario()).incidents, Incidents)
    crisis = after(10, at_rungs(1, 1, LINE, group("dyad.incidents", rate=0.2)), replicates=50)
    assert not np.array_equal(crisis.incidents.memory["a"], crisis.incidents.memory["b"])
