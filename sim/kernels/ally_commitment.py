"""The compiled loops over what an ally would do at each rung and what it does, as in :mod:`sim.agents.ally`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import HOT, RUNGS


class AllyParameters(NamedTuple):
    """What an ally goes by and never changes: arrays of shape (lanes,), then ``weight`` (lanes, rungs) and
    ``peak_odds`` (lanes, rungs, rungs).

    ``reasons`` are the log odds of entering before threat, guilt and ties count; ``protege_error`` and ``enemy_error``
    what the two sides get wrong about them; ``at_once`` is 1 where help counts only at the rung at which it would come
    at once (``threshold_only``), else the table of peak odds spreads it over all rungs.
    """

    reasons: np.ndarray
    culpability: np.ndarray
    threat_slope: np.ndarray
    threshold: np.ndarray
    reach: np.ndarray
    protege_error: np.ndarray
    enemy_error: np.ndarray
    covered_threat: np.ndarray
    settlement: np.ndarray
    capital: np.ndarray
    capital_threat: np.ndarray
    at_once: np.ndarray
    weight: np.ndarray
    peak_odds: np.ndarray


class AllyCommitment(NamedTuple):
    """What comes of it: tables by the rung the enemy stands at, (lanes, rungs).

    ``threat`` to the protege (0 to 1), ``readiness`` the true log odds of entering, ``hope`` what the protege and
    ``fear`` what its enemy expect of it from there on.
    """

    threat: np.ndarray
    readiness: np.ndarray
    hope: np.ndarray
    fear: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def update_commitment(standing, culpable, lost, restraint, known, reliance):
    """Work out anew the lanes in which something has changed since ``known`` (lanes, 3), and note what it is now.

    Parameters
    ----------
    standing, reliance
        See :class:`AllyParameters` and :class:`AllyCommitment`; the latter is renewed in place.
    culpable, lost, restraint : (lanes,)
        Whether the protege began it, what it has lost, and the log odds that the support of tied allies takes off.
    """
    hoped, feared = np.empty(RUNGS), np.empty(RUNGS)
    for lane in range(lost.size):
        if known[lane, 0] == culpable[lane] and known[lane, 1] == lost[lane] and known[lane, 2] == restraint[lane]:
            continue
        known[lane, 0], known[lane, 1], known[lane, 2] = culpable[lane], lost[lane], restraint[lane]
        fixed = standing.reasons[lane] - standing.culpability[lane] * culpable[lane] - restraint[lane]
        capital = standing.capital_threat[lane] if lost[lane] >= standing.capital[lane] else 0.0
        ground = lost[lane] / (2 * standing.settlement[lane]) + capital
        odds = standing.peak_odds[lane]
        for k in range(RUNGS):
            threat = min(max(standing.covered_threat[lane] * k / 9 + ground, 0.0), 1.0)
            readiness = fixed + standing.threat_slope[lane] * (threat - standing.threshold[lane])
            reliance.threat[lane, k], reliance.readiness[lane, k] = threat, readiness
            reach = standing.reach[lane]
            hoped[k] = reach / (1 + math.exp(-readiness - standing.protege_error[lane]))
            feared[k] = reach / (1 + math.exp(-readiness - standing.enemy_error[lane])) * standing.weight[lane, k]
        for j in range(RUNGS):
            hope = fear = 0.0
            if standing.at_once[lane] == 0:
                for k in range(RUNGS):
                    hope += odds[j, k] * hoped[k]
                    fear += odds[j, k] * feared[k]
            elif reliance.threat[lane, j] >= standing.threshold[lane]:
                hope, fear = hoped[j], feared[j]
            reliance.hope[lane, j], reliance.fear[lane, j] = hope, fear


class Pace(NamedTuple):
    """How soon an ally takes its next step, which never changes; arrays of shape (lanes,).

    ``rhetorical_ease`` and ``material_ease`` are in log odds; words (``word_pace``) and deeds (``deed_pace``) are
    chances a day; ``consensus`` (0 to 1) is 0 where the ally is not present; ``most_support`` is the last step.
    """

    rhetorical_ease: np.ndarray
    material_ease: np.ndarray
    word_pace: np.ndarray
    deed_pace: np.ndarray
    consensus: np.ndarray
    most_support: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def draw_climb(pace, support, readiness, enemy, highest_fought, uniform, climbs):
    """Whether an ally takes its next step of support today, which it does in a fight alone, into ``climbs`` bool (lanes,).

    Parameters
    ----------
    pace
        See :class:`Pace`.
    support, enemy, highest_fought, uniform : (lanes,)
        Support given (0 to 3), the rung of the protege's enemy and the highest of both, and the day's draw.
    readiness : (lanes, rungs)
        Log odds of entering by the enemy's rung; words come easier than arms, and arms easier than entry.
    """
    for lane in range(climbs.size):
        climbs[lane] = False
        if highest_fought[lane] < HOT or support[lane] >= pace.most_support[lane]:
            continue
        ease = 0.0
        if support[lane] < 2:
            ease = pace.rhetorical_ease[lane] if support[lane] == 0 else pace.material_ease[lane]
        daily = pace.word_pace[lane] if support[lane] == 0 else pace.deed_pace[lane]
        odds = readiness[lane, enemy[lane]] + ease
        climbs[lane] = uniform[lane] < daily * pace.consensus[lane] * (1 / (1 + math.exp(-odds)))
