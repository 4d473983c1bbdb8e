"""Where the sides clash, and six things that follow from it; each can be set apart from the others."""

from __future__ import annotations

from sim.scenario import DyadRecord
from tests.oracle.plain import DRONES

OTHER = {"a": "b", "b": "a"}


class Venue:
    """A state border or a line of contact."""

    def __init__(self, dyad: DyadRecord) -> None:
        self.dyad = dyad

    def on_line(self, consequence: str) -> bool:
        """Whether a consequence is that of a line of contact."""
        place = getattr(self.dyad, f"{consequence}_at")
        return (self.dyad.venue if place == "venue" else place) == "line_of_contact"

    def stake(self, side: str) -> float:
        """Factor on the value of what is in dispute."""
        return 1.0 if self.on_line("stakes") else getattr(self.dyad, f"stake_border_{side}")

    def force(self, side: str, rung: int) -> float:
        """Force of a side at a rung before any help."""
        combat = self.dyad.combat
        line = self.on_line("terrain") or rung >= combat.general_war_rung
        force = getattr(combat, f"force_{'line' if line else 'border'}_{side}")
        return force * getattr(combat, f"drones_{side}") if rung == DRONES else force

    def fog(self) -> float:
        """Factor on the error of perception."""
        return self.dyad.fog_line if self.on_line("surprise") else 1.0

    def fear(self) -> float:
        """Factor on the fear of the enemy's ally."""
        return self.dyad.fear_line if self.on_line("fear") else 1.0

    def civilian_share(self) -> float:
        """Civilian deaths per expected military death."""
        combat = self.dyad.combat
        return combat.civilian_share_line if self.on_line("civilians") else combat.civilian_share_border

    def covers_border(self) -> bool:
        """Whether a treaty that speaks of the border applies here."""
        return not self.on_line("coverage")
