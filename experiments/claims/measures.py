"""What is measured on a crisis, one number a lane, and the smallest difference in it that matters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from experiments.statistics.vocabulary import LIMITED_WAR_OR_WORSE
from sim.ladder import CALM_DAYS
from sim.outputs.outcomes import NEVER

Lanes = Mapping[str, np.ndarray]
RISK, DAYS, SHARE_OF_DEATHS = 0.05, 2.0, float(np.log(1.1))
"""Five points of risk, two restricted-mean days, ten per cent of deaths."""
CALM_BY = 60
CALM_HORIZON = CALM_BY + CALM_DAYS
"""A calm that begins on that day is known to be one a fortnight later."""


@dataclass(frozen=True)
class Measure:
    """A name with its unit, the smallest effect of interest, and how it is read off outcomes."""

    name: str
    unit: str
    smallest: float
    read: Callable[[Lanes], np.ndarray]
    horizon: int = 120
    """Days that have to be simulated to read it."""


def unread(lanes: Lanes) -> np.ndarray:
    """What is read off outcomes where a test has a measure of its own."""
    return np.array([])


def _risk(name: str, read: Callable[[Lanes], np.ndarray], horizon: int = 120) -> Measure:
    return Measure(name, "share", RISK, lambda lanes: read(lanes).astype(float), horizon)


CALM = _risk(
    f"calm begun by day {CALM_BY}",
    lambda lanes: (lanes["days_to_calm"] != NEVER) & (lanes["days_to_calm"] <= CALM_BY),
    CALM_HORIZON,
)
LIMITED_WAR = _risk("limited war or worse", lambda lanes: np.isin(lanes["severity"], LIMITED_WAR_OR_WORSE))
REGIONAL_WAR = _risk("regional war", lambda lanes: lanes["severity"] == "regional_war")
AGREEMENT = _risk("any agreement", lambda lanes: lanes["agreements"] > 0)
COLLAPSE = _risk("any collapse of an agreement", lambda lanes: lanes["collapses"] > 0)
OFFENSIVE_BY_B = _risk("b reaches rung 8", lambda lanes: lanes["peak_rung_b"] >= 8)
JUST_BELOW = _risk("b's highest rung is 6", lambda lanes: lanes["peak_rung_b"] == 6)
ALLY_ARMS = _risk("an ally sends arms", lambda lanes: lanes["ally_support"] >= 2)
PROTEST_A = Measure("highest protest in a", "share", 0.01, lambda lanes: lanes["max_protest_a"])
PROTEST_B = Measure("highest protest in b", "share", 0.01, lambda lanes: lanes["max_protest_b"])
PENALTY = Measure(
    "price at home of a step down that nobody covers",
    "share of approval",
    0.01,
    lambda lanes: (lanes["step_down_penalty_a"] + lanes["step_down_penalty_b"]) / 2,
)
DAYS_HOT = Measure("days of fighting", "days", DAYS, lambda lanes: lanes["days_hot"].astype(float))
DEATHS = Measure(
    "log military deaths", "log", SHARE_OF_DEATHS, lambda lanes: np.log1p(lanes["deaths_a"] + lanes["deaths_b"])
)
DEATHS_A = Measure("log military deaths of a", "log", SHARE_OF_DEATHS, lambda lanes: np.log1p(lanes["deaths_a"]))
TACIT_CALM = _risk(
    "calm without any agreement",
    lambda lanes: np.isin(lanes["termination"], ("tacit", "unilateral")) & (lanes["days_to_calm"] <= CALM_BY),
    CALM_HORIZON,
)
