"""Time to calm, with war competing for it, and the time that truces last.

No lane is lost to sight before the horizon, so the Aalen-Johansen estimate of a cumulative incidence is the plain share
of lanes that had met the event first by each day, and Wilson's interval holds day by day. A calm that begins in the
last 13 days could not be seen to last; the curve of calm ends before them. A truce is watched until it breaks, or to the
horizon; the hazard of an age is the truces that broke at that age over the truce-days lived at it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm, Sample
from experiments.statistics.intervals import share_interval
from experiments.statistics.metrics import Metric, calm_before_war, in_war, observed_days

EVENTS = ("calm", "agreement", "war")

AGES = (0, 3, 7, 14, 30, 60, 120, 240, 450)
"""Edges of the classes of age, days."""
_COUNTS = ("age_from", "age_to", "broken")
_NUMBERS = ("truce_days", "hazard", "low", "high", "error", "survival")


def incidence(arm: Arm, event: str) -> pl.DataFrame:
    """Return the cumulative incidence of an event by day: `arm, event, day, value, low, high, error`.

    `calm` and `war` compete; `agreement` (the first one) is counted whatever follows it. War has a single row, at the
    horizon, where its day was not recorded.
    """
    columns, days = arm.lanes.columns, np.arange(arm.horizon)
    if event == "calm":
        when, days = calm_before_war(columns), days[: observed_days(arm.horizon)]
    elif event == "agreement":
        when = pl.col("first_agreement_day")
    elif "war_day" in columns:
        calm, war = pl.col("days_to_calm"), pl.col("war_day")
        when = pl.when(in_war() & (calm.is_null() | (calm > war))).then(war)
    else:
        when, days = pl.when(in_war()).then(pl.lit(0)), days[-1:]
    sample = arm.sample(Metric(event, event, when.fill_null(np.iinfo(np.int32).max), "mean"))
    if sample.count == sample.values.size:
        value = np.searchsorted(np.sort(sample.values), days, side="right") / max(sample.values.size, 1)
        trials = np.full(days.size, float(sample.values.size))
        error = np.sqrt(value * (1 - value) / np.maximum(trials, 1))
    else:  # units of several lanes: their clustering is in the error
        below = [Sample((sample.values <= day).astype(float), sample.units, sample.count) for day in days]
        value, trials, error = (np.array([getattr(s, k) for s in below]) for k in ("mean", "trials", "error"))
    low, high = share_interval(value, trials)
    curve = pl.DataFrame({"day": days, "value": value, "low": low, "high": high, "error": error})
    return curve.select(pl.lit(arm.name).alias("arm"), pl.lit(event).alias("event"), pl.all())


def hazard_by_age(spells: pl.DataFrame) -> pl.DataFrame:
    """Return the daily hazard of truces (:func:`truces`) breaking, a row a class of age with days lived.

    Columns are `age_from, age_to, broken, truce_days, hazard, low, high, error, survival`; `survival` is the share of
    truces that reach the end of the class.
    """
    start, broken, end = (spells[name].cast(pl.Float64).to_numpy() for name in ("start", "broken", "end"))
    failed = ~np.isnan(broken)
    lived = np.where(failed, broken - start + 1, end - start)
    rows, survival = [], 1.0
    for young, old in pairwise(AGES):
        days = float(np.clip(lived - young, 0, old - young).sum())
        events = int(np.sum(failed & (lived > young) & (lived <= old)))
        if days > 0:
            rate = events / days
            survival *= (1 - rate) ** (old - young)
            low, high = map(float, share_interval(rate, days))
            error = float(np.sqrt(rate * (1 - rate) / days))
            rows.append((young, old, events, days, rate, low, high, error, survival))
    schema = dict.fromkeys(_COUNTS, pl.Int64) | dict.fromkeys(_NUMBERS, pl.Float64)
    return pl.DataFrame(rows, schema=schema, orient="row")


def truces(paths: pl.DataFrame) -> pl.DataFrame:
    """Return the truces in full paths, spells of days on which an agreement was in force.

    A row a truce: `point, replicate, kind, start, broken, end`; `broken` is the first day without it, null where it was
    in force on the last day. Paths are `point, replicate, day, quantity, value`, with the quantity `agreement` (0 none,
    above 0 its kind).
    """
    spells = (
        paths.filter(pl.col("quantity") == "agreement")
        .sort("point", "replicate", "day")
        .with_columns(pl.col("value").cast(pl.Int64).alias("kind"), pl.col("day").max().alias("final"))
        .with_columns(pl.col("kind").rle_id().over("point", "replicate").alias("spell"))
        .group_by("point", "replicate", "spell", "kind", maintain_order=True)
        .agg(pl.col("day").min().alias("start"), (pl.col("day").max() + 1).alias("end"), pl.col("final").first())
        .filter(pl.col("kind") > 0)
    )
    broken = pl.when(pl.col("end") <= pl.col("final")).then(pl.col("end")).alias("broken")
    return spells.select("point", "replicate", "kind", "start", broken, "end")
