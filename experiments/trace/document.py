"""The story of a crisis as one self-describing JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from experiments.files import json_value
from experiments.study.parts import columns_of
from experiments.trace.reasons import FIELDS, TERMS, Decision, decision, why
from experiments.trace.story import Day, Story, events
from sim.ladder import LADDER, SIDES

FORMAT = "offramp-trace/1"


def document(story: Story, shown: tuple[int, str]) -> dict[str, Any]:
    """The whole story, of plain JSON values; ``shown`` is the day told in full elsewhere, and why it was picked."""
    manifest = story.study.manifest
    happened = events(story)
    content = {
        "format": FORMAT,
        "about": FIELDS["about"],
        "study": {
            "directory": str(story.study.directory),
            **{
                name: manifest[name] for name in ("offramp", "libraries", "command", "overrides", "seed", "config_hash")
            },
            **{name: getattr(story.study.settings, name) for name in ("horizon_days", "citizens", "luck", "dtype")},
        },
        "crisis": {
            "point": story.point,
            "replicate": story.replicate,
            "factors": story.factors,
            "sides": story.sides,
            "allies": {number: story.ally(number) for number in story.days[0]["support"]},
        },
        "outcome": story.outcome,
        "outcome_confirmed": list(story.confirmed),
        "telling_day": {"day": shown[0], "why": shown[1]},
        "fields": {
            "days": FIELDS["day"],
            "side": FIELDS["side"],
            "outcome": {c.name: c.meaning for c in columns_of("outcomes")},
        },
        "terms": {"unit": "utility; negative values are costs", **TERMS},
        "ladder": [{"rung": number, "name": rung.name} for number, rung in enumerate(LADDER)],
        "days": [_day(day, story, [e.words for e in happened if e.day == day["day"]]) for day in story.days],
    }
    return json_value(content)


def _day(day: Day, story: Story, words: list[str]) -> dict[str, Any]:
    sides = {side: side_of_day(day[side], decision(day, side, story.rationality[side])) for side in SIDES}
    return {**day, **sides, "events": words}


def side_of_day(actor: Mapping[str, Any], choice: Decision) -> dict[str, Any]:
    """What a side did, suffered and weighed on a day, as the document has it."""
    told = {name: value for name, value in actor.items() if name not in ("weighed", "terms", "why_no_step_down")}
    return {
        **told,
        "margin": choice.margin,
        "chance_of_stepping_down": choice.chance_down,
        "why_no_step_down": why(choice),
        "against_stepping_down": choice.against,
        "options": [
            {"rung": rung, "utility": utility, "chance": choice.chances[rung], "terms": choice.terms[rung]}
            for rung, utility in sorted(choice.utility.items())
        ],
    }
