"""An ally: how reliable it is, what shadow it casts, when it climbs, and whom it emboldens or holds back."""

import numpy as np
import pytest
from scipy.special import expit

from sim.scenario import Scenario
from tests.support.worlds import FROZEN, after, apart, arms, both, choosing, group, on_day, same, scenario, side_by_side

ALLY = group("alliance.first", present=1, protege="a")
KNOWN = {"alliance.knowledge_a": 1, "alliance.knowledge_b": 1}
ONE_STEP_AHEAD = tuple(tuple(float(k == min(j + 1, 9)) for k in range(10)) for j in range(10))
"""Odds under which a crisis at rung j peaks at j + 1 for sure."""
HERE_AND_NOW = tuple(tuple(float(k == j) for k in range(10)) for j in range(10))


def world(*changes, odds=HERE_AND_NOW, **ally) -> Scenario:
    """A border clash at rung 5 with one ally, of side a unless told otherwise, whom both sides know well."""
    changed = scenario(FROZEN, ALLY, KNOWN, group("alliance.first", **ally), *changes)
    return Scenario.from_mapping({"peak_odds": odds}).replaced_all(changed.values()) if odds else changed


def ally_of(*worlds, days=0, slot=0, **options):
    """The ally on a morning when it has considered and both governments have chosen."""
    return choosing(days, *worlds, **options).allies[slot]


# -- reliability ------------------------------------------------------------------------------------------------------


def test_reliability_is_that_of_the_equation():
    ally = ally_of(
        world(
            treaty="border",
            reliability=-1,
            alignment=0.5,
            hedging=2,
            alignment_slope=2,
            treaty_weight=1,
            threat_slope=8,
            threat_threshold=0.3,
            consensus=0.7,
        )
    )
    log_odds = -1 + 2 * 0.5**2 + 1 + 8 * (0.5 * 1 - 0.3)
    assert ally.reliability == pytest.approx(0.7 * expit(log_odds))


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("alignment", (0, 0.5, 1), 1),
        ("hedging", (0.5, 1, 2), -1),
        ("reliability", (-6, 0, 4), 1),
        ("threat_threshold", (0.05, 0.5, 0.95), -1),
        ("treaty_weight", (0, 1, 4), 1),
        ("consensus", (0, 0.5, 1), 1),
        ("alignment_slope", (0, 2, 6), 1),
    ],
)
def test_reliability_rises_and_falls_with(name, values, sign):
    seen = ally_of(*(world(treaty="everywhere", **{name: value}) for value in values)).reliability
    assert (np.diff(seen) * sign > 0).all()


@pytest.mark.parametrize(
    ("treaty", "venue", "covered"),
    [
        ("none", "border", 0),
        ("border", "border", 1),
        ("border", "line_of_contact", 0),
        ("everywhere", "border", 1),
        ("everywhere", "line_of_contact", 1),
        ("none", "line_of_contact", 0),
    ],
)
def test_a_treaty_covers_where_it_applies(treaty, venue, covered):
    assert ally_of(world({"dyad.venue": venue}, treaty=treaty)).covered == covered


def test_threat_comes_of_the_enemys_rung_where_covered_of_ground_lost_and_of_the_capital():
    crisis = side_by_side(*(world(treaty="everywhere") for _ in range(4)), world())
    crisis.territory.gain = np.array([0, 0.1, 0.25, -0.25, 0])
    on_day(crisis, 0)
    crisis.allies[0].update_reliability()
    threat = crisis.allies[0].threat
    np.testing.assert_allclose(threat[0], 0.5 * np.arange(10) / 9)
    np.testing.assert_allclose(threat[1], threat[0] + 0.1 / 0.6)
    np.testing.assert_allclose(threat[2], np.minimum(threat[0] + 0.25 / 0.6 + 0.3, 1))
    np.testing.assert_allclose(threat[3], threat[0])
    assert (threat[4] == 0).all()


def test_threat_is_that_to_the_protege_of_either_side():
    crisis = side_by_side(world(protege="b"))
    crisis.territory.gain = np.array([-0.25])
    crisis.allies[0].update_reliability()
    assert crisis.allies[0].threat[0, 0] == pytest.approx(0.25 / 0.6 + 0.3)


