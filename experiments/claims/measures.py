"""What is measured on a crisis, one number a lane, and the scale on which arms are compared.

Labels and scales stand in ``declared/measures.yaml``. Most measures read outcomes. Where outcomes do not hold what is asked
for, a watch, a function with the decorator :func:`watch`, looks at crises day by day and returns a number a lane for each
measure it serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from experiments.config.yaml_files import read_text, read_tree
from experiments.statistics.vocabulary import EARLY_DAY, HEADLINE_DAY, LIMITED_WAR_OR_WORSE
from sim.crisis import Crisis
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, begin
from sim.ladder import ARTILLERY, CALM_DAYS, DEPLOYED, HOT
from sim.outputs.columns import NEVER
from sim.outputs.outcomes import OutcomeRecorder

Lanes = Mapping[str, np.ndarray]
"""Outcomes, or what a watch returned: column -> a value a lane."""
CALM_HORIZON = HEADLINE_DAY + CALM_DAYS
"""A calm that begins on day 60 is known to be one a fortnight later."""
CLIMB_DAYS = 10
ALARM_DAY, ALARMED_DAYS = 2, 3
"""The day on which a salient death is forced, and the days after it that count."""
ANSWER_DAYS = 7
FIRST_CALM_BY = 90
"""Days within which the first calm has to be complete for a crisis to be taken up again (assumed)."""


@cache
def read_declared(name: str) -> dict[str, Any]:
    """What a file of the folder ``declared`` says."""
    path = Path(__file__).with_name("declared") / f"{name}.yaml"
    return read_tree(read_text(path), path)


@dataclass(frozen=True)
class Measure:
    """What is measured: how it is read, its label, the scale it is compared on, the days to simulate, and its watch."""

    read: Callable[[Lanes], np.ndarray]
    label: str
    scale: str
    horizon: int = 120
    watch: str = ""


class Crises(NamedTuple):
    """Crises to be watched, a point and a replicate a lane."""

    points: Points
    point: np.ndarray
    replicate: np.ndarray
    settings: Settings

    def states(self, days: int | None = None) -> Iterator[Crisis]:
        """The crises before their first day and after each day, closed after the last."""
        crisis = begin(*self)
        try:
            yield crisis
            for _ in range(self.settings.horizon_days if days is None else days):
                crisis.step()
                yield crisis
        finally:
            crisis.close()

    def days(self) -> Iterator[Crisis]:
        """The crises after each day."""
        return islice(self.states(), 1, None)


# -- read off outcomes ------------------------------------------------------------------------------------------------


def _calm_by(day: int) -> Callable[[Lanes], np.ndarray]:
    return lambda lanes: (lanes["days_to_calm"] != NEVER) & (lanes["days_to_calm"] <= day)


_OUTCOMES: dict[str, Callable[[Lanes], np.ndarray]] = {
    "calm_early": _calm_by(EARLY_DAY),
    "calm": _calm_by(HEADLINE_DAY),
    "tacit_calm": lambda lanes: np.isin(lanes["termination"], ("tacit", "unilateral")) & _calm_by(EARLY_DAY)(lanes),
    "days_heavy": itemgetter("days_heavy"),
    "short": lambda lanes: lanes["days_heavy"] <= 6,
    "deaths": lambda lanes: np.log1p(lanes["deaths_a"] + lanes["deaths_b"]),
    "deaths_a": lambda lanes: np.log1p(lanes["deaths_a"]),
    "limited_war": lambda lanes: np.isin(lanes["severity"], LIMITED_WAR_OR_WORSE),
    "regional_war": lambda lanes: lanes["severity"] == "regional_war",
    "agreement": lambda lanes: lanes["agreements"] > 0,
    "offensive_by_b": lambda lanes: lanes["peak_rung_b"] >= 8,
    "just_below": lambda lanes: lanes["peak_rung_b"] == 6,
    "ally_arms": lambda lanes: lanes["ally_support"] >= 2,
    "protest_a": itemgetter("max_protest_a"),
    "penalty": lambda lanes: (lanes["step_down_penalty_a"] + lanes["step_down_penalty_b"]) / 2,
}
MEASURES = {name: Measure(read, **read_declared("measures")[name]) for name, read in _OUTCOMES.items()}
"""Name -> measure."""
Watch = Callable[[Crises], Iterable[np.ndarray]]
WATCHES: dict[str, Callable[[Crises], dict[str, np.ndarray]]] = {}
"""Name of a watch -> what it returns of crises: name of a measure -> values (lanes,)."""


def watch(*measures: str) -> Callable[[Watch], Watch]:
    """Register a function that returns an array, shape (lanes,), for each of these measures."""

    def register(function: Watch) -> Watch:
        name = function.__name__
        WATCHES[name] = lambda crises: dict(zip(measures, function(crises), strict=True))
        for measure in measures:
            MEASURES[measure] = Measure(itemgetter(measure), **read_declared("measures")[measure], watch=name)
        return function

    return register


# -- means over days --------------------------------------------------------------------------------------------------


def _mean(crises: Crises, *reads: Callable[[Crisis], np.ndarray]) -> np.ndarray:
    """Means over days, one for each reading of a day, shape (readings, lanes)."""
    totals = np.zeros((len(reads), len(crises.point)))
    for crisis in crises.days():
        totals += [read(crisis) for read in reads]
    return totals / crises.settings.horizon_days


@watch("days_of_b_at_six", "days_of_b_at_seven")
def rungs_of_b(crises: Crises) -> np.ndarray:
    """Days that b spends at the rungs of drones and of a ground assault."""
    shares = _mean(crises, *(lambda crisis, rung=rung: crisis.governments["b"].rung == rung for rung in (6, 7)))
    return crises.settings.horizon_days * shares


@watch("force_of_b")
def force_of_b(crises: Crises) -> np.ndarray:
    """Log of b's force at rung 6 with the help it has, mean over days."""
    return _mean(crises, lambda crisis: np.log(crisis.governments["b"].actual_force[:, 6]))


