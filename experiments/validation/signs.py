"""Signs at the ends of the ranges: whether every number of the agents and of talks acts as theory expects.

Each parameter is set to both ends of its range, on both sides, for all allies or for all mediators together, under the same
luck. What theory expects, and the setting in which it has the parameter act, stand in ``conf/evidence/expected_signs.csv``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.claims.catalogue import laid_over
from experiments.files import shipped_rows
from experiments.statistics.metrics import Kind
from experiments.validation.mechanisms import (
    MEASURES,
    SETTINGS,
    changed_share,
    difference_in,
    eventful_crises,
    lanes_by_point,
    taken_together,
)
from sim.engine.lanes import Points, coded
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
HARM = SETTINGS["harm"]
"""Setting -> its ``meaning``, the ``values`` it changes in the eventful crisis with two mediators, the ``levers`` that
might harm there and why each does or cannot, and the lower end (``start``) of those that do not begin at their range's."""


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
    expected = [Expectation(**row) for row in shipped_rows("evidence/expected_signs.csv")]
    named = Counter(item.parameter for item in expected)
    named.subtract(list(numbers()))
    if wrong := sorted(name for name, count in named.items() if count):
        raise ValueError(f"expected_signs.csv: {wrong[0]} is missing, unknown or given twice")
    return expected


def numbers() -> dict[str, list[str]]:
    """Every numeric parameter of the groups by its shared name, with the paths that belong to it."""
    return taken_together(
        lambda path, own: own.is_number and path.split(".")[0] in GROUPS and not path.endswith("luck_slot")
    )


def sign_tests(base: str, replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects of the parameters tried in one setting, see :func:`effects_of_ends`."""
    expected = [item for item in expectations() if item.base == base]
    return effects_of_ends(expected, sign_settings()[base], replicates, seed)


def effects_of_ends(
    expected: Sequence[Expectation], scenario: Scenario, replicates: int, seed: int = 1
) -> pl.DataFrame:
    """Effects of parameters from end to end of their ranges, in one scenario, under the same luck, a row a parameter.

    Columns: ``parameter, base, outcome, sign, source, changed`` (share of crises of which any outcome differs), ``effect,
    low, high`` (upper end minus lower end) and ``verdict``.
    """
    paths, known, values = numbers(), parameters(), scenario.values()
    columns: dict[str, np.ndarray] = {}
    for number, item in enumerate(expected):
        for path in paths[item.parameter]:
            column = columns.setdefault(path, np.full(2 * len(expected), coded(known[path], values[path])))
            column[2 * number : 2 * number + 2] = float(item.start or known[path].low), known[path].high
    points = Points.cross(scenario, np.zeros(2 * len(expected), int), columns)
    lanes = lanes_by_point(points, replicates, seed, HORIZON, CITIZENS)
    rows = []
    for item, low, high in zip(expected, lanes[::2], lanes[1::2], strict=True):
        kind, value = OUTCOMES[item.outcome]
        effect, changed = difference_in(value, kind, high, low), changed_share(high, low)
        row: dict[str, object] = {name: own for name, own in vars(item).items() if name != "start"}
        row |= {"changed": changed, "effect": effect.difference, "low": effect.low, "high": effect.high}
        rows.append({**row, "verdict": verdict(item.sign, changed, effect.low, effect.high)})
    return pl.DataFrame(rows)


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


def harm(replicates: int, seed: int = 1) -> pl.DataFrame:
    """Effects on heavy days of every lever, upper end minus lower end: columns as in :func:`effects_of_ends`.

    ``verdict`` is ``harms`` or ``helps`` where the interval leaves out 0, else ``neither``. A model in which every lever
    helps by construction proves nothing about mediation, see decision 30.
    """
    base, tables = eventful_crises()["mediated"], []
    for name, own in HARM.items():
        items = [
            Expectation(f"mediation.{lever}", name, "days_heavy", "+", why, own.get("start", {}).get(lever, ""))
            for lever, why in own["levers"].items()
        ]
        tables.append(effects_of_ends(items, base.replaced(laid_over(own["values"], ())), replicates, seed))
    verdict = pl.when(pl.col("low") > 0).then(pl.lit("harms")).when(pl.col("high") < 0).then(pl.lit("helps"))
    return pl.concat(tables).with_columns(verdict=verdict.otherwise(pl.lit("neither")))
