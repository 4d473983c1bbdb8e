"""Arms, the groups of lanes that are set against each other, and numbers of one arm grouped by the luck they share.

The unit of chance is a luck key, not a lane: an arm that spans several parameter points meets the same luck at each of
them, and treating those lanes as independent would print intervals that are too narrow. An estimate is therefore a
ratio of sums over units, and its error comes from the units' influence on it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from experiments.statistics.intervals import Floats
from experiments.statistics.metrics import Metric

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
        """Return the metric's values by unit, of some sorted units alone; none where the arm is too short to show it."""
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
    """Return lanes matched by luck and cell: `unit`, `cell`, and each metric in either arm, `<name>:first`, `:second`."""
    left, right = (
        arm.lanes.select(UNIT, CELL, *(m.expression.cast(pl.Float64).alias(f"{m.name}:{side}") for m in metrics))
        for arm, side in ((first, "first"), (second, "second"))
    )
    return left.join(right, on=[UNIT, CELL], how="inner").sort(UNIT, CELL)


@dataclass(frozen=True)
class Sample:
    """Finite values (lanes,) and the unit of luck of each, int (lanes,), of ``count`` units, some of them without any."""

    values: Floats
    units: NDArray[np.int64]
    count: int

    @classmethod
    def of(cls, values: NDArray, units: NDArray, count: int) -> Sample:
        """Build a sample sorted by unit and value, so that the order of rows cannot matter; NaN values drop out."""
        values = np.asarray(values, float)
        present = ~np.isnan(values)
        values, units = values[present], np.asarray(units)[present]
        order = np.lexsort((values, units))
        return cls(values[order], units[order], int(count))

    @cached_property
    def sizes(self) -> Floats:
        """Values in each unit, shape (units,)."""
        return np.bincount(self.units, minlength=self.count).astype(float)

    @cached_property
    def occupied(self) -> int:
        """Units that have values."""
        return int(np.count_nonzero(self.sizes))

    @cached_property
    def sums(self) -> Floats:
        """Sum of the values in each unit, shape (units,)."""
        return np.bincount(self.units, self.values, self.count).astype(float)

    @cached_property
    def mean(self) -> float:
        """Mean over the values; NaN when there are none."""
        return float(self.sums.sum() / self.sizes.sum()) if self.values.size else float("nan")

    @cached_property
    def influence(self) -> Floats:
        """Influence of each unit on the mean, shape (units,); their mean is zero."""
        if not self.values.size:
            return np.zeros(self.count)
        return (self.sums - self.mean * self.sizes) / (self.sizes.sum() / self.count)

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the mean."""
        return float(np.sqrt(np.sum(self.influence**2)) / self.count) if self.values.size else float("nan")

    @property
    def trials(self) -> float:
        """Number of independent lanes that would estimate this share as well; `mean` must be a share.

        One lane a unit gives the number of lanes. A share of exactly 0 or 1 says nothing about clustering: the
        number of units that have values is then the cautious answer.
        """
        spread = self.mean * (1 - self.mean)
        if not self.values.size or spread <= 0 or self.error == 0:
            return float(self.occupied)
        return spread / self.error**2


def correlation(first: Sample, second: Sample) -> float:
    """Return the correlation of two estimates whose units are the same luck, 0 where either does not vary."""
    scale = np.sqrt(np.sum(first.influence**2) * np.sum(second.influence**2))
    return float(np.clip(np.sum(first.influence * second.influence) / scale, -1, 1)) if scale > 0 else 0.0


def carriers(*influences: Floats) -> float:
    """Return the number of units that carry an estimate: the participation ratio of their influences, shape (units,).

    For a rare yes-or-no outcome this is the number of times it happened; for a mean with a heavy tail it is small
    however many lanes there are, a warning that no interval can be trusted. Several arrays are independent samples.
    """
    fourth = _moment(influences, 4)
    return _moment(influences, 2) ** 2 / fourth if fourth > 0 else 0.0


def acceleration(*influences: Floats) -> float:
    """Return the acceleration constant of a BCa interval from influences on the estimate, as :func:`carriers` has them."""
    second = _moment(influences, 2)
    return _moment(influences, 3) / (6 * second**1.5) if second > 0 else 0.0


def _moment(influences: tuple[Floats, ...], order: int) -> float:
    return sum(float(np.sum(part**order)) / part.size**order for part in influences if part.size)
