"""Time to calm, with war competing for it.

No lane is lost to sight before the horizon, so the Aalen-Johansen estimate of a cumulative incidence is the plain share
of lanes that had met the event first by each day, and Wilson's interval holds day by day. A calm that begins in the
last 13 days could not be seen to last; the curve of calm ends before them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.intervals import share_interval
from experiments.statistics.metrics import Metric, calm_before_war, in_war, observed_days
from experiments.statistics.samples import Sample

EVENTS = ("calm", "agreement", "war")


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
    elif event != "war":
        raise ValueError(f"event = {event!r} is not one of {', '.join(EVENTS)}")
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
