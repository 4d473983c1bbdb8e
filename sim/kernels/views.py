"""The compiled loops over what citizens think of options. Called by :mod:`sim.agents.public` alone."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.kernels.citizens import evaluate
from sim.kernels.vector_math import EXACT_ORDER, exponential, two_means
from sim.ladder import RUNGS, SETTLED

COVERED, OFFER, DIRECT, BACKED_DOWN, STAYED_OUT, VIEWS = RUNGS, *range(2 * RUNGS, 2 * RUNGS + 5)
"""Columns of a table of views: every rung as things stand, from 0; every rung under full cover; settling on the
mediators' offer, and directly; one rung less than today; the same had the government never committed itself; and how
many there are."""


class Honour(NamedTuple):
    """What honour goes by on a day; arrays of shape (lanes,).

    ``standing`` is where the government stands, ``answer`` how far the enemy is expected to follow it down,
    ``commitment`` what it stands committed to; ``inconsistency`` is the price of a rung less than that, ``weakness``
    of a rung below the enemy's.
    """

    standing: np.ndarray
    answer: np.ndarray
    commitment: np.ndarray
    inconsistency: np.ndarray
    weakness: np.ndarray


@njit(nogil=True, error_model="numpy")
def price_of_honour(honour, lane, rung, enemy_rung, cover, commitment):
    """What honour charges for standing at a rung, before each citizen's own honour weighs it."""
    enemy = enemy_rung - honour.answer[lane] if rung < honour.standing[lane] else enemy_rung
    broken = honour.inconsistency[lane] * max(commitment - rung, 0.0)
    beneath = honour.weakness[lane] * max(enemy - rung, 0.0)
    return (broken + beneath) / 9 * (1 - cover)


@njit(nogil=True, error_model="numpy", cache=True)
def list_views(honour, reachable, weighs_all, weighs, enemy_rung, cover, offer_cover, rung, price):
    """The views that a public is asked for on a day: each option as things stand and under full cover, then four more.

    These are settling on the mediators' offer, settling directly, one rung less than today without any cover, and the
    same had the government never committed itself (and never threatened): the two sides of the audience cost.

    Parameters
    ----------
    honour : Honour
    reachable : bool (lanes, rungs)
        Rungs within reach.
    weighs_all, weighs : bool (lanes,)
        Where all views are wanted, and where today's rung and the two kinds of settlement are.
    enemy_rung, cover, offer_cover : (lanes,)
        The enemy's rung as it is seen, and the cover of an agreement in force and of the offer.
    rung, price : (lanes, views)
        Receive the rung of each view (-1: left out) and what honour charges for it.
    """
    for lane in range(reachable.shape[0]):
        if not weighs[lane]:
            continue
        rung[lane] = -1
        kept, standing, enemy = honour.commitment[lane], honour.standing[lane], enemy_rung[lane]
        for j in range(RUNGS):
            if reachable[lane, j]:
                rung[lane, j] = j
                price[lane, j] = price_of_honour(honour, lane, float(j), enemy, cover[lane], kept)
                if weighs_all[lane]:
                    rung[lane, COVERED + j] = j
                    price[lane, COVERED + j] = 0
        settled, below = float(min(standing, SETTLED)), float(max(standing - 1, 0))
        rung[lane, OFFER] = rung[lane, DIRECT] = settled
        price[lane, OFFER] = price_of_honour(honour, lane, settled, float(SETTLED), offer_cover[lane], kept)
        price[lane, DIRECT] = price_of_honour(honour, lane, settled, float(SETTLED), 0.0, kept)
        if weighs_all[lane]:
            rung[lane, BACKED_DOWN] = rung[lane, STAYED_OUT] = below
            price[lane, BACKED_DOWN] = price_of_honour(honour, lane, below, enemy, 0.0, kept)
            price[lane, STAYED_OUT] = price_of_honour(honour, lane, below, enemy, 0.0, 0.0)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _approve(preferred, distaste, honour, march, base, slope, mismatch, rung, price, weight, shares, marched):
    """Each citizen's approval of one view of one option, into ``shares``; times the part in protest, into ``marched``."""
    one = preferred.dtype.type(1)
    for i in range(preferred.size):
        gap = preferred[i] - rung
        value = base - mismatch * gap * gap - honour[i] * price - weight * distaste[i]
        shares[i] = one / (one + exponential(-slope * value))
        marched[i] = shares[i] * march[i]


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def approve_views(citizens, mood, weighs, pressure, rung, penalty, threatened, approval, support):
    """Mean approval of each view of an option, and support: the same with what protesters think of it.

    Parameters
    ----------
    citizens, mood
        The public, lanes first.
    weighs : bool (lanes,)
        Where anything is weighed; other lanes are left as they are.
    pressure : (lanes,)
        Weight of what protesters think.
    rung, penalty : (lanes, views)
        The rung in question (below 0: the view is left out), and what honour charges for it.
    threatened : (views,)
        1 where threats made count against the government.
    approval, support : (lanes, views)
        Receive the mean of approval (0 to 1), and that plus ``pressure`` times the mean of approval times each citizen's
        part in protest; 0 where a view is left out.
    """
    lanes, number = citizens.attitude.shape
    preferred = np.empty(number, citizens.attitude.dtype)
    distaste, shares, marched = np.empty_like(preferred), np.empty_like(preferred), np.empty_like(preferred)
    for lane in range(lanes):
        if not weighs[lane]:
            continue
        honour, march = citizens.honour[lane], citizens.march[lane]
        evaluate(citizens.attitude[lane], honour, mood.belligerence[lane], preferred, distaste)
        for view in range(rung.shape[1]):
            approval[lane, view] = support[lane, view] = 0
            if rung[lane, view] < 0:
                continue
            _approve(
                preferred,
                distaste,
                honour,
                march,
                mood.base[lane],
                mood.slope[lane],
                mood.mismatch[lane],
                rung[lane, view],
                penalty[lane, view],
                threatened[view],
                shares,
                marched,
            )
            share, protesting = two_means(shares, marched)
            approval[lane, view] = share
            support[lane, view] = approval[lane, view] + pressure[lane] * protesting
