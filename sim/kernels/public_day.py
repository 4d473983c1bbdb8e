"""The compiled loops that bring together what a public goes by on a day. Called by :mod:`sim.agents.public` alone."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.kernels.views import price_of_honour
from sim.ladder import ARTILLERY, FORCE, HOT, SETTLED

BELLIGERENT_FROM = 4
"""Commitment above this rung counts as a threat of force."""
LEAST_PROTEST = 1e-4
"""Share that keeps the risk of arrest defined when nobody protests."""


class Temper(NamedTuple):
    """How a public takes what happens, which never changes; arrays of shape (lanes,), names as in ``public``.

    ``hardship`` is hardship times its weight, ``blame`` the log odds of blaming the enemy before any fact is verified.
    """

    base_approval: np.ndarray
    rally_weight: np.ndarray
    rally_decay: np.ndarray
    rally_gain: np.ndarray
    rally_rhetoric: np.ndarray
    belligerence: np.ndarray
    success_relief: np.ndarray
    casualty_weight: np.ndarray
    hardship: np.ndarray
    fatigue_weight: np.ndarray
    blame: np.ndarray
    blame_verification: np.ndarray
    anger_scale: np.ndarray
    civilian_weight: np.ndarray
    border_alarm: np.ndarray
    salience: np.ndarray
    propaganda: np.ndarray
    media_noise: np.ndarray
    media_pull: np.ndarray
    police: np.ndarray
    arrest_rate: np.ndarray
    cascade_floor: np.ndarray


class News(NamedTuple):
    """What is told on a day: of losses (:class:`sim.world.Report`), facts verified, noise of the media; (lanes,) each."""

    admitted: np.ndarray
    deaths: np.ndarray
    civilian_deaths: np.ndarray
    salient: np.ndarray
    credit: np.ndarray
    success: np.ndarray
    loss_told: np.ndarray
    loss_hidden: np.ndarray
    verification: np.ndarray
    noise: np.ndarray


class Conduct(NamedTuple):
    """What both governments did on a day; (lanes,) each.

    ``seen`` is the enemy's rung as it is believed to be, ``signed`` whether an agreement was concluded today.
    """

    rung: np.ndarray
    fought: np.ndarray
    enemy_fought: np.ndarray
    rhetoric: np.ndarray
    commitment: np.ndarray
    fatigue: np.ndarray
    seen: np.ndarray
    signed: np.ndarray
    cover: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def set_mood(temper, loss_told, loss_hidden, commitment, rally, mood):
    """What all citizens see alike, into ``mood``; the other arguments are (lanes,)."""
    for lane in range(rally.size):
        mood.base[lane] = temper.base_approval[lane] + temper.rally_weight[lane] * rally[lane]
        threatened = max(commitment[lane] - BELLIGERENT_FROM, 0.0) / 9
        mood.belligerence[lane] = temper.belligerence[lane] * threatened
        mood.loss_told[lane], mood.loss_hidden[lane] = loss_told[lane], loss_hidden[lane]


@njit(nogil=True, error_model="numpy", cache=True)
def set_burden(temper, news, conduct, burden):
    """What losses, hardship and exhaustion weigh today, into ``burden``."""
    for lane in range(conduct.rung.size):
        relief = 1 - temper.success_relief[lane] * news.success[lane]
        burden.casualties[lane] = temper.casualty_weight[lane] * relief
        burden.hardship[lane] = temper.hardship[lane]
        burden.fatigue[lane] = temper.fatigue_weight[lane] * conduct.fatigue[lane]
        burden.scale[lane] = FORCE[conduct.rung[lane]] / FORCE[ARTILLERY]


@njit(nogil=True, error_model="numpy", cache=True)
def mean_burden(temper, traits, success, loss_told, loss_hidden, fatigue, burden):
    """What losses, hardship and exhaustion take of mean approval of fighting at rung 5, into ``burden`` (lanes,).

    ``traits`` (lanes, 3) are the means of sensitivity to losses, of that times distrust, and of exposure; the others are
    (lanes,).
    """
    for lane in range(burden.size):
        casualties = temper.casualty_weight[lane] * (1 - temper.success_relief[lane] * success[lane])
        losses = casualties * (traits[lane, 0] * loss_told[lane] + traits[lane, 1] * loss_hidden[lane])
        burden[lane] = losses + temper.hardship[lane] * traits[lane, 2] + temper.fatigue_weight[lane] * fatigue[lane]


@njit(nogil=True, error_model="numpy", cache=True)
def set_pressure(temper, news, conduct, honour, protest, border, pressure):
    """What moves attitudes and the street today, into ``pressure``: the message, anger, the rung and its price, arrest.

    Anger (0 to 1) grows with the day's losses as far as the enemy is blamed for them; citizens near the front, segment
    number ``border``, mind civilian deaths more. The risk of arrest goes by yesterday's ``protest`` (lanes,) (Epstein
    2002).
    """
    for lane in range(protest.size):
        blame = 1 / (1 + math.exp(-(temper.blame[lane] - temper.blame_verification[lane] * news.verification[lane])))
        civilian = temper.civilian_weight[lane] * news.civilian_deaths[lane]
        weight = (1 + temper.salience[lane] * news.salient[lane]) / temper.anger_scale[lane]
        losses = news.deaths[lane] + civilian
        pressure.anger[lane] = blame * -math.expm1(-losses * weight) if losses > 0 else 0.0
        if civilian > 0:
            alarmed = losses + civilian * temper.border_alarm[lane]
            pressure.anger[lane, border] = blame * -math.expm1(-alarmed * weight)
        attacked = 0.5 if conduct.enemy_fought[lane] >= HOT else 0.0
        said = temper.propaganda[lane] * (conduct.rhetoric[lane] + attacked)
        message = said + temper.media_noise[lane] * news.noise[lane]
        pressure.message[lane] = temper.media_pull[lane] * message * news.credit[lane]
        # Those who have just agreed come down together: the enemy's rung of yesterday is no reproach any more.
        enemy = min(conduct.seen[lane], float(SETTLED)) if conduct.signed[lane] else conduct.seen[lane]
        rung = float(conduct.rung[lane])
        pressure.rung[lane] = rung
        pressure.penalty[lane] = price_of_honour(
            honour, lane, rung, enemy, conduct.cover[lane], honour.commitment[lane]
        )
        officers = temper.police[lane] / (protest[lane] + LEAST_PROTEST)
        if temper.cascade_floor[lane] == 1:
            officers = math.floor(officers)
        pressure.arrest[lane] = -math.expm1(-temper.arrest_rate[lane] * officers)
        pressure.attention[lane] = min(max(conduct.fought[lane], conduct.enemy_fought[lane]) / ARTILLERY, 1.0)


@njit(nogil=True, error_model="numpy", cache=True)
def update_rally(temper, news, conduct, rally):
    """Update rally (lanes,), 0 to 1, in place: by days with deaths that are admitted, and by words in a fight."""
    for lane in range(rally.size):
        spoken = temper.rally_rhetoric[lane] * conduct.rhetoric[lane] if conduct.fought[lane] >= HOT else 0.0
        gain = temper.rally_gain[lane] * news.admitted[lane] + spoken
        rally[lane] = min(temper.rally_decay[lane] * rally[lane] + gain * (1 - rally[lane]), 1.0)
