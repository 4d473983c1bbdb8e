"""How long a study would take and how much disk it would fill, from two samples of its lanes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.execution.scheduler import workers_needed
from experiments.execution.worker import Task, run_task
from experiments.study.directory import engine_arguments
from experiments.study.parts import Chunk, cut, pieces

if TYPE_CHECKING:
    from experiments.cli.arguments import Job

CITIZEN_DAYS = 6_000_000
"""Size of the larger sample, of each public: a second or so."""
FEWEST = 16
SMALLER = 8
"""How many times smaller the other sample is."""
BRIEF = 10
"""Days simulated before timing begins."""
BUSY = 1.5
"""Wall-clock over processor time from which the machine is called busy."""
START = 4.0
"""Seconds until the first chunk is begun: loading, composing, starting workers."""


@dataclass(frozen=True)
class Cost:
    """Seconds and bytes of a chunk, fixed and per lane, estimated from ``samples`` of so many lanes.

    ``busy`` is wall-clock time over processor time of the samples: 1 on a machine that does nothing else.
    """

    fixed: float
    each: float
    fixed_size: float
    each_size: float
    samples: tuple[int, int]
    busy: float = 1.0

    def seconds(self, chunks: list[Chunk], workers: int) -> float:
        """Time of some chunks, spread over workers of which none gets half a chunk."""
        lanes = sum(chunk.lanes for chunk in chunks) / len(chunks)
        return -(-len(chunks) // workers) * (self.fixed + self.each * lanes)

    def size(self, chunks: list[Chunk]) -> float:
        """Bytes on disk."""
        return self.fixed_size * len(chunks) + self.each_size * sum(chunk.lanes for chunk in chunks)


def print_estimate(job: Job) -> None:
    """Print points, lanes, expected time and expected disk of a study that is not run."""
    settings, points = job.configuration.settings, len(job.design)
    replicates, at_most = settings.most_replicates, "at most " if settings.replicates == "auto" else ""
    chunks = cut([(0, replicates)], points, settings.citizens)
    alone = job.configuration.backend.kind == "serial"
    workers = 1 if alone else workers_needed(settings.workers, settings, points)
    cost = measure(job)
    seconds = START + cost.seconds(chunks, workers)
    print(f"points      {points:,}")
    print(f"replicates  {at_most}{replicates:,}")
    print(f"lanes       {at_most}{points * replicates:,} in {len(chunks):,} chunks")
    print(
        f"time        about {at_most}{_duration(seconds)} with {workers} worker{'s' if workers > 1 else ''}: "
        f"{START:g} s to start, {cost.fixed:.2g} s a chunk and {1000 * cost.each:.2g} ms a lane,"
    )
    print(f"            as timed just now on {cost.samples[0]:,} and {cost.samples[1]:,} lanes in one process")
    if cost.busy >= BUSY:
        print(
            f"            while the machine is as busy as it was then; about {at_most}{_duration(seconds / cost.busy)} "
            f"with its cores to itself"
        )
    print(f"disk        about {at_most}{_bytes(cost.size(chunks))}")


def measure(job: Job) -> Cost:
    """What chunks like those of a study cost, from a large and a small sample of lanes spread over its points."""
    study, total = job.configuration.settings, len(job.design)
    together, run = pieces(total, study.most_replicates, study.citizens)
    lanes = max(CITIZEN_DAYS // (study.citizens * study.horizon_days), FEWEST)
    shapes = [(max(min(together, most // run), 1), min(run, most)) for most in (lanes, max(lanes // SMALLER, FEWEST))]
    settings = engine_arguments(study, total)
    with TemporaryDirectory() as directory:
        brief = {**settings, "horizon_days": min(study.horizon_days, BRIEF)}
        _timed(job, shapes[1], brief, directory, 0)  # whatever loads or compiles does so now
        begun, computed = time.perf_counter(), time.process_time()
        timed = [
            _timed(job, shape, settings, directory, number) for number, shape in enumerate(dict.fromkeys(shapes), 1)
        ]
        busy = max((time.perf_counter() - begun) / max(time.process_time() - computed, 1e-9), 1.0)
    large, small = (points * replicates for points, replicates in shapes)
    each = each_size = 0.0
    if large > small:
        each, each_size = (max((more - less) / (large - small), 0.0) for more, less in zip(*timed, strict=True))
    seconds, size = timed[0]
    return Cost(
        max(seconds - each * large, 0.0), each, max(size - each_size * large, 0.0), each_size, (small, large), busy
    )


def _timed(
    job: Job, shape: tuple[int, int], settings: dict[str, Any], directory: str, number: int
) -> tuple[float, float]:
    """Seconds and bytes of a chunk of so many points, spread over the design, with so many replicates each."""
    points, each = shape
    which = np.linspace(0, len(job.design) - 1, points).astype(int)
    task = Task(Chunk(number, 0, each, 0, each * points), job.design.points().take(which), 0, settings, directory)
    begun = time.perf_counter()
    run_task(task)
    seconds = time.perf_counter() - begun
    return seconds, sum(path.stat().st_size for path in Path(directory).rglob(f"*-{number:06d}.*"))


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{max(seconds, 1):.0f} seconds"
    return f"{seconds / 60:.0f} minutes" if seconds < 5400 else f"{seconds / 3600:.1f} hours"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if size < 1000 or unit == "TB":
            break
        size /= 1000
    return f"{size:.3g} {unit}"
