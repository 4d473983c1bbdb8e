"""Effects of each mechanism: every parameter that has an off position, switched off on both sides together.

A mechanism that changes nothing in any of the base scenarios is either dead code or never exercised; both deserve to be
seen, so it is flagged.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.statistics.contrasts import paired
from experiments.statistics.metrics import Kind, Metric, calm_before_war, observed_days
from experiments.statistics.samples import Sample
from experiments.statistics.vocabulary import LIMITED_WAR_OR_WORSE
from experiments.targets.populations import scenario_named
from experiments.targets.tables import outcome_frame
from sim.engine.lanes import Points, coded
from sim.ensemble import Settings, simulate_chunks
from sim.outputs.outcomes import Outcomes
from sim.outputs.trajectories import TRACKED
from sim.scenario import Parameter, Scenario, parameters

HORIZON = 120
CITIZENS = 200
_KEYS = {"point", "replicate", "luck"}

MEASURES: dict[str, tuple[Kind, pl.Expr]] = {
    "risk": ("probability", pl.col("severity").is_in(LIMITED_WAR_OR_WORSE)),
    "log_deaths": ("mean", (pl.col("deaths_a") + pl.col("deaths_b")).log1p()),
    "days_hot": ("mean", pl.col("days_hot")),
    "days_to_calm": ("mean", calm_before_war(()).fill_null(observed_days(HORIZON)).clip(0, observed_days(HORIZON))),
    "agreements": ("mean", pl.col("agreements")),
    "min_approval": ("mean", pl.mean_horizontal("min_approval_a", "min_approval_b")),
    "max_protest": ("mean", pl.mean_horizontal("max_protest_a", "max_protest_b")),
    "attitude": ("mean", pl.mean_horizontal("attitude_a", "attitude_b")),
    "approval": ("mean", pl.mean_horizontal("approval_a", "approval_b")),
    "trust": ("mean", pl.mean_horizontal("trust_a", "trust_b")),
    "audience_cost": ("mean", pl.mean_horizontal("audience_cost_a", "audience_cost_b")),
    "step_down_penalty": ("mean", pl.mean_horizontal("step_down_penalty_a", "step_down_penalty_b")),
    "leader_falls": ("mean", pl.col("leader_falls_a") + pl.col("leader_falls_b")),
    "ally_support": ("mean", pl.col("ally_support")),
}
"""Outcomes compared between a base scenario and the same with a mechanism switched off.

Attitude, approval and trust are means over days and sides, of the replicates whose path is kept.
"""
COURSE = ("risk", "log_deaths", "days_hot", "days_to_calm", "agreements", "ally_support")
POLITICS = tuple(name for name in MEASURES if name not in COURSE)
FOLLOWED = tuple(f"{name}_{side}" for name in ("attitude", "approval", "trust") for side in "ab")


@dataclass(frozen=True)
class Mechanism:
    """Parameters that are switched off together: the same one of both sides, of all allies or of all mediators."""

    name: str
    paths: tuple[str, ...]
    meaning: str


def mechanism_name(path: str) -> str:
    """The name under which a parameter's sides, allies or mediators are taken together."""
    name = re.sub(r"^(government|public)\.[ab]\.", r"\1.", path)
    name = re.sub(r"_[ab]$", "", name)
    name = re.sub(r"^alliance\.(first|second|third)\.", "alliance.ally.", name)
    name = re.sub(r"^alliance\.tie_\d+$", "alliance.ties", name)
    return re.sub(r"^mediation\.(second|third)\.", "mediation.", name)


def mechanisms() -> list[Mechanism]:
    """Every mechanism of the model with an off position, in order of declaration."""
    grouped: dict[str, list[str]] = {}
    for path, parameter in parameters().items():
        if can_be_off(parameter):
            grouped.setdefault(mechanism_name(path), []).append(path)
    return [Mechanism(name, tuple(paths), parameters()[paths[0]].meaning) for name, paths in grouped.items()]


def can_be_off(parameter: Parameter) -> bool:
    """Whether a parameter has an off position, and within its own range."""
    if parameter.neutral is None or parameter.kind == "choice":
        return parameter.neutral is not None
    return parameter.low <= float(parameter.neutral) <= parameter.high


