"""Crises of some policies in some states of the world, reduced to one number a measure."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path

import numpy as np
import polars as pl

from experiments.config.settings import StudyRecord
from experiments.decide.worlds import Arm, Worlds
from experiments.errors import FAILED, UserError, one_line
from experiments.execution.tasks import run_tasks
from experiments.statistics.metrics import metric
from experiments.study.parts import arrow_table
from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk

LUCKS_OF_A_STATE = 100_000
"""Every state has replicates of its own: with the same few lucks in all states means are several times as noisy."""
FRESH_LUCK = 50_000
"""The first replicate of a state that no candidate was searched with."""
MOST_LANES = 512
ATTEMPTS = 2
"""How often work is begun in all where worker processes die."""
KEYS = ("policy", "state", "luck")


def evaluate(
    directory: Path,
    name: str,
    worlds: Worlds,
    arms: Sequence[Arm],
    states: Sequence[int],
    lucks: range,
    metrics: Sequence[str],
    workers: int = 1,
    advance: Callable[[int], None] = lambda rows: None,
) -> pl.DataFrame:
    """Simulate arms in states, every arm with the same luck, and return what was measured.

    Parameters
    ----------
    directory : Path
        Finished parts are kept in the folder ``name`` in it; those that are there are not simulated again.
    lucks : range
        Replicates of each state.
    metrics : sequence of str
        Names of measures, see :func:`experiments.statistics.metrics.metric`.

    Returns
    -------
    pl.DataFrame
        A row a crisis: ``policy, state, luck``, each measure (NaN where the crisis failed), and ``error``.

    Raises
    ------
    UserError
        Where worker processes die again and again; what is finished is kept.
    """
    settings = worlds.configuration.settings
    tasks = [
        (points, arm, state, lucks, tuple(metrics), engine_settings(settings))
        for points, arm, state in _pieces(worlds, arms, states, len(lucks))
    ]
    for attempt in range(ATTEMPTS):
        try:
            frame = run_tasks(directory, name, measured, tasks, workers, advance)
            break
        except Exception as error:  # told apart by name: joblib's own class is a detail of its backend
            if "Worker" not in type(error).__name__ and "BrokenProcessPool" not in type(error).__name__:
                raise
            if attempt == ATTEMPTS - 1:
                raise UserError("worker processes died twice; what is finished is kept", FAILED) from None
    if set(frame["policy"]) != {arm.number for arm in arms} or frame.height != len(arms) * len(states) * len(lucks):
        raise UserError(f"{directory / name}: holds crises of other policies; delete it and resume", FAILED)
    return frame.sort(KEYS)


def cube(frame: pl.DataFrame, names: Sequence[str]) -> np.ndarray:
    """Measures of a frame of :func:`evaluate` as an array (policies, states, lucks, measures), in order of the keys."""
    shape = [frame[name].n_unique() for name in KEYS]
    return frame.select(names).to_numpy().reshape(*shape, len(names))


def engine_settings(settings: StudyRecord) -> Settings:
    """The model's own settings in a search: luck is shared by all policies, and nothing daily is kept."""
    return Settings(settings.seed, settings.horizon_days, settings.citizens, "shared", settings.dtype)


def measured(
    points: Points, arm: np.ndarray, state: np.ndarray, lucks: range, metrics: Sequence[str], settings: Settings
) -> pl.DataFrame:
    """Simulate every point with each luck; crises that fail are rows with NaN and an error.

    ``arm`` and ``state``, int (points,), say what each point is called in the frame.
    """
    point = np.repeat(np.arange(len(points)), len(lucks))
    luck = np.tile(np.arange(lucks.start, lucks.stop), len(points))
    replicate = state[point] * LUCKS_OF_A_STATE + luck
    keys = pl.DataFrame({"policy": arm[point], "state": state[point], "luck": luck})
    frames: list[pl.DataFrame] = []
    waiting = [np.arange(len(point))]
    while waiting:
        lanes = waiting.pop()
        try:
            chunk = run_chunk(points, point[lanes], replicate[lanes], settings)
            outcomes = pl.DataFrame(arrow_table("outcomes", chunk.lanes))
            measures = [metric(name, settings.horizon_days, outcomes.schema) for name in metrics]
            values = outcomes.select(measure.expression.cast(pl.Float64).alias(measure.name) for measure in measures)
            never = (pl.when(pl.col(name).is_null()).then(pl.lit(f"{name}: never happened")) for name in metrics)
            values = values.with_columns(pl.coalesce(*never).alias("error"))
        except Exception as failure:  # whatever a crisis raises is recorded, and the search goes on
            if len(np.unique(point[lanes])) > 1:
                middle = lanes[len(lanes) // 2]
                cut = int(np.searchsorted(point[lanes], point[middle]))
                cut = cut or int(np.searchsorted(point[lanes], point[middle], side="right"))
                waiting += [lanes[cut:], lanes[:cut]]
                continue
            last = traceback.extract_tb(failure.__traceback__)[-1]
            place = f"{Path(last.filename).name}, line {last.lineno}"
            error = f"{one_line(f'{type(failure).__name__}: {failure}')} ({place})"
            values = pl.DataFrame({**{name: [np.nan] * len(lanes) for name in metrics}, "error": error})
        frames.append(pl.concat([keys[lanes], values], how="horizontal"))
    return pl.concat(frames)


def _pieces(
    worlds: Worlds, arms: Sequence[Arm], states: Sequence[int], lucks: int
) -> list[tuple[Points, np.ndarray, np.ndarray]]:
    """Arms that choose alike in states of one case, cut into tasks of equal size, whatever the workers are."""
    pieces = []
    choices_of_arms = dict.fromkeys(arm.choices for arm in arms)
    for choices, case in product(choices_of_arms, dict.fromkeys(state // worlds.draws for state in states)):
        alike = [arm for arm in arms if arm.choices == choices]
        points, arm, state = worlds.points(alike, [state for state in states if state // worlds.draws == case])
        together = -(-len(points) // -(-len(points) * lucks // MOST_LANES))
        for first in range(0, len(points), together):
            some = np.arange(first, min(first + together, len(points)))
            pieces.append((_used(points.take(some)), arm[some], state[some]))
    return pieces


def _used(points: Points) -> Points:
    """Points with the scenarios they rest on and no others."""
    used, choice = np.unique(points.choice, return_inverse=True)
    return Points(tuple(points.scenarios[number] for number in used), choice, points.columns)
