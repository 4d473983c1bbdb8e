"""Where arms are simulated, each once, and kept for all claims that ask for the same crises."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter

import numpy as np

from experiments.claims.arms import LANES_AT_LEAST, Arm, SampleSize, identity, simulated
from experiments.claims.measures import MEASURES
from experiments.execution.tasks import in_parallel
from experiments.study.parts import read_arrays, write_arrays
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import CHUNK_LANES, Settings, run_chunk

TOLD_EVERY = 30
"""Seconds between two lines of progress."""


@dataclass
class ArmStore:
    """Arms of one sample size, kept in a directory."""

    size: SampleSize
    directory: Path
    workers: int = 1
    _wanted: dict[str, Arm] = field(default_factory=dict)
    """Identity -> the arm with its longest horizon."""

    def want(self, arms: Iterable[Arm]) -> None:
        """Ask for arms; one asked for twice is simulated once, for the longer of both horizons."""
        for arm in arms:
            name = identity(arm, self.size)
            if name not in self._wanted or self.size.days(self._wanted[name]) < self.size.days(arm):
                self._wanted[name] = arm

    @property
    def missing(self) -> list[tuple[Path, Arm]]:
        """Where what is wanted and not there yet will be kept, and the arm, the longest first."""
        placed = [(self._place(name), arm) for name, arm in self._wanted.items()]
        absent = [(place, arm) for place, arm in placed if not place.exists()]
        return sorted(absent, key=lambda item: -self.size.work(item[1]))

    def _place(self, name: str) -> Path:
        return self.directory / "arms" / f"{name}-{self.size.days(self._wanted[name])}.npz"

    def run(self, title: str) -> None:
        """Simulate what is missing; how far it is and how much time is left go to the error stream."""
        calls = [(place, arm, self.size) for place, arm in self.missing]
        whole, done, began = sum(self.size.work(arm) for _, arm, _ in calls), 0, monotonic()
        told = began
        for work in in_parallel(_simulate, calls, self.workers):
            done += work
            if (now := monotonic()) - told >= TOLD_EVERY or (done == whole and now - began >= TOLD_EVERY):
                left, told = (now - began) * (whole - done) / done, now
                said = f"{title}: {done / whole:.0%} done, about {left / 60:.0f} minutes left"
                print(said, file=sys.stderr, flush=True)

    def lanes(self, arm: Arm) -> Mapping[str, np.ndarray]:
        """What is kept of an arm, simulated now if it was not yet; lanes by draw and then crisis."""
        self.want([arm])
        name = identity(arm, self.size)
        place = self._place(name)
        if not place.exists():
            _simulate(place, self._wanted[name], self.size)
        return read_arrays(place)

    def values(self, arm: Arm, measured: str) -> np.ndarray:
        """A measure of an arm's crises, shape (draws, crises)."""
        values = MEASURES[measured].read(self.lanes(arm))
        return values.astype(float).reshape(len(arm.rows) or self.size.draws, -1)


def _simulate(place: Path, arm: Arm, size: SampleSize) -> int:
    """Simulate and keep an arm; returns the work that it took."""
    write_arrays(place, simulated(arm, size))
    return size.work(arm)


def seconds_a_lane_day(size: SampleSize) -> float:
    """How long one day of one crisis takes on this machine, from a trial.

    Later days take less, and so does each of many crises.
    """
    points, lanes = Points.of(scenario_named("tovuz_2020")), min(CHUNK_LANES, size.draws * size.crises)
    run_chunk(points, np.zeros(8, int), np.arange(8), Settings(horizon_days=2, citizens=size.citizens))
    began = perf_counter()
    settings = Settings(horizon_days=size.horizon, citizens=size.citizens)
    run_chunk(points, np.zeros(lanes, int), np.arange(lanes), settings)
    return (perf_counter() - began) / (max(lanes, LANES_AT_LEAST) * size.horizon)
