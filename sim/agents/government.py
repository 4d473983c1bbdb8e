"""A government: it perceives, weighs, chooses, and answers for it at home."""

from __future__ import annotations

import numpy as np

from sim import world
from sim.agents.base import LaneAgent
from sim.agents.beliefs import Beliefs
from sim.agents.utility import OptionUtilities, scales_of
from sim.engine.elementwise import exp
from sim.engine.streams import Stream, common_slot
from sim.kernels.beliefs import believe_force
from sim.kernels.leadership import (
    Oratory,
    Tenure,
    Wear,
    draw_falls,
    heat_of_words,
    wear_out,
    weigh_approval,
    weigh_protest,
)
from sim.kernels.offers import Descent, value_settling
from sim.kernels.options import chance_of_less, choose_rung, discounted_days, list_reach
from sim.ladder import DEPLOYED, HOT, OFFENSIVE, RUNGS, SETTLED, SIDES, pick

FULL_WAR = RUNGS - 1


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
        self.commitment = np.maximum(self.values.commitment_start, self.values.posture_commitment * self.rung)
        self.rhetoric = np.zeros(lanes)
        self.fatigue, self.readiness = np.zeros(lanes), np.zeros(lanes)
        self.stock, self.hopeless_days = np.zeros(lanes), np.zeros(lanes)
        self.operating, self.reconsiders, self.lapses, self.decides, self.weighs_all, self.weighs = (
            np.zeros(lanes, bool) for _ in range(6)
        )
        self.operations, self.renewals = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        self.deaths, self.civilian_deaths = np.zeros(lanes, np.int64), np.zeros(lanes, np.int64)
        self.leader_falls = np.zeros(lanes, np.int64)
        self.reach = np.array([1, 2, RUNGS])[self.values.action_set.astype(np.int64)]
        self.reachable = np.zeros((lanes, RUNGS), bool)
        self.planning_weight, self.mean_wait = np.empty(lanes), np.empty(lanes)
        discounted_days(self.values.discount, self.values.planning_days, self.planning_weight, self.mean_wait)
        self.scales = scales_of(self)
        self._oratory, self._tenure, self._wear = (
            record(*(getattr(self.values, name) for name in record._fields)) for record in (Oratory, Tenure, Wear)
        )
        self.beliefs = Beliefs(self)
        self.weighed = OptionUtilities(self)
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
        self.value_of_standing: np.ndarray
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
        self.hoped_force, self.shadow = self.actual_force.copy(), np.zeros_like(self.own_force)
        for ally in self._friends:
            ally.add_help(self, self.hoped_force)
        for ally in self._foes:
            ally.add_shadow(self, self.shadow)
        self.believed_enemy_force = np.empty_like(self.own_force)
        believe_force(self.enemy.actual_force, self.beliefs.force_error, self.believed_enemy_force)
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
    def domestic_weight(self) -> np.ndarray:
        """Weight of approval today, shape (lanes,): it grows with approval lacking where the leader is insecure."""
        values, weight = self.values, np.empty(self.model.lanes)
        weigh_approval(values.domestic_weight, values.insecurity, values.approval_needed, self.public.approval, weight)
        return weight

    @property
    def pressure(self) -> np.ndarray:
        """Weight of what protesters think of an option, beside the public, shape (lanes,)."""
        values, weight = self.values, np.empty(self.model.lanes)
        weigh_protest(
            values.protest_pressure, values.protest_reference, values.protest_ceiling, self.public.protest, weight
        )
        return weight

    @property
    def hope(self) -> np.ndarray:
        """What is left of what fighting is hoped to win, 0 to 1, shape (lanes,)."""
        return exp(-self.values.hope_rate * self.hopeless_days)

    # -- what it chooses ----------------------------------------------------------------------------------------------

    def draw_decision(self) -> None:
        """Draw whether policy is reconsidered today, and whether an operation has culminated.

        Sets ``reconsiders`` by the decision clock, ``lapses`` by the rates of operations, and ``decides`` where either
        holds; ``weighs_all`` where all options are weighed (also on day 0) and ``weighs`` where anything is (also where
        an offer has to be judged), bool (lanes,) each; and ``reachable`` (lanes, rungs), which is today's rung alone
        where nothing else is weighed. Both draws are made before citizens weigh anything.
        """
        crisis, today = self.model, self.model.today
        begun = crisis.day > 0
        self.reconsiders = (today.first(Stream.CLOCK, self.luck_slot) < self._clock()) & begun
        self.lapses = (today.first(Stream.LAPSE, self.luck_slot) < self._lapse_rate()) & begun
        self.decides = self.reconsiders | self.lapses
        self.weighs_all = self.decides | (not begun or crisis.weighs_daily)
        self.weighs = self.weighs_all | crisis.talks.direct | crisis.talks.mediated
        list_reach(self.rung, self.reach, self.lapses, self.weighs_all, self.reachable)

    def _clock(self) -> np.ndarray:
        crisis = self.model.highest_stance >= DEPLOYED
        return np.where(crisis, self.values.clock_crisis, self.values.clock_calm)

    def _lapse_rate(self) -> np.ndarray:
        """Chance that an operation culminates today, shape (lanes,)."""
        operations, rung = self.model.values.dyad.operations, self.rung
        rate = np.where(
            rung == FULL_WAR,
            operations.lapse_rate_9,
            np.where(rung == OFFENSIVE, operations.lapse_rate_8, operations.lapse_rate_middle),
        )
        return np.where(rung >= operations.from_rung, rate, 0.0)

    def choose(self) -> None:
        """Weigh every rung within reach, and settle on one where policy is decided today."""
        public, values = self.public, self.values
        self.weighed.weigh(self.weighs, self.reachable, public.support)
        self.value_of_standing = pick(self.weighed.standing, self.rung)
        self.intent = self.preferred_rung(self.decides)
        chance_of_less(
            self.weighed.worth,
            values.rationality,
            self.weighed.domestic_weight,
            self.decides if self.model.day > 0 else self.weighs_all,
            public.support,
            self.rung,
            self.readiness,
        )

    def preferred_rung(self, decides: np.ndarray) -> np.ndarray:
        """The rung that quantal response settles on today where something is decided, else policy, shape (lanes,)."""
        best = self.rung.copy()
        uniforms = self.model.today.uniform(Stream.CHOICE, self.luck_slot)
        choose_rung(self.weighed.worth, self.values.rationality, decides, uniforms, best)
        return best

    @property
    def terms(self) -> dict[str, np.ndarray]:
        """What was weighed today, by name and rung, (lanes, rungs) each; zero where nothing was."""
        return {name: np.where(self.reachable, term, 0.0) for name, term in self.weighed.items()}

    @property
    def utility(self) -> np.ndarray:
        """Today's utility by rung, (lanes, rungs); zero where nothing was weighed."""
        return np.where(self.reachable, self.weighed.worth, 0.0)

    def value_of_settling(self, support: np.ndarray, tried: np.ndarray | None = None) -> np.ndarray:
        """Gain in utility a day from both sides standing at rung 2 at most, given the public's support, (lanes,).

        The cost of coming down is paid once; ``talks.descent_window`` says how far it is spread over the discounted
        planning window, as what an agreement is worth is counted by the day. Lanes where it is not ``tried`` are 0.
        """
        gain = np.zeros(self.model.lanes)
        descent = Descent(
            self.rung,
            self.lapses,
            self.weighed.settled,
            self.value_of_standing,
            self.weighed.domestic_weight,
            self.values.step_down,
            self.planning_weight,
            self.model.values.talks.descent_window,
        )
        tried = np.ones(self.model.lanes, bool) if tried is None else tried
        value_settling(tried, descent, self.public.support, support, gain)
        return gain

    def set_policy(self) -> None:
        """Let the choice, or an agreement concluded today, become policy."""
        rung = np.where(self.model.agreement.signed_today, np.minimum(self.intent, SETTLED), self.intent)
        rose = (rung >= HOT) & (self.rung < HOT) & (self.enemy.fought < HOT)
        self.culpable = np.where(rung < HOT, 0.0, np.where(rose, 1.0, self.culpable))
        self.new_rung = rung

    def enact_rung(self) -> None:
        """Move to the new rung; kept apart from :meth:`set_policy` so that both sides judge the same yesterday.

        An operation begins where policy comes to its lowest rung, or stands there on day 0; one that lapsed and still
        goes on has been renewed.
        """
        self.step = self.new_rung - self.rung
        self.rung = self.new_rung
        operating = self.rung >= self.model.values.dyad.operations.from_rung
        self.operations = self.operations + (operating & ~self.operating)
        self.renewals = self.renewals + (operating & self.lapses)
        self.operating = operating
        model = self.model
        ordered = np.maximum(model.lulls.fought_out(self.rung), model.return_fire.level[self.side])
        self.fought = np.maximum(ordered, model.incidents.level[self.side])

    # -- what it answers for ------------------------------------------------------------------------------------------

    def update_commitment(self) -> None:
        """Commitment follows deeds and words and fades slowly."""
        values = self.values
        faded = (1 - values.commitment_decay) * self.commitment
        posture, words = values.posture_commitment * self.rung, 9 * values.rhetoric_commitment * self.rhetoric
        self.commitment = np.maximum(np.maximum(faded, posture), words)

    def update_rhetoric(self) -> None:
        """Rhetoric rises with the public's mood, the street and the rung, and falls with discipline."""
        self.rhetoric = np.empty(self.model.lanes)
        heat_of_words(self._oratory, self.public.attitude, self.public.protest, self.rung, self.rhetoric)

    def update_beliefs(self) -> None:
        """Update trust and beliefs about force and about how the enemy answers."""
        combat = self.model.combat
        fought = (self.fought >= HOT) | (self.enemy.fought >= HOT)
        self.beliefs.learn_force(combat.surprise(self.side), fought)
        self.beliefs.learn_answer()
        self.beliefs.update_trust()

    def update_fatigue(self) -> None:
        """Exhaustion grows with force used, stocks run down with fire; both recover at rest."""
        self.fatigue, self.stock = self.fatigue.copy(), self.stock.copy()
        wear_out(self._wear, self.fought, self.fatigue, self.stock)

    def update_hope(self) -> None:
        """Days of operation without ground gained: counted, begun anew when ground is gained, slowly forgotten."""
        forgotten = self.hopeless_days * (1 - self.values.hope_recovery)
        days = np.where(self.operating, self.hopeless_days + 1, forgotten)
        self.hopeless_days = np.where(self.model.territory.gained_today(self.side), 0.0, days)

    def draw_leader_removal(self) -> None:
        """The leader may fall; a successor inherits part of the commitment and brings a resolve of their own."""
        public, today, falls = self.public, self.model.today, np.empty(self.model.lanes, bool)
        draw_falls(
            self._tenure,
            public.approval,
            public.protest,
            self.model.territory.lost_by(self.side),
            today.first(Stream.FALL, self.luck_slot),
            falls,
        )
        if falls.any():
            self._replace_leader(falls)

    def _replace_leader(self, falls: np.ndarray) -> None:
        self.leader_falls = self.leader_falls + falls
        self.commitment = np.where(falls, self.values.successor_commitment * self.commitment, self.commitment)
        successor = self._drawn_resolve(self.model.today.normal(Stream.SUCCESSOR, self.luck_slot))
        self.own_resolve = np.where(falls, successor, self.own_resolve)
        self.culpable = np.where(falls, 0.0, self.culpable)
        self.public.grant_fresh_start(falls)
