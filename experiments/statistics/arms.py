"""Arms: the groups of lanes that are set against each other, and the luck they share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.metrics import Metric
from experiments.statistics.samples import Sample

UNIT = "unit"
"""Column that names the luck of a lane; lanes with the same value met the same random numbers. Defaults to `luck`."""

CELL = "cell"
"""Column that tells the points of one arm apart, so that a lane finds its counterpart in another arm."""

DRAW = "_draw"
"""Column that numbers the draw of uncertain parameters a lane belongs to, Int64, where a study draws any.

It is none of a study's own columns: `draw` is one of its design, or whatever a user calls a factor.
"""


@dataclass(frozen=True)
class Arm:
    """Lanes under one policy: columns of `outcomes` and no others, optionally `unit`, `cell` and `_draw`."""

    name: str
    lanes: pl.DataFrame
    horizon: int = 120

    def __post_init__(self) -> None:
        lanes = self.lanes
        if UNIT not in lanes.columns:
            lanes = lanes.with_columns(pl.col("luck").alias(UNIT))
        if CELL not in lanes.columns:
            lanes = lanes.with_columns(pl.lit(0, pl.Int64).alias(CELL))
        order = (UNIT, CELL, *(name for name in ("point", "replicate") if name in lanes.columns))
        object.__setattr__(self, "lanes", lanes.sort(order))

    @cached_property
    def keys(self) -> NDArray:
        """The arm's units of luck, sorted and unique."""
        return self.lanes[UNIT].unique().sort().to_numpy()

    def sample(self, metric: Metric, keys: NDArray | None = None) -> Sample:
        """Return the metric's values by unit; there are none where the arm is too short for it to be seen.

        Some sorted units may be kept by their ``keys``; all units of the arm are by default.
        """
        keys = self.keys if keys is None else keys
        units = self.lanes[UNIT].to_numpy()
        if self.horizon < metric.needs:
            return Sample.of(np.full(units.size, np.nan), units, keys.size)
        values = self.lanes.select(metric.expression.cast(pl.Float64)).to_series().to_numpy().astype(float)
        kept = np.isin(units, keys)
        return Sample.of(values[kept], np.searchsorted(keys, units[kept]), keys.size)


def shared_keys(first: Arm, second: Arm) -> NDArray | None:
    """Return the units of luck two arms share; None where less than half of the smaller one's are in the other."""
    common = np.intersect1d(first.keys, second.keys, assume_unique=True)
    smaller = min(first.keys.size, second.keys.size)
    return common if smaller and common.size >= smaller / 2 else None


def identical(first: Arm, second: Arm, keys: NDArray) -> bool:
    """Whether two arms hold the very same crises under some units of luck, in every column of results."""
    labels = {"point", "luck", UNIT, CELL, DRAW}
    columns = [name for name in first.lanes.columns if name not in labels]
    if set(columns) != set(second.lanes.columns) - labels:
        return False
    shared = pl.col(UNIT).is_in(pl.Series(keys).implode())
    return first.lanes.filter(shared).select(columns).equals(second.lanes.filter(shared).select(columns))


def pairs(first: Arm, second: Arm, metrics: Sequence[Metric]) -> pl.DataFrame:
    """Return lanes matched by luck (and by cell, where an arm has several points).

    Columns are `unit`, `cell`, and for each metric its value in either arm: `<name>:first` and `<name>:second`.
    """
    left, right = (
        arm.lanes.select(UNIT, CELL, *(m.expression.cast(pl.Float64).alias(f"{m.name}:{side}") for m in metrics))
        for arm, side in ((first, "first"), (second, "second"))
    )
    return left.join(right, on=[UNIT, CELL], how="inner").sort(UNIT, CELL)
