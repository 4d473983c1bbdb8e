"""The compiled inner loops over a government's options: what each is worth, and quantal response to it.

Written for one lane and one option at a time, as the equations are. Called by :mod:`sim.agents.utility`,
:mod:`sim.agents.government` and :mod:`sim.mechanisms.combat`, which say where the numbers come from.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import ASSAULT, FORCE, HOT, RUNGS, SETTLED

STANDING = (
    "contest",
    "postponement",
    "casualties",
    "material",
    "readiness",
    "reciprocity",
    "domestic",
    "enemy's allies",
    "own allies",
)
"""What standing at a rung is worth is the sum of these, in this order."""
TERMS = (*STANDING, "step", "agreement")
"""With the cost of getting there, and of breaking an agreement by it."""
LEAST_FORCE = 1e-6
"""Keeps the ratio form defined where neither side uses force."""
POSTPONED_RUNG = 8
"""The rung at which a war that is put off is imagined, for the drift of force (assumed)."""
LONGEST_PLAN = 60
"""Days: the upper end of the range of ``planning_days``."""
ALLIES_FROM = 5
"""The rung from which distant friends of the enemy charge for an attack (artillery)."""


class Scales(NamedTuple):
    """What a government weighs with and never changes; arrays of shape (lanes,)."""

    steepness: np.ndarray
    ratio_form: np.ndarray
    drift: np.ndarray
    casualty_cost: np.ndarray
    material_cost: np.ndarray
    assault_surcharge: np.ndarray
    readiness_cost: np.ndarray
    reciprocity: np.ndarray
    step_up: np.ndarray
    step_down: np.ndarray
    attacker_penalty: np.ndarray
    low_profile: np.ndarray
    loss_exponent: np.ndarray


class Situation(NamedTuple):
    """What it weighs today: arrays of shape (lanes,), then tables by rung, (lanes, rungs).

    ``perceived`` is the enemy's rung as it is believed to be, which one answers in kind; ``response`` how many rungs
    the enemy is expected to follow per rung of one's own move; ``hold`` approval where the government stands.
    """

    rung: np.ndarray
    perceived: np.ndarray
    response: np.ndarray
    hold: np.ndarray
    breaking: np.ndarray
    resolve: np.ndarray
    conciliation: np.ndarray
    domestic_weight: np.ndarray
    attack_price: np.ndarray
    restraint: np.ndarray
    hoped_force: np.ndarray
    enemy_force: np.ndarray
    deaths: np.ndarray
    shadow: np.ndarray


@njit(nogil=True, error_model="numpy")
def contest_share(own, enemy, steepness, ratio_form):
    """Share of the stake a side expects, 0 to 1: difference form (Hirshleifer 1989) or ratio form (Tullock 1980)."""
    advantage = math.log(own + LEAST_FORCE) - math.log(enemy + LEAST_FORCE) if ratio_form else 2 * (own - enemy)
    return 1 / (1 + math.exp(-steepness * advantage))


@njit(nogil=True, error_model="numpy")
def _losses(inflicted, ratio, rung, enemy_rung, attacker_penalty, low_profile, loss_exponent):
    attacking = 1 + attacker_penalty * max(rung - enemy_rung, 0.0)
    profile = low_profile if rung < HOT else 1.0
    # A power of one is exact, so leaving it out changes no bit.
    weight = ratio if loss_exponent == 1 else ratio**loss_exponent
    return inflicted * weight * attacking * profile


@njit(nogil=True, error_model="numpy", cache=True)
def mean_losses(inflicted, ratio, rung, enemy_rung, attacker_penalty, low_profile, loss_exponent, losses):
    """Expected deaths of a side a day (Lanchester 1916); all (lanes,), the last receives them.

    Parameters
    ----------
    inflicted
        Deaths a day that the enemy's rung inflicts on an equal foe.
    ratio
        Enemy force relative to own.
    rung, enemy_rung
        Where both fight; who fights above the enemy attacks and pays for it.
    attacker_penalty, low_profile, loss_exponent
        As in ``dyad.combat``.
    """
    for lane in range(losses.size):
        losses[lane] = _losses(
            inflicted[lane],
            ratio[lane],
            rung[lane],
            enemy_rung[lane],
            attacker_penalty[lane],
            low_profile[lane],
            loss_exponent[lane],
        )


@njit(nogil=True, error_model="numpy")
def _between(low, high, share):
    return low + share * (high - low)


@njit(nogil=True, error_model="numpy")
def _postponement(scales, now, lane):
    """What it is worth to leave the contest for later: negative where force drifts away (Powell 2006)."""
    if scales.drift[lane] == 1:
        return 0.0
    used = FORCE[POSTPONED_RUNG]
    own, enemy = now.hoped_force[lane, POSTPONED_RUNG] * used, now.enemy_force[lane, POSTPONED_RUNG] * used
    steepness, form = scales.steepness[lane], scales.ratio_form[lane]
    later = contest_share(own * scales.drift[lane], enemy, steepness, form)
    return 2 * now.resolve[lane] * (later - contest_share(own, enemy, steepness, form))


@njit(nogil=True, error_model="numpy")
def _stand(scales, now, lane, waiting, j, perceived, seen, gain, terms):
    """The terms of standing at rung j, put into ``terms``, and their sum: equation (4) without the way there.

    The enemy is answered in kind at the ``perceived`` rung and fought at the rung ``seen`` in answer to one's own.
    """
    used, force, enemy = FORCE[j], now.hoped_force[lane, j], now.enemy_force[lane]
    # The enemy is expected between two whole rungs, and so are its force and the deaths it inflicts.
    low = min(int(seen), RUNGS - 2)
    high, part = low + 1, seen - low
    strength = _between(enemy[low] * FORCE[low], enemy[high] * FORCE[high], part)
    inflicted = _between(now.deaths[lane, low], now.deaths[lane, high], part)
    ratio = _between(enemy[low], enemy[high], part) / force
    share = contest_share(force * used, strength, scales.steepness[lane], scales.ratio_form[lane])
    losses = _losses(
        inflicted, ratio, j, seen, scales.attacker_penalty[lane], scales.low_profile[lane], scales.loss_exponent[lane]
    )
    surcharge = 1 + scales.assault_surcharge[lane] if j >= ASSAULT else 1.0
    gap = j - perceived + now.conciliation[lane]
    terms[0] = 2 * now.resolve[lane] * (share - 0.5)
    terms[1] = waiting * (1 - used)
    terms[2] = -scales.casualty_cost[lane] * math.log10(1 + losses)
    terms[3] = -scales.material_cost[lane] * used * surcharge
    terms[4] = -scales.readiness_cost[lane] * max(j - 1, 0) / 8
    terms[5] = -scales.reciprocity[lane] * gap * gap / 4
    terms[6] = now.domestic_weight[lane] * gain
    terms[7] = -now.shadow[lane, j] - (now.attack_price[lane] if j >= ALLIES_FROM else 0.0)
    terms[8] = -now.restraint[lane] if j >= HOT else 0.0
    worth = 0.0
    for term in range(len(STANDING)):
        worth += terms[term]
    return worth


@njit(nogil=True, error_model="numpy", cache=True)
def weigh(scales, now, options, approval, terms, standing, worth, settled):
    """What each option is worth, and what a settlement would be.

    Parameters
    ----------
    scales, now
        See :class:`Scales` and :class:`Situation`.
    options : int (lanes, k)
        The rungs that are weighed.
    approval : (lanes, k)
        Approval at each of them.
    terms : (lanes, k, 11)
        Receives the terms of utility in the order of ``TERMS``; costs are negative.
    standing, worth : (lanes, k)
        Receive the sum of the terms of standing there, and the same less the cost of getting there.
    settled : (lanes,)
        Receives the worth of both sides standing at rung 2 at most, apart from what the public makes of it.
    """
    room = np.empty(len(STANDING))
    for lane in range(options.shape[0]):
        waiting, here, perceived = _postponement(scales, now, lane), now.rung[lane], now.perceived[lane]
        for option in range(options.shape[1]):
            j = options[lane, option]
            seen = min(max(perceived + now.response[lane] * (j - here), 0.0), RUNGS - 1.0)
            row = terms[lane, option]
            total = _stand(scales, now, lane, waiting, j, perceived, seen, approval[lane, option] - now.hold[lane], row)
            row[9] = -scales.step_up[lane] * max(j - here, 0) - scales.step_down[lane] * max(here - j, 0)
            row[10] = -now.breaking[lane] if j >= HOT else 0.0
            standing[lane, option], worth[lane, option] = total, total + row[9] + row[10]
        enemy = float(SETTLED)
        settled[lane] = _stand(scales, now, lane, waiting, min(here, SETTLED), enemy, enemy, 0.0, room)


@njit(nogil=True, error_model="numpy", cache=True)
def discounted_days(discount, planning_days, weight, mean_wait):
    """Sum of the discount factors of a planning window, and the mean wait of a day in it, weighted by them.

    Parameters
    ----------
    discount, planning_days : (lanes,)
        Discount factor a day (0 to 1), and how many days from today on are planned for (at most ``LONGEST_PLAN``).
    weight, mean_wait : (lanes,)
        Receive the sum, and the mean in days.
    """
    for lane in range(discount.size):
        total = waited = 0.0
        for day in range(LONGEST_PLAN + 1):
            if day < planning_days[lane]:
                factor = discount[lane] ** float(day)
                total += factor
                waited += day * factor
        weight[lane], mean_wait[lane] = total, waited / total


@njit(nogil=True, error_model="numpy", cache=True)
def best_option(score, uniforms, options, best):
    """Quantal response (McKelvey and Palfrey 1995): the rung with the largest score plus Gumbel noise.

    Parameters
    ----------
    score : (lanes, k)
        Utility times the precision of choice; minus infinity for what cannot be reached.
    uniforms : (rungs, lanes)
        One draw for each target rung.
    options : int (lanes, k)
        The rungs that the columns stand for.
    best : int (lanes,)
        Receives the rung chosen.
    """
    for lane in range(score.shape[0]):
        highest = -np.inf
        for option in range(score.shape[1]):
            if score[lane, option] > -np.inf:
                rung = options[lane, option]
                drawn = score[lane, option] - math.log(-math.log(uniforms[rung, lane]))
                if drawn > highest:
                    highest, best[lane] = drawn, rung


@njit(nogil=True, error_model="numpy", cache=True)
def chance_of_less(score, weight, open_, covered, hold, covered_hold, options, rung, chance):
    """Probability that quantal response settles on less than today's rung if honour were covered, into (lanes,).

    Parameters
    ----------
    score : (lanes, k)
        Utility times the precision of choice as things stand; minus infinity for what cannot be reached.
    weight : (lanes,)
        Precision of choice times the domestic weight.
    open_, covered : (lanes, k)
        Approval of each option as things stand, and under full cover; ``hold`` and ``covered_hold`` (lanes,) that of
        staying put.
    options, rung, chance
        The rungs of the columns, today's rung, and room for the result.
    """
    relieved = np.empty(score.shape[1])
    for lane in range(score.shape[0]):
        for option in range(relieved.size):
            relief = covered[lane, option] - covered_hold[lane] - (open_[lane, option] - hold[lane])
            relieved[option] = score[lane, option] + weight[lane] * relief
        highest = relieved.max()
        lower = everything = 0.0
        for option in range(relieved.size):
            odds = math.exp(relieved[option] - highest)
            everything += odds
            if options[lane, option] < rung[lane]:
                lower += odds
        chance[lane] = lower / everything
