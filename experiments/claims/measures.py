"""What is measured on a crisis, one number a lane, and the scale on which arms are compared.

Most measures read outcomes. Where outcomes do not hold what is asked for, a watch, a function with the decorator
:func:`watch`, looks at crises day by day and returns a number a lane under the name of each measure it serves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter
from typing import NamedTuple

import numpy as np

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
CALM_BY = HEADLINE_DAY
CALM_HORIZON, EARLY_HORIZON = CALM_BY + CALM_DAYS, EARLY_DAY + CALM_DAYS
"""A calm that begins on day 60 is known to be one a fortnight later."""
CLIMB_DAYS = 10
ALARM_DAY, ALARMED_DAYS = 2, 3
"""The day on which a salient death is forced, and the days after it that count."""
ANSWER_DAYS = 7
FIRST_CALM_BY = 90
"""Days within which the first calm has to be complete for a crisis to be taken up again (assumed)."""
SCALES = ("odds", "risk", "ratio", "log", "level")
"""Means are compared by odds ratio, risk ratio, ratio, ratio of what is logged already, or by their difference."""


@dataclass(frozen=True)
class Measure:
    """What is measured: its label, the scale it is compared on, the days to simulate, how it is read, and its watch."""

    name: str
    label: str
    scale: str
    horizon: int
    read: Callable[[Lanes], np.ndarray]
    watch: str = ""


MEASURES: dict[str, Measure] = {}
"""Name -> measure, in the order in which they are defined."""
WATCHES: dict[str, Callable[[Crises], dict[str, np.ndarray]]] = {}
"""Name of a watch -> what it returns of crises: name of a measure -> values (lanes,)."""


def watch(**measures: tuple[str, str]) -> Callable[[Callable[[Crises], dict[str, np.ndarray]]], Callable]:
    """Register a function and the measures it serves, name -> (label, scale)."""

    def register(function: Callable[[Crises], dict[str, np.ndarray]]) -> Callable:
        WATCHES[function.__name__] = function
        for name, (label, scale) in measures.items():
            MEASURES[name] = Measure(name, label, scale, 120, itemgetter(name), function.__name__)
        return function

    return register


class Crises(NamedTuple):
    """Crises to be watched, a point and a replicate a lane."""

    points: Points
    point: np.ndarray
    replicate: np.ndarray
    settings: Settings

    def begin(self) -> Crisis:
        """The crises before their first day; close them after use."""
        return begin(*self)

    def days(self) -> Iterator[Crisis]:
        """The crises at the end of each day, closed after the last."""
        crisis = self.begin()
        for _ in range(self.settings.horizon_days):
            crisis.step()
            yield crisis
        crisis.close()


# -- read off outcomes ------------------------------------------------------------------------------------------------


def _outcome(name: str, label: str, scale: str, read: Callable[[Lanes], np.ndarray], horizon: int = 120) -> None:
    MEASURES[name] = Measure(name, label, scale, horizon, read)


def _calm_by(day: int) -> Callable[[Lanes], np.ndarray]:
    return lambda lanes: (lanes["days_to_calm"] != NEVER) & (lanes["days_to_calm"] <= day)


def _unagreed(lanes: Lanes) -> np.ndarray:
    return np.isin(lanes["termination"], ("tacit", "unilateral"))


def _log_deaths(*sides: str) -> Callable[[Lanes], np.ndarray]:
    return lambda lanes: np.log1p(sum(lanes[f"deaths_{side}"] for side in sides))


_outcome("calm_early", f"calm begun by day {EARLY_DAY}", "odds", _calm_by(EARLY_DAY), EARLY_HORIZON)
_outcome("calm", f"calm begun by day {CALM_BY}", "odds", _calm_by(CALM_BY), CALM_HORIZON)
_outcome(
    "tacit_calm",
    f"calm without any agreement begun by day {EARLY_DAY}",
    "odds",
    lambda lanes: _unagreed(lanes) & _calm_by(EARLY_DAY)(lanes),
    EARLY_HORIZON,
)
_outcome("days_heavy", "days of heavy fire", "ratio", lambda lanes: lanes["days_heavy"])
_outcome("short", "six days of heavy fire at most", "odds", lambda lanes: lanes["days_heavy"] <= 6)
_outcome("deaths", "military deaths", "log", _log_deaths("a", "b"))
_outcome("deaths_a", "military deaths of a", "log", _log_deaths("a"))
_outcome("limited_war", "limited war or worse", "risk", lambda lanes: np.isin(lanes["severity"], LIMITED_WAR_OR_WORSE))
_outcome("regional_war", "regional war", "risk", lambda lanes: lanes["severity"] == "regional_war")
_outcome("agreement", "any agreement", "odds", lambda lanes: lanes["agreements"] > 0)
_outcome("offensive_by_b", "b reaches rung 8", "odds", lambda lanes: lanes["peak_rung_b"] >= 8)
_outcome("just_below", "b's highest rung is 6", "odds", lambda lanes: lanes["peak_rung_b"] == 6)
_outcome("ally_arms", "an ally sends arms", "odds", lambda lanes: lanes["ally_support"] >= 2)
_outcome("protest_a", "highest protest in a", "odds", lambda lanes: lanes["max_protest_a"])
_outcome(
    "penalty",
    "price at home of a step down that nobody covers",
    "level",
    lambda lanes: (lanes["step_down_penalty_a"] + lanes["step_down_penalty_b"]) / 2,
)


# -- means over days --------------------------------------------------------------------------------------------------


def _mean(crises: Crises, *reads: Callable[[Crisis], np.ndarray]) -> list[np.ndarray]:
    """Means over days, one for each reading of a day."""
    totals = np.zeros((len(reads), len(crises.point)))
    for crisis in crises.days():
        totals += [read(crisis) for read in reads]
    return list(totals / crises.settings.horizon_days)


@watch(days_of_b_at_six=("days of b at rung 6", "ratio"), days_of_b_at_seven=("days of b at rung 7", "ratio"))
def rungs_of_b(crises: Crises) -> dict[str, np.ndarray]:
    """Days that b spends at the rungs of drones and of a ground assault."""
    shares = _mean(crises, *(lambda crisis, rung=rung: crisis.governments["b"].rung == rung for rung in (6, 7)))
    names = ("days_of_b_at_six", "days_of_b_at_seven")
    return {name: crises.settings.horizon_days * share for name, share in zip(names, shares, strict=True)}


@watch(force_of_b=("b's force at rung 6", "log"))
def force_of_b(crises: Crises) -> dict[str, np.ndarray]:
    """Log of b's force at rung 6 with the help it has, mean over days."""
    return {"force_of_b": _mean(crises, lambda crisis: np.log(crisis.governments["b"].actual_force[:, 6]))[0]}


