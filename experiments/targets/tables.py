"""The tables a simulated population is read from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from experiments.statistics.arms import Sample
from experiments.study.parts import arrow_table
from sim.outputs.outcomes import Outcomes

LANE = ["point", "replicate"]


@dataclass(frozen=True)
class Tables:
    """Outcomes, records and events of one simulated population, a lane being the unit of chance.

    Each table has a column ``unit``, 0 to ``units - 1``.
    """

    outcomes: pl.DataFrame
    records: pl.DataFrame
    events: pl.DataFrame
    horizon: int

    @property
    def units(self) -> int:
        return self.outcomes.height

    @classmethod
    def of(cls, outcomes: Outcomes, horizon: int) -> Tables:
        """The tables of simulated lanes; records and events must have been asked for."""
        return cls.from_frames(*record_frames(outcomes), horizon=horizon)

    @classmethod
    def from_frames(
        cls, outcomes: pl.DataFrame, records: pl.DataFrame, events: pl.DataFrame, *, horizon: int
    ) -> Tables:
        """The same from frames keyed by ``point`` and ``replicate``."""
        units = outcomes.select(LANE).sort(LANE).with_row_index("unit")
        outcomes, records, events = (
            frame.join(units, on=LANE, how="left", maintain_order="left") for frame in (outcomes, records, events)
        )
        return cls(outcomes, records, events, horizon)

    def sample(self, table: pl.DataFrame, value: pl.Expr) -> Sample:
        """One number a row, grouped by lane; rows where it is null drop out."""
        rows = table.select("unit", value.cast(pl.Float64).alias("value")).drop_nulls()
        return Sample.of(rows["value"].to_numpy(), rows["unit"].to_numpy().astype(np.int64), self.units)


def outcome_frame(outcomes: Outcomes) -> pl.DataFrame:
    """The lanes' outcomes as a study's table holds them: null where something never happened."""
    return _frame("outcomes", outcomes.lanes)


def record_frames(outcomes: Outcomes) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Outcomes, records and events as a study's tables hold them."""
    if outcomes.records is None or outcomes.events is None:
        raise ValueError("validation reads records: simulate with records on")
    return outcome_frame(outcomes), _frame("records", outcomes.records), _frame("mie", outcomes.events)


def _frame(table: str, columns: Mapping[str, np.ndarray]) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(arrow_table(table, columns)))
