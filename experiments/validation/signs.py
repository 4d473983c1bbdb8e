"""Signs at the ends of the ranges: whether every number of the agents and of talks acts as theory expects.

Each parameter is set to the lower and to the upper end of its range, on both sides, for all allies or for all mediators
together, under the same luck. What theory expects stands in ``conf/evidence/expected_signs.csv``.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import polars as pl

from experiments.statistics.contrasts import paired
from experiments.statistics.metrics import Kind, Metric
from experiments.statistics.samples import Sample
from experiments.validation.mechanisms import MEASURES, changed_share, eventful_crises, mechanism_name, with_means
from sim.engine.lanes import Points, coded
from sim.ensemble import Settings, simulate_chunks
from sim.scenario import parameters

GROUPS = ("public", "government", "talks", "mediation", "alliance")
HORIZON = 76
CITIZENS = 64
CALM_BY = 14

OUTCOMES: dict[str, tuple[Kind, pl.Expr]] = {
    **MEASURES,
    "days_heavy": ("mean", pl.col("days_heavy")),
    "calm_14": ("probability", (pl.col("days_to_calm") <= CALM_BY).fill_null(False)),
}
"""Outcome -> how it is put together, and its value a crisis."""


@dataclass(frozen=True)
class Expectation:
    """What theory says of one parameter: ``sign`` is ``+``, ``-``, or ``±`` where either is argued.

    ``base`` is the scenario in which it is tried, see :func:`eventful_crises`.
    """

    parameter: str
    base: str
    outcome: str
    sign: str
    source: str


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
    """Effects of the parameters tried in one base scenario, from end to end of their ranges.

    Returns
    -------
    pl.DataFrame
        A row a parameter: ``parameter, base, outcome, sign, source, changed`` (share of crises of which any outcome
        differs), ``effect, low, high`` (upper end minus lower end) and ``verdict``.
    """
    expected, paths, known = [item for item in expectations() if item.base == base], numbers(), parameters()
    scenario = eventful_crises()[base]
    values = scenario.values()
    columns: dict[str, np.ndarray] = {}
    for number, item in enumerate(expected):
        for path in paths[item.parameter]:
            column = columns.setdefault(path, np.full(2 * len(expected), coded(known[path], values[path])))
            column[2 * number : 2 * number + 2] = known[path].low, known[path].high
    points = Points.cross(scenario, np.zeros(2 * len(expected), int), columns)
    settings = Settings(seed=seed, horizon_days=HORIZON, citizens=CITIZENS, trajectories=True)
    lanes = pl.concat([with_means(part) for part in simulate_chunks(points, replicates, settings)])
    by_point = {key[0]: table for key, table in lanes.sort("point", "replicate").group_by("point", maintain_order=True)}
    rows = [_row(item, by_point[2 * number], by_point[2 * number + 1]) for number, item in enumerate(expected)]
    return pl.DataFrame(rows)


def _row(item: Expectation, low: pl.DataFrame, high: pl.DataFrame) -> dict[str, object]:
    kind, value = OUTCOMES[item.outcome]
    contrast = paired(_sample(high, value), _sample(low, value), Metric(item.outcome, item.outcome, value, kind))
    changed = changed_share(high, low)
    return {
        "parameter": item.parameter,
        "base": item.base,
        "outcome": item.outcome,
        "sign": item.sign,
        "source": item.source,
        "changed": changed,
        "effect": contrast.difference,
        "low": contrast.low,
        "high": contrast.high,
        "verdict": verdict(item.sign, changed, contrast.low, contrast.high),
    }


def _sample(lanes: pl.DataFrame, value: pl.Expr) -> Sample:
    chosen = lanes.select(value.cast(pl.Float64)).to_series().to_numpy()
    return Sample.of(chosen, np.arange(len(chosen)), len(chosen))


def verdict(sign: str, changed: float, low: float, high: float) -> str:
    """Whether an effect with its interval has the sign expected: ``as expected``, ``against``, ``no sign`` or ``inert``."""
    if changed == 0:
        return "inert"
    if sign == "±":
        return "either"
    if low > 0 or high < 0:
        return "as expected" if (low > 0) == (sign == "+") else "against"
    return "no sign"
