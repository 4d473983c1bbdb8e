"""A crisis beside its twin as the page shows it: panels ready to draw, and each day in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import log1p
from typing import Any

from experiments.figures.crisis import HOT_LINE, WIDE_RANGE
from experiments.text import plain, signed
from experiments.trace.reasons import TERMS
from experiments.trace.story import ATTEMPT
from experiments.view.worker import LEAST_SAID, parting_day, rounded
from sim.ladder import DEPLOYED, LADDER, PAIRS, SIDES

Day = Mapping[str, Any]
DASHES = {"capital": "6 2", "border": "2 2", "displaced": "8 2 2 2", "exposed": "1 3", "rest": None}
"""Dashes of a line, by segment of the public; those of allies are the first ones in their order."""
NUDGE = 0.012
"""Share of its panel by which a side's ladder is moved from its rung, so that none hides the other."""
HALF = 0.47
"""Share of its panel that the tallest bar of deaths takes."""


def crisis_document(crisis: Mapping[str, Any], twin: Mapping[str, Any]) -> dict[str, Any]:
    """What the page shows of a crisis and of its twin without mediators, as plain JSON values.

    Parameters
    ----------
    crisis, twin : mapping
        As :func:`experiments.view.worker.crisis_of` returns them, of the same horizon.
    """
    both = [crisis, twin]
    all_days = [day for each in both for day in each["days"]]
    rows = list(dict.fromkeys(event["row"] for each in both for event in each["events"]))
    titles = ("as it went", "the same luck, no mediator")
    return {
        "sides": crisis["sides"],
        "parting": parting_day(crisis["days"], twin["days"]),
        "telling": crisis["day"],
        "rows": rows,
        "stories": [
            {
                "title": title,
                **{name: each[name] for name in ("ending", "words", "spells", "events")},
                "panels": rounded(_panels(each["days"], each["allies"], all_days)),
            }
            for title, each in zip(titles, both, strict=True)
        ],
        "days": [_day(crisis, day, other) for day, other in zip(crisis["days"], twin["days"], strict=True)],
    }


# -- panels -----------------------------------------------------------------------------------------------------------


def _panels(days: Sequence[Day], allies: Mapping[str, str], all_days: Sequence[Day]) -> list[dict[str, Any]]:
    """Panels from top to bottom, all heights as shares of the panel; ``all_days`` set the scales, so twins share them."""
    tolls = [*_values_of(all_days, "total_deaths"), *_values_of(all_days, "claimed_enemy_deaths"), 1.0]
    segments = [share for day in all_days for side in SIDES for share in day[side]["segments"].values()]
    most_dead, most_marching = max(tolls), max([*segments, 0.005])
    dead = [
        _curve(side, [day[whose][name] / most_dead for day in days], dash, thin)
        for side, other in PAIRS
        for whose, name, dash, thin in (
            (side, "total_deaths", None, False),
            (side, "told_deaths", "2 3", False),
            (other, "claimed_enemy_deaths", None, True),
        )
    ]
    approval = [_curve(side, [day[side]["approval"] for day in days]) for side in SIDES]
    protest = [
        _curve(side, [day[side]["segments"][name] / most_marching for day in days], DASHES[name])
        for side in SIDES
        for name in days[0][side]["segments"]
    ]
    support = [
        _curve(_side_of(label), [day["support"][ally] / 3 for day in days], dash) | {"steps": True}
        for (ally, label), dash in zip(allies.items(), [None, *DASHES.values()], strict=False)
    ]
    tops = {"0 %": 0.0, _percent(most_marching, 0 if most_marching > 0.04 else 1): 1.0}
    return [
        _ladders(days),
        _bars(days, max([*_values_of(all_days, "deaths"), 1])),
        _panel("own dead (dotted: told at home; thin: enemy's claim)", 70, {"0": 0, _count(most_dead): 1}, dead),
        _panel("approval", 60, {"0 %": 0, "50 %": 0.5, "100 %": 1}, approval),
        _panel("in protest, by segment of the public", 80, tops, protest),
        _panel("support by allies", 44, {"none": 0, "entry": 1}, support),
    ]


def _panel(label: str, height: int, marks: Mapping[str, float], curves: Sequence[Any], **more: Any) -> dict[str, Any]:
    return {"label": label, "height": height, "marks": list(marks.items()), "curves": curves, **more}


def _curve(side: str, values: Sequence[float], dash: str | None = None, thin: bool = False) -> dict[str, Any]:
    return {"side": side, "values": values, "dash": dash, "thin": thin}


