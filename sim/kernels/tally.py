"""The compiled loops that count a crisis's days for :mod:`sim.outputs.outcomes`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import ARTILLERY, CALM_DAYS, DEPLOYED, HOT

NEVER = -1
MEDIATED, DIRECT, IMPOSED, UNILATERAL, TACIT = range(5)
"""Ways in which a calm comes about; the first that applies."""
DIRECT_ACCORD, MEDIATED_ACCORD, IMPOSED_ACCORD = 1, 2, 3
"""Kinds of an agreement in force, as :class:`sim.world.Accord` numbers them."""
UNILATERAL_LEAD = 3
"""Days by which one side's policy comes down before the other's in a unilateral termination."""


class SideTally(NamedTuple):
    """One side's days so far; arrays of shape (lanes,), renewed in place."""

    down: np.ndarray
    peak: np.ndarray
    least_approval: np.ndarray
    most_protest: np.ndarray
    answered_days: np.ndarray
    audience_cost: np.ndarray
    penalty: np.ndarray


class PairTally(NamedTuple):
    """Both sides' days so far; arrays of shape (lanes,), renewed in place; a day is -1 until it comes.

    ``candidate`` is how the spell of calm days that is under way began, ``termination`` the same of the calm.
    """

    days_hot: np.ndarray
    days_heavy: np.ndarray
    last_heavy_day: np.ndarray
    tension: np.ndarray
    silent_run: np.ndarray
    silence_day: np.ndarray
    days_broken: np.ndarray
    calm_run: np.ndarray
    calm_day: np.ndarray
    candidate: np.ndarray
    termination: np.ndarray
    broken_after: np.ndarray
    relapse_day: np.ndarray


class Pair(NamedTuple):
    """What both sides did today, and what may end it; arrays of shape (lanes,)."""

    rung_a: np.ndarray
    rung_b: np.ndarray
    fought_a: np.ndarray
    fought_b: np.ndarray
    down_a: np.ndarray
    down_b: np.ndarray
    accord: np.ndarray
    gain: np.ndarray
    settlement: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def tally_side(tally, rung, fought, approval, protest, answered_for, audience_cost, penalty):
    """Count one side's day: days down in a row, peak, extremes, and costs on days it answered for; all (lanes,)."""
    for lane in range(rung.size):
        tally.down[lane] = tally.down[lane] + 1 if rung[lane] <= DEPLOYED else 0
        tally.peak[lane] = max(tally.peak[lane], fought[lane])
        tally.least_approval[lane] = min(tally.least_approval[lane], approval[lane])
        tally.most_protest[lane] = max(tally.most_protest[lane], protest[lane])
        if answered_for[lane]:
            tally.answered_days[lane] += 1
            tally.audience_cost[lane] += audience_cost[lane]
            tally.penalty[lane] += penalty[lane]


@njit(nogil=True, error_model="numpy")
def _way_out(pair, lane):
    """How a calm spell that begins today came about; a first day of calm counts as one day down already."""
    if pair.accord[lane] == MEDIATED_ACCORD:
        return MEDIATED
    if pair.accord[lane] == DIRECT_ACCORD:
        return DIRECT
    if pair.accord[lane] == IMPOSED_ACCORD or abs(pair.gain[lane]) >= pair.settlement[lane]:
        return IMPOSED
    return UNILATERAL if abs(pair.down_a[lane] - pair.down_b[lane]) >= UNILATERAL_LEAD else TACIT


@njit(nogil=True, error_model="numpy", cache=True)
def tally_day(tally, pair, day):
    """Count the pair's day: hot and heavy days, silence, calm, how it began and what breaks it afterwards.

    How a calm spell began is noted on its first day, in case it becomes the calm.
    """
    for lane in range(pair.rung_a.size):
        fought = max(pair.fought_a[lane], pair.fought_b[lane])
        hot, heavy = fought >= HOT, fought >= ARTILLERY
        broken = heavy or max(pair.rung_a[lane], pair.rung_b[lane]) >= HOT
        tally.tension[lane] += pair.fought_a[lane] + pair.fought_b[lane]
        if heavy:
            tally.days_heavy[lane] += 1
            tally.last_heavy_day[lane] = day
        if hot:
            tally.days_hot[lane] += 1
            tally.silent_run[lane] = 0
        else:
            tally.silent_run[lane] += 1
            if tally.silent_run[lane] == CALM_DAYS and tally.silence_day[lane] == NEVER:
                tally.silence_day[lane] = day - CALM_DAYS + 1
        if broken:
            tally.days_broken[lane] += 1
            tally.calm_run[lane] = 0
            if tally.calm_day[lane] != NEVER:
                tally.broken_after[lane] += 1
                if tally.relapse_day[lane] == NEVER:
                    tally.relapse_day[lane] = day
        else:
            tally.calm_run[lane] += 1
            if tally.calm_run[lane] == 1:
                tally.candidate[lane] = _way_out(pair, lane)
            if tally.calm_run[lane] == CALM_DAYS and tally.calm_day[lane] == NEVER:
                tally.calm_day[lane] = day - CALM_DAYS + 1
                tally.termination[lane] = tally.candidate[lane]
