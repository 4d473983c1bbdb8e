"""Local incidents: what troops on the spot do, apart from policy and the same with and without a truce."""

from __future__ import annotations

import numpy as np

from sim.engine.elementwise import expm1, logistic
from sim.engine.streams import Stream
from sim.ladder import ARTILLERY, DEPLOYED, FORCE, HOT, PAIRS, SIDES
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
        occurs, violent, level, _ = self._uniforms(side)
        happens = occurs < -expm1(-self.intensity(side))
        shooting = np.where(level < self.values.artillery_share, ARTILLERY, HOT)
        return np.where(happens, np.where(violent < self.values.violent_share, shooting, DEPLOYED), 0)

    def intensity(self, side: str) -> np.ndarray:
        """Expected incidents of a side today, shape (lanes,)."""
        provoked = self.values.contagion * self.memory[side] / self.values.memory
        risk = self.values.autonomous_risk * FORCE[self.crisis.governments[side].rung]
        return self._scale() * self.values.rate + provoked + risk

    def _scale(self) -> np.ndarray:
        """Frequency of incidents: on a border it rises with the higher rung of the pair, shape (lanes,)."""
        values = self.values
        contact = logistic((self.crisis.highest_stance - values.contact_centre) / values.contact_width)
        border = values.border_scale * (values.out_of_contact + (1 - values.out_of_contact) * contact)
        return np.where(self.crisis.venue.surprise, values.line_scale, border)

    def _uniforms(self, side: str) -> np.ndarray:
        return self.crisis.today.uniform(Stream.INCIDENT, self.crisis.governments[side].luck_slot)

    def _open(self, begun: dict[str, np.ndarray]) -> None:
        dyad = self.crisis.values.dyad
        for number, side in enumerate(SIDES):
            fires = (dyad.trigger_side == number) | (dyad.trigger_side == BOTH)
            begun[side] = np.maximum(begun[side], np.where(fires, dyad.trigger_rung.astype(np.int64), 0))
