"""What is simulated for the propositions: arms, each simulated once, kept on disk, and shared by all that ask for it.

An arm is one scenario with some changes laid over every draw of what is not known; its lanes are draws times crises, in
one array program, parameters differing by lane. Crisis 7 of a draw meets the same luck in every arm, so that arms are
compared crisis by crisis; each draw has luck of its own, or all draws would share a handful of fates. Two propositions
that ask for the same crises get the same file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from experiments.claims.uncertainty import Draws, case_draws, draws
from experiments.design.hyperparameters import lay_over
from experiments.study.parts import read_arrays, write_arrays
from experiments.targets.populations import scenario_named
from sim.engine.lanes import Points, coded
from sim.ensemble import CHUNK_LANES, Settings, run_chunk
from sim.scenario import Scenario, parameters

Changes = Mapping[str, float | str]
"""Parameter path -> value, laid over every draw."""

KEPT = (
    "severity",
    "termination",
    "days_to_calm",
    "days_hot",
    "relapsed",
    "deaths_a",
    "deaths_b",
    "agreements",
    "collapses",
    "mediated",
    "peak_rung_a",
    "peak_rung_b",
    "ally_support",
    "ally_entries",
    "max_protest_a",
    "max_protest_b",
    "step_down_penalty_a",
    "step_down_penalty_b",
)
"""The outcomes that are kept of every arm."""


@dataclass(frozen=True)
class Effort:
    """How hard to look: draws of the uncertain parameters, crises a draw, citizens a side, longest horizon.

    ``aside`` is the number of crises a draw for claims that get no verdict and for a first look before calibration, in
    structural variants and where coded drivers are drawn, which stands where the model as it is comes to no answer:
    fewer, and what noise that leaves is counted in what they say.
    """

    draws: int = 200
    crises: int = 200
    citizens: int = 100
    horizon: int = 120
    seed: int = 20_200_712
    aside: int = 50

    @property
    def lanes(self) -> int:
        """Crises of one arm."""
        return self.draws * self.crises

    def of(self, one: Arm) -> Effort:
        """The effort that goes into one arm."""
        return replace(self, crises=min(self.crises, self.aside)) if one.aside else self


FULL, QUICK = Effort(), Effort(draws=16, crises=16, citizens=40, horizon=76)


class Spread(NamedTuple):
    """Parameters that take one value a draw, spread evenly over a range; another ``copy`` spreads them otherwise."""

    paths: tuple[str, ...]
    low: float
    high: float
    copy: int = 0

    def values(self, draws: int, seed: int) -> np.ndarray:
        """The value of each draw, shape (draws,): a stratum each, in an order of its own."""
        key = int(_hash(json.dumps([self.paths, self.copy]).encode()), 16)
        generator = np.random.default_rng([seed, key])
        places = (generator.permutation(draws) + generator.random(draws)) / draws
        return self.low + (self.high - self.low) * places


@dataclass(frozen=True)
class Arm:
    """One arm: a scenario as typed on the command line, where draws come from, and what is laid over them.

    ``source`` is ``prior``, ``posterior``, ``case`` (see :func:`.uncertainty.case_draws`) or ``coded`` (the scenario's
    own values, nothing drawn); ``structure`` names the variant of the model whose posterior is meant. ``watch`` names a
    measure that outcomes do not hold (:mod:`.special`, :mod:`.watching`, :mod:`.aftermath`); then only that is kept.
    ``aside`` asks for fewer crises; ``spread`` lays further values over the draws, whatever ``changes`` says of them.
    """

    scenario: str
    overrides: tuple[str, ...] = ()
    source: str = "posterior"
    structure: str = ""
    changes: tuple[tuple[str, float | str], ...] = ()
    horizon: int = 120
    watch: str = ""
    aside: bool = False
    spread: tuple[Spread, ...] = ()


def arm(scenario: str, overrides: Sequence[str], changes: Changes, **others: Any) -> Arm:
    """An arm from a mapping of changes."""
    return Arm(scenario, tuple(overrides), changes=tuple(sorted(changes.items())), **others)


@lru_cache(maxsize=64)
def drawn_for(scenario: str, overrides: tuple[str, ...], source: str, structure: str, number: int) -> Draws:
    """The draws an arm rests on."""
    if source == "coded":
        return Draws({}, "as coded, nothing drawn")
    if source == "case":
        return case_draws(scenario_named(scenario, *overrides), scenario, number)
    found = draws(source, scenario_named(scenario, *overrides), scenario, number, structure)
    # What a claim sets for all its arms stands, whatever may be drawn elsewhere.
    typed = {text.partition("=")[0] for text in overrides}
    return replace(found, columns={path: values for path, values in found.columns.items() if path not in typed})


def identity(one: Arm, effort: Effort) -> str:
    """A name for what is simulated, its horizon apart: the same for all arms whose crises are the same."""
    known, resting = _base(one.scenario, one.overrides, one.source, one.structure, effort.draws)
    changes = [(path, value) for path, value in one.changes if known[path] != value]
    words: list[Any] = [resting, changes, {**asdict(effort.of(one)), "horizon": 0, "aside": 0}, one.watch, *one.spread]
    return _hash(json.dumps(words, sort_keys=True, default=str).encode())


@lru_cache(maxsize=64)
def _base(scenario: str, overrides: tuple[str, ...], source: str, structure: str, number: int) -> tuple[dict, str]:
    """What a scenario sets, ``drawn`` where that is drawn, and a name for scenario and draws together."""
    made, drawn = scenario_named(scenario, *overrides), drawn_for(scenario, overrides, source, structure, number)
    known = {**made.values(), **dict.fromkeys((*drawn.columns, *made.varies), "drawn")}
    columns = {**drawn.columns, **drawn.varied}
    values = b"".join(path.encode() + columns[path].tobytes() for path in sorted(columns))
    words = [known, made.varies, drawn.lent, str(made.peak_odds)]
    return known, _hash(json.dumps(words, default=str).encode() + values)


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:20]


def _resting_on(one: Arm, effort: Effort) -> tuple[Scenario, Draws]:
    scenario = scenario_named(one.scenario, *one.overrides)
    drawn = drawn_for(one.scenario, one.overrides, one.source, one.structure, effort.draws)
    if drawn.lent:
        scenario = replace(scenario, varies={**drawn.lent, **scenario.varies})
    return scenario, drawn


def points_of(one: Arm, effort: Effort) -> Points:
    """A point a draw."""
    scenario, drawn = _resting_on(one, effort)
    known = parameters()
    columns: dict[str, Any] = dict(drawn.columns)
    for path, value in one.changes:
        columns[path] = np.full(effort.draws, coded(known[path], value))
    for some in one.spread:
        columns |= dict.fromkeys(some.paths, some.values(effort.draws, effort.seed))
    if not drawn.varied:
        return Points.cross(scenario, np.zeros(effort.draws, int), columns)
    rows = zip(*drawn.varied.values(), strict=True)
    scenarios = [lay_over(scenario, dict(zip(drawn.varied, row, strict=True))) for row in rows]
    return Points.cross(scenarios, np.arange(effort.draws), columns)


def simulated(
    one: Arm, effort: Effort, horizon: int, tell: Callable[[int], None] | None = None
) -> dict[str, np.ndarray]:
    """Simulate an arm: what is kept of its lanes, by draw and then crisis."""
    effort = effort.of(one)
    points = points_of(one, effort)
    lane = np.arange(effort.lanes)
    draw, replicate = lane // effort.crises, lane % effort.crises
    settings = Settings(seed=effort.seed, horizon_days=horizon, citizens=effort.citizens, luck="own")
    parts: list[dict[str, np.ndarray]] = []
    for first in range(0, effort.lanes, CHUNK_LANES):
        here = slice(first, first + CHUNK_LANES)
        if one.watch:
            parts.append({"value": _watcher(one.watch)(points, draw[here], replicate[here], settings)})
        else:
            lanes = run_chunk(points, draw[here], replicate[here], settings).lanes
            parts.append({name: lanes[name] for name in KEPT})
        if tell:
            tell(len(draw[here]))
    return {name: _plain(np.concatenate([part[name] for part in parts])) for name in parts[0]}


def _watcher(name: str) -> Callable[..., np.ndarray]:
    """The measure of that name that outcomes do not hold."""
    from experiments.claims import aftermath, special, watching

    return next(getattr(module, name) for module in (special, watching, aftermath) if hasattr(module, name))


def _plain(values: np.ndarray) -> np.ndarray:
    """Labels as text of a fixed width, which is kept without pickle."""
    return values.astype(str) if values.dtype == object else values


@dataclass
class Bench:
    """Where arms are simulated and kept: in a directory, or in memory where there is none."""

    effort: Effort
    directory: Path | None = None
    workers: int = 1
    _wanted: dict[str, tuple[Arm, int]] = field(default_factory=dict)
    _here: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    def want(self, arms: Iterable[Arm]) -> None:
        """Ask for arms; one asked for twice is simulated once, for the longer of both horizons."""
        for one in arms:
            name, horizon = identity(one, self.effort), min(one.horizon, self.effort.horizon)
            if name not in self._wanted or self._wanted[name][1] < horizon:
                self._wanted[name] = (replace(one, horizon=horizon), horizon)

    @property
    def missing(self) -> list[tuple[str, Arm, int]]:
        """What is wanted and not there yet, the longest first."""
        left = [(name, one, days) for name, (one, days) in self._wanted.items() if not self._is_there(name, days)]
        return sorted(left, key=lambda item: (-item[2], not item[1].watch))

    @property
    def lane_days(self) -> int:
        """Days of crises still to simulate."""
        return sum(self.effort.of(one).lanes * days for _, one, days in self.missing)

    def run(self, title: str = "arms") -> None:
        """Simulate what is missing."""
        from experiments.study.progress import progress_bar

        left = self.missing
        with progress_bar(title, len(left), "arms") as bar:
            if self.directory is None or self.workers == 1 or len(left) < 2:
                for name, one, days in left:
                    self._keep(name, days, simulated(one, self.effort, days))
                    bar.advance(1)
                return
            from joblib import Parallel, delayed

            jobs = (
                delayed(_simulate_and_keep)(one, self.effort, days, self._place(name, days)) for name, one, days in left
            )
            for _ in Parallel(n_jobs=self.workers, return_as="generator_unordered")(jobs):
                bar.advance(1)

    def lanes(self, one: Arm) -> Mapping[str, np.ndarray]:
        """What is kept of an arm, simulated now if it was not yet; lanes by draw and then crisis."""
        name = identity(one, self.effort)
        days = min(one.horizon, self.effort.horizon)
        if name not in self._wanted or self._wanted[name][1] < days:
            self.want([one])
        days = self._wanted[name][1]
        if not self._is_there(name, days):
            self._keep(name, days, simulated(one, self.effort, days))
        if self.directory is None:
            return self._here[f"{name}-{days}"]
        return read_arrays(self._place(name, days))

    @property
    def crises(self) -> int:
        """Crises still to simulate."""
        return sum(self.effort.of(one).lanes for _, one, _ in self.missing)

    def draw(self, one: Arm) -> np.ndarray:
        """The draw of each lane of an arm."""
        return np.repeat(np.arange(self.effort.draws), self.effort.of(one).crises)

    def _place(self, name: str, days: int) -> Path:
        assert self.directory is not None
        return self.directory / "arms" / f"{name}-{days}.npz"

    def _is_there(self, name: str, days: int) -> bool:
        return f"{name}-{days}" in self._here if self.directory is None else self._place(name, days).exists()

    def _keep(self, name: str, days: int, lanes: dict[str, np.ndarray]) -> None:
        if self.directory is None:
            self._here[f"{name}-{days}"] = lanes
        else:
            self._place(name, days).parent.mkdir(parents=True, exist_ok=True)
            write_arrays(self._place(name, days), lanes)


def _simulate_and_keep(one: Arm, effort: Effort, days: int, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    write_arrays(place, simulated(one, effort, days))


def seconds_a_lane_day(effort: Effort) -> float:
    """How long one day of one crisis takes on this machine, from a trial: crises as many and as long as in an arm.

    Later days take less, and so does each of many crises.
    """
    points, lanes = Points.of(scenario_named("tovuz_2020")), min(CHUNK_LANES, effort.lanes)
    settings = Settings(horizon_days=effort.horizon, citizens=effort.citizens)
    run_chunk(points, np.zeros(8, int), np.arange(8), replace(settings, horizon_days=2))
    began = perf_counter()
    run_chunk(points, np.zeros(lanes, int), np.arange(lanes), settings)
    return (perf_counter() - began) / (lanes * effort.horizon)


def laid_by(scenario: str, before: Sequence[str], after: Sequence[str]) -> dict[str, float | str]:
    """What typing ``after`` instead of ``before`` changes, path -> value: an arm's changes from a group's choice.

    A group named in ``after`` replaces the one in ``before``.
    """
    groups = {text.partition("=")[0] for text in after}
    kept = [text for text in before if text.partition("=")[0] not in groups]
    old, new = scenario_named(scenario, *before).values(), scenario_named(scenario, *kept, *after).values()
    text = {path for path, one in parameters().items() if one.kind == "text"}
    return {path: value for path, value in new.items() if path not in text and old[path] != value}
