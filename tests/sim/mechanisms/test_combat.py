"""Combat: how many die, why, and how evenly."""

import numpy as np
import pytest
from scipy import stats

from sim.ladder import BLOODLESS, DEATHS
from tests.support.worlds import FROZEN, after, both, choosing, group, on_day, scenario, side_by_side

EVEN = group(
    "dyad.combat",
    force_border_a=1,
    force_border_b=1,
    force_line_a=1,
    force_line_b=1,
    drones_b=1,
    attacker_penalty=0,
    low_profile=1,
)
SMOOTH = group("dyad.combat", hurdle=0, spread_low=0, spread_middle=0, spread_high=0, spell_sd=0)
"""No luck in how bloody a day is, apart from rounding."""


def front(a, b, *changes, at=EVEN):
    """Both sides stand on the given rungs for ever."""
    return scenario(FROZEN, at, {"dyad.start_rung_a": a, "dyad.start_rung_b": b}, *changes)


def battle(*worlds, replicates=300):
    """The morning of the first day; only combat is going to be run."""
    crisis = on_day(side_by_side(*worlds, replicates=replicates, citizens=5), 0)
    for own in crisis.governments.values():
        own.perceive()
    return crisis


def losses(*worlds, replicates=300, days=10):
    """Military deaths of both sides, shape (worlds, sides, days, lanes)."""
    crisis, daily = battle(*worlds, replicates=replicates), []
    for day in range(days):
        on_day(crisis, day).combat.fight()
        daily.append([crisis.combat.today[side] for side in "ab"])
    return np.array(daily).reshape(days, 2, len(worlds), replicates).transpose(2, 1, 0, 3)


def mean_of(*worlds, **options):
    """Mean deaths a day of side a in each world."""
    return losses(*worlds, **options)[:, 0].mean(axis=(1, 2))


# -- the mean ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rung", range(4, 10))
def test_an_equal_foe_loses_what_the_ladder_says(rung):
    assert mean_of(front(rung, rung, SMOOTH))[0] == pytest.approx(DEATHS[rung], rel=0.02, abs=0.03)


@pytest.mark.parametrize("rung", [4, 6, 8])
def test_hurdle_spread_and_bloodiness_keep_the_mean(rung):
    rough = front(rung, rung, group("dyad.combat", spread_low=0.6, spread_middle=0.6, spell_sd=0.3, spell_cap=100))
    seen = losses(rough, replicates=2000, days=15)[0, 0]
    assert seen.mean() == pytest.approx(DEATHS[rung], rel=0.08)
    assert (seen == 0).mean() >= BLOODLESS[rung] - 0.01


def test_the_hurdle_makes_days_bloodless_and_the_others_bloodier():
    without, with_ = losses(front(5, 5, SMOOTH), front(5, 5, SMOOTH, {"dyad.combat.hurdle": 1}))[:, 0]
    assert (without == 0).mean() < 0.05 < BLOODLESS[5] == pytest.approx((with_ == 0).mean(), abs=0.03)
    assert with_[with_ > 0].mean() > 1.5 * without[without > 0].mean()


def test_rounding_is_exact_in_the_mean():
    """A mean of .3 deaths a day gives one death on three days in ten, none on the others."""
    seen = losses(front(4, 4, SMOOTH, {"dyad.combat.lethality_low": 2}), replicates=2000)[0, 0]
    assert set(np.unique(seen)) == {0, 1}
    assert seen.mean() == pytest.approx(0.3, abs=0.012)


def test_more_lethal_is_never_less_deadly_under_the_same_luck():
    scale = np.array([0.5, 1, 1.7, 4])
    table = losses(*(front(6, 7, {"dyad.combat.lethality": value}) for value in scale), replicates=50)
    assert (np.diff(table, axis=0) >= 0).all()


@pytest.mark.parametrize(
    ("scale", "rungs"),
    [
        ("lethality_low", (3, 4)),
        ("lethality_middle", (5, 6, 7)),
        ("lethality_high", (8, 9)),
        ("lethality", range(3, 10)),
    ],
)
def test_scales_of_lethality_hold_for_their_rungs_alone(scale, rungs):
    base, scaled = (side_by_side(scenario({f"dyad.combat.{scale}": value})).combat.deaths[0] for value in (1, 3))
    np.testing.assert_allclose(scaled, np.where(np.isin(np.arange(10), list(rungs)), 3, 1) * base)


def test_losses_follow_the_ratio_of_forces():
    weak = {"dyad.combat.force_border_a": 0.5}
    for exponent in (0.5, 1.0, 2.0):
        power = {"dyad.combat.loss_exponent": exponent}
        even, uneven = mean_of(front(7, 7, SMOOTH, power), front(7, 7, SMOOTH, power, weak))
        assert uneven / even == pytest.approx(2**exponent, rel=0.04)


