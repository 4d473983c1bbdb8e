"""Where arms are simulated, each once, and kept for all claims that ask for the same crises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

import numpy as np

from experiments.claims.arms import Arm, SampleSize, identity, simulated
from experiments.claims.measures import MEASURES
from experiments.study.parts import read_arrays, write_arrays
from experiments.study.progress import progress_bar
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points
from sim.ensemble import CHUNK_LANES, Settings, run_chunk


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
        return sorted(absent, key=lambda item: (-self.days(item[1]), not item[1].watch))

    @property
    def crises(self) -> int:
        """Crises still to simulate."""
        return sum(self.size.of(arm).lanes for _, arm in self.missing)

    @property
    def lane_days(self) -> int:
        """Days of crises still to simulate."""
        return sum(self.size.of(arm).lanes * self.days(arm) for _, arm in self.missing)

    def run(self, title: str = "arms") -> None:
        """Simulate what is missing."""
        missing = self.missing
        with progress_bar(title, len(missing), "arms") as bar:
            if self.directory is None or self.workers == 1 or len(missing) < 2:
                for key, arm in missing:
                    self._simulate(key, arm)
                    bar.advance(1)
                return
            from joblib import Parallel, delayed

            jobs = (delayed(_simulate)(arm, self.size, self.days(arm), self._place(key)) for key, arm in missing)
            for _ in Parallel(n_jobs=self.workers, return_as="generator_unordered")(jobs):
                bar.advance(1)

    def lanes(self, arm: Arm) -> Mapping[str, np.ndarray]:
        """What is kept of an arm, simulated now if it was not yet; lanes by draw and then crisis."""
        self.want([arm])
        name = identity(arm, self.size)
        key = f"{name}-{self.days(self._wanted[name])}"
        if not self._is_there(key):
            self._simulate(key, self._wanted[name])
        return self._memory[key] if self.directory is None else read_arrays(self._place(key))

    def values(self, arm: Arm, measured: str = "") -> np.ndarray:
        """A measure of an arm's crises, shape (draws, crises); of an arm that is watched, what it is watched for."""
        return MEASURES[arm.watch or measured].of(self.lanes(arm)).astype(float).reshape(self.size.draws, -1)

    def _place(self, key: str) -> Path:
        assert self.directory is not None
        return self.directory / "arms" / f"{key}.npz"

    def _is_there(self, key: str) -> bool:
        return key in self._memory if self.directory is None else self._place(key).exists()

    def _simulate(self, key: str, arm: Arm) -> None:
        if self.directory is None:
            self._memory[key] = simulated(arm, self.size, self.days(arm))
        else:
            _simulate(arm, self.size, self.days(arm), self._place(key))


def _simulate(arm: Arm, size: SampleSize, days: int, place: Path) -> None:
    write_arrays(place, simulated(arm, size, days))


def seconds_a_lane_day(size: SampleSize) -> float:
    """How long one day of one crisis takes on this machine, from a trial: crises as many and as long as in an arm.

    Later days take less, and so does each of many crises.
    """
    points, lanes = Points.of(scenario_named("tovuz_2020")), min(CHUNK_LANES, size.lanes)
    run_chunk(points, np.zeros(8, int), np.arange(8), Settings(horizon_days=2, citizens=size.citizens))
    began = perf_counter()
    settings = Settings(horizon_days=size.horizon, citizens=size.citizens)
    run_chunk(points, np.zeros(lanes, int), np.arange(lanes), settings)
    return (perf_counter() - began) / (lanes * size.horizon)
