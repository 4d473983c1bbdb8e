"""How crises went: tracked quantities by day, summed up exactly however lanes are grouped.

Sums are kept as whole numbers and quantiles come from histograms, so that merging parts in any order gives the same
bits, and memory does not grow with the number of replicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from sim.engine.elementwise import expm1, log1p
from sim.ladder import SIDES
from sim.outputs.columns import PATHS_KEPT
from sim.world import World

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
SUM_UNIT = 2.0**-20
"""Sums are kept in whole multiples of this."""


@dataclass(frozen=True)
class Tracked:
    """A quantity worth following: its range, how finely quantiles resolve it, and where to read it."""

    low: float
    high: float
    bins: int
    read: Callable[[World], np.ndarray]
    stretch: Callable[[np.ndarray], np.ndarray] = staticmethod(lambda values: values)
    shrink: Callable[[np.ndarray], np.ndarray] = staticmethod(lambda values: values)

    def bin_of(self, values: np.ndarray) -> np.ndarray:
        """Number of the bin of each value, in the shape of ``values``."""
        low, high = self.stretch(np.array([self.low, self.high], float))
        share = (self.stretch(values) - low) / (high - low)
        return np.clip((share * self.bins).astype(np.int64), 0, self.bins - 1)

    def centre(self, bins: np.ndarray) -> np.ndarray:
        """The value in the middle of each bin, in the shape of ``bins``."""
        low, high = self.stretch(np.array([self.low, self.high], float))
        return self.shrink(low + (bins + 0.5) / self.bins * (high - low))


def _rung(side: str, name: str) -> Tracked:
    return Tracked(-0.5, 9.5, 10, lambda crisis: getattr(crisis.governments[side], name))


def _share(kind: str, side: str, name: str, low: float = 0.0) -> Tracked:
    return Tracked(low, 1.0, 100, lambda crisis: getattr(getattr(crisis, kind)[side], name))


def _both_sides(name: str, make: Callable[[str], Tracked]) -> dict[str, Tracked]:
    return {f"{name}_{side}": make(side) for side in SIDES}


TRACKED: dict[str, Tracked] = {
    **_both_sides("rung", lambda side: _rung(side, "rung")),
    **_both_sides("fought", lambda side: _rung(side, "fought")),
    **_both_sides("approval", lambda side: _share("publics", side, "approval")),
    **_both_sides(
        "protest", lambda side: Tracked(0.0, 1.0, 100, lambda crisis: crisis.publics[side].protest, np.sqrt, np.square)
    ),
    **_both_sides("attitude", lambda side: _share("publics", side, "attitude", low=-1.0)),
    **_both_sides("trust", lambda side: _share("governments", side, "trust")),
    **_both_sides("commitment", lambda side: Tracked(0.0, 9.0, 90, lambda crisis: crisis.governments[side].commitment)),
    **_both_sides(
        "deaths", lambda side: Tracked(0.0, 1e6, 240, lambda crisis: crisis.governments[side].deaths, log1p, expm1)
    ),
    "territory": Tracked(-1.0, 1.0, 200, lambda crisis: crisis.territory.gain),
    "agreement": Tracked(-0.5, 1.5, 2, lambda crisis: crisis.agreement.in_force.astype(float)),
}
"""Tracked quantity -> its range and how to read it."""


@dataclass
class TrajectoryTally:
    """Sums, histograms and kept paths by point; exact under any merging.

    ``counts`` maps a point to its lanes, ``sums`` to (days, quantities) whole numbers, ``histograms`` to one
    (days, bins) array per quantity, ``kept`` maps (point, replicate) to a (days, quantities) path.
    """

    days: int
    counts: dict[int, int] = field(default_factory=dict)
    sums: dict[int, np.ndarray] = field(default_factory=dict)
    histograms: dict[int, list[np.ndarray]] = field(default_factory=dict)
    kept: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)

    @property
    def points(self) -> list[int]:
        """Points in ascending order."""
        return sorted(self.counts)

    def merge(self, other: TrajectoryTally) -> None:
        """Add another tally of the same number of days."""
        if other.days != self.days:
            raise ValueError(f"cannot merge trajectories of {self.days} and {other.days} days")
        for point in other.counts:
            if point in self.counts:
                self.counts[point] += other.counts[point]
                self.sums[point] = self.sums[point] + other.sums[point]
                self.histograms[point] = [
                    mine + theirs for mine, theirs in zip(self.histograms[point], other.histograms[point], strict=True)
                ]
            else:
                self.counts[point] = other.counts[point]
                self.sums[point], self.histograms[point] = other.sums[point], other.histograms[point]
        self.kept.update(other.kept)

    @classmethod
    def merged(cls, tallies: Iterable[TrajectoryTally]) -> TrajectoryTally:
        """All tallies as one."""
        first, *rest = tallies
        total = cls(first.days)
        for tally in (first, *rest):
            total.merge(tally)
        return total

    def rows(self) -> dict[str, np.ndarray]:
        """One row per point, day and quantity: mean and quantiles as columns, each (rows,)."""
        columns: dict[str, list] = {
            name: [] for name in ("point", "day", "quantity", "mean", *(f"q{round(100 * q):02d}" for q in QUANTILES))
        }
        for point in self.points:
            for number, (name, tracked) in enumerate(TRACKED.items()):
                columns["point"].append(np.full(self.days, point, np.int32))
                columns["day"].append(np.arange(self.days, dtype=np.int32))
                columns["quantity"].append(np.full(self.days, name, object))
                columns["mean"].append(self.sums[point][:, number] * SUM_UNIT / self.counts[point])
                below = np.cumsum(self.histograms[point][number], axis=1)
                for q in QUANTILES:
                    bins = (below >= q * self.counts[point]).argmax(axis=1)
                    columns[f"q{round(100 * q):02d}"].append(tracked.centre(bins))
        return {name: np.concatenate(parts) if parts else np.array([]) for name, parts in columns.items()}

    def paths(self) -> dict[str, np.ndarray]:
        """The kept paths, one row per point, replicate, day and quantity; columns are (rows,)."""
        columns: dict[str, list] = {name: [] for name in ("point", "replicate", "day", "quantity", "value")}
        for (point, replicate), path in sorted(self.kept.items()):
            for number, name in enumerate(TRACKED):
                columns["point"].append(np.full(self.days, point, np.int32))
                columns["replicate"].append(np.full(self.days, replicate, np.int32))
                columns["day"].append(np.arange(self.days, dtype=np.int32))
                columns["quantity"].append(np.full(self.days, name, object))
                columns["value"].append(path[:, number])
        return {name: np.concatenate(parts) if parts else np.array([]) for name, parts in columns.items()}


class TrajectoryRecorder:
    """Follows a crisis from day to day and fills a tally."""

    def __init__(self, crisis: World, point: np.ndarray, replicate: np.ndarray, days: int) -> None:
        self.crisis, self.replicate, self.days = crisis, replicate, days
        self.points, self._group = np.unique(point, return_inverse=True)
        self._kept = np.flatnonzero(replicate < PATHS_KEPT)
        self._point = point
        self._sums = np.zeros((len(self.points), days, len(TRACKED)), np.int64)
        self._histograms = [np.zeros((len(self.points), days, tracked.bins), np.int32) for tracked in TRACKED.values()]
        self._paths = np.zeros((len(self._kept), days, len(TRACKED)))

    def record_day(self, day: int) -> None:
        """Take note of the day that has just passed."""
        number = len(self.points)
        for column, tracked in enumerate(TRACKED.values()):
            values = np.asarray(tracked.read(self.crisis), float)
            whole = np.rint(values / SUM_UNIT).astype(np.int64)
            np.add.at(self._sums[:, day, column], self._group, whole)
            flat = np.bincount(self._group * tracked.bins + tracked.bin_of(values), minlength=number * tracked.bins)
            self._histograms[column][:, day] = flat.reshape(number, tracked.bins)
            self._paths[:, day, column] = values[self._kept]

    def tally(self) -> TrajectoryTally:
        """What was seen."""
        counts = np.bincount(self._group, minlength=len(self.points))
        tally = TrajectoryTally(self.days)
        for index, point in enumerate(self.points.tolist()):
            tally.counts[point] = int(counts[index])
            tally.sums[point] = self._sums[index]
            tally.histograms[point] = [histogram[index] for histogram in self._histograms]
        for row, lane in enumerate(self._kept):
            tally.kept[int(self._point[lane]), int(self.replicate[lane])] = self._paths[row]
        return tally