@watch(attitude=("attitude of both publics", "level"))
def attitude(crises: Crises) -> dict[str, np.ndarray]:
    """Attitude of both publics, -1 to 1, mean over days and sides."""
    return {
        "attitude": _mean(crises, lambda crisis: (crisis.publics["a"].attitude + crisis.publics["b"].attitude) / 2)[0]
    }


@watch(
    patron_reliability=("chance that the patron would enter at full war", "odds"),
    fear_of_an_offensive=("b's fear of the ally at rung 8 (utility)", "level"),
    hope_of_help=("force a expects from the ally at rung 6", "level"),
    mean_rung_of_b=("rung at which b fights", "level"),
)
def alliance_chain(crises: Crises) -> dict[str, np.ndarray]:
    """What stands at each node from the first ally's reliability to b's rung, means over days."""
    names = ("patron_reliability", "fear_of_an_offensive", "hope_of_help", "mean_rung_of_b")
    means = _mean(
        crises,
        lambda crisis: crisis.allies[0].reliability,
        lambda crisis: crisis.allies[0].shadow_on(crisis.governments["b"])[:, 8],
        lambda crisis: crisis.allies[0].help_for(crisis.governments["a"])[:, 6],
        lambda crisis: crisis.governments["b"].fought,
    )
    return dict(zip(names, means, strict=True))


