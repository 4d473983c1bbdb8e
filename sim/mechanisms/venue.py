"""Where the sides clash, and what follows from it: six consequences, each of which can be set apart."""

from __future__ import annotations

import numpy as np

from sim.engine.lanes import LaneValues
from sim.ladder import DRONES, INDEX
from sim.scenario import option_number

LINE = option_number("dyad.venue", "line_of_contact")


class Venue:
    """For each consequence of the venue, whether it is that of a line of contact; arrays of shape (lanes,).

    ``fog`` is a factor on fog, ``fear_factor`` one on the fear of the enemy's ally, ``civilian_share`` the civilian
    deaths per military death.
    """

    def __init__(self, values: LaneValues) -> None:
        self.dyad = values.dyad
        self.stakes, self.coverage, self.fear, self.terrain, self.civilians, self.surprise = (
            self._on_line(getattr(values.dyad, f"{name}_at"))
            for name in ("stakes", "coverage", "fear", "terrain", "civilians", "surprise")
        )

        self.fog = np.where(self.surprise, values.dyad.fog_line, 1.0)
        self.fear_factor = np.where(self.fear, values.dyad.fear_line, 1.0)
        combat = values.dyad.combat
        self.civilian_share = np.where(self.civilians, combat.civilian_share_line, combat.civilian_share_border)

    def _on_line(self, place: np.ndarray) -> np.ndarray:
        # Option 0 follows the venue; options 1 and 2 name the border and the line of contact themselves.
        return np.where(place == 0, self.dyad.venue, place - 1) == LINE

    def stake(self, side: str) -> np.ndarray:
        """Factor on a side's resolve, shape (lanes,)."""
        return np.where(self.stakes, 1.0, getattr(self.dyad, f"stake_border_{side}"))

    def force(self, side: str) -> np.ndarray:
        """Force of a side at each rung before any help, shape (lanes, rungs); drones count at their own rung."""
        combat = self.dyad.combat
        line, border = getattr(combat, f"force_line_{side}"), getattr(combat, f"force_border_{side}")
        local = np.where(self.terrain, line, border)
        general = INDEX >= combat.general_war_rung[:, None]
        table = np.where(general, line[:, None], local[:, None])
        table[:, DRONES] *= getattr(combat, f"drones_{side}")
        return table
