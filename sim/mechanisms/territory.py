"""Territory: ground that changes hands in a ground war."""

from __future__ import annotations

import numpy as np

from sim.engine.elementwise import power
from sim.ladder import ASSAULT, FORCE, pick
from sim.world import World


class Territory:
    """Net gain of b, negative where a gained; ``gain`` (lanes,) in shares of what is in dispute, -1 to 1.

    ``moved`` (lanes,) is what changed hands today.
    """

    def __init__(self, crisis: World) -> None:
        self.crisis = crisis
        self.gain, self.moved = np.zeros(crisis.lanes), np.zeros(crisis.lanes)

    def move(self) -> None:
        """Ground moves with the difference in force used, on the share of the front that is under attack.

        An assault opens a share ``force ** breadth`` of the front: a local one a sliver of it, full war all of it. In
        a crisis of little blood the same rungs stand for smaller operations, which also take less ground.
        """
        a, b = self.crisis.governments["a"], self.crisis.governments["b"]
        used = {own.side: pick(own.actual_force, own.fought) * FORCE[own.fought] for own in (a, b)}
        assault = (a.fought >= ASSAULT) | (b.fought >= ASSAULT)
        if not assault.any():
            self.moved = np.zeros(self.crisis.lanes)
            return
        values = self.crisis.values.dyad.territory
        front = power(FORCE[np.maximum(a.fought, b.fought)], values.breadth)
        size = power(np.minimum(self.crisis.combat.bloodiness, 1), values.by_bloodiness)
        moved = np.where(assault, values.rate * front * size * (used["b"] - used["a"]), 0.0)
        before, self.gain = self.gain, np.clip(self.gain + moved, -1, 1)
        self.moved = self.gain - before

    def gained_today(self, side: str) -> np.ndarray:
        """Whether ground moved a side's way today, bool (lanes,)."""
        return self.moved > 0 if side == "b" else self.moved < 0

    def lost_by(self, side: str) -> np.ndarray:
        """What a side has lost, 0 to 1, shape (lanes,)."""
        return np.maximum(self.gain if side == "a" else -self.gain, 0)