@watch("attitude")
def attitude(crises: Crises) -> np.ndarray:
    """Attitude of both publics, -1 to 1, mean over days and sides."""
    return _mean(crises, lambda crisis: (crisis.publics["a"].attitude + crisis.publics["b"].attitude) / 2)


@watch("patron_reliability", "fear_of_an_offensive", "hope_of_help", "mean_rung_of_b")
def alliance_chain(crises: Crises) -> np.ndarray:
    """What stands at each node from the first ally's reliability to b's rung, means over days."""
    return _mean(
        crises,
        lambda crisis: crisis.allies[0].reliability,
        lambda crisis: crisis.allies[0].shadow_on(crisis.governments["b"])[:, 8],
        lambda crisis: crisis.allies[0].help_for(crisis.governments["a"])[:, 6],
        lambda crisis: crisis.governments["b"].fought,
    )


@watch("protest_when_alarmed")
def protest_when_alarmed(crises: Crises) -> list[np.ndarray]:
    """Highest protest in b on day 2 and the three days after it."""
    days = islice(crises.states(ALARM_DAY + 1 + ALARMED_DAYS), ALARM_DAY + 1, None)
    return [np.max([crisis.publics["b"].protest.copy() for crisis in days], axis=0, initial=0.0)]


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part by whole, NaN where there is no whole."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


# -- rungs over days --------------------------------------------------------------------------------------------------


def _rungs(crises: Crises, days: int) -> np.ndarray:
    """Rungs of both governments before the first day and after each, shape (days + 1, 2, lanes)."""
    return np.array([[crisis.governments[side].rung.copy() for side in "ab"] for crisis in crises.states(days)], int)


def _climbs(crises: Crises, first: int, days: int) -> np.ndarray:
    """Whether a, and whether b, steps up on one of so many days from the first on, shape (2, lanes)."""
    rungs = _rungs(crises, first + days)[first:]
    return (np.diff(rungs, axis=0) > 0).any(axis=0).astype(float)


@watch("a_climbs_early", "b_climbs_early")
def early_climbs(crises: Crises) -> np.ndarray:
    """Whether each side steps up within ten days."""
    return _climbs(crises, 0, CLIMB_DAYS)


@watch("a_climbs_when_alarmed", "b_climbs_when_alarmed")
def alarmed_climbs(crises: Crises) -> np.ndarray:
    """Whether each side steps up on the three days after day 2."""
    return _climbs(crises, ALARM_DAY + 1, ALARMED_DAYS)


