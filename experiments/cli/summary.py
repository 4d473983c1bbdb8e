"""The summary printed after a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.execution.replication import widest_half_width
from experiments.study.directory import read_failures

if TYPE_CHECKING:
    from experiments.study.directory import Study


def print_summary(study: Study) -> None:
    """Print how much was simulated, the results where there is one point, and what failed."""
    points, replicates = study.manifest["points"], study.blocks[-1][1] if study.blocks else 0
    print(f"{points:,} point{'' if points == 1 else 's'} x {replicates:,} replicates, {study.manifest['state']}")
    if points == 1:
        _print_point(study)
    if study.settings.replicates == "auto":
        print(f"widest half-width {widest_half_width(study):.4f}, asked for {study.settings.precision}")
    failures = read_failures(study)
    if failures:
        lanes = sum(row["lanes"] for row in failures)
        print(
            f"{lanes:,} crises failed, the first at point {failures[0]['point']}: {failures[0]['error']}; "
            f"see failures.parquet"
        )


def _print_point(study: Study) -> None:
    import polars as pl

    from experiments.statistics.metrics import calm_label, headline_day, observed_days
    from experiments.study.results import load

    lanes = load(study.directory).scan("outcomes")
    horizon = study.settings.horizon_days
    calm = (pl.col("days_to_calm") <= headline_day(horizon)).sum()
    total, calm, mediated = lanes.select(pl.len(), calm, mediated=pl.col("mediated").sum()).collect().row(0)
    if not total:
        return
    if observed_days(horizon):
        print(f"{calm_label(horizon):18}{_share(calm, total)}")
    print(f"mediated          {_share(mediated, total)}")
    for column in ("severity", "termination"):
        counts = lanes.group_by(column).len().sort("len", column, descending=[True, False]).collect()
        print(f"{column:18}" + ", ".join(f"{name} {count / total:.1%}" for name, count in counts.iter_rows()))


def _share(count: int, total: int) -> str:
    from experiments.statistics.intervals import share_interval

    low, high = share_interval(count / total, total)
    return f"{count / total:.1%}" + (f" [{low:.1%}, {high:.1%}]" if total > 1 else "")
