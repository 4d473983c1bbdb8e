"""The compiled loops over what happens on the spot: incidents, as in :mod:`sim.mechanisms.incidents`."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from sim.engine.compiling import njit
from sim.ladder import ARTILLERY, DEPLOYED, FORCE, HOT


class Contact(NamedTuple):
    """What incidents go by and never change; arrays of shape (lanes,), names as in ``dyad.incidents``.

    ``on_line`` says whether the venue is a line of contact as far as incidents go.
    """

    rate: np.ndarray
    contagion: np.ndarray
    memory: np.ndarray
    autonomous_risk: np.ndarray
    contact_centre: np.ndarray
    contact_width: np.ndarray
    border_scale: np.ndarray
    out_of_contact: np.ndarray
    line_scale: np.ndarray
    artillery_share: np.ndarray
    violent_share: np.ndarray
    on_line: np.ndarray


@njit(nogil=True, error_model="numpy", cache=True)
def contact_scale(contact, stance, scale):
    """Frequency of incidents, into ``scale``: on a border it rises with the pair's higher ``stance``; all (lanes,)."""
    for lane in range(stance.size):
        if contact.on_line[lane]:
            scale[lane] = contact.line_scale[lane]
            continue
        odds = (stance[lane] - contact.contact_centre[lane]) / contact.contact_width[lane]
        near, far = 1 / (1 + math.exp(-odds)), contact.out_of_contact[lane]
        scale[lane] = contact.border_scale[lane] * (far + (1 - far) * near)


@njit(nogil=True, error_model="numpy", cache=True)
def incident_intensity(contact, scale, memory, rung, intensity):
    """Expected incidents of a side today (Hawkes 1971), into ``intensity``; all (lanes,)."""
    for lane in range(memory.size):
        provoked = contact.contagion[lane] * memory[lane] / contact.memory[lane]
        risk = contact.autonomous_risk[lane] * FORCE[rung[lane]]
        intensity[lane] = scale[lane] * contact.rate[lane] + provoked + risk


@njit(nogil=True, error_model="numpy", cache=True)
def draw_begun(contact, intensity, uniforms, begun):
    """Level of the incident that a side begins today, 0 where none, into ``begun`` int (lanes,).

    ``uniforms`` (3 or more, lanes) draw whether there is one, whether it is violent, and whether it is artillery.
    """
    for lane in range(begun.size):
        begun[lane] = 0
        if uniforms[0, lane] < -math.expm1(-intensity[lane]):
            fire = ARTILLERY if uniforms[2, lane] < contact.artillery_share[lane] else HOT
            begun[lane] = fire if uniforms[1, lane] < contact.violent_share[lane] else DEPLOYED
