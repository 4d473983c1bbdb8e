"""The tables of a simulated population, and the reading of each target off them, declared in ``readings.csv``.

A row a target: the ``table`` and the rows of it (``where``) that it is taken over, the number of each (``value``), both
SQL expressions of polars, and how they are put together (``kind``, ``at`` for a quantile). Where ``cases`` names a
column, a row stands for so many cases, of which its value is a count. What a row means is defined in :mod:`sim.records`.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.statistics.arms import Sample
from experiments.statistics.metrics import Kind, Metric
from experiments.study.parts import arrow_table
from sim.outputs.outcomes import Outcomes
from sim.records.mie import EVENT_DAYS, GAP_DAYS

LANE = ["point", "replicate"]
SCALE = {"T3b": 30.0}
"""Factor from the unit in which a number is read to the target's unit."""


@dataclass(frozen=True)
class Tables:
    """Outcomes, records and events of one simulated population; a column ``unit`` numbers the lanes in each."""

    outcomes: pl.DataFrame
    records: pl.DataFrame
    events: pl.DataFrame
    horizon: int

    @classmethod
    def from_frames(
        cls, outcomes: pl.DataFrame, records: pl.DataFrame, events: pl.DataFrame, *, horizon: int
    ) -> Tables:
        """The tables from frames keyed by ``point`` and ``replicate``."""
        units = outcomes.select(LANE).sort(LANE).with_row_index("unit")
        outcomes, records, events = (
            frame.join(units, on=LANE, how="left", maintain_order="left") for frame in (outcomes, records, events)
        )
        return cls(outcomes, records, events, horizon)

    def rows(self, name: str) -> pl.DataFrame:
        """The outcomes, records or ``runs`` of fire, or the ``links`` between the events of the first episode.

        Links hold events so early that what follows was seen to the end, with the days to the next one (``gap``).
        """
        if name in ("outcomes", "records"):
            return self.outcomes if name == "outcomes" else self.records
        if name == "runs":
            return self.events.filter(pl.col("reading") == "run")
        events = self.events.filter((pl.col("reading") == "event") & (pl.col("episode") == 0))
        gap = pl.col("day").shift(-1).over("unit") - pl.col("day")
        return events.with_columns(gap=gap).filter(pl.col("day") <= self.horizon - GAP_DAYS - EVENT_DAYS)


def outcome_frame(outcomes: Outcomes) -> pl.DataFrame:
    """The lanes' outcomes as a study's table holds them: null where something never happened."""
    return _frame("outcomes", outcomes.lanes)


def record_frames(outcomes: Outcomes) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Outcomes, records and events as a study's tables hold them; ValueError where they were not asked for."""
    if outcomes.records is None or outcomes.events is None:
        raise ValueError("validation reads records: simulate with records on")
    return outcome_frame(outcomes), _frame("records", outcomes.records), _frame("mie", outcomes.events)


def _frame(table: str, columns: Mapping[str, np.ndarray]) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(arrow_table(table, columns)))


@dataclass(frozen=True)
class Reading:
    """The reading of one target, a row of ``readings.csv``; ``words`` stand in the document."""

    target: str
    words: str
    table: str
    where: str
    value: str
    kind: Kind
    at: str
    cases: str

    @cached_property
    def metric(self) -> Metric:
        """How the numbers are put together."""
        return Metric(self.words, self.words, pl.lit(None), self.kind, at=float(self.at or 0.5))

    def sample(self, tables: Tables) -> Sample:
        """The numbers of one target, grouped by lane; rows without one, or without a case, drop out."""
        rows, units = tables.rows(self.table).filter(pl.sql_expr(self.where or "true")), tables.outcomes.height
        if not self.cases:
            numbers = rows.select("unit", pl.sql_expr(self.value).cast(pl.Float64).alias("value")).drop_nulls()
            return Sample.of(numbers["value"].to_numpy(), numbers["unit"].to_numpy().astype(np.int64), units)
        counts = rows.select("unit", self.value, self.cases).to_numpy().astype(np.int64)
        unit, happened, cases = counts[counts[:, 2] > 0].T
        return Sample.of(np.repeat(happened / cases, cases), np.repeat(unit, cases), units)


with Path(__file__).with_name("readings.csv").open(encoding="utf-8", newline="") as _stream:
    _rows: list[dict[str, Any]] = list(csv.DictReader(_stream))
READINGS = {row["target"]: Reading(**row) for row in _rows}
"""Target -> its reading."""
