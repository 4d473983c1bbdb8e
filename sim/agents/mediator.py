"""A mediator: it becomes active, makes attempts, and spends its standing on those that fail."""

from __future__ import annotations

import numpy as np

from sim.agents.base import LaneAgent
from sim.engine.streams import Stream
from sim.ladder import DEPLOYED
from sim.world import World

SLOTS = ("lead", "second", "third")
NOT_YET = -1


class Mediator(LaneAgent):
    """One third party. All state has shape (lanes,).

    ``standing`` (0 to 1) scales what it brings to the table: cover, text and leverage.
    """

    REPORTS = ("slot", "active", "attempting", "standing")

    def __init__(self, model: World, slot: int) -> None:
        super().__init__(model)
        self.slot = slot
        mediation = model.values.mediation
        self.values = mediation if slot == 0 else getattr(mediation, SLOTS[slot])
        self.standing = np.ones(model.lanes)
        self.first_active_day = np.full(model.lanes, NOT_YET)
        self.active = np.zeros(model.lanes, bool)
        self.attempting = np.zeros(model.lanes, bool)

    def draw_attempt(self) -> None:
        """Become active when the time and the crisis are ripe for it, and perhaps make an attempt today."""
        model, values = self.model, self.values
        called = (values.present == 1) & (model.day >= values.delay) & (model.peak_so_far >= values.severity_trigger)
        starts = called & (self.first_active_day == NOT_YET)
        self.first_active_day = np.where(starts, model.day, self.first_active_day)
        since = model.day - self.first_active_day
        self.active = (self.first_active_day != NOT_YET) & (since < values.mission)
        wanted = (model.highest_stance >= DEPLOYED) & ~model.agreement.in_force
        tries = model.today.uniform(Stream.ATTEMPT)[1 + self.slot] < values.effort
        self.attempting = self.active & wanted & tries

    def update_standing(self) -> None:
        """Standing after the day: spent by a failed attempt, slowly regained."""
        failed = self.attempting & ~self.model.agreement.mediated_today
        spent = self.standing * (1 - self.values.failure_cost * failed)
        self.standing = spent + self.values.recovery * (1 - spent)
