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
    if failures := read_failures(study):
        lanes, first = sum(row["lanes"] for row in failures), failures[0]
        print(f"{lanes:,} crises failed, the first at point {first['point']}: {first['error']}; see failures.parquet")


def _print_point(study: Study) -> None:
    import polars as pl

    from experiments.statistics.intervals import share_interval
    from experiments.statistics.metrics import calm_label, headline_day, observed_days
    from experiments.statistics.vocabulary import EARLY_DAY, HEADLINE_DAY
    from experiments.study.results import load

    lanes = load(study.directory).scan("outcomes")
    horizon = study.settings.horizon_days
    by_day = {
        calm_label(horizon, day, what): (pl.col(f"days_to_{what}") <= headline_day(horizon, day)).sum()
        for what, day in (("calm", EARLY_DAY), ("calm", HEADLINE_DAY), ("silence", HEADLINE_DAY))
    }
    wanted = lanes.select(pl.len().alias("crises"), pl.col("mediated").sum(), pl.col("days_heavy").mean(), **by_day)
    row = wanted.collect().row(0, named=True)
    total = row["crises"]
    if not total:
        return

    def share(column: str) -> str:
        part = row[column] / total
        low, high = share_interval(part, total)
        return f"{part:.1%}" + (f" [{low:.1%}, {high:.1%}]" if total > 1 else "")

    if observed_days(horizon):
        for label in by_day:
            print(f"{label:18}{share(label)}")
    print(f"heavy days        {row['days_heavy']:.1f} on average, rung 5 or above")
    print(f"mediated          {share('mediated')}")
    for column in ("severity", "termination"):
        shares = lanes.group_by(column).len().sort("len", column, descending=[True, False]).collect()
        print(f"{column:18}" + ", ".join(f"{name} {count / total:.1%}" for name, count in shares.iter_rows()))
