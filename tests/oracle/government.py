"""A government: what it sees, what it chooses, and what it answers for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import mesa

from sim.engine.streams import Stream
from sim.ladder import LADDER
from tests.oracle.beliefs import Beliefs
from tests.oracle.plain import (
    ARTILLERY,
    DEPLOYED,
    HOT,
    OFFENSIVE,
    QUIET_RUNG,
    RUNGS,
    SETTLED,
    WAR,
    above_zero,
    logistic,
    reach,
)
from tests.oracle.utility import discounts, moving_cost, standing_utility

if TYPE_CHECKING:
    from tests.oracle.model import OracleCrisis
    from tests.oracle.public import Public


class Government(mesa.Agent):
    """One side's leadership."""

    enemy: Government
    public: Public

    def __init__(self, crisis: OracleCrisis, side: str) -> None:
        super().__init__(crisis)
        self.crisis, self.side = crisis, side
        self.values = getattr(crisis.world.government, side)
        self.slot = self.values.luck_slot
        self.start()
        self.own_resolve = self.drawn_resolve(crisis.luck_before.normals_before(Stream.RESOLVE, self.slot)[0])
        self.beliefs = Beliefs(self)
        self.commitment = max(self.values.commitment_start, self.values.posture_commitment * self.rung)
        self.rhetoric = self.fatigue = self.stock = self.hopeless_days = self.readiness = 0.0
        self.operations = self.renewals = 0
        self.deaths = self.civilian_deaths = self.leader_falls = 0

    def start(self) -> None:
        """The opening: where the sides stand, and whether one of them began it as policy."""
        dyad = self.crisis.world.dyad
        endorsed = dyad.trigger_side in (self.side, "both") and dyad.trigger_endorsed == 1
        policy = dyad.trigger_rung if endorsed else 0
        self.rung = max(getattr(dyad, f"start_rung_{self.side}"), policy)
        self.culpable = policy >= HOT and dyad.trigger_side != "both"
        self.fought, self.intent, self.step = self.rung, self.rung, 0
        self.days_since_fire, self.has_fired = 0, False

    def drawn_resolve(self, normal: float) -> float:
        spread = math.exp(self.values.resolve_sd * normal)
        return self.values.resolve * spread * self.crisis.venue.stake(self.side)

    # -- what it sees -------------------------------------------------------------------------------------------------

    def perceive(self) -> None:
        """Today's view of the enemy and of all allies, from yesterday's world."""
        allies = self.crisis.allies
        self.beliefs.perceive()
        force = [self.force_with_support(rung) for rung in RUNGS]
        self.force_today = force
        self.hoped_force = [force[j] + sum(ally.help_for(self, j) for ally in allies) for j in RUNGS]
        error = math.exp(self.beliefs.force_error)
        self.believed_enemy_force = [self.enemy.force_with_support(rung) * error for rung in RUNGS]
        self.shadow = [sum(ally.shadow_on(self, rung) for ally in allies) for rung in RUNGS]
        self.resolve = self.own_resolve * (1 + sum(ally.emboldening(self) for ally in allies))
        self.restraint = sum(ally.restraint(self) for ally in allies)
        self.attack_price = sum(ally.attack_price(self) for ally in allies)

    def force_with_support(self, rung: int) -> float:
        """B-tilde: own force, multiplied by material support, with direct entry added."""
        factor = 1 + sum(ally.material_share(self) for ally in self.crisis.allies)
        entry = sum(ally.direct_force(self) for ally in self.crisis.allies)
        return self.crisis.venue.force(self.side, rung) * factor + entry

    def actual_force(self, rung: int) -> float:
        """Force at a rung, with the help that allies give today."""
        return self.force_today[rung]

    def trust(self) -> float:
        """Trust that the enemy reciprocates."""
        return self.beliefs.trust

    def street(self) -> float:
        """P as far as it counts."""
        return min(self.public.protest, self.values.protest_ceiling)

    def domestic_weight(self) -> float:
        """omega(t) = omega0 [1 + kappa_ins (A* - A)+]."""
        values = self.values
        lacking = values.insecurity * above_zero(values.approval_needed - self.public.approval)
        return above_zero(values.domestic_weight * (1 + lacking))

    def hope(self) -> float:
        """exp(-n / tau_h), n the days of fighting without ground gained."""
        return math.exp(-self.values.hope_rate * self.hopeless_days)

    # -- what it chooses ----------------------------------------------------------------------------------------------

    def draw_decision(self) -> None:
        """Whether policy is decided today, by the clock or because an operation has culminated; among which rungs."""
        crisis, luck = self.crisis, self.crisis.luck
        self.reconsiders = crisis.day > 0 and luck.uniform(Stream.CLOCK, self.slot) < self.clock()
        self.lapses = crisis.day > 0 and luck.uniform(Stream.LAPSE, self.slot) < self.lapse_rate()
        self.decides = self.reconsiders or self.lapses
        self.is_asked = crisis.day == 0 or self.decides or any(crisis.talks.attempts.values())
        self.options = [j for j in RUNGS if self.may_choose(j)]

    def clock(self) -> float:
        """Chance of reconsidering policy today."""
        crisis = self.crisis.highest_stance_yesterday >= DEPLOYED
        return self.values.clock_crisis if crisis else self.values.clock_calm

    def lapse_rate(self) -> float:
        """Chance that an operation culminates today, by the rung it stands at."""
        values = self.crisis.world.dyad.operations
        if not self.in_operation():
            return 0.0
        return {WAR: values.lapse_rate_9, OFFENSIVE: values.lapse_rate_8}.get(self.rung, values.lapse_rate_middle)

    def in_operation(self) -> bool:
        """Whether policy stands at or above the lowest rung of an operation."""
        return self.rung >= self.crisis.world.dyad.operations.from_rung

    def may_choose(self, rung: int) -> bool:
        """Rungs within reach; rungs 1 to 5 as well where an operation has culminated."""
        within_reach = abs(rung - self.rung) <= reach(self.values.action_set)
        return within_reach or (self.lapses and QUIET_RUNG <= rung <= ARTILLERY)

    def choose(self) -> None:
        """Quantal response over the rungs that may be chosen, if policy is decided today."""
        beliefs, backing = self.beliefs, self.public.backing_of
        self.standing = {
            j: standing_utility(self, j, beliefs.rung, beliefs.expected_answer(j), backing[j] - backing[self.rung])
            for j in self.options
        }
        self.utility = {j: self.standing[j] - moving_cost(self, j) for j in self.options}
        self.intent = self.best_of(self.options) if self.decides else self.rung
        if self.decides or self.crisis.day == 0:
            self.readiness = self.readiness_under_cover(self.options)

    def best_of(self, options: list[int]) -> int:
        noise = self.crisis.luck.gumbels(Stream.CHOICE, self.slot)
        return max(options, key=lambda j: self.values.rationality * self.utility[j] + noise[j])

    def readiness_under_cover(self, options: list[int]) -> float:
        """Probability of stepping down if honour were fully covered."""
        public, here = self.public, self.rung
        weight = {}
        for j in options:
            exposed = public.backing_of[j] - public.backing_of[here]
            covered = public.covered_backing_of[j] - public.covered_backing_of[here]
            weight[j] = self.values.rationality * (self.utility[j] + self.domestic_weight() * (covered - exposed))
        highest = max(weight.values())
        odds = {j: math.exp(value - highest) for j, value in weight.items()}
        return sum(odds[j] for j in options if j < here) / sum(odds.values())

    def value_of_settling(self, backing: float) -> float:
        """U(2; enemy at 2) - U(e) a day, less the way down, paid once or spread over the planning window.

        A side that stands below rung 2 stays where it is.
        """
        gain = backing - self.public.backing_of[self.rung]
        settled = standing_utility(self, min(self.rung, SETTLED), SETTLED, SETTLED, gain)
        here = min(self.rung, DEPLOYED) if self.lapses else self.rung
        descent = self.values.step_down * above_zero(here - SETTLED)
        descent /= sum(discounts(self)) ** self.crisis.world.talks.descent_window
        return settled - self.standing[self.rung] - descent

    def decide(self) -> None:
        """What becomes policy: the choice, or what was agreed today."""
        signed = self.crisis.agreement.signed_today
        self.new_rung = min(self.intent, SETTLED) if signed else self.intent
        if self.new_rung < HOT:
            self.culpable = False
        elif self.rung < HOT and self.enemy.fought < HOT:
            self.culpable = True

    def answer_in_kind(self) -> None:
        """Whoever was fired at and never fired may fire back within days, unless an agreement is in force."""
        if self.crisis.day > 0 and (self.days_since_fire > 0 or self.enemy.fought >= HOT):
            self.days_since_fire += 1
        self.has_fired = self.has_fired or self.fought >= HOT
        drawn = self.crisis.luck.uniform(Stream.ANSWER, self.slot) < self.values.answer_in_kind
        owed = 0 < self.days_since_fire <= self.values.answer_days and not self.has_fired
        self.answer = HOT if drawn and owed and not self.crisis.agreement.in_force else 0

    def stand(self) -> None:
        """Move to it; what is fought is the highest of policy, short of a lull, answer and incident."""
        continues = self.crisis.day > 0 and self.in_operation()
        self.step = self.new_rung - self.rung
        self.rung = self.new_rung
        self.operations += self.in_operation() and not continues
        self.renewals += self.in_operation() and self.lapses
        policy = min(self.rung, SETTLED) if self.crisis.lulls.quiet else self.rung
        self.fought = max(policy, self.answer, self.crisis.incidents.level[self.side])

    # -- what it answers for ------------------------------------------------------------------------------------------

    def commit(self) -> None:
        """kappa = max((1 - delta) kappa, w_p e, 9 w rhetoric)."""
        values = self.values
        faded = (1 - values.commitment_decay) * self.commitment
        said = 9 * values.rhetoric_commitment * self.rhetoric
        self.commitment = max(faded, values.posture_commitment * self.rung, said)

    def speak(self) -> None:
        """Rhetoric rises with the mood, the street and the rung."""
        values, public = self.values, self.public
        heat = (
            values.rhetoric_base
            + values.rhetoric_attitude * public.attitude
            + values.rhetoric_protest * public.protest
            + values.rhetoric_rung * self.rung / 9
        )
        self.rhetoric = (1 - values.rhetoric_discipline) * logistic(heat)

    def tire(self) -> None:
        """F += up f (1 - F) - down F (1 - f)."""
        force, values = LADDER[self.fought].force, self.values
        self.fatigue += values.fatigue_gain * force * (1 - self.fatigue) - values.fatigue_recovery * self.fatigue * (
            1 - force
        )

    def use_up_stocks(self) -> None:
        """Stocks run down by fire as fatigue grows by force, at a pace of their own."""
        force, values = LADDER[self.fought].force if self.fought >= HOT else 0.0, self.values
        self.stock += values.stock_gain * force * (1 - self.stock) - values.stock_recovery * self.stock * (1 - force)

    def lose_hope(self) -> None:
        """n: one day more of an operation without ground gained; forgotten by and by where there is no operation."""
        if self.crisis.territory.gained_today(self.side):
            self.hopeless_days = 0.0
        elif self.in_operation():
            self.hopeless_days += 1
        else:
            self.hopeless_days *= 1 - self.values.hope_recovery

    def learn(self) -> None:
        self.beliefs.learn()

    def face_removal(self) -> None:
        """The leader may fall; a successor is less bound, brings a resolve of their own and is granted a start."""
        values, public, luck = self.values, self.public, self.crisis.luck
        exponent = (
            values.fall_by_approval * (0.5 - public.approval)
            + values.fall_by_protest * self.street()
            + values.fall_by_loss * self.crisis.territory.lost_by(self.side)
        )
        hazard = 1 - math.exp(-values.fall_hazard * values.vulnerability * math.exp(min(exponent, 50)))
        if luck.uniform(Stream.FALL, self.slot) < hazard:
            self.leader_falls += 1
            self.commitment *= values.successor_commitment
            self.own_resolve = self.drawn_resolve(luck.normal(Stream.SUCCESSOR, self.slot))
            self.culpable = False
            public.welcome_leader()
