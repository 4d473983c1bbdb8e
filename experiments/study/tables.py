"""The columns of every table of a study: name, kind, unit and meaning. Schema and data dictionary come from here."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Any

from sim.outputs.columns import OUTCOMES, Column

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
    """The columns of a table in file order; the kinds of coded records are the model's own."""
    if table == "outcomes":
        return OUTCOMES
    from sim.records import EVENT_COLUMNS, RECORD_COLUMNS

    kinds: dict[str, Any] = {**RECORD_COLUMNS, **EVENT_COLUMNS}
    rows = [row for row in read_rows("columns.csv") if row["table"] == table]
    return tuple(Column(row["name"], row["kind"] or kinds[row["name"]], row["meaning"]) for row in rows)


@cache
def read_rows(name: str) -> tuple[dict[str, Any], ...]:
    """The rows of a table of texts beside this module."""
    text = (files("experiments.study") / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))
