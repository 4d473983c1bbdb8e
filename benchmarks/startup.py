"""How long the command line takes to answer."""

from __future__ import annotations

import subprocess
import sys
from itertools import count
from pathlib import Path

from benchmarks.paired import WALL, alternating, best_ratio, seconds
from benchmarks.studies import scratch

TRIES = 9
COMMAND = Path(sys.executable).with_name("offramp")
SMALL = ("replicates=10", "citizens=20", "horizon_days=30")
LOADING = "import polars, hydra; from sim import Scenario, simulate"  # import sim alone loads nothing


def help_seconds(scale: float) -> float:
    """Least wall-clock seconds of ``offramp --help`` over several tries, the first of which warms the disk's cache."""
    tries = max(int(TRIES * scale), 3)
    return min(seconds(_help, WALL) for _ in range(tries))


def run_over_loading(scale: float) -> float:
    """Time of a small ``offramp run`` over that of a process that loads the model, polars and Hydra and ends."""
    with scratch() as place:
        numbers = count()

        def run() -> None:
            directory = f"hydra.run.dir={place / str(next(numbers))}"
            subprocess.run([COMMAND, "run", *SMALL, directory], check=True, capture_output=True)

        def load() -> None:
            subprocess.run([sys.executable, "-c", LOADING], check=True)

        run(), load()  # compiled loops and the disk's cache
        return best_ratio(*alternating(run, load, max(int(TRIES * scale) // 2, 3), WALL))


def _help() -> None:
    subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