def test_attacking_costs_more():
    climbing = {"dyad.combat.attacker_penalty": 0.5}
    even, above = mean_of(front(7, 5, SMOOTH), front(7, 5, SMOOTH, climbing))
    assert above / even == pytest.approx(1 + 0.5 * 2, rel=0.06)
    defender = losses(front(7, 5, SMOOTH), front(7, 5, SMOOTH, climbing), replicates=20)[:, 1]
    np.testing.assert_array_equal(*defender)


@pytest.mark.parametrize(("own", "exposed"), [(0, 0), (3, 3 / 7), (4, 4 / 7), (7, 1), (9, 1)])
def test_whoever_lies_lower_than_the_enemy_exposes_itself_less(own, exposed):
    """Losses fall with one's own rung relative to the enemy's, apart from a share that does not depend on it."""
    heedless = {"dyad.combat.low_profile": 1}
    shelter = {"dyad.combat.low_profile": 0.2}
    open_, sheltered = mean_of(front(own, 7, SMOOTH, heedless), front(own, 7, SMOOTH, shelter))
    assert sheltered / open_ == pytest.approx(0.2 + 0.8 * exposed, rel=0.06)


def test_own_exposure_enters_what_a_government_expects_in_the_same_way():
    """The enemy at rung 5, who does not answer: what each of one's own rungs is expected to cost in lives."""
    still = both("government", fog=0, anticipation=0, force_prior_error=0, casualty_cost=1)
    worlds = [front(5, 5, SMOOTH, still, {"dyad.combat.low_profile": share}) for share in (1, 0.2)]
    terms = choosing(0, *worlds).governments["a"].terms["casualties"]
    heedless, sheltered = 10**-terms - 1
    np.testing.assert_allclose(sheltered / heedless, 0.2 + 0.8 * np.minimum(1, np.arange(10) / 5))
    peaceful = choosing(0, front(5, 0, SMOOTH, still, {"dyad.combat.low_profile": 0.2})).governments["a"]
    assert (peaceful.terms["casualties"] == 0).all()


def test_drones_of_one_side_cost_the_other_lives_at_their_rung_alone():
    for rung, factor in ((6, 2), (5, 1), (7, 1)):
        without, with_ = mean_of(front(rung, rung, SMOOTH), front(rung, rung, SMOOTH, {"dyad.combat.drones_b": 2}))
        assert with_ / without == pytest.approx(factor, rel=0.05)


def test_who_inflicts_losses_is_the_enemy():
    quiet_a = losses(front(1, 7, SMOOTH))[0]
    assert quiet_a[0].mean() > 0 and (quiet_a[1] == 0).all()


# -- how evenly -------------------------------------------------------------------------------------------------------


def severities(days=60, lanes=400, **combat):
    """The normal that stands behind each day's severity, shape (days, lanes)."""
    crisis, seen = battle(front(7, 7, group("dyad.combat", **combat)), replicates=lanes), []
    for day in range(days):
        on_day(crisis, day).combat.fight()
        seen.append(crisis.combat._severity["a"])
    return np.array(seen)


@pytest.mark.parametrize("persistence", [0.0, 0.4, 0.9])
def test_severity_carries_over_from_day_to_day(persistence):
    seen = severities(persistence=persistence)
    assert np.corrcoef(seen[:-1].ravel(), seen[1:].ravel())[0, 1] == pytest.approx(persistence, abs=0.03)
    assert seen.std() == pytest.approx(1, abs=0.05)
    assert seen[0].std() == pytest.approx(seen[-1].std(), abs=0.15)


def test_the_default_persistence_is_that_of_the_record():
    assert side_by_side(scenario()).combat.values.persistence == 0.4


def test_bloodiness_differs_between_crises_has_mean_one_and_a_cap():
    worlds = [scenario(group("dyad.combat", spell_sd=sd, spell_cap=cap)) for sd, cap in ((0, 8), (0.8, 100), (2.5, 5))]
    none, some, capped = side_by_side(*worlds, replicates=4000, citizens=5).combat.bloodiness.reshape(3, -1)
    assert (none == 1).all()
    assert some.mean() == pytest.approx(1, abs=0.06) and np.log(some).std() == pytest.approx(0.8, abs=0.03)
    assert stats.skew(np.log(capped)) < 0 and capped.max() > 5, "what the cap takes is given back to all"
    assert np.mean(capped == capped.max()) > 0.02


def test_bloodiness_is_one_for_both_sides_and_all_days():
    even = group("dyad.combat", spell_sd=1.5, spell_cap=100, spread_high=0, hurdle=0, lethality=5)
    table = losses(front(8, 8, even), days=3)[0]
    assert np.corrcoef(np.log1p(table[0, 0]), np.log1p(table[1, 0]))[0, 1] > 0.95
    assert np.corrcoef(np.log1p(table[0, 0]), np.log1p(table[0, 2]))[0, 1] > 0.95


