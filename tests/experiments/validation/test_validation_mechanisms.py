"""Switching mechanisms off."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from experiments.validation.effects import (
    away_from_neutral,
    can_be_off,
    changed_share,
    dead_mechanisms,
    effects_of_mechanisms,
    everything_on,
    mechanism_name,
    mechanisms,
    switch_off_points,
)
from sim.scenario import Scenario, parameters

OPTIONAL = sorted(path for path, item in parameters().items() if can_be_off(item))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("government.b.reciprocity", "government.reciprocity"),
        ("dyad.combat.drones_a", "dyad.combat.drones"),
        ("alliance.third.relief", "alliance.ally.relief"),
        ("alliance.tie_13", "alliance.ties"),
        ("mediation.second.cover", "mediation.cover"),
        ("alliance.knowledge_b", "alliance.knowledge"),
    ],
)
def test_sides_allies_and_mediators_are_taken_together(path, name):
    assert mechanism_name(path) == name
    assert path in mechanisms()[name]


def test_every_parameter_with_an_off_position_belongs_to_one_mechanism():
    paths = [path for own in mechanisms().values() for path in own]
    assert sorted(paths) == OPTIONAL


def test_everything_on_leaves_nothing_at_its_off_position():
    values = everything_on(Scenario()).values()
    assert [path for path in OPTIONAL if values[path] == parameters()[path].neutral] == []


@pytest.mark.parametrize("path", OPTIONAL)
def test_a_value_that_switches_on_is_allowed(path):
    item = parameters()[path]
    assert item.check(path, away_from_neutral(item)) != item.neutral


def test_points_switch_one_mechanism_off_each():
    base = Scenario().replaced({"government.a.fog": 1.5})
    chosen = {name: mechanisms()[name] for name in ("government.fog", "talks.ripeness")}
    points = switch_off_points(base, chosen)
    assert points.scenario(0) == base
    assert [points.scenario(k).get("government.a.fog") for k in (1, 2)] == [0, 1.5]
    assert [points.scenario(k).get("talks.ripeness") for k in (1, 2)] == [0.5, 0]


def test_a_mechanism_at_rest_changes_nothing_and_one_at_work_does():
    chosen = {name: mechanisms()[name] for name in ("public.bounded_confidence", "government.reciprocity")}
    table = effects_of_mechanisms(Scenario(), replicates=6, citizens=20, switched=chosen)
    found = {row["mechanism"]: row for row in table.iter_rows(named=True)}
    assert found["public.bounded_confidence"]["idle"]
    assert found["public.bounded_confidence"]["changed"] == 0
    assert found["public.bounded_confidence"]["days_hot"] == 0
    assert found["government.reciprocity"]["changed"] > 0
    assert not found["government.reciprocity"]["idle"]


def test_changed_share_counts_rows_and_takes_two_nulls_for_equal():
    one = pl.DataFrame({"point": [0, 0, 0], "x": [1, 2, None], "y": ["a", "b", None]})
    other = pl.DataFrame({"point": [1, 1, 1], "x": [1, 3, None], "y": ["a", "c", None]})
    assert changed_share(one, other) == pytest.approx(1 / 3)
    assert changed_share(one, one) == 0


def test_what_changes_nothing_anywhere_is_named():
    def table(changed):
        return pl.DataFrame({"mechanism": ["x", "y"], "changed": np.array(changed, float)})

    assert dead_mechanisms({"one": table([0, 0]), "other": table([0, 0.2])}) == ["x"]
