"""Measures of what governments do that outcomes do not hold: they watch crises day by day, one value a lane."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.crisis import Crisis
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin

EARLY_DAYS = 10
ALARM_DAY, ALARMED_DAYS = 2, 3
"""The day on which a salient death is forced, and the days after it that count."""


def days_of_fire(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Days on which someone fights at rung 5 or above, artillery or worse."""
    return summed_over_days(points, point, replicate, settings, lambda crisis: crisis.highest_fought_today >= 5)


def over_in_six_days(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether there are six such days at most."""
    return (days_of_fire(points, point, replicate, settings) <= 6).astype(float)


def days_of_b_at_six(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Days of b's policy at rung 6."""
    return summed_over_days(points, point, replicate, settings, lambda crisis: crisis.governments["b"].rung == 6)


def days_of_b_at_seven(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Days of b's policy at rung 7."""
    return summed_over_days(points, point, replicate, settings, lambda crisis: crisis.governments["b"].rung == 7)


def b_climbs_when_alarmed(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether b steps up in the three days after day 2."""
    return _climbs(points, point, replicate, settings, "b", range(ALARM_DAY + 1, ALARM_DAY + 1 + ALARMED_DAYS))


def a_climbs_when_alarmed(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether a steps up in the three days after day 2."""
    return _climbs(points, point, replicate, settings, "a", range(ALARM_DAY + 1, ALARM_DAY + 1 + ALARMED_DAYS))


def protest_when_alarmed(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Highest protest in b on day 2 and the three days after it."""
    crisis = begin(points, point, replicate, settings)
    highest = np.zeros(crisis.lanes)
    for day in range(ALARM_DAY + 1 + ALARMED_DAYS):
        crisis.step()
        if day >= ALARM_DAY:
            highest = np.maximum(highest, crisis.publics["b"].protest)
    crisis.close()
    return highest


def a_climbs_early(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether a steps up within ten days."""
    return _climbs(points, point, replicate, settings, "a", range(EARLY_DAYS))


def b_climbs_early(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether b steps up within ten days."""
    return _climbs(points, point, replicate, settings, "b", range(EARLY_DAYS))


def _climbs(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, side: str, days: range
) -> np.ndarray:
    crisis = begin(points, point, replicate, settings)
    climbed = np.zeros(crisis.lanes, bool)
    for day in range(days.stop):
        before = crisis.governments[side].rung
        crisis.step()
        if day in days:
            climbed |= crisis.governments[side].rung > before
    crisis.close()
    return climbed.astype(float)


def a_backs_down_first(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether a steps down before b does, if anyone does; both on one day counts as half."""
    crisis = begin(points, point, replicate, settings)
    first = {side: np.full(crisis.lanes, np.inf) for side in "ab"}
    for day in range(settings.horizon_days):
        before = {side: crisis.governments[side].rung for side in "ab"}
        crisis.step()
        for side in "ab":
            down = (crisis.governments[side].rung < before[side]) & np.isinf(first[side])
            first[side] = np.where(down, float(day), first[side])
    crisis.close()
    together = (first["a"] == first["b"]) & np.isfinite(first["a"])
    return (first["a"] < first["b"]) + 0.5 * together


def force_of_b(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Log of b's force at rung 6 with the help it has, mean over days."""
    return mean_over_days(
        points, point, replicate, settings, lambda crisis: np.log(crisis.governments["b"].actual_force[:, 6])
    )


def attitude_of_publics(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Attitude of both publics, mean over days and sides, -1 to 1."""

    def both(crisis: Crisis) -> np.ndarray:
        return (crisis.publics["a"].attitude + crisis.publics["b"].attitude) / 2

    return mean_over_days(points, point, replicate, settings, both)


def summed_over_days(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, read: Callable[[Crisis], np.ndarray]
) -> np.ndarray:
    """The sum over days of what is read off a crisis at the end of each, a lane."""
    crisis = begin(points, point, replicate, settings)
    total = np.zeros(crisis.lanes)
    for _ in range(settings.horizon_days):
        crisis.step()
        total += read(crisis)
    crisis.close()
    return total


def mean_over_days(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, read: Callable[[Crisis], np.ndarray]
) -> np.ndarray:
    """The same as a mean."""
    return summed_over_days(points, point, replicate, settings, read) / settings.horizon_days
