"""The compiled loops over what a government answers for: words, exhaustion, and its leader's fall."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import FORCE, HOT

LARGEST_EXPONENT = 50.0
"""Keeps the hazard of a fall defined whatever is set."""


class Oratory(NamedTuple):
    """What heats a leader's words, which never changes; arrays of shape (lanes,), names as in ``government``."""

    rhetoric_base: np.ndarray
    rhetoric_attitude: np.ndarray
    rhetoric_protest: np.ndarray
    rhetoric_rung: np.ndarray
    rhetoric_discipline: np.ndarray


class Tenure(NamedTuple):
    """What makes a leader fall, which never changes; arrays of shape (lanes,), names as in ``government``."""

    fall_hazard: np.ndarray
    vulnerability: np.ndarray
    fall_by_approval: np.ndarray
    fall_by_protest: np.ndarray
    fall_by_loss: np.ndarray
    protest_ceiling: np.ndarray


class Wear(NamedTuple):
    """How force wears a side out and rest restores it; arrays of shape (lanes,), names as in ``government``."""

    fatigue_gain: np.ndarray
    fatigue_recovery: np.ndarray
    stock_gain: np.ndarray
    stock_recovery: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def weigh_approval(usual, insecurity, needed, approval, weight):
    """Weight of approval in utility, into ``weight`` (lanes,): it grows as approval is lacking under an insecure leader."""
    for lane in range(weight.size):
        lacking = max(needed[lane] - approval[lane], 0.0)
        weight[lane] = max(usual[lane] * (1 + insecurity[lane] * lacking), 0.0)


@njit(nogil=True, error_model="numpy", cache=True)
def weigh_protest(usual, reference, ceiling, protest, weight):
    """Weight of what protesters think, into ``weight``: beyond the ceiling a larger crowd says nothing new; (lanes,)."""
    for lane in range(weight.size):
        beyond = ceiling[lane] / protest[lane] if protest[lane] > ceiling[lane] else 1.0
        weight[lane] = usual[lane] / reference[lane] * beyond


@njit(nogil=True, error_model="numpy", cache=True)
def heat_of_words(oratory, attitude, protest, rung, rhetoric):
    """Rhetoric (0 to 1) rises with the public's mood, the street and the rung, and falls with discipline; (lanes,) each,
    the last receives it."""
    for lane in range(rung.size):
        heat = (
            oratory.rhetoric_base[lane]
            + oratory.rhetoric_attitude[lane] * attitude[lane]
            + oratory.rhetoric_protest[lane] * protest[lane]
            + oratory.rhetoric_rung[lane] * rung[lane] / 9
        )
        rhetoric[lane] = (1 - oratory.rhetoric_discipline[lane]) * (1 / (1 + math.exp(-heat)))


@njit(nogil=True, error_model="numpy")
def _used_up(level, force, gain, recovery):
    """A share that force uses up and rest restores, a day later."""
    return level + (gain * force * (1 - level) - recovery * level * (1 - force))


@njit(nogil=True, error_model="numpy", cache=True)
def wear_out(wear, fought, fatigue, stock):
    """Exhaustion grows with force used, stocks run down with fire; both (lanes,), 0 to 1, in place."""
    for lane in range(fought.size):
        force = FORCE[fought[lane]]
        fired = force if fought[lane] >= HOT else 0.0
        fatigue[lane] = _used_up(fatigue[lane], force, wear.fatigue_gain[lane], wear.fatigue_recovery[lane])
        stock[lane] = _used_up(stock[lane], fired, wear.stock_gain[lane], wear.stock_recovery[lane])


@njit(nogil=True, error_model="numpy", cache=True)
def draw_falls(tenure, approval, protest, lost, uniform, falls):
    """Whether a leader falls today, into ``falls`` bool: a hazard of disapproval, the street and ground lost; (lanes,)."""
    for lane in range(falls.size):
        exponent = (
            tenure.fall_by_approval[lane] * (0.5 - approval[lane])
            + tenure.fall_by_protest[lane] * min(protest[lane], tenure.protest_ceiling[lane])
            + tenure.fall_by_loss[lane] * lost[lane]
        )
        rate = tenure.fall_hazard[lane] * tenure.vulnerability[lane] * math.exp(min(exponent, LARGEST_EXPONENT))
        falls[lane] = uniform[lane] < -math.expm1(-rate)
