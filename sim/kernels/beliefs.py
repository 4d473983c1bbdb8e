"""The compiled loops over what a government believes of the other, as in :mod:`sim.agents.beliefs`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import HOT

LEAST_ANSWER, MOST_ANSWER = -1.0, 1.5
"""Bounds of the learned answer, in rungs per rung: from giving way to over-reaction (assumed)."""


class Learning(NamedTuple):
    """How fast a side learns to trust, which never changes; arrays of shape (lanes,), names as in ``government``."""

    trust_learning: np.ndarray
    private_precision: np.ndarray
    private_noise: np.ndarray
    rhetoric_erosion: np.ndarray


class Signals(NamedTuple):
    """What a side sees and hears of the enemy on a day; arrays of shape (lanes,).

    ``carried`` is how far mediators' messages are carried and believed, 0 to 1.
    """

    step: np.ndarray
    fought: np.ndarray
    rhetoric: np.ndarray
    readiness: np.ndarray
    noise: np.ndarray
    carried: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def believe_force(actual, error, believed):
    """The enemy's force as it is believed to be, ``actual exp(error)``, into ``believed``; tables (lanes, rungs)."""
    for lane in range(error.size):
        factor = math.exp(error[lane])
        for j in range(actual.shape[1]):
            believed[lane, j] = actual[lane, j] * factor


@njit(nogil=True, error_model="numpy", cache=True)
def add_expected(weight, expected, total):
    """Add what an ally is expected to do, ``weight`` (lanes,) times a table (lanes, rungs), to ``total`` in place."""
    for lane in range(weight.size):
        for j in range(expected.shape[1]):
            total[lane, j] += weight[lane] * expected[lane, j]


@njit(nogil=True, error_model="numpy", cache=True)
def learn_force(surprise, fought, noise, error, variance):
    """Correct ``error`` and ``variance`` (lanes,) in place by a scalar Kalman filter, where the day brings news.

    Parameters
    ----------
    surprise, fought, noise : (lanes,)
        The day's exchange of losses against what the true balance has it, whether there was one, and the standard
        deviation of its error.
    """
    for lane in range(error.size):
        if fought[lane]:
            gain = variance[lane] / (variance[lane] + noise[lane] * noise[lane])
            error[lane] = error[lane] + gain * (surprise[lane] - error[lane])
            variance[lane] = (1 - gain) * variance[lane]


@njit(nogil=True, error_model="numpy", cache=True)
def learn_answer(step, enemy_step, answer_days, rate, answer, open_step, age):
    """Learn how the enemy answers one's steps: by a step of its own in time, or not at all; all (lanes,).

    ``answer``, the step still unanswered (``open_step``) and its ``age`` in days are renewed in place.
    """
    for lane in range(answer.size):
        pending = open_step[lane]
        if pending != 0 and (enemy_step[lane] != 0 or age[lane] + 1 >= answer_days[lane]):
            seen = min(max(enemy_step[lane] / pending, LEAST_ANSWER), MOST_ANSWER)
            answer[lane] = answer[lane] + rate[lane] * (seen - answer[lane])
            open_step[lane] = 0.0
        age[lane] += 1
        if step[lane] != 0:
            open_step[lane], age[lane] = step[lane], 0


@njit(nogil=True, error_model="numpy", cache=True)
def update_trust(learning, signals, trust):
    """Trust (lanes,), 0 to 1, a day later, in place: it grows with the enemy's descents and with what is heard of its
    readiness, privately and through mediators, and wears off with its words in a fight."""
    for lane in range(trust.size):
        known, readiness, step = trust[lane], signals.readiness[lane], signals.step[lane]
        pull = 1 - known if step < 0 else (-known if step > 0 else 0.0)
        deeds = learning.trust_learning[lane] * pull
        heard = readiness + learning.private_noise[lane] * signals.noise[lane] - known
        private = learning.private_precision[lane] * heard
        messages = signals.carried[lane] * (readiness - known)
        fights = 1.0 if signals.fought[lane] >= HOT else 0.0
        words = learning.rhetoric_erosion[lane] * signals.rhetoric[lane] * known * fights
        trust[lane] = min(max(known + deeds + private + messages - words, 0.0), 1.0)
