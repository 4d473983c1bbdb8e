"""Which figures a comparison needs, and drawing them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import polars as pl

from experiments.comparison.analysis import Tables, truce_tables
from experiments.comparison.arms import ARM, Grouping, kept
from experiments.comparison.factors import averaged, axis_words, distinct
from experiments.comparison.sources import STUDY, Source
from experiments.design.sensitivity import KINDS
from experiments.figures.convergence import convergence, truce_hazard
from experiments.figures.days import days_distribution
from experiments.figures.deaths import deaths_distribution
from experiments.figures.fans import QUANTITIES, bands_of_paths, fans, is_tracked
from experiments.figures.forest import forest
from experiments.figures.incidence import cumulative_incidence
from experiments.figures.joint import joint_shares
from experiments.figures.lazy_figures import Sketch
from experiments.figures.response import factor_map, response_curves
from experiments.figures.shares import stacked_shares
from experiments.figures.style import PALETTE
from experiments.figures.tornado import tornado
from experiments.statistics.arms import Arm
from experiments.statistics.convergence import running_estimates
from experiments.statistics.metrics import Metric, deaths, observed_days
from experiments.statistics.response import by_factors, one_at_a_time

MOST_ARMS = len(PALETTE)
"""Arms that can be told apart in one figure; with more, only responses to factors are drawn."""


FOLLOWED = ["agreement", *(f"{stem}_{side}" for stem in QUANTITIES for side in "ab")]
"""Tracked quantities that are drawn."""


def draw(
    grouping: Grouping,
    metrics: Sequence[Metric],
    tables: Tables,
    sources: Sequence[Source],
    given: pl.Expr | None = None,
    condition: str = "",
) -> dict[str, Sketch]:
    """Sketch every figure that applies, by name in the order in which they should be read."""
    found: dict[str, Sketch] = {}
    if len(grouping.arms) <= MOST_ARMS:
        found |= _of_arms(grouping, metrics, tables)
        found |= _day_by_day(grouping, sources, given, condition)
    found |= _of_factors(grouping, sources, metrics)
    return found


def _of_arms(grouping: Grouping, metrics: Sequence[Metric], tables: Tables) -> dict[str, Sketch]:
    arms, names = grouping.arms, [arm.name for arm in grouping.arms]
    found: dict[str, Sketch] = {
        column: partial(stacked_shares, tables.shares.filter(pl.col("column") == column), column)
        for column in ("severity", "termination")
    }
    found["incidence"] = partial(cumulative_incidence, tables.incidence)
    if tables.contrasts is not None and metrics:
        shown = tables.contrasts.filter(pl.col("metric").is_in([metric.name for metric in metrics]))
        found["contrasts"] = partial(forest, shown, names)
    if tables.joint is not None:
        found["rescued"] = partial(joint_shares, tables.joint)
    dead = {arm.name: arm.lanes.select(deaths()).to_series().to_numpy() for arm in arms}
    found["deaths"] = partial(deaths_distribution, dead)
    hot = {arm.name: arm.lanes["days_hot"].to_numpy() for arm in arms}
    calm = {
        arm.name: arm.lanes["days_to_calm"].cast(pl.Float64).to_numpy()[: None if observed_days(arm.horizon) else 0]
        for arm in arms
    }
    horizon = max(arm.horizon for arm in arms)
    found["days"] = partial(days_distribution, hot, calm, horizon, observed_days(horizon) - 1)
    first = next(iter(metrics), None)
    if first is not None and first.kind in ("probability", "mean"):
        running = pl.concat([running_estimates(arm, first) for arm in arms]).drop_nans("value")
        if running["units"].n_unique() > 1:
            found["convergence"] = partial(convergence, running, first.label, first.unit)
    return found


def _day_by_day(
    grouping: Grouping, sources: Sequence[Source], given: pl.Expr | None, condition: str
) -> dict[str, Sketch]:
    paths = {arm.name: _paths(arm, grouping, sources, given) for arm in grouping.arms}
    hazards = truce_tables(paths)
    tables = {arm.name: _bands(arm, grouping, sources, given, paths[arm.name]) for arm in grouping.arms}
    found: dict[str, Sketch] = {}
    if is_tracked(tables):
        found["fans"] = partial(fans, tables, sides(sources), condition=condition)
    if hazards and given is None:
        found["truces"] = partial(truce_hazard, hazards)
    return found


def given_notes(grouping: Grouping, sources: Sequence[Source], given: pl.Expr) -> list[str]:
    """Say of how many of the crises that were asked for the days are known, arm by arm."""
    from sim.outputs.trajectories import PATHS_KEPT

    if len(grouping.arms) > MOST_ARMS:
        return [f"--given: {len(grouping.arms)} arms are more than can be drawn day by day ({MOST_ARMS})."]
    fit = kept(grouping.lanes, given, "--given")
    known = pl.concat(
        source.results.scan("paths")
        .select("point", "replicate")
        .unique()
        .collect()
        .with_columns(pl.lit(source.name).alias(STUDY))
        for source in sources
    )
    drawn = fit.join(known, on=[STUDY, "point", "replicate"], how="semi")
    counts = [
        f"{arm.name} {drawn.filter(pl.col(ARM) == arm.name).height:,} of {fit.filter(pl.col(ARM) == arm.name).height:,}"
        for arm in grouping.arms
    ]
    return [
        f"--given: day by day, where whole paths were kept (the first {PATHS_KEPT} replicates of each point): "
        f"{', '.join(counts)} crises" + ("." if drawn.height else "; none is drawn.")
    ]


def _bands(
    arm: Arm, grouping: Grouping, sources: Sequence[Source], given: pl.Expr | None, paths: pl.DataFrame
) -> pl.DataFrame:
    """Bands of an arm: over all its replicates where it is one whole point, else over the paths that were kept."""
    members = grouping.members[arm.name]
    source = next(source for source in sources if source.name == members[STUDY][0])
    whole = (
        members.height == 1
        and arm.lanes.height == source.outcomes.filter(pl.col("point") == members["point"][0]).height
    )
    if given is None and whole:
        return _daily(source, "trajectories").filter(pl.col("point") == members["point"][0]).collect()
    return bands_of_paths(paths) if not paths.is_empty() else pl.DataFrame()


def _paths(arm: Arm, grouping: Grouping, sources: Sequence[Source], given: pl.Expr | None) -> pl.DataFrame:
    """Kept paths of an arm's lanes, all studies' points numbered apart."""
    lanes = grouping.lanes.filter(pl.col(ARM) == arm.name)
    lanes = lanes if given is None or lanes.is_empty() else kept(lanes, given, "--given")
    frames = []
    for number, source in enumerate(sources):
        chosen = lanes.filter(pl.col(STUDY) == source.name).select("point", "replicate")
        own = _daily(source, "paths").join(chosen.lazy(), on=["point", "replicate"], how="semi").collect()
        frames.append(own.with_columns(pl.col("point").cast(pl.Int64) * len(sources) + number))
    return pl.concat(frames)


def _daily(source: Source, table: str) -> pl.LazyFrame:
    """Return what is drawn of a daily table, without reading the rest."""
    return source.results.scan(table).filter(pl.col("quantity").is_in(FOLLOWED))


def sides(sources: Sequence[Source]) -> dict[str, str] | None:
    """Names of the sides where all studies agree on them."""
    names = {
        tuple(base.get(f"government.{side}.label") for side in "ab") for source in sources for base in source.bases
    }
    pair: tuple[Any, ...] = names.pop() if len(names) == 1 else (None, None)
    return dict(zip("ab", pair, strict=True)) if all(pair) else None


def _of_factors(grouping: Grouping, sources: Sequence[Source], metrics: Sequence[Metric]) -> dict[str, Sketch]:
    numeric = [name for name in grouping.factors if grouping.lanes[name].dtype.is_numeric()]
    found: dict[str, Sketch] = {}
    for metric in metrics:
        if len(grouping.factors) <= 2 and numeric:
            found |= _response(grouping, sources, numeric, metric)
        elif not grouping.factors and len(grouping.arms) == 1:
            found |= _spans(grouping, sources[0], metric)
    return found


def _response(
    grouping: Grouping, sources: Sequence[Source], numeric: Sequence[str], metric: Metric
) -> dict[str, Sketch]:
    lanes, horizon = grouping.lanes, grouping.arms[0].horizon
    stem, words = _stem(metric.name), {name: axis_words(name, sources) for name in numeric}
    pooled = averaged(sources, lanes, grouping.factors)
    note = f"Averaged over the levels of {', '.join(pooled)}." if pooled else ""
    if len(numeric) == 2 and all(lanes[name].n_unique() >= 3 for name in numeric):
        table = by_factors(lanes, numeric, metric, horizon)
        (across, up), (across_label, up_label) = numeric, words.values()
        drawn = partial(factor_map, table, across, up, metric.label, metric.unit, across_label, up_label, note=note)
        return {f"map_{stem}": drawn}
    if lanes[numeric[0]].n_unique() < 3:
        return {}
    other = [name for name in grouping.factors if name != numeric[0]]
    groups = {f"{other[0]}={key[0]}": part for key, part in lanes.group_by(other, maintain_order=True)} if other else {}
    if len(groups) > MOST_ARMS:
        return {}
    curves = {name: by_factors(part, numeric[:1], metric, horizon) for name, part in (groups or {"all": lanes}).items()}
    drawn = partial(response_curves, curves, numeric[0], metric.label, metric.unit, words[numeric[0]], note)
    return {f"response_{stem}": drawn}


def _spans(grouping: Grouping, source: Source, metric: Metric) -> dict[str, Sketch]:
    if set(KINDS) & set(source.results.config.get("design") or {}):  # these have a tornado of their own
        return {}
    factors = [name for name in source.design.columns[1:] if source.design[name].dtype.is_numeric()]
    varying = distinct(source.design, [name for name in factors if source.design[name].n_unique() > 1])
    if len(varying) < 2:
        return {}
    lanes = grouping.lanes.join(source.settings(varying), on="point", how="left", maintain_order="left")
    spans = one_at_a_time(lanes, varying, metric, source.horizon)
    return {f"tornado_{_stem(metric.name)}": partial(tornado, spans, metric.label, metric.unit)} if spans.height else {}


def _stem(name: str) -> str:
    """Return a metric's name as part of a file name."""
    return "".join(letter if letter.isalnum() else "_" for letter in name)
