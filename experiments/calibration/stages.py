"""The stages of a calibration, each kept on disk, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from experiments.calibration.candidates import TABLES
from experiments.calibration.diagnostics import (
    Checked,
    as_observations,
    inference_by,
    predictive_table,
    simulation_based_calibration,
)
from experiments.calibration.emulator import Emulator, fit
from experiments.calibration.inference import (
    Observation,
    Posterior,
    abc,
    data_sets,
    observed,
    per_case_errors,
    reference,
)
from experiments.calibration.screening import chosen_few, elementary_effects, rows_of, trajectories
from experiments.calibration.simulation import Plan, simulate_design
from experiments.calibration.summaries import wanted
from experiments.calibration.tuning import untuned
from experiments.design.hyperparameters import Table, positions, values_at
from experiments.files import read_table, write_parquet
from experiments.targets.populations import population
from sim.scenario import Scenario

Tell = Callable[[str], None]
HELD_OUT = 4
"""Every fourth population of the first wave is kept from the emulator by which calibration is checked."""
SPREAD_OF_CLOSER = 1.5


@dataclass(frozen=True)
class Request:
    """How much is asked for.

    ``points`` populations of ``lanes`` crises: ``first`` of them over the whole prior, the others, ``wave`` at a time,
    where those before them put the posterior. ``predictive`` draws are simulated again with ``fresh`` crises each.
    """

    scenario: str
    points: int = 4000
    first: int = 2000
    wave: int = 1000
    lanes: int = 250
    citizens: int = 50
    seed: int = 20200712
    most: int = 10
    trajectories: int = 10
    screening_lanes: int = 90
    size: int = 200_000
    keep: int = 1000
    draws: int = 400
    predictive: int = 40
    fresh: int = 250
    workers: int = 2
    only: tuple[str, ...] = ()
    emulators: tuple[str, ...] = ("surface", "process", "trees")

    @property
    def horizon(self) -> int:
        return population(self.scenario).horizon


DEFAULTS = {
    "dispute_population": Request("dispute_population"),
    "tovuz_2020": Request(
        "tovuz_2020", points=800, first=400, wave=200, lanes=200, most=10, citizens=100, trajectories=0
    ),
    "simmer_2015": Request(
        "simmer_2015", points=600, first=300, wave=300, lanes=12, most=5, citizens=50, trajectories=0, fresh=40
    ),
}
QUICK: dict[str, Any] = {
    "points": 60,
    "first": 40,
    "wave": 20,
    "lanes": 30,
    "citizens": 20,
    "trajectories": 0,
    "size": 20_000,
    "keep": 400,
    "draws": 100,
    "predictive": 8,
    "fresh": 40,
}


class Calibration:
    """One calibration in one directory."""

    def __init__(self, directory: Path, request: Request, tell: Tell = lambda text: None) -> None:
        self.directory, self.request, self.tell = directory, request, tell
        self.chosen = wanted(request.scenario)

    @cached_property
    def base(self) -> Scenario:
        """The scenario before any search fitted it, or the record would count twice; what is not calibrated stays."""
        return untuned(self.request.scenario)

    @cached_property
    def effects(self) -> pl.DataFrame | None:
        """What Morris screening found, or None where there was none."""
        request, candidates = self.request, TABLES[self.request.scenario]
        kept = self.directory / "effects.parquet"
        if kept.exists():
            return read_table(kept)
        if not request.trajectories:
            return None
        self.tell(f"screening {len(candidates)} candidates")
        where = trajectories(candidates, request.trajectories, request.seed % 2**31)
        found = self._simulated(
            "screening", candidates, rows_of(candidates, where), self.plan(request.screening_lanes, 1, shared=True)
        )
        summaries = _columns(found)
        for target in self.chosen:
            if lost := int(np.isnan(np.asarray(summaries[target.id], float)).sum()):
                self.tell(f"{target.id}: missing at {lost:,} of {len(where):,} points, the median is taken there")
        effects = elementary_effects(
            candidates, where, summaries, observed(self.chosen, per_case_errors(self.chosen, summaries))
        )
        write_parquet(kept, effects.to_arrow())
        return effects

    @cached_property
    def table(self) -> Table:
        """The hyperparameters that are calibrated: those asked for, else the most influential."""
        candidates = TABLES[self.request.scenario]
        if self.request.only:
            names = self.request.only
        elif self.effects is not None:
            names = tuple(chosen_few(self.effects, self.request.most))
        else:
            names = tuple(item.name for item in candidates[: self.request.most])
        return tuple(item for item in candidates if item.name in names)

    @cached_property
    def first_wave(self) -> pl.DataFrame:
        """Populations spread evenly over the prior."""
        from scipy.stats import qmc

        request = self.request
        count = min(request.first, request.points)
        where = qmc.LatinHypercube(len(self.table), rng=np.random.default_rng(request.seed)).random(count)
        self.tell(f"first wave: {count} populations")
        return self._simulated("wave-1", self.table, values_at(self.table, where), self.plan(request.lanes, 100))

    @cached_property
    def later_waves(self) -> pl.DataFrame:
        """Populations where those before them put the posterior, spread out a little."""
        request, found, number = self.request, [self.first_wave.clear()], 2
        while (left := request.points - len(self.first_wave) - sum(map(len, found))) > 0:
            path = self.directory / f"closer-{number}.parquet"
            if not path.exists():
                rows = self._closer(pl.concat([self.first_wave, *found]), min(left, request.wave), number)
                write_parquet(path, pl.DataFrame(rows, [item.name for item in self.table], orient="row").to_arrow())
            rows = read_table(path).to_numpy()
            self.tell(f"wave {number}: {len(rows)} populations")
            found.append(self._simulated(f"wave-{number}", self.table, rows, self.plan(request.lanes, 100 + number)))
            number += 1
        return pl.concat(found)

    def _closer(self, known: pl.DataFrame, count: int, number: int) -> np.ndarray:
        emulator = self._emulator(known)
        draws = self._posterior(emulator, self._observation(known)).positions
        generator = np.random.default_rng([self.request.seed, number])
        picked = draws[generator.choice(len(draws), count, replace=len(draws) < count)]
        middle = draws.mean(axis=0)
        wider = middle + SPREAD_OF_CLOSER * (picked - middle) + 0.03 * generator.standard_normal(picked.shape)
        return values_at(self.table, np.clip(wider, 0.005, 0.995))

    @cached_property
    def populations(self) -> pl.DataFrame:
        """All populations simulated to learn from."""
        return pl.concat([self.first_wave, self.later_waves])

    @cached_property
    def emulator(self) -> Emulator:
        """The emulator learned from all waves."""
        everything = self.populations
        self.tell(f"learning from {len(everything)} populations")
        return self._emulator(everything)

    def _emulator(self, found: pl.DataFrame) -> Emulator:
        request = self.request
        return fit(self.where(found), _columns(found), self.chosen, request.seed % 2**31, request.emulators)

    def where(self, found: pl.DataFrame) -> np.ndarray:
        """Positions of populations in the unit cube of the priors."""
        return positions(self.table, found.select(item.name for item in self.table).to_numpy())

    @cached_property
    def observation(self) -> Observation:
        """The record."""
        return self._observation(self.populations)

    def _observation(self, found: pl.DataFrame) -> Observation:
        return observed(self.chosen, per_case_errors(self.chosen, _columns(found)))

    @cached_property
    def posterior(self) -> Posterior:
        """Draws by regression-adjusted ABC."""
        return self._posterior(self.emulator, self.observation)

    def _posterior(self, emulator: Emulator, observation: Observation) -> Posterior:
        request = self.request
        where, expected = reference(emulator, len(self.table), request.size, request.seed + 5)
        simulated = data_sets(expected, emulator, observation.error, request.seed + 6)
        spread = np.sqrt(emulator.error**2 + observation.error**2)
        return abc(where, simulated, observation, request.keep, spread)

    @cached_property
    def draws(self) -> np.ndarray:
        """The draws that are shipped, in an order that makes the first few a fair sample."""
        kept = self.posterior.positions
        order = np.random.default_rng(self.request.seed + 7).permutation(len(kept))
        return kept[order[: self.request.draws]]

    @cached_property
    def checked(self) -> Checked:
        """Ranks of populations of the first wave that the emulator has not seen."""
        held = np.arange(len(self.first_wave)) % HELD_OUT == 0
        self.tell(f"simulation-based calibration on {held.sum()} populations held out")
        kept = pl.concat([self.first_wave.filter(~pl.Series(held)), self.later_waves])
        emulator = self._emulator(kept)
        out = self.first_wave.filter(pl.Series(held))
        where, expected = reference(
            emulator, len(self.table), max(self.request.size // 10, 2000), self.request.seed + 8
        )
        infer = inference_by(emulator, where, expected, max(self.request.keep // 4, 100), self.request.seed)
        observations = as_observations(self.chosen, _columns(out), self.observation)
        return simulation_based_calibration(self.where(out), observations, infer)

    @cached_property
    def predictive(self) -> pl.DataFrame:
        """The last draws of the posterior as populations on fresh luck, a row a draw."""
        request = self.request
        count = min(request.predictive, len(self.draws))
        self.tell(f"posterior predictive: {count} draws on fresh luck")
        # Draws and luck that nothing was tried on.
        rows = values_at(self.table, self.draws[-count:])
        stage = f"predictive-{crc32(rows.tobytes()):08x}"
        return self._simulated(stage, self.table, rows, self.plan(request.fresh, 5))

    @cached_property
    def predicted(self) -> pl.DataFrame:
        """What the posterior predicts on fresh luck, target by target."""
        seed = self.request.seed % 2**31
        return predictive_table(self.chosen, _columns(self.predictive), self.observation, seed)

    def plan(self, lanes: int, stage: int, shared: bool = False) -> Plan:
        """How a stage is simulated: crises a population, and which luck."""
        request = self.request
        return Plan(
            request.scenario,
            lanes,
            request.horizon,
            request.citizens,
            request.seed + stage,
            batch=max(1, 2000 // lanes),
            shared=shared,
        )

    def _simulated(self, stage: str, table: Table, rows: np.ndarray, plan: Plan) -> pl.DataFrame:
        from experiments.study.progress import progress_bar

        with progress_bar(f"{self.request.scenario}: {stage}", len(rows), "populations") as bar:
            return simulate_design(
                self.directory / stage, self.base, table, rows, plan, self.request.workers, bar.advance
            )


def requested(scenario: str, quick: bool = False, **changes: Any) -> Request:
    """The request for a scenario, with what the user asked for in place of the defaults."""
    made = replace(DEFAULTS[scenario], **QUICK) if quick else DEFAULTS[scenario]
    points = changes.get("points")
    if isinstance(points, int):
        # Waves keep their shares of the whole.
        changes = {"first": points * made.first // made.points, "wave": points * made.wave // made.points, **changes}
    return replace(made, **{name: value for name, value in changes.items() if value is not None})


def as_plain(request: Request) -> dict[str, object]:
    """A request as plain values for JSON."""
    return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(request).items()}


def _columns(found: pl.DataFrame) -> Mapping[str, np.ndarray]:
    return {name: found[name].to_numpy() for name in found.columns}
