"""Populations simulated in batches, one file a batch, so that an interrupted calibration simulates nothing twice.

A population becomes a few numbers: each target's reading, with its Monte Carlo error and number of cases.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan, sqrt
from pathlib import Path

import numpy as np
import polars as pl

from experiments.design.priors import POPULATION, Table, lay_over, settings_of
from experiments.execution.tasks import run_tasks
from experiments.statistics.arms import Sample
from experiments.targets.readings import READINGS, SCALE, Tables, record_frames
from experiments.targets.targets import Target, targets, targets_of
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk
from sim.scenario import Scenario

PART = "populations"
AUDIENCE_COST = "B1"
"""Read in the population, too: publics must not be muted where hardly a target speaks of them."""


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


def wanted(scenario: str) -> tuple[Target, ...]:
    """The targets that a scenario is calibrated to."""
    audience = tuple(target for target in targets() if target.id == AUDIENCE_COST)
    return targets_of(scenario) + (audience if scenario == POPULATION else ())


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
    """A row a population: its number, its hyperparameters and its summaries, columns of :func:`summarise`.

    Parameters
    ----------
    directory : Path
        Where finished batches are kept; those that are there are not simulated again.
    base, table, rows : Scenario, sequence of Hyperparameter, array ``(populations, hyperparameters)``
        What hyperparameters are laid over, which they are, and their values.
    plan, workers : Plan, int
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
    """The rows of populations numbered from ``first`` on, which keys their luck."""
    bases = [lay_over(base, settings) for settings in beneath] or [base] * len(rows)
    scenarios = [lay_over(under, settings_of(table, row, under)) for under, row in zip(bases, rows, strict=True)]
    luck = "shared" if plan.shared else "own"
    settings = Settings(plan.seed, horizon_days=plan.horizon, citizens=plan.citizens, luck=luck, records=True)
    point = np.repeat(np.arange(len(rows)), plan.lanes)
    replicate = np.tile(np.arange(plan.lanes), len(rows))
    frames = record_frames(run_chunk(Points.of(scenarios), point, replicate, settings, point_offset=first))
    numbers, chosen = np.arange(first, first + len(rows), dtype=np.int32), wanted(plan.scenario)
    summaries = [
        summarise(
            chosen,
            Tables.from_frames(*(frame.filter(pl.col("point") == number) for frame in frames), horizon=plan.horizon),
        )
        for number in numbers
    ]
    values = {item.name: rows[:, place] for place, item in enumerate(table)}
    counts = {f"{target.id}_cases": pl.Int32 for target in chosen}
    return pl.DataFrame({"population": numbers, **values}).hstack(pl.DataFrame(summaries, schema_overrides=counts))


def summarise(chosen: Sequence[Target], tables: Tables) -> dict[str, float]:
    """Every target's number, Monte Carlo error and cases: ``<id>``, ``<id>_error`` (NaN without a case), ``<id>_cases``."""
    row: dict[str, float] = {}
    for name in (target.id for target in chosen):
        sample, metric = READINGS[name].sample(tables), READINGS[name].metric
        if not len(sample.values):
            value, error = nan, nan
        elif metric.kind == "quantile":
            value, error = quantile_and_error(sample, metric.at)
        else:
            value, error = sample.mean, sample.error
        factor = SCALE.get(name, 1.0)
        row |= {name: factor * value, f"{name}_error": factor * error, f"{name}_cases": len(sample.values)}
    return row


def quantile_and_error(sample: Sample, at: float) -> tuple[float, float]:
    """A quantile and half the distance between the quantiles one standard error of the share to either side."""
    share = Sample.of((sample.values <= np.quantile(sample.values, at)).astype(float), sample.units, sample.count)
    reach = max(share.error, sqrt(at * (1 - at) / len(sample.values)))
    low, middle, high = np.quantile(sample.values, [max(at - reach, 0.0), at, min(at + reach, 1.0)])
    return float(middle), float(high - low) / 2
