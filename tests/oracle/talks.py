"""Mediators, the table at which offers are made, and the agreement that may come of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import mesa

from sim.engine.streams import Stream
from tests.oracle.plain import ARTILLERY, DEPLOYED, HOT, above_zero, clip, logistic

if TYPE_CHECKING:
    from tests.oracle.government import Government
    from tests.oracle.model import OracleCrisis

DIRECT, MEDIATED, IMPOSED = "direct", "mediated", "imposed"


class Mediator(mesa.Agent):
    """A third party with its levers and its standing."""

    def __init__(self, crisis: OracleCrisis, slot: int) -> None:
        super().__init__(crisis)
        self.crisis, self.slot = crisis, slot
        mediation = crisis.world.mediation
        self.values = (mediation, mediation.second, mediation.third)[slot]
        self.standing = 1.0
        self.first_active_day: int | None = None
        self.active = self.attempting = False

    def approach(self) -> None:
        """Active from its delay and its trigger on, while the mission lasts; attempts with its effort."""
        crisis, values = self.crisis, self.values
        called = crisis.day >= values.delay and crisis.highest_fought_so_far >= values.severity_trigger
        if called and self.first_active_day is None:
            self.first_active_day = crisis.day
        self.active = self.first_active_day is not None and crisis.day - self.first_active_day < values.mission
        wanted = crisis.highest_stance_yesterday >= DEPLOYED and not crisis.agreement.in_force
        tries = crisis.luck.uniforms(Stream.ATTEMPT)[1 + self.slot] < values.effort
        self.attempting = self.active and wanted and tries

    def account(self) -> None:
        """A failed attempt spends standing, which comes back slowly."""
        if self.attempting and not self.crisis.agreement.mediated_today:
            self.standing *= 1 - self.values.failure_cost
        self.standing += self.values.recovery * (1 - self.standing)


class Talks:
    """Direct talks and mediation: who tries, what is offered, whether both accept."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis, self.values = crisis, crisis.world.talks
        self.first_attempt_day: int | None = None
        self.attempts = {DIRECT: False, MEDIATED: False}
        self.secrecy = {DIRECT: self.values.secrecy, MEDIATED: 0.0}
        self.leaked = {DIRECT: False, MEDIATED: False}
        self.offer_cover = self.facilitation = self.verification = 0.0

    def at_work(self) -> list[Mediator]:
        return [mediator for mediator in self.crisis.mediators if mediator.active]

    def trying(self) -> list[Mediator]:
        return [mediator for mediator in self.crisis.mediators if mediator.attempting]

    # -- the table ----------------------------------------------------------------------------------------------------

    def open(self) -> None:
        """Today's attempts, what mediators bring by their presence, and the cover of their offer."""
        crisis, values = self.crisis, self.values
        trust = (crisis.governments["a"].trust() + crisis.governments["b"].trust()) / 2
        wanted = crisis.highest_stance_yesterday >= DEPLOYED and not crisis.agreement.in_force
        ready = values.rate_floor + (1 - values.rate_floor) * trust
        called = crisis.luck.uniforms(Stream.ATTEMPT)[0] < values.rate * ready
        self.attempts = {DIRECT: values.present == 1 and wanted and called, MEDIATED: bool(self.trying())}
        if self.attempts[MEDIATED] and self.first_attempt_day is None:
            self.first_attempt_day = crisis.day
        self.secrecy[MEDIATED] = min((m.values.secrecy for m in self.trying()), default=0.0)
        direct, mediated = crisis.luck.uniforms(Stream.LEAK)[:2]
        self.leaked = {
            DIRECT: direct < values.leak * self.secrecy[DIRECT],
            MEDIATED: mediated < values.leak * self.secrecy[MEDIATED],
        }
        if self.leaked[MEDIATED]:
            self.secrecy[MEDIATED] = 0.0
        self.facilitation = min(self.coordinated(m.values.facilitation for m in self.at_work()), 1.0)
        found = max((m.values.verification for m in self.at_work()), default=0.0)
        self.verification = max(found, crisis.agreement.verification)
        text = values.text_cover * (1 - self.joint(lambda m: m.values.formulation * m.standing))
        cover = self.joint(lambda m: m.values.cover * m.standing) * (1 - text)
        self.offer_cover = 0.0 if self.leaked[MEDIATED] else cover

    def joint(self, lever: Callable[[Mediator], float]) -> float:
        """The most that any of those who try can bring."""
        return max((lever(mediator) for mediator in self.trying()), default=0.0)

    def coordinated(self, amounts) -> float:
        """The greatest, and what coordination adds of the others."""
        many = [0.0, *amounts]
        return max(many) + self.crisis.world.mediation.coordination * (sum(many) - max(many))

    def leverage(self) -> float:
        """Carrots and sticks in play today."""
        return self.coordinated(m.values.leverage * m.values.manipulation * m.standing for m in self.trying())

    def leaning(self, own: Government, mediators: list[Mediator]) -> float:
        """Mean bias towards a side, positive where mediators lean to it."""
        if not mediators:
            return 0.0
        towards_b = sum(mediator.values.bias for mediator in mediators) / len(mediators)
        return towards_b if own.side == "b" else -towards_b

    def credibility(self, own: Government) -> float:
        """How much a side believes what mediators say of the other."""
        return clip(0.5 + self.values.credibility * self.leaning(own, self.at_work()), 0.0, 1.0)

    # -- the answer ---------------------------------------------------------------------------------------------------

    def conclude(self) -> None:
        """Both must accept; a mediated offer goes before a direct one."""
        accepted = [
            channel
            for channel in (MEDIATED, DIRECT)
            if self.attempts[channel] and all(self.accepts(own, channel) for own in self.crisis.governments.values())
        ]
        self.crisis.agreement.sign(accepted[0] if accepted else None)

    def accepts(self, own: Government, channel: str) -> bool:
        """P(accept) = logistic(lambda_a (W + w0))."""
        chance = logistic(self.values.slope * (self.worth(own, channel) + self.values.threshold))
        return self.crisis.luck.uniforms(Stream.ACCEPTANCE, own.slot)[0 if channel == DIRECT else 1] < chance

    def worth(self, own: Government, channel: str) -> float:
        """W_s: equation (12). Direct talks have no third party's levers."""
        values, public = self.values, own.public
        ripe = values.ripeness * min(own.fatigue, own.enemy.fatigue)
        seen = self.seen_to_ask(own, channel)
        framed = public.framed_weakness()
        if channel == DIRECT:
            distrust = values.distrust * (1 - own.trust())
            asking = values.asking * framed if seen else 0.0
            return own.value_of_settling(public.backing_of_direct_talks) + ripe - distrust - asking
        asking = values.asking * framed * (1 - self.offer_cover) if seen else 0.0
        distrust = (
            values.distrust
            * (1 - own.trust())
            * (1 - self.verification)
            * (1 - values.trust_relief * self.facilitation)
        )
        backlash = self.joint(lambda m: m.values.backlash) * above_zero(public.attitude) * (1 - self.secrecy[MEDIATED])
        text = values.form * self.joint(lambda m: m.values.formulation * m.standing)
        unfair = values.unfairness * above_zero(-self.leaning(own, self.trying()))
        rivals = above_zero(len(self.trying()) - 1) * (1 - self.crisis.world.mediation.coordination)
        return (
            own.value_of_settling(public.backing_of_offer)
            + self.leverage() * (1 - backlash)
            - distrust
            + text
            - unfair
            + ripe
            - asking
            - values.shopping * rivals
        )

    def seen_to_ask(self, own: Government, channel: str) -> bool:
        """Who asked is drawn, and whether it shows; leaks show it in any case."""
        draws = self.crisis.luck.uniforms(Stream.ASKING)
        asker, shows = draws[:2] if channel == DIRECT else draws[2:]
        asked = own.slot == (1 if asker >= 0.5 else 0)
        return asked and (shows >= self.secrecy[channel] or self.leaked[channel])


