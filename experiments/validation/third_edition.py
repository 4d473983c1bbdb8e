"""What each change of the third edition does to the baseline alone: switched on over none of them, and off from all.

Every change has a null, at which the model is what it was without it. Where a scenario has a change at its null, it is
switched on at a value of the pilot fits.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from experiments.claims.catalogue import laid_over
from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast
from experiments.statistics.estimates import estimate
from experiments.statistics.metrics import metric
from experiments.targets.populations import scenario_named
from experiments.targets.tables import outcome_frame
from experiments.validation.mechanisms import SETTINGS
from sim.engine.lanes import Points
from sim.ensemble import Settings, simulate
from sim.scenario import Scenario

HORIZON = 76
CITIZENS = 64
METRICS = (
    "median_deaths",
    "days_heavy",
    "restricted_days_to_calm",
    "calm_14",
    "calm",
    "agreement",
    "limited_war_or_worse",
)

NOTHING, EVERYTHING = "none of the changes", "the scenario as it is"


def changes() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Change of the third edition -> its values at the null, and at work where the scenario has it at its null."""
    return {
        name: (laid_over(own["without"], ()), laid_over(own["with"], ()))
        for name, own in SETTINGS["third_edition"].items()
    }


def one_at_a_time(scenario: Scenario) -> dict[tuple[str, str], Scenario]:
    """Scenarios by what they compare with and what is changed; the first of each kind is the reference itself.

    Each change is on alone, over none of them (``none``), and off alone, from the scenario as it is (``as it is``) unless
    it is off there already.
    """
    values, nulls = scenario.values(), {name: null for name, (null, _) in changes().items()}
    known = {name: {path: values[path] for path in null} for name, null in nulls.items()}
    off = {name for name, null in nulls.items() if known[name] == null}
    none = scenario.replaced({path: value for null in nulls.values() for path, value in null.items()})
    alone = {name: at_work if name in off else known[name] for name, (_, at_work) in changes().items()}
    return {
        ("none", NOTHING): none,
        **{("none", f"only {name}"): none.replaced(values) for name, values in alone.items()},
        ("as it is", EVERYTHING): scenario,
        **{("as it is", f"without {name}"): scenario.replaced(null) for name, null in nulls.items() if name not in off},
    }


def third_edition(scenario: str, replicates: int, seed: int = 1) -> pl.DataFrame:
    """Levels of the headline numbers in each of :func:`one_at_a_time`, under the same luck.

    Returns
    -------
    pl.DataFrame
        A row an arm and metric: ``reference, arm, metric, value, low, high`` and ``differs``, whether the interval of
        the difference from the reference leaves out 0.
    """
    scenarios = one_at_a_time(scenario_named(scenario))
    settings = Settings(seed=seed, horizon_days=HORIZON, citizens=CITIZENS)
    table = outcome_frame(simulate(Points.of(list(scenarios.values())), replicates, settings))
    arms = [Arm(name, table.filter(pl.col("point") == n), HORIZON) for n, (_, name) in enumerate(scenarios)]
    rows, base = [], arms[0]
    for (reference, name), arm in zip(scenarios, arms, strict=True):
        base = arm if name in (NOTHING, EVERYTHING) else base
        for item in (metric(name, HORIZON, table.schema) for name in METRICS):
            level, change = estimate(arm.sample(item), item), contrast(arm, base, item)
            rows.append(
                {
                    "reference": reference,
                    "arm": name,
                    "metric": item.label,
                    "value": level.value,
                    "low": level.low,
                    "high": level.high,
                    "differs": change.low > 0 or change.high < 0,
                }
            )
    return pl.DataFrame(rows)
