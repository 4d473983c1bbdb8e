"""Populations simulated in batches, one file a batch, so that an interrupted calibration simulates nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from experiments.calibration.summaries import summarise, wanted
from experiments.design.priors import Table, lay_over, settings_of
from experiments.execution.tasks import run_tasks
from experiments.targets.tables import Tables, record_frames
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk
from sim.scenario import Scenario

PART = "populations"


@dataclass(frozen=True)
class Plan:
    """The size and luck of simulated populations: ``lanes`` crises each, ``batch`` populations at a time.

    ``shared`` luck lets replicate k of every population meet the same luck; populations of few lanes need their own.
    """

    scenario: str
    lanes: int
    horizon: int
    citizens: int
    seed: int
    batch: int = 8
    shared: bool = False


def simulate_scenarios(scenarios: Sequence[Scenario], plan: Plan, first: int) -> pl.DataFrame:
    """A row a scenario: the summaries of one simulated population, columns of :func:`summarise`.

    Parameters
    ----------
    scenarios : sequence of Scenario
    plan : Plan
    first : int
        Number of the first population; it keys luck.
    """
    settings = Settings(
        seed=plan.seed,
        horizon_days=plan.horizon,
        citizens=plan.citizens,
        luck="shared" if plan.shared else "own",
        records=True,
    )
    point = np.repeat(np.arange(len(scenarios)), plan.lanes)
    replicate = np.tile(np.arange(plan.lanes), len(scenarios))
    frames = record_frames(run_chunk(Points.of(scenarios), point, replicate, settings, point_offset=first))
    chosen = wanted(plan.scenario)
    populations = [
        Tables.from_frames(*(frame.filter(pl.col("point") == number) for frame in frames), horizon=plan.horizon)
        for number in range(first, first + len(scenarios))
    ]
    counts = {f"{target.id}_cases": pl.Int32 for target in chosen}
    return pl.DataFrame([summarise(chosen, tables) for tables in populations], schema_overrides=counts)


def simulate_design(
    directory: Path,
    base: Scenario,
    table: Table,
    rows: np.ndarray,
    plan: Plan,
    workers: int = 2,
    advance: Callable[[int], None] = lambda populations: None,
    beneath: Sequence[Mapping[str, float]] = (),
) -> pl.DataFrame:
    """A row a population: its number, its hyperparameters and its summaries.

    Parameters
    ----------
    directory : Path
        Where finished batches are kept; those that are there are not simulated again.
    base : Scenario
        What hyperparameters are laid over.
    table : sequence of Hyperparameter
    rows : array ``(populations, hyperparameters)``
    plan : Plan
    workers : int
    advance : callable
        Told how many populations a batch brought.
    beneath : sequence of mapping, optional
        For each population, path -> value that is laid over the base first.
    """
    batches = [
        (first, base, table, rows[first : first + plan.batch], plan, beneath[first : first + plan.batch])
        for first in range(0, len(rows), plan.batch)
    ]
    return run_tasks(directory, PART, _simulate_batch, batches, workers, advance)


def _simulate_batch(
    first: int, base: Scenario, table: Table, rows: np.ndarray, plan: Plan, beneath: Sequence[Mapping[str, float]]
) -> pl.DataFrame:
    bases = [lay_over(base, settings) for settings in beneath] or [base] * len(rows)
    scenarios = [lay_over(under, settings_of(table, row, under)) for under, row in zip(bases, rows, strict=True)]
    given = {item.name: rows[:, place] for place, item in enumerate(table)}
    numbered = pl.DataFrame({"population": np.arange(first, first + len(rows), dtype=np.int32), **given})
    return numbered.hstack(simulate_scenarios(scenarios, plan, first))
