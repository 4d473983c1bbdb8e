"""Measures that outcomes do not hold: null contrasts are exactly zero, and chunks change nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from experiments.claims import aftermath, special, watching
from experiments.claims.claim import UNMEDIATED, setting
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import Settings

SETTINGS = Settings(citizens=10, horizon_days=25, luck="own")
LANES = 24
MEASURES = [
    aftermath.war_added_by_a_clash,
    special.net_push,
    watching.days_of_fire,
    watching.over_in_six_days,
    watching.days_of_b_at_six,
    watching.days_of_b_at_seven,
    watching.b_climbs_when_alarmed,
    watching.protest_when_alarmed,
    watching.a_climbs_early,
    watching.a_backs_down_first,
    watching.force_of_b,
    watching.attitude_of_publics,
]


def measured(measure: Callable[..., np.ndarray], lanes: slice = slice(None), **changes: float | str) -> np.ndarray:
    scenario = scenario_named("tovuz_2020", *UNMEDIATED).replaced({k.replace("__", "."): v for k, v in changes.items()})
    points = Points.cross(scenario, np.zeros(4, int), {"dyad.incidents.rate": np.array([0.01, 0.02, 0.05, 0.1])})
    lane = np.arange(LANES)[lanes]
    return measure(points, lane % 4, lane // 4, SETTINGS)


@pytest.mark.parametrize("measure", MEASURES, ids=lambda measure: measure.__name__)
def test_chunks_change_nothing(measure: Callable[..., np.ndarray]) -> None:
    parts = [measured(measure, some) for some in (slice(0, 7), slice(7, LANES))]
    np.testing.assert_array_equal(np.concatenate(parts), measured(measure))


def test_approval_without_weight_neither_pushes_nor_holds_back() -> None:
    mute = {path.replace(".", "__"): value for path, value in setting(0, "government.?.domestic_weight").items()}
    for measure in (special.net_push, special.pushed_share):
        found = measured(measure, **mute)
        assert np.nansum(np.abs(found)) == 0 and not np.isnan(found).all()


def test_a_clash_counts_only_after_a_calm() -> None:
    restless = measured(aftermath.war_added_by_a_clash, dyad__start_rung_a=7, dyad__start_rung_b=7)
    peaceful = measured(
        aftermath.war_added_by_a_clash, dyad__start_rung_a=2, dyad__start_rung_b=2, dyad__incidents__autonomous_risk=0
    )
    assert np.isnan(restless).sum() > np.isnan(peaceful).sum()
    assert set(np.unique(peaceful[~np.isnan(peaceful)])) <= {-1.0, 0.0, 1.0}


def test_what_is_forced_on_day_two_shows_on_day_two() -> None:
    killed = measured(watching.protest_when_alarmed, dyad__combat__salient_day=2, dyad__combat__salient_side="b")
    nobody = measured(watching.protest_when_alarmed, dyad__combat__salient_share=0)
    assert (killed > nobody).mean() > 0.6 and np.median(killed / nobody) > 1.1


def test_stronger_drones_mean_more_days_with_drones() -> None:
    strong, weak = (measured(watching.days_of_b_at_six, dyad__combat__drones_b=by) for by in (2, 1))
    assert strong.mean() > weak.mean()
