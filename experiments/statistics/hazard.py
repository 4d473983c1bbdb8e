"""Daily hazard of truces breaking, by their age.

A truce is watched from the day it begins to the day it breaks, or to the horizon where it holds; the hazard of an age
is the truces that broke at that age over the truce-days lived at it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.intervals import LEVEL, share_interval

AGES = (0, 3, 7, 14, 30, 60, 120, 240, 450)
"""Edges of the classes of age, days."""


def hazard_by_age(
    start: NDArray, broken: NDArray, end: NDArray | float, ages: Sequence[int] = AGES, level: float = LEVEL
) -> pl.DataFrame:
    """Return the daily hazard of truces breaking, by age.

    Parameters
    ----------
    start : array, shape (truces,)
        Day each truce began; NaN where there was none.
    broken : array, shape (truces,)
        Day it broke, at or after `start`; NaN where it held as long as it was seen.
    end : array or float
        First day on which a truce was no longer seen (the horizon, or the day something else replaced it).
    ages : sequence of int
        Edges of the classes of age in days, rising.

    Returns
    -------
    pl.DataFrame
        A row a class with days lived: `age_from, age_to, broken, truce_days, hazard, low, high, error, survival`;
        `survival` is the share of truces that reach the end of the class.
    """
    start, broken, end = np.broadcast_arrays(*(np.asarray(part, float) for part in (start, broken, end)))
    seen = ~np.isnan(start)
    lived = np.where(np.isnan(broken), end - start, broken - start + 1)[seen]
    failed = ~np.isnan(broken)[seen]
    rows, survival = [], 1.0
    for young, old in zip(ages[:-1], ages[1:], strict=True):
        days = float(np.clip(lived - young, 0, old - young).sum())
        events = int(np.sum(failed & (lived > young) & (lived <= old)))
        if days <= 0:
            continue
        rate = events / days
        low, high = (float(limit) for limit in share_interval(rate, days, level))
        survival *= (1 - rate) ** (old - young)
        rows.append(
            {
                "age_from": young,
                "age_to": old,
                "broken": events,
                "truce_days": days,
                "hazard": rate,
                "low": low,
                "high": high,
                "error": float(np.sqrt(rate * (1 - rate) / days)),
                "survival": survival,
            }
        )
    return pl.DataFrame(rows, schema=_SCHEMA)


_SCHEMA = {
    "age_from": pl.Int64,
    "age_to": pl.Int64,
    "broken": pl.Int64,
    "truce_days": pl.Float64,
    "hazard": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "error": pl.Float64,
    "survival": pl.Float64,
}


def truces(paths: pl.DataFrame) -> pl.DataFrame:
    """Find the truces in full paths: spells of days on which an agreement was in force.

    Parameters
    ----------
    paths : pl.DataFrame
        `point, replicate, day, quantity, value` with the quantity `agreement` (0 none, above 0 its kind).

    Returns
    -------
    pl.DataFrame
        A row a truce: `point, replicate, kind, start, broken, end`; `broken` is the first day without it, null where it
        was in force on the last day.
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
