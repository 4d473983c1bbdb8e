"""Where arms are simulated, each once, and kept for all claims that ask for the same crises."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, perf_counter

import numpy as np

from experiments.claims.arms import Arm, SampleSize, identity, simulated
from experiments.claims.measures import MEASURES
from experiments.execution.tasks import in_parallel
from experiments.study.parts import read_arrays, write_arrays
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import CHUNK_LANES, Settings, run_chunk

LANES_AT_LEAST = 500
"""An arm of fewer crises takes about as long as one of so many."""
TOLD_EVERY = 30
"""Seconds between two lines of progress."""


@dataclass
class ArmStore:
    """Arms of one sample size, in a directory, or in memory where there is none."""

    size: SampleSize
    directory: Path | None = None
    workers: int = 1
    _wanted: dict[str, Arm] = field(default_factory=dict)
    """Identity -> the arm with its longest horizon."""
    _memory: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def want(self, arms: Iterable[Arm]) -> None:
        """Ask for arms; one asked for twice is simulated once, for the longer of both horizons."""
        for arm in arms:
            name = identity(arm, self.size)
            if name not in self._wanted or self._wanted[name].horizon < min(arm.horizon, self.size.horizon):
                self._wanted[name] = arm

    def days(self, arm: Arm) -> int:
        """Days for which an arm is simulated."""
        return min(arm.horizon, self.size.horizon)

    @property
    def missing(self) -> list[tuple[str, Arm]]:
        """Key and arm of what is wanted and not there yet, the longest first."""
        keyed = [(f"{name}-{self.days(arm)}", arm) for name, arm in self._wanted.items()]
        absent = [(key, arm) for key, arm in keyed if not self._is_there(key)]
        return sorted(absent, key=lambda item: -self.work(item[1]))

    def work(self, arm: Arm) -> int:
        """Days of crises that an arm takes, at least those of :data:`LANES_AT_LEAST` crises."""
        return max(self.size.lanes(arm), LANES_AT_LEAST) * self.days(arm)

    def run(self, title: str = "arms") -> None:
        """Simulate what is missing; how far it is and how much time is left go to the error stream."""
        missing = self.missing
        if self.directory is None:
            for key, arm in missing:
                self._memory[key] = simulated(arm, self.size, self.days(arm))
            return
        whole, done, began = sum(self.work(arm) for _, arm in missing), 0, monotonic()
        told = began
        calls = [(arm, self.size, self.days(arm), self._place(key)) for key, arm in missing]
        for work in in_parallel(_simulate, calls, self.workers):
            done += work
            if (now := monotonic()) - told >= TOLD_EVERY or (done == whole and now - began >= TOLD_EVERY):
                left, told = (now - began) * (whole - done) / done, now
                print(
                    f"{title}: {done / whole:.0%} done, about {left / 60:.0f} minutes left", file=sys.stderr, flush=True
                )

    def lanes(self, arm: Arm) -> Mapping[str, np.ndarray]:
        """What is kept of an arm, simulated now if it was not yet; lanes by draw and then crisis."""
        self.want([arm])
        name = identity(arm, self.size)
        key = f"{name}-{self.days(self._wanted[name])}"
        if not self._is_there(key):
            if self.directory is None:
                self._memory[key] = simulated(self._wanted[name], self.size, self.days(self._wanted[name]))
            else:
                _simulate(self._wanted[name], self.size, self.days(self._wanted[name]), self._place(key))
        return self._memory[key] if self.directory is None else read_arrays(self._place(key))

    def values(self, arm: Arm, measured: str = "") -> np.ndarray:
        """A measure of an arm's crises, shape (draws, crises); of a watch of one measure, that one."""
        read = MEASURES[measured or arm.watch].read
        return read(self.lanes(arm)).astype(float).reshape(len(arm.rows) or self.size.draws, -1)

    def _place(self, key: str) -> Path:
        assert self.directory is not None
        return self.directory / "arms" / f"{key}.npz"

    def _is_there(self, key: str) -> bool:
        return key in self._memory if self.directory is None else self._place(key).exists()


def _simulate(arm: Arm, size: SampleSize, days: int, place: Path) -> int:
    write_arrays(place, simulated(arm, size, days))
    return max(size.lanes(arm), LANES_AT_LEAST) * days


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