def test_an_ally_stands_back_from_a_protege_that_began_it():
    opened = {"dyad.trigger_side": "a", "dyad.trigger_rung": 6}
    innocent, culpable, forgiven = ally_of(
        world(culpability=2), world(opened, culpability=2), world(opened, culpability=0)
    ).reliability
    assert culpable < innocent == forgiven


def test_ties_between_patrons_restrain_both():
    pair = group("alliance.second", present=1, protege="b", start_support=2)
    free, tied = (ally_of(world(pair, {"alliance.tie_12": tie})).reliability.item() for tie in (0, 1))
    assert tied < free
    idle = group("alliance.second", present=1, protege="b", start_support=0)
    assert ally_of(world(idle, {"alliance.tie_12": 1})).reliability == free
    other_free, other_tied = (
        ally_of(world(pair, {"alliance.tie_12": tie}, start_support=2), slot=1).reliability.item() for tie in (0, 1)
    )
    assert other_tied < other_free


@pytest.mark.parametrize(
    ("tie", "slots"), [("tie_12", ("first", "second")), ("tie_13", ("first", "third")), ("tie_23", ("second", "third"))]
)
def test_each_tie_binds_its_own_pair(tie, slots):
    three = {
        path: value
        for slot in ("first", "second", "third")
        for path, value in group(f"alliance.{slot}", present=1, start_support=2).items()
    }
    none = group("alliance", tie_12=0, tie_13=0, tie_23=0)
    free, tied = (choosing(0, world(three, none, {f"alliance.{tie}": strength})) for strength in (0, 1))
    held_back = {
        slot
        for number, slot in enumerate(("first", "second", "third"))
        if tied.allies[number].reliability < free.allies[number].reliability
    }
    assert held_back == set(slots)


# -- the shadow on the enemy of the protege ---------------------------------------------------------------------------


def shadow(*worlds, side="b", **options):
    """What a side fears of the other's ally at each rung, shape (lanes, rungs)."""
    return choosing(0, *worlds, **options).governments[side].shadow


def test_the_enemy_of_the_protege_fears_it_and_the_protege_does_not():
    assert (shadow(world(treaty="border"))[0, 1:] > 0).all()
    assert (shadow(world(treaty="border"), side="a") == 0).all()
    assert (shadow(world(treaty="border", protege="b"), side="a")[0, 1:] > 0).all()


def test_the_shadow_is_weight_times_chance_times_how_much_it_matters_there():
    kwargs = {"treaty": "border", "threat_threshold": 0.3}
    seen = shadow(world({"alliance.shadow_weight": 3, "alliance.shadow_power": 2}, **kwargs))[0]
    ally = ally_of(world(**kwargs))
    chance = ally.values.consensus / (1 + np.exp(-ally.readiness[0]))
    np.testing.assert_allclose(seen, 3 * chance * (np.arange(10) / 9) ** 2)


def test_the_shadow_can_be_switched_off_exactly():
    """At weight zero an ally that never comes and is not counted on changes nothing at all."""
    absent = scenario({"alliance.shadow_weight": 0})
    silent = scenario(
        {"alliance.shadow_weight": 0}, ALLY, group("alliance.first", word_pace=0, deed_pace=0, moral_hazard=0)
    )
    one, two = arms(absent, silent, replicates=40)
    assert same(one, two, but=("point",))


def test_the_shadow_falls_on_every_rung_from_which_the_crisis_may_climb():
    now, ahead = (shadow(world(treaty="border", odds=odds))[0] for odds in (HERE_AND_NOW, ONE_STEP_AHEAD))
    np.testing.assert_allclose(ahead[:-1], now[1:])
    assert ahead[-1] == now[-1]


def test_in_the_world_of_the_threshold_help_counts_only_where_it_would_come_at_once():
    only = {"alliance.shadow": "threshold_only"}
    seen = shadow(world(only, treaty="border", threat_threshold=0.4, odds=ONE_STEP_AHEAD))[0]
    reached = 0.5 * np.arange(10) / 9 >= 0.4
    assert (seen[~reached] == 0).all() and (seen[reached] > 0).all() and 0 < reached.sum() < 10
    assert (shadow(world(only, treaty="border", threat_threshold=0.95))[0] == 0).all()


def test_the_measured_odds_shipped_with_the_model_are_odds():
    from sim.engine.peak_odds import SHIPPED

    table = np.array(SHIPPED)
    np.testing.assert_allclose(table.sum(axis=1), 1, atol=1e-3)
    assert (table >= 0).all() and (np.tril(table, -1) == 0).all(), "a crisis cannot peak below where it is"


