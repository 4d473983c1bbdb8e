"""A lane read as a casualty record of a line of contact keeps it: days with deaths, and how many died.

*Entry*: day 0. *End*: the horizon; nothing is censored. *Gap*: none, every day is its own unit. Military and civilian
deaths of both sides count. Left out is every day of a stretch of five days in which more than 40 died: the record the
targets come from was read without its one such stretch, the five days of April 2016.
"""

from __future__ import annotations

import numpy as np

from sim.records.history import History

SPELL_DAYS = 5
SPELL_DEATHS = 40

CASUALTY_COLUMNS: dict[str, str] = {
    "days_deadly": "count",
    "days_deadly_two": "count",
    "days_deadly_five": "count",
    "days_counted": "count",
    "deaths_counted": "count",
    "rung_correlation": "measure",
}


def read_casualties(history: History) -> dict[str, np.ndarray]:
    """Days with at least one, two and five deaths, the days and deaths counted, and how the sides' rungs move together.

    Arrays are (lanes,). ``rung_correlation`` is the correlation over days of the rungs fought by both sides, NaN where
    either never moved.
    """
    dead = (history.deaths + history.civilians).sum(axis=1, dtype=np.int64)
    counted = ~in_deadly_spell(dead)
    dead = np.where(counted, dead, 0)
    return {
        "days_deadly": (dead >= 1).sum(axis=0, dtype=np.int32),
        "days_deadly_two": (dead >= 2).sum(axis=0, dtype=np.int32),
        "days_deadly_five": (dead >= 5).sum(axis=0, dtype=np.int32),
        "days_counted": counted.sum(axis=0, dtype=np.int32),
        "deaths_counted": dead.sum(axis=0).astype(np.int32),
        "rung_correlation": _correlation(history.fought[:, 0], history.fought[:, 1]),
    }


def in_deadly_spell(dead: np.ndarray) -> np.ndarray:
    """Days that lie in any five-day stretch with more than 40 deaths, bool ``(days, lanes)``."""
    days, lanes = dead.shape
    total = np.concatenate([np.zeros((1, lanes), np.int64), np.cumsum(dead, axis=0)])
    marked = np.zeros((days, lanes), bool)
    width = min(SPELL_DAYS, days)
    over = total[width:] - total[:-width] > SPELL_DEATHS
    for offset in range(width):
        marked[offset : offset + len(over)] |= over
    return marked


def _correlation(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Correlation over days, from whole-number sums so that it does not depend on the order of addition."""
    x, y, days = one.astype(np.int64), other.astype(np.int64), len(one)
    spread_x = days * (x * x).sum(axis=0) - x.sum(axis=0) ** 2
    spread_y = days * (y * y).sum(axis=0) - y.sum(axis=0) ** 2
    together = days * (x * y).sum(axis=0) - x.sum(axis=0) * y.sum(axis=0)
    scale = np.sqrt(spread_x.astype(np.float64)) * np.sqrt(spread_y.astype(np.float64))
    return np.divide(together, scale, out=np.full(one.shape[-1], np.nan), where=scale > 0)
