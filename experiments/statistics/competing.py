"""Time to calm, with war competing for it.

No lane is lost to sight before the horizon, so the Aalen-Johansen estimate of a cumulative incidence is the plain share
of lanes that had met the event first by each day, and Wilson's interval holds day by day. A calm that begins in the
last 13 days could not be seen to last; the curve of calm ends before them.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.statistics.arms import Arm
from experiments.statistics.intervals import LEVEL, share_interval
from experiments.statistics.metrics import Metric, calm_before_war, in_war, observed_days
from experiments.statistics.samples import Sample

EVENTS = ("calm", "agreement", "war")


def event_day(arm: Arm, event: str) -> pl.Expr | None:
    """Return the day on which a lane meets an event, null where it never does; None where no day was recorded."""
    columns = arm.lanes.columns
    if event == "calm":
        return calm_before_war(columns)
    if event == "agreement":
        return pl.col("first_agreement_day")
    if "war_day" not in columns:
        return None
    return pl.when(in_war() & (pl.col("days_to_calm").is_null() | (pl.col("days_to_calm") > pl.col("war_day")))).then(
        pl.col("war_day")
    )


def last_day(arm: Arm, event: str) -> int:
    """Return the last day on which the event can be seen."""
    return observed_days(arm.horizon) - 1 if event == "calm" else arm.horizon - 1


def incidence(arm: Arm, event: str, level: float = LEVEL) -> pl.DataFrame:
    """Return the cumulative incidence of an event over the days of an arm.

    Parameters
    ----------
    arm : Arm
        Lanes and horizon.
    event : str
        `calm` and `war` compete; `agreement` (the first one) is counted whatever follows it.

    Returns
    -------
    pl.DataFrame
        `arm, event, day, value, low, high, error`; a single row, at the horizon, for war where no day was recorded.
    """
    if event not in EVENTS:
        raise ValueError(f"event = {event!r} is not one of {', '.join(EVENTS)}")
    when = event_day(arm, event)
    if when is None:
        days, when = [arm.horizon - 1], pl.when(in_war()).then(pl.lit(0))
    else:
        days = list(range(last_day(arm, event) + 1))
    sample = arm.sample(Metric(event, event, when.fill_null(np.iinfo(np.int32).max), "mean"))
    return _curve(sample, np.asarray(days, np.int64), level).select(
        pl.lit(arm.name).alias("arm"), pl.lit(event).alias("event"), pl.all()
    )


def _curve(sample: Sample, days: np.ndarray, level: float) -> pl.DataFrame:
    """Share of the values at or below each day, with the units' clustering in the interval."""
    if sample.count == sample.values.size:
        place = np.searchsorted(np.sort(sample.values), days, side="right")
        value = place / max(sample.values.size, 1)
        trials = np.full(days.size, float(sample.values.size))
        error = np.sqrt(value * (1 - value) / np.maximum(trials, 1))
    else:
        below = [Sample(_at_most(sample, day), sample.units, sample.count) for day in days]
        value, trials, error = (np.array([getattr(s, k) for s in below]) for k in ("mean", "trials", "error"))
    low, high = share_interval(value, trials, level)
    return pl.DataFrame({"day": days, "value": value, "low": low, "high": high, "error": error})


def _at_most(sample: Sample, day: float) -> np.ndarray:
    return (sample.values <= day).astype(float)
