"""What a public is told of losses, its own and the enemy's."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.engine.streams import Stream
from tests.oracle.plain import ARTILLERY, above_zero, clip

if TYPE_CHECKING:
    from tests.oracle.government import Government
    from tests.oracle.model import OracleCrisis


class Report:
    """What one public has been told."""

    def __init__(self, crisis: OracleCrisis, own: Government) -> None:
        self.crisis, self.own = crisis, own
        self.told = self.leaked = self.claimed = 0.0
        self.new_deaths = self.new_civilian_deaths = self.new_admitted = 0.0
        self.salient, self.credit = False, 1.0

    def publish(self) -> None:
        """Own losses in part, claims about the enemy, and what leaks of that which is hidden."""
        values, combat, side = self.crisis.world.dyad.reporting, self.crisis.combat, self.own.side
        disclosed = getattr(values, f"disclosure_{side}")
        newly_leaked = values.leak * above_zero((1 - disclosed) * self.own.deaths - self.leaked)
        self.leaked += newly_leaked
        self.told = disclosed * self.own.deaths
        self.new_deaths = disclosed * combat.deaths[side] + newly_leaked
        self.new_admitted = disclosed if combat.deaths[side] > 0 else 0.0
        self.claimed = getattr(values, f"inflation_{side}") * self.own.enemy.deaths
        shelled = self.own.enemy.fought >= ARTILLERY
        self.new_civilian_deaths = combat.civilian_deaths[side] + (values.civilian_claims if shelled else 0.0)
        self.credit *= above_zero(1 - values.hiding_penalty * newly_leaked / (1 + self.own.deaths))
        self.salient = self.is_salient()

    def is_salient(self) -> bool:
        """Whether a death of the day strikes the public: by chance, or forced by the experimenter."""
        combat = self.crisis.combat
        chance = 1 - (1 - combat.values.salient_share) ** combat.deaths[self.own.side]
        return combat.strikes(self.own.side) or self.crisis.luck.uniform(Stream.SALIENCE, self.own.slot) < chance

    def loss_told(self) -> float:
        """Order of magnitude of own deaths that everybody believes in: more than told where credit is lost."""
        return math.log10(1 + self.told) + (1 - self.credit) * self.withheld()

    def loss_hidden(self) -> float:
        """What one who does not trust the media adds to it."""
        return self.credit * self.withheld()

    def withheld(self) -> float:
        return math.log10(1 + self.told + self.leaked) - math.log10(1 + self.told)

    def success(self) -> float:
        """How much heavier enemy losses are said to be than one's own; 16 to 1 is full success."""
        return clip(math.log2((1 + self.claimed) / (1 + self.told)) / 4, -1.0, 1.0)
