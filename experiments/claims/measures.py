"""What is measured on a crisis, one number a lane, and the smallest difference in it that matters.

A measure is a function with the decorator :func:`measure`, found by its name. It reads either outcomes, or, where
outcomes do not hold what is asked for, watches crises day by day (``watches=True``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from sim.crisis import Crisis
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.ensemble import Settings, begin
from sim.ladder import ARTILLERY, DEPLOYED, HOT
from sim.outputs.columns import NEVER
from sim.outputs.outcomes import OutcomeRecorder

Lanes = Mapping[str, np.ndarray]
"""Outcomes: column -> a value a lane."""
RISK, DAYS, SHARE_OF_DEATHS = 0.05, 2.0, float(np.log(1.1))
"""Smallest effects of interest: five points of risk, two days, ten per cent of deaths."""
CALM_BY, CALM_DAYS = 60, 14
CALM_HORIZON = CALM_BY + CALM_DAYS
"""A calm that begins on day 60 is known to be one a fortnight later."""
WARS = ("limited_war", "war", "regional_war")
EARLY_DAYS = 10
ALARM_DAY, ALARMED_DAYS = 2, 3
"""The day on which a salient death is forced, and the days after it that count."""
ANSWER_DAYS = 7
FIRST_CALM_BY = 90
"""Days within which the first calm has to be complete for a crisis to be taken up again (assumed)."""


@dataclass(frozen=True)
class Measure:
    """What is measured: its label and unit, the smallest effect of interest, and the days that have to be simulated."""

    name: str
    label: str
    unit: str
    smallest: float
    horizon: int
    function: Callable[..., np.ndarray]
    watches: bool

    def of(self, lanes: Lanes) -> np.ndarray:
        """Values of the lanes of an arm, shape (lanes,); of a measure that watches, they are kept as ``value``."""
        return lanes["value"] if self.watches else self.function(lanes).astype(float)


MEASURES: dict[str, Measure] = {}
"""Name -> measure, in the order in which they are defined."""


def measure(
    label: str, unit: str = "share", smallest: float = RISK, horizon: int = 120, watches: bool = False
) -> Callable[[Callable[..., np.ndarray]], Callable[..., np.ndarray]]:
    """Register a function under its name."""

    def register(function: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
        MEASURES[function.__name__] = Measure(function.__name__, label, unit, smallest, horizon, function, watches)
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


def _outcome(name: str, label: str, read: Callable[[Lanes], np.ndarray], *others: str | float) -> None:
    read.__name__ = name
    measure(label, *others)(read)  # type: ignore[arg-type]


_outcome(
    "calm",
    f"calm begun by day {CALM_BY}",
    lambda lanes: (lanes["days_to_calm"] != NEVER) & (lanes["days_to_calm"] <= CALM_BY),
    *("share", RISK, CALM_HORIZON),
)
_outcome(
    "tacit_calm",
    "calm without any agreement",
    lambda lanes: np.isin(lanes["termination"], ("tacit", "unilateral")) & (lanes["days_to_calm"] <= CALM_BY),
    *("share", RISK, CALM_HORIZON),
)
_outcome("limited_war", "limited war or worse", lambda lanes: np.isin(lanes["severity"], WARS))
_outcome("regional_war", "regional war", lambda lanes: lanes["severity"] == "regional_war")
_outcome("agreement", "any agreement", lambda lanes: lanes["agreements"] > 0)
_outcome("offensive_by_b", "b reaches rung 8", lambda lanes: lanes["peak_rung_b"] >= 8)
_outcome("just_below", "b's highest rung is 6", lambda lanes: lanes["peak_rung_b"] == 6)
_outcome("peak_rung_of_b", "highest rung of b", lambda lanes: lanes["peak_rung_b"], "rungs", 0.25)
_outcome("ally_arms", "an ally sends arms", lambda lanes: lanes["ally_support"] >= 2)
_outcome("protest_a", "highest protest in a", lambda lanes: lanes["max_protest_a"], "share", 0.01)
_outcome(
    "penalty",
    "price at home of a step down that nobody covers",
    lambda lanes: (lanes["step_down_penalty_a"] + lanes["step_down_penalty_b"]) / 2,
    *("share of approval", 0.01),
)
_outcome("days_hot", "days of fighting", lambda lanes: lanes["days_hot"], "days", DAYS)
_outcome(
    "deaths",
    "log military deaths",
    lambda lanes: np.log1p(lanes["deaths_a"] + lanes["deaths_b"]),
    *("log", SHARE_OF_DEATHS),
)
_outcome("deaths_a", "log military deaths of a", lambda lanes: np.log1p(lanes["deaths_a"]), "log", SHARE_OF_DEATHS)


# -- sums and means over days -----------------------------------------------------------------------------------------


def _summed(crises: Crises, read: Callable[[Crisis], np.ndarray]) -> np.ndarray:
    total = np.zeros(len(crises.point))
    for crisis in crises.days():
        total += read(crisis)
    return total


def _mean(crises: Crises, read: Callable[[Crisis], np.ndarray]) -> np.ndarray:
    return _summed(crises, read) / crises.settings.horizon_days


@measure("days of fighting", "days", DAYS, watches=True)
def days_of_fire(crises: Crises) -> np.ndarray:
    """Days on which someone fights at rung 5 or above, artillery or worse."""
    return _summed(crises, lambda crisis: crisis.highest_fought_today >= 5)


@measure("short", watches=True)
def over_in_six_days(crises: Crises) -> np.ndarray:
    """Whether there are six such days at most."""
    return (days_of_fire(crises) <= 6).astype(float)


@measure("days of b at a rung", "days", DAYS, watches=True)
def days_of_b_at_six(crises: Crises) -> np.ndarray:
    return _summed(crises, lambda crisis: crisis.governments["b"].rung == 6)


@measure("days of b at a rung", "days", DAYS, watches=True)
def days_of_b_at_seven(crises: Crises) -> np.ndarray:
    return _summed(crises, lambda crisis: crisis.governments["b"].rung == 7)


@measure("b's force at rung 6", "log", 0.1, watches=True)
def force_of_b(crises: Crises) -> np.ndarray:
    """Log of b's force at rung 6 with the help it has, mean over days."""
    return _mean(crises, lambda crisis: np.log(crisis.governments["b"].actual_force[:, 6]))


