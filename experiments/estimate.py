"""How long a study would take and how much disk it would fill, from a small sample of its lanes."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np

from experiments.backends import worker_count
from experiments.chunks import Chunk, cut
from experiments.study import TRAJECTORY_POINTS
from experiments.worker import Task, run_task

if TYPE_CHECKING:
    from experiments.preparation import Job

SAMPLE = 64


def print_estimate(job: Job) -> None:
    """Print points, lanes, expected time and expected disk of a study that is not run."""
    settings = job.configuration.settings
    auto = settings.replicates == "auto"
    replicates = settings.max_replicates if auto else settings.replicates
    lanes = len(job.design) * replicates
    workers = 1 if job.configuration.backend.kind == "serial" else worker_count(settings.workers)
    chunks = len(cut([(0, replicates)], len(job.design), settings.citizens))
    seconds, size = measure(job)
    at_most = "at most " if auto else ""
    print(f"points      {len(job.design):,}")
    print(f"replicates  {at_most}{replicates:,}")
    print(f"lanes       {at_most}{lanes:,} in {chunks:,} chunks")
    print(f"time        about {at_most}{_duration(seconds * lanes / min(workers, chunks))} with {workers} workers")
    print(f"disk        about {at_most}{_bytes(size * lanes)}")


def measure(job: Job) -> tuple[float, float]:
    """Seconds and bytes a lane takes, from a few lanes spread over the design (after one lane to warm up)."""
    from sim.ensemble import Settings

    wanted = job.configuration.settings
    kept = len(job.design) <= TRAJECTORY_POINTS if wanted.trajectories == "auto" else bool(wanted.trajectories)
    settings = Settings(seed=wanted.seed, horizon_days=wanted.horizon_days, citizens=wanted.citizens, luck=wanted.luck,
                        dtype=wanted.dtype, records=wanted.records, trajectories=kept)
    which = np.unique(np.linspace(0, len(job.design) - 1, min(SAMPLE, len(job.design))).astype(int))
    each = -(-SAMPLE // len(which))
    points = job.design.points().take(which)
    with TemporaryDirectory() as directory:
        run_task(Task(Chunk(0, 0, 1, 0, 1), points, 0, settings, directory))
        begun = time.perf_counter()
        run_task(Task(Chunk(1, 0, each, 0, each * len(which)), points, 0, settings, directory))
        seconds = time.perf_counter() - begun
        size = sum(path.stat().st_size for path in Path(directory).rglob("*-000001.*"))
    return seconds / (each * len(which)), size / (each * len(which))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} seconds"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
