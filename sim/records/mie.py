"""A lane read as a list of Militarized Interstate Events.

A day's hostility is that of the pair's acts: 3 at rung 3, 4 at rungs 4 to 8, 5 at rung 9; lower rungs do not count, and
at rung 3 only days on which policy rises to it or an incident occurs (a mobilisation that is merely held is no event). The
table holds two readings of the same days, told apart by the column ``reading``.

``event``: links of a chain. *Entry*: the first militarised day; afterwards a militarised day is a new event if seven
days have passed since the last event began or if its hostility is higher. *Gap*: events belong to one confrontation
until 180 days pass without a militarised day, the rule of disputes; confrontations of a lane are numbered from 0 by
``episode``. *End*: an event lasts to its last militarised day before the next event, seven days at most, and the
deaths of those seven days are its own. *Censoring*: ``ends_episode`` is null where the 180 days were not seen.

``run``: spells of fire, by which the lethality of single acts is read. *Entry*: a day at rung 4 or above on which one
side (``attack``) or both (``clash``) fire. *Gap*: a day without fire, or with another side firing, begins a new run; so
does the eighth day. *End*: its last day. Runs have no next hostility and end no episode; nothing but the horizon
censors them.

Deaths are military, of both sides.
"""

from __future__ import annotations

import numpy as np

from sim.records.history import ACTION, FORCE, History

EVENT_DAYS = 7
GAP_DAYS = 180
WAR_RUNG = 9

EVENT_COLUMNS: dict[str, str] = {
    "lane": "count",
    "reading": "label",
    "event": "count",
    "episode": "count",
    "day": "day",
    "hostility": "count",
    "actor": "label",
    "kind": "label",
    "days": "count",
    "deaths": "count",
    "next_hostility": "count",
    "ends_episode": "count",
}
"""Column of the events -> its kind. ``ends_episode`` is 1, 0, or -1 (null) where the horizon came first."""

_HOSTILITY_OF_RUNG = np.array([0, 0, 0, 3, 4, 4, 4, 4, 4, 5], np.int8)
_ACTOR = np.array(["", "a", "b", "both"], object)
_KIND = np.array(["", "attack", "attack", "clash"], object)


def read_events(history: History) -> dict[str, np.ndarray]:
    """All events and runs of all lanes, sorted by lane, reading and day; columns are (events,)."""
    parts = [_events(history), _runs(history)]
    table = {name: np.concatenate([part[name] for part in parts]) for name in EVENT_COLUMNS}
    order = np.lexsort((table["day"], table["reading"] == "run", table["lane"]))
    return {
        name: values[order] if EVENT_COLUMNS[name] == "label" else values[order].astype(np.int32)
        for name, values in table.items()
    }


def _events(history: History) -> dict[str, np.ndarray]:
    acts = history.acts()
    hostility = _HOSTILITY_OF_RUNG[acts.max(axis=1)]
    begun, episode = _chain(hostility)
    lane, day = np.nonzero(begun.T)
    level, chapter = hostility[day, lane], episode[day, lane]
    linked = (lane[1:] == lane[:-1]) & (chapter[1:] == chapter[:-1])
    followed = np.append(linked, False) if len(lane) else np.zeros(0, bool)
    following = np.append(day[1:], 0)[: len(day)]
    end = np.minimum(np.where(followed, following, history.days), day + EVENT_DAYS)
    last_seen = _last_active_before(hostility > 0, end, lane)
    doing = _doing(acts[day, :, lane], np.where(level > 3, FORCE, ACTION))
    return {
        "lane": lane,
        "reading": _filled("event", len(lane)),
        "event": _numbered(lane),
        "episode": chapter,
        "day": day,
        "hostility": level,
        "actor": _ACTOR[doing],
        "kind": np.where(level > 3, _KIND[doing], ""),
        "days": last_seen - day + 1,
        "deaths": _between(history, day, np.minimum(end, history.days), lane),
        "next_hostility": np.where(followed, np.append(level[1:], -1)[: len(level)], -1),
        "ends_episode": np.where(followed, 0, np.where(_quiet_after(hostility > 0, chapter, episode, lane), 1, -1)),
    }


