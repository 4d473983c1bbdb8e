"""The compiled loops over the day's dead and what is told of them, as in :mod:`sim.mechanisms.combat` and
:mod:`sim.mechanisms.casualty_reports`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.kernels.options import losses_of_day
from sim.ladder import ARTILLERY

SUCCESS_SCALE = 4
"""A claimed exchange of 16 to 1 counts as full success (assumed)."""


class Lethality(NamedTuple):
    """What losses go by and never change: arrays of shape (lanes,), then tables by the enemy's rung, (lanes, rungs)."""

    attacker_penalty: np.ndarray
    low_profile: np.ndarray
    loss_exponent: np.ndarray
    persistence: np.ndarray
    day_cap: np.ndarray
    bloodiness: np.ndarray
    civilian_share: np.ndarray
    deaths: np.ndarray
    bloodless: np.ndarray
    spread: np.ndarray


class Exchange(NamedTuple):
    """Who fights where with what, and the day's luck: rungs, draws and ``strikes`` (lanes,), force (lanes, rungs)."""

    fought: np.ndarray
    enemy_fought: np.ndarray
    force: np.ndarray
    enemy_force: np.ndarray
    news: np.ndarray
    hurdle: np.ndarray
    rounding: np.ndarray
    civilian_rounding: np.ndarray
    strikes: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def draw_losses(lethality, exchange, first_day, severity, dead, civilians, excess):
    """A side's dead of the day: ``floor(mean bloodiness severity + U)`` on a day that passes the hurdle, else none.

    Parameters
    ----------
    lethality, exchange
        See :class:`Lethality` and :class:`Exchange`; the mean is that of :func:`sim.kernels.options.losses_of_day`.
    first_day : bool
        Whether severity begins today; else it carries over as an autoregressive process of order one.
    severity : (lanes,)
        The standard normal behind the day's severity; yesterday's is replaced by today's.
    dead, civilians, excess : (lanes,)
        Receive military and civilian deaths, and how far the dead exceed the mean, relative to 1 + the mean.
    """
    for lane in range(dead.size):
        own, enemy = exchange.fought[lane], exchange.enemy_fought[lane]
        ratio = exchange.enemy_force[lane, enemy] / exchange.force[lane, own]
        losses = losses_of_day(
            lethality.deaths[lane, enemy],
            ratio,
            own,
            enemy,
            lethality.attacker_penalty[lane],
            lethality.low_profile[lane],
            lethality.loss_exponent[lane],
        )
        mean = losses * lethality.bloodiness[lane]
        memory, cap = lethality.persistence[lane], lethality.day_cap[lane]
        kept = 0.0 if first_day else memory * severity[lane]
        severity[lane] = kept + (1.0 if first_day else math.sqrt(1 - memory * memory)) * exchange.news[lane]
        spread, bloodless = lethality.spread[lane, enemy], lethality.bloodless[lane, enemy]
        drawn = 0
        if exchange.hurdle[lane] >= bloodless:
            factor = math.exp(spread * severity[lane] - spread * spread / 2)
            drawn = int(math.floor(min(mean / (1 - bloodless) * factor, cap) + exchange.rounding[lane]))
        dead[lane] = max(drawn, 1) if exchange.strikes[lane] else drawn
        shelled = lethality.civilian_share[lane] * mean if enemy >= ARTILLERY else 0.0
        civilians[lane] = int(math.floor(min(shelled, cap) + exchange.civilian_rounding[lane]))
        excess[lane] = (dead[lane] - mean) / (1 + mean)


class Candour(NamedTuple):
    """How a side reports, which never changes; arrays of shape (lanes,), names as in ``dyad.reporting``."""

    disclosure: np.ndarray
    inflation: np.ndarray
    leak: np.ndarray
    civilian_claims: np.ndarray
    hiding_penalty: np.ndarray
    salient_share: np.ndarray


class Toll(NamedTuple):
    """The dead so far and of the day, the enemy's rung, and the luck of salience; arrays of shape (lanes,)."""

    deaths: np.ndarray
    dead_today: np.ndarray
    civilians_today: np.ndarray
    enemy_deaths: np.ndarray
    enemy_fought: np.ndarray
    drawn: np.ndarray
    strikes: np.ndarray


class Telling(NamedTuple):
    """What a public has been told (:class:`sim.mechanisms.casualty_reports.Report`); arrays of shape (lanes,)."""

    told: np.ndarray
    leaked: np.ndarray
    claimed: np.ndarray
    new_admitted: np.ndarray
    new_deaths: np.ndarray
    new_civilian_deaths: np.ndarray
    salient: np.ndarray
    credit: np.ndarray
    loss_told: np.ndarray
    loss_hidden: np.ndarray
    success: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def tell_losses(candour, toll, known, telling):
    """Tell a public of the day: own deaths in part, claims about the enemy, leaks, salient deaths, and what it adds up to.

    ``known`` is what it had been told until yesterday; ``telling`` receives today's.
    """
    for lane in range(toll.deaths.size):
        disclosure, deaths, dead = candour.disclosure[lane], toll.deaths[lane], toll.dead_today[lane]
        hidden = (1 - disclosure) * deaths
        newly_leaked = candour.leak[lane] * max(hidden - known.leaked[lane], 0.0)
        told, leaked = disclosure * deaths, known.leaked[lane] + newly_leaked
        claimed = candour.inflation[lane] * toll.enemy_deaths[lane]
        alleged = candour.civilian_claims[lane] if toll.enemy_fought[lane] >= ARTILLERY else 0.0
        lost = candour.hiding_penalty[lane] * newly_leaked / (1 + deaths)
        credit = known.credit[lane] * max(1 - lost, 0.0)
        struck = toll.drawn[lane] < 1 - math.pow(1 - candour.salient_share[lane], float(dead))
        telling.told[lane], telling.leaked[lane], telling.claimed[lane] = told, leaked, claimed
        telling.new_admitted[lane] = disclosure if dead > 0 else 0.0
        telling.new_deaths[lane] = disclosure * dead + newly_leaked
        telling.new_civilian_deaths[lane] = toll.civilians_today[lane] + alleged
        telling.salient[lane] = 1.0 if struck or toll.strikes[lane] else 0.0
        telling.credit[lane] = credit
        order = math.log10(1 + told)
        withheld = math.log10(1 + told + leaked) - order
        telling.loss_told[lane] = order + (1 - credit) * withheld
        telling.loss_hidden[lane] = credit * withheld
        success = math.log2((1 + claimed) / (1 + told)) / SUCCESS_SCALE
        telling.success[lane] = min(max(success, -1.0), 1.0)
