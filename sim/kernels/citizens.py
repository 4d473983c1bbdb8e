"""The compiled loops over citizens: who they are, and their day. Called by :mod:`sim.agents.public` alone.

The functions release the interpreter lock and never start threads of their own.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import int32, uint64

from sim.engine.compiling import njit
from sim.kernels.vector_math import EXACT_ORDER, exponential, logarithm_1p, mean, two_means

LEAST_CONFIDENCE = 1e-6
"""A narrower kernel of confidence counts as this one: nobody but those who agree."""
LEAST_RISK = 1e-3
"""A smaller risk of arrest, relative to the softness of the threshold, acts by its mean."""


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
    march: np.ndarray


class Mood(NamedTuple):
    """What all citizens of a public see alike on a day; arrays of shape (lanes,)."""

    slope: np.ndarray
    base: np.ndarray
    mismatch: np.ndarray
    belligerence: np.ndarray
    loss_told: np.ndarray
    loss_hidden: np.ndarray


class Burden(NamedTuple):
    """What losses, hardship and exhaustion weigh on a day, in shares of approval at rung 5; arrays of shape (lanes,).

    ``scale`` is the force in use relative to rung 5; ``cap`` the most they take, in log odds.
    """

    casualties: np.ndarray
    hardship: np.ndarray
    fatigue: np.ndarray
    scale: np.ndarray
    cap: np.ndarray


class Pressure(NamedTuple):
    """What moves attitudes and the street on a day; arrays of shape (lanes,) or (lanes, segments).

    ``attention`` (0 to 1) is how far the dispute is on people's minds: nobody marches for war in peace.
    """

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
    memory: np.ndarray
    attention: np.ndarray


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def evaluate(attitude, honour, belligerence, preferred, distaste):
    """Each citizen's preferred rung, and distaste for threats."""
    kind = attitude.dtype.type
    one, eight = kind(1), kind(8)
    for i in range(attitude.size):
        x = attitude[i]
        preferred[i] = one + max(x, eight * x)
        distaste[i] = belligerence * (one - honour[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _sum_between(values, first, last):
    """Sum of a short part of a row in an order of its own, four running sums; unsigned bounds, or nothing is vectorised."""
    zero = values.dtype.type(0)
    s0, s1, s2, s3 = zero, zero, zero, zero
    i = first
    while i + uint64(4) <= last:
        s0 += values[i]
        s1 += values[i + uint64(1)]
        s2 += values[i + uint64(2)]
        s3 += values[i + uint64(3)]
        i += uint64(4)
    while i < last:
        s0 += values[i]
        i += uint64(1)
    return (s0 + s1) + (s2 + s3)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _fill_from(row, value, first, place):
    """Put a value into a row from place ``first`` on; the whole row is gone through, which is what is vectorised."""
    for i in range(row.size):
        row[i] = value if place[i] >= first else row[i]


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _spread_over_segments(attitude, bounds, lane, pressure, place, heard, anger, threshold):
    """What citizens of one segment share, citizen by citizen: the opinion they hear, anger, threshold of protest.

    ``heard`` receives how far off the segment's mean attitude is. ``place`` numbers the citizens from 0; what the next
    segment shares overwrites the rest of a row.
    """
    kind = attitude.dtype.type
    for segment in range(bounds.shape[1] - 1):
        first, last = uint64(bounds[lane, segment]), uint64(bounds[lane, segment + 1])
        opinion = _sum_between(attitude, first, last) / kind(max(last - first, uint64(1)))
        _fill_from(heard, opinion, int32(first), place)
        if segment == 0 or pressure.anger[lane, segment] != pressure.anger[lane, segment - 1]:
            _fill_from(anger, pressure.anger[lane, segment], int32(first), place)
        if segment == 0 or pressure.threshold[lane, segment] != pressure.threshold[lane, segment - 1]:
            _fill_from(threshold, pressure.threshold[lane, segment], int32(first), place)
    for i in range(attitude.size):
        heard[i] = heard[i] - attitude[i]


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy")
def _bound_confidence(heard, confidence):
    """Let ``heard`` count less the farther off it is where confidence is bounded (Deffuant et al. 2000), in place."""
    kind = heard.dtype.type
    narrow = max(confidence, kind(LEAST_CONFIDENCE))
    sharpness = kind(0.5) / (narrow * narrow)
    for i in range(heard.size):
        heard[i] *= exponential(-sharpness * heard[i] * heard[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _update_attitudes(citizens, lane, heard, anger, pressure, mood):
    """Move attitudes by a day, in place: equation (8)."""
    attitude, anchor, susceptibility = citizens.attitude[lane], citizens.anchor[lane], citizens.susceptibility[lane]
    trust, honour, sensitivity = citizens.media_trust[lane], citizens.honour[lane], citizens.casualty_sensitivity[lane]
    kind = attitude.dtype.type
    half, one = kind(0.5), kind(1)
    pull, conformity = pressure.anchor_pull[lane], pressure.conformity[lane]
    message, alignment = pressure.message[lane], pressure.alignment[lane]
    push, tired = pressure.anger_pull[lane], pressure.weariness[lane]
    told, hidden = mood.loss_told[lane], mood.loss_hidden[lane]
    for i in range(attitude.size):
        x = attitude[i]
        loss = told + (one - trust[i]) * hidden
        x = (
            x
            + pull * (anchor[i] - x)
            + conformity * susceptibility[i] * heard[i]
            + message * trust[i] * (one - x) * (one - alignment + alignment * half * (one + x))
            + push * anger[i] * (one - x) * (half + half * honour[i])
            - tired * sensitivity[i] * loss * (one + x) * half
        )
        attitude[i] = min(max(x, -one), one)


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _update_approval(citizens, lane, preferred, distaste, mood, burden, rung, price, speed):
    """Move each citizen's approval towards today's evaluation less what losses, hardship and exhaustion take of it."""
    approval, honour = citizens.approval[lane], citizens.honour[lane]
    sensitivity, trust, exposure = (
        citizens.casualty_sensitivity[lane],
        citizens.media_trust[lane],
        citizens.exposure[lane],
    )
    one, four = approval.dtype.type(1), approval.dtype.type(4)
    base, slope, mismatch = mood.base[lane], mood.slope[lane], mood.mismatch[lane]
    told, hidden = mood.loss_told[lane], mood.loss_hidden[lane]
    casualties, hardship, fatigue = burden.casualties[lane], burden.hardship[lane], burden.fatigue[lane]
    scale, cap = four * burden.scale[lane], burden.cap[lane]
    for i in range(approval.size):
        gap = preferred[i] - rung
        value = base - mismatch * gap * gap - honour[i] * price - distaste[i]
        loss = told + (one - trust[i]) * hidden
        weight = casualties * sensitivity[i] * loss + hardship * exposure[i] + fatigue
        odds = slope * value - min(scale * weight, cap)
        approval[i] += speed * (one / (one + exponential(-odds)) - approval[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", inline="always")
def _march(citizens, lane, preferred, anger, threshold, pressure, chances):
    """Update each citizen's part in protest, in place; ``chances`` is room for today's chance of taking part.

    Aversion to the risk of arrest is uniform on 0-1, so that the chance is the mean over r of the logistic function of
    (grievance - r arrest - threshold) / spread, in closed form. Part of those who marched yesterday march again.
    """
    approval, honour, march = citizens.approval[lane], citizens.honour[lane], citizens.march[lane]
    kind = approval.dtype.type
    zero, one, ninth, far = kind(0), kind(1), kind(1 / 9), kind(80)
    rung, peace, heat = pressure.rung[lane], pressure.peace_movement[lane], pressure.anger_protest[lane]
    memory, steepness, attention = pressure.memory[lane], one / pressure.spread[lane], pressure.attention[lane]
    width = pressure.arrest[lane] * steepness
    for i in range(approval.size):
        gap = (preferred[i] - rung) * ninth
        against = one - approval[i]
        too_soft = attention * min(max(gap, zero), one) * against + heat * anger[i] * honour[i]
        too_hard = min(max(-gap, zero), one) * against * peace
        chances[i] = min((max(too_soft, too_hard) - threshold[i]) * steepness, far)
    if width < kind(LEAST_RISK):
        for i in range(approval.size):
            chances[i] = one / (one + exponential(kind(0.5) * width - chances[i]))
    else:
        # softplus(x) - softplus(x - width), over width
        share, rest, per_width = kind(math.exp(-width)), kind(-math.expm1(-width)), one / width
        for i in range(approval.size):
            fearless = exponential(chances[i])
            chances[i] = logarithm_1p(fearless * rest / (one + fearless * share)) * per_width
    for i in range(approval.size):
        march[i] = max(chances[i], memory * march[i])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def mean_traits(citizens, result):
    """What a public's burden goes by: means of sensitivity to losses, of that times distrust, and of exposure.

    ``result`` (lanes, 3) receives them.
    """
    lanes, number = citizens.attitude.shape
    room = np.empty(number, citizens.attitude.dtype)
    one = room.dtype.type(1)
    for lane in range(lanes):
        sensitivity, trust = citizens.casualty_sensitivity[lane], citizens.media_trust[lane]
        result[lane, 0] = mean(sensitivity)
        for i in range(number):
            room[i] = sensitivity[i] * (one - trust[i])
        result[lane, 1] = mean(room)
        result[lane, 2] = mean(citizens.exposure[lane])


@njit(nogil=True, fastmath=EXACT_ORDER, error_model="numpy", cache=True)
def update_citizens(citizens, mood, burden, pressure, bounds, result):
    """One day in the life of a public: attitudes, approval and protest move, in place.

    Parameters
    ----------
    citizens, mood, burden, pressure
        The public and its day, lanes first; ``pressure.anger`` and ``pressure.threshold`` are (lanes, segments).
    bounds : (lanes, segments + 1)
        First citizen of each segment.
    result : (lanes, 3)
        Receives mean attitude (-1 to 1), approval (0 to 1) and the share that protests (0 to 1).
    """
    lanes, number = citizens.attitude.shape
    preferred, distaste = np.empty(number, citizens.attitude.dtype), np.empty(number, citizens.attitude.dtype)
    heard, anger, threshold = np.empty_like(preferred), np.empty_like(preferred), np.empty_like(preferred)
    place = np.arange(number).astype(np.int32)
    for lane in range(lanes):
        attitude = citizens.attitude[lane]
        _spread_over_segments(attitude, bounds, lane, pressure, place, heard, anger, threshold)
        if pressure.confidence[lane] > 0:
            _bound_confidence(heard, pressure.confidence[lane])
        _update_attitudes(citizens, lane, heard, anger, pressure, mood)
        evaluate(attitude, citizens.honour[lane], mood.belligerence[lane], preferred, distaste)
        _update_approval(
            citizens,
            lane,
            preferred,
            distaste,
            mood,
            burden,
            pressure.rung[lane],
            pressure.penalty[lane],
            pressure.approval_speed[lane],
        )
        result[lane, 0], result[lane, 1] = two_means(attitude, citizens.approval[lane])
        _march(citizens, lane, preferred, anger, threshold, pressure, heard)
        result[lane, 2] = mean(citizens.march[lane])
