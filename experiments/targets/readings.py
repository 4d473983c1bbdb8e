"""The reading of each target off simulated tables.

One entry a target: the rows it is taken over, the number of each row, and how the numbers are put together. What a row
means is defined in :mod:`sim.records`; which rows count follows the record's own population.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from experiments.statistics.arms import Sample
from experiments.statistics.metrics import Kind, Metric
from experiments.statistics.vocabulary import WARS
from experiments.targets.tables import Tables
from sim.records.mie import EVENT_DAYS, GAP_DAYS

Reader = Callable[[Tables], Sample]


@dataclass(frozen=True)
class Reading:
    """The reading of one target.

    ``words`` stand in the document, ``sample`` gives the numbers, ``metric`` says how they are put together.
    """

    words: str
    sample: Reader
    metric: Metric


SCALE = {"T3b": 30.0}
"""Factor from the unit in which a number is read to the target's unit."""


def _records(value: pl.Expr, where: pl.Expr) -> Reader:
    return lambda tables: tables.sample(tables.records.filter(where), value)


def _outcomes(value: pl.Expr) -> Reader:
    return lambda tables: tables.sample(tables.outcomes, value)


def _runs(value: pl.Expr, kind: str, where: pl.Expr | None = None) -> Reader:
    chosen = (pl.col("reading") == "run") & (pl.col("kind") == kind) & (True if where is None else where)
    return lambda tables: tables.sample(tables.events.filter(chosen), value)


def _links(value: pl.Expr, hostility: int, followed: bool) -> Reader:
    """Events of the first episode of a given hostility, early enough that what follows was seen to the end."""

    def read(tables: Tables) -> Sample:
        last = tables.horizon - GAP_DAYS - EVENT_DAYS
        kept = (
            (pl.col("reading") == "event")
            & (pl.col("episode") == 0)
            & (pl.col("hostility") == hostility)
            & (pl.col("day") <= last)
        )
        where = kept & pl.col("next_hostility").is_not_null() if followed else kept
        return tables.sample(tables.events.filter(where), value)

    return read


def _gaps(tables: Tables) -> Sample:
    """Days from one event to the next of the first episode, for events so early that a gap of any length was seen."""
    last = tables.horizon - GAP_DAYS - EVENT_DAYS
    events = tables.events.filter((pl.col("reading") == "event") & (pl.col("episode") == 0))
    gap = pl.col("day").shift(-1).over("unit") - pl.col("day")
    return tables.sample(events.with_columns(gap.alias("gap")).filter(pl.col("day") <= last), pl.col("gap"))


def _days(event: str, of: str) -> Reader:
    """A count of days or deaths per day or per deadly day: each of the latter is a case."""

    def read(tables: Tables) -> Sample:
        rows = tables.records.select("unit", event, of).to_numpy().astype(np.int64)
        unit, happened, cases = rows[rows[:, 2] > 0].T
        return Sample.of(np.repeat(happened / cases, cases), np.repeat(unit, cases), tables.units)

    return read


ANSWERED = pl.col("icb_response").is_not_null()
FORCE = pl.col("mid_hostility") >= 4
BILATERAL = FORCE & (pl.col("mid_joiners") == 0)
FATAL = BILATERAL & pl.col("mid_deaths").is_between(1, 100)
TWO_SIDED = BILATERAL & pl.col("mid_two_sided")
ONE_SIDED = BILATERAL & ~pl.col("mid_two_sided")
TWO_SIDED_FATAL = TWO_SIDED & pl.col("mid_deaths").is_between(1, 25)
DURATION = pl.col("mid_duration")
CRISIS = pl.col("icb_violence").is_not_null()
LAG = pl.col("icb_response_day") + 1
BLOODLESS = pl.col("deaths") == 0

SAMPLES: dict[str, Reader] = {
    "T1a": _records(pl.col("icb_response") == "violent", ANSWERED),
    "T1b": _records(LAG, ANSWERED),
    "T1c": _records(LAG, ANSWERED),
    "T2a": _runs(BLOODLESS, "attack"),
    "T2b": _runs(BLOODLESS, "clash"),
    "T2c": _runs(pl.col("deaths"), "clash", pl.col("deaths") > 0),
    "T3a": _days("days_deadly", "days_counted"),
    "T3b": _days("deaths_counted", "days_counted"),
    "T4a": _days("days_deadly_two", "days_deadly"),
    "T4b": _days("days_deadly_five", "days_deadly"),
    "T5a": _links(pl.col("next_hostility") == 4, 3, True),
    "T5b": _links(pl.col("next_hostility") == 4, 4, True),
    "T5c": _links(pl.col("next_hostility") == 5, 4, True),
    "T5d": _links(pl.col("ends_episode"), 4, False),
    "T6a": _records(DURATION, BILATERAL),
    "T6b": _records(DURATION, BILATERAL),
    "T6c": _records(DURATION, BILATERAL),
    "T6d": _records(DURATION <= 7, BILATERAL),
    "T7": _records(pl.col("mid_hostility") == 5, FORCE),
    "T12": _records(pl.col("mid_joiners") > 0, FORCE),
    "T13a": _records(pl.col("icb_mediated"), CRISIS),
    "T13b": _records(pl.col("icb_mediation_day"), CRISIS),
    "T13c": _records(pl.col("icb_mediation_day"), CRISIS),
    "T6e": _records(DURATION > 180, BILATERAL),
    "T8a": _records(DURATION <= 7, FATAL),
    "T8b": _records(DURATION <= 30, FATAL),
    "T8c": _records(DURATION, FATAL),
    "T9a": _gaps,
    "T9b": _gaps,
    "T9c": _gaps,
    "T11a": _records(pl.col("mid_two_sided"), BILATERAL),
    "T11b": _records(DURATION <= 7, TWO_SIDED),
    "T11c": _records(DURATION, TWO_SIDED),
    "T11d": _records(DURATION > 180, TWO_SIDED),
    "T11e": _records(DURATION <= 7, ONE_SIDED),
    "T11f": _records(DURATION, ONE_SIDED),
    "T11g": _records(DURATION <= 7, TWO_SIDED_FATAL),
    "T11h": _records(DURATION, TWO_SIDED_FATAL),
    "B1": _outcomes(pl.mean_horizontal("audience_cost_a", "audience_cost_b")),
    "B2": _records(pl.col("rung_correlation"), pl.lit(True)),
    "B3": _outcomes(pl.col("deaths_a") + pl.col("deaths_b")),
    "B4": _outcomes(pl.col("severity").is_in(WARS)),
    "B5": _outcomes(pl.col("agreements") > 0),
}
"""Target -> the rows it is taken over and the number of each."""


def _readings() -> dict[str, Reading]:
    rows = csv.DictReader(Path(__file__).with_name("readings.csv").read_text(encoding="utf-8").splitlines())
    return {
        row["target"]: Reading(
            row["words"],
            SAMPLES[row["target"]],
            Metric(row["words"], row["words"], pl.lit(None), cast(Kind, row["kind"]), at=float(row["at"] or 0.5)),
        )
        for row in rows
    }


READINGS = _readings()
"""Target -> its reading, in words, as numbers, and how they are put together, as ``readings.csv`` has it."""
