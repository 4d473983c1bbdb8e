"""The compiled inner loops over citizens. Called by :mod:`sim.agents.public` alone.

Sums have an order of their own, so that a lane comes out the same whatever lanes surround it and whichever process
compiled the loops. (Where the compiler was free to reassociate, two compilations of the same source were seen to
differ in the last bit.) The loops are still vectorised: each citizen is worked out apart, then summed. The functions
release the interpreter lock and never start threads of their own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import float32, types
from numba.extending import overload

from sim.engine.compiling import njit
from sim.ladder import SETTLED

EXACT_ORDER = {"nnan", "ninf", "nsz", "contract"}
"""Liberties the compiler may take: none that depends on the order in which it meets the operations."""
LOG2_E = 1.4426950408889634
LN_2_HIGH = 0.693359375
LN_2_LOW = -2.12194440e-4
LEAST_CONFIDENCE = 1e-6
"""A narrower kernel of confidence counts as this one: nobody but those who agree."""


def exponential(value):
    """Exponential in the type of its argument; the 32-bit one is written so that compilers can vectorise it."""
    return math.exp(value)


@overload(exponential, inline="always")
def _exponential(value):
    if value == types.float32:
        return _exponential_32
    return lambda value: math.exp(value)


def _exponential_32(value):
    """exp(value) = 2**n exp(r) with |r| <= ln(2)/2 and a Taylor polynomial of degree six; relative error 3e-7."""
    bounded = min(max(value, float32(-87.0)), float32(87.0))
    n = np.floor(bounded * float32(LOG2_E) + float32(0.5))
    r = (bounded - n * float32(LN_2_HIGH)) - n * float32(LN_2_LOW)
    series = float32(1 / 720)
    series = series * r + float32(1 / 120)
    series = series * r + float32(1 / 24)
    series = series * r + float32(1 / 6)
    series = series * r + float32(0.5)
    series = series * r + float32(1.0)
    series = series * r + float32(1.0)
    power_of_two = np.int32((n + float32(127.0)) * float32(2**23)).view(np.float32)
    return series * power_of_two


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def logistic(values):
    """The logistic function of an array (lanes, citizens), in place."""
    one = values.dtype.type(1)
    for lane in range(values.shape[0]):
        row = values[lane]
        for i in range(row.size):
            row[i] = one / (one + exponential(-row[i]))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def exponentiate(values):
    """The exponential of an array (lanes, citizens), in place."""
    for lane in range(values.shape[0]):
        row = values[lane]
        for i in range(row.size):
            row[i] = exponential(row[i])


class Citizens(NamedTuple):
    """What each citizen is and thinks; arrays of shape (lanes, citizens), the segments next to one another."""

    attitude: np.ndarray
    approval: np.ndarray
    anchor: np.ndarray
    honour: np.ndarray
    casualty_sensitivity: np.ndarray
    media_trust: np.ndarray
    susceptibility: np.ndarray
    exposure: np.ndarray
    risk_aversion: np.ndarray


class Mood(NamedTuple):
    """What all citizens of a public see alike on a day; arrays of shape (lanes,)."""

    slope: np.ndarray
    base: np.ndarray
    mismatch: np.ndarray
    hardship: np.ndarray
    casualty_weight: np.ndarray
    loss_told: np.ndarray
    loss_hidden: np.ndarray
    belligerence: np.ndarray


class Pressure(NamedTuple):
    """What moves attitudes and the street on a day; arrays of shape (lanes,) or (lanes, segments)."""

    anchor_pull: np.ndarray
    conformity: np.ndarray
    confidence: np.ndarray
    message: np.ndarray
    alignment: np.ndarray
    anger: np.ndarray
    anger_pull: np.ndarray
    weariness: np.ndarray
    approval_speed: np.ndarray
    rung: np.ndarray
    penalty: np.ndarray
    anger_protest: np.ndarray
    peace_movement: np.ndarray
    arrest: np.ndarray
    threshold: np.ndarray
    spread: np.ndarray


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _evaluate(attitude, trust, exposure, sensitivity, honour, mood, lane, preferred, base, distaste):
    """Each citizen's preferred rung, evaluation before any option is considered, and distaste for threats."""
    kind = attitude.dtype.type
    one, eight = kind(1), kind(8)
    start, hardship, weight = mood.base[lane], mood.hardship[lane], mood.casualty_weight[lane]
    told, hidden, belligerence = mood.loss_told[lane], mood.loss_hidden[lane], mood.belligerence[lane]
    for i in range(attitude.size):
        x = attitude[i]
        preferred[i] = one + max(x, eight * x)
        loss = told + (one - trust[i]) * hidden
        base[i] = start - hardship * exposure[i] - weight * sensitivity[i] * loss
        distaste[i] = belligerence * (one - honour[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _approve(preferred, base, distaste, honour, slope, mismatch, rung, price, weight, shares):
    """Mean approval of one view of one option; ``shares`` is room for each citizen's."""
    one = preferred.dtype.type(1)
    for i in range(preferred.size):
        gap = preferred[i] - rung
        value = base[i] - mismatch * gap * gap - honour[i] * price - weight * distaste[i]
        shares[i] = one / (one + exponential(-slope * value))
    return _mean(shares)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _sum(values):
    """Sum of a row in an order of its own: eight running sums, which processors add at once, and then those."""
    zero = values.dtype.type(0)
    s0, s1, s2, s3, s4, s5, s6, s7 = zero, zero, zero, zero, zero, zero, zero, zero
    whole = values.size - values.size % 8
    for i in range(0, whole, 8):
        s0 += values[i]
        s1 += values[i + 1]
        s2 += values[i + 2]
        s3 += values[i + 3]
        s4 += values[i + 4]
        s5 += values[i + 5]
        s6 += values[i + 6]
        s7 += values[i + 7]
    for i in range(whole, values.size):
        s0 += values[i]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _mean(values):
    """Mean of a row; 0 for an empty one."""
    return _sum(values) / values.dtype.type(max(values.size, 1))


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _update_attitudes(attitude, anchor, susceptibility, trust, honour, sensitivity, mean, anger, pressure, mood, lane):
    """Move the attitudes of one segment by a day, in place."""
    kind = attitude.dtype.type
    half, one = kind(0.5), kind(1)
    pull, conformity = pressure.anchor_pull[lane], pressure.conformity[lane]
    message, alignment = pressure.message[lane], pressure.alignment[lane]
    push, tired = pressure.anger_pull[lane] * anger, pressure.weariness[lane]
    told, hidden, confidence = mood.loss_told[lane], mood.loss_hidden[lane], pressure.confidence[lane]
    narrow = max(confidence, kind(LEAST_CONFIDENCE))
    sharpness = half / (narrow * narrow) if confidence > 0 else kind(0)
    for i in range(attitude.size):
        x = attitude[i]
        away = mean - x
        near = exponential(-sharpness * away * away)
        loss = told + (one - trust[i]) * hidden
        x = (
            x
            + pull * (anchor[i] - x)
            + conformity * susceptibility[i] * near * away
            + message * trust[i] * (one - x) * (one - alignment + alignment * half * (one + x))
            + push * (one - x) * (half + half * honour[i])
            - tired * sensitivity[i] * loss * (one + x) * half
        )
        attitude[i] = min(max(x, -one), one)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _update_approval(approval, preferred, base, distaste, honour, slope, mismatch, rung, price, speed):
    """Move each citizen's approval towards today's evaluation, in place."""
    one = approval.dtype.type(1)
    for i in range(approval.size):
        gap = preferred[i] - rung
        value = base[i] - mismatch * gap * gap - honour[i] * price - distaste[i]
        approval[i] += speed * (one / (one + exponential(-slope * value)) - approval[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _protest(approval, preferred, honour, risk_aversion, rung, anger, arrest, threshold, steepness, peace, chances):
    """Number of citizens of one segment who protest (a sum of probabilities); ``chances`` is room for each one's."""
    kind = approval.dtype.type
    zero, one, ninth = kind(0), kind(1), kind(1 / 9)
    for i in range(approval.size):
        gap = (preferred[i] - rung) * ninth
        against = one - approval[i]
        too_soft = min(max(gap, zero), one) * against + anger * honour[i]
        too_hard = min(max(-gap, zero), one) * against * peace
        net = max(too_soft, too_hard) - risk_aversion[i] * arrest - threshold
        chances[i] = one / (one + exponential(-net * steepness))
    return _sum(chances)


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
def _price(honour, lane, rung, enemy_rung, cover, commitment):
    """What honour charges for standing at a rung, before each citizen's own honour weighs it."""
    enemy = enemy_rung - honour.answer[lane] if rung < honour.standing[lane] else enemy_rung
    broken = honour.inconsistency[lane] * max(commitment - rung, 0.0)
    beneath = honour.weakness[lane] * max(enemy - rung, 0.0)
    return (broken + beneath) / 9 * (1 - cover)


@njit(nogil=True, error_model="numpy", cache=True)
def honour_prices(honour, rung, enemy_rung, cover, price):
    """What honour charges for one rung a lane; all (lanes,), the last receives it."""
    for lane in range(rung.size):
        price[lane] = _price(honour, lane, rung[lane], enemy_rung[lane], cover[lane], honour.commitment[lane])


@njit(nogil=True, error_model="numpy", cache=True)
def list_views(honour, options, reachable, enemy_rung, cover, offer_cover, rung, price):
    """The views that a public is asked for on a day: each option as things stand and under full cover, then four more.

    These are settling on the mediators' offer, settling directly, one rung less than today without any cover, and the
    same had the government never committed itself (and never threatened): the two sides of the audience cost.

    Parameters
    ----------
    honour : Honour
    options, reachable : (lanes, k)
        Rungs within reach, and which of them exist.
    enemy_rung, cover, offer_cover : (lanes,)
        The enemy's rung as it is seen, and the cover of an agreement in force and of the offer.
    rung, price : (lanes, 2 k + 4)
        Receive the rung of each view (-1: left out) and what honour charges for it.
    """
    number = options.shape[1]
    for lane in range(options.shape[0]):
        kept, standing, enemy = honour.commitment[lane], honour.standing[lane], enemy_rung[lane]
        for option in range(number):
            j = float(options[lane, option]) if reachable[lane, option] else -1.0
            rung[lane, option] = rung[lane, number + option] = j
            price[lane, option] = _price(honour, lane, j, enemy, cover[lane], kept)
            price[lane, number + option] = 0
        settled, below = float(min(standing, SETTLED)), float(max(standing - 1, 0))
        extra = 2 * number
        rung[lane, extra] = rung[lane, extra + 1] = settled
        price[lane, extra] = _price(honour, lane, settled, float(SETTLED), offer_cover[lane], kept)
        price[lane, extra + 1] = _price(honour, lane, settled, float(SETTLED), 0.0, kept)
        rung[lane, extra + 2] = rung[lane, extra + 3] = below
        price[lane, extra + 2] = _price(honour, lane, below, enemy, 0.0, kept)
        price[lane, extra + 3] = _price(honour, lane, below, enemy, 0.0, 0.0)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def approve_views(citizens, mood, rung, penalty, threatened, result):
    """Mean approval of each view of an option.

    Parameters
    ----------
    citizens, mood
        The public, lanes first.
    rung, penalty, threatened : (lanes, views)
        The rung in question (below 0: the view is left out), what honour charges for it, and 1 where threats made
        count against the government.
    result : (lanes, views)
        Receives the share of approval, 0 to 1.
    """
    lanes, number = citizens.attitude.shape
    preferred = np.empty(number, citizens.attitude.dtype)
    base, distaste, room = np.empty_like(preferred), np.empty_like(preferred), np.empty_like(preferred)
    for lane in range(lanes):
        honour = citizens.honour[lane]
        _evaluate(
            citizens.attitude[lane],
            citizens.media_trust[lane],
            citizens.exposure[lane],
            citizens.casualty_sensitivity[lane],
            honour,
            mood,
            lane,
            preferred,
            base,
            distaste,
        )
        for view in range(rung.shape[1]):
            if rung[lane, view] < 0:
                result[lane, view] = 0
            else:
                result[lane, view] = _approve(
                    preferred,
                    base,
                    distaste,
                    honour,
                    mood.slope[lane],
                    mood.mismatch[lane],
                    rung[lane, view],
                    penalty[lane, view],
                    threatened[lane, view],
                    room,
                )


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def update_citizens(citizens, mood, pressure, bounds, result):
    """One day in the life of a public: attitudes, approval and protest move, in place.

    Parameters
    ----------
    citizens, mood, pressure
        The public and its day, lanes first; ``pressure.anger`` and ``pressure.threshold`` are (lanes, segments).
    bounds : (lanes, segments + 1)
        First citizen of each segment.
    result : (lanes, 3)
        Receives mean attitude (-1 to 1), approval (0 to 1) and the share that protests (0 to 1).
    """
    lanes, number = citizens.attitude.shape
    kind = citizens.attitude.dtype.type
    preferred = np.empty(number, citizens.attitude.dtype)
    base, distaste, room = np.empty_like(preferred), np.empty_like(preferred), np.empty_like(preferred)
    for lane in range(lanes):
        attitude, approval, honour = citizens.attitude[lane], citizens.approval[lane], citizens.honour[lane]
        trust, sensitivity = citizens.media_trust[lane], citizens.casualty_sensitivity[lane]
        anchor, susceptibility = citizens.anchor[lane], citizens.susceptibility[lane]
        risk_aversion = citizens.risk_aversion[lane]
        for segment in range(bounds.shape[1] - 1):
            here = slice(bounds[lane, segment], bounds[lane, segment + 1])
            _update_attitudes(
                attitude[here],
                anchor[here],
                susceptibility[here],
                trust[here],
                honour[here],
                sensitivity[here],
                _mean(attitude[here]),
                pressure.anger[lane, segment],
                pressure,
                mood,
                lane,
            )
        _evaluate(attitude, trust, citizens.exposure[lane], sensitivity, honour, mood, lane, preferred, base, distaste)
        result[lane, 0] = _mean(attitude)
        _update_approval(
            approval,
            preferred,
            base,
            distaste,
            honour,
            mood.slope[lane],
            mood.mismatch[lane],
            pressure.rung[lane],
            pressure.penalty[lane],
            pressure.approval_speed[lane],
        )
        result[lane, 1] = _mean(approval)
        protesters = kind(0)
        for segment in range(bounds.shape[1] - 1):
            here = slice(bounds[lane, segment], bounds[lane, segment + 1])
            protesters += _protest(
                approval[here],
                preferred[here],
                honour[here],
                risk_aversion[here],
                pressure.rung[lane],
                pressure.anger[lane, segment] * pressure.anger_protest[lane],
                pressure.arrest[lane],
                pressure.threshold[lane, segment],
                kind(1) / pressure.spread[lane],
                pressure.peace_movement[lane],
                room[here],
            )
        result[lane, 2] = protesters / kind(number)
