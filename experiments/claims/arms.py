"""What is simulated for the claims, each once, and kept: arms of crises that meet the same luck.

An arm is one scenario with some changes laid over every draw of what is not known; its lanes are draws times crises, in
one array program, parameters differing by lane. Crisis 7 of a draw meets the same luck in every arm, so that arms are
compared crisis by crisis; each draw has luck of its own, or all draws would share a handful of fates.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from time import monotonic, perf_counter
from typing import Any, NamedTuple

import numpy as np

from experiments.claims.measures import MEASURES, WATCHES, Crises
from experiments.claims.uncertainty import Draws, draws
from experiments.design.priors import lay_over
from experiments.execution.tasks import in_parallel
from experiments.study.parts import read_arrays, write_arrays
from experiments.targets.targets import scenario_named
from sim.engine.lanes import Points, coded
from sim.ensemble import CHUNK_LANES, Settings, run_chunk
from sim.scenario import parameters

Changes = Mapping[str, float | str]
"""Parameter path -> value, laid over every draw."""

KEPT = (
    *("severity", "termination", "days_to_calm", "days_hot", "days_heavy", "relapsed", "deaths_a", "deaths_b"),
    *("agreements", "collapses", "mediated", "peak_rung_a", "peak_rung_b", "ally_support", "ally_entries"),
    *("max_protest_a", "max_protest_b", "step_down_penalty_a", "step_down_penalty_b"),
)
"""The outcomes that are kept of every arm."""
LANES_AT_LEAST = 500
"""An arm of fewer crises takes about as long as one of so many."""


@dataclass(frozen=True)
class SampleSize:
    """How much is simulated: draws of the uncertain parameters, crises a draw, citizens a side, longest horizon in days.

    ``secondary_crises`` are those of a draw in secondary arms (see :class:`Arm`).
    """

    draws: int = 250
    crises: int = 80
    citizens: int = 64
    horizon: int = 120
    seed: int = 20_200_712
    secondary_crises: int = 25

    def of(self, arm: Arm) -> SampleSize:
        """The size of one arm."""
        return replace(self, crises=min(self.crises, self.secondary_crises)) if arm.secondary else self

    def lanes(self, arm: Arm) -> int:
        """Crises of one arm."""
        return (len(arm.rows) or self.draws) * self.of(arm).crises

    def days(self, arm: Arm) -> int:
        """Days for which an arm is simulated."""
        return min(arm.horizon, self.horizon)

    def work(self, arm: Arm) -> int:
        """Days of crises that an arm takes, at least those of :data:`LANES_AT_LEAST` crises."""
        return max(self.lanes(arm), LANES_AT_LEAST) * self.days(arm)


class Spread(NamedTuple):
    """Parameters that take one value a draw: in the first half of draws the ends of a range, in the rest any value.

    ``place`` is that of the parameter among those that are spread together: every combination of ends comes up, of the
    first few parameters as often as it can.
    """

    paths: tuple[str, ...]
    low: float
    high: float
    place: int

    def values(self, draws: int) -> np.ndarray:
        """The value of each draw, shape (draws,)."""
        generator = np.random.default_rng([20_200_803, self.place])
        half, others = draws // 2, draws - draws // 2
        bits = np.arange(half) >> self.place & 1
        ends = bits if 1 << self.place < half else generator.permutation(np.arange(half) % 2)
        between = (generator.permutation(others) + generator.random(others)) / others
        return self.low + (self.high - self.low) * np.concatenate([ends, between])


@dataclass(frozen=True)
class Arm:
    """One arm: a scenario as typed on the command line, where draws come from, and what is laid over them.

    ``source`` is ``prior``, ``posterior`` (both with equally many draws of each structure of the model) or ``coded`` (the
    scenario's own values, nothing drawn). ``watch`` names a watch of crises; then only what it returns is kept.
    ``secondary`` asks for fewer crises; ``spread`` lays further values over the draws; ``rows`` takes these draws alone.
    """

    scenario: str
    overrides: tuple[str, ...] = ()
    source: str = "posterior"
    changes: tuple[tuple[str, float | str], ...] = ()
    horizon: int = 120
    watch: str = ""
    secondary: bool = False
    spread: tuple[Spread, ...] = ()
    rows: tuple[int, ...] = ()


def arm(scenario: str, overrides: Sequence[str], changes: Changes, **others: Any) -> Arm:
    """An arm from a mapping of changes."""
    return Arm(scenario, tuple(overrides), changes=tuple(sorted(changes.items())), **others)


def laid_by(scenario: str, before: Sequence[str], after: Sequence[str]) -> dict[str, float | str]:
    """What typing ``after`` instead of ``before`` changes, path -> value: an arm's changes from a group's choice.

    A group named in ``after`` replaces the one in ``before``.
    """
    groups = {text.partition("=")[0] for text in after}
    others = [text for text in before if text.partition("=")[0] not in groups]
    old, new = scenario_named(scenario, *before).values(), scenario_named(scenario, *others, *after).values()
    text = {path for path, parameter in parameters().items() if parameter.kind == "text"}
    return {path: value for path, value in new.items() if path not in text and old[path] != value}


@lru_cache(maxsize=64)
def drawn_for(scenario: str, overrides: tuple[str, ...], source: str, number: int) -> Draws:
    """The draws an arm rests on."""
    if source == "coded":
        return Draws({}, "as coded, nothing drawn")
    base = scenario_named(scenario, *overrides)
    drawn = draws(source, base, scenario, number, equal=True)
    # What a claim sets for all its arms stands, whatever may be drawn elsewhere.
    typed = {text.partition("=")[0] for text in overrides}
    return replace(drawn, columns={path: values for path, values in drawn.columns.items() if path not in typed})


def identity(arm: Arm, size: SampleSize) -> str:
    """A name for what is simulated, its horizon apart: the same for all arms whose crises are the same."""
    known, basis = _basis(arm.scenario, arm.overrides, arm.source, size.draws)
    changes = [(path, value) for path, value in arm.changes if known[path] != value]
    size = size.of(arm)
    sizes = [size.draws, size.crises, size.citizens, size.seed]
    return _hash(json.dumps([basis, changes, sizes, arm.watch, arm.spread, arm.rows], default=str).encode())


@lru_cache(maxsize=64)
def _basis(scenario: str, overrides: tuple[str, ...], source: str, number: int) -> tuple[dict, str]:
    """What a scenario sets, ``drawn`` where that is drawn, and a name for scenario and draws together."""
    base, drawn = scenario_named(scenario, *overrides), drawn_for(scenario, overrides, source, number)
    known = {**base.values(), **dict.fromkeys((*drawn.columns, *base.varies), "drawn")}
    columns = {**drawn.columns, **drawn.varied}
    values = b"".join(path.encode() + columns[path].tobytes() for path in sorted(columns))
    words = [known, base.varies, str(base.peak_odds)]
    return known, _hash(json.dumps(words, default=str).encode() + values)


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:20]


def points_of(arm: Arm, size: SampleSize) -> Points:
    """A point a draw."""
    scenario = scenario_named(arm.scenario, *arm.overrides)
    drawn = drawn_for(arm.scenario, arm.overrides, arm.source, size.draws)
    known = parameters()
    columns: dict[str, Any] = dict(drawn.columns)
    columns |= {path: np.full(size.draws, coded(known[path], value)) for path, value in arm.changes}
    for spread in arm.spread:
        columns |= dict.fromkeys(spread.paths, spread.values(size.draws))
    scenarios, base = [scenario], np.zeros(size.draws, int)
    if drawn.varied:
        rows = zip(*drawn.varied.values(), strict=True)
        scenarios = [lay_over(scenario, dict(zip(drawn.varied, row, strict=True))) for row in rows]
        base = np.arange(size.draws)
    points = Points.cross(scenarios, base, columns)
    return points.take(np.array(arm.rows)) if arm.rows else points


def simulated(arm: Arm, size: SampleSize) -> dict[str, np.ndarray]:
    """What is kept of an arm's lanes, by draw and then crisis; labels as text of a fixed width, kept without pickle."""
    size, points = size.of(arm), points_of(arm, size)
    draw, replicate = np.divmod(np.arange(len(points) * size.crises), size.crises)
    settings = Settings(seed=size.seed, horizon_days=size.days(arm), citizens=size.citizens, luck="own")
    parts = []
    for first in range(0, len(draw), CHUNK_LANES):
        crises = Crises(points, draw[first : first + CHUNK_LANES], replicate[first : first + CHUNK_LANES], settings)
        parts.append(WATCHES[arm.watch](crises) if arm.watch else run_chunk(*crises).lanes)
    lanes = {name: np.concatenate([part[name] for part in parts]) for name in (parts[0] if arm.watch else KEPT)}
    return {name: values.astype(str) if values.dtype == object else values for name, values in lanes.items()}


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
        whole, done = sum(self.size.work(arm) for _, arm, _ in calls), 0
        last = began = monotonic()
        for work in in_parallel(_simulate, calls, self.workers):
            done += work
            if (now := monotonic()) - last >= TOLD_EVERY or (done == whole and now - began >= TOLD_EVERY):
                left, last = (now - began) * (whole - done) / done, now
                print(
                    f"{title}: {done / whole:.0%} done, about {left / 60:.0f} minutes left", file=sys.stderr, flush=True
                )

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