def test_a_line_of_contact_can_be_feared_less():
    border, line = (
        shadow(world({"dyad.fear_at": place, "dyad.fear_line": 0.5}, treaty="everywhere"))[0]
        for place in ("border", "line_of_contact")
    )
    np.testing.assert_allclose(line, border / 2)


def test_a_feared_ally_holds_its_proteges_enemy_down():
    close = {"treaty": "border", "threat_threshold": 0.1, "moral_hazard": 0, "word_pace": 0, "deed_pace": 0}
    base = scenario(ALLY, both("government", clock_crisis=1), group("alliance.first", **close))
    unafraid, afraid = arms(*(base.replaced({"alliance.shadow_weight": weight}) for weight in (0, 6)))
    assert afraid["peak_rung_b"].mean() <= unafraid["peak_rung_b"].mean()
    assert afraid["tension"].mean() < unafraid["tension"].mean() - 2


# -- what is believed -------------------------------------------------------------------------------------------------


def test_knowledge_removes_error_about_allies():
    doubt = {"alliance.belief_error": 2}
    for knowledge, spread in ((1, 0.0), (0.5, 1.0), (0, 2.0)):
        ally = side_by_side(
            world(doubt, {"alliance.knowledge_a": 0, "alliance.knowledge_b": knowledge}), replicates=2000, citizens=5
        ).allies[0]
        assert ally._errors["b"].std() == pytest.approx(spread, rel=0.06)
        assert ally._errors["a"].std() == pytest.approx(2, rel=0.06)
    assert side_by_side(world({"alliance.belief_error": 0, "alliance.knowledge_b": 0})).allies[0]._errors["b"] == 0


def test_errors_differ_between_sides_and_allies():
    pair = {**group("alliance.second", present=1), "alliance.knowledge_a": 0, "alliance.knowledge_b": 0}
    crisis = side_by_side(world(pair), replicates=2000, citizens=5)
    errors = [ally._errors[side] for ally in crisis.allies for side in "ab"]
    assert np.abs(np.corrcoef(errors) - np.eye(4)).max() < 0.09


def test_a_side_that_knows_better_fears_what_is_there_to_fear():
    ignorant = {"alliance.knowledge_b": 0, "alliance.belief_error": 3}
    known, guessed = apart(shadow(world(treaty="border"), world(ignorant, treaty="border"), replicates=200)[:, 8], 2)
    assert np.ptp(known) == 0 < np.ptp(guessed)


# -- moral hazard and other doings on its own side --------------------------------------------------------------------


def test_help_that_is_expected_emboldens_the_protege():
    crisis = choosing(0, *(world(treaty="border", moral_hazard=hazard, base_support=1.5) for hazard in (0, 1, 2)))
    hoped = crisis.governments["a"].hoped_force[:, 8]
    assert (np.diff(hoped) > 0).all() and hoped[0] == crisis.governments["a"].actual_force[0, 8]
    assert len(set(crisis.governments["b"].hoped_force[:, 8])) == 1


def test_support_raises_resolve_by_its_level():
    resolve = choosing(0, *(world(emboldening=0.5, start_support=level) for level in range(4))).governments["a"].resolve
    np.testing.assert_allclose(resolve / resolve[0], [1, 1.5, 2, 2.5])


def test_a_patron_may_hold_its_own_protege_back():
    term = choosing(0, world(restraint=2)).governments["a"].terms["own allies"][0]
    assert (term[:4] == 0).all() and (term[4:] == -2).all()
    assert (choosing(0, world(restraint=2)).governments["b"].terms["own allies"] == 0).all()


def test_a_distant_friend_can_make_an_attack_dear_and_hardship_light():
    crisis = choosing(0, world({"alliance.shadow_weight": 0}, protection=0.7))
    term = crisis.governments["b"].terms["enemy's allies"][0]
    assert (term[:5] == 0).all() and (term[5:] == -0.7).all()
    assert (crisis.governments["a"].terms["enemy's allies"] == 0).all()


