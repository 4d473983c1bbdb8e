"""How fighting begins and ends in coded crises: peace that holds, a spell like that of July 2020, quartiles of all cases.

Checks and predictions, not targets: nothing is fitted to them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.cases.catalogue import cases
from experiments.statistics.intervals import wilson
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin, simulate
from sim.ladder import ARTILLERY

BASELINE = "tovuz_2020"
AT_REST = ("mediation=none", "dyad.start_rung_a=1", "dyad.start_rung_b=1")
PEACE = (0.003, 0.25)
"""Range expected of the chance that an operation begins within a year from rest; from memory, low confidence."""
YEAR = 365
SPELL_DAYS, LOOKED_AT, QUIET_FROM, SEEN_TO = (3, 7), 10, 8, 31
"""A spell like July 2020: heavy on three to seven of the first ten days, and on none from day 8 to day 30."""
DEAD = (8, 30)
"""Military dead of both sides in such a spell, by the first month's end."""
CASE_DAYS = 76


def peace(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of years, begun at rest and without a trigger, in which an operation begins, with its Wilson interval."""
    settings = Settings(seed=seed, horizon_days=YEAR)
    outcomes = simulate(scenario_named(BASELINE, *AT_REST), lanes, settings).lanes
    return _shares(
        {"an operation begins within a year from rest": outcomes["operations_a"] + outcomes["operations_b"] > 0}
    )


def spell(lanes: int, seed: int = 1) -> pl.DataFrame:
    """Share of unmediated crises of the baseline that are a spell like July 2020, and that with as many dead."""
    points = Points.of(scenario_named(BASELINE, "mediation=none"))
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
