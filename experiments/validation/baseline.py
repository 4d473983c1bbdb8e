"""Headline checks: calm over the map of inertia, a channel alone, each change of the model, how fighting begins and ends.

Checks and predictions, not targets: nothing is fitted to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl

from experiments.cases.catalogue import cases
from experiments.claims.catalogue import laid_over
from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import contrast, contrasts
from experiments.statistics.estimates import estimate
from experiments.statistics.intervals import wilson
from experiments.statistics.metrics import metric
from experiments.statistics.vocabulary import HEADLINE_DAY
from experiments.targets.populations import scenario_named
from experiments.targets.tables import outcome_frame
from experiments.validation.mechanisms import SETTINGS
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin, simulate
from sim.ladder import ARTILLERY
from sim.scenario import Scenario

STEPS = (0.1, 0.4, 0.7, 1.2, 2.0)
"""Costs of climbing and of coming down one rung, in utility, on both sides alike."""

NO_MEDIATOR = {f"mediation.{which}present": 0 for which in ("", "second.", "third.")}
ALONE = {**NO_MEDIATOR, "talks.present": 0, "alliance.shadow_weight": 0}
WITHOUT = {"without a mediator": NO_MEDIATOR, "without mediator, direct talks or fear of allies": ALONE}
"""The two arms in which calm has to come from the two governments."""

ARMS: dict[str, list[str]] = SETTINGS["baseline"]["arms"]
METRICS, EDITION_METRICS = (SETTINGS["baseline"][name] for name in ("metrics", "edition_metrics"))
HORIZON = 120

EDITION = Settings(horizon_days=76, citizens=64)
NOTHING, EVERYTHING = "none of the changes", "the scenario as it is"


AT_REST = ("mediation=none", "dyad.start_rung_a=1", "dyad.start_rung_b=1")
PEACE = (0.003, 0.25)
"""Range expected of the chance that an operation begins within a year from rest; from memory, low confidence."""
YEAR = 365
SPELL_DAYS, LOOKED_AT, QUIET_FROM, SEEN_TO = (3, 7), 10, 8, 31
"""A spell like July 2020: heavy on three to seven of the first ten days, and on none from day 8 to day 30."""
DEAD = (8, 30)
"""Military dead of both sides in such a spell, by the first month's end."""
CASE_DAYS = 76


def inertia_map(scenario: Scenario, replicates: int, seed: int = 1, steps: Sequence[float] = STEPS) -> pl.DataFrame:
    """P(calm by day 60) where nobody mediates, over the costs of stepping up and down, a row a cell.

    Columns: ``arm, step_up, step_down, value, low, high, lanes``.
    """
    names = list(WITHOUT)
    choice, up, down = (column.ravel() for column in np.meshgrid(range(len(names)), steps, steps, indexing="ij"))
    columns = {
        f"government.{side}.{name}": values for side in "ab" for name, values in (("step_up", up), ("step_down", down))
    }
    points = Points.cross([scenario.replaced(changes) for changes in WITHOUT.values()], choice, columns)
    lanes = simulate(points, replicates, Settings(seed=seed, horizon_days=HORIZON, citizens=200)).lanes
    calm = (lanes["days_to_calm"] >= 0) & (lanes["days_to_calm"] <= HEADLINE_DAY)
    share = np.bincount(lanes["point"], weights=calm, minlength=len(choice)) / replicates
    low, high = wilson(share, replicates)
    cells = [[names[arm] for arm in choice], up, down, share, low, high]
    table = pl.DataFrame(cells, schema=["arm", "step_up", "step_down", "value", "low", "high"], orient="col")
    return table.with_columns(lanes=pl.lit(replicates, pl.Int64))


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


def changes() -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Change of the third edition -> its values at its null, and at work, from the pilot fits, where it is off."""
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
    """Levels of the headline numbers in each of :func:`one_at_a_time`, under the same luck, a row an arm and metric.

    Columns: ``reference, arm, metric, value, low, high`` and ``differs``, whether the interval of the difference from the
    reference leaves out 0.
    """
    scenarios = one_at_a_time(scenario_named(scenario))
    table = outcome_frame(simulate(Points.of(list(scenarios.values())), replicates, replace(EDITION, seed=seed)))
    rows, base = [], None
    for number, (reference, name) in enumerate(scenarios):
        arm = Arm(name, table.filter(pl.col("point") == number), EDITION.horizon_days)
        base = arm if base is None or name == EVERYTHING else base
        for item in (metric(name, EDITION.horizon_days, table.schema) for name in EDITION_METRICS):
            level, change = estimate(arm.sample(item), item), contrast(arm, base, item)
            differs = change.low > 0 or change.high < 0
            rows.append((reference, name, item.label, level.value, level.low, level.high, differs))
    return pl.DataFrame(rows, schema=["reference", "arm", "metric", "value", "low", "high", "differs"], orient="row")


def peace(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of years, begun at rest and without a trigger, in which an operation begins, with its Wilson interval."""
    settings = Settings(seed=seed, horizon_days=YEAR)
    outcomes = simulate(scenario_named("tovuz_2020", *AT_REST), lanes, settings).lanes
    return _shares(
        {"an operation begins within a year from rest": outcomes["operations_a"] + outcomes["operations_b"] > 0}
    )


def spell(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of unmediated crises of the baseline that are a spell like July 2020, and that with as many dead."""
    points = Points.of(scenario_named("tovuz_2020", "mediation=none"))
    crisis = begin(points, np.zeros(lanes, np.int64), np.arange(lanes), Settings(seed=seed, horizon_days=SEEN_TO))
    heavy = np.zeros((SEEN_TO, lanes), bool)
    for day in range(SEEN_TO):
        crisis.step()
        heavy[day] = crisis.highest_fought_today >= ARTILLERY
    dead = sum(own.deaths for own in crisis.governments.values())
    crisis.close()
    days = heavy[:LOOKED_AT].sum(axis=0)
    alike = (days >= SPELL_DAYS[0]) & (days <= SPELL_DAYS[1]) & ~heavy[QUIET_FROM:].any(axis=0)
    bloody = alike & (dead >= DEAD[0]) & (dead <= DEAD[1])
    return _shares({"a spell like July 2020": alike, f"with {DEAD[0]} to {DEAD[1]} dead": bloody})


def quartiles(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Quartiles of heavy days, days to calm and dead of every coded case, mediators on offer as coded, a row a case.

    Days to calm are counted as the horizon where calm did not come.
    """
    rows = []
    for name in cases():
        outcomes = simulate(scenario_named(name), lanes, Settings(seed=seed, horizon_days=CASE_DAYS)).lanes
        calm = np.where(outcomes["days_to_calm"] < 0, CASE_DAYS, outcomes["days_to_calm"])
        dead = outcomes["deaths_a"] + outcomes["deaths_b"]
        marks = np.quantile([outcomes["days_heavy"], calm, dead], (0.25, 0.5, 0.75), axis=1).T.ravel()
        rows.append((name, *marks.tolist()))
    numbers = [f"{what}_{at}" for what in ("heavy_days", "days_to_calm", "dead") for at in (25, 50, 75)]
    return pl.DataFrame(rows, schema=["case", *numbers], orient="row")


def _shares(happened: dict[str, np.ndarray]) -> pl.DataFrame:
    shares, crises = np.array([flags.mean() for flags in happened.values()]), len(next(iter(happened.values())))
    columns = [list(happened), shares, *wilson(shares, crises), [crises] * len(happened)]
    return pl.DataFrame(columns, schema=["what", "share", "low", "high", "crises"], orient="col")