@measure("attitude", "of -1 to 1", watches=True)
def attitude_of_publics(crises: Crises) -> np.ndarray:
    """Attitude of both publics, mean over days and sides."""
    return _mean(crises, lambda crisis: (crisis.publics["a"].attitude + crisis.publics["b"].attitude) / 2)


@measure("chance that the patron would enter at full war", watches=True)
def patron_reliability(crises: Crises) -> np.ndarray:
    """Chance that the first ally would enter at full war, mean over days."""
    return _mean(crises, lambda crisis: crisis.allies[0].reliability)


@measure("b's fear of the ally at rung 8", "utility", 0.1, watches=True)
def fear_of_an_offensive(crises: Crises) -> np.ndarray:
    """What b fears of the first ally at rung 8, mean over days."""
    return _mean(crises, lambda crisis: crisis.allies[0].shadow_on(crisis.governments["b"])[:, 8])


@measure("force a expects from the ally at rung 6", "force", 0.1, watches=True)
def hope_of_help(crises: Crises) -> np.ndarray:
    """Force that a counts on from the first ally at rung 6, mean over days."""
    return _mean(crises, lambda crisis: crisis.allies[0].help_for(crisis.governments["a"])[:, 6])


@measure("rung at which b fights", "rungs", 0.25, watches=True)
def mean_rung_of_b(crises: Crises) -> np.ndarray:
    return _mean(crises, lambda crisis: crisis.governments["b"].fought)


@measure("highest protest in b", smallest=0.01, watches=True)
def protest_when_alarmed(crises: Crises) -> np.ndarray:
    """Highest protest in b on day 2 and the three days after it."""
    crises = crises._replace(settings=replace(crises.settings, horizon_days=ALARM_DAY + 1 + ALARMED_DAYS))
    protest = [crisis.publics["b"].protest.copy() for crisis in crises.days()]
    return np.maximum(np.max(protest[ALARM_DAY:], axis=0), 0.0)


