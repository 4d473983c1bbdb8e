"""Signs at the ends of the ranges: whether every number of the agents and of talks acts as theory expects.

Each parameter is set to the lower and to the upper end of its range, on both sides, for all allies or for all mediators
together, under the same luck. What theory expects, where, and from which lower end stands in
``conf/evidence/expected_signs.csv``: the price of a broken agreement can show only where agreements are broken, so every
parameter is tried in a setting in which theory has it act.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
import polars as pl

from experiments.statistics.contrasts import paired
from experiments.statistics.metrics import Kind, Metric
from experiments.statistics.samples import Sample
from experiments.validation.mechanisms import (
    MEASURES,
    changed_share,
    eventful_crises,
    mechanism_name,
    of_both,
    with_means,
)
from sim.engine.lanes import Points, coded
from sim.ensemble import Settings, simulate_chunks
from sim.ladder import SIDES
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


def of_mediators(**values: float) -> dict[str, float]:
    """The same values for both mediators."""
    return {f"mediation.{which}{name}": value for which in ("", "second.") for name, value in values.items()}


_FOUGHT_ON = {
    "dyad.operations.lapse_rate_middle": 0,
    "dyad.operations.lapse_rate_8": 0,
    **of_both("government", hope_rate=0, contest_scope=0),
}
_OFTEN = {
    "dyad.operations.lapse_rate_middle": 0.3,
    "dyad.operations.lapse_rate_8": 0.3,
    **of_both("government", hope_rate=0, contest_scope=0, clock_calm=0.3, clock_crisis=0.3),
}
_RELUCTANT = {"talks.present": 0, "talks.threshold": -2.5}
_ONE_BACKED = {
    "alliance.first.protege": "a",
    "alliance.first.reliability": 3,
    "alliance.first.threat_slope": 0,
    "alliance.first.consensus": 1,
    "alliance.first.base_support": 1.5,
    "alliance.first.deed_pace": 0.3,
    "alliance.second.present": 0,
    "alliance.third.present": 0,
    **of_both("government", resolve=4),
}
SPECIAL: dict[str, tuple[str, str, Mapping[str, object]]] = {
    "truces": (
        "mediated",
        "many agreements, and governments with much at stake who decide often",
        {
            **_FOUGHT_ON,
            "talks.threshold": 1.5,
            **of_both("government", resolve=4, clock_calm=0.15, step_up=0.2, fatigue_gain=0, trust_start=0.2),
        },
    ),
    "hardship": (
        "alone",
        "long fighting, publics in hardship who mind it most, and governments who heed approval alone",
        {
            **_FOUGHT_ON,
            **of_both("government", domestic_weight=10, stock_cost=0, protest_pressure=0, insecurity=0),
            **of_both("public", hardship=1, hardship_weight=0.1, exposed_hardship=2, exposure=0.3),
        },
    ),
    "insecure": (
        "alone",
        "unpopular leaders who want everybody's approval",
        of_both("government", approval_needed=1, domestic_weight=8) | of_both("public", base_approval=-0.3),
    ),
    "ground": (
        "alone",
        "a long war over ground that the stronger side takes, with leaders who fall",
        {
            **_FOUGHT_ON,
            "dyad.trigger_rung": 9,
            "dyad.combat.force_border_a": 2,
            "dyad.territory.rate": 0.1,
            **of_both("government", resolve=6, fall_hazard=0.01, stock_cost=5, fatigue_gain=0, contest_steepness=4),
        },
    ),
    "successors": (
        "alone",
        "leaders fall often, and pledges of the past outlast words and postures",
        of_both(
            "government",
            fall_hazard=0.02,
            vulnerability=1,
            posture_commitment=0.2,
            rhetoric_discipline=0.8,
            commitment_start=9,
            commitment_decay=0,
        ),
    ),
    "civilians": (
        "alone",
        "many civilian dead, and people near the front who mind them most",
        {"dyad.combat.civilian_share_border": 1, **of_both("public", border_alarm=5, anger_pull=0.2)},
    ),
    "noise": (
        "alone",
        "media that move their publics most, trust that rests on private signals alone and counts",
        {
            **of_both("public", media_pull=0.1),
            **of_both("government", private_precision=0.2, trust_learning=0, conciliation=2, reciprocity=1.5),
        },
    ),
    "street": (
        "alone",
        "hawks in the street whom nobody arrests, and governments who heed them",
        {
            **of_both("government", protest_pressure=3, domestic_weight=8),
            **of_both("public", hawkishness=0.3, police=0),
        },
    ),
    "answers": (
        "alone",
        "long fighting between governments who decide often and reckon with the answers they have learned to expect",
        {
            **_FOUGHT_ON,
            **of_both("government", anticipation=1, answer_learning=0.5, clock_crisis=0.5, resolve=4, answer_prior=0),
        },
    ),
    "even": (
        "alone",
        "long fighting over much, decided by force of which each side is unsure",
        {
            **_FOUGHT_ON,
            **of_both("government", resolve=6, resolve_sd=0, contest_steepness=4, force_prior_error=1),
        },
    ),
    "stop and go": (
        "alone",
        "operations that soon lapse and are soon begun again, over much, with costly stocks that run down fast",
        {
            **_OFTEN,
            **of_both("government", resolve=4, material_cost=6, stock_cost=5, stock_gain=0.2, fatigue_gain=0),
        },
    ),
    "weary": (
        "alone",
        "operations that soon lapse and are soon begun again, publics who tire fast, governments who heed approval alone",
        {
            **_OFTEN,
            **of_both("government", resolve=3, domestic_weight=10, protest_pressure=0, insecurity=0),
            **of_both("government", stock_cost=0, fatigue_gain=0.2),
            **of_both("public", fatigue_weight=0.1),
        },
    ),
    "little at stake": (
        "alone",
        "nothing to fight on for but to answer in kind, and no trust that would lower the answer",
        of_both("government", resolve=0.3, trust_start=0, trust_learning=0, conciliation=0),
    ),
    "shots": (
        "alone",
        "shots that nobody ordered, and governments with little at stake who have not fired yet",
        {
            "dyad.trigger_rung": 0,
            **{f"dyad.start_rung_{side}": 3 for side in SIDES},
            "dyad.incidents.rate": 0.3,
            "dyad.incidents.return_fire": 0,
            "dyad.incidents.contagion": 0,
            **of_both("government", resolve=0.5),
        },
    ),
    "little honour": (
        "alone",
        "publics of whom most care little for honour, so that whoever differs cares more",
        of_both("public", honour=0.1),
    ),
    "losses": (
        "alone",
        "a long and deadly war over much, and publics who mind losses most",
        {
            **_FOUGHT_ON,
            "dyad.trigger_rung": 9,
            **of_both("government", resolve=6, stock_cost=0, fatigue_gain=0),
            **of_both("public", casualty_weight=0.1),
        },
    ),
    "hawkish start": ("alone", "attitudes above their anchors", of_both("public", attitude_shift=0.5)),
    "backed": (
        "alone",
        "one side alone has an ally, who would come and whom nobody fears",
        _ONE_BACKED | {"alliance.shadow_weight": 0},
    ),
    "feared": (
        "alone",
        "one side alone has an ally, who is feared and misjudged",
        _ONE_BACKED | {"alliance.shadow_weight": 3, "alliance.belief_error": 2, "alliance.first.reliability": 0},
    ),
    "way down": (
        "mediated",
        "a costly way down that an agreement spreads over the planning window",
        {"talks.threshold": -2.5, "talks.descent_window": 1, **of_both("government", step_down=2)},
    ),
    "distrust": (
        "mediated",
        "one mediator without leverage, promises that nobody trusts, and a clear view of the enemy",
        {
            **_RELUCTANT,
            "talks.threshold": -1,
            "talks.distrust": 4,
            "talks.fog_relief": 0,
            "mediation.second.present": 0,
            **of_mediators(effort=0.2, verification=0, leverage=0),
        },
    ),
    "pressure": (
        "mediated",
        "one mediator who presses in the open, and hawkish publics",
        {
            **_RELUCTANT,
            "mediation.second.present": 0,
            **of_mediators(effort=0.3, leverage=1.5, manipulation=1, secrecy=0),
            **of_both("public", hawkishness=0.6),
        },
    ),
    "partisan": (
        "mediated",
        "one mediator who leans towards one side and brings nothing, between sides that hesitate",
        {
            **_RELUCTANT,
            "talks.threshold": -1,
            "mediation.second.present": 0,
            **of_mediators(effort=0.1, bias=0.6, leverage=0),
        },
    ),
    "spent": (
        "mediated",
        "one mediator, at work from the first day, who loses all standing by a failure, between reluctant sides",
        {
            "talks.present": 0,
            "talks.threshold": -2,
            "mediation.second.present": 0,
            **of_mediators(effort=0.5, failure_cost=1, delay=0, severity_trigger=0),
        },
    ),
    "rivals": (
        "mediated",
        "two busy mediators between reluctant sides that play them off against each other",
        {
            **_RELUCTANT,
            "talks.threshold": -5,
            "talks.shopping": 2,
            **of_mediators(effort=0.8, leverage=1, manipulation=1, failure_cost=0),
        },
    ),
}
"""Setting -> the eventful crisis it rests on, what is so about it, and what it changes there."""


def sign_settings() -> dict[str, Scenario]:
    """The scenarios in which parameters are tried: both eventful crises, and those of :data:`SPECIAL`."""
    eventful = eventful_crises()
    return eventful | {name: eventful[base].replaced(changes) for name, (base, _, changes) in SPECIAL.items()}


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
    return effects_of_ends(
        [item for item in expectations() if item.base == base], sign_settings()[base], replicates, seed
    )


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
