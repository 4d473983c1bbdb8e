"""A stand-in for the model that takes no time: lanes whose results depend on point, replicate and seed alone."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import numpy as np

from sim.engine.lanes import Points
from sim.ensemble import Settings
from sim.outputs.outcomes import COLUMNS, DTYPES, SEVERITIES, TERMINATIONS, Outcomes


def quick(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, point_offset: int = 0
) -> Outcomes:
    """Outcomes by arithmetic; the delay of the mediator moves the severity."""
    point, replicate = np.asarray(point), np.asarray(replicate)
    delay = np.array([points.scenario(int(number)).get("mediation.delay") for number in np.unique(point)])
    mixed = (replicate * 7919 + settings.seed * 104729) % 1000
    grade = (mixed + 10 * delay[np.unique(point, return_inverse=True)[1]]).astype(int) // 300
    lanes = {name: np.asarray(mixed).astype(DTYPES[kind]) for name, kind in COLUMNS.items() if kind != "label"}
    lanes |= {"point": (point + point_offset).astype(np.int32), "replicate": replicate.astype(np.int32)}
    lanes |= {
        "severity": np.array(SEVERITIES, object)[np.minimum(grade, 4)],
        "termination": np.array(TERMINATIONS, object)[mixed % 6],
        "first_agreement_by": np.full(len(point), ""),
    }
    lanes["mediation_day"] = np.where(mixed % 2 == 0, -1, mixed).astype(np.int32)
    return Outcomes({name: lanes[name] for name in COLUMNS})


def choosy(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, point_offset: int = 0
) -> Outcomes:
    """The same, but replicate 13 of point 0 cannot be simulated."""
    if np.any((replicate == 13) & (point + point_offset == 0)):
        raise FloatingPointError("replicate 13 is unlucky")
    return quick(points, point, replicate, settings, point_offset)


def deadly_once(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, point_offset: int = 0
) -> Outcomes:
    """The same, but the first process that meets replicate 13 is killed; a file keeps note of it.

    Another file may be named that it leaves behind, as if it had been writing it.
    """
    note = Path(os.environ["OFFRAMP_TEST_NOTE"])
    if np.any(replicate == 13) and not note.exists():
        note.touch()
        if left := os.environ.get("OFFRAMP_TEST_LEFT"):
            Path(left).write_bytes(b"half")
        os.kill(os.getpid(), signal.SIGKILL)
    return quick(points, point, replicate, settings, point_offset)


def interrupting(
    points: Points, point: np.ndarray, replicate: np.ndarray, settings: Settings, point_offset: int = 0
) -> Outcomes:
    """The same, but somebody presses Ctrl-C at replicate 300."""
    if np.any(replicate == 300):
        raise KeyboardInterrupt
    return quick(points, point, replicate, settings, point_offset)