def bases() -> dict[str, Scenario]:
    """The scenarios mechanisms are switched off in, each of which gives some of them something to do."""
    busy = scenario_named("tovuz_2020", "talks=hotline", "mediation=manipulation")
    alone = scenario_named("tovuz_2020", "talks=hotline", "mediation=none")
    return {
        "baseline": scenario_named("tovuz_2020"),
        "grave crisis": busy.replaced(GRAVE),
        "direct talks": alone.replaced(TALKATIVE),
        "everything on": everything_on(busy.replaced(TALKATIVE)),
        "eventful crisis": eventful_crises()["mediated"].replaced(BUSY_CHANNELS),
    }


def of_both(group: str, **values: float) -> dict[str, float]:
    """The same values for side a and side b of a group of parameters."""
    return {f"{group}.{side}.{name}": value for side in "ab" for name, value in values.items()}


GRAVE = {
    **of_both("government", resolve=6.0, step_up=0.4),
    **of_both("public", hawkishness=0.25, propaganda=0.9),
    "dyad.start_rung_a": 7,
    "dyad.start_rung_b": 7,
}
BUSY_CHANNELS = {
    "dyad.trigger_rung": 8,
    "talks.rate_floor": 0.3,
    "talks.leak": 0.3,
    "talks.shopping": 2,
    "mediation.coordination": 0,
    "mediation.effort": 0.4,
    "mediation.second.effort": 0.4,
    **of_both("government", answer_in_kind=0.3),
}
TALKATIVE = {**of_both("government", trust_start=0.4), "talks.rate": 0.5}
_ON = {
    "dyad.combat.salient_day": 2,
    "dyad.trigger_rung": 5,
    "alliance.first.start_support": 1,
    **dict.fromkeys(
        (f"dyad.{what}_at" for what in ("stakes", "coverage", "fear", "terrain", "civilians", "surprise")),
        "line_of_contact",
    ),
    **{f"mediation.{which}severity_trigger": 7 for which in ("", "second.", "third.")},
}
"""Values for mechanisms that a quarter of the way to the end of the range would leave without effect."""


def eventful_crises() -> dict[str, Scenario]:
    """An eventful crisis between the sides alone, with a hotline, and the same with two mediators.

    Side a opens at rung 7, both have allies, leaders fall now and then, and every way in which fighting can end is at work.
    """
    both = {
        "resolve": 1.4,
        "posture_commitment": 0.4,
        "fatigue_gain": 0.1,
        "hope_rate": 0.03,
        "stock_cost": 1.0,
        "contest_scope": 0.2,
        "insecurity": 1.0,
        "force_drift": 0.005,
        "fall_hazard": 0.003,
        "trust_start": 0.3,
    }
    common = {
        **of_both("government", **both),
        "talks.threshold": 0.3,
        "dyad.start_rung_a": 1,
        "dyad.start_rung_b": 3,
        "dyad.trigger_rung": 7,
        "dyad.trigger_side": "a",
        "dyad.trigger_endorsed": 1,
        "dyad.operations.lapse_rate_middle": 0.1,
        "dyad.operations.lapse_rate_8": 0.05,
    }
    mediators = {
        "talks.threshold": -1.2,
        "mediation.effort": 0.1,
        "mediation.second.present": 1,
        "mediation.second.effort": 0.1,
        "mediation.bias": 0.3,
    }
    return {
        "alone": scenario_named("tovuz_2020", "talks=hotline", "mediation=none").replaced(common),
        "mediated": scenario_named("tovuz_2020", "talks=hotline", "mediation=manipulation").replaced(
            common | mediators
        ),
    }


def everything_on(scenario: Scenario) -> Scenario:
    """The scenario with every mechanism that rests at its off position moved a quarter of the way from it."""
    values = scenario.values()
    idle = {
        path: parameter
        for path, parameter in parameters().items()
        if can_be_off(parameter) and values[path] == parameter.neutral
    }
    return scenario.replaced({path: _ON.get(path, away_from_neutral(item)) for path, item in idle.items()})


def away_from_neutral(parameter: Parameter) -> float | int | str:
    """A value that switches a mechanism on: another form, or a quarter of the way to the far end of the range."""
    if parameter.kind == "choice":
        return next(option for option in parameter.options if option != parameter.neutral)
    assert parameter.neutral is not None  # a mechanism has a null
    off = float(parameter.neutral)
    far = parameter.high if parameter.high - off >= off - parameter.low else parameter.low
    value = off + 0.25 * (far - off)
    if parameter.kind == "int":
        return int(np.clip(np.ceil(value) if far > off else np.floor(value), parameter.low, parameter.high))
    return value


