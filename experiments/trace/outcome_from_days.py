"""A crisis's outcome computed from its days alone, to check that a story is of the crisis that the study wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from sim.ladder import ARTILLERY, CALM_DAYS, HOT, LADDER, SIDES
from sim.outputs.outcomes import LIMITED_WAR_DEATHS, SEVERITIES, WAR_DEATHS

Day = dict[str, Any]
_DIRECT_ENTRY = 3


def outcome_from_days(days: Sequence[Day]) -> dict[str, Any]:
    """The columns of ``outcomes`` that follow from the days of a story, each as the study would write it."""
    fought = [max(day[side]["fought"] for side in SIDES) for day in days]
    hot, heavy = [rung >= HOT for rung in fought], [rung >= ARTILLERY for rung in fought]
    # Calm is broken by a policy at rung 4 or above, or by fire at rung 5 or above, ordered or not.
    breaks = [any(day[side]["rung"] >= HOT or day[side]["fought"] >= ARTILLERY for side in SIDES) for day in days]
    calm = first_spell_without(breaks)
    relapses = [number for number, broken in enumerate(breaks) if broken and calm is not None and number > calm]
    sides = [_side(days, side) for side in SIDES]
    deaths = sum(day[side]["deaths"] for day in days for side in SIDES)
    entries = sum(level == _DIRECT_ENTRY for level in days[-1]["support"].values())
    peak = max(side[f"peak_rung_{name}"] for side, name in zip(sides, SIDES, strict=True))
    return {
        **sides[0],
        **sides[1],
        **_agreements(days),
        "severity": _severity(any(hot), deaths, entries),
        "hostility": 5 if deaths >= WAR_DEATHS else LADDER[peak].hostility,
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
    own = [day[side] for day in days]
    asked = [day for day in own if day["answered_for"]]
    operating = [False, *(day["operating"] for day in own)]
    return {
        f"peak_rung_{side}": max(day["fought"] for day in own),
        f"deaths_{side}": sum(day["deaths"] for day in own),
        f"civilian_deaths_{side}": sum(day["civilian_deaths"] for day in own),
        f"operations_{side}": sum(now and not then for then, now in pairwise(operating)),
        f"renewals_{side}": sum(day["renewed"] for day in own),
        f"leader_falls_{side}": own[-1]["leader_falls"],
        f"min_approval_{side}": min(1.0, *(day["approval"] for day in own)),
        f"max_protest_{side}": max(0.0, *(day["protest"] for day in own)),
        f"audience_cost_{side}": _mean(day["audience_cost"] for day in asked),
        f"step_down_penalty_{side}": _mean(day["step_down_penalty"] for day in asked),
    }


def _mean(values: Iterable[float]) -> float | None:
    """A mean in the arithmetic of the engine: a sum from the first day to the last, then one multiplication."""
    total, count = 0.0, 0
    for value in values:
        total, count = total + value, count + 1
    return total * (1 / count) if count else None


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