def _ladders(days: Sequence[Day]) -> dict[str, Any]:
    top = len(LADDER) - 1
    nudge = dict(zip(SIDES, (NUDGE, -NUDGE), strict=True))
    curves = [
        _curve(side, [day[side]["rung"] / top + nudge[side] for day in days], dash) | {"steps": True}
        for side, dash in zip(SIDES, (None, "6 2"), strict=True)
    ]
    dots = [
        [side, day["day"], day[side]["fought"] / top + nudge[side]]
        for side in SIDES
        for day in days
        if day[side]["fought"] > day[side]["rung"]
    ]
    marks = {str(rung): rung / top for rung in (0, 3, 6, 9)}
    return _panel("rung (dots: fought higher in an incident)", 120, marks, curves, dots=dots, hot=HOT_LINE / top)


def _bars(days: Sequence[Day], most: float) -> dict[str, Any]:
    def end(value: float, sign: int) -> float:
        return 0.5 + sign * (HALF * (log1p(value) / log1p(most) if most > WIDE_RANGE else value / most))

    bars = [
        [side, day["day"], *sorted((0.5, end(day[side]["deaths"], sign)))]
        for side, sign in zip(SIDES, (1, -1), strict=True)
        for day in days
        if day[side]["deaths"]
    ]
    marked = 10 ** (len(str(int(most))) - 1) if most > WIDE_RANGE else most
    marks = [["0", 0.5], *([_count(marked), end(marked, sign)] for sign in (1, -1))]
    return {"label": "soldiers dead a day", "height": 70, "marks": marks, "curves": [], "bars": bars}


def _side_of(label: str) -> str:
    """The side an ally backs, which its name ends with."""
    return SIDES[0] if label.endswith(f"{SIDES[0]})") else SIDES[1]


def _values_of(days: Iterable[Day], name: str) -> list[float]:
    return [day[side][name] for day in days for side in SIDES]


# -- days in words ----------------------------------------------------------------------------------------------------


def _day(crisis: Mapping[str, Any], day: Day, other: Day) -> dict[str, Any]:
    happened = [event for event in crisis["events"] if event["day"] == day["day"]]
    words = "; ".join(event["words"] for event in happened) or "nothing new"
    return {
        "words": f"{words[0].upper()}{words[1:]}. Agreement: {day['agreement']}; without a mediator: {other['agreement']}.",
        "offers": day["offers"],
        "event": any(event["kind"] != ATTEMPT for event in happened),
        "decision": any(
            (day[side]["reconsidered"] or day[side]["lapsed"]) and day[side]["rung_before"] >= DEPLOYED
            for side in SIDES
        ),
        "sides": {side: _side(crisis["sides"][side], day[side], other[side]) for side in SIDES},
    }


def _side(name: str, day: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """What a side's government weighed: words, and a table of utility by rung; ``push`` are the terms for holding."""
    options, against = day["options"], day["against_stepping_down"] if day["step_down"] is not None else None
    marks = {day["rung_before"]: ["held"]}
    for rung, word in ((day["chosen"], "chosen"), (day["step_down"], "best lower")):
        marks.setdefault(rung, []).append(word)
    terms = [term for term in TERMS if any(abs(option["terms"].get(term, 0)) > LEAST_SAID for option in options)]
    rows = [[TERMS[term], *(plain(option["terms"].get(term, 0), 2) for option in options)] for term in terms]
    rows.append(["all together", *(plain(option["utility"], 2) for option in options)])
    rows.append(["chance, if decided", *(_percent(option["chance"], 0) for option in options)])
    push = [*(against.get(term, 0) for term in terms), day["margin"]] if against else []
    return {
        "title": f"{name}, rung {day['rung_before']} ({LADDER[day['rung_before']].name})",
        "why": f"Why no step down today: {day['why_no_step_down']}. "
        f"Without a mediator: rung {other['rung_before']}, {other['why_no_step_down']}.",
        "state": f"Approval {_percent(day['approval'])}, protest {_percent(day['protest'])}, "
        f"trust {_percent(day['trust'], 0)}, committed to rung {day['commitment']:.2g}, hope {_percent(day['hope'], 0)}, "
        f"dead so far {_count(day['total_deaths'])}.",
        "heads": [f"{option['rung']} {', '.join(marks.get(option['rung'], []))}".strip() for option in options],
        "rows": rows,
        "push": [[value, signed(value, 2)] for value in push],
    }


def _percent(share: float, decimals: int = 1) -> str:
    return f"{plain(100 * share, decimals)} %"


def _count(value: float) -> str:
    return f"{value:,.0f}"
