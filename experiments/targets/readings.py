"""The reading of each target off simulated tables, declared in ``readings.csv``.

A row a target: the ``table`` and the rows of it (``where``) that it is taken over, the number of each (``value``), both
SQL expressions of polars, and how they are put together (``kind``, ``at`` for a quantile). Where ``cases`` names a
column, a row stands for so many cases, of which its value is a count. What a row means is defined in :mod:`sim.records`.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import polars as pl

from experiments.statistics.arms import Sample
from experiments.statistics.metrics import Kind, Metric
from experiments.targets.tables import Tables
from sim.records.mie import EVENT_DAYS, GAP_DAYS

SCALE = {"T3b": 30.0}
"""Factor from the unit in which a number is read to the target's unit."""


@dataclass(frozen=True)
class Reading:
    """The reading of one target; ``words`` stand in the document, ``metric`` says how its numbers are put together."""

    words: str
    metric: Metric
    table: str
    value: str
    where: str
    cases: str

    def sample(self, tables: Tables) -> Sample:
        """The numbers of one target, grouped by lane."""
        rows = _rows(tables, self.table).filter(pl.sql_expr(self.where or "true"))
        if not self.cases:
            return tables.sample(rows, pl.sql_expr(self.value))
        counts = rows.select("unit", self.value, self.cases).to_numpy().astype(np.int64)
        unit, happened, cases = counts[counts[:, 2] > 0].T
        return Sample.of(np.repeat(happened / cases, cases), np.repeat(unit, cases), tables.units)


def _rows(tables: Tables, name: str) -> pl.DataFrame:
    """The outcomes, records or ``runs`` of fire, or the ``links`` between the events of the first episode.

    Links hold events so early that what follows was seen to the end, with the days to the next one (``gap``).
    """
    if name in ("outcomes", "records"):
        return tables.outcomes if name == "outcomes" else tables.records
    if name == "runs":
        return tables.events.filter(pl.col("reading") == "run")
    events = tables.events.filter((pl.col("reading") == "event") & (pl.col("episode") == 0))
    gap = pl.col("day").shift(-1).over("unit") - pl.col("day")
    return events.with_columns(gap=gap).filter(pl.col("day") <= tables.horizon - GAP_DAYS - EVENT_DAYS)


def _reading(row: dict[str, str]) -> Reading:
    words, kind, at = row["words"], cast(Kind, row["kind"]), float(row["at"] or 0.5)
    metric = Metric(words, words, pl.lit(None), kind, at=at)
    return Reading(words, metric, row["table"], row["value"], row["where"], row["cases"])


with Path(__file__).with_name("readings.csv").open(encoding="utf-8", newline="") as _stream:
    READINGS = {row["target"]: _reading(row) for row in csv.DictReader(_stream)}
"""Target -> its reading."""
