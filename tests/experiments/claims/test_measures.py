"""Measures that outcomes do not hold: null contrasts are exactly zero, and chunks change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.claims.catalogue import UNMEDIATED, both_sides
from experiments.claims.measures import WATCHES, Crises
from experiments.design.priors import lay_over
from experiments.targets.targets import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import Settings

SETTINGS = Settings(citizens=10, horizon_days=25, luck="own")
LANES = 24


def watched(name: str, lanes: slice = slice(None), **changes: float | str) -> dict[str, np.ndarray]:
    settings = {name.replace("__", "."): value for name, value in changes.items()}
    scenario = lay_over(scenario_named("tovuz_2020", *UNMEDIATED), settings)
    points = Points.cross(scenario, np.zeros(4, int), {"dyad.incidents.rate": np.array([0.01, 0.02, 0.05, 0.1])})
    lane = np.arange(LANES)[lanes]
    return WATCHES[name](Crises(points, lane % 4, lane // 4, SETTINGS))


@pytest.mark.parametrize("name", [name for name in WATCHES if name != "answers_to_a_step_back"])
def test_chunks_change_nothing(name: str) -> None:
    first, rest, whole = (watched(name, some) for some in (slice(0, 7), slice(7, LANES), slice(None)))
    for column in whole:
        np.testing.assert_array_equal(np.concatenate([first[column], rest[column]]), whole[column])


def test_publics_without_weight_neither_push_nor_hold_back() -> None:
    mute = {path.replace(".", "__"): 0 for path in both_sides("government.?.domestic_weight")}
    found = watched("decisions_once_more", **mute)
    np.testing.assert_array_equal(found["steps_up"], found["steps_up_without_publics"])
    assert not np.isnan(found["steps_up"]).all()


def test_publics_may_hold_back_as_well_as_push() -> None:
    found = watched("decisions_once_more")
    gaps = found["steps_up"] - found["steps_up_without_publics"]
    assert np.nanmin(gaps) < 0 or np.nanmax(gaps) > 0


def test_a_clash_counts_only_after_a_calm() -> None:
    restless = watched("war_after_a_calm", dyad__start_rung_a=7, dyad__start_rung_b=7)["war_after_clash"]
    peaceful = watched(
        "war_after_a_calm", dyad__start_rung_a=2, dyad__start_rung_b=2, dyad__incidents__autonomous_risk=0
    )["war_after_clash"]
    assert np.isnan(restless).sum() > np.isnan(peaceful).sum()
    assert set(np.unique(peaceful[~np.isnan(peaceful)])) <= {0.0, 1.0}


def test_what_is_forced_on_day_two_shows_on_day_two() -> None:
    name = "protest_when_alarmed"
    killed = watched(name, dyad__combat__salient_day=2, dyad__combat__salient_side="b")[name]
    nobody = watched(name, dyad__combat__salient_share=0)[name]
    assert (killed > nobody).mean() > 0.6 and np.median(killed / nobody) > 1.1


def test_stronger_drones_mean_more_days_with_drones() -> None:
    strong, weak = (watched("rungs_of_b", dyad__combat__drones_b=by)["days_of_b_at_six"] for by in (2, 1))
    assert strong.mean() > weak.mean()
