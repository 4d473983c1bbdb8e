"""A simulated crisis read as the coders of three data sets would read it.

A rung is a posture; a record holds events and episodes. Each reading states its entry rule, gap rule, end rule and
censoring in its own module: :mod:`sim.records.mid` (Militarized Interstate Disputes), :mod:`sim.records.mie`
(Militarized Interstate Events), :mod:`sim.records.icb` (International Crisis Behavior) and
:mod:`sim.records.casualties` (a count of deadly days, as kept on a line of contact). The three populations of
crises differ, so a statistic of one source is compared with a reading of that source alone.

Days count from 0. In whole-number columns -1 stands for "never" or "does not apply"; so does an empty label.
"""

from __future__ import annotations

import numpy as np

from sim.records.casualties import CASUALTY_COLUMNS, read_casualties
from sim.records.history import History, Opening
from sim.records.icb import ICB_COLUMNS, read_icb
from sim.records.mid import MID_COLUMNS, read_mid
from sim.records.mie import EVENT_COLUMNS, read_events

__all__ = ["EVENT_COLUMNS", "History", "Opening", "RECORD_COLUMNS", "read_records"]

RECORD_COLUMNS: dict[str, str] = {**MID_COLUMNS, **ICB_COLUMNS, **CASUALTY_COLUMNS}
"""Column of the table ``records`` -> its kind: count, day, flag, measure or label, in file order."""


Table = dict[str, np.ndarray]


def read_records(history: History, opening: Opening | None = None) -> tuple[Table, Table]:
    """Read every lane of a history as each source would.

    Parameters
    ----------
    history : History
        What was done on each day, lanes last.
    opening : Opening, optional
        How each lane began. Left out, it is taken from the history's first day.

    Returns
    -------
    records : dict of arrays, each ``(lanes,)``
        One entry per name in :data:`RECORD_COLUMNS`.
    events : dict of arrays, each ``(events,)``
        One entry per name in :data:`~sim.records.mie.EVENT_COLUMNS`, sorted by lane, reading and day.
    """
    begun = opening if opening is not None else Opening.seen(history)
    records = {**read_mid(history), **read_icb(history, begun), **read_casualties(history)}
    return records, read_events(history)
