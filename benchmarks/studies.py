"""Studies on disk: what a further point costs, what a second worker brings, how memory grows."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import partial
from io import StringIO
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.paired import CPU, WALL, alternating, best_ratio

DAYS = 120
SWEEP = """# @package _global_
# Many points of next to no simulation.
design:
  sobol:
    factors: {{mediation.cover: {{from: 0, to: 1}}, mediation.delay: {{from: 0, to: 60}}}}
    samples: {points}
"""
COMMAND = """import sys
from resource import RUSAGE_CHILDREN, getrusage
from experiments.cli.app import run_command
code = run_command(sys.argv[1:])
peak = next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM"))
print("PEAK", code, peak + getrusage(RUSAGE_CHILDREN).ru_maxrss)
"""


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory for results that nobody will read."""
    with TemporaryDirectory(prefix="offramp_bench_") as place:
        yield Path(place)


def two_workers(scale: float) -> float:
    """Wall time of 4,000 lanes by one warm worker over that by two, through the execution of studies."""
    from benchmarks.engine import CITIZENS, warmed
    from experiments.config.settings import BackendRecord
    from experiments.execution.backends import opened_backend
    from experiments.execution.worker import Task, run_task
    from experiments.study.parts import cut
    from sim.engine.lanes import Points

    points = Points.of(warmed())
    lanes, days = max(int(4000 * scale), 500), max(int(DAYS * scale), 20)

    def tasks(place: Path, lanes: int, days: int) -> list[Task]:
        settings = {"horizon_days": days, "citizens": CITIZENS}
        return [Task(chunk, points, 0, settings, str(place)) for chunk in cut([(0, lanes)], 1, CITIZENS)]

    with scratch() as place, opened_backend(BackendRecord(kind="processes"), 2) as run_by_two:
        for run in (partial(map, run_task), run_by_two):
            list(run(tasks(place, 1000, 2)))
        work = tasks(place, lanes, days)
        one, two = alternating(lambda: list(map(run_task, work)), lambda: list(run_by_two(work)), 3, WALL)
    return best_ratio(one, two)


def memory_growth(scale: float) -> float:
    """Peak memory of 200,000 lanes over that of 50,000: of the command and of its largest worker together."""
    few = max(int(50_000 * scale), 2_000)
    common = ("run", "citizens=100", "horizon_days=60", "workers=2", "trajectories=true")
    return _peak(*common, f"replicates={4 * few}") / _peak(*common, f"replicates={few}")


def _peak(*command: str) -> int:
    """Kilobytes at the height of a command."""
    with scratch() as place:
        done = subprocess.run(
            [sys.executable, "-c", COMMAND, *command, f"hydra.run.dir={place / 'study'}"],
            check=True,
            capture_output=True,
            text=True,
        )
    code, peak = re.findall(r"PEAK (\d+) (\d+)", done.stdout)[-1]
    if code != "0":
        raise RuntimeError(f"{command}: exit code {code}")
    return int(peak)


def another_point_ms(scale: float) -> float:
    """Milliseconds of CPU time by which a further point lengthens a sweep, less the time of simulating it."""
    few = max(2 ** int(10 + scale), 256)
    many = 4 * few
    with scratch() as place:
        sweep = _sweeper(place, (few, many))
        sweep(few)
        slow, fast = alternating(lambda: sweep(many), lambda: sweep(few), 3, CPU)
    lone = _simulation(few, many)
    return 1000 * (min(slow) - min(fast) - lone) / (many - few)


def _sweeper(place: Path, sizes: Sequence[int]) -> Callable[[int], None]:
    """Runs a sweep of a given number of points in this process."""
    from experiments.cli.app import run_command

    (place / "experiment").mkdir()
    for points in sizes:
        (place / "experiment" / f"points_{points}.yaml").write_text(SWEEP.format(points=points), encoding="utf-8")
    fresh = count()

    def sweep(points: int) -> None:
        said = StringIO()
        with redirect_stdout(said), redirect_stderr(said):
            code = run_command(
                [
                    "sweep",
                    f"--config-dir={place}",
                    f"experiment=points_{points}",
                    "replicates=1",
                    "luck=own",
                    "horizon_days=1",
                    "citizens=10",
                    "workers=1",
                    "trajectories=false",
                    f"hydra.run.dir={place / f'study_{next(fresh)}'}",
                ]
            )
        if code:
            raise RuntimeError(f"sweep of {points} points: exit code {code}: {said.getvalue()}")

    return sweep


def _simulation(few: int, many: int) -> float:
    """CPU seconds by which the simulation alone of many points is longer than that of few."""
    import numpy as np

    from benchmarks.scenarios import baseline
    from experiments.study.parts import MOST_LANES
    from sim.engine.lanes import Points
    from sim.ensemble import Settings, simulate

    scenario, settings = baseline(), Settings(horizon_days=1, citizens=10, luck="own")

    def alone(points: int) -> None:
        columns = {"mediation.cover": np.linspace(0, 1, points), "mediation.delay": np.linspace(0, 60, points)}
        simulate(Points.cross(scenario, np.zeros(points, int), columns), 1, settings, chunk_lanes=MOST_LANES)

    slow, fast = alternating(lambda: alone(many), lambda: alone(few), 3, CPU)
    return min(slow) - min(fast)
