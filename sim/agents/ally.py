"""An ally: it backs one side, may enter for it, and casts a shadow on the other side at every rung."""

from __future__ import annotations

import numpy as np

from sim.agents.base import LaneAgent
from sim.engine.elementwise import logistic, power
from sim.engine.streams import Stream, common_slot
from sim.kernels.ally_commitment import AllyCommitment, AllyParameters, Pace, draw_climb, update_commitment
from sim.kernels.beliefs import add_expected
from sim.ladder import INDEX, RUNGS, SIDES
from sim.scenario import option_number
from sim.world import Government, Support, World

SLOTS = ("first", "second", "third")
THRESHOLD_ONLY = option_number("alliance.shadow", "threshold_only")
TREATY_BORDER, TREATY_EVERYWHERE = (option_number("alliance.first.treaty", place) for place in ("border", "everywhere"))


class Ally(LaneAgent):
    """One ally. State and results have shape (lanes,) unless said otherwise; all is zero where it is not present."""

    REPORTS = ("slot", "support", "reliability")

    def __init__(self, model: World, slot: int) -> None:
        super().__init__(model)
        self.slot = slot
        self.values = getattr(model.values.alliance, SLOTS[slot])
        self.present = self.values.present
        self.backs = {"a": self.present * (self.values.protege == 0), "b": self.present * (self.values.protege == 1)}
        self.support = np.minimum(self.values.start_support, self.values.most_support).astype(np.int64) * (
            self.present == 1
        )
        self.climbed, self.entered_today = False, np.zeros(model.lanes, bool)
        self._protege = common_slot(self.values.protege.astype(np.int64))
        self.covered = self._covered()
        self._errors = {side: self._belief_error(side) for side in SIDES}
        self._parameters = self._fixed_parameters()
        self._pace = Pace(
            self.values.rhetorical_ease,
            self.values.material_ease,
            self.values.word_pace,
            self.values.deed_pace,
            self.values.consensus * self.present,
            self.values.most_support,
        )
        shape = (model.lanes, RUNGS)
        self._commitment = AllyCommitment(*(np.zeros(shape) for _ in AllyCommitment._fields))
        self.threat, self.readiness = self._commitment.threat, self._commitment.readiness
        self._circumstances = np.full((model.lanes, 3), np.nan)
        feared = model.values.alliance.shadow_weight * model.venue.fear_factor
        self._weight_of_fear = {side: self.backs[side] * feared for side in SIDES}
        self._weight_of_hope = {
            side: self.backs[side] * self.values.moral_hazard * self.values.base_support for side in SIDES
        }

    def _fixed_parameters(self) -> AllyParameters:
        values, model = self.values, self.model
        territory, alliance = model.values.dyad.territory, model.values.alliance
        reasons = (
            values.reliability
            + values.alignment_slope * power(values.alignment, values.hedging)
            + values.treaty_weight * self.covered
        )
        return AllyParameters(
            reasons,
            values.culpability,
            values.threat_slope,
            values.threat_threshold,
            values.consensus * self.present,
            self._of_protege(self._errors.get),
            self._of_enemy(self._errors.get),
            territory.coverage_threat * self.covered,
            territory.settlement,
            territory.capital,
            territory.capital_threat,
            (alliance.shadow == THRESHOLD_ONLY).astype(np.int64),
            power(INDEX / 9, alliance.shadow_power[:, None]),
            np.ascontiguousarray(model.values.peak_odds),
        )

    def _covered(self) -> np.ndarray:
        at_border = ~self.model.venue.coverage
        treaty = self.values.treaty
        return ((treaty == TREATY_EVERYWHERE) | ((treaty == TREATY_BORDER) & at_border)).astype(float)

    def _belief_error(self, side: str) -> np.ndarray:
        alliance = self.model.values.alliance
        slot = getattr(self.model.values.government, side).luck_slot.astype(np.int64)
        normal = self.model.luck.normal_before(Stream.ALLY_BELIEF, slot, tag=self.slot)
        return alliance.belief_error * (1 - getattr(alliance, f"knowledge_{side}")) * normal

    # -- how reliable it is -------------------------------------------------------------------------------------------

    def update_reliability(self) -> None:
        """Work out reliability at every rung from yesterday's world, as it is and as each side believes it to be.

        Sets ``threat`` and ``readiness`` (lanes, rungs), the log-odds of entering, were the enemy at each rung. Both
        move only with the protege's guilt and losses and with the support of tied allies, so only lanes where one of
        these has changed are worked out again. In the world of ``threshold_only`` help counts only at the rung at which
        it would come at once.
        """
        restraint = sum((tie * other.support for other, tie in self._tied()), np.zeros(self.model.lanes))
        culpable = self._of_protege(lambda side: self.model.governments[side].culpable)
        lost = self._of_protege(self.model.territory.lost_by)
        update_commitment(self._parameters, culpable, lost, restraint, self._circumstances, self._commitment)

    @property
    def reliability(self) -> np.ndarray:
        """Chance that it would enter, were the enemy at full war, 0 to 1, (lanes,)."""
        return self.values.consensus * self.present * logistic(self.readiness[:, RUNGS - 1])

    def _of_protege(self, quantity) -> np.ndarray:
        return self._by_protege(quantity, "ab")

    def _of_enemy(self, quantity) -> np.ndarray:
        return self._by_protege(quantity, "ba")

    def _by_protege(self, quantity, sides: str) -> np.ndarray:
        if isinstance(self._protege, int):
            return quantity(sides[self._protege])
        return np.where(self._protege == 0, quantity(sides[0]), quantity(sides[1]))

    def _tied(self):
        alliance = self.model.values.alliance
        for other in self.model.allies:
            if other is not self:
                low, high = sorted((self.slot, other.slot))
                yield other, getattr(alliance, f"tie_{low + 1}{high + 1}") * other.present

    # -- what it means for the governments ----------------------------------------------------------------------------

    def shadow_on(self, government: Government) -> np.ndarray:
        """What the enemy of the protege fears of this ally at each rung, in utility, shape (lanes, rungs)."""
        shadow = np.zeros((self.model.lanes, RUNGS))
        self.add_shadow(government, shadow)
        return shadow

    def add_shadow(self, government: Government, total: np.ndarray) -> None:
        """Add the same to ``total`` (lanes, rungs) in place."""
        add_expected(self._weight_of_fear[government.enemy.side], self._commitment.fear, total)

    def help_for(self, government: Government) -> np.ndarray:
        """Force that the protege counts on at each rung, shape (lanes, rungs)."""
        force = np.zeros((self.model.lanes, RUNGS))
        self.add_help(government, force)
        return force

    def add_help(self, government: Government, total: np.ndarray) -> None:
        """Add the same to ``total`` (lanes, rungs) in place."""
        add_expected(self._weight_of_hope[government.side], self._commitment.hope, total)

    def material_factor(self, government: Government) -> np.ndarray:
        """What material support adds to the factor on the protege's force, (lanes,)."""
        share = self.values.material_share * self.values.base_support
        return self.backs[government.side] * share * (self.support >= Support.MATERIAL)

    def direct_force(self, government: Government) -> np.ndarray:
        """Force added by direct entry, (lanes,)."""
        return self.backs[government.side] * self.values.base_support * (self.support == Support.DIRECT)

    def emboldening(self, government: Government) -> np.ndarray:
        """Rise of the protege's resolve, as a share, (lanes,)."""
        return self.backs[government.side] * self.values.emboldening * self.support

    def restraint(self, government: Government) -> np.ndarray:
        """Price the ally puts on its own protege's force, in utility, (lanes,)."""
        return self.backs[government.side] * self.values.restraint

    def attack_price(self, government: Government) -> np.ndarray:
        """Cost a friend of the other side puts on an attack, in utility, (lanes,)."""
        return self.backs[government.enemy.side] * self.values.protection

    def relief(self, side: str) -> np.ndarray:
        """Share of the protege's hardship that is relieved, 0 to 1, (lanes,)."""
        return self.backs[side] * self.values.relief

    # -- what it does -------------------------------------------------------------------------------------------------

    def draw_support(self) -> None:
        """Take the next step of support, or not, while there is fighting."""
        climbs = np.empty(self.model.lanes, bool)
        draw_climb(
            self._pace,
            self.support,
            self.readiness,
            self._of_protege(lambda side: self.model.governments[side].enemy.fought),
            self.model.highest_fought_today,
            self.model.today.first(Stream.ALLY, self.slot),
            climbs,
        )
        self.entered_today = climbs & (self.support == Support.MATERIAL)
        self.climbed = bool(climbs.any())
        self.support = self.support + climbs
