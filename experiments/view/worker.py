"""What the worker processes do: some lanes of two arms, or one crisis day by day; each leaves off when told to."""

from __future__ import annotations

import mmap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from experiments.files import json_value
from experiments.text import signed
from experiments.trace.document import side_of_day
from experiments.trace.reasons import decision, telling_day
from experiments.trace.story import (
    ATTEMPT,
    CrisisDays,
    Event,
    agreement_spells,
    ending,
    events,
    outcome_from_days,
    traits_of,
)
from sim.agents.public import SEGMENTS
from sim.engine.lanes import Points
from sim.ensemble import Settings, begin
from sim.ladder import SIDES
from sim.outputs.outcomes import OutcomeRecorder
from sim.outputs.tracing import record_of_day
from sim.scenario import Scenario

MODULES = ("sim.ensemble", "experiments.view.worker")
"""What a worker process loads when it starts."""
DIGITS = 4
"""Decimals of what is drawn day by day."""
LEAST_SAID = 0.005
"""Utility below which a term of an offer goes without saying."""
PARTING = ("rung", "fought", "incident", "deaths", "civilian_deaths", "leader_falls")
"""What a side does and suffers on a day; twins have parted once any of it differs, or agreements or support do."""
_maps: dict[str, mmap.mmap] = {}


class Generations:
    """A number a slot in memory that all processes share, kept in a file; work for an older number is left off.

    Parameters
    ----------
    path : Path
        The file; made by :meth:`create`.
    """

    SLOTS = 1024

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)

    @classmethod
    def create(cls, path: Path) -> Generations:
        """A new file of noughts."""
        path.write_bytes(bytes(8 * cls.SLOTS))
        return cls(path)

    @property
    def _shared(self) -> mmap.mmap:
        if self.path not in _maps:
            with open(self.path, "r+b") as file:
                _maps[self.path] = mmap.mmap(file.fileno(), 8 * self.SLOTS)
        return _maps[self.path]

    def __getitem__(self, slot: int) -> int:
        return int.from_bytes(self._shared[8 * slot : 8 * slot + 8], "little")

    def __setitem__(self, slot: int, number: int) -> None:
        self._shared[8 * slot : 8 * slot + 8] = number.to_bytes(8, "little")

    def close(self) -> None:
        """Let go of the file."""
        if (shared := _maps.pop(self.path, None)) is not None:
            shared.close()


def warm_up(path: str) -> None:
    """Load all that is compiled, or compile it, by two days of one crisis; ``path`` is the file of the generations."""
    settings = Settings(horizon_days=2)
    points = Points.of(Scenario())
    slot = Generations.SLOTS - 1  # given to no tab before all others are
    lanes_of(points, 0, 0, 2, settings, (path, slot, Generations(path)[slot]))
    crisis_of(points, 0, 0, settings)


def lanes_of(
    points: Points, point: int, first: int, last: int, settings: Settings, stop: tuple[str, int, int]
) -> dict[str, np.ndarray] | None:
    """The outcomes of replicates ``first`` to ``last - 1`` of a point, or None where the work was left off.

    Parameters
    ----------
    points : Points
    point, first, last : int
    settings : Settings
        Luck is shared.
    stop : (str, int, int)
        File of the generations, slot and number: the work is left off on the first day on which the slot holds another.
    """
    numbers = np.arange(first, last)
    lanes = np.full(numbers.size, point)
    generations, (slot, number) = Generations(stop[0]), stop[1:]
    crisis = begin(points, lanes, numbers, settings)
    try:
        tally = OutcomeRecorder(crisis)
        for _ in range(settings.horizon_days):
            if generations[slot] != number:
                return None
            crisis.step()
            tally.record_day()
        return tally.lanes(lanes, numbers, numbers)
    finally:
        crisis.close()


