"""Small functions that the equations share."""

from __future__ import annotations

import math
from collections.abc import Callable

QUIET_RUNG, SETTLED, DEPLOYED, HOT, ARTILLERY, DRONES, ASSAULT, OFFENSIVE, WAR = range(1, 10)
RUNGS = range(10)


def logistic(value: float) -> float:
    """1 / (1 + exp(-value)), safe for large values of either sign."""
    if value >= 0:
        return 1 / (1 + math.exp(-value))
    power = math.exp(value)
    return power / (1 + power)


def softplus(value: float) -> float:
    """log(1 + exp(value)), safe for large values of either sign."""
    return max(value, 0.0) + math.log1p(math.exp(-abs(value)))


def clip(value: float, low: float, high: float) -> float:
    """The value, or the bound it passes."""
    return min(max(value, low), high)


def above_zero(value: float) -> float:
    """The positive part of a value."""
    return max(value, 0.0)


def along_the_ladder(quantity: Callable[[int], float], rung: float) -> float:
    """A quantity known at whole rungs, at any rung in between, linearly."""
    below = min(int(rung), WAR - 1)
    low, high = quantity(below), quantity(below + 1)
    return low + (rung - below) * (high - low)


def reach(action_set: str) -> int:
    """How many rungs one decision can move."""
    return {"one_step": 1, "two_steps": 2, "any": 10}[action_set]
