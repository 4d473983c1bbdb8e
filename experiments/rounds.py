"""How many replicates come next: a fixed number, or rounds that grow until every interval is narrow enough."""

from __future__ import annotations

import math
from typing import Any

from experiments.study import Study

FIRST_ROUND = 200
LEVEL_Z = 1.959963984540054
GROWTH = (1.25, 4.0)


def next_block(study: Study) -> tuple[int, int] | None:
    """The next range of replicates of a study, or None where enough is done.

    With ``replicates=auto`` rounds grow until the half-width of the 95 % Wilson interval of every severity's and
    every termination's share, at every point, is at most ``precision``, or ``max_replicates`` is reached. What comes
    next follows from the finished blocks alone, so a resumed study takes the same rounds.
    """
    settings = study.settings
    done = study.blocks[-1][1] if study.blocks else 0
    if settings.replicates != "auto":
        return (0, settings.replicates) if not study.blocks else None
    limit = settings.max_replicates
    if done == 0:
        return 0, min(FIRST_ROUND, limit)
    widest = widest_half_width(study)
    if done >= limit or widest <= settings.precision:
        return None
    needed = done * (widest / settings.precision) ** 2 * 1.02
    wanted = min(max(needed, done * GROWTH[0]), done * GROWTH[1])
    return done, min(math.ceil(wanted / 50) * 50, limit)


def widest_half_width(study: Study) -> float:
    """The widest Wilson half-width over points, severities and terminations of what a study holds."""
    import polars as pl

    lanes = pl.scan_parquet(study.directory / "outcomes" / "part-*.parquet", glob=True)
    widest = 0.0
    for column in ("severity", "termination"):
        shares = lanes.group_by("point", column).len().with_columns(n=pl.col("len").sum().over("point")).collect()
        if shares.height:
            widest = max(widest, max(wilson_half_width(k, n) for k, n in shares.select("len", "n").iter_rows()))
    return widest if widest else math.inf


def wilson_half_width(successes: int, trials: int, z: float = LEVEL_Z) -> float:
    """Half the width of the Wilson interval of a proportion (Wilson 1927)."""
    share = successes / trials
    return z / (1 + z * z / trials) * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))


def describe(study: Study) -> dict[str, Any]:
    """What a summary says about the precision reached."""
    return {"replicates": study.blocks[-1][1] if study.blocks else 0, "half_width": widest_half_width(study)}
