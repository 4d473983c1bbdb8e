"""Measures that outcomes do not hold: they watch crises day by day."""

from __future__ import annotations

import numpy as np

from experiments.claims.measures import CALM_BY, Measure, unread
from experiments.claims.watching import mean_over_days
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin
from sim.ladder import CALM_DAYS, DEPLOYED, HOT

PUSHED = Measure("steps up due to the public", "share", 0.05, unread)
ADVANCE = Measure("change of the enemy's rung in seven days", "rungs", 0.25, unread)
ANSWER_DAYS = 7


def pushed_share(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Share of a lane's steps up that the same government would not take that day, with the same luck and no public.

    NaN where a lane has no step up. Everything else stands as it stood that day: approval alone loses its weight.
    """
    ups, pushed, _ = _steps_up(points, point, replicate, settings)
    return np.divide(pushed, ups, out=np.full(len(ups), np.nan), where=ups > 0)


def net_push(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Steps up that approval brought about less those it prevented that day, by steps up, a lane; NaN without any."""
    ups, pushed, prevented = _steps_up(points, point, replicate, settings)
    return np.divide(pushed - prevented, ups, out=np.full(len(ups), np.nan), where=ups > 0)


def _steps_up(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps up that were taken, those of them that approval brought about, and those it prevented, a lane each.

    Every decision is made once more by the same government with the same luck, approval without weight. A step that is
    prevented on several days counts on each.
    """
    crisis = begin(points, point, replicate, settings)
    ups, pushed, prevented = (np.zeros(crisis.lanes) for _ in range(3))
    for _ in range(settings.horizon_days):
        before = {side: crisis.governments[side].rung for side in "ab"}
        crisis.step()
        for side in "ab":
            own = crisis.governments[side]
            up = own.reconsiders & (own.intent > before[side])
            own.score = own.score - own.values.rationality[:, None] * own.weighed["domestic"]
            without = own.reconsiders & (own.preferred_rung() > before[side])
            ups += up
            pushed += up & ~without
            prevented += without & ~up
    crisis.close()
    return ups, pushed, prevented


def advance_after_a_step_back(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings
) -> np.ndarray:
    """How much further the enemy moves in the week after a side steps down alone than after it holds, a lane.

    Days are matched on both sides' rungs; what the enemy does on matched days of the same draw is the comparison. NaN
    where a lane has no lone step down, or its draw no such day.
    """
    crisis = begin(points, point, replicate, settings)
    rungs = np.empty((settings.horizon_days + 1, 2, crisis.lanes), np.int64)
    rungs[0] = [crisis.governments[side].rung for side in "ab"]
    for day in range(settings.horizon_days):
        crisis.step()
        rungs[day + 1] = [crisis.governments[side].rung for side in "ab"]
    crisis.close()
    sides = np.array([_advance(rungs, own, point) for own in (0, 1)])
    known = (~np.isnan(sides)).sum(axis=0)
    return np.divide(np.nansum(sides, axis=0), known, out=np.full(sides.shape[1], np.nan), where=known > 0)


def _advance(rungs: np.ndarray, own: int, point: np.ndarray) -> np.ndarray:
    last = len(rungs) - ANSWER_DAYS - 1
    before, after = rungs[:last, own], rungs[1 : last + 1, own]
    enemy, enemy_after = rungs[:last, 1 - own], rungs[1 : last + 1, 1 - own]
    later = rungs[1 + ANSWER_DAYS : last + 1 + ANSWER_DAYS, 1 - own]
    change = later - enemy_after
    alone = (before >= 3) & (enemy_after == enemy)
    stepped, held = alone & (after < before), alone & (after == before)
    # What is alike are both rungs and the draw: draws differ in how often sides step back.
    _, draw = np.unique(point, return_inverse=True)
    cell = (draw * 10 + before) * 10 + enemy
    days = np.bincount(cell[held], minlength=100 * (draw.max() + 1))
    total = np.bincount(cell[held], change[held], minlength=len(days))
    norm = np.divide(total, days, out=np.full(len(days), np.nan), where=days > 0)
    extra = np.where(stepped, change - norm[cell], np.nan)
    count = (~np.isnan(extra)).sum(axis=0)
    return np.divide(np.nansum(extra, axis=0), count, out=np.full(extra.shape[1], np.nan), where=count > 0)


def direct_attempts(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Attempts at direct talks a day of those days on which they are wanted, a lane; NaN where there is none."""
    crisis = begin(points, point, replicate, settings)
    wanted, tried = np.zeros(crisis.lanes), np.zeros(crisis.lanes)
    for _ in range(settings.horizon_days):
        free = ~crisis.agreement.in_force
        crisis.step()
        wanted += free & (crisis.highest_fought >= DEPLOYED)
        tried += crisis.talks.direct
    crisis.close()
    return np.divide(tried, wanted, out=np.full(len(tried), np.nan), where=wanted > 0)


def patron_reliability(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Chance that the first ally would enter at full war, mean over days, a lane."""
    return mean_over_days(points, point, replicate, settings, lambda crisis: crisis.allies[0].reliability)


def fear_of_an_offensive(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """What b fears of the first ally at rung 8, in utility, mean over days, a lane."""
    return mean_over_days(
        points, point, replicate, settings, lambda crisis: crisis.allies[0].shadow_on(crisis.governments["b"])[:, 8]
    )


def hope_of_help(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Force that a counts on from the first ally at rung 6, mean over days, a lane."""
    return mean_over_days(
        points, point, replicate, settings, lambda crisis: crisis.allies[0].help_for(crisis.governments["a"])[:, 6]
    )


def mean_rung_of_b(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """The rung at which b fights, mean over days, a lane."""
    return mean_over_days(points, point, replicate, settings, lambda crisis: crisis.governments["b"].fought)


def day_of_standing_down(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """First of fourteen days on which both governments' own rungs are 3 or less, a lane; infinite where none comes.

    Calm asks for more: that nobody shoots, local incidents included, which on some lines come every few days whatever
    governments do.
    """
    crisis = begin(points, point, replicate, settings)
    quiet, begun = np.zeros(crisis.lanes, int), np.full(crisis.lanes, np.inf)
    for day in range(settings.horizon_days):
        crisis.step()
        highest = np.maximum(*(crisis.governments[side].rung for side in "ab"))
        quiet = np.where(highest >= HOT, 0, quiet + 1)
        begun = np.where((quiet == CALM_DAYS) & np.isinf(begun), day + 1 - quiet, begun)
    crisis.close()
    return begun


def calm_in_half_days(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """Whether a calm of fourteen days begins by day 60, a lane, where every step of the model is half a day."""
    return _calm_in_steps(points, point, replicate, settings, 2)


def calm_in_days(points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings) -> np.ndarray:
    """The same where every step is a day."""
    return _calm_in_steps(points, point, replicate, settings, 1)


def _calm_in_steps(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, a_day: int
) -> np.ndarray:
    crisis = begin(points, point, replicate, settings)
    quiet, begun = np.zeros(crisis.lanes, int), np.full(crisis.lanes, np.inf)
    for step in range(settings.horizon_days):
        crisis.step()
        quiet = np.where(crisis.highest_fought_today >= HOT, 0, quiet + 1)
        full = quiet == CALM_DAYS * a_day
        begun = np.where(full & np.isinf(begun), step + 1 - quiet, begun)
    crisis.close()
    return (begun <= CALM_BY * a_day).astype(float)