def crisis_of(points: Points, point: int, replicate: int, settings: Settings, offset: int = 0) -> dict[str, Any]:
    """One crisis as plain JSON values: days, events, spells with an agreement, the day that tells most, the outcome.

    Parameters
    ----------
    points : Points
    point, replicate : int
    settings : Settings
    offset : int
        Added to ``point`` where it keys luck.
    """
    crisis = begin(points, np.array([point]), np.array([replicate]), settings, offset, weighs_daily=True)
    try:
        traits, days, segments = traits_of(crisis), [], []
        for _ in range(settings.horizon_days):
            before = {side: crisis.governments[side].rung.item() for side in SIDES}
            crisis.step()
            days.append(record_of_day(crisis, before))
            segments.append({side: _protest_by_segment(crisis, side) for side in SIDES})
    finally:
        crisis.close()
    story = CrisisDays(days, points.scenario(point), **traits)
    happened, outcome = events(story), outcome_from_days(days)
    document = {
        "sides": story.sides,
        "allies": {number: story.ally(number) for number in days[0]["support"]},
        "days": [_day(story, day, by_segment) for day, by_segment in zip(days, segments, strict=True)],
        "events": [asdict(event) for event in happened],
        "spells": agreement_spells(days),
        "day": telling_day(days, story.rationality),
        "ending": ending(outcome),
        "words": _words(story, [event for event in happened if event.kind != ATTEMPT]),
    }
    return {**rounded(json_value(document)), "outcome": json_value(outcome)}


def without_mediators(points: Points, point: int) -> Points:
    """A point as a design of its own, every mediator taken out of it."""
    taken = points.take([point])
    absent = {f"mediation.{slot}present": np.zeros(1) for slot in ("", "second.", "third.")}
    return Points(taken.scenarios, taken.choice, {**taken.columns, **absent})


def parting_day(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> int | None:
    """The first day on which two crises differ in what was done or suffered; None where they never do."""

    def seen(day: dict[str, Any]) -> list[Any]:
        return [*(day[side][name] for side in SIDES for name in PARTING), day["agreement"], day["support"]]

    return next((day["day"] for day, other in zip(first, second, strict=True) if seen(day) != seen(other)), None)


def rounded(value: Any) -> Any:
    """Plain values with numbers of so many decimals as a figure can show."""
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _protest_by_segment(crisis: Any, side: str) -> dict[str, float]:
    """Share of each segment's citizens that takes part in protest; segments without any are left out."""
    public = crisis.publics[side]
    edges, march = public.bounds[0], public.citizens.march[0]
    spans = zip(SEGMENTS, edges[:-1], edges[1:], strict=True)
    return {name: float(march[first:last].mean(dtype=float)) for name, first, last in spans if last > first}


def _day(story: CrisisDays, day: dict[str, Any], segments: dict[str, Any]) -> dict[str, Any]:
    sides = {
        side: {**side_of_day(day[side], decision(day, side, story.rationality[side])), "segments": segments[side]}
        for side in SIDES
    }
    return {**day, **sides, "offers": [_offer(channel, offer) for channel, offer in day["talks"].items()]}


def _offer(channel: str, offer: dict[str, Any]) -> str:
    """What an offer was worth to each side, term by term, and what became of it."""

    def listed(terms: dict[str, float]) -> str:
        return ", ".join(f"{name} {signed(value, 2)}" for name, value in terms.items() if abs(value) >= LEAST_SAID)

    worth = "; ".join(
        f"worth {signed(sum(terms.values()), 2)} to {side} ({listed(terms)})" for side, terms in offer["worth"].items()
    )
    whose = "The mediator's offer" if channel == "mediated" else "The offer in direct talks"
    return f"{whose} was {'' if offer['agreed'] else 'not '}accepted: {worth}."


def _words(story: CrisisDays, happened: list[Event]) -> str:
    """The figure of a crisis for those who cannot see it."""
    sides = (
        f"{story.sides[side]} peaks at rung {max(day[side]['fought'] for day in story.days)} and ends at "
        f"{story.days[-1][side]['rung']}, {story.days[-1][side]['total_deaths']:.0f} soldiers dead"
        for side in SIDES
    )
    return f"{'; '.join(sides)}. {'; '.join(f'day {event.day}: {event.words}' for event in happened)}."
