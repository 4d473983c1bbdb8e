"""An answer as a matter of course: whoever was fired at and has not fired yet may fire back, once, within days."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.ladder import HOT, SIDES
from sim.world import World


class ReturnFire:
    """Fire that a government orders in answer to violence, without weighing it.

    A side owes an answer for ``answer_days`` days after the first on which the other fought at rung 4 or above, or
    until it fights at rung 4 or above itself, for whatever reason; who has fired once in a crisis never owes one. While
    no agreement is in force it gives the answer with chance ``answer_in_kind`` a day: a day of fire at rung 4 that
    leaves policy where it is. ``level`` (side -> (lanes,)) is the rung of today's answer, 0 where there is none. Where
    a side never answers in kind, nothing is noted.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.days_since = {side: np.zeros(crisis.lanes, np.int64) for side in SIDES}
        self.has_fired = {side: np.zeros(crisis.lanes, bool) for side in SIDES}
        self.level = {side: np.zeros(crisis.lanes, np.int64) for side in SIDES}
        self.answers = {side: own.values.answer_in_kind > 0 for side, own in crisis.governments.items()}
        self.in_use = any(answers.any() for answers in self.answers.values())

    def draw(self) -> None:
        """Draw today's answers; they rest on what was fought until yesterday, and there are none on day 0."""
        if not self.in_use:
            return
        may_fire = ~self.crisis.agreement.in_force
        for side in SIDES:
            own = self.crisis.governments[side]
            if self.crisis.day > 0:
                begun = self.answers[side] & ((self.days_since[side] > 0) | (own.enemy.fought >= HOT))
                self.days_since[side] = self.days_since[side] + begun
            self.has_fired[side] = self.has_fired[side] | (self.answers[side] & (own.fought >= HOT))
            in_time = (self.days_since[side] > 0) & (self.days_since[side] <= own.values.answer_days)
            owed = in_time & ~self.has_fired[side]
            given = self.crisis.today.first(Stream.ANSWER, own.luck_slot) < own.values.answer_in_kind
            self.level[side] = np.where(may_fire & owed & given, HOT, 0)