@watch(protest_when_alarmed=("highest protest in b", "odds"))
def protest_when_alarmed(crises: Crises) -> dict[str, np.ndarray]:
    """Highest protest in b on day 2 and the three days after it."""
    crises = crises._replace(settings=replace(crises.settings, horizon_days=ALARM_DAY + 1 + ALARMED_DAYS))
    protest = [crisis.publics["b"].protest.copy() for crisis in crises.days()]
    return {"protest_when_alarmed": np.maximum(np.max(protest[ALARM_DAY:], axis=0), 0.0)}


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Part by whole, NaN where there is no whole."""
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


# -- rungs over days --------------------------------------------------------------------------------------------------


def _rungs(crises: Crises, days: int) -> np.ndarray:
    """Rungs of both governments before the first day and after each, shape (days + 1, 2, lanes)."""
    crisis = crises.begin()
    rungs = np.empty((days + 1, 2, crisis.lanes), np.int64)
    rungs[0] = [crisis.governments[side].rung for side in "ab"]
    for day in range(days):
        crisis.step()
        rungs[day + 1] = [crisis.governments[side].rung for side in "ab"]
    crisis.close()
    return rungs


def _climbs(crises: Crises, first: int, days: int) -> list[np.ndarray]:
    """Whether a, and whether b, steps up on one of so many days from the first on."""
    rungs = _rungs(crises, first + days)[first:]
    return list((np.diff(rungs, axis=0) > 0).any(axis=0).astype(float))


@watch(
    a_climbs_early=(f"a steps up within {CLIMB_DAYS} days", "odds"),
    b_climbs_early=(f"b steps up within {CLIMB_DAYS} days", "odds"),
)
def early_climbs(crises: Crises) -> dict[str, np.ndarray]:
    """Whether each side steps up within ten days."""
    return dict(zip(("a_climbs_early", "b_climbs_early"), _climbs(crises, 0, CLIMB_DAYS), strict=True))


@watch(
    a_climbs_when_alarmed=(f"a steps up within {ALARMED_DAYS} days", "odds"),
    b_climbs_when_alarmed=(f"b steps up within {ALARMED_DAYS} days", "odds"),
)
def alarmed_climbs(crises: Crises) -> dict[str, np.ndarray]:
    """Whether each side steps up on the three days after day 2."""
    climbs = _climbs(crises, ALARM_DAY + 1, ALARMED_DAYS)
    return dict(zip(("a_climbs_when_alarmed", "b_climbs_when_alarmed"), climbs, strict=True))


@watch(a_backs_down_first=("a steps down first", "odds"))
def a_backs_down_first(crises: Crises) -> dict[str, np.ndarray]:
    """Whether a steps down before b does, if anyone does; both on one day counts as half."""
    down = np.diff(_rungs(crises, crises.settings.horizon_days), axis=0) < 0
    first_a, first_b = np.where(down.any(axis=0), down.argmax(axis=0), np.inf)
    return {"a_backs_down_first": (first_a < first_b) + 0.5 * ((first_a == first_b) & np.isfinite(first_a))}


@watch(
    enemy_higher_after_step=("the enemy is higher a week after a side stepped down alone", "odds"),
    enemy_higher_after_hold=("the enemy is higher a week after a side held", "odds"),
)
def answers_to_a_step_back(crises: Crises) -> dict[str, np.ndarray]:
    """Share of lone steps down after which the enemy is higher a week later, and of matched days on which a side held.

    Days are matched on both sides' rungs within the same draw. NaN where a lane has no lone step down, or its draw no
    such day.
    """
    rungs = _rungs(crises, crises.settings.horizon_days)
    stepped, held, count = np.sum([_after_steps(rungs, own, crises.point) for own in (0, 1)], axis=0)
    return {
        "enemy_higher_after_step": _ratio(stepped, count),
        "enemy_higher_after_hold": _ratio(held, count),
    }


def _after_steps(rungs: np.ndarray, own: int, point: np.ndarray) -> np.ndarray:
    """Of one side: sums over its steps of the enemy's rise, of the rise usual on matched days, and their number.

    Returns shape (3, lanes), from rungs (days + 1, 2, lanes).
    """
    last = max(len(rungs) - ANSWER_DAYS - 1, 0)
    before, after = rungs[:last, own], rungs[1 : last + 1, own]
    enemy, enemy_after = rungs[:last, 1 - own], rungs[1 : last + 1, 1 - own]
    higher = rungs[1 + ANSWER_DAYS : last + 1 + ANSWER_DAYS, 1 - own] > enemy_after
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


def _at_force(crisis: Crisis) -> np.ndarray:
    """Whether any policy stands at rung 4 or above, bool (lanes,)."""
    return np.maximum(*(crisis.governments[side].rung for side in "ab")) >= HOT


def _breaks_calm(crisis: Crisis) -> np.ndarray:
    """Whether a day breaks calm: policy at rung 4 or above, or fire at rung 5 or above, bool (lanes,)."""
    return _at_force(crisis) | (crisis.highest_fought_today >= ARTILLERY)


@watch(day_of_standing_down=("day on which both governments stand down", "ratio"))
def day_of_standing_down(crises: Crises) -> dict[str, np.ndarray]:
    """First of fourteen days on which both governments' own rungs are 3 or less; infinite where none comes.

    Calm asks for more: that nobody fires at rung 5 or above either, whoever ordered it.
    """
    return {"day_of_standing_down": _quiet_begins(crises, _at_force, CALM_DAYS)}


def _quiet_begins(crises: Crises, broken: Callable[[Crisis], np.ndarray], length: int) -> np.ndarray:
    """First of so many steps on end that are not broken; infinite where none comes."""
    quiet, begun = np.zeros(len(crises.point), int), np.full(len(crises.point), np.inf)
    for step, crisis in enumerate(crises.days()):
        quiet = np.where(broken(crisis), 0, quiet + 1)
        begun = np.where((quiet == length) & np.isinf(begun), step + 1 - quiet, begun)
    return begun


@watch(calm_in_days=(f"calm begun by day {CALM_BY}", "odds"))
def calm_in_days(crises: Crises) -> dict[str, np.ndarray]:
    """Whether a calm of fourteen days begins by day 60, where every step of the model is a day."""
    return {"calm_in_days": (_quiet_begins(crises, _breaks_calm, CALM_DAYS) <= CALM_BY).astype(float)}


@watch(calm_in_half_days=(f"calm begun by day {CALM_BY}", "odds"))
def calm_in_half_days(crises: Crises) -> dict[str, np.ndarray]:
    """The same where every step is half a day."""
    return {"calm_in_half_days": (_quiet_begins(crises, _breaks_calm, 2 * CALM_DAYS) <= 2 * CALM_BY).astype(float)}


# -- decisions taken once more ----------------------------------------------------------------------------------------


@watch(
    steps_up=("decisions to step up", "odds"),
    steps_up_without_publics=("decisions to step up if publics had no weight that day", "odds"),
)
def decisions_once_more(crises: Crises) -> dict[str, np.ndarray]:
    """Share of decisions that step up, and the same if publics had no weight; NaN without a decision.

    Every decision is made once more by the same government with the same luck, the public without weight: neither its
    approval nor what it bears counts. So publics may bring steps up about, and may prevent them.
    """
    crisis = crises.begin()
    decisions, with_, without = (np.zeros(crisis.lanes) for _ in range(3))
    for _ in range(crises.settings.horizon_days):
        before = {side: crisis.governments[side].rung for side in "ab"}
        crisis.step()
        for side in "ab":
            own = crisis.governments[side]
            decisions += own.decides
            with_ += own.decides & (own.intent > before[side])
            worth = own.weighed.worth.copy()
            own.weighed.worth -= own.weighed["domestic"] + own.weighed["burden"]
            without += own.decides & (own.preferred_rung(own.decides) > before[side])
            own.weighed.worth[:] = worth
    crisis.close()
    return {"steps_up": _ratio(with_, decisions), "steps_up_without_publics": _ratio(without, decisions)}


# -- crises taken up again after their first calm ---------------------------------------------------------------------


@watch(
    war_after_clash=("limited war or worse after a calm", "risk"),
    war_without_traces=("the same without what the clash left behind", "risk"),
)
def war_after_a_calm(crises: Crises) -> dict[str, np.ndarray]:
    """Whether limited war or worse follows on a calm, with what the clash left behind and without.

    The pair starts anew at rung 3 on both sides, with its own traits and other luck, the same twice: once with the
    attitudes, commitment and trust that stood on the day its first calm was complete, once with those of before the
    clash. NaN where there was no calm in time.
    """
    left, traits, calmed = _until_calm(crises)
    rest = {f"dyad.start_rung_{side}": np.full(len(crises.point), float(DEPLOYED)) for side in "ab"}
    own = crises.points.take(crises.point)
    with_, without = (
        _war_follows(crises, Points(own.scenarios, own.choice, {**own.columns, **traits, **rest, **standing}))
        for standing in (left, {})
    )
    return {
        "war_after_clash": np.where(calmed, with_, np.nan),
        "war_without_traces": np.where(calmed, without, np.nan),
    }


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
    crisis = crises._replace(settings=replace(crises.settings, horizon_days=FIRST_CALM_BY)).begin()
    start = {side: crisis.publics[side].attitude.copy() for side in "ab"}
    varied = {path for scenario in crises.points.scenarios for path in scenario.varies}
    traits = {path: attrgetter(path)(crisis.values) for path in sorted(varied)}
    for side in "ab":
        traits[f"government.{side}.resolve"] = crisis.governments[side].own_resolve / crisis.venue.stake(side)
        traits[f"government.{side}.resolve_sd"] = np.zeros(crisis.lanes)
    quiet, done = np.zeros(crisis.lanes, int), np.zeros(crisis.lanes, bool)
    left = {path: np.zeros(crisis.lanes) for path in _standing(crisis, start)}
    for _ in range(FIRST_CALM_BY):
        crisis.step()
        quiet = np.where(_breaks_calm(crisis), 0, quiet + 1)
        now = (quiet == CALM_DAYS) & ~done
        left = {path: np.where(now, value, left[path]) for path, value in _standing(crisis, start).items()}
        done |= now
        if done.all():
            break
    crisis.close()
    return left, traits, done


def _standing(crisis: Crisis, start: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a clash may leave behind, path -> value; attitudes as shifts against the start."""
    standing = {}
    for side in "ab":
        standing[f"government.{side}.commitment_start"] = crisis.governments[side].commitment
        standing[f"government.{side}.trust_start"] = crisis.governments[side].trust
        standing[f"public.{side}.attitude_shift"] = crisis.publics[side].attitude - start[side]
    return standing