@pytest.mark.parametrize(("rung", "name"), [(4, "spread_low"), (6, "spread_middle"), (9, "spread_high")])
def test_each_spread_belongs_to_its_rungs(rung, name):
    narrow = front(rung, rung, group("dyad.combat", spread_low=0, spread_middle=0, spread_high=0, lethality_low=5))
    first, second = losses(narrow, narrow.replaced({f"dyad.combat.{name}": 1.2}))[:, 0]
    assert second.std() > 1.2 * first.std()


def test_no_day_kills_more_than_the_cap():
    table = losses(front(9, 9, group("dyad.combat", spell_sd=2.5, spell_cap=100, day_cap=150)))
    assert table.max() == 150


# -- civilians --------------------------------------------------------------------------------------------------------


def civilians(*worlds, replicates=1000):
    crisis = battle(*worlds, replicates=replicates)
    crisis.combat.fight()
    return crisis.combat.civilians_today["a"].reshape(len(worlds), replicates)


def test_civilians_die_by_share_and_only_under_artillery():
    shares = group("dyad.combat", civilian_share_border=0.5, civilian_share_line=1)
    light, border, line, none = civilians(
        front(4, 4, SMOOTH, shares),
        front(8, 8, SMOOTH, shares),
        front(8, 8, SMOOTH, shares, {"dyad.civilians_at": "line_of_contact"}),
        front(8, 8, SMOOTH, group("dyad.combat", civilian_share_border=0)),
    )
    assert (light == 0).all() and (none == 0).all()
    assert border.mean() == pytest.approx(0.5 * DEATHS[8], rel=0.03)
    assert line.mean() == pytest.approx(DEATHS[8], rel=0.03)


def test_deaths_add_up():
    crisis = side_by_side(front(8, 7), replicates=20)
    total = dict.fromkeys("ab", 0)
    for _ in range(5):
        crisis.step()
        for side in "ab":
            total[side] = total[side] + crisis.combat.today[side]
    for side in "ab":
        np.testing.assert_array_equal(crisis.governments[side].deaths, total[side])


# -- what a day tells about forces ------------------------------------------------------------------------------------


def test_the_surprise_of_one_side_is_the_mirror_of_the_others():
    crisis = after(3, front(7, 8), replicates=50)
    np.testing.assert_allclose(crisis.combat.surprise("a"), -crisis.combat.surprise("b"))


@pytest.mark.parametrize(("a", "b"), [(5, 5), (5, 8), (8, 5)])
def test_surprises_cancel_however_uneven_the_exchange(a, b):
    """Nobody learns that they are stronger than they are from days that are merely skewed."""
    crisis = side_by_side(front(a, b, group("dyad.combat", spread_middle=0.9, spread_high=0.9)), replicates=4000)
    crisis.step()
    surprise = crisis.combat.surprise("a")
    assert abs(surprise.mean()) < 4 * surprise.std() / np.sqrt(surprise.size)


@pytest.mark.parametrize(("spread", "cap"), [(0, 8), (0.5, 8), (1.4, 8), (1.8, 50), (2.5, 3)])
def test_bloodiness_keeps_the_mean_of_deaths_wherever_it_is_capped(spread, cap):
    world = front(5, 5, group("dyad.combat", spell_sd=spread, spell_cap=cap))
    factor = side_by_side(world, replicates=6000).combat.bloodiness
    assert factor.mean() == pytest.approx(1, abs=4 * factor.std() / np.sqrt(factor.size) + 1e-12)


# -- a death that strikes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("side", "struck"), [("a", "a"), ("b", "b"), ("both", "ab")])
def test_a_salient_death_can_be_forced_on_a_day(side, struck):
    forced = group("dyad.combat", salient_day=2, salient_side=side, salient_share=0)
    crisis = side_by_side(front(4, 4, forced, {"dyad.combat.hurdle": 1}), replicates=60)
    for day in range(4):
        crisis.step()
        for own in "ab":
            expected = float(day == 2 and own in struck)
            assert (crisis.reports.of(own).salient == expected).all()
            assert (crisis.combat.today[own] >= expected).all()


def test_salient_deaths_come_by_share_of_the_dead():
    crisis = after(1, *(front(8, 8, {"dyad.combat.salient_share": share}) for share in (0, 0.02, 0.2)), replicates=500)
    none, few, many = crisis.reports.of("a").salient.reshape(3, -1).mean(axis=1)
    deaths = crisis.combat.today["a"].reshape(3, -1)[1]
    assert none == 0 and few < many
    assert few == pytest.approx((1 - 0.98**deaths).mean(), abs=0.05)
