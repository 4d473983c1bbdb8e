"""An ally: how reliable it is, what it is believed to be, and what it does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mesa

from sim.engine.streams import Stream
from tests.oracle.plain import HOT, RUNGS, clip, logistic
from tests.oracle.venue import OTHER

if TYPE_CHECKING:
    from tests.oracle.government import Government
    from tests.oracle.model import OracleCrisis

NONE, RHETORICAL, MATERIAL, DIRECT = range(4)
SLOTS = ("first", "second", "third")


class Ally(mesa.Agent):
    """One ally of one side."""

    def __init__(self, crisis: OracleCrisis, slot: int) -> None:
        super().__init__(crisis)
        self.crisis, self.slot = crisis, slot
        self.alliance = crisis.world.alliance
        self.values = getattr(self.alliance, SLOTS[slot])
        self.protege = self.values.protege
        self.support = min(self.values.start_support, self.values.most_support)
        self.covered = self.values.treaty == "everywhere" or (
            self.values.treaty == "border" and crisis.venue.covers_border()
        )
        self.error = {side: self.belief_error(side) for side in "ab"}

    def belief_error(self, side: str) -> float:
        """Fixed for the crisis; knowledge shrinks it."""
        slot = getattr(self.crisis.world.government, side).luck_slot
        normal = self.crisis.luck_before.normals_before(Stream.ALLY_BELIEF, slot, tag=self.slot)[0]
        return self.alliance.belief_error * (1 - getattr(self.alliance, f"knowledge_{side}")) * normal

    # -- how reliable it is -------------------------------------------------------------------------------------------

    def consider(self) -> None:
        """Log-odds of entering, were the enemy at each rung; from yesterday's world."""
        values, protege = self.values, self.crisis.governments[self.protege]
        ties = sum(self.tie(other) * other.support for other in self.crisis.allies if other is not self)
        fixed = (
            values.reliability
            + values.alignment_slope * values.alignment**values.hedging
            + (values.treaty_weight if self.covered else 0.0)
            - (values.culpability if protege.culpable else 0.0)
            - ties
        )
        self.threat_today = [self.threat(rung) for rung in RUNGS]
        self.log_odds = [
            fixed + values.threat_slope * (self.threat_today[rung] - values.threat_threshold) for rung in RUNGS
        ]

    def tie(self, other: Ally) -> float:
        low, high = sorted((self.slot, other.slot))
        return getattr(self.alliance, f"tie_{low + 1}{high + 1}")

    def threat(self, enemy_rung: int) -> float:
        """Threat to the protege: the enemy's rung where a treaty covers the venue, ground lost, the capital."""
        territory = self.crisis.world.dyad.territory
        lost = self.crisis.territory.lost_by(self.protege)
        capital = territory.capital_threat if lost >= territory.capital else 0.0
        rung = territory.coverage_threat * enemy_rung / 9 if self.covered else 0.0
        return clip(rung + lost / (2 * territory.settlement) + capital, 0.0, 1.0)

    def believed_chance(self, side: str, rung: int) -> float:
        """q-hat: what a side believes the chance to be that this ally would answer a rung."""
        return self.values.consensus * logistic(self.log_odds[rung] + self.error[side])

    def expected(self, side: str, rung: int, power: float) -> float:
        """Believed help, weighted by (k / 9)^power, over the rungs k at which the crisis may peak from here."""
        if self.alliance.shadow == "threshold_only":
            comes_at_once = self.threat_today[rung] >= self.values.threat_threshold
            return self.believed_chance(side, rung) * (rung / 9) ** power if comes_at_once else 0.0
        odds = self.crisis.peak_odds[rung]
        return sum(odds[k] * self.believed_chance(side, k) * (k / 9) ** power for k in RUNGS)

    # -- what it means for the governments ----------------------------------------------------------------------------

    def backs(self, own: Government) -> bool:
        return own.side == self.protege

    def shadow_on(self, own: Government, rung: int) -> float:
        """S_s(j): the fear of the enemy's ally."""
        if self.backs(own):
            return 0.0
        weight = self.alliance.shadow_weight * self.crisis.venue.fear()
        return weight * self.expected(own.side, rung, self.alliance.shadow_power)

    def help_for(self, own: Government, rung: int) -> float:
        """Force that the protege counts on."""
        if not self.backs(own):
            return 0.0
        return self.values.moral_hazard * self.values.base_support * self.expected(own.side, rung, 0.0)

    def material_share(self, own: Government) -> float:
        given = self.backs(own) and self.support >= MATERIAL
        return self.values.material_share * self.values.base_support if given else 0.0

    def direct_force(self, own: Government) -> float:
        return self.values.base_support if self.backs(own) and self.support == DIRECT else 0.0

    def emboldening(self, own: Government) -> float:
        return self.values.emboldening * self.support if self.backs(own) else 0.0

    def restraint(self, own: Government) -> float:
        return self.values.restraint if self.backs(own) else 0.0

    def attack_price(self, own: Government) -> float:
        return 0.0 if self.backs(own) else self.values.protection

    def relief(self, side: str) -> float:
        return self.values.relief if side == self.protege else 0.0

    # -- what it does -------------------------------------------------------------------------------------------------

    def act(self) -> None:
        """One step of support, or none, while there is fighting."""
        values = self.values
        enemy = self.crisis.governments[OTHER[self.protege]]
        ease = {NONE: values.rhetorical_ease, RHETORICAL: values.material_ease}.get(self.support, 0.0)
        pace = values.word_pace if self.support == NONE else values.deed_pace
        chance = pace * values.consensus * logistic(self.log_odds[enemy.fought] + ease)
        fighting = self.crisis.highest_fought() >= HOT
        willing = self.crisis.luck.uniform(Stream.ALLY, self.slot) < chance
        if fighting and willing and self.support < values.most_support:
            self.support += 1