@measure("attempts at direct talks", "a day", watches=True)
def direct_attempts(crises: Crises) -> np.ndarray:
    """Attempts at direct talks a day of those days on which they are wanted; NaN where there is none."""
    crisis = crises.begin()
    wanted, tried = np.zeros(crisis.lanes), np.zeros(crisis.lanes)
    for _ in range(crises.settings.horizon_days):
        free = ~crisis.agreement.in_force
        crisis.step()
        wanted += free & (crisis.highest_fought >= DEPLOYED)
        tried += crisis.talks.direct
    crisis.close()
    return _ratio(tried, wanted)


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


def _climbs(crises: Crises, side: str, first: int, days: int) -> np.ndarray:
    """Whether a side steps up on one of so many days from the first on."""
    rungs = _rungs(crises, first + days)[first:, "ab".index(side)]
    return (np.diff(rungs, axis=0) > 0).any(axis=0).astype(float)


@measure("a step up within ten days", watches=True)
def a_climbs_early(crises: Crises) -> np.ndarray:
    return _climbs(crises, "a", 0, EARLY_DAYS)


@measure("a step up within ten days", watches=True)
def b_climbs_early(crises: Crises) -> np.ndarray:
    return _climbs(crises, "b", 0, EARLY_DAYS)


@measure("a step up within three days", watches=True)
def a_climbs_when_alarmed(crises: Crises) -> np.ndarray:
    return _climbs(crises, "a", ALARM_DAY + 1, ALARMED_DAYS)


@measure("a step up within three days", watches=True)
def b_climbs_when_alarmed(crises: Crises) -> np.ndarray:
    return _climbs(crises, "b", ALARM_DAY + 1, ALARMED_DAYS)


@measure("a steps down first", watches=True)
def a_backs_down_first(crises: Crises) -> np.ndarray:
    """Whether a steps down before b does, if anyone does; both on one day counts as half."""
    down = np.diff(_rungs(crises, crises.settings.horizon_days), axis=0) < 0
    first_a, first_b = np.where(down.any(axis=0), down.argmax(axis=0), np.inf)
    return (first_a < first_b) + 0.5 * ((first_a == first_b) & np.isfinite(first_a))


@measure("change of the enemy's rung in seven days", "rungs", 0.25, watches=True)
def advance_after_a_step_back(crises: Crises) -> np.ndarray:
    """How much further the enemy moves in the week after a side steps down alone than after it holds.

    Days are matched on both sides' rungs; what the enemy does on matched days of the same draw is the comparison. NaN
    where a lane has no lone step down, or its draw no such day.
    """
    rungs = _rungs(crises, crises.settings.horizon_days)
    sides = np.array([_advance(rungs, own, crises.point) for own in (0, 1)])
    return _ratio(np.nansum(sides, axis=0), (~np.isnan(sides)).sum(axis=0))


def _advance(rungs: np.ndarray, own: int, point: np.ndarray) -> np.ndarray:
    """The same of one side, from rungs (days + 1, 2, lanes)."""
    last = len(rungs) - ANSWER_DAYS - 1
    before, after = rungs[:last, own], rungs[1 : last + 1, own]
    enemy, enemy_after = rungs[:last, 1 - own], rungs[1 : last + 1, 1 - own]
    change = rungs[1 + ANSWER_DAYS : last + 1 + ANSWER_DAYS, 1 - own] - enemy_after
    alone = (before >= 3) & (enemy_after == enemy)
    stepped, held = alone & (after < before), alone & (after == before)
    # What is alike are both rungs and the draw: draws differ in how often sides step back.
    _, draw = np.unique(point, return_inverse=True)
    cell = (draw * 10 + before) * 10 + enemy
    days = np.bincount(cell[held], minlength=100 * (draw.max() + 1))
    usual = _ratio(np.bincount(cell[held], change[held], minlength=len(days)), days)
    extra = np.where(stepped, change - usual[cell], np.nan)
    return _ratio(np.nansum(extra, axis=0), (~np.isnan(extra)).sum(axis=0))


# -- lasting calm -----------------------------------------------------------------------------------------------------


