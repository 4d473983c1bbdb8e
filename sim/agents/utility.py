"""What a government weighs: where the numbers of its utility come from (equation: :mod:`sim.kernels.options`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.engine.elementwise import exp
from sim.kernels.options import TERMS, Scales, Situation, weigh
from sim.ladder import RUNGS
from sim.scenario import option_number
from sim.world import Government

RATIO = option_number("government.a.contest_form", "ratio")


def scales_of(own: Government) -> Scales:
    """What a government weighs with, which never changes."""
    values, dyad = own.values, own.model.values.dyad
    combat = dyad.combat
    return Scales(
        values.contest_steepness,
        values.contest_form == RATIO,
        values.contest_scope,
        exp(values.force_drift * own.mean_wait),
        values.casualty_cost,
        values.material_cost,
        values.assault_surcharge,
        values.readiness_cost,
        values.reciprocity,
        values.step_up,
        values.step_down,
        dyad.operations.renewal,
        combat.attacker_penalty,
        combat.low_profile,
        combat.loss_exponent,
    )


class OptionUtilities:
    """What one side's options are worth in the lanes in which they are weighed today; elsewhere as it was.

    ``standing`` (lanes, rungs) is the utility of standing at each, ``worth`` (lanes, rungs) the same less the cost of
    getting there (minus infinity out of reach), ``settled`` (lanes,) the utility of a settlement apart from what the
    public makes of it; all in units of utility, costs negative.
    """

    def __init__(self, own: Government) -> None:
        lanes = own.model.lanes
        self.own = own
        self.domestic_weight = np.zeros(lanes)
        self._terms = np.zeros((lanes, RUNGS, len(TERMS)))
        self.standing, self.worth = np.zeros((lanes, RUNGS)), np.zeros((lanes, RUNGS))
        self.settled = np.zeros(lanes)

    def weigh(self, weighed: np.ndarray, reachable: np.ndarray, support: np.ndarray) -> None:
        """Weigh the options of today.

        Parameters
        ----------
        weighed : bool (lanes,)
            Where anything is weighed at all.
        reachable : bool (lanes, rungs)
        support : (lanes, views)
            Support of each view of an option.
        """
        own = self.own
        self.domestic_weight = own.domestic_weight
        now = Situation(
            own.rung,
            own.lapses,
            own.beliefs.rung,
            own.values.anticipation * own.beliefs.answer,
            own.model.agreement.price_of_breaking,
            own.resolve,
            own.values.conciliation * own.beliefs.trust,
            self.domestic_weight,
            own.hope,
            own.values.stock_cost * own.stock,
            own.public.burden,
            own.attack_price,
            own.restraint,
            own.hoped_force,
            own.believed_enemy_force,
            own.model.combat.deaths,
            own.shadow,
        )
        weigh(own.scales, now, weighed, reachable, support, self._terms, self.standing, self.worth, self.settled)

    def __getitem__(self, term: str) -> np.ndarray:
        """One term of utility by name, (lanes, rungs); without meaning out of reach."""
        return self._terms[:, :, TERMS.index(term)]

    def items(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and (lanes, rungs) array of every term."""
        return ((term, self[term]) for term in TERMS)
