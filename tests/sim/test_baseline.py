"""Results are what they were: any change must be deliberate and show in the diff of the baseline."""

import json

import pytest

from tests.update_baseline import FILE, WORLDS, measured

RECORDED = json.loads(FILE.read_text())


@pytest.fixture(scope="module")
def now():
    return json.loads(json.dumps(measured()))


def test_the_baseline_holds_the_worlds_it_is_made_of():
    assert list(RECORDED) == list(WORLDS)


@pytest.mark.parametrize("world", WORLDS)
def test_results_have_not_changed(world, now):
    """If they should have: ``python -m tests.update_baseline``, and say why in the commit."""
    changed = {name: (value, now[world][name]) for name, value in RECORDED[world].items() if now[world][name] != value}
    assert changed == {}, "was, is"
    assert list(now[world]) == list(RECORDED[world])


def test_the_worlds_are_worth_watching():
    """Between them they see war and peace, agreements and collapses, allies, operations that end and are renewed."""
    total = {
        name: sum(world[name] for world in RECORDED.values())
        for name in ("agreements", "collapses", "ally_support", "deaths_a", "relapsed", "days_hot", "renewals_a")
    }
    assert all(number > 0 for number in total.values()), total
    assert len({kind for world in RECORDED.values() for kind in world["severity"]}) >= 4
    assert len({way for world in RECORDED.values() for way in world["termination"]}) >= 4
