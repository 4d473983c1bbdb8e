"""The numbers of a comparison, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from experiments.comparison.arms import Grouping
from experiments.statistics.arms import Arm
from experiments.statistics.competing import EVENTS, hazard_by_age, incidence, truces
from experiments.statistics.contrasts import contrasts, joint_table
from experiments.statistics.estimates import OVER_DRAWS, Estimate, estimate, levels, shares
from experiments.statistics.metrics import HEADLINES, Metric, default_metrics, metric
from experiments.statistics.random_effects import level_over_draws
from experiments.statistics.vocabulary import CATEGORIES

FEWEST_TRUCES = 10
"""Truces an arm's kept paths must hold before their hazard is worth a figure."""

MOST_TOLD = 8
"""Arms of which headlines tell more than calm by one day."""

BAD = "limited_war_or_worse"
"""Outcome of which crises are rescued, or into which they are harmed."""


@dataclass(frozen=True)
class Headline:
    """What a comparison says first of an arm without any mediator; ``over_draws`` is NaN where nothing is drawn."""

    arm: str
    metric: Metric
    value: Estimate
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
    """Return calm by days 14 and 60, heavy days and deaths of arms without a mediator; of many arms calm alone."""
    bare = [arm for arm in grouping.arms if arm.name in grouping.unmediated]
    few = len(bare) <= MOST_TOLD
    return [
        Headline(arm.name, item, estimate(arm.sample(item), item), level_over_draws(arm, item))
        for arm in bare
        for item in (headline_metrics(arm) if few else [metric("calm", arm.horizon, arm.lanes.schema)])
    ]


def headline_metrics(arm: Arm) -> list[Metric]:
    """The metrics of headlines that an arm's lanes hold, each by another label: short studies know one day of calm."""
    possible = default_metrics(arm.lanes.columns)
    metrics = [metric(name, arm.horizon, arm.lanes.schema) for name in HEADLINES if name in possible]
    return list({item.label: item for item in metrics}.values())


def against_references(grouping: Grouping) -> dict[str, pl.DataFrame]:
    """Return what headlines say of every other arm, as ``contrasts``, by reference: ``nobody`` and ``the placebo``.

    It is empty where there are more arms than a reader takes in at once, or none to set against a reference.
    """
    if not 1 < len(grouping.arms) <= MOST_TOLD:
        return {}
    against = {}
    for words, names in (("nobody", grouping.unmediated), ("the placebo", grouping.placebo)):
        for reference in [arm for arm in grouping.arms if arm.name in names][:1]:
            against[words] = contrasts(grouping.arms, reference, headline_metrics(reference))
    return against


def analyse(arms: Sequence[Arm], baseline: Arm, metrics: Sequence[Metric]) -> Tables:
    """Count, estimate and contrast."""
    bad = metric(BAD, baseline.horizon, baseline.lanes.schema)
    others = [arm for arm in arms if arm is not baseline]
    matched = [table for arm in others if (table := joint_table(arm, baseline, bad)) is not None]
    counts = [
        shares(arm, column, list(categories)).select(pl.lit(column).alias("column"), pl.all())
        for column, categories in CATEGORIES.items()
        for arm in arms
    ]
    return Tables(
        levels(arms, metrics),
        contrasts(arms, baseline, metrics) if others else None,
        pl.concat(counts),
        pl.concat([incidence(arm, event) for event in EVENTS for arm in arms]),
        pl.concat(matched) if matched else None,
    )


def seen(tables: Tables, metrics: Sequence[Metric]) -> list[Metric]:
    """Return the metrics that have a value in some arm; no figure can show the others."""
    there = set(tables.levels.filter(pl.col("value").is_not_nan())["metric"])
    return [metric for metric in metrics if metric.name in there]


def summary(tables: Tables) -> pl.DataFrame:
    """Return levels and contrasts side by side: a row a metric and arm, nulls in the baseline's contrast."""
    table = tables.levels
    if tables.contrasts is not None:
        names = {name: f"difference_{name}" for name in ("low", "high", "error", "carriers", *OVER_DRAWS)}
        beside = tables.contrasts.rename({**names, "units": "pairs"}, strict=False).drop("label", "unit")
        table = table.join(beside, on=["metric", "arm"], how="left", maintain_order="left")
    numbers = pl.selectors.float()
    return table.with_columns(pl.when(numbers.is_finite()).then(numbers))


def truce_tables(paths: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the hazard of truces breaking by age, for arms whose kept paths hold any truce."""
    spells = {name: truces(path) for name, path in paths.items() if not path.is_empty()}
    return {name: hazard_by_age(table) for name, table in spells.items() if table.height >= FEWEST_TRUCES}
