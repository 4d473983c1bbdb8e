"""What each change of the third edition does to the baseline alone: switched on over none of them, and off from all.

Every change has a null, at which the model is what it was without it. Where a scenario has a change at its null, it is
switched on at a value of the pilot fits.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast
from experiments.statistics.estimates import estimate
from experiments.statistics.metrics import metric
from experiments.targets.populations import scenario_named
from experiments.targets.tables import outcome_frame
from experiments.validation.mechanisms import of_both
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
LAPSES = ("dyad.operations.lapse_rate_middle", "dyad.operations.lapse_rate_8")
CONTACT = ("dyad.incidents.contact_centre", "dyad.incidents.contact_width")

NOTHING, EVERYTHING = "none of the changes", "the scenario as it is"


@dataclass(frozen=True)
class Change:
    """One change: its values at the null, and at work where the scenario has it at its null."""

    name: str
    null: Mapping[str, float]
    at_work: Mapping[str, float]


def changes() -> list[Change]:
    """The changes of the third edition, those that end fighting first."""
    costs = ("casualty_weight", "hardship_weight", "fatigue_weight")
    return [
        Change("operations that culminate", dict.fromkeys(LAPSES, 0), {LAPSES[0]: 0.5, LAPSES[1]: 0.2}),
        Change("hope that fades", of_both("government", hope_rate=0), of_both("government", hope_rate=0.125)),
        Change("stocks that run down", of_both("government", stock_cost=0), of_both("government", stock_cost=3.4)),
        Change(
            "a stake no larger than the force in play can win",
            of_both("government", contest_scope=0),
            of_both("government", contest_scope=0.5),
        ),
        Change(
            "costs on the option",
            of_both("public", **dict.fromkeys(costs, 0)),
            of_both("public", **dict.fromkeys(costs, 0.045)),
        ),
        Change(
            "a street with a side",
            of_both("government", protest_pressure=0),
            of_both("government", protest_pressure=1),
        ),
        Change(
            "posture that binds in part",
            of_both("government", posture_commitment=1),
            of_both("government", posture_commitment=0.9),
        ),
        Change(
            "smooth contact",
            {CONTACT[0]: 2.5, CONTACT[1]: 0.1},
            {CONTACT[0]: 2.6, CONTACT[1]: 1},
        ),
        Change("own exposure", {"dyad.combat.low_profile": 1}, {"dyad.combat.low_profile": 0.6}),
        Change("an agreed descent paid at once", {"talks.descent_window": 1}, {"talks.descent_window": 0}),
    ]


def one_at_a_time(scenario: Scenario) -> dict[tuple[str, str], Scenario]:
    """Scenarios by what they compare with and what is changed; the first of each kind is the reference itself.

    Each change is on alone, over none of them (``none``), and off alone, from the scenario as it is (``as it is``) unless
    it is off there already.
    """
    values = scenario.values()
    known = {item.name: {path: values[path] for path in item.null} for item in changes()}
    off = {item.name: known[item.name] == item.null for item in changes()}
    none = scenario.replaced({path: value for item in changes() for path, value in item.null.items()})
    return {
        ("none", NOTHING): none,
        **{
            ("none", f"only {item.name}"): none.replaced(item.at_work if off[item.name] else known[item.name])
            for item in changes()
        },
        ("as it is", EVERYTHING): scenario,
        **{
            ("as it is", f"without {item.name}"): scenario.replaced(item.null)
            for item in changes()
            if not off[item.name]
        },
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