class Agreement:
    """What is in force between the sides, if anything."""

    def __init__(self, crisis: OracleCrisis) -> None:
        self.crisis = crisis
        self.number = self.collapses = 0
        self.settled_loss = 0.0
        self.first_day: int | None = None
        self.first_kind = ""
        self.signed_today = self.mediated_today = False
        self.forget()

    def forget(self) -> None:
        """Nothing is in force."""
        self.kind: str | None = None
        self.age = self.violated_days = 0
        self.cover = self.enforcement = self.verification = self.leverage = 0.0
        self.half_life = 1.0

    @property
    def in_force(self) -> bool:
        return self.kind is not None

    def price_of_breaking(self) -> float:
        """E_s: the guarantee, and what is left of leverage."""
        if not self.in_force:
            return 0.0
        values = self.crisis.world.talks
        return (
            values.given_word + values.breaking * self.enforcement + self.leverage * 0.5 ** (self.age / self.half_life)
        )

    def sign(self, reached: str | None) -> None:
        """What talks reached; a settlement is imposed where a side that still fights has lost enough."""
        crisis, talks = self.crisis, self.crisis.talks
        territory = crisis.world.dyad.territory
        lost = abs(crisis.territory.gain) - self.settled_loss >= territory.settlement
        imposed = lost and self.kind != IMPOSED and crisis.highest_fought_yesterday >= HOT
        kind = IMPOSED if imposed else reached
        if imposed:
            self.settled_loss = abs(crisis.territory.gain)
        self.signed_today, self.mediated_today = kind is not None, kind == MEDIATED
        if kind is None:
            return
        self.forget()
        self.kind = kind
        if kind == IMPOSED:
            self.enforcement = territory.imposed_enforcement
            return
        if kind == MEDIATED:
            self.cover = talks.offer_cover * crisis.world.talks.settlement_cover
            self.enforcement = talks.joint(lambda m: m.values.enforcement)
            self.verification = talks.joint(lambda m: m.values.verification)
            self.leverage = talks.leverage()
            self.half_life = talks.joint(lambda m: m.values.leverage_half_life)
        self.number += 1
        if self.first_day is None:
            self.first_day, self.first_kind = crisis.day, kind

    def keep_books(self) -> None:
        """A day older; over after too many days in a row of force as policy, or of artillery whoever ordered it."""
        if not self.in_force:
            return
        policy = max(own.rung for own in self.crisis.governments.values())
        violated = policy >= HOT or self.crisis.highest_fought() >= ARTILLERY
        self.violated_days = self.violated_days + 1 if violated and not self.signed_today else 0
        self.age += 1
        if self.violated_days >= self.crisis.world.talks.violation_days:
            self.collapses += self.kind != IMPOSED
            self.forget()
