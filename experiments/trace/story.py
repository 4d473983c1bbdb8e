"""One crisis of a study day by day: simulated once more, held against the outcome written down, and its events."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import groupby, pairwise
from operator import add, itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from experiments.errors import FAILED, UserError
from experiments.files import scan_table
from experiments.study.directory import Study, engine_settings, read_failures
from experiments.study.identity import model_fingerprint
from experiments.study.results import find_studies
from sim.ladder import ARTILLERY, CALM_DAYS, HOT, LADDER, SIDES
from sim.outputs.outcomes import LIMITED_WAR_DEATHS, SEVERITIES, WAR_DEATHS
from sim.scenario import Scenario
from sim.scenario.alliance import AllyRecord

if TYPE_CHECKING:
    from sim.crisis import Crisis

Day = dict[str, Any]
ATTEMPT = "attempt"
"""Kind of the event that talks were held."""
LEVELS = ("no support", "words of support", "material support", "direct entry")
_CHANNELS = {"mediated": "mediator", "direct": "direct talks"}


@dataclass(frozen=True)
class CrisisDays:
    """A crisis day by day.

    ``days`` are as :func:`sim.ensemble.trace` gives them. ``rationality`` and ``clock`` (chances a day of reconsidering
    in calm and in crisis) are those of each side.
    """

    days: list[Day]
    scenario: Scenario
    rationality: Mapping[str, float]
    clock: Mapping[str, tuple[float, float]]

    @property
    def sides(self) -> dict[str, str]:
        """Names of the sides for readers."""
        government = self.scenario.government
        return {"a": f"side a ({government.a.label})", "b": f"side b ({government.b.label})"}

    def ally_record(self, number: int) -> AllyRecord:
        """An ally, counted from 1."""
        alliance = self.scenario.alliance
        return (alliance.first, alliance.second, alliance.third)[number - 1]

    def ally(self, number: int) -> str:
        """Name of an ally, counted from 1."""
        return f"{self.ally_record(number).label} (backs {self.ally_record(number).protege})"


@dataclass(frozen=True)
class Story(CrisisDays):
    """A crisis of a study told day by day.

    ``outcome`` is the study's row about this crisis, ``factors`` the row of its design, ``confirmed`` the columns of
    the outcome that the days add up to.
    """

    study: Study
    point: int
    replicate: int
    outcome: dict[str, Any]
    factors: dict[str, Any]
    confirmed: tuple[str, ...]


def tell(directory: Path | str, point: int, replicate: int) -> Story:
    """Tell one crisis of a study, or of the only study in a directory; point and replicate count from 0.

    Raises
    ------
    UserError
        Where there is no such crisis, or where it comes out differently now than the study wrote down.
    """
    from sim.ensemble import begin, trace

    study = only_study(Path(directory))
    outcome = outcome_of(study, point, replicate)
    points, settings = study.design.points(), engine_settings(study.settings, study.manifest["points"])
    crisis = begin(points, np.array([point]), np.array([replicate]), settings)
    try:
        days, traits = list(trace(points, point, replicate, settings)), traits_of(crisis)
    finally:
        crisis.close()
    confirmed = outcome_from_days(days)
    refuse_difference(study, confirmed, outcome)
    return Story(
        days=days,
        scenario=points.scenario(point),
        study=study,
        point=point,
        replicate=replicate,
        outcome=outcome,
        factors={name: column[point : point + 1].item() for name, column in study.design.table.items()},
        confirmed=tuple(confirmed),
        **traits,
    )


def only_study(directory: Path) -> Study:
    """The study in a directory; UserError where there is none, or more than one."""
    places = find_studies(directory)
    if len(places) > 1:
        raise UserError(f"{directory}: holds {len(places)} studies; name one of them, e.g. {places[0]}")
    return Study.open(places[0])


def outcome_of(study: Study, point: int, replicate: int) -> dict[str, Any]:
    """The row of ``outcomes`` about one crisis; UserError where there is none, saying what there is."""
    study.require(("blocks", "command"))
    points = study.manifest["points"]
    replicates = max((last for _, last in study.blocks), default=0)
    _check_number("--point", point, points, "points", study)
    _check_number("--replicate", replicate, replicates, "replicates", study)
    files = sorted((study.directory / "outcomes").glob("part-*.parquet"))
    rows = scan_table(*files).filter(point=point, replicate=replicate).collect() if files else pl.DataFrame()
    if rows.is_empty():
        raise UserError(f"{study.directory}: {_why_missing(study, point, replicate)}")
    return rows.row(0, named=True)


def _check_number(option: str, value: int, count: int, what: str, study: Study) -> None:
    if count == 0:
        raise UserError(
            f"{study.directory}: nothing was simulated yet; complete it with offramp {study.manifest['command']} "
            f"resume={study.directory}"
        )
    if not 0 <= value < count:
        known = f"{count:,} {what}, numbered 0 to {count - 1}" if count > 1 else f"one {what[:-1]}, number 0"
        raise UserError(f"{option} {value}: the study has {known}")


def _why_missing(study: Study, point: int, replicate: int) -> str:
    for row in read_failures(study):
        if row["point"] == point and row["first_replicate"] <= replicate <= row["last_replicate"]:
            return f"point {point}, replicate {replicate} failed ({row['error']}); see failures.parquet"
    return (
        f"point {point}, replicate {replicate} was not simulated yet; complete the study with offramp "
        f"{study.manifest['command']} resume={study.directory}"
    )


def traits_of(crisis: Crisis) -> dict[str, Any]:
    """``rationality`` and ``clock`` of both sides of a crisis of one lane, as :class:`CrisisDays` has them."""
    values = {side: crisis.governments[side].values for side in SIDES}
    return {
        "rationality": {side: float(government.rationality[0]) for side, government in values.items()},
        "clock": {
            side: tuple(float(clock[0]) for clock in (of.clock_calm, of.clock_crisis)) for side, of in values.items()
        },
    }


def refuse_difference(study: Study, again: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    """UserError where a crisis of a study comes out differently ``again`` than the study wrote in ``outcome``."""
    for name, value in again.items():
        if outcome[name] != value:
            model = study.manifest.get("model", "not named")
            raise UserError(
                f"{study.directory}: this crisis comes out differently now ({name} is {value}, the study wrote "
                f"{outcome[name]}); the study was made with Offramp {study.manifest['offramp']}, model {model} (this is "
                f"{model_fingerprint()}) and the libraries named in its manifest.json, so tell it with those",
                FAILED,
            )


@dataclass(frozen=True)
class Event:
    """Something that happened on a day; ``row`` is the line of a figure it belongs to, ``words`` say what it was."""

    day: int
    kind: str
    row: str
    words: str


def events(story: CrisisDays) -> list[Event]:
    """Everything worth a mark, in order of days."""
    return [
        Event(day["day"], *happening)
        for before, day in zip([None, *story.days], story.days, strict=False)
        for happening in (*_talks(day, before), *_operations(day, before), *_support(story, day, before))
    ]


def _talks(day: Day, before: Day | None) -> Iterator[tuple[str, str, str]]:
    """Kind, row and words of what came of talks on a day."""
    for channel, attempt in day["talks"].items():
        whose, became = _CHANNELS[channel], "agreed" if attempt["agreed"] else "an attempt failed"
        yield ATTEMPT, f"{whose}: attempt", f"{whose}: {became}"
    imposed = day["agreement"] == "imposed" and (before is None or before["agreement"] != "imposed")
    if imposed or any(attempt["agreed"] for attempt in day["talks"].values()):
        yield "agreement", "agreement signed", "a settlement was imposed" if imposed else "agreement signed"
    if day["collapsed"]:
        yield "collapse", "agreement collapsed", "the agreement collapsed"


def _operations(day: Day, before: Day | None) -> Iterator[tuple[str, str, str]]:
    """The same of operations that ended or were renewed, and of leaders who fell."""
    for side in SIDES:
        actor = day[side]
        if actor["lapsed"]:
            moved = f"{'at' if actor['rung'] == actor['rung_before'] else 'now at'} rung {actor['rung']}"
            kind, row, end = ("renewal", "renewed", "was renewed") if actor["renewed"] else ("lapse", "lapsed", "ended")
            yield kind, f"operation of {side} {row}", f"the operation of {side} lapsed and {end}, {moved}"
    for side in SIDES:
        if day[side]["leader_falls"] > (before[side]["leader_falls"] if before else 0):
            yield "fall", f"leader of {side} fell", f"the leader of {side} fell"


def _support(story: CrisisDays, day: Day, before: Day | None) -> Iterator[tuple[str, str, str]]:
    """The same of allies that give more support than the day before."""
    for number, level in day["support"].items():
        ally = story.ally_record(number)
        if level > (before["support"][number] if before else ally.start_support):
            yield "support", f"ally of {ally.protege} steps in", f"{story.ally(number)}: {LEVELS[level]}"


def agreement_spells(days: Sequence[Day]) -> list[tuple[int, int, str]]:
    """Spells with an agreement in force at the end of the day: first day, last day, kind."""
    runs = [(kind, [day["day"] for day in run]) for kind, run in groupby(days, key=itemgetter("agreement"))]
    return [(numbers[0], numbers[-1], kind) for kind, numbers in runs if kind != "none"]


def outcome_from_days(days: Sequence[Day]) -> dict[str, Any]:
    """The columns of ``outcomes`` that follow from the days of a story, each as the study would write it."""
    fought = [max(day[side]["fought"] for side in SIDES) for day in days]
    hot, heavy = [rung >= HOT for rung in fought], [rung >= ARTILLERY for rung in fought]
    # Calm is broken by a policy at rung 4 or above, or by fire at rung 5 or above, ordered or not.
    breaks = [any(day[side]["rung"] >= HOT or day[side]["fought"] >= ARTILLERY for side in SIDES) for day in days]
    calm = first_spell_without(breaks)
    relapses = [number for number, broken in enumerate(breaks) if broken and calm is not None and number > calm]
    deaths = sum(day[side]["deaths"] for day in days for side in SIDES)
    entries = sum(level == LEVELS.index("direct entry") for level in days[-1]["support"].values())
    return {
        **_side(days, "a"),
        **_side(days, "b"),
        **_agreements(days),
        "severity": _severity(any(hot), deaths, entries),
        "hostility": 5 if deaths >= WAR_DEATHS else LADDER[max(fought)].hostility,
        "days_hot": sum(hot),
        "days_heavy": sum(heavy),
        "last_heavy_day": max((number for number, fire in enumerate(heavy) if fire), default=None),
        "days_to_calm": calm,
        "days_to_silence": first_spell_without(hot),
        "relapsed": bool(relapses),
        "relapse_day": relapses[0] if relapses else None,
        "hot_days_after_calm": len(relapses),
        "territory": days[-1]["territory"],
        "ally_entries": entries,
        "ally_support": max((level for day in days for level in day["support"].values()), default=0),
        "tension": sum(day["a"]["fought"] + day["b"]["fought"] for day in days),
    }


def ending(row: Mapping[str, Any]) -> str:
    """How a crisis went, in words, from its row of ``outcomes``."""
    calm = (
        "no calm by the horizon"
        if row["days_to_calm"] is None
        else f"calm from day {row['days_to_calm']}" + (f" ({row['termination']})" if "termination" in row else "")
    )
    dead = row["deaths_a"] + row["deaths_b"]
    silence = "no silence" if row["days_to_silence"] is None else f"silence from day {row['days_to_silence']}"
    return (
        f"{row['severity'].replace('_', ' ')}, {dead:,} soldier{'' if dead == 1 else 's'} dead, "
        f"{row['days_heavy']} heavy days (rung 5 or above), {calm}, {silence}"
    )


def first_spell_without(marks: Sequence[bool]) -> int | None:
    """First day of the first 14 days in a row that are not marked, None where there is none; 0 where none is marked."""
    if not any(marks):
        return 0
    quiet = 0
    for day, marked in enumerate(marks):
        quiet = 0 if marked else quiet + 1
        if quiet == CALM_DAYS:
            return day - CALM_DAYS + 1
    return None


def _side(days: Sequence[Day], side: str) -> dict[str, Any]:
    actions = [day[side] for day in days]
    answered = [day for day in actions if day["answered_for"]]
    operating = [False, *(day["operating"] for day in actions)]
    return {
        f"peak_rung_{side}": max(day["fought"] for day in actions),
        f"deaths_{side}": sum(day["deaths"] for day in actions),
        f"civilian_deaths_{side}": sum(day["civilian_deaths"] for day in actions),
        f"operations_{side}": sum(now and not then for then, now in pairwise(operating)),
        f"renewals_{side}": sum(day["renewed"] for day in actions),
        f"leader_falls_{side}": actions[-1]["leader_falls"],
        f"min_approval_{side}": min(1.0, *(day["approval"] for day in actions)),
        f"max_protest_{side}": max(0.0, *(day["protest"] for day in actions)),
        f"audience_cost_{side}": _mean(day["audience_cost"] for day in answered),
        f"step_down_penalty_{side}": _mean(day["step_down_penalty"] for day in answered),
    }


def _mean(values: Iterable[float]) -> float | None:
    """A mean in the arithmetic of the engine: a sum from the first day to the last, then one multiplication."""
    values = list(values)
    return reduce(add, values, 0.0) * (1 / len(values)) if values else None


def _agreements(days: Sequence[Day]) -> dict[str, Any]:
    mediated = [day["day"] for day in days if "mediated" in day["talks"]]
    agreed = [(day["day"], channel) for day in days for channel, talk in day["talks"].items() if talk["agreed"]]
    first = agreed[0] if agreed else (None, None)
    return {
        "mediated": bool(mediated),
        "mediation_day": mediated[0] if mediated else None,
        "agreements": len(agreed),
        "first_agreement_day": first[0],
        "first_agreement_by": first[1],
        "collapses": sum(day["collapsed"] for day in days),
    }


def _severity(hot: bool, deaths: int, entries: int) -> str:
    if not hot:
        return SEVERITIES[0]
    if deaths >= WAR_DEATHS:
        return SEVERITIES[4 if entries else 3]
    return SEVERITIES[2 if deaths >= LIMITED_WAR_DEATHS else 1]