@watch("a_backs_down_first")
def a_backs_down_first(crises: Crises) -> list[np.ndarray]:
    """Whether a steps down before b does, if anyone does; both on one day counts as half."""
    down = np.diff(_rungs(crises, crises.settings.horizon_days), axis=0) < 0
    first_a, first_b = np.where(down.any(axis=0), down.argmax(axis=0), np.inf)
    return [(first_a < first_b) + 0.5 * ((first_a == first_b) & np.isfinite(first_a))]


@watch("enemy_higher_after_step", "enemy_higher_after_hold")
def answers_to_a_step_back(crises: Crises) -> list[np.ndarray]:
    """Share of lone steps down after which the enemy is higher a week later, and of matched days on which a side held.

    Days are matched on both sides' rungs within the same draw. NaN where a lane has no lone step down, or its draw no
    such day.
    """
    rungs = _rungs(crises, crises.settings.horizon_days)
    stepped, held, count = np.sum([_after_steps(rungs, side, crises.point) for side in (0, 1)], axis=0)
    return [_ratio(stepped, count), _ratio(held, count)]


def _after_steps(rungs: np.ndarray, side: int, point: np.ndarray) -> np.ndarray:
    """Of one side, 0 or 1: sums over its steps of the enemy's rise, of the rise usual on matched days, and their number.

    Returns shape (3, lanes), from rungs (days + 1, 2, lanes).
    """
    last = max(len(rungs) - ANSWER_DAYS - 1, 0)
    before, after = rungs[:last, side], rungs[1 : last + 1, side]
    enemy, enemy_after = rungs[:last, 1 - side], rungs[1 : last + 1, 1 - side]
    higher = rungs[1 + ANSWER_DAYS : last + 1 + ANSWER_DAYS, 1 - side] > enemy_after
    alone = (before >= DEPLOYED) & (enemy_after == enemy)
    stepped, held = alone & (after < before), alone & (after == before)
    # What is alike are both rungs and the draw: draws differ in how often sides step back.
    _, draw = np.unique(point, return_inverse=True)
    cell = (draw * 10 + before) * 10 + enemy
    days = np.bincount(cell[held], minlength=100 * (draw.max() + 1))
    usual = _ratio(np.bincount(cell[held], higher[held], minlength=len(days)), days)[cell]
    counted = stepped & ~np.isnan(usual)
    return np.array([np.where(counted, each, 0).sum(axis=0) for each in (higher, usual, 1)])


# -- lasting calm -----------------------------------------------------------------------------------------------------


def _breaks_calm(crisis: Crisis) -> np.ndarray:
    """Whether a day breaks calm: policy at rung 4 or above, or fire at rung 5 or above, bool (lanes,)."""
    policy = np.maximum(*(crisis.governments[side].rung for side in "ab"))
    return (policy >= HOT) | (crisis.highest_fought_today >= ARTILLERY)


def _calm_begins_by(crises: Crises, day: int, length: int) -> list[np.ndarray]:
    """Whether so many steps on end that do not break calm begin by a step, 0 or 1, shape (lanes,)."""
    quiet, begun = np.zeros(len(crises.point), int), np.full(len(crises.point), np.inf)
    for step, crisis in enumerate(crises.days(), start=1):
        quiet = np.where(_breaks_calm(crisis), 0, quiet + 1)
        begun = np.where((quiet == length) & np.isinf(begun), step - quiet, begun)
    return [(begun <= day).astype(float)]


@watch("calm_in_days")
def calm_in_days(crises: Crises) -> list[np.ndarray]:
    """Whether a calm of fourteen days begins by day 60, where every step of the model is a day."""
    return _calm_begins_by(crises, HEADLINE_DAY, CALM_DAYS)


@watch("calm_in_half_days")
def calm_in_half_days(crises: Crises) -> list[np.ndarray]:
    """The same where every step is half a day."""
    return _calm_begins_by(crises, 2 * HEADLINE_DAY, 2 * CALM_DAYS)


# -- decisions taken once more ----------------------------------------------------------------------------------------


