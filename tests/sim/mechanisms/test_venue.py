"""The venue: six consequences, each of which can be set apart."""

import numpy as np
import pytest

from tests.support.worlds import group, scenario, side_by_side

COMPONENTS = ["stakes", "coverage", "fear", "terrain", "civilians", "surprise"]
CONTRAST = {
    "dyad.stake_border_a": 0.5,
    "dyad.stake_border_b": 1.7,
    "dyad.fear_line": 0.2,
    "dyad.fog_line": 2,
    **group("dyad.combat", civilian_share_border=0.1, civilian_share_line=0.9),
    **group("alliance.first", present=1, treaty="border"),
}


def reading(world):
    """What each component of the venue makes of a world."""
    crisis = side_by_side(world)
    venue = crisis.venue
    return {
        "stakes": (venue.stake("a").item(), venue.stake("b").item()),
        "coverage": crisis.allies[0].covered.item(),
        "fear": venue.fear_factor.item(),
        "terrain": tuple(venue.force("a")[0]) + tuple(venue.force("b")[0]),
        "civilians": venue.civilian_share.item(),
        "surprise": (venue.fog.item(), crisis.incidents._scale().item()),
    }


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_can_be_moved_by_itself(component):
    border, line = reading(scenario(CONTRAST)), reading(scenario(CONTRAST, {"dyad.venue": "line_of_contact"}))
    moved = reading(scenario(CONTRAST, {f"dyad.{component}_at": "line_of_contact"}))
    assert moved == {**border, component: line[component]} and moved != border
    kept = reading(scenario(CONTRAST, {"dyad.venue": "line_of_contact", f"dyad.{component}_at": "border"}))
    assert kept == {**line, component: border[component]}


def test_naming_the_venue_itself_changes_nothing():
    for venue in ("border", "line_of_contact"):
        here, named = {"dyad.venue": venue}, {f"dyad.{component}_at": venue for component in COMPONENTS}
        assert reading(scenario(CONTRAST, here, named)) == reading(scenario(CONTRAST, here))


def test_all_components_moved_together_are_the_other_venue():
    moved = {f"dyad.{component}_at": "line_of_contact" for component in COMPONENTS}
    assert reading(scenario(CONTRAST, moved)) == reading(scenario(CONTRAST, {"dyad.venue": "line_of_contact"}))


def test_the_wider_balance_holds_everywhere_from_the_rung_of_general_war():
    local, general = 1.2, 1.0
    for rung in (6, 8, 10):
        force = side_by_side(scenario({"dyad.combat.general_war_rung": rung})).venue.force("a")[0]
        np.testing.assert_array_equal(force, np.where(np.arange(10) >= rung, general, local))


def test_drones_count_at_their_own_rung_alone():
    with_, without = (side_by_side(scenario({"dyad.combat.drones_b": drones})).venue.force("b")[0] for drones in (2, 1))
    np.testing.assert_array_equal(with_ / without, np.where(np.arange(10) == 6, 2, 1))
