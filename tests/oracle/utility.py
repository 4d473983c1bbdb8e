"""What a government weighs, rung by rung: equation (4) and what belongs to it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sim.ladder import LADDER
from tests.oracle.plain import ARTILLERY, ASSAULT, DEPLOYED, HOT, OFFENSIVE, above_zero, along_the_ladder, logistic

if TYPE_CHECKING:
    from tests.oracle.government import Government


def standing_utility(own: Government, rung: int, perceived: float, answer: float, backing_gain: float) -> float:
    """U_s(j) without what it costs to get there: the sum of :func:`standing_terms`."""
    return sum(standing_terms(own, rung, perceived, answer, backing_gain).values())


def standing_terms(
    own: Government, rung: int, perceived: float, answer: float, backing_gain: float
) -> dict[str, float]:
    """The terms by name: the enemy's rung is ``perceived``, ``answer`` expected; ``backing_gain`` is S(j) - S(e)."""
    values, force = own.values, LADDER[rung].force
    strength = own.hoped_force[rung] * force
    enemy_strength = along_the_ladder(lambda k: own.believed_enemy_force[k] * LADDER[k].force, answer)
    assault = 1 + values.assault_surcharge if rung >= ASSAULT else 1.0
    distance = rung - perceived + values.conciliation * own.beliefs.trust
    return {
        "contest": 2 * own.resolve * (contest(own, strength, enemy_strength) - 0.5) * prospects(own, rung, answer),
        "postponement": postponement(own) * (1 - force),
        "casualties": -values.casualty_cost * math.log10(1 + expected_losses(own, rung, answer)),
        "material": -values.material_cost * force * assault * (1 + values.stock_cost * own.stock),
        "readiness": -values.readiness_cost * above_zero(rung - 1) / 8,
        "reciprocity": -values.reciprocity * distance**2 / 4,
        "domestic": own.domestic_weight() * backing_gain,
        "burden": -own.domestic_weight()
        * own.public.burden
        * (force - LADDER[own.rung].force)
        / LADDER[ARTILLERY].force,
        "enemy's allies": -own.shadow[rung] - (own.attack_price if rung >= ARTILLERY else 0.0),
        "own allies": -own.restraint if rung >= HOT else 0.0,
    }


def contest(own: Government, strength: float, enemy_strength: float) -> float:
    """Share of the stake that a side expects: by the difference of forces, or by their ratio."""
    steepness = own.values.contest_steepness
    if own.values.contest_form == "difference":
        return logistic(2 * steepness * (strength - enemy_strength))
    return logistic(steepness * (math.log(strength + 1e-6) - math.log(enemy_strength + 1e-6)))


def prospects(own: Government, rung: int, enemy_rung: float) -> float:
    """Hope left, times max(f_j, f(e-hat))^beta: how much of the stake is in play."""
    enemy_force = along_the_ladder(lambda k: LADDER[k].force, enemy_rung)
    return own.hope() * max(LADDER[rung].force, enemy_force) ** own.values.contest_scope


def expected_losses(own: Government, rung: int, enemy_rung: float) -> float:
    """mu_s(j) as the government expects it."""
    combat = own.crisis.combat
    ratio = along_the_ladder(lambda k: own.believed_enemy_force[k], enemy_rung) / own.hoped_force[rung]
    return combat.mean_losses(along_the_ladder(combat.inflicted, enemy_rung), ratio, rung, enemy_rung)


def postponement(own: Government) -> float:
    """Gain from a contest at rung 8 later rather than now, as force is expected to drift."""
    force = LADDER[OFFENSIVE].force
    now = own.hoped_force[OFFENSIVE] * force
    later = now * math.exp(own.values.force_drift * mean_wait(own))
    enemy = own.believed_enemy_force[OFFENSIVE] * force
    in_play = own.hope() * force**own.values.contest_scope
    return 2 * own.resolve * (contest(own, later, enemy) - contest(own, now, enemy)) * in_play


def discounts(own: Government) -> list[float]:
    """Weights of the days ahead, from today to the end of the planning window."""
    return [own.values.discount**day for day in range(61) if day < own.values.planning_days]


def mean_wait(own: Government) -> float:
    """Discounted mean of the days in the planning window."""
    weights = discounts(own)
    return sum(day * weight for day, weight in enumerate(weights)) / sum(weights)


def moving_cost(own: Government, rung: int) -> float:
    """What the step costs, and the price of breaking an agreement by it."""
    step = cost_after_lapse(own, rung) if own.lapses else cost_of_step(own, rung)
    return step + (own.crisis.agreement.price_of_breaking() if rung >= HOT else 0.0)


def cost_of_step(own: Government, rung: int) -> float:
    """d |j - e|."""
    steps = rung - own.rung
    return own.values.step_up * steps if steps > 0 else -own.values.step_down * steps


def cost_after_lapse(own: Government, rung: int) -> float:
    """renewal d_up (min(j, e) - 3)+ + d_up (j - max(e, 3))+ + d_down (3 - j)+: policy starts afresh from rung 3."""
    values, renewal = own.values, own.crisis.world.dyad.operations.renewal
    regained = above_zero(min(rung, own.rung) - DEPLOYED)
    beyond = above_zero(rung - max(own.rung, DEPLOYED))
    below = above_zero(DEPLOYED - rung)
    return renewal * values.step_up * regained + values.step_up * beyond + values.step_down * below
