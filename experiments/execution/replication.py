"""The next replicates of a study: a fixed number, or rounds that grow until every interval is narrow enough."""

from __future__ import annotations

import math

from experiments.files import scan_table
from experiments.study.directory import Study

FIRST_ROUND = 200
GROWTH = (1.25, 4.0)


def next_block(study: Study) -> tuple[int, int] | None:
    """The next range of replicates of a study, first to last (exclusive), or None where there are enough.

    With ``replicates=auto`` rounds grow until the half-width of the 95 % Wilson interval of every severity's and
    every termination's share, at every point, is at most ``precision``, or ``max_replicates`` is reached. The next
    range follows from the finished blocks alone, so a resumed study takes the same rounds.
    """
    settings = study.settings
    done = study.blocks[-1][1] if study.blocks else 0
    if settings.replicates != "auto":
        return (0, settings.replicates) if not study.blocks else None
    limit, precision = settings.max_replicates, settings.precision
    if done == 0:
        return 0, min(FIRST_ROUND, limit)
    widest = widest_half_width(study)
    if done >= limit or precision is None or widest <= precision:
        return None
    needed = done * (widest / precision) ** 2 * 1.02
    target = min(max(needed, done * GROWTH[0]), done * GROWTH[1])
    return done, min(math.ceil(target / 50) * 50, limit)


def widest_half_width(study: Study) -> float:
    """The largest half-width of the 95 % Wilson intervals over points, severities and terminations so far."""
    import polars as pl

    from experiments.statistics.intervals import wilson

    lanes = scan_table(*sorted((study.directory / "outcomes").glob("part-*.parquet")))
    widest = 0.0
    for column in ("severity", "termination"):
        counts = lanes.group_by("point", column).len().with_columns(trials=pl.col("len").sum().over("point")).collect()
        low, high = wilson((counts["len"] / counts["trials"]).to_numpy(), counts["trials"].to_numpy())
        widest = max(widest, float(((high - low) / 2).max(initial=0.0)))
    return widest or math.inf
