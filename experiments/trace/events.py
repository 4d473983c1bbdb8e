"""Events of a crisis apart from fighting: talks, agreements, lapses of operations, falls of leaders, allies' support."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from experiments.trace.story import CrisisDays, Day
from sim.ladder import SIDES

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
        words = _CHANNELS[channel]
        yield Event(
            day["day"],
            ATTEMPT,
            f"{words}: attempt",
            f"{words}: {'agreed' if attempt['agreed'] else 'an attempt failed'}",
        )


def _agreement(day: Day, before: Day | None) -> Iterator[Event]:
    signed = any(attempt["agreed"] for attempt in day["talks"].values())
    imposed = day["agreement"] == "imposed" and (before is None or before["agreement"] != "imposed")
    if signed or imposed:
        yield Event(
            day["day"], AGREEMENT, "agreement signed", "a settlement was imposed" if imposed else "agreement signed"
        )
    if day["collapsed"]:
        yield Event(day["day"], COLLAPSE, "agreement collapsed", "the agreement collapsed")


def _lapses(day: Day) -> Iterator[Event]:
    for side in SIDES:
        own = day[side]
        if not own["lapsed"]:
            continue
        moved = f"at rung {own['rung']}" if own["rung"] == own["rung_before"] else f"now at rung {own['rung']}"
        if own["renewed"]:
            words = f"the operation of {side} lapsed and was renewed, {moved}"
            yield Event(day["day"], RENEWAL, f"operation of {side} renewed", words)
        else:
            words = f"the operation of {side} lapsed and ended, {moved}"
            yield Event(day["day"], LAPSE, f"operation of {side} lapsed", words)


def _falls(day: Day, before: Day | None) -> Iterator[Event]:
    for side in SIDES:
        if day[side]["leader_falls"] > (before[side]["leader_falls"] if before else 0):
            yield Event(day["day"], FALL, f"leader of {side} fell", f"the leader of {side} fell")


def _support(story: CrisisDays, day: Day, before: Day | None) -> Iterator[Event]:
    for number, level in day["support"].items():
        ally = getattr(story.scenario.alliance, ("first", "second", "third")[number - 1])
        if level > (before["support"][number] if before else ally.start_support):
            yield Event(
                day["day"], SUPPORT, f"ally of {ally.protege} steps in", f"{story.ally(number)}: {LEVELS[level]}"
            )


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
