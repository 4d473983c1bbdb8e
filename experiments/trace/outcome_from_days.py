"""A crisis's outcome computed from its days alone, to check that a story is of the crisis that the study wrote down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sim.ladder import CALM_DAYS, DEPLOYED, HOT, LADDER
from sim.outputs.outcomes import LIMITED_WAR_DEATHS, SEVERITIES, WAR_DEATHS

Day = dict[str, Any]
_DIRECT_ENTRY = 3


def outcome_from_days(days: Sequence[Day]) -> dict[str, Any]:
    """The columns of ``outcomes`` that follow from the days of a story, each as the study would write it."""
    hot = [max(day["a"]["fought"], day["b"]["fought"]) >= HOT for day in days]
    calm = first_calm(hot)
    after = sum(hot[calm:]) if calm is not None else 0
    sides = [_side(days, side) for side in "ab"]
    deaths = sum(day[side]["deaths"] for day in days for side in "ab")
    entries = sum(level == _DIRECT_ENTRY for level in days[-1]["support"].values())
    peak = max(side[f"peak_rung_{name}"] for side, name in zip(sides, "ab", strict=True))
    return {
        **sides[0],
        **sides[1],
        **_agreements(days),
        "severity": _severity(any(hot), deaths, entries),
        "hostility": 5 if deaths >= WAR_DEATHS else LADDER[peak].hostility,
        "days_hot": sum(hot),
        "days_to_calm": calm,
        "relapsed": after > 0,
        "hot_days_after_calm": after,
        "territory": days[-1]["territory"],
        "ally_entries": entries,
        "ally_support": max((level for day in days for level in day["support"].values()), default=0),
        "tension": sum(day["a"]["fought"] + day["b"]["fought"] for day in days),
    }


def first_calm(hot: Sequence[bool]) -> int | None:
    """First day of the first spell of 14 days without shots, None where there is none; 0 where none were ever fired."""
    if not any(hot):
        return 0
    quiet = 0
    for day, shots in enumerate(hot):
        quiet = 0 if shots else quiet + 1
        if quiet == CALM_DAYS:
            return day - CALM_DAYS + 1
    return None


def _side(days: Sequence[Day], side: str) -> dict[str, Any]:
    own = [day[side] for day in days]
    armed = [day for day in own if day["rung_before"] >= DEPLOYED]
    return {
        f"peak_rung_{side}": max(day["fought"] for day in own),
        f"deaths_{side}": sum(day["deaths"] for day in own),
        f"civilian_deaths_{side}": sum(day["civilian_deaths"] for day in own),
        f"leader_falls_{side}": own[-1]["leader_falls"],
        f"min_approval_{side}": min(1.0, *(day["approval"] for day in own)),
        f"max_protest_{side}": max(0.0, *(day["protest"] for day in own)),
        f"audience_cost_{side}": _mean(day["audience_cost"] for day in armed),
        f"step_down_penalty_{side}": _mean(day["step_down_penalty"] for day in armed),
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
