"""Measures that outcomes do not hold: null contrasts are exactly zero, and chunks change nothing."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.claims.claim import UNMEDIATED, setting
from experiments.claims.measures import MEASURES, Crises
from experiments.design.hyperparameters import lay_over
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import Settings

SETTINGS = Settings(citizens=10, horizon_days=25, luck="own")
LANES = 24
WATCHED = [name for name, measure in MEASURES.items() if measure.watches]


def measured(name: str, lanes: slice = slice(None), **changes: float | str) -> np.ndarray:
    settings = {name.replace("__", "."): value for name, value in changes.items()}
    scenario = lay_over(scenario_named("tovuz_2020", *UNMEDIATED), settings)
    points = Points.cross(scenario, np.zeros(4, int), {"dyad.incidents.rate": np.array([0.01, 0.02, 0.05, 0.1])})
    lane = np.arange(LANES)[lanes]
    return MEASURES[name].function(Crises(points, lane % 4, lane // 4, SETTINGS))


@pytest.mark.parametrize("name", [name for name in WATCHED if name != "advance_after_a_step_back"])
def test_chunks_change_nothing(name: str) -> None:
    parts = [measured(name, some) for some in (slice(0, 7), slice(7, LANES))]
    np.testing.assert_array_equal(np.concatenate(parts), measured(name))


def test_approval_without_weight_neither_pushes_nor_holds_back() -> None:
    mute = {path.replace(".", "__"): value for path, value in setting(0, "government.?.domestic_weight").items()}
    for name in ("net_push", "pushed_share"):
        values = measured(name, **mute)
        assert np.nansum(np.abs(values)) == 0 and not np.isnan(values).all()


def test_a_clash_counts_only_after_a_calm() -> None:
    restless = measured("war_added_by_a_clash", dyad__start_rung_a=7, dyad__start_rung_b=7)
    peaceful = measured(
        "war_added_by_a_clash", dyad__start_rung_a=2, dyad__start_rung_b=2, dyad__incidents__autonomous_risk=0
    )
    assert np.isnan(restless).sum() > np.isnan(peaceful).sum()
    assert set(np.unique(peaceful[~np.isnan(peaceful)])) <= {-1.0, 0.0, 1.0}


def test_what_is_forced_on_day_two_shows_on_day_two() -> None:
    killed = measured("protest_when_alarmed", dyad__combat__salient_day=2, dyad__combat__salient_side="b")
    nobody = measured("protest_when_alarmed", dyad__combat__salient_share=0)
    assert (killed > nobody).mean() > 0.6 and np.median(killed / nobody) > 1.1


def test_stronger_drones_mean_more_days_with_drones() -> None:
    strong, weak = (measured("days_of_b_at_six", dyad__combat__drones_b=by) for by in (2, 1))
    assert strong.mean() > weak.mean()
