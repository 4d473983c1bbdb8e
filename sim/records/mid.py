"""A lane read as a Militarized Interstate Dispute.

*Entry*: the first day on which either side acts at rung 3 or above (day 0 in a crisis that opens with an act): uses
force, raises its posture to rung 3, or has an incident there. A posture that is merely held is no incident.
*Gap*: incidents belong to one dispute until 180 days pass without any. *End*: the last such day; both ends count, so
a dispute of one day lasts 1. *Censoring*: the dispute is censored where those 180 days were not seen before the
horizon; its duration is then a lower bound. Only a lane's first dispute is read. A horizon of 450 days suffices for
every quantile below 270 days.

Hostility has the data set's five levels: 1 no militarised action, 2 threat (rung 1), 3 display of force (rungs 2 and
3), 4 use of force (rung 4 and above), 5 war. A war needs 1,000 battle deaths of both sides within the dispute, as the
ten rungs are ours and no rung is a war by itself. Deaths are military. A joiner is an ally that gives material support
or more on any day of the dispute. It is two-sided where each side used force (rung 4 and above, incidents and answers
included) on some day of it.
"""

from __future__ import annotations

import numpy as np

from sim.ladder import LADDER
from sim.records.history import ACTION, FORCE, WAR_DEATHS, History, first_episode

GAP_DAYS = 180
JOINING_SUPPORT = 2

MID_COLUMNS: dict[str, str] = {
    "mid_two_sided": "flag",
    "mid_hostility": "count",
    "mid_duration": "count",
    "mid_censored": "flag",
    "mid_deaths": "count",
    "mid_joiners": "count",
}
_LEVEL_OF_RUNG = np.array([rung.hostility for rung in LADDER], np.int32)


def read_mid(history: History) -> dict[str, np.ndarray]:
    """The dispute of each lane, arrays of (lanes,); duration, deaths and joiners are -1 where no dispute began."""
    acts, highest = history.acts(), history.highest()
    episode = first_episode(acts.max(axis=1) >= ACTION, GAP_DAYS)
    within = episode.within(history.days)
    forceful = ((acts >= FORCE) & within[:, None]).any(axis=0)
    deaths = np.where(within, history.military_deaths(), 0).sum(axis=0)
    peak = np.where(episode.begun, np.where(within, highest, 0).max(axis=0), highest.max(axis=0))
    return {
        "mid_two_sided": forceful.all(axis=0),
        "mid_hostility": np.where((peak >= FORCE) & (deaths >= WAR_DEATHS), 5, _LEVEL_OF_RUNG[peak]).astype(np.int32),
        "mid_duration": np.where(episode.begun, episode.last - episode.start + 1, -1).astype(np.int32),
        "mid_censored": episode.begun & ~episode.closed,
        "mid_deaths": _where_begun(episode.begun, deaths),
        "mid_joiners": _where_begun(episode.begun, _joiners(history, within)),
    }


def _joiners(history: History, within: np.ndarray) -> np.ndarray:
    each = history.support if history.support.ndim == 3 else history.support[:, None, :]
    return ((each >= JOINING_SUPPORT) & within[:, None, :]).any(axis=0).sum(axis=0)


def _where_begun(begun: np.ndarray, values: np.ndarray) -> np.ndarray:
    return np.where(begun, np.minimum(values, np.iinfo(np.int32).max), -1).astype(np.int32)
