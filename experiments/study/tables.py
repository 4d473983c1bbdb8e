"""The columns of every table of a study: name, kind, unit and meaning. Schema and data dictionary come from here."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sim.outputs.columns import NEVER, OUTCOMES, Column

__all__ = ["NEVER", "TABLES", "Column", "columns_of"]

_MEANINGS = {
    "point": "number of the parameter point, a row of `design`",
    "replicate": "number of the replicate",
    "mid_two_sided": "whether both sides used force (hostility 4) in the dispute",
    "mid_hostility": "hostility level of the dispute, 1-5",
    "mid_duration": "days of the dispute",
    "mid_censored": "whether the dispute was still open at the horizon",
    "mid_deaths": "battle deaths in the dispute",
    "mid_joiners": "third states that joined the dispute",
    "icb_violence": "violence in the crisis: none, minor, serious or war",
    "icb_duration": "days of the crisis",
    "icb_mediated": "whether the crisis was mediated",
    "icb_mediation_day": "first day of mediation in the crisis",
    "icb_termination": "how the crisis ended: agreement, tacit, unilateral, imposed or faded",
    "icb_agreement": "whether an agreement was reached in the crisis",
    "icb_response": "first response of the target to the trigger",
    "icb_response_day": "day of that response, the trigger being day 1",
    "days_deadly": "days with at least one death, bloody spells apart",
    "days_deadly_two": "days with at least two deaths, bloody spells apart",
    "days_deadly_five": "days with at least five deaths, bloody spells apart",
    "days_counted": "days outside bloody spells",
    "deaths_counted": "deaths outside bloody spells",
    "rung_correlation": "correlation over days of the rungs both sides fought at",
    "reading": "which reading of events the row belongs to",
    "event": "number of the event within its lane and reading",
    "episode": "number of the episode the event belongs to",
    "day": "day, counted from 0",
    "ends_episode": "1 where the event ended its episode, 0 where another followed, null where the horizon came first",
    "actor": "who acted: a, b or both",
    "kind": "kind of event",
    "days": "days the event lasted",
    "deaths": "deaths in the event",
    "next_hostility": "hostility of the next event of the episode",
    "quantity": "name of the tracked quantity",
    "value": "its value on that day",
    "mean": "mean over replicates",
    "q05": "5 % quantile over replicates",
    "q25": "lower quartile over replicates",
    "q50": "median over replicates",
    "q75": "upper quartile over replicates",
    "q95": "95 % quantile over replicates",
    "chunk": "number of the part the lanes belong to",
    "first_replicate": "first replicate that failed",
    "last_replicate": "last replicate that failed",
    "lanes": "number of lanes that failed",
    "error": "the error in one line",
    "traceback": "where it happened",
}
_OWN_MEANINGS = {"mie": {"hostility": "hostility level of the event, 3-5"}}
_FAILURES = {
    "chunk": "count",
    "point": "count",
    "first_replicate": "count",
    "last_replicate": "count",
    "lanes": "count",
    "error": "label",
    "traceback": "label",
}
_TRAJECTORIES = {
    "point": "count",
    "day": "day",
    "quantity": "label",
    **dict.fromkeys(("mean", "q05", "q25", "q50", "q75", "q95"), "measure"),
}
_PATHS = {"point": "count", "replicate": "count", "day": "day", "quantity": "label", "value": "measure"}

TABLES = {
    "outcomes": "one row per crisis (point and replicate)",
    "records": "one row per crisis, read as coders of conflict data would read it",
    "mie": "one row per militarised event in a crisis",
    "trajectories": "one row per point, day and tracked quantity: its distribution over replicates",
    "paths": "one row per day and tracked quantity of the first 20 replicates of each point",
    "failures": "one row per point whose lanes could not be completed",
}
"""Table -> what a row of it is. ``design`` has columns of its own in every study."""


@cache
def columns_of(table: str) -> tuple[Column, ...]:
    """The columns of a table in file order."""
    if table == "outcomes":
        return OUTCOMES
    meanings = {**_MEANINGS, **_OWN_MEANINGS.get(table, {})}
    return tuple(Column(name, kind, meanings.get(name, "")) for name, kind in _kinds(table).items())


def _kinds(table: str) -> Mapping[str, Any]:
    fixed = {"failures": _FAILURES, "trajectories": _TRAJECTORIES, "paths": _PATHS}
    if table in fixed:
        return fixed[table]
    from sim.records import EVENT_COLUMNS, RECORD_COLUMNS

    lane = {"point": "count", "replicate": "count"}
    return (
        {**lane, **RECORD_COLUMNS}
        if table == "records"
        else {**lane, **{name: kind for name, kind in EVENT_COLUMNS.items() if name not in ("lane", *lane)}}
    )
