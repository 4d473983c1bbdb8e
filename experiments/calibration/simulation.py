"""Populations simulated in batches on a few workers; every finished batch is a file, so that nothing is done twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.calibration.summaries import columns, summarise, wanted
from experiments.design.hyperparameters import Table, lay_over, settings_of
from experiments.execution.backends import ONE_THREAD
from experiments.files import read_table, write_parquet
from experiments.study.parts import part_path
from experiments.targets.tables import Tables, record_frames
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk
from sim.scenario import Scenario

PART = "populations"


@dataclass(frozen=True)
class Plan:
    """How populations are simulated: ``lanes`` crises each, ``batch`` populations at a time.

    ``shared`` luck lets replicate k of every population meet the same luck; populations of few lanes need their own.
    """

    scenario: str
    lanes: int
    horizon: int
    citizens: int
    seed: int
    batch: int = 8
    shared: bool = False

    @property
    def settings(self) -> Settings:
        return Settings(
            seed=self.seed,
            horizon_days=self.horizon,
            citizens=self.citizens,
            luck="shared" if self.shared else "own",
            records=True,
        )


def simulate_rows(base: Scenario, table: Table, rows: np.ndarray, plan: Plan, first: int = 0) -> dict[str, np.ndarray]:
    """Simulate populations and summarise each.

    Parameters
    ----------
    base : Scenario
    table : sequence of Hyperparameter
    rows : array ``(populations, hyperparameters)``
    plan : Plan
    first : int
        Number of the first population; it keys luck.
    """
    return simulate_scenarios([lay_over(base, settings_of(table, row, base)) for row in rows], plan, first)


def simulate_scenarios(scenarios: Sequence[Scenario], plan: Plan, first: int = 0) -> dict[str, np.ndarray]:
    """Simulate one population a scenario and summarise each; ``first`` is the number of the first and keys luck."""
    point = np.repeat(np.arange(len(scenarios)), plan.lanes)
    replicate = np.tile(np.arange(plan.lanes), len(scenarios))
    outcomes = run_chunk(Points.of(scenarios), point, replicate, plan.settings, point_offset=first)
    frames = record_frames(outcomes)
    chosen = wanted(plan.scenario)
    found = []
    for number in range(first, first + len(scenarios)):
        parts = [frame.filter(pl.col("point") == number) for frame in frames]
        found.append(summarise(chosen, Tables.from_frames(*parts, horizon=plan.horizon)))
    return columns(found, chosen)


def run_batch(directory: Path, number: int, base: Scenario, table: Table, rows: np.ndarray, plan: Plan) -> int:
    """Simulate one batch and write it, unless it is there already; return how many populations it holds."""
    path = part_path(directory, PART, number)
    if path.exists():
        return 0
    first = number * plan.batch
    found = simulate_rows(base, table, rows, plan, first)
    given = {item.name: rows[:, place] for place, item in enumerate(table)}
    frame = pl.DataFrame({"population": np.arange(first, first + len(rows), dtype=np.int32), **given, **found})
    write_parquet(path, frame.to_arrow())
    return len(rows)


def simulate_design(
    directory: Path,
    base: Scenario,
    table: Table,
    rows: np.ndarray,
    plan: Plan,
    workers: int = 2,
    told: Callable[[int], None] = lambda done: None,
) -> pl.DataFrame:
    """Simulate all populations of a design, finished batches excepted, and read everything back."""
    batches = [
        (number, rows[start : start + plan.batch]) for number, start in enumerate(range(0, len(rows), plan.batch))
    ]
    todo = [(number, part) for number, part in batches if not part_path(directory, PART, number).exists()]
    for done in in_parallel(
        run_batch, [(directory, number, base, table, part, plan) for number, part in todo], workers
    ):
        told(done)
    return read_design(directory)


def in_parallel(function: Callable[..., Any], calls: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Any]:
    """What a function returns for each tuple of arguments, in whatever order, on workers of one thread each."""
    if workers == 1 or not calls:
        yield from (function(*arguments) for arguments in calls)
        return
    import joblib

    before = dict(os.environ)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        pool = joblib.Parallel(n_jobs=workers, return_as="generator_unordered", batch_size=1, max_nbytes=None)
        yield from pool(joblib.delayed(function)(*arguments) for arguments in calls)
    finally:
        for name in ONE_THREAD:
            os.environ.pop(name, None)
        os.environ.update({name: before[name] for name in ONE_THREAD if name in before})


def read_design(directory: Path) -> pl.DataFrame:
    """Every population simulated so far, in order."""
    parts = sorted((directory / PART).glob("part-*.parquet"))
    return pl.concat([read_table(path) for path in parts]).sort("population") if parts else pl.DataFrame()
