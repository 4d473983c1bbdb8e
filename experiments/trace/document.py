"""The story of a crisis as one self-describing JSON document."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import Any

from experiments.study.tables import columns_of
from experiments.trace.events import events
from experiments.trace.reasons import TERMS, Decision, decision, why
from experiments.trace.story import Day, Story
from sim.ladder import LADDER, SIDES

FORMAT = "offramp-trace/1"
ABOUT = (
    "One simulated crisis, day by day: what each side did and suffered, what its government weighed, and why it did "
    "not step down. Sides are called a and b, days count from 0. It is the story of one crisis in a model "
    "under stated assumptions, no forecast and no account of events."
)
DAY_FIELDS = {
    "day": "day, counted from 0",
    "talks": "attempts by channel: what the offer was worth to each side by term (utility), and whether both accepted",
    "agreement": "agreement in force at the end of the day: none, direct, mediated or imposed",
    "collapsed": "whether an agreement ended that day because it was violated for too long",
    "territory": "share of the disputed ground that changed hands, above 0 where b gained",
    "support": "support given by each ally: 0 none, 1 words, 2 material, 3 direct entry",
    "events": "what happened, in words",
}
SIDE_FIELDS = {
    "rung": "policy at the end of the day",
    "rung_before": "policy in the morning",
    "fought": "rung fought at: policy or a local incident, whichever is higher",
    "incident": "rung of an incident this side began",
    "deaths": "own soldiers killed that day",
    "civilian_deaths": "own civilians killed that day",
    "total_deaths": "own soldiers killed so far",
    "told_deaths": "own soldiers killed so far, as reported at home",
    "claimed_enemy_deaths": "enemy soldiers killed so far, as claimed",
    "approval": "approval of the leader, 0-1",
    "protest": "share of the public in protest, 0-1",
    "attitude": "mean attitude of the public, -1 conciliatory to 1 hawkish",
    "trust": "trust in the other side, 0-1",
    "commitment": "rung the leader is publicly committed to",
    "rhetoric": "heat of rhetoric, 0-1",
    "enemy_rung_seen": "the other side's rung as perceived",
    "audience_cost": "approval lost by backing down rather than staying out, 0-1",
    "step_down_penalty": "approval of holding minus approval of stepping down, 0-1",
    "answered_for": "whether the day counts for the two above: a day of decision at rung 3 or above",
    "operating": "whether policy stands at the rung of operations or above at the end of the day",
    "lapsed": "whether the operation culminated that day, so that the government had to decide",
    "renewed": "whether it lapsed and went on",
    "hope": "what is left of what fighting is hoped to win, 0-1",
    "stocks": "what is left of stocks, 0-1",
    "leader_falls": "leaders fallen so far",
    "reconsidered": "whether the decision clock struck that day",
    "chosen": "rung preferred in the end, luck of the draw included",
    "alternative": "best other rung within reach",
    "step_down": "best lower rung within reach, null on the lowest",
    "margin": "utility of holding minus that of the best lower rung",
    "chance_of_stepping_down": "chance of choosing any lower rung on a day of decision",
    "why_no_step_down": "in words",
    "against_stepping_down": "each term at the rung held minus that at the best lower rung; they add up to margin",
    "options": "every rung within reach: utility, chance on a day of decision, terms of the utility",
}


def document(story: Story, shown: tuple[int, str]) -> dict[str, Any]:
    """The whole story, of plain JSON values only.

    Parameters
    ----------
    story : Story
    shown : (int, str)
        The day told in full elsewhere, and why it was picked.
    """
    manifest = story.study.manifest
    happened = events(story)
    made = {
        "format": FORMAT,
        "about": ABOUT,
        "study": {
            "directory": str(story.study.directory),
            **{
                name: manifest[name] for name in ("offramp", "libraries", "command", "overrides", "seed", "config_hash")
            },
            **_setting(story),
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
            "days": DAY_FIELDS,
            "side": SIDE_FIELDS,
            "outcome": {c.name: c.meaning for c in columns_of("outcomes")},
        },
        "terms": {"unit": "utility; negative values are costs", **TERMS},
        "ladder": [{"rung": number, "name": rung.name} for number, rung in enumerate(LADDER)],
        "days": [_day(day, story, [e.words for e in happened if e.day == day["day"]]) for day in story.days],
    }
    return plain(made)


def _setting(story: Story) -> dict[str, Any]:
    settings = story.study.settings
    return {name: getattr(settings, name) for name in ("horizon_days", "citizens", "luck", "dtype")}


def _day(day: Day, story: Story, words: list[str]) -> dict[str, Any]:
    sides = {side: side_of_day(day[side], decision(day, side, story.rationality[side])) for side in SIDES}
    return {**day, **sides, "events": words}


def side_of_day(own: Mapping[str, Any], choice: Decision) -> dict[str, Any]:
    """What a side did, suffered and weighed on a day, as the document has it."""
    kept = {name: value for name, value in own.items() if name not in ("weighed", "terms", "why_no_step_down")}
    return {
        **kept,
        "margin": choice.margin,
        "chance_of_stepping_down": choice.chance_down,
        "why_no_step_down": why(choice),
        "against_stepping_down": choice.against,
        "options": [
            {"rung": rung, "utility": utility, "chance": choice.chances[rung], "terms": choice.terms[rung]}
            for rung, utility in sorted(choice.utility.items())
        ],
    }


def plain(value: Any) -> Any:
    """A value as JSON can hold it: text keys, and null for what is not a number."""
    if isinstance(value, Mapping):
        return {str(name): plain(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not isfinite(value) else value