@watch("steps_up", "steps_up_without_publics")
def decisions_once_more(crises: Crises) -> list[np.ndarray]:
    """Share of decisions that step up, and the same if publics had no weight; NaN without a decision.

    Every decision is made once more by the same government with the same luck, the public without weight: neither its
    approval nor what it bears counts. So publics may bring steps up about, and may prevent them.
    """
    decisions, with_, without = np.zeros((3, len(crises.point)))
    before: dict[str, np.ndarray] = {}
    for day, crisis in enumerate(crises.states()):
        for side, government in crisis.governments.items():
            if day:
                decides, weighed = government.decides, government.weighed
                decisions += decides
                with_ += decides & (government.intent > before[side])
                worth = weighed.worth.copy()
                weighed.worth -= weighed["domestic"] + weighed["burden"]
                without += decides & (government.preferred_rung(decides) > before[side])
                weighed.worth[:] = worth
            before[side] = government.rung
    return [_ratio(with_, decisions), _ratio(without, decisions)]


# -- crises taken up again after their first calm ---------------------------------------------------------------------


@watch("war_after_clash", "war_without_traces")
def war_after_a_calm(crises: Crises) -> list[np.ndarray]:
    """Whether limited war or worse follows on a calm, with what the clash left behind and without.

    The pair starts anew at rung 3 on both sides, with its own traits and the same other luck: once with the attitudes,
    commitment and trust of the day its first calm was complete, once with those of before. NaN without a calm in time.
    """
    left, traits, calmed = _until_calm(crises)
    rest = {f"dyad.start_rung_{side}": np.full(len(crises.point), float(DEPLOYED)) for side in "ab"}
    points = crises.points.take(crises.point)
    again = [{**points.columns, **traits, **rest, **standing} for standing in (left, {})]
    wars = (_war_follows(crises, Points(points.scenarios, points.choice, columns)) for columns in again)
    return [np.where(calmed, war, np.nan) for war in wars]


def _war_follows(crises: Crises, again: Points) -> np.ndarray:
    """Whether pairs that take it up again come to limited war or worse; luck is keyed as theirs was, seed apart."""
    settings, count = crises.settings, len(crises.point)
    luck = Luck(settings.seed + 1, crises.replicate, crises.point if settings.luck == "own" else None)
    values = lane_values(again, np.arange(count), luck)
    crisis = Crisis(lanes=(values, luck), citizens=settings.citizens, dtype=settings.dtype, collect=False)
    recorder = OutcomeRecorder(crisis)
    for _ in range(settings.horizon_days):
        crisis.step()
        recorder.record_day()
    war = MEASURES["limited_war"].read(recorder.lanes(crises.point, crises.replicate, crises.replicate))
    crisis.close()
    return war


def _until_calm(crises: Crises) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray], np.ndarray]:
    """What stands on the day the first calm is complete, the pair's own traits, and whether there was a calm."""
    days = crises.states(FIRST_CALM_BY)
    crisis = next(days)
    start = {side: crisis.publics[side].attitude.copy() for side in "ab"}
    varied = {path for scenario in crises.points.scenarios for path in scenario.varies}
    traits = {path: attrgetter(path)(crisis.values) for path in sorted(varied)}
    for side in "ab":
        traits[f"government.{side}.resolve"] = crisis.governments[side].own_resolve / crisis.venue.stake(side)
        traits[f"government.{side}.resolve_sd"] = np.zeros(crisis.lanes)
    quiet, done = np.zeros(crisis.lanes, int), np.zeros(crisis.lanes, bool)
    left = {path: np.zeros(crisis.lanes) for path in _standing(crisis, start)}
    for crisis in days:
        quiet = np.where(_breaks_calm(crisis), 0, quiet + 1)
        now = (quiet == CALM_DAYS) & ~done
        left = {path: np.where(now, value, left[path]) for path, value in _standing(crisis, start).items()}
        done |= now
        if done.all():
            break
    return left, traits, done


def _standing(crisis: Crisis, start: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a clash may leave behind, path -> value; attitudes as shifts against the start."""
    standing = {}
    for side in "ab":
        standing[f"government.{side}.commitment_start"] = crisis.governments[side].commitment
        standing[f"government.{side}.trust_start"] = crisis.governments[side].trust
        standing[f"public.{side}.attitude_shift"] = crisis.publics[side].attitude - start[side]
    return standing
