"""How long the command line takes to answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.paired import WALL, seconds

TRIES = 9
COMMAND = Path(sys.executable).with_name("offramp")


def help_seconds(scale: float) -> float:
    """Least wall-clock seconds of ``offramp --help`` over several tries, the first of which warms the disk's cache."""
    tries = max(int(TRIES * scale), 3)
    return min(seconds(_help, WALL) for _ in range(tries))


def _help() -> None:
    subprocess.run([COMMAND, "--help"], check=True, capture_output=True)
