"""The few lines that end a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from experiments.execution import read_failures
from experiments.rounds import widest_half_width

if TYPE_CHECKING:
    import polars as pl

    from experiments.study import Study

CALM_BY = 60


def print_summary(study: Study) -> None:
    """Say how much was simulated, what came of it where there is one point, and what failed."""
    points, replicates = study.manifest["points"], study.blocks[-1][1] if study.blocks else 0
    print(f"{points:,} point{'' if points == 1 else 's'} x {replicates:,} replicates, {study.manifest['state']}")
    if points == 1:
        _print_point(study)
    if study.settings.replicates == "auto":
        print(f"widest half-width {widest_half_width(study):.4f}, asked for {study.settings.precision}")
    failures = read_failures(study)
    if failures:
        lanes = sum(row["lanes"] for row in failures)
        print(f"{lanes:,} crises failed, the first at point {failures[0]['point']}: {failures[0]['error']}; "
              f"see failures.parquet")


def _print_point(study: Study) -> None:
    from experiments.loading import load

    columns = ("severity", "termination", "days_to_calm", "mediated")
    lanes = load(study.directory).scan("outcomes").select(columns).collect()
    if not lanes.height:
        return
    by = min(CALM_BY, study.settings.horizon_days)
    calm = (lanes["days_to_calm"] <= by).fill_null(False)
    print(f"calm by day {by}    {_share(calm)}")
    print(f"mediated          {_share(lanes['mediated'])}")
    for column in ("severity", "termination"):
        counts = lanes[column].value_counts(sort=True)
        shares = ", ".join(f"{name} {count / lanes.height:.1%}" for name, count in counts.iter_rows())
        print(f"{column:18}{shares}")


def _share(flags: pl.Series) -> str:
    from experiments.statistics.intervals import wilson

    share = float(flags.cast(float).mean())  # type: ignore[arg-type]
    low, high = wilson(share, len(flags))
    return f"{share:.1%} [{low:.1%}, {high:.1%}]"
