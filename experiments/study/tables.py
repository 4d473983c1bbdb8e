"""The columns of every table of a study: name, kind, unit and meaning. Schema and data dictionary come from here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

NEVER = -1


@dataclass(frozen=True)
class Column:
    """One column; ``kind`` is count, day, deaths, flag, measure, label or luck."""

    name: str
    kind: str
    meaning: str


_MEANINGS = {
    "point": "number of the parameter point, a row of `design`",
    "replicate": "number of the replicate",
    "luck": "key of the lane's random numbers; equal keys met equal luck",
    "severity": "none, clash, limited_war, war or regional_war, by battle deaths and allies' entry",
    "termination": "how the first calm came: mediated, direct, imposed, unilateral, tacit; ongoing where it never came",
    "hostility": "hostility level 1-5 as coders of disputes would read it",
    "peak_rung_a": "highest rung side a fought at",
    "peak_rung_b": "highest rung side b fought at",
    "deaths_a": "military deaths of side a",
    "deaths_b": "military deaths of side b",
    "civilian_deaths_a": "civilian deaths of side a",
    "civilian_deaths_b": "civilian deaths of side b",
    "days_hot": "days with either side at rung 4 or above",
    "days_to_calm": "first day of the first calm (14 days, policies at rung 3 or below, nobody firing at rung 5 or above)",
    "relapsed": "whether a day that breaks calm followed the first calm",
    "hot_days_after_calm": "days that break calm after the first calm",
    "mediated": "whether a mediator made at least one attempt",
    "mediation_day": "day of a mediator's first attempt",
    "agreements": "agreements reached",
    "first_agreement_day": "day of the first agreement",
    "first_agreement_by": "who brought about the first agreement: direct or mediated",
    "collapses": "agreements that broke down",
    "leader_falls_a": "times a leader of side a fell",
    "leader_falls_b": "times a leader of side b fell",
    "min_approval_a": "lowest approval in side a, 0-1",
    "min_approval_b": "lowest approval in side b, 0-1",
    "max_protest_a": "largest share of side a in protest, 0-1",
    "max_protest_b": "largest share of side b in protest, 0-1",
    "audience_cost_a": "approval of staying out minus that of backing down in a, mean over decisions at rung 3 or above",
    "audience_cost_b": "approval of staying out minus that of backing down in b, mean over decisions at rung 3 or above",
    "step_down_penalty_a": "approval of holding minus that of stepping down in a, mean over decisions at rung 3 or above",
    "step_down_penalty_b": "approval of holding minus that of stepping down in b, mean over decisions at rung 3 or above",
    "territory": "share of the disputed ground that changed hands, above 0 where b gained",
    "ally_support": "highest support any ally gave: 0 none, 1 rhetorical, 2 material, 3 direct",
    "ally_entries": "allies that entered directly",
    "tension": "sum of both sides' rungs over all days",
    "days_to_silence": "first day of the first silence (14 days with nobody fighting at rung 4 or above)",
    "relapse_day": "first day that breaks calm after the first calm, counted from day 0",
    "days_heavy": "days with either side fighting at rung 5 or above",
    "last_heavy_day": "last day with either side fighting at rung 5 or above",
    "operations_a": "operations begun by side a (policy risen to the rung of operations)",
    "operations_b": "operations begun by side b (policy risen to the rung of operations)",
    "renewals_a": "operations of side a that lapsed and went on",
    "renewals_b": "operations of side b that lapsed and went on",
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
    meanings = {**_MEANINGS, **_OWN_MEANINGS.get(table, {})}
    return tuple(
        Column(name, "luck" if name == "luck" else kind, meanings.get(name, "")) for name, kind in _kinds(table).items()
    )


def _kinds(table: str) -> dict[str, str]:
    fixed = {"failures": _FAILURES, "trajectories": _TRAJECTORIES, "paths": _PATHS}
    if table in fixed:
        return fixed[table]
    if table == "outcomes":
        from sim.outputs.outcomes import COLUMNS

        return dict(COLUMNS)
    from sim.records import EVENT_COLUMNS, RECORD_COLUMNS

    lane = {"point": "count", "replicate": "count"}
    return (
        {**lane, **RECORD_COLUMNS}
        if table == "records"
        else {**lane, **{name: kind for name, kind in EVENT_COLUMNS.items() if name not in ("lane", *lane)}}
    )
