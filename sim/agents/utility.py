"""What a government weighs: where the numbers of its utility come from (equation: :mod:`sim.kernels.options`)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.engine.elementwise import exp
from sim.kernels.options import TERMS, Scales, Situation, weigh
from sim.scenario import option_number
from sim.world import Government

RATIO = option_number("government.a.contest_form", "ratio")


def scales_of(own: Government) -> Scales:
    """What a government weighs with, which never changes."""
    values, combat = own.values, own.model.values.dyad.combat
    return Scales(
        values.contest_steepness,
        values.contest_form == RATIO,
        exp(values.force_drift * own.mean_wait),
        values.casualty_cost,
        values.material_cost,
        values.assault_surcharge,
        values.readiness_cost,
        values.reciprocity,
        values.step_up,
        values.step_down,
        combat.attacker_penalty,
        combat.low_profile,
        combat.loss_exponent,
    )


class OptionUtilities:
    """What one side's options are worth today.

    ``standing`` (lanes, k) is the utility of standing at each, ``worth`` (lanes, k) the same less the cost of getting
    there, ``settled`` (lanes,) the utility of a settlement apart from what the public makes of it; all in units of
    utility, costs negative.
    """

    def __init__(self, own: Government, options: np.ndarray, approval: np.ndarray) -> None:
        lanes, number = options.shape
        self.domestic_weight = own.domestic_weight
        now = Situation(
            own.rung,
            own.beliefs.rung,
            own.values.anticipation * own.beliefs.answer,
            own.at_current_rung(approval),
            own.model.agreement.price_of_breaking,
            own.resolve,
            own.values.conciliation * own.beliefs.trust,
            self.domestic_weight,
            own.attack_price,
            own.restraint,
            own.hoped_force,
            own.believed_enemy_force,
            own.model.combat.deaths,
            own.shadow,
        )
        self._terms = np.empty((lanes, number, len(TERMS)))
        self.standing, self.worth, self.settled = np.empty((lanes, number)), np.empty((lanes, number)), np.empty(lanes)
        weigh(own.scales, now, options, approval, self._terms, self.standing, self.worth, self.settled)

    def __getitem__(self, term: str) -> np.ndarray:
        """One term of utility by name, (lanes, k)."""
        return self._terms[:, :, TERMS.index(term)]

    def items(self) -> Iterator[tuple[str, np.ndarray]]:
        """Name and (lanes, k) array of every term."""
        return ((term, self[term]) for term in TERMS)
