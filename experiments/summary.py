"""The few lines that end a run."""

from __future__ import annotations

from experiments.execution import read_failures
from experiments.study import Study


def print_summary(study: Study) -> None:
    """Say how much was simulated, and what failed."""
    blocks, points = study.blocks, study.manifest["points"]
    replicates = blocks[-1][1] if blocks else 0
    plural = "" if points == 1 else "s"
    print(f"{points:,} point{plural} x {replicates:,} replicates, {study.manifest['state']}")
    failures = read_failures(study)
    if failures:
        lanes = sum(row["lanes"] for row in failures)
        print(f"{lanes:,} crises failed, the first at point {failures[0]['point']}: {failures[0]['error']}; "
              f"see failures.parquet")