@pytest.mark.parametrize(("level", "material", "direct"), [(0, 0, 0), (1, 0, 0), (2, 0.18, 0), (3, 0.18, 0.6)])
def test_material_support_multiplies_force_and_direct_entry_adds_to_it(level, material, direct):
    crisis = choosing(0, world(start_support=level), world({"alliance.first.present": 0}))
    with_, without = crisis.governments["a"].actual_force
    np.testing.assert_allclose(with_, without * (1 + material) + direct)
    np.testing.assert_array_equal(*crisis.governments["b"].actual_force)


def test_help_shifts_the_losses():
    fight = {"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}
    crisis = after(3, *(world(fight, start_support=level, base_support=1.5) for level in (0, 3)), replicates=40)
    alone, helped = apart(crisis.governments["a"].deaths, 2).sum(axis=1)
    assert helped < 0.7 * alone


# -- climbing ---------------------------------------------------------------------------------------------------------

KEEN = {"word_pace": 1, "deed_pace": 1, "consensus": 1, "reliability": 4, "threat_threshold": 0.05, "alignment": 1}


def climb(days, rung, **ally):
    fight = {"dyad.start_rung_a": rung, "dyad.start_rung_b": rung}
    return after(days, world(fight, treaty="border", **{**KEEN, **ally}), replicates=100).allies[0].support


def test_support_climbs_one_level_a_day_and_only_in_fighting():
    assert [climb(days, 6).max() for days in (1, 2, 3, 4)] == [1, 2, 3, 3]
    assert (climb(4, 3) == 0).all()


def test_support_never_falls_and_never_passes_what_an_ally_can_give():
    assert climb(6, 8, most_support=2).max() == 2
    assert (climb(6, 8, most_support=1, start_support=3) == 1).all()
    assert (climb(6, 3, start_support=2) == 2).all()


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("word_pace", (0, 0.2, 1), 1),
        ("rhetorical_ease", (0, 2, 10), 1),
        ("threat_slope", (0, 3, 6), -1),
        ("alignment", (0, 0.5, 1), 1),
    ],
)
def test_words_come_sooner_with(name, values, sign):
    hesitant = {
        "reliability": -4,
        "threat_threshold": 0.9,
        "word_pace": 0.3,
        "threat_slope": 4,
        "rhetorical_ease": 3,
        "most_support": 1,
    }
    spoken = [(climb(4, 5, **{**hesitant, name: value}) > 0).mean() for value in values]
    assert (np.diff(spoken) * sign > 0).all()


@pytest.mark.parametrize(("name", "values"), [("deed_pace", (0, 0.1, 1)), ("material_ease", (0, 2, 10))])
def test_deeds_come_sooner_with(name, values):
    hesitant = {
        "reliability": 0,
        "threat_threshold": 0.9,
        "start_support": 1,
        "deed_pace": 0.4,
        "most_support": 2,
        "alignment": 0.5,
    }
    sent = [(climb(4, 5, **{**hesitant, name: value}) > 1).mean() for value in values]
    assert (np.diff(sent) > 0).all()


def test_words_come_before_deeds_and_deeds_before_troops():
    chances = [
        (climb(1, 5, reliability=-4, threat_threshold=0.9, start_support=level) > level).mean() for level in (0, 1, 2)
    ]
    assert chances[0] > chances[1] > chances[2]


def test_entry_is_noted_on_its_day():
    crisis = side_by_side(
        world({"dyad.start_rung_a": 8, "dyad.start_rung_b": 8}, treaty="border", start_support=2, **KEEN), replicates=30
    )
    crisis.step()
    entered = crisis.allies[0].entered_today
    assert entered.any() and (crisis.allies[0].support[entered] == 3).all()
    crisis.step()
    assert not (crisis.allies[0].entered_today & entered).any()


def test_help_expected_can_raise_the_protege_where_nobody_fears_it():
    """Moral hazard by itself; with the shadow on, the two pull apart and their net effect is an output."""
    base = {"treaty": "border", "threat_threshold": 0.1, "base_support": 1.5, "word_pace": 0, "deed_pace": 0}
    world_ = scenario(
        ALLY,
        both("government", clock_crisis=1, resolve=6, resolve_sd=0),
        {"alliance.shadow_weight": 0},
        group("alliance.first", **base),
    )
    none, hazard = arms(*(world_.replaced({"alliance.first.moral_hazard": weight}) for weight in (0, 2)))
    assert hazard["peak_rung_a"].mean() > none["peak_rung_a"].mean()
