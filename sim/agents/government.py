"""A government: it perceives, weighs, chooses, and answers for it at home."""

from __future__ import annotations

import numpy as np

from sim import world
from sim.agents.base import LaneAgent
from sim.agents.beliefs import Beliefs
from sim.agents.utility import OptionUtilities, scales_of
from sim.engine.elementwise import exp, expm1, logistic, power
from sim.engine.streams import Stream, common_slot
from sim.kernels.options import best_option, chance_of_less, discounted_days
from sim.ladder import DEPLOYED, FORCE, HOT, INDEX, RUNGS, SETTLED, SIDES, by_rung, pick
from sim.scenario import option_number

STEPS = np.arange(-2, 3)
"""Steps that a decision can take, unless it may jump to any rung."""
ANY_RUNG = option_number("government.a.action_set", "any")


class Government(LaneAgent):
    """One side's leadership. All state has shape (lanes,) unless said otherwise.

    ``rung`` is policy, ``fought`` what was fought today (policy, an answer in kind or a local incident, whichever is
    highest; policy less in a lull), ``step`` the last change of policy.
    """

    REPORTS = (
        "side",
        "rung",
        "fought",
        "step",
        "commitment",
        "rhetoric",
        "trust",
        "fatigue",
        "resolve",
        "domestic_weight",
        "deaths",
        "civilian_deaths",
        "leader_falls",
    )
    enemy: world.Government
    public: world.Public

    def __init__(self, model: world.World, side: str) -> None:
        super().__init__(model)
        self.side = side
        self.values = getattr(model.values.government, side)
        self.luck_slot = common_slot(self.values.luck_slot.astype(np.int64))
        lanes, dyad = model.lanes, model.values.dyad
        fires = (dyad.trigger_side == SIDES.index(self.side)) | (dyad.trigger_side == 2)
        policy = np.where(fires & (dyad.trigger_endorsed == 1), dyad.trigger_rung, 0)
        self.rung = np.maximum(getattr(dyad, f"start_rung_{self.side}"), policy).astype(np.int64)
        self.culpable = ((policy >= HOT) & (dyad.trigger_side != 2)).astype(float)
        self.fought, self.step, self.intent = self.rung.copy(), np.zeros(lanes, np.int64), self.rung.copy()
        self._luck_of_resolve = model.luck.normal_before(Stream.RESOLVE, self.luck_slot)
        self.own_resolve = self._drawn_resolve(self._luck_of_resolve)
        self.own_force = model.venue.force(self.side)
        self.commitment = np.maximum(self.values.commitment_start, self.rung)
        self.rhetoric = np.zeros(lanes)
        self.fatigue, self.readiness = np.zeros(lanes), np.zeros(lanes)
        self.deaths, self.civilian_deaths = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        self.leader_falls = np.zeros(lanes, np.int64)
        self.reach = np.array([1, 2, RUNGS])[self.values.action_set.astype(np.int64)]
        self._steps = np.abs(STEPS) <= self.reach[:, None]
        self.weighs_all_rungs = bool(np.any(self.values.action_set == ANY_RUNG))
        self.planning_weight, self.mean_wait = np.empty(lanes), np.empty(lanes)
        discounted_days(self.values.discount, self.values.planning_days, self.planning_weight, self.mean_wait)
        self.scales = scales_of(self)
        self.beliefs = Beliefs(self)
        # What follows is set anew on each day, or when the allies are known.
        self._friends: list[world.Ally]
        self._foes: list[world.Ally]
        self.restraint: np.ndarray
        self.attack_price: np.ndarray
        self.actual_force: np.ndarray
        self._emboldened: np.ndarray
        self.hoped_force: np.ndarray
        self.believed_enemy_force: np.ndarray
        self.shadow: np.ndarray
        self.resolve: np.ndarray
        self.options: np.ndarray
        self._on_ladder: np.ndarray
        self.reachable: np.ndarray
        self.weighed: OptionUtilities
        self.value_of_standing: np.ndarray
        self.score: np.ndarray
        self.reconsiders: np.ndarray
        self.new_rung: np.ndarray

    def _drawn_resolve(self, normal: np.ndarray) -> np.ndarray:
        return self.values.resolve * exp(self.values.resolve_sd * normal) * self.model.venue.stake(self.side)

    # -- what it knows ------------------------------------------------------------------------------------------------

    @property
    def trust(self) -> np.ndarray:
        """Trust that the enemy reciprocates, 0 to 1, (lanes,)."""
        return self.beliefs.trust

    def perceive(self) -> None:
        """Form today's view of the enemy and of what allies would do; all of it from yesterday's world."""
        self.beliefs.perceive()
        self.list_options()
        self.hoped_force = sum((ally.help_for(self) for ally in self._friends), self.actual_force)
        self.believed_enemy_force = self.enemy.actual_force * exp(self.beliefs.force_error)[:, None]
        self.shadow = sum((ally.shadow_on(self) for ally in self._foes), np.zeros_like(self.own_force))
        self.resolve = self.own_resolve * self._emboldened

    def introduce_allies(self) -> None:
        """Take note of who backs whom, which never changes, and of what they do without ever climbing."""
        self._friends = [ally for ally in self.model.allies if ally.backs[self.side].any()]
        self._foes = [ally for ally in self.model.allies if ally.backs[self.enemy.side].any()]
        nothing = np.zeros(self.model.lanes)
        self.restraint = sum((ally.restraint(self) for ally in self._friends), nothing)
        self.attack_price = sum((ally.attack_price(self) for ally in self._foes), nothing)
        self._count_in_allies()

    def update_support_received(self) -> None:
        """Take in what allies give since yesterday; nothing changes on days on which none of them climbs."""
        if any(ally.climbed for ally in self._friends):
            self._count_in_allies()

    def _count_in_allies(self) -> None:
        self.actual_force = self.force_with_support()
        self._emboldened = sum((ally.emboldening(self) for ally in self._friends), np.ones(self.model.lanes))

    def force_with_support(self) -> np.ndarray:
        """Force at each rung with the help that allies give now, shape (lanes, rungs)."""
        factor = sum((ally.material_factor(self) for ally in self._friends), np.ones(self.model.lanes))
        entry = sum((ally.direct_force(self) for ally in self._friends), np.zeros(self.model.lanes))
        return self.own_force * factor[:, None] + entry[:, None]

    @property
    def street(self) -> np.ndarray:
        """Protest as far as it counts, 0 to 1, (lanes,): beyond the ceiling a larger crowd says nothing new."""
        return np.minimum(self.public.protest, self.values.protest_ceiling)

    @property
    def domestic_weight(self) -> np.ndarray:
        """Weight of approval today, (lanes,): grows with protest and, where the leader is insecure, with lost approval."""
        values, public = self.values, self.public
        lacking = np.maximum(values.approval_needed - public.approval, 0)
        pressure = values.protest_pressure * self.street / values.protest_reference
        return np.maximum(values.domestic_weight * (1 + pressure + values.insecurity * lacking), 0)

    # -- what it chooses ----------------------------------------------------------------------------------------------

    def list_options(self) -> None:
        """Lay out what one decision can reach: ``options`` (lanes, k), and which of them exist.

        Options are the steps -2 to +2, or all rungs where a government may jump to any. Those off the ladder are
        masked out, never moved onto its edge: ``reachable`` (lanes, k) is false for them.
        """
        if self.weighs_all_rungs:
            rung = np.broadcast_to(INDEX, (self.model.lanes, RUNGS))
        else:
            rung = self.rung[:, None] + STEPS
        self.options = np.minimum(np.maximum(rung, 0), RUNGS - 1)
        self._on_ladder = rung == self.options
        within = np.abs(rung - self.rung[:, None]) <= self.reach[:, None] if self.weighs_all_rungs else self._steps
        self.reachable = self._on_ladder & within

    def at_current_rung(self, table: np.ndarray) -> np.ndarray:
        """The column of a table of options (lanes, k) that stands for staying put, shape (lanes,)."""
        return pick(table, self.rung) if self.weighs_all_rungs else table[:, len(STEPS) // 2].copy()

    def at_rung_below(self, table: np.ndarray) -> np.ndarray:
        """The column that stands for one rung less, shape (lanes,); without meaning at the foot of the ladder."""
        below = np.maximum(self.rung - 1, 0)
        return pick(table, below) if self.weighs_all_rungs else table[:, len(STEPS) // 2 - 1].copy()

    def choose(self) -> None:
        """Weigh every rung within reach and settle on one, if policy is reconsidered today at all."""
        self.weighed = OptionUtilities(self, self.options, self.public.approval_of_options)
        self.value_of_standing = self.at_current_rung(self.weighed.standing)
        self.score = np.where(self.reachable, self.values.rationality[:, None] * self.weighed.worth, -np.inf)
        self.reconsiders = (self.model.today.first(Stream.CLOCK, self.luck_slot) < self._clock()) & (self.model.day > 0)
        self.intent = np.where(self.reconsiders, self.preferred_rung(), self.rung)
        self.readiness = self._readiness_under_cover()

    def preferred_rung(self) -> np.ndarray:
        """The rung that quantal response settles on today (Gumbel noise, largest score), shape (lanes,)."""
        best = self.rung.copy()
        best_option(self.score, self.model.today.uniform(Stream.CHOICE, self.luck_slot), self.options, best)
        return best

    @property
    def terms(self) -> dict[str, np.ndarray]:
        """What was weighed today, by name and rung, (lanes, rungs) each; zero where nothing was."""
        return {name: by_rung(self.options, self._on_ladder, term) for name, term in self.weighed.items()}

    @property
    def utility(self) -> np.ndarray:
        """Today's utility by rung, (lanes, rungs); zero where nothing was weighed."""
        return by_rung(self.options, self._on_ladder, self.weighed.worth)

    @property
    def allowed(self) -> np.ndarray:
        """Which rungs one decision can reach today, bool (lanes, rungs)."""
        return by_rung(self.options, self.reachable, self.reachable)

    def _clock(self) -> np.ndarray:
        crisis = self.model.highest_stance >= DEPLOYED
        return np.where(crisis, self.values.clock_crisis, self.values.clock_calm)

    def _readiness_under_cover(self) -> np.ndarray:
        """Probability of stepping down if honour were fully covered: what a private signal is about."""
        open_, covered = self.public.approval_of_options, self.public.covered_approval_of_options
        chance = np.empty(self.model.lanes)
        weight = self.values.rationality * self.weighed.domestic_weight
        chance_of_less(
            self.score,
            weight,
            open_,
            covered,
            self.at_current_rung(open_),
            self.at_current_rung(covered),
            self.options,
            self.rung,
            chance,
        )
        return chance

    def value_of_settling(self, approval: np.ndarray) -> np.ndarray:
        """Gain in utility a day from both sides standing at rung 2 at most, given approval of that, (lanes,).

        The cost of coming down is paid once; ``talks.descent_window`` says how far it is spread over the discounted
        planning window, as what an agreement is worth is counted by the day.
        """
        gain = approval - self.at_current_rung(self.public.approval_of_options)
        descent = (
            self.values.step_down
            * np.maximum(self.rung - SETTLED, 0)
            / (power(self.planning_weight, self.model.values.talks.descent_window))
        )
        return self.weighed.settled + self.weighed.domestic_weight * gain - self.value_of_standing - descent

    def set_policy(self) -> None:
        """Let the choice, or an agreement concluded today, become policy."""
        rung = np.where(self.model.agreement.signed_today, np.minimum(self.intent, SETTLED), self.intent)
        rose = (rung >= HOT) & (self.rung < HOT) & (self.enemy.fought < HOT)
        self.culpable = np.where(rung < HOT, 0.0, np.where(rose, 1.0, self.culpable))
        self.new_rung = rung

    def enact_rung(self) -> None:
        """Move to the new rung; kept apart from :meth:`set_policy` so that both sides judge the same yesterday."""
        self.step = self.new_rung - self.rung
        self.rung = self.new_rung
        model = self.model
        ordered = np.maximum(model.lulls.fought_out(self.rung), model.return_fire.level[self.side])
        self.fought = np.maximum(ordered, model.incidents.level[self.side])

    # -- what it answers for ------------------------------------------------------------------------------------------

    def update_commitment(self) -> None:
        """Commitment follows deeds and words and fades slowly."""
        values = self.values
        faded = (1 - values.commitment_decay) * self.commitment
        self.commitment = np.maximum(np.maximum(faded, self.rung), 9 * values.rhetoric_commitment * self.rhetoric)

    def update_rhetoric(self) -> None:
        """Rhetoric rises with the public's mood, the street and the rung, and falls with discipline."""
        values, public = self.values, self.public
        heat = (
            values.rhetoric_base
            + values.rhetoric_attitude * public.attitude
            + values.rhetoric_protest * public.protest
            + values.rhetoric_rung * self.rung / 9
        )
        self.rhetoric = (1 - values.rhetoric_discipline) * logistic(heat)

    def update_beliefs(self) -> None:
        """Update trust and beliefs about force and about how the enemy answers."""
        combat = self.model.combat
        fought = (self.fought >= HOT) | (self.enemy.fought >= HOT)
        self.beliefs.learn_force(combat.surprise(self.side), fought)
        self.beliefs.learn_answer()
        self.beliefs.update_trust()

    def update_fatigue(self) -> None:
        """Exhaustion grows with force used and recovers at rest."""
        force, values = FORCE[self.fought], self.values
        self.fatigue = self.fatigue + (
            values.fatigue_gain * force * (1 - self.fatigue) - values.fatigue_recovery * self.fatigue * (1 - force)
        )

    def draw_leader_removal(self) -> None:
        """The leader may fall; a successor inherits part of the commitment and brings a resolve of their own."""
        values, public, today = self.values, self.public, self.model.today
        loss = self.model.territory.lost_by(self.side)
        exponent = (
            values.fall_by_approval * (0.5 - public.approval)
            + values.fall_by_protest * self.street
            + values.fall_by_loss * loss
        )
        hazard = -expm1(-values.fall_hazard * values.vulnerability * exp(np.minimum(exponent, 50)))
        falls = today.first(Stream.FALL, self.luck_slot) < hazard
        self.leader_falls = self.leader_falls + falls
        self.commitment = np.where(falls, values.successor_commitment * self.commitment, self.commitment)
        successor = self._drawn_resolve(today.normal(Stream.SUCCESSOR, self.luck_slot))
        self.own_resolve = np.where(falls, successor, self.own_resolve)
        self.culpable = np.where(falls, 0.0, self.culpable)
        public.grant_fresh_start(falls)
