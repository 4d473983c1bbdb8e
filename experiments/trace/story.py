"""One crisis of a study day by day, simulated once more and held against the outcome written down; and its events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from experiments.errors import FAILED, UserError
from experiments.files import scan_table
from experiments.study.directory import Study, engine_settings, read_failures
from experiments.study.identity import model_fingerprint
from experiments.study.parts import part_path
from experiments.study.results import find_studies
from experiments.trace.outcome_from_days import outcome_from_days
from sim.ladder import SIDES
from sim.scenario import Scenario

if TYPE_CHECKING:
    from sim.crisis import Crisis

Day = dict[str, Any]
_ALLIES = ("first", "second", "third")


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

    def ally(self, number: int) -> str:
        """Name of an ally, counted from 1."""
        record = getattr(self.scenario.alliance, _ALLIES[number - 1])
        return f"{record.label} (backs {record.protege})"


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
    study = only_study(Path(directory))
    outcome = outcome_of(study, point, replicate)
    days, traits = _simulated(study, point, replicate)
    again = outcome_from_days(days)
    refuse_difference(study, again, outcome)
    scenario = study.design.points().scenario(point)
    factors = {name: _plain(column[point]) for name, column in study.design.table.items()}
    return Story(
        days=days,
        scenario=scenario,
        study=study,
        point=point,
        replicate=replicate,
        outcome=outcome,
        factors=factors,
        confirmed=tuple(again),
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
    points = study.manifest["points"]
    replicates = max((last for _, last in study.blocks), default=0)
    _check_number("--point", point, points, "points", study)
    _check_number("--replicate", replicate, replicates, "replicates", study)
    parts = part_path(study.directory, "outcomes", 0).parent
    wanted = (pl.col("point") == point) & (pl.col("replicate") == replicate)
    files = sorted(parts.glob("part-*.parquet"))
    rows = scan_table(*files).filter(wanted).collect() if files else pl.DataFrame()
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


def _simulated(study: Study, point: int, replicate: int) -> tuple[list[Day], dict[str, Any]]:
    from sim.ensemble import begin, trace

    points, settings = study.design.points(), engine_settings(study.settings, study.manifest["points"])
    crisis = begin(points, np.array([point]), np.array([replicate]), settings)
    try:
        return list(trace(points, point, replicate, settings)), traits_of(crisis)
    finally:
        crisis.close()


def traits_of(crisis: Crisis) -> dict[str, Any]:
    """``rationality`` and ``clock`` of both sides of a crisis of one lane, as :class:`CrisisDays` has them."""
    values = {side: crisis.governments[side].values for side in SIDES}
    return {
        "rationality": {side: float(own.rationality[0]) for side, own in values.items()},
        "clock": {side: (float(own.clock_calm[0]), float(own.clock_crisis[0])) for side, own in values.items()},
    }


def refuse_difference(study: Study, again: Mapping[str, Any], outcome: Mapping[str, Any]) -> None:
    """UserError where a crisis of a study comes out differently ``again`` than the study wrote in ``outcome``."""
    for name, value in again.items():
        if outcome[name] != value:
            made = study.manifest.get("model", "not named")
            raise UserError(
                f"{study.directory}: this crisis comes out differently now ({name} is {value}, the study wrote "
                f"{outcome[name]}); the study was made with Offramp {study.manifest['offramp']}, model {made} (this is "
                f"{model_fingerprint()}) and the libraries named in its manifest.json, so tell it with those",
                FAILED,
            )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


ATTEMPT, AGREEMENT, COLLAPSE, FALL, SUPPORT = "attempt", "agreement", "collapse", "fall", "support"
LAPSE, RENEWAL = "lapse", "renewal"
LEVELS = ("no support", "words of support", "material support", "direct entry")
_CHANNELS = {"mediated": "mediator", "direct": "direct talks"}


@dataclass(frozen=True)
class Event:
    """Something that happened on a day; ``row`` is the line of a figure it belongs to, ``words`` say what it was."""

    day: int
    kind: str
    row: str
    words: str


def events(story: CrisisDays) -> list[Event]:
    """Everything worth a mark, in order of days."""
    happened: list[Event] = []
    before: Day | None = None
    for day in story.days:
        happened += [*_talks(day), *_agreement(day, before), *_lapses(day), *_falls(day, before)]
        happened += _support(story, day, before)
        before = day
    return happened


def _talks(day: Day) -> Iterator[Event]:
    for channel, attempt in day["talks"].items():
        whose, became = _CHANNELS[channel], "agreed" if attempt["agreed"] else "an attempt failed"
        yield Event(day["day"], ATTEMPT, f"{whose}: attempt", f"{whose}: {became}")


def _agreement(day: Day, before: Day | None) -> Iterator[Event]:
    signed = any(attempt["agreed"] for attempt in day["talks"].values())
    imposed = day["agreement"] == "imposed" and (before is None or before["agreement"] != "imposed")
    if signed or imposed:
        words = "a settlement was imposed" if imposed else "agreement signed"
        yield Event(day["day"], AGREEMENT, "agreement signed", words)
    if day["collapsed"]:
        yield Event(day["day"], COLLAPSE, "agreement collapsed", "the agreement collapsed")


def _lapses(day: Day) -> Iterator[Event]:
    for side in SIDES:
        own = day[side]
        if not own["lapsed"]:
            continue
        moved = f"at rung {own['rung']}" if own["rung"] == own["rung_before"] else f"now at rung {own['rung']}"
        kind, row, end = (RENEWAL, "renewed", "was renewed") if own["renewed"] else (LAPSE, "lapsed", "ended")
        words = f"the operation of {side} lapsed and {end}, {moved}"
        yield Event(day["day"], kind, f"operation of {side} {row}", words)


def _falls(day: Day, before: Day | None) -> Iterator[Event]:
    for side in SIDES:
        if day[side]["leader_falls"] > (before[side]["leader_falls"] if before else 0):
            yield Event(day["day"], FALL, f"leader of {side} fell", f"the leader of {side} fell")


def _support(story: CrisisDays, day: Day, before: Day | None) -> Iterator[Event]:
    for number, level in day["support"].items():
        ally = getattr(story.scenario.alliance, _ALLIES[number - 1])
        if level > (before["support"][number] if before else ally.start_support):
            words = f"{story.ally(number)}: {LEVELS[level]}"
            yield Event(day["day"], SUPPORT, f"ally of {ally.protege} steps in", words)


def agreement_spells(days: Sequence[Day]) -> list[tuple[int, int, str]]:
    """Spells with an agreement in force at the end of the day: first day, last day, kind."""
    spells: list[tuple[int, int, str]] = []
    for day in days:
        kind, number = day["agreement"], day["day"]
        if kind == "none":
            continue
        if spells and spells[-1][1] == number - 1 and spells[-1][2] == kind:
            spells[-1] = (spells[-1][0], number, kind)
        else:
            spells.append((number, number, kind))
    return spells