def _at_force(crisis: Crisis) -> np.ndarray:
    """Whether any policy stands at rung 4 or above, bool (lanes,)."""
    return np.maximum(*(crisis.governments[side].rung for side in "ab")) >= HOT


def _breaks_calm(crisis: Crisis) -> np.ndarray:
    """Whether a day breaks calm: policy at rung 4 or above, or fire at rung 5 or above, bool (lanes,)."""
    return _at_force(crisis) | (crisis.highest_fought_today >= ARTILLERY)


def _calm_begins(crises: Crises, broken: Callable[[Crisis], np.ndarray], length: int) -> np.ndarray:
    """First of so many steps on end that are not broken; infinite where none comes."""
    quiet, begun = np.zeros(len(crises.point), int), np.full(len(crises.point), np.inf)
    for step, crisis in enumerate(crises.days()):
        quiet = np.where(broken(crisis), 0, quiet + 1)
        begun = np.where((quiet == length) & np.isinf(begun), step + 1 - quiet, begun)
    return begun


@measure("day on which both governments stand down", "days", DAYS, watches=True)
def day_of_standing_down(crises: Crises) -> np.ndarray:
    """First of fourteen days on which both governments' own rungs are 3 or less; infinite where none comes.

    Calm asks for more: that nobody fires at rung 5 or above either, whoever ordered it.
    """
    return _calm_begins(crises, _at_force, CALM_DAYS)


@measure(f"calm begun by day {CALM_BY}", watches=True)
def calm_in_days(crises: Crises) -> np.ndarray:
    """Whether a calm of fourteen days begins by day 60, where every step of the model is a day."""
    return (_calm_begins(crises, _breaks_calm, CALM_DAYS) <= CALM_BY).astype(float)


@measure(f"calm begun by day {CALM_BY}", watches=True)
def calm_in_half_days(crises: Crises) -> np.ndarray:
    """The same where every step is half a day."""
    begun = _calm_begins(crises, _breaks_calm, 2 * CALM_DAYS)
    return (begun <= 2 * CALM_BY).astype(float)


# -- decisions taken once more ----------------------------------------------------------------------------------------


@measure("steps up due to the public", watches=True)
def pushed_share(crises: Crises) -> np.ndarray:
    """Share of steps up that the same government would not take that day, with the same luck and no public."""
    ups, pushed, _ = _steps_up(crises)
    return _ratio(pushed, ups)


@measure("steps up due to the public", watches=True)
def net_push(crises: Crises) -> np.ndarray:
    """Steps up that approval brought about less those it prevented that day, by steps up; NaN without any."""
    ups, pushed, prevented = _steps_up(crises)
    return _ratio(pushed - prevented, ups)


def _steps_up(crises: Crises) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps up that were taken, those of them that approval brought about, and those it prevented.

    Every decision is made once more by the same government with the same luck, the public without weight: neither its
    approval nor what it bears counts. A step that is prevented on several days counts on each.
    """
    crisis = crises.begin()
    ups, pushed, prevented = (np.zeros(crisis.lanes) for _ in range(3))
    for _ in range(crises.settings.horizon_days):
        before = {side: crisis.governments[side].rung for side in "ab"}
        crisis.step()
        for side in "ab":
            own = crisis.governments[side]
            up = own.decides & (own.intent > before[side])
            worth = own.weighed.worth.copy()
            own.weighed.worth -= own.weighed["domestic"] + own.weighed["burden"]
            without = own.decides & (own.preferred_rung(own.decides) > before[side])
            own.weighed.worth[:] = worth
            ups += up
            pushed += up & ~without
            prevented += without & ~up
    crisis.close()
    return ups, pushed, prevented


# -- crises taken up again after their first calm ---------------------------------------------------------------------


@measure("limited war or worse", watches=True)
def war_added_by_a_clash(crises: Crises) -> np.ndarray:
    """Whether limited war or worse follows on a calm with what the clash left minus without.

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
    return np.where(calmed, with_ - without, np.nan)


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
    war = MEASURES["limited_war"].of(recorder.lanes(crises.point, crises.replicate, crises.replicate))
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
