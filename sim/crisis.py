"""A crisis, day by day."""

from __future__ import annotations

from typing import Any

import mesa
import numpy as np

from sim.agents.ally import SLOTS as ALLY_SLOTS
from sim.agents.ally import Ally
from sim.agents.government import Government
from sim.agents.mediator import SLOTS as MEDIATOR_SLOTS
from sim.agents.mediator import Mediator
from sim.agents.public import Public
from sim.engine.lanes import LaneValues, Points, check_whole, lane_values
from sim.engine.streams import DailyDraws, Luck
from sim.ladder import PAIRS, SIDES
from sim.mechanisms.agreements import Agreement
from sim.mechanisms.casualty_reports import CasualtyReports
from sim.mechanisms.combat import Combat
from sim.mechanisms.incidents import Incidents
from sim.mechanisms.lulls import Lulls
from sim.mechanisms.return_fire import ReturnFire
from sim.mechanisms.talks import Talks
from sim.mechanisms.territory import Territory
from sim.mechanisms.venue import Venue
from sim.scenario import ParameterError, Scenario

SEEDS, REPLICATES = 2**64, 2**32
"""Number of seeds and of replicates, both counted from 0."""
MOST_CITIZENS = 100_000
DTYPES = ("float32", "float64")


class Crisis(mesa.Model):
    """A crisis between two governments in one lane or many.

    With one lane it is an ordinary Mesa model; with more, every agent lives in all lanes at once.

    Parameters
    ----------
    scenario : Scenario, optional
        What to simulate in one lane; the default scenario where left out.
    seed, replicate : int
        Which luck one lane meets.
    citizens : int
        Citizens of each public.
    dtype : {"float32", "float64"}
        Precision of the citizens' arithmetic.
    rng : optional
        Handed to Mesa for its own generator, which the model does not use.
    lanes : (LaneValues, Luck), optional
        Many lanes at once, in place of ``scenario``, ``seed`` and ``replicate`` (see :mod:`sim.ensemble`).
    collect : bool
        Whether Mesa's DataCollector takes note of every day.
    weighs_daily : bool
        Whether governments and publics weigh their options every day, to be told; what happens is the same.
    """

    def __init__(
        self,
        scenario: Scenario | None = None,
        seed: int | None = 1,
        replicate: int = 0,
        citizens: int = 128,
        dtype: str = "float32",
        rng: Any = None,
        lanes: tuple[LaneValues, Luck] | None = None,
        collect: bool = True,
        weighs_daily: bool = False,
    ) -> None:
        # Mesa's batch_run hands over seed=None where it has none of its own to give.
        number = 1 if seed is None else seed
        for name, value, low, high in (
            ("seed", number, 0, SEEDS - 1),
            ("replicate", replicate, 0, REPLICATES - 1),
            ("citizens", citizens, 5, MOST_CITIZENS),
        ):
            check_whole(name, value, low, high)
        if dtype not in DTYPES:
            raise ParameterError(f"dtype={dtype!r}: choose from {' | '.join(DTYPES)}")
        super().__init__(rng=number if rng is None else rng)
        self.values, self.luck = lanes or _one_lane(scenario or Scenario(), number, replicate)
        self.lanes, self.citizens, self.dtype = self.luck.lanes, citizens, np.dtype(dtype)
        self.day, self.collect, self.weighs_daily = 0, collect, weighs_daily
        self.venue = Venue(self.values)
        self.governments = {side: Government(self, side) for side in SIDES}
        self.publics = {side: Public(self, side) for side in SIDES}
        self.allies = [Ally(self, slot) for slot in self._present("alliance", ALLY_SLOTS)]
        self.mediators = [Mediator(self, slot) for slot in self._present("mediation", MEDIATOR_SLOTS)]
        self.incidents, self.combat, self.territory = Incidents(self), Combat(self), Territory(self)
        self.reports, self.agreement = CasualtyReports(self), Agreement(self)
        self.talks, self.return_fire, self.lulls = Talks(self), ReturnFire(self), Lulls(self)
        self.today: DailyDraws
        self.highest_fought: np.ndarray
        self.highest_stance: np.ndarray
        self.peak_so_far: np.ndarray
        self._introduce()
        self.datacollector = mesa.DataCollector(
            model_reporters={"day": "day", "fought": _plain_highest},
            agenttype_reporters={
                kind: kind.reporters() for kind in (Government, Public, Ally, Mediator) if kind in self.agents_by_type
            },
        )

    def step(self) -> None:
        """One day. Both governments move on yesterday's world, at the same time."""
        self.today = self.luck.day(self.day)
        self.highest_fought, self.highest_stance = self.highest_fought_today, self.highest_stance_today
        self._each(Mediator, "draw_attempt")
        self.talks.open()
        self.incidents.draw_incidents()
        self._each(Ally, "update_reliability")
        self._each(Government, "update_support_received")
        self._each(Government, "perceive")
        self._each(Government, "draw_decision")
        self._each(Public, "evaluate_options")
        self._each(Government, "choose")
        self.talks.conclude()
        self._each(Government, "set_policy")
        self.return_fire.draw()
        self.lulls.draw_lull()
        self._each(Government, "enact_rung")
        self.combat.fight()
        self.territory.move()
        self.reports.publish()
        self._each(Government, "update_commitment")
        self._each(Public, "update_public")
        self._each(Government, "update_rhetoric")
        self._each(Government, "update_fatigue")
        self._each(Government, "update_hope")
        self._each(Government, "update_beliefs")
        self._each(Government, "draw_leader_removal")
        self._each(Ally, "draw_support")
        self.agreement.end_of_day()
        self._each(Mediator, "update_standing")
        self.peak_so_far = np.maximum(self.peak_so_far, self.highest_fought_today)
        if self.collect:
            self.datacollector.collect(self)
        self.day += 1

    @property
    def highest_fought_today(self) -> np.ndarray:
        """The higher of the two rungs last fought, shape (lanes,)."""
        return np.maximum(self.governments["a"].fought, self.governments["b"].fought)

    @property
    def highest_stance_today(self) -> np.ndarray:
        """The highest rung that either side stood at or fought at last, shape (lanes,)."""
        policy = np.maximum(self.governments["a"].rung, self.governments["b"].rung)
        return np.maximum(self.highest_fought_today, policy)

    def close(self) -> None:
        """Let go of everything at once.

        Mesa keeps every model it has seen, and a model and its agents refer to each other; without this an ensemble
        would hold on to all the citizens it ever had.
        """
        getattr(mesa.Agent, "_ids", {}).pop(self, None)
        for thing in (*self.agents, self):
            vars(thing).clear()

    def _each(self, kind: type, action: str) -> None:
        if kind in self.agents_by_type:
            self.agents_by_type[kind].do(action)

    def _present(self, group: str, slots: tuple[str, ...]) -> list[int]:
        """Slots of a group that exist in any lane; an absent agent would change nothing."""
        records = getattr(self.values, group)
        return [
            number
            for number, slot in enumerate(slots)
            if np.any((records if slot == "lead" else getattr(records, slot)).present == 1)
        ]

    def _introduce(self) -> None:
        """Tell the agents who is who, and let the publics take stock on the eve of day 0."""
        for side, other in PAIRS:
            self.governments[side].enemy = self.governments[other]
            self.governments[side].public = self.publics[side]
            self.publics[side].government = self.governments[side]
            self.publics[side].introduce_allies()
        self.highest_fought = self.peak_so_far = self.highest_fought_today
        self.highest_stance = self.highest_stance_today
        for side in SIDES:
            self.governments[side].beliefs.rung = self.governments[side].enemy.rung.astype(float)
            self.governments[side].introduce_allies()
        self._each(Public, "initialise_approval")


def _one_lane(scenario: Scenario, seed: int, replicate: int) -> tuple[LaneValues, Luck]:
    luck = Luck(seed, np.array([replicate]))
    return lane_values(Points.of(scenario), np.array([0]), luck), luck


def _plain_highest(crisis: Crisis) -> Any:
    highest = crisis.highest_fought_today
    return highest.item() if crisis.lanes == 1 else highest
