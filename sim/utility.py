"""What a government weighs: the terms of its utility for each rung it could stand at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from sim.ladder import ARTILLERY, ASSAULT, FORCE, HOT, Between, read

if TYPE_CHECKING:
    from sim.agents.government import Government

RATIO = 1
"""Number of the option ``ratio`` of ``contest_form``."""
POSTPONED_RUNG = 8
"""The rung at which a war that is put off is imagined, for the drift of force (assumed)."""
LEAST_FORCE = 1e-6
"""Keeps the ratio form defined where neither side uses force."""


def standing_terms(own: Government, rung: np.ndarray, perceived: np.ndarray, seen: np.ndarray,
                   gain: np.ndarray) -> dict[str, np.ndarray]:
    """The terms of utility of standing at each rung, without the cost of getting there.

    Parameters
    ----------
    own : Government
    rung : int (lanes, k)
        The rungs that are weighed.
    perceived : (lanes, 1)
        The enemy's rung as it is believed to be; one answers that in kind.
    seen : (lanes, k)
        The enemy's rung expected in answer to each of the k rungs.
    gain : (lanes, k)
        Approval at each rung minus approval where the government stands.

    Returns
    -------
    dict of (lanes, k)
        In units of utility; costs are negative. Their sum is the utility.
    """
    values, combat, used = own.values, own.model.combat, FORCE[rung]
    force, enemy_force = read(own.hoped_force, rung), own.believed_enemy_force
    at_seen = Between(seen)
    own_strength, enemy_strength = force * used, at_seen.read(enemy_force * FORCE)
    losses = combat.mean_losses(at_seen.read(combat.deaths), at_seen.read(enemy_force) / force, rung, seen)
    return {
        "contest": 2 * own.resolve[:, None] * (contest(values, own_strength, enemy_strength) - 0.5),
        "postponement": postponement(own, enemy_force)[:, None] * (1 - used),
        "casualties": -values.casualty_cost[:, None] * np.log10(1 + losses),
        "material": -values.material_cost[:, None] * used
        * (1 + values.assault_surcharge[:, None] * (rung >= ASSAULT)),
        "readiness": -values.readiness_cost[:, None] * np.maximum(rung - 1, 0) / 8,
        "reciprocity": -values.reciprocity[:, None]
        * (rung - perceived + (values.conciliation * own.beliefs.trust)[:, None]) ** 2 / 4,
        "domestic": own.domestic_weight[:, None] * gain,
        "enemy's allies": -read(own.shadow, rung) - own.attack_price[:, None] * (rung >= ARTILLERY),
        "own allies": -own.restraint[:, None] * (rung >= HOT),
    }


def contest(values, own_strength: np.ndarray, enemy_strength: np.ndarray) -> np.ndarray:
    """Share of the stake a side expects, 0 to 1: difference form (Hirshleifer 1989) or ratio form (Tullock 1980)."""
    steepness = values.contest_steepness[:, None]
    difference = expit(2 * steepness * (own_strength - enemy_strength))
    if not np.any(values.contest_form == RATIO):
        return difference
    advantage = np.log(own_strength + LEAST_FORCE) - np.log(enemy_strength + LEAST_FORCE)
    return np.where((values.contest_form == RATIO)[:, None], expit(steepness * advantage), difference)


def postponement(own: Government, enemy_force: np.ndarray) -> np.ndarray:
    """What it is worth to leave the contest for later, shape (lanes,): negative where force drifts away (Powell 2006)."""
    values = own.values
    if not values.force_drift.any():
        return values.force_drift
    now = own.hoped_force[:, POSTPONED_RUNG] * FORCE[POSTPONED_RUNG]
    later = now * np.exp(values.force_drift * own.mean_wait)
    enemy = (enemy_force[:, POSTPONED_RUNG] * FORCE[POSTPONED_RUNG])[:, None]
    change = contest(values, later[:, None], enemy) - contest(values, now[:, None], enemy)
    return 2 * own.resolve * change[:, 0]


def moving_costs(own: Government, rung: np.ndarray) -> dict[str, np.ndarray]:
    """What it costs to move to each of some rungs from today's, and to break an agreement by it; (lanes, k)."""
    values, move = own.values, rung - own.rung[:, None]
    price = own.model.agreement.price_of_breaking
    return {
        "step": -(values.step_up[:, None] * np.maximum(move, 0) + values.step_down[:, None] * np.maximum(-move, 0)),
        "agreement": -price[:, None] * (rung >= HOT),
    }