def _chain(hostility: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Days on which an event begins, and the number of the episode each day belongs to, ``(days, lanes)``."""
    days, lanes = hostility.shape
    begun, episode = np.zeros((days, lanes), bool), np.zeros((days, lanes), np.int32)
    since, level = np.full(lanes, EVENT_DAYS), np.zeros(lanes, np.int8)
    quiet, chapter = np.full(lanes, -1), np.zeros(lanes, np.int32)
    for day in range(days):
        active = hostility[day] > 0
        chapter += active & (quiet >= GAP_DAYS)
        quiet = np.where(active, 0, np.where(quiet < 0, -1, quiet + 1))
        begun[day] = active & ((since >= EVENT_DAYS) | (hostility[day] > level))
        level = np.where(begun[day], hostility[day], level)
        since = np.where(begun[day], 1, since + 1)
        episode[day] = chapter
    return begun, episode


def _quiet_after(active: np.ndarray, chapter: np.ndarray, episode: np.ndarray, lane: np.ndarray) -> np.ndarray:
    """Whether the quiet that ends the episode was seen: a later episode began, or the horizon left room for it."""
    days = len(active)
    since = days - 1 - np.where(active.any(axis=0), days - 1 - active[::-1].argmax(axis=0), -1)
    return (episode[-1, lane] > chapter) | (since[lane] >= GAP_DAYS) if days else np.zeros(0, bool)


def _last_active_before(active: np.ndarray, end: np.ndarray, lane: np.ndarray) -> np.ndarray:
    days = np.arange(len(active))[:, None]
    latest = np.maximum.accumulate(np.where(active, days, -1), axis=0) if len(active) else days
    return latest[np.minimum(end, len(active)) - 1, lane]


def _runs(history: History) -> dict[str, np.ndarray]:
    fires = history.fought >= FORCE
    doing = fires[:, 0] + 2 * fires[:, 1].astype(np.int8)
    begun = _run_starts(doing)
    lane, day = np.nonzero(begun.T)
    shooting = (doing > 0).T.ravel()
    number = (np.cumsum(begun.T.ravel()) - 1)[shooting]
    days = np.bincount(number, minlength=len(lane)).astype(np.int64)
    rung = history.highest().T.ravel()[shooting]
    peak = np.maximum.reduceat(rung, np.cumsum(days) - days) if len(lane) else rung
    none = np.full(len(lane), -1)
    return {
        "lane": lane,
        "reading": _filled("run", len(lane)),
        "event": _numbered(lane),
        "episode": none,
        "day": day,
        "hostility": np.where(peak >= WAR_RUNG, 5, 4),
        "actor": _ACTOR[doing[day, lane]],
        "kind": _KIND[doing[day, lane]],
        "days": days,
        "deaths": _between(history, day, day + days, lane),
        "next_hostility": none,
        "ends_episode": none,
    }


def _run_starts(doing: np.ndarray) -> np.ndarray:
    """Days on which a run begins: another side fires than the day before, or the run has lasted seven days."""
    begun = np.zeros(doing.shape, bool)
    length, before = np.zeros(doing.shape[1], int), np.zeros(doing.shape[1], doing.dtype)
    for day, now in enumerate(doing):
        begun[day] = (now > 0) & ((now != before) | (length >= EVENT_DAYS))
        length = np.where(begun[day], 1, length + 1)
        before = now
    return begun


def _doing(fought: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """1 where a, 2 where b, 3 where both are at or above a threshold; ``fought`` is ``(events, 2)``."""
    there = fought >= threshold[:, None]
    return there[:, 0] + 2 * there[:, 1].astype(int)


def _between(history: History, start: np.ndarray, end: np.ndarray, lane: np.ndarray) -> np.ndarray:
    """Military deaths from day ``start`` to the day before ``end``."""
    total = np.concatenate([np.zeros((1, history.lanes), np.int64), np.cumsum(history.military_deaths(), axis=0)])
    return total[end, lane] - total[start, lane]


def _numbered(lane: np.ndarray) -> np.ndarray:
    """0, 1, 2, ... within each lane; lanes are sorted."""
    return np.arange(len(lane)) - np.searchsorted(lane, lane)


def _filled(label: str, count: int) -> np.ndarray:
    return np.full(count, label, object)
