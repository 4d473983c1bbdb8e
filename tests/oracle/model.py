"""One crisis, day by day, in ordinary Mesa."""

from __future__ import annotations

import mesa

from sim.engine.peak_odds import SHIPPED
from sim.scenario import Scenario
from tests.oracle.ally import SLOTS, Ally
from tests.oracle.dyad import Combat, Incidents, Lulls, Territory
from tests.oracle.government import Government
from tests.oracle.luck import CrisisLuck
from tests.oracle.outcome import Diary
from tests.oracle.public import Public
from tests.oracle.reporting import Report
from tests.oracle.talks import Agreement, Mediator, Talks
from tests.oracle.venue import Venue


class OracleCrisis(mesa.Model):
    """Two governments, their citizens, allies and mediators; the model as its equations have it."""

    def __init__(
        self,
        scenario: Scenario | None = None,
        seed: int | None = 1,
        replicate: int = 0,
        citizens: int = 20,
        rng: int | None = None,
    ) -> None:
        # Mesa's batch_run hands over seed=None where it has none of its own to give.
        seed = 1 if seed is None else seed
        super().__init__(rng=seed if rng is None else rng)
        self.world, self.citizens, self.day = scenario or Scenario(), citizens, 0
        self.luck_before = CrisisLuck(seed, replicate)
        self.peak_odds = self.world.peak_odds or SHIPPED
        self.venue = Venue(self.world.dyad)
        self.governments = {side: Government(self, side) for side in "ab"}
        self.allies = [
            Ally(self, slot) for slot, name in enumerate(SLOTS) if getattr(self.world.alliance, name).present == 1
        ]
        mediation = self.world.mediation
        self.mediators = [
            Mediator(self, slot)
            for slot, values in enumerate((mediation, mediation.second, mediation.third))
            if values.present == 1
        ]
        self.incidents, self.combat, self.territory = Incidents(self), Combat(self), Territory(self)
        self.agreement, self.talks, self.lulls = Agreement(self), Talks(self), Lulls(self)
        self.reports = {side: Report(self, own) for side, own in self.governments.items()}
        self.publics = {side: Public(self, own) for side, own in self.governments.items()}
        self.introduce()
        self.diary = Diary(self)
        self.datacollector = mesa.DataCollector(
            model_reporters={
                "day": "day",
                "rung_a": lambda m: m.governments["a"].rung,
                "rung_b": lambda m: m.governments["b"].rung,
                "deaths_a": lambda m: m.governments["a"].deaths,
                "deaths_b": lambda m: m.governments["b"].deaths,
            }
        )

    def introduce(self) -> None:
        """Who is who, and the eve of day 0."""
        a, b = self.governments["a"], self.governments["b"]
        a.enemy, b.enemy, a.public, b.public = b, a, self.publics["a"], self.publics["b"]
        a.beliefs.rung, b.beliefs.rung = float(b.rung), float(a.rung)
        self.highest_fought_yesterday = self.highest_fought_so_far = self.highest_fought()
        self.highest_stance_yesterday = self.highest_stance()
        for public in self.publics.values():
            public.settle_in()

    def highest_fought(self) -> int:
        """The higher of the two rungs fought last."""
        return max(own.fought for own in self.governments.values())

    def highest_stance(self) -> int:
        """The highest rung that either side stood at or fought at last."""
        return max(self.highest_fought(), *(own.rung for own in self.governments.values()))

    def step(self) -> None:
        """A day: both governments choose on yesterday's world, then the day happens to them."""
        self.luck = self.luck_before.day(self.day)
        self.highest_fought_yesterday, self.highest_stance_yesterday = self.highest_fought(), self.highest_stance()
        governments, publics = self.governments.values(), self.publics.values()
        everyone(self.mediators, Mediator.approach)
        self.talks.open()
        self.incidents.happen()
        everyone(self.allies, Ally.consider)
        everyone(governments, Government.perceive)
        everyone(governments, Government.draw_decision)
        everyone(publics, Public.weigh_options)
        everyone(governments, Government.choose)
        self.talks.conclude()
        everyone(governments, Government.decide)
        everyone(governments, Government.answer_in_kind)
        self.lulls.fall()
        everyone(governments, Government.stand)
        self.combat.fight()
        self.territory.move()
        everyone(self.reports.values(), Report.publish)
        everyone(governments, Government.commit)
        everyone(publics, Public.live_through_day)
        everyone(governments, Government.speak)
        everyone(governments, Government.tire)
        everyone(governments, Government.use_up_stocks)
        everyone(governments, Government.lose_hope)
        everyone(governments, Government.learn)
        everyone(governments, Government.face_removal)
        everyone(self.allies, Ally.act)
        self.agreement.keep_books()
        everyone(self.mediators, Mediator.account)
        self.highest_fought_so_far = max(self.highest_fought_so_far, self.highest_fought())
        self.diary.write()
        self.datacollector.collect(self)
        self.day += 1


def everyone(agents, action) -> None:
    """All do the same, one after the other."""
    for agent in agents:
        action(agent)
