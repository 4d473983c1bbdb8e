"""The compiled inner loops over a government's options: what each is worth, and quantal response to it.

Written for one lane and one option at a time, as the equations are. Called by :mod:`sim.agents.utility` and
:mod:`sim.agents.government`, which say where the numbers come from.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.kernels.views import COVERED
from sim.ladder import ARTILLERY, ASSAULT, DEPLOYED, FORCE, HOT, RUNGS, SETTLED

STANDING = (
    "contest",
    "postponement",
    "casualties",
    "material",
    "readiness",
    "reciprocity",
    "domestic",
    "burden",
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
ALLIES_FROM = ARTILLERY
"""The rung from which distant friends of the enemy charge for an attack."""
GARRISON = (1, 5)
"""The rungs that are in reach on the day an operation has culminated, beside those of any day."""


class Scales(NamedTuple):
    """What a government weighs with and never changes; arrays of shape (lanes,)."""

    steepness: np.ndarray
    ratio_form: np.ndarray
    scope: np.ndarray
    drift: np.ndarray
    casualty_cost: np.ndarray
    material_cost: np.ndarray
    assault_surcharge: np.ndarray
    readiness_cost: np.ndarray
    reciprocity: np.ndarray
    step_up: np.ndarray
    step_down: np.ndarray
    renewal: np.ndarray
    attacker_penalty: np.ndarray
    low_profile: np.ndarray
    loss_exponent: np.ndarray


class Situation(NamedTuple):
    """What it weighs today: arrays of shape (lanes,), then tables by rung, (lanes, rungs).

    ``perceived`` is the enemy's rung as it is believed to be, which one answers in kind; ``response`` how many rungs
    the enemy is expected to follow per rung of one's own move; ``hope`` what is left of what fighting is hoped to win
    (0 to 1), ``stock`` the rise of the material cost from stocks run down (0 to 5), ``burden`` what losses, hardship and
    exhaustion take of approval at rung 5.
    """

    rung: np.ndarray
    lapses: np.ndarray
    perceived: np.ndarray
    response: np.ndarray
    breaking: np.ndarray
    resolve: np.ndarray
    conciliation: np.ndarray
    domestic_weight: np.ndarray
    hope: np.ndarray
    stock: np.ndarray
    burden: np.ndarray
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
def losses_of_day(inflicted, ratio, rung, enemy_rung, attacker_penalty, low_profile, loss_exponent):
    """Expected deaths of a side a day (Lanchester 1916).

    Parameters
    ----------
    inflicted
        Deaths a day that the enemy's rung inflicts on an equal foe.
    ratio
        Enemy force relative to own.
    rung, enemy_rung
        Where both fight; who fights above the enemy attacks and pays for it, who fights below exposes itself less.
    attacker_penalty, low_profile, loss_exponent
        As in ``dyad.combat``.
    """
    attacking = 1 + attacker_penalty * max(rung - enemy_rung, 0.0)
    exposed = min(1.0, rung / enemy_rung) if enemy_rung > 0 else 1.0
    # A power of one is exact, so leaving it out changes no bit.
    weight = ratio if loss_exponent == 1 else ratio**loss_exponent
    return inflicted * weight * attacking * (low_profile + (1 - low_profile) * exposed)


@njit(nogil=True, error_model="numpy")
def _between(low, high, share):
    return low + share * (high - low)


@njit(nogil=True, error_model="numpy")
def _in_play(force, scope):
    """How much of the stake can be won with the larger force in play, 0 to 1; all of it where ``scope`` is 0."""
    return 1.0 if scope == 0 else force**scope


@njit(nogil=True, error_model="numpy")
def _postponement(scales, now, lane):
    """What it is worth to leave the contest for later: negative where force drifts away (Powell 2006)."""
    if scales.drift[lane] == 1:
        return 0.0
    used = FORCE[POSTPONED_RUNG]
    own, enemy = now.hoped_force[lane, POSTPONED_RUNG] * used, now.enemy_force[lane, POSTPONED_RUNG] * used
    steepness, form = scales.steepness[lane], scales.ratio_form[lane]
    later = contest_share(own * scales.drift[lane], enemy, steepness, form)
    stake = 2 * now.resolve[lane] * now.hope[lane] * _in_play(used, scales.scope[lane])
    return stake * (later - contest_share(own, enemy, steepness, form))


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
    losses = losses_of_day(
        inflicted, ratio, j, seen, scales.attacker_penalty[lane], scales.low_profile[lane], scales.loss_exponent[lane]
    )
    surcharge = 1 + scales.assault_surcharge[lane] if j >= ASSAULT else 1.0
    gap = j - perceived + now.conciliation[lane]
    in_play = _in_play(max(used, _between(FORCE[low], FORCE[high], part)), scales.scope[lane])
    terms[0] = 2 * now.resolve[lane] * now.hope[lane] * in_play * (share - 0.5)
    terms[1] = waiting * (1 - used)
    terms[2] = -scales.casualty_cost[lane] * math.log10(1 + losses)
    terms[3] = -scales.material_cost[lane] * used * surcharge * (1 + now.stock[lane])
    terms[4] = -scales.readiness_cost[lane] * max(j - 1, 0) / 8
    terms[5] = -scales.reciprocity[lane] * gap * gap / 4
    terms[6] = now.domestic_weight[lane] * gain
    terms[7] = -now.domestic_weight[lane] * now.burden[lane] * (used - FORCE[now.rung[lane]]) / FORCE[ARTILLERY]
    terms[8] = -now.shadow[lane, j] - (now.attack_price[lane] if j >= ALLIES_FROM else 0.0)
    terms[9] = -now.restraint[lane] if j >= HOT else 0.0
    worth = 0.0
    for term in range(len(STANDING)):
        worth += terms[term]
    return worth


@njit(nogil=True, error_model="numpy")
def _step(scales, now, lane, j):
    """What it takes to get to rung j: steps from where one stands or, after a lapse, from rung 3, less what renewal
    spares of those that were there before."""
    here, up, down = now.rung[lane], scales.step_up[lane], scales.step_down[lane]
    if not now.lapses[lane]:
        return -up * max(j - here, 0) - down * max(here - j, 0)
    renewed = scales.renewal[lane] * up * max(min(j, here) - DEPLOYED, 0)
    return -renewed - up * max(j - max(here, DEPLOYED), 0) - down * max(DEPLOYED - j, 0)


@njit(nogil=True, error_model="numpy", cache=True)
def list_reach(rung, reach, lapses, weighs_all, reachable):
    """Which rungs are weighed, into ``reachable`` bool (lanes, rungs).

    These are the rungs within ``reach`` (lanes,) of ``rung`` (lanes,) and, where an operation ``lapses`` (lanes,), those
    of the garrison; today's rung alone where not all are weighed (``weighs_all``, (lanes,)). Nothing is ever moved onto
    the edge of the ladder.
    """
    for lane in range(rung.size):
        near = reach[lane] if weighs_all[lane] else 0
        for j in range(RUNGS):
            reachable[lane, j] = abs(j - rung[lane]) <= near or (lapses[lane] and GARRISON[0] <= j <= GARRISON[1])


@njit(nogil=True, error_model="numpy", cache=True)
def weigh(scales, now, weighed, reachable, support, terms, standing, worth, settled):
    """What each option is worth, and what a settlement would be.

    Parameters
    ----------
    scales, now
        See :class:`Scales` and :class:`Situation`.
    weighed : bool (lanes,)
        Where anything is weighed today; other lanes are left as they are.
    reachable : bool (lanes, rungs)
    support : (lanes, views)
        Support of each view (:mod:`sim.kernels.views`), that of each option first.
    terms : (lanes, rungs, 12)
        Receives the terms of utility in the order of ``TERMS``; costs are negative.
    standing, worth : (lanes, rungs)
        Receive the sum of the terms of standing there, and the same less the cost of getting there (minus infinity
        where it cannot be reached).
    settled : (lanes,)
        Receives the worth of both sides standing at rung 2 at most, apart from what the public makes of it.
    """
    room = np.empty(len(STANDING))
    for lane in range(weighed.size):
        if not weighed[lane]:
            continue
        waiting, here, perceived = _postponement(scales, now, lane), now.rung[lane], now.perceived[lane]
        for j in range(RUNGS):
            worth[lane, j] = -np.inf
            if not reachable[lane, j]:
                continue
            seen = min(max(perceived + now.response[lane] * (j - here), 0.0), RUNGS - 1.0)
            row = terms[lane, j]
            total = _stand(scales, now, lane, waiting, j, perceived, seen, support[lane, j] - support[lane, here], row)
            row[10] = _step(scales, now, lane, j)
            row[11] = -now.breaking[lane] if j >= HOT else 0.0
            standing[lane, j], worth[lane, j] = total, total + row[10] + row[11]
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
def choose_rung(worth, rationality, decides, uniforms, rung):
    """Quantal response (McKelvey and Palfrey 1995): the rung with the largest utility plus Gumbel noise.

    Parameters
    ----------
    worth : (lanes, rungs)
        Utility; minus infinity for what cannot be reached.
    rationality : (lanes,)
        Precision of choice.
    decides : bool (lanes,)
        Where anything is decided today.
    uniforms : (rungs, lanes)
        One draw for each target rung.
    rung : int (lanes,)
        Receives the rung chosen, where anything is decided.
    """
    for lane in range(decides.size):
        if not decides[lane]:
            continue
        highest = -np.inf
        for j in range(RUNGS):
            if worth[lane, j] > -np.inf:
                drawn = rationality[lane] * worth[lane, j] - math.log(-math.log(uniforms[j, lane]))
                if drawn > highest:
                    highest, rung[lane] = drawn, j


@njit(nogil=True, error_model="numpy", cache=True)
def chance_of_less(worth, rationality, weight, decides, support, rung, chance):
    """Probability that quantal response settles on less than today's rung if honour were covered, into (lanes,).

    Parameters
    ----------
    worth : (lanes, rungs)
        Utility as things stand; minus infinity for what cannot be reached.
    rationality, weight : (lanes,)
        Precision of choice, and the domestic weight.
    decides : bool (lanes,)
        Where anything is decided today; other lanes keep what they had.
    support : (lanes, views)
        Support of each view (:mod:`sim.kernels.views`): of each option as things stand, and under full cover.
    rung, chance
        Today's rung, and room for the result.
    """
    relieved = np.empty(RUNGS)
    for lane in range(decides.size):
        if not decides[lane]:
            continue
        here, highest = rung[lane], -np.inf
        for j in range(RUNGS):
            covered = support[lane, COVERED + j] - support[lane, COVERED + here]
            relief = covered - (support[lane, j] - support[lane, here])
            relieved[j] = rationality[lane] * (worth[lane, j] + weight[lane] * relief)
            highest = max(highest, relieved[j])
        lower = everything = 0.0
        for j in range(RUNGS):
            odds = math.exp(relieved[j] - highest)
            everything += odds
            if j < here:
                lower += odds
        chance[lane] = lower / everything
