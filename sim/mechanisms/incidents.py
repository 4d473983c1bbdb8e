"""Local incidents: what troops on the spot do, apart from policy and the same with and without a truce."""

from __future__ import annotations

import numpy as np

from sim.engine.streams import Stream
from sim.kernels.incidents import Contact, contact_scale, draw_begun, incident_intensity
from sim.ladder import HOT, PAIRS, SIDES
from sim.scenario import option_number
from sim.world import World

BOTH = option_number("dyad.trigger_side", "both")


class Incidents:
    """A self-exciting process of each side (Hawkes 1971).

    The intensity of side s is ``scale * rate + contagion * memory_s / memory_days + autonomous_risk * f(rung)``,
    where memory decays by the day and grows by one with each incident. An incident lasts a day: what is fought that
    day is the higher of policy and incident. ``begun`` (side -> (lanes,)) is the level of what a side began today,
    ``level`` of what it fought, fire returned included; 0 where nothing happened.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.values = crisis.values.dyad.incidents
        known = {name: getattr(self.values, name) for name in Contact._fields[:-1]}
        self._contact = Contact(**known, on_line=crisis.venue.surprise)
        self.memory = {side: np.zeros(crisis.lanes) for side in SIDES}
        self.level = {side: np.zeros(crisis.lanes, np.int64) for side in SIDES}
        self.begun = self.level

    def draw_incidents(self) -> None:
        """Draw today's incidents and the fire they draw at once."""
        begun = {side: self._begun_by(side) for side in SIDES}
        if self.crisis.day == 0:
            self._open(begun)
        self.begun = begun
        for side, other in PAIRS:
            fire = self._uniforms(other)[3] < self.values.return_fire
            answer = np.where(fire & (begun[side] >= HOT), HOT, 0)
            self.level[other] = np.maximum(begun[other], answer)
        for side in SIDES:
            decay = 1 - 1 / self.values.memory
            self.memory[side] = decay * self.memory[side] + (begun[side] > 0)

    def _begun_by(self, side: str) -> np.ndarray:
        begun = np.empty(self.crisis.lanes, np.int64)
        draw_begun(self._contact, self.intensity(side), self._uniforms(side), begun)
        return begun

    def intensity(self, side: str) -> np.ndarray:
        """Expected incidents of a side today, shape (lanes,)."""
        intensity = np.empty(self.crisis.lanes)
        rung = self.crisis.governments[side].rung
        incident_intensity(self._contact, self._scale(), self.memory[side], rung, intensity)
        return intensity

    def _scale(self) -> np.ndarray:
        scale = np.empty(self.crisis.lanes)
        contact_scale(self._contact, self.crisis.highest_stance, scale)
        return scale

    def _uniforms(self, side: str) -> np.ndarray:
        return self.crisis.today.uniform(Stream.INCIDENT, self.crisis.governments[side].luck_slot)

    def _open(self, begun: dict[str, np.ndarray]) -> None:
        dyad = self.crisis.values.dyad
        for number, side in enumerate(SIDES):
            fires = (dyad.trigger_side == number) | (dyad.trigger_side == BOTH)
            begun[side] = np.maximum(begun[side], np.where(fires, dyad.trigger_rung.astype(np.int64), 0))
