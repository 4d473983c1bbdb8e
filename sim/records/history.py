"""What the readings look at: a crisis day by day, and how it opened."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from sim.ladder import DEPLOYED, HOT

ACTION = DEPLOYED
"""Lowest rung that counts as a militarised action (mobilisation, a probe of the border)."""
FORCE = HOT
"""Lowest rung at which force is used."""
WAR_DEATHS = 1000
"""Battle deaths that make a war, as in the Correlates of War project."""


@dataclass
class History:
    """Day-by-day arrays of many lanes, lanes last.

    Attributes
    ----------
    fought, policy : int8 ``(days, 2, lanes)``
        Rung fought on the day and rung that is policy; sides a and b.
    deaths, civilians : int32 ``(days, 2, lanes)``
        Military and civilian deaths of each side on the day.
    incident : int8 ``(days, 2, lanes)``
        Level of a local incident begun by that side, 0 for none.
    attempt, mediator_active : bool ``(days, lanes)``
        Whether a mediator made an attempt, and whether one was active.
    support : int8 ``(days, lanes)`` or ``(days, allies, lanes)``
        Highest support level of any ally, or of each: 0 none, 1 rhetorical, 2 material, 3 direct.
    agreement : int8 ``(days, lanes)``
        In force at the end of the day: 0 none, 1 direct, 2 mediated, 3 imposed.
    territory : float32 ``(days, lanes)``
        Ground gained by b, as a share.
    """

    fought: np.ndarray
    policy: np.ndarray
    deaths: np.ndarray
    civilians: np.ndarray
    incident: np.ndarray
    attempt: np.ndarray
    mediator_active: np.ndarray
    support: np.ndarray
    agreement: np.ndarray
    territory: np.ndarray

    @classmethod
    def empty(cls, days: int, lanes: int) -> History:
        """A history in which nothing happens, to be filled in."""
        sides, plain = (days, 2, lanes), (days, lanes)
        return cls(
            fought=np.zeros(sides, np.int8),
            policy=np.zeros(sides, np.int8),
            deaths=np.zeros(sides, np.int32),
            civilians=np.zeros(sides, np.int32),
            incident=np.zeros(sides, np.int8),
            attempt=np.zeros(plain, bool),
            mediator_active=np.zeros(plain, bool),
            support=np.zeros(plain, np.int8),
            agreement=np.zeros(plain, np.int8),
            territory=np.zeros(plain, np.float32),
        )

    @property
    def days(self) -> int:
        return self.fought.shape[0]

    @property
    def lanes(self) -> int:
        return self.fought.shape[-1]

    def take(self, lanes: np.ndarray | slice) -> History:
        """The same days of some lanes, given by number (n,) or as a slice."""
        return History(**{item.name: getattr(self, item.name)[..., lanes] for item in fields(self)})

    def highest(self) -> np.ndarray:
        """Rung of the pair on each day, the higher of both sides, int8 ``(days, lanes)``."""
        return self.fought.max(axis=1)

    def acts(self) -> np.ndarray:
        """Rung at which each side acts on each day, int8 ``(days, 2, lanes)``; 0 where it does not.

        A rung is a posture, a record holds acts: force (rung 4 and above) is an act on every day on which it is used, a
        posture at rung 3 only on days on which policy rises to it or an incident at that rung occurs.
        """
        before = np.concatenate([np.zeros_like(self.policy[:1]), self.policy[:-1]])
        acting = (self.fought >= FORCE) | (self.incident >= ACTION) | (self.policy > before)
        return np.where((self.fought >= ACTION) & acting, self.fought, 0).astype(np.int8)

    def military_deaths(self) -> np.ndarray:
        """Military deaths of both sides on each day, int64 ``(days, lanes)``."""
        return self.deaths.sum(axis=1, dtype=np.int64)


@dataclass
class Opening:
    """How lanes began.

    Attributes
    ----------
    level : int8 ``(2, lanes)``
        Rung of the act with which each side opened on day 0: its first policy or its opening incident, whichever is
        higher. Fire returned on the same day is an answer, not an opening.
    """

    level: np.ndarray

    @classmethod
    def seen(cls, history: History) -> Opening:
        """An opening as the first day alone shows it."""
        return cls(level=history.fought[0].copy())


@dataclass
class Episode:
    """The first episode of each lane: arrays ``(lanes,)``.

    ``start`` and ``last`` are the first and last active day (-1 where there is none); ``closed`` tells whether the
    quiet that ends an episode was seen before the horizon.
    """

    start: np.ndarray
    last: np.ndarray
    closed: np.ndarray

    @property
    def begun(self) -> np.ndarray:
        """Whether a lane has an episode, bool ``(lanes,)``."""
        return self.start >= 0

    def within(self, days: int) -> np.ndarray:
        """Days of the episode, bool ``(days, lanes)``."""
        day = np.arange(days)[:, None]
        return self.begun & (day >= self.start) & (day <= self.last)


def first_episode(active: np.ndarray, gap: int) -> Episode:
    """The first episode of activity: it ends on the last active day before ``gap`` days in a row without any.

    Parameters
    ----------
    active : bool ``(days, lanes)``
    gap : int
        Days of quiet that end an episode.
    """
    days, lanes = active.shape
    start, last = np.full(lanes, -1, np.int32), np.full(lanes, -1, np.int32)
    closed = np.zeros(lanes, bool)
    for day in range(days):
        going_on = active[day] & ~closed
        start[going_on & (start < 0)] = day
        last[going_on] = day
        closed |= (last >= 0) & (day - last >= gap)
    return Episode(start, last, closed)


def first_day(happens: np.ndarray) -> np.ndarray:
    """First day on which something happens, int32 ``(lanes,)``; -1 where it never does."""
    if not happens.shape[0]:
        return np.full(happens.shape[1], -1, np.int32)
    return np.where(happens.any(axis=0), happens.argmax(axis=0), -1).astype(np.int32)


def last_day(happens: np.ndarray) -> np.ndarray:
    """Last day on which something happens, int32 ``(lanes,)``; -1 where it never does."""
    back = first_day(happens[::-1])
    return np.where(back >= 0, happens.shape[0] - 1 - back, -1).astype(np.int32)
