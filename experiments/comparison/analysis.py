"""The numbers of a comparison, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from experiments.comparison.arms import Grouping
from experiments.statistics.arms import Arm
from experiments.statistics.competing import EVENTS, incidence
from experiments.statistics.contrasts import contrasts
from experiments.statistics.draws import level_over_draws
from experiments.statistics.estimates import OVER_DRAWS, Estimate, estimate, levels, shares
from experiments.statistics.hazard import hazard_by_age, truces
from experiments.statistics.joint import joint_table
from experiments.statistics.metrics import Metric, metric
from experiments.statistics.vocabulary import CATEGORIES

FEWEST_TRUCES = 10
"""Truces an arm's kept paths must hold before their hazard is worth a figure."""

BAD = "limited_war_or_worse"
"""Outcome of which crises are rescued, or into which they are harmed."""


@dataclass(frozen=True)
class Headline:
    """The first number of every comparison: calm without any mediator; ``over_draws`` is NaN where nothing is drawn."""

    arm: str
    label: str
    calm: Estimate
    over_draws: tuple[float, float]


@dataclass(frozen=True)
class Tables:
    """Everything that was counted; `None` where a table does not apply."""

    levels: pl.DataFrame
    contrasts: pl.DataFrame | None
    shares: pl.DataFrame
    incidence: pl.DataFrame
    joint: pl.DataFrame | None


def headlines(grouping: Grouping) -> list[Headline]:
    """Return the probability of calm of each arm without a mediator."""
    bare = [arm for arm in grouping.arms if arm.name in grouping.unmediated]
    lines = []
    for arm in bare:
        calm = metric("calm", arm.horizon, arm.lanes.schema)
        value = estimate(arm.sample(calm), calm)
        lines.append(Headline(arm.name, calm.label, value, level_over_draws(arm, calm)))
    return lines


def analyse(arms: Sequence[Arm], baseline: Arm, metrics: Sequence[Metric]) -> Tables:
    """Count, estimate and contrast."""
    others = [arm for arm in arms if arm is not baseline]
    bad = metric(BAD, baseline.horizon, baseline.lanes.schema)
    matched = [table for arm in others if (table := joint_table(arm, baseline, bad)) is not None]
    counted = [
        shares(arm, column, list(CATEGORIES[column])).insert_column(
            0, pl.Series("column", [column] * len(CATEGORIES[column]))
        )
        for column in CATEGORIES
        for arm in arms
    ]
    return Tables(
        levels(arms, metrics),
        contrasts(arms, baseline, metrics) if others else None,
        pl.concat(counted),
        pl.concat([incidence(arm, event) for event in EVENTS for arm in arms]),
        pl.concat(matched) if matched else None,
    )


def seen(tables: Tables, metrics: Sequence[Metric]) -> list[Metric]:
    """Return the metrics that have a value in some arm; no figure can show the others."""
    there = set(tables.levels.filter(pl.col("value").is_not_nan())["metric"])
    return [metric for metric in metrics if metric.name in there]


def summary(tables: Tables) -> pl.DataFrame:
    """Return levels and contrasts side by side: a row a metric and arm, nulls in the baseline's contrast."""
    if tables.contrasts is None:
        return _without_nan(tables.levels)
    renamed = {
        "low": "difference_low",
        "high": "difference_high",
        "error": "difference_error",
        "units": "pairs",
        "carriers": "difference_carriers",
        **{name: f"difference_{name}" for name in OVER_DRAWS if name in tables.contrasts.columns},
    }
    beside = tables.contrasts.rename(renamed).drop("label", "unit")
    return _without_nan(tables.levels.join(beside, on=["metric", "arm"], how="left", maintain_order="left"))


def _without_nan(table: pl.DataFrame) -> pl.DataFrame:
    numbers = pl.selectors.float()
    return table.with_columns(pl.when(numbers.is_finite()).then(numbers))


def truce_tables(paths: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the hazard of truces breaking by age, for arms whose kept paths hold any truce."""
    tables = {}
    for name, path in paths.items():
        spells = truces(path) if not path.is_empty() else pl.DataFrame()
        if spells.height >= FEWEST_TRUCES:
            start, broken, end = (spells[column].cast(pl.Float64).to_numpy() for column in ("start", "broken", "end"))
            tables[name] = hazard_by_age(start, broken, end)
    return tables
