"""The columns of `outcomes`, each declared once: name, kind, meaning, unit, and whether it may be missing.

Array types, Arrow schema, data dictionary, `offramp list outcomes` and the units of comparisons are read from here;
:class:`sim.outputs.outcomes.OutcomeRecorder` works out what stands in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sim.ladder import SIDES

NEVER = -1
"""What whole numbers hold where something never happened; measures hold NaN, labels nothing."""

PATHS_KEPT = 20
"""Replicates of each point whose full path is kept."""

Kind = Literal["count", "day", "deaths", "luck", "flag", "measure", "label"]
"""In this order: whole number, day counted from 0, whole numbers of 64 bits (two), true or false, number, text."""


@dataclass(frozen=True)
class Column:
    """One column of a table; `unit` is empty where a number has none, `nullable` says that it may be missing."""

    name: str
    kind: Kind
    meaning: str
    unit: str = ""
    nullable: bool = False


def _both_sides(stem: str, kind: Kind, meaning: str, unit: str = "", nullable: bool = False) -> list[Column]:
    """The columns of sides a and b; `{side}` in the meaning is the side."""
    return [Column(f"{stem}_{side}", kind, meaning.format(side=side), unit, nullable) for side in SIDES]


OUTCOMES: tuple[Column, ...] = (
    Column("point", "count", "number of the parameter point, a row of `design`"),
    Column("replicate", "count", "number of the replicate"),
    Column("luck", "luck", "key of the lane's random numbers; equal keys met equal luck"),
    Column("severity", "label", "none, clash, limited_war, war or regional_war, by battle deaths and allies' entry"),
    Column(
        "termination",
        "label",
        "how the first calm came: mediated, direct, imposed, unilateral, tacit; ongoing where it never came",
    ),
    Column("hostility", "count", "hostility level 1-5 as coders of disputes would read it", "level"),
    *_both_sides("peak_rung", "count", "highest rung side {side} fought at", "rung"),
    *_both_sides("deaths", "deaths", "military deaths of side {side}", "deaths"),
    *_both_sides("civilian_deaths", "deaths", "civilian deaths of side {side}", "deaths"),
    Column("days_hot", "count", "days with either side at rung 4 or above", "days"),
    Column(
        "days_to_calm",
        "day",
        "first day of the first calm (14 days, policies at rung 3 or below, nobody firing at rung 5 or above)",
        "days",
        nullable=True,
    ),
    Column("relapsed", "flag", "whether a day that breaks calm followed the first calm"),
    Column("hot_days_after_calm", "count", "days that break calm after the first calm", "days"),
    Column("mediated", "flag", "whether a mediator made at least one attempt"),
    Column("mediation_day", "day", "day of a mediator's first attempt", "days", nullable=True),
    Column("agreements", "count", "agreements reached", "agreements"),
    Column("first_agreement_day", "day", "day of the first agreement", "days", nullable=True),
    Column("first_agreement_by", "label", "who brought about the first agreement: direct or mediated", nullable=True),
    Column("collapses", "count", "agreements that broke down", "agreements"),
    *_both_sides("leader_falls", "count", "times a leader of side {side} fell", "leaders"),
    *_both_sides("min_approval", "measure", "lowest approval in side {side}, 0-1", "share"),
    *_both_sides("max_protest", "measure", "largest share of side {side} in protest, 0-1", "share"),
    *_both_sides(
        "audience_cost",
        "measure",
        "approval of staying out minus that of backing down in {side}, mean over decisions at rung 3 or above",
        "share",
        nullable=True,
    ),
    *_both_sides(
        "step_down_penalty",
        "measure",
        "approval of holding minus that of stepping down in {side}, mean over decisions at rung 3 or above",
        "share",
        nullable=True,
    ),
    Column("territory", "measure", "share of the disputed ground that changed hands, above 0 where b gained", "share"),
    Column(
        "ally_support", "count", "highest support any ally gave: 0 none, 1 rhetorical, 2 material, 3 direct", "level"
    ),
    Column("ally_entries", "count", "allies that entered directly", "allies"),
    Column("tension", "count", "sum of both sides' rungs over all days", "rung-days"),
    Column(
        "days_to_silence",
        "day",
        "first day of the first silence (14 days with nobody fighting at rung 4 or above)",
        "days",
        nullable=True,
    ),
    Column("relapse_day", "day", "first day that breaks calm after the first calm, counted from day 0", "days", True),
    Column("days_heavy", "count", "days with either side fighting at rung 5 or above", "days"),
    Column("last_heavy_day", "day", "last day with either side fighting at rung 5 or above", "days", nullable=True),
    *_both_sides(
        "operations", "count", "operations begun by side {side} (policy risen to the rung of operations)", "operations"
    ),
    *_both_sides("renewals", "count", "operations of side {side} that lapsed and went on", "renewals"),
)
"""In file order."""
