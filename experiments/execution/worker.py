"""Tasks of a worker: simulate one chunk, write its parts, report what failed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.errors import describe_os_error, one_line
from experiments.execution.processes import watch_parent
from experiments.study.identity import model_fingerprint, same
from experiments.study.parts import Chunk, part_path, write_arrays, write_part
from experiments.study.trajectories import tally_arrays, tally_path

if TYPE_CHECKING:
    from sim.engine.lanes import Points
    from sim.outputs.outcomes import Outcomes

Engine = Callable[..., "Outcomes"]
MOST_RETRIES = 64
DIED = "the worker process died twice or more"


class BackendLost(RuntimeError):
    """The scheduler of a cluster is gone; nothing more can be run."""


@dataclass(frozen=True)
class Task:
    """One chunk to simulate: ``points`` are those of the chunk alone, the first of them point ``offset`` of the study;
    ``settings`` are the arguments of :class:`sim.ensemble.Settings`.

    ``model`` is the fingerprint of the model the study was begun with, ``study`` that of its configuration.
    """

    chunk: Chunk
    points: Points
    offset: int
    settings: Mapping[str, Any]
    directory: str
    engine: Engine | None = None
    model: str = ""
    study: str = ""


@dataclass(frozen=True)
class Report:
    """The result of a task: lanes done, rows for ``failures.parquet``, or in ``disk`` why the study cannot go on."""

    number: int
    lanes: int
    failures: list[dict[str, Any]] = field(default_factory=list)
    disk: str = ""


def warm_up() -> None:
    """Load compiled loops, which the first crises would wait for, by two days of two crises."""
    from sim.engine.lanes import Points
    from sim.ensemble import Settings, run_chunk
    from sim.scenario import Scenario

    mediated = Points.of(Scenario().replaced({"mediation.present": 1}))
    run_chunk(mediated, np.zeros(2, int), np.arange(2), Settings(horizon_days=2, citizens=16))


def run_task(task: Task) -> Report:
    """The report of a chunk, simulated and written; its outcomes are written last and show that it is complete.

    Lanes that fail are left out and reported; the others are kept, since no lane depends on the lanes beside it.
    """
    if parent_process() is not None:
        watch_parent(os.getppid())  # also where something else started this process, as Dask does
    chunk, here = task.chunk, model_fingerprint()
    if task.model and not same("model", task.model, here):
        problem = f"a worker has another state of the model ({here}) than the study ({task.model})"
        return Report(chunk.number, 0, disk=problem)
    pieces, failures = _simulate(task)
    try:
        if pieces:
            _write(task, pieces)
    except OSError as error:
        return Report(chunk.number, 0, disk=describe_os_error(error, f"write to {task.directory}"))
    return Report(chunk.number, chunk.lanes - sum(row["lanes"] for row in failures), failures)


def failure_rows(chunk: Chunk, lanes: np.ndarray, error: str, trace: str) -> list[dict[str, Any]]:
    """Rows of ``failures.parquet`` for lanes of a chunk, one per point and run of replicates."""
    point, replicate = chunk.point[lanes], chunk.replicate[lanes]
    common = {"chunk": chunk.number, "error": one_line(error), "traceback": trace}
    return [
        {
            **common,
            "point": int(number),
            "first_replicate": int(replicates.min()),
            "last_replicate": int(replicates.max()),
            "lanes": len(replicates),
        }
        for number in np.unique(point)
        for replicates in [replicate[point == number]]
    ]


def _simulate(task: Task) -> tuple[list[Outcomes], list[dict[str, Any]]]:
    """Outcomes of the lanes that can be simulated, in order, and a row per failure.

    Lanes that fail together are halved until the failing ones stand alone, at most :data:`MOST_RETRIES` times.
    """
    from sim.ensemble import Settings, run_chunk

    engine, settings = task.engine or run_chunk, Settings(**task.settings)
    chunk, pieces, failures, retries = task.chunk, [], [], MOST_RETRIES
    waiting = [np.arange(chunk.lanes)]
    while waiting:
        lanes = waiting.pop()
        point, replicate = chunk.point[lanes] - task.offset, chunk.replicate[lanes]
        try:
            pieces.append(engine(task.points, point, replicate, settings, point_offset=task.offset))
        except Exception as error:  # whatever a lane raises is recorded, and the study goes on
            if len(lanes) > 1 and retries > 0:
                retries -= 2
                half = len(lanes) // 2
                waiting += [lanes[half:], lanes[:half]]
            else:
                trace = "".join(traceback.format_exception(error))
                failures += failure_rows(chunk, lanes, f"{type(error).__name__}: {error}", trace)
    return pieces, failures


def _write(task: Task, pieces: list[Outcomes]) -> None:
    whole = pieces[0] if len(pieces) == 1 else type(pieces[0]).concatenate(pieces)
    directory, number = Path(task.directory), task.chunk.number
    if whole.records is not None and whole.events is not None:
        write_part(directory, "records", number, whole.records, task.study)
        write_part(directory, "mie", number, whole.events, task.study)
    if whole.trajectories is not None:
        paths = whole.trajectories.paths()
        if len(paths["point"]):
            write_part(directory, "paths", number, paths, task.study)
        else:
            part_path(directory, "paths", number).unlink(missing_ok=True)
        write_arrays(tally_path(directory, number), tally_arrays(whole.trajectories))
    write_part(directory, "outcomes", number, whole.lanes, task.study)
