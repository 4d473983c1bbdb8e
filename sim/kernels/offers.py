"""The compiled loops over offers: what one is worth to a side, and whether it accepts (:mod:`sim.mechanisms.talks`)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import DEPLOYED, SETTLED

OFFER_TERMS = ("settling", "leverage", "distrust", "text", "unfairness", "ripeness", "asking", "shopping")
"""What an offer is worth is the sum of these, in this order."""


class Weights(NamedTuple):
    """How the terms of an offer weigh, which never changes; arrays of shape (lanes,), names as in ``talks``."""

    distrust: np.ndarray
    trust_relief: np.ndarray
    form: np.ndarray
    unfairness: np.ndarray
    ripeness: np.ndarray
    asking: np.ndarray


class Table(NamedTuple):
    """What is on the table of one channel today; arrays of shape (lanes,), shares from 0 to 1.

    ``leaning`` (-1 to 1) is the mediators' towards the side in question; ``asker``, ``seen`` and ``leaked`` say which
    side is drawn to be the one who asked, and whether that comes out.
    """

    cover: np.ndarray
    facilitation: np.ndarray
    verification: np.ndarray
    push: np.ndarray
    backlash: np.ndarray
    text: np.ndarray
    shopping: np.ndarray
    leaning: np.ndarray
    secrecy: np.ndarray
    leaked: np.ndarray
    asker: np.ndarray
    seen: np.ndarray


class Party(NamedTuple):
    """The side that judges an offer; arrays of shape (lanes,)."""

    settling: np.ndarray
    trust: np.ndarray
    fatigue: np.ndarray
    enemy_fatigue: np.ndarray
    enemy_rhetoric: np.ndarray
    attitude: np.ndarray
    weakness: np.ndarray
    framing: np.ndarray
    luck_slot: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def value_offer(tried, through, weights, table, party, worth):
    """What an offer is worth to a side, term by term, in utility.

    Parameters
    ----------
    tried : bool (lanes,)
        Where there is one; other lanes are left as they are.
    through : float
        1 for an offer of mediators, 0 for direct talks.
    weights, table, party
        See :class:`Weights`, :class:`Table` and :class:`Party`.
    worth : (lanes, 8)
        Receives the terms in the order of ``OFFER_TERMS``. Pressure is resisted by a hawkish public as far as it is
        applied in the open; who is seen to ask pays for it, less what cover takes off.
    """
    for lane in range(tried.size):
        if not tried[lane]:
            continue
        terms, secrecy = worth[lane], table.secrecy[lane]
        cover = through * table.cover[lane]
        facilitation, verification = through * table.facilitation[lane], through * table.verification[lane]
        framed = party.weakness[lane] * (1 + party.framing[lane] * party.enemy_rhetoric[lane])
        backlash = table.backlash[lane] * max(party.attitude[lane], 0.0) * (1 - secrecy)
        slot = 1 if table.asker[lane] >= 0.5 else 0
        asks = 1.0 if slot == party.luck_slot[lane] and (table.seen[lane] >= secrecy or table.leaked[lane]) else 0.0
        doubt = 1 - weights.trust_relief[lane] * facilitation
        terms[0] = party.settling[lane]
        terms[1] = through * (table.push[lane] * (1 - backlash))
        terms[2] = -weights.distrust[lane] * (1 - party.trust[lane]) * (1 - verification) * doubt
        terms[3] = through * weights.form[lane] * table.text[lane]
        terms[4] = -through * weights.unfairness[lane] * (-table.leaning[lane] if table.leaning[lane] < 0 else 0.0)
        terms[5] = weights.ripeness[lane] * min(party.fatigue[lane], party.enemy_fatigue[lane])
        terms[6] = -weights.asking[lane] * asks * (1 - cover) * framed
        terms[7] = -through * table.shopping[lane]


@njit(nogil=True, error_model="numpy", cache=True)
def accept_offer(tried, worth, slope, threshold, uniform, accepts):
    """Accept with the logistic chance of an offer's worth, into ``accepts`` bool (lanes,); all but ``worth`` (lanes,)."""
    for lane in range(tried.size):
        accepts[lane] = False
        if not tried[lane]:
            continue
        total = 0.0
        for term in range(worth.shape[1]):
            total += worth[lane, term]
        accepts[lane] = uniform[lane] < 1 / (1 + math.exp(-(slope[lane] * (total + threshold[lane]))))


class Descent(NamedTuple):
    """What a settlement is held against; arrays of shape (lanes,).

    ``settled`` and ``standing`` are the utilities of settling and of standing where one does, public apart;
    ``planning_weight`` the discounted days of the planning window, over which ``window`` (0 to 1) spreads the descent.
    """

    rung: np.ndarray
    lapses: np.ndarray
    settled: np.ndarray
    standing: np.ndarray
    domestic_weight: np.ndarray
    step_down: np.ndarray
    planning_weight: np.ndarray
    window: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def value_settling(tried, descent, support_here, support, gain):
    """Gain in utility a day from settling at rung 2 at most, less the steps down, where ``tried``, into ``gain`` (lanes,).

    ``support_here`` (lanes, rungs or more) is the public's of each rung, ``support`` (lanes,) that of settling. An
    operation that has culminated is over: the way down begins at rung 3.
    """
    for lane in range(tried.size):
        if not tried[lane]:
            continue
        rung = descent.rung[lane]
        here = min(rung, DEPLOYED) if descent.lapses[lane] else rung
        spread = math.pow(descent.planning_weight[lane], descent.window[lane])
        cost = descent.step_down[lane] * max(here - SETTLED, 0) / spread
        more = support[lane] - support_here[lane, rung]
        gain[lane] = descent.settled[lane] + descent.domestic_weight[lane] * more - descent.standing[lane] - cost


@njit(nogil=True, error_model="numpy", cache=True)
def price_of_breaking(in_force, given_word, breaking, enforcement, leverage, age, half_life, price):
    """What a day of fighting under an agreement costs, in utility, into ``price``: for a word that was given, for
    enforcement, and for what is left of leverage after ``age`` days; all (lanes,)."""
    for lane in range(price.size):
        price[lane] = 0.0
        if in_force[lane]:
            left = leverage[lane] * math.pow(0.5, age[lane] / half_life[lane])
            price[lane] = given_word[lane] + breaking[lane] * enforcement[lane] + left
