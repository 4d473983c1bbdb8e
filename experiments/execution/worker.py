"""What a worker does: simulate one chunk, write its parts, say what failed."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from multiprocessing import parent_process
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.errors import describe_os_error, one_line
from experiments.execution.processes import watch
from experiments.study.chunks import Chunk
from experiments.study.identity import model_fingerprint, same
from experiments.study.parts import part_path, write_arrays, write_part
from experiments.study.trajectories import tally_arrays, tally_path

if TYPE_CHECKING:
    from sim.engine.lanes import Points
    from sim.ensemble import Settings
    from sim.outputs.outcomes import Outcomes

Engine = Callable[..., "Outcomes"]
MOST_RETRIES = 64


@dataclass(frozen=True)
class Task:
    """One chunk with all a worker needs to know; ``points`` are those of the chunk alone, from ``offset`` on.

    ``model`` is the fingerprint of the model it is to be simulated with, ``study`` that of the study's configuration.
    """

    chunk: Chunk
    points: Points
    offset: int
    settings: Settings
    directory: str
    engine: Engine | None = None
    model: str = ""
    study: str = ""


@dataclass(frozen=True)
class Report:
    """What became of a chunk: lanes done, a row for ``failures.parquet`` per failure, or why the study cannot go on."""

    number: int
    lanes: int
    failures: list[dict[str, Any]] = field(default_factory=list)
    disk: str = ""


def run_task(task: Task) -> Report:
    """Simulate a chunk and write its parts, the outcomes last: their presence says that the chunk is complete.

    Lanes that fail are left out and reported; the others of the chunk are kept, since a lane's result does not
    depend on its company.
    """
    if parent_process() is not None:
        _watch_parent()
    if task.model and not same("model", task.model, model_fingerprint()):
        return Report(
            task.chunk.number,
            0,
            disk=f"a worker has another state of the model ({model_fingerprint()}) than the study ({task.model})",
        )
    lanes = np.arange(task.chunk.lanes)
    failures: list[dict[str, Any]] = []
    pieces = _Attempts(task, failures).run(lanes)
    try:
        if pieces:
            _write(task, pieces)
    except OSError as error:
        return Report(task.chunk.number, 0, disk=describe_os_error(error, f"write to {task.directory}"))
    failed = sum(row["lanes"] for row in failures)
    return Report(task.chunk.number, task.chunk.lanes - failed, failures)


@cache
def _watch_parent() -> None:
    """Make a process that others started, as Dask does, leave with its parent, too."""
    watch(os.getppid())


def failure_rows(chunk: Chunk, lanes: np.ndarray, error: str, trace: str) -> list[dict[str, Any]]:
    """Rows of ``failures.parquet`` for lanes of a chunk, one per point and run of replicates."""
    point, replicate = chunk.point[lanes], chunk.replicate[lanes]
    common = {"chunk": chunk.number, "error": one_line(error), "traceback": trace}
    return [
        {
            **common,
            "point": int(number),
            "first_replicate": int(own.min()),
            "last_replicate": int(own.max()),
            "lanes": len(own),
        }
        for number in np.unique(point)
        for own in [replicate[point == number]]
    ]


class _Attempts:
    """Runs lanes, halving what fails until the failing lanes stand alone."""

    def __init__(self, task: Task, failures: list[dict[str, Any]]) -> None:
        self.task = task
        self.failures = failures
        self.left = MOST_RETRIES
        self.engine = task.engine or _default_engine()

    def run(self, lanes: np.ndarray) -> list[Outcomes]:
        """Outcomes of the lanes that can be simulated, in order."""
        task = self.task
        try:
            return [
                self.engine(
                    task.points,
                    task.chunk.point[lanes] - task.offset,
                    task.chunk.replicate[lanes],
                    task.settings,
                    point_offset=task.offset,
                )
            ]
        except Exception as error:  # whatever a lane raises is recorded, and the study goes on
            if len(lanes) > 1 and self.left > 0:
                self.left -= 2
                half = len(lanes) // 2
                return self.run(lanes[:half]) + self.run(lanes[half:])
            trace = "".join(traceback.format_exception(error))
            self.failures += failure_rows(task.chunk, lanes, f"{type(error).__name__}: {error}", trace)
            return []


def _default_engine() -> Engine:
    from sim.ensemble import run_chunk

    return run_chunk


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
