"""Territory: ground that changes hands in a ground war, and the settlement it imposes."""

import numpy as np
import pytest

from sim.world import Accord
from tests.support.worlds import FROZEN, after, apart, group, scenario

LINE = {"dyad.venue": "line_of_contact", "dyad.combat.spell_sd": 0.0}


def ground(a, b, *changes, days=10):
    """Ground gained by b after some days on the given rungs."""
    world = scenario(FROZEN, LINE, {"dyad.start_rung_a": a, "dyad.start_rung_b": b}, *changes)
    return after(days, world).territory.gain.item()


@pytest.mark.parametrize(("a", "b"), [(6, 6), (6, 1), (5, 6), (1, 4)])
def test_no_ground_moves_without_an_assault(a, b):
    assert ground(a, b) == 0


def test_ground_moves_towards_the_force_that_is_used():
    assert ground(8, 8) == pytest.approx(10 * 0.0275 * 0.75**2 * (1.25 - 1) * 0.75)
    assert ground(9, 8) == pytest.approx(10 * 0.0275 * (1.25 * 0.75 - 1))
    assert ground(9, 3) < 0 < ground(3, 9)
    assert ground(7, 7, group("dyad.combat", force_line_a=1.25)) == 0


@pytest.mark.parametrize(("breadth", "front"), [(0, 1), (1, 0.45), (2, 0.45**2), (4, 0.45**4)])
def test_a_local_assault_opens_a_sliver_of_the_front(breadth, front):
    assert ground(7, 4, {"dyad.territory.breadth": breadth}) == pytest.approx(10 * 0.0275 * front * (0.125 - 0.45))


def test_a_crisis_of_little_blood_takes_little_ground():
    worlds = [
        scenario(
            FROZEN,
            LINE,
            {
                "dyad.start_rung_a": 7,
                "dyad.start_rung_b": 4,
                "dyad.combat.spell_sd": 1.5,
                "dyad.territory.by_bloodiness": power,
            },
        )
        for power in (0, 1, 2)
    ]
    crisis = after(10, *worlds, replicates=50)
    literal, followed, twice = -apart(crisis.territory.gain, 3)
    size = np.minimum(apart(crisis.combat.bloodiness, 3)[0], 1)
    np.testing.assert_allclose(followed, literal * size)
    np.testing.assert_allclose(twice, literal * size**2)


def test_a_full_war_opens_all_of_it():
    assert ground(9, 4, {"dyad.territory.breadth": 4}) == ground(9, 4, {"dyad.territory.breadth": 0})


def test_a_war_of_autumn_2020s_length_and_balance_reaches_a_settlement():
    """Forty-four days at 1.25 to 1 lead to the edge of a settlement imposed by the loser's losses."""
    assert ground(9, 9, group("dyad.territory", settlement=1), days=44) == pytest.approx(0.3, abs=0.01)


def test_nothing_moves_at_the_neutral_rate_and_nothing_beyond_all_there_is():
    assert ground(9, 1, {"dyad.territory.rate": 0}) == 0
    swift = group("dyad.territory", rate=0.2, settlement=1)
    assert ground(9, 1, swift) == -1 and ground(1, 9, swift) == 1


def test_what_one_side_lost_is_what_the_other_gained():
    crisis = after(10, scenario(FROZEN, LINE, {"dyad.start_rung_a": 1, "dyad.start_rung_b": 9}))
    assert crisis.territory.lost_by("a") == crisis.territory.gain > 0
    assert crisis.territory.lost_by("b") == 0


def test_a_loss_large_enough_imposes_a_settlement():
    swift = group("dyad.territory", rate=0.1, settlement=0.15, imposed_enforcement=0.7)
    world = scenario(FROZEN, LINE, swift, {"dyad.start_rung_a": 1, "dyad.start_rung_b": 9})
    crisis = after(2, world)
    assert crisis.territory.gain >= 0.15 and crisis.agreement.kind == 0
    crisis.step()
    assert (crisis.agreement.kind, crisis.agreement.enforcement) == (Accord.IMPOSED, 0.7)
    assert all(own.rung <= 2 for own in crisis.governments.values())
    held = crisis.territory.gain.copy()
    crisis.step()
    assert crisis.territory.gain == held and crisis.agreement.number == 0


def test_the_same_loss_settles_once_and_a_further_one_again():
    swift = group("dyad.territory", rate=0.1, settlement=0.15, imposed_enforcement=0)
    crisis = after(3, scenario(FROZEN, LINE, swift, {"dyad.start_rung_a": 1, "dyad.start_rung_b": 9}))
    agreement, b = crisis.agreement, crisis.governments["b"]
    assert agreement.kind == Accord.IMPOSED and agreement.settled_loss == pytest.approx(crisis.territory.gain.item())
    for expected in (0, Accord.IMPOSED):
        agreement.kind[:], b.rung[:], b.fought[:] = 0, 9, 9
        crisis.step()
        assert agreement.kind == expected
        crisis.territory.gain += 0.15
    assert agreement.collapses == 0, "what was imposed does not count among the agreements that fail"


def test_no_settlement_is_imposed_below_the_threshold():
    swift = group("dyad.territory", rate=0.1, settlement=0.5)
    crisis = after(3, scenario(FROZEN, LINE, swift, {"dyad.start_rung_a": 1, "dyad.start_rung_b": 9}))
    assert 0.15 < crisis.territory.gain < 0.5 and crisis.agreement.kind == 0
    assert np.array_equal(crisis.agreement.first_day, [-1])