def switch_off_points(scenario: Scenario, switched: Sequence[Mechanism]) -> Points:
    """Point 0 is the scenario itself, point k the same with mechanism k - 1 at its off position."""
    known, values = parameters(), scenario.values()
    columns = {}
    for number, mechanism in enumerate(switched, start=1):
        for path in mechanism.paths:
            column = np.full(len(switched) + 1, coded(known[path], values[path]))
            column[number] = coded(known[path], known[path].neutral)
            columns[path] = column
    return Points.cross(scenario, np.zeros(len(switched) + 1, int), columns)


def effects(
    scenario: Scenario,
    replicates: int,
    seed: int = 1,
    citizens: int = CITIZENS,
    switched: Sequence[Mechanism] | None = None,
) -> pl.DataFrame:
    """Effects of switching each mechanism off, under the same luck.

    Returns
    -------
    pl.DataFrame
        A row a mechanism: ``mechanism, meaning, idle`` (already off here), ``changed`` (share of crises of which any
        outcome differs), and for each measure ``<name>, <name>_low, <name>_high``: off minus on.
    """
    chosen = mechanisms() if switched is None else list(switched)
    settings = Settings(seed=seed, horizon_days=HORIZON, citizens=citizens, trajectories=True)
    parts = simulate_chunks(switch_off_points(scenario, chosen), replicates, settings)
    lanes = pl.concat([with_means(part) for part in parts]).sort("point", "replicate")
    by_point = {key[0]: table for key, table in lanes.group_by("point", maintain_order=True)}
    values = scenario.values()
    return pl.DataFrame(
        [
            {
                "mechanism": item.name,
                "meaning": item.meaning,
                "idle": _is_idle(item, values),
                **_effect(by_point[number], by_point[0]),
            }
            for number, item in enumerate(chosen, start=1)
        ]
    )


def with_means(part: Outcomes) -> pl.DataFrame:
    """Outcomes with the followed quantities' means over days, null where the path was not kept."""
    assert part.trajectories is not None
    kept = part.trajectories.kept
    where = [list(TRACKED).index(name) for name in FOLLOWED]
    means = np.array([path[:, where].mean(axis=0, dtype=float) for path in kept.values()]).reshape(-1, len(FOLLOWED))
    keys = np.array(list(kept), np.int32).reshape(-1, 2)
    followed = pl.DataFrame(
        {
            "point": keys[:, 0],
            "replicate": keys[:, 1],
            **{name: means[:, number] for number, name in enumerate(FOLLOWED)},
        }
    )
    return outcome_frame(part).join(followed, on=["point", "replicate"], how="left")


def _is_idle(mechanism: Mechanism, values: Mapping[str, object]) -> bool:
    return all(values[path] == parameters()[path].neutral for path in mechanism.paths)


def _effect(off: pl.DataFrame, on: pl.DataFrame) -> dict[str, float]:
    row = {"changed": changed_share(off, on)}
    for name, (kind, value) in MEASURES.items():
        contrast = paired(_sample(off, value), _sample(on, value), Metric(name, name, value, kind))
        row |= {name: contrast.difference, f"{name}_low": contrast.low, f"{name}_high": contrast.high}
    return row


def _sample(lanes: pl.DataFrame, value: pl.Expr) -> Sample:
    numbers = lanes.select(value.cast(pl.Float64)).to_series().to_numpy()
    return Sample.of(numbers, np.arange(len(numbers)), len(numbers))


def changed_share(first: pl.DataFrame, second: pl.DataFrame) -> float:
    """Share of lanes, matched by row, that differ in any outcome at all."""
    differs = np.zeros(first.height, bool)
    for name in set(first.columns) - _KEYS:
        differs |= ~first[name].eq_missing(second[name]).to_numpy()
    return float(differs.mean())


def dead_mechanisms(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """Mechanisms that change no crisis in any base scenario."""
    together = pl.concat([table.select("mechanism", "changed") for table in tables.values()])
    most = together.group_by("mechanism", maintain_order=True).max()
    return most.filter(pl.col("changed") == 0)["mechanism"].to_list()
