"""Signs at the ends of the ranges: whether every number of the agents and of talks acts as theory expects.

Each parameter is set to the lower and to the upper end of its range, on both sides, for all allies or for all mediators
together, under the same luck. What theory expects, where, and from which lower end stands in
``conf/evidence/expected_signs.csv``: the price of a broken agreement can show only where agreements are broken, so every
parameter is tried in a setting in which theory has it act.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import polars as pl

from experiments.claims.catalogue import laid_over
from experiments.statistics.metrics import Kind
from experiments.validation.mechanisms import (
    MEASURES,
    SETTINGS,
    changed_share,
    difference_in,
    eventful_crises,
    mechanism_name,
    with_means,
)
from sim.engine.lanes import Points, coded
from sim.ensemble import Settings, simulate_chunks
from sim.scenario import Scenario, parameters

GROUPS = ("public", "government", "talks", "mediation", "alliance")
HORIZON = 76
CITIZENS = 64
CALM_BY = 14

OUTCOMES: dict[str, tuple[Kind, pl.Expr]] = {
    **MEASURES,
    "days_heavy": ("mean", pl.col("days_heavy")),
    "calm_14": ("probability", (pl.col("days_to_calm") <= CALM_BY).fill_null(False)),
    "collapses": ("mean", pl.col("collapses")),
}
"""Outcome -> how it is put together, and its value a crisis."""


SPECIAL = SETTINGS["signs"]
"""Setting -> the eventful crisis it rests on (``base``), its ``meaning``, and the ``values`` it changes there."""


def sign_settings() -> dict[str, Scenario]:
    """The scenarios in which parameters are tried: both eventful crises, and those of :data:`SPECIAL`."""
    eventful = eventful_crises()
    return eventful | {
        name: eventful[own["base"]].replaced(laid_over(own["values"], ())) for name, own in SPECIAL.items()
    }


@dataclass(frozen=True)
class Expectation:
    """What theory says of one parameter: ``sign`` is ``+``, ``-``, or ``±`` where either is argued.

    ``base`` is the setting in which it is tried, see :func:`sign_settings`; ``start`` the lower end, where that is not
    the lower end of the range (a null that is no small amount of the thing).
    """

    parameter: str
    base: str
    outcome: str
    sign: str
    source: str
    start: str


def expectations() -> list[Expectation]:
    """The shipped expectations, one for every number of the groups; ValueError where one is missing or unknown."""
    text = files("conf").joinpath("evidence/expected_signs.csv").read_text(encoding="utf-8")
    expected = [Expectation(**row) for row in csv.DictReader(text.splitlines())]
    known = set(numbers())
    named = [item.parameter for item in expected]
    if wrong := sorted(set(named) ^ known) or sorted({name for name in named if named.count(name) > 1}):
        raise ValueError(f"expected_signs.csv: {wrong[0]} is missing, unknown or given twice")
    return expected


def numbers() -> dict[str, list[str]]:
    """Every numeric parameter of the groups by its shared name, with the paths that belong to it."""
    grouped: dict[str, list[str]] = {}
    for path, parameter in parameters().items():
        if parameter.is_number and path.split(".")[0] in GROUPS and not path.endswith("luck_slot"):
            grouped.setdefault(mechanism_name(path), []).append(path)
    return grouped


def sign_tests(base: str, replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects of the parameters tried in one setting, see :func:`effects_of_ends`."""
    expected = [item for item in expectations() if item.base == base]
    return effects_of_ends(expected, sign_settings()[base], replicates, seed)


def effects_of_ends(
    expected: Sequence[Expectation], scenario: Scenario, replicates: int, seed: int = 1
) -> pl.DataFrame:
    """Effects of parameters from end to end of their ranges, in one scenario, under the same luck.

    Returns
    -------
    pl.DataFrame
        A row a parameter: ``parameter, base, outcome, sign, source, changed`` (share of crises of which any outcome
        differs), ``effect, low, high`` (upper end minus lower end) and ``verdict``.
    """
    paths, known, values = numbers(), parameters(), scenario.values()
    columns: dict[str, np.ndarray] = {}
    for number, item in enumerate(expected):
        for path in paths[item.parameter]:
            column = columns.setdefault(path, np.full(2 * len(expected), coded(known[path], values[path])))
            column[2 * number : 2 * number + 2] = float(item.start or known[path].low), known[path].high
    points = Points.cross(scenario, np.zeros(2 * len(expected), int), columns)
    settings = Settings(seed=seed, horizon_days=HORIZON, citizens=CITIZENS, trajectories=True)
    lanes = pl.concat([with_means(part) for part in simulate_chunks(points, replicates, settings)])
    by_point = {key[0]: table for key, table in lanes.sort("point", "replicate").group_by("point", maintain_order=True)}
    rows = [_row(item, by_point[2 * number], by_point[2 * number + 1]) for number, item in enumerate(expected)]
    return pl.DataFrame(rows)


def _row(item: Expectation, low: pl.DataFrame, high: pl.DataFrame) -> dict[str, object]:
    kind, value = OUTCOMES[item.outcome]
    effect, changed = difference_in(value, kind, high, low), changed_share(high, low)
    row = {name: getattr(item, name) for name in ("parameter", "base", "outcome", "sign", "source")}
    row |= {"changed": changed, "effect": effect.difference, "low": effect.low, "high": effect.high}
    return {**row, "verdict": verdict(item.sign, changed, effect.low, effect.high)}


def verdict(sign: str, changed: float, low: float, high: float) -> str:
    """Whether an effect with its interval has the sign expected.

    ``as expected``, ``against``, ``either`` (told from none where both signs are argued), ``no sign`` (not told from
    none) or ``inert`` (no crisis differs).
    """
    if changed == 0:
        return "inert"
    if not (low > 0 or high < 0):
        return "no sign"
    if sign == "±":
        return "either"
    return "as expected" if (low > 0) == (sign == "+") else "against"
