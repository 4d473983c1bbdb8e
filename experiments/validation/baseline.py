"""The baseline's headline checks: calm without a mediator over the map of inertia, and what a channel alone does."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrasts
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import wilson
from experiments.statistics.metrics import metric
from experiments.statistics.vocabulary import HEADLINE_DAY
from experiments.targets.populations import scenario_named
from experiments.targets.tables import outcome_frame
from sim.engine.lanes import Points
from sim.ensemble import Settings, simulate
from sim.scenario import Scenario

STEPS = (0.1, 0.4, 0.7, 1.2, 2.0)
"""Costs of climbing and of coming down one rung, in utility, on both sides alike."""

NO_MEDIATOR = {f"mediation.{which}present": 0 for which in ("", "second.", "third.")}
ALONE = {**NO_MEDIATOR, "talks.present": 0, "alliance.shadow_weight": 0}
WITHOUT = {"without a mediator": NO_MEDIATOR, "without mediator, direct talks or fear of allies": ALONE}
"""The two arms in which calm has to come from the two governments."""

ARMS = {
    "no mediator": ("mediation=none", "talks=none"),
    "placebo": ("mediation=placebo", "talks=none"),
    "own mediation": ("talks=none",),
    "direct talks": ("mediation=none", "talks=hotline"),
}
METRICS = (
    "calm_14",
    "calm",
    "limited_war_or_worse",
    "restricted_days_to_calm",
    "silence",
    "days_heavy",
    "days_hot",
    "deaths",
    "agreement",
    "relapse",
)
HORIZON = 120


def inertia_map(scenario: Scenario, replicates: int, seed: int = 1, steps: Sequence[float] = STEPS) -> pl.DataFrame:
    """P(calm by day 60) where nobody mediates, over the costs of stepping up and down.

    Returns
    -------
    pl.DataFrame
        A row a cell: ``arm, step_up, step_down, value, low, high, lanes``.
    """
    names = list(WITHOUT)
    cells = [(arm, up, down) for arm in range(len(names)) for up in steps for down in steps]
    choice, up, down = (np.array(column) for column in zip(*cells, strict=True))
    columns = {
        f"government.{side}.{name}": values for side in "ab" for name, values in (("step_up", up), ("step_down", down))
    }
    points = Points.cross([scenario.replaced(changes) for changes in WITHOUT.values()], choice, columns)
    lanes = simulate(points, replicates, Settings(seed=seed, horizon_days=HORIZON, citizens=200)).lanes
    calm = (lanes["days_to_calm"] >= 0) & (lanes["days_to_calm"] <= HEADLINE_DAY)
    share = np.bincount(lanes["point"], weights=calm, minlength=len(cells)) / replicates
    low, high = wilson(share, replicates)
    return pl.DataFrame(
        {
            "arm": [names[arm] for arm in choice],
            "step_up": up,
            "step_down": down,
            "value": share,
            "low": low,
            "high": high,
            "lanes": replicates,
        }
    )


def arms_of(scenario: str, replicates: int, seed: int = 1) -> list[Arm]:
    """The arms of :data:`ARMS` for a shipped scenario, under the same luck."""
    points = Points.of([scenario_named(scenario, *overrides) for overrides in ARMS.values()])
    outcomes = simulate(points, replicates, Settings(seed=seed, horizon_days=HORIZON))
    table = outcome_frame(outcomes)
    return [Arm(name, table.filter(pl.col("point") == number), HORIZON) for number, name in enumerate(ARMS)]


def placebo_table(arms: Sequence[Arm]) -> pl.DataFrame:
    """Every arm against no mediator; the placebo's row is what a channel without any lever changes."""
    metrics = [metric(name, HORIZON, arms[0].lanes.schema) for name in METRICS]
    return contrasts(arms, arms[0], metrics)


def headline(arms: Sequence[Arm]) -> pl.DataFrame:
    """P(calm by day 60) in every arm: ``arm, value, low, high, error, lanes, units``."""
    calm = metric("calm", HORIZON, arms[0].lanes.schema)
    return pl.DataFrame([{"arm": arm.name, **vars(estimate(arm.sample(calm), calm))} for arm in arms])
