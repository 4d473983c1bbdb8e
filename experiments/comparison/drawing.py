"""Which figures a comparison and the designs of its studies call for, as sketches to be drawn when they are wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from experiments.comparison.analysis import Tables, truce_tables
from experiments.comparison.arms import ARM, Grouping, kept
from experiments.comparison.sources import NAMES, STUDY, Source
from experiments.design.sensitivity import KINDS, indices, sampling_of, why_none
from experiments.figures.curves import (
    QUANTITIES,
    bands_of_paths,
    convergence,
    cumulative_incidence,
    fans,
    tracked,
    truce_hazard,
)
from experiments.figures.distributions import days_distribution, deaths_distribution, joint_shares, stacked_shares
from experiments.figures.forest import arm_levels, forest, index_words, influence, tornado
from experiments.figures.lazy_figures import Sketch
from experiments.figures.palette import PALETTE
from experiments.figures.parts import highest
from experiments.figures.response import factor_map, response_curves
from experiments.figures.style import NOTES, letters_without_a_font
from experiments.statistics.arms import UNIT, Arm
from experiments.statistics.contrasts import by_factors, contrasts, one_at_a_time
from experiments.statistics.estimates import levels, running_estimates
from experiments.statistics.metrics import Metric, deaths, observed_days
from experiments.statistics.vocabulary import CATEGORIES
from sim.ladder import SIDES
from sim.scenario import parameters

MOST_ARMS = len(PALETTE)
"""Arms that can be told apart in one figure; with more, only responses to factors are drawn."""

MOST_ROWS = 40
"""Arms that are still drawn row by row."""

MOST_NAMED = 5
"""Inputs that a line of words names."""

LEAST_SHARE = 0.05
"""Mediated and unmediated crises must both have this share of an arm before they are set against each other."""

RAW, CAUSAL = "raw difference", "effect of mediation"

FOLLOWED = ["agreement", *(f"{stem}_{side}" for stem in QUANTITIES for side in SIDES)]
"""The tracked quantities (:data:`sim.outputs.trajectories.TRACKED`) that figures draw; others are not read for them."""


@dataclass
class Figures:
    """Sketches of figures, and the tables behind some of them, by name; and what must be said of them."""

    sketches: dict[str, Sketch] = field(default_factory=dict)
    tables: dict[str, pl.DataFrame] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def figures_of(
    grouping: Grouping,
    metrics: Sequence[Metric],
    tables: Tables,
    baseline: str,
    given: pl.Expr | None = None,
    condition: str = "",
) -> Figures:
    """Sketch every figure that applies, by name in the order in which they should be read.

    ``metrics`` are those that have a value in some arm, ``given`` says which crises to draw day by day, and
    ``condition`` the same as it was typed.
    """
    figures, arms, sources = Figures(), grouping.arms, grouping.sources
    names = [*(arm.name for arm in arms), *(_sides(sources) or {}).values(), *grouping.factors]
    if lacking := letters_without_a_font(names):
        figures.notes.append(lacking)
    if given is not None:
        figures.notes.append(_given_note(grouping, given))
    if len(sources) == len(arms) == 1:
        _influences(figures, sources[0], arms[0], metrics)
    numeric = bool(grouping.factors) and all(grouping.lanes[name].dtype.is_numeric() for name in grouping.factors)
    if MOST_ARMS < len(arms) <= MOST_ROWS and not numeric:
        for metric in metrics:
            sketch = partial(arm_levels, levels(arms, [metric]), metric.label, metric.unit, baseline)
            figures.sketches[f"levels_{_stem(metric)}"] = sketch
    _selection(figures, grouping, metrics)
    if len(arms) <= MOST_ARMS:
        figures.sketches |= sketches_of_arms(arms, metrics, tables)
        if metrics and metrics[0].kind in ("probability", "mean"):
            running = pl.concat([running_estimates(arm, metrics[0]) for arm in arms]).drop_nans("value")
            if running["units"].n_unique() > 1:
                figures.sketches["convergence"] = partial(convergence, running, metrics[0].label, metrics[0].unit)
        _day_by_day(figures, grouping, given, condition)
    for metric in metrics:
        figures.sketches |= _of_factors(grouping, metric)
    return figures


def sketches_of_arms(arms: Sequence[Arm], metrics: Sequence[Metric], tables: Tables) -> dict[str, Sketch]:
    """Sketch what is drawn of outcomes and of the tables of the comparison."""
    sketches: dict[str, Sketch] = {
        column: partial(stacked_shares, tables.shares.filter(pl.col("column") == column), column)
        for column in CATEGORIES
    }
    sketches["incidence"] = partial(cumulative_incidence, tables.incidence)
    if tables.contrasts is not None and metrics:
        shown = tables.contrasts.filter(pl.col("metric").is_in([metric.name for metric in metrics]))
        sketches["contrasts"] = partial(forest, shown, [arm.name for arm in arms])
    if tables.joint is not None:
        sketches["rescued"] = partial(joint_shares, tables.joint)
    dead = {arm.name: arm.lanes.select(deaths()).to_series().to_numpy() for arm in arms}
    sketches["deaths"] = partial(deaths_distribution, dead)
    hot = {arm.name: arm.lanes["days_hot"].to_numpy() for arm in arms}
    calm = {
        arm.name: arm.lanes["days_to_calm"].cast(pl.Float64).to_numpy()[: None if observed_days(arm.horizon) else 0]
        for arm in arms
    }
    horizon = max(arm.horizon for arm in arms)
    sketches["days"] = partial(days_distribution, hot, calm, horizon, observed_days(horizon) - 1)
    return sketches


def _day_by_day(figures: Figures, grouping: Grouping, given: pl.Expr | None, condition: str) -> None:
    """Sketch what is drawn of daily tables, which a study may have left out."""
    paths = {arm.name: _paths(arm, grouping, given) for arm in grouping.arms}
    tables = {arm.name: _bands(arm, grouping, given, paths[arm.name]) for arm in grouping.arms}
    hazards = truce_tables(paths) if given is None else {}
    if tracked(tables):
        figures.sketches["fans"] = partial(fans, tables, _sides(grouping.sources), condition=condition)
    if sum(table["broken"].sum() for table in hazards.values()):
        figures.sketches["truces"] = partial(truce_hazard, hazards)
    elif hazards:
        lived = "; ".join(f"{name}: {table['truce_days'].sum():,.0f}" for name, table in hazards.items())
        figures.notes.append(
            f"No truce broke, so no figure shows how often truces break by age. Days of truce watched: {lived}."
        )


def _given_note(grouping: Grouping, given: pl.Expr) -> str:
    """Say of how many of the crises that were asked for the days are known, arm by arm."""
    from sim.outputs.columns import PATHS_KEPT

    if len(grouping.arms) > MOST_ARMS:
        return f"--given: {len(grouping.arms)} arms are more than can be drawn day by day ({MOST_ARMS})."
    fit = kept(grouping.lanes, given, "--given")
    known = pl.concat(
        source.scan("paths").select(pl.lit(source.name).alias(STUDY), "point", "replicate").unique().collect()
        for source in grouping.sources
    )
    drawn = fit.join(known, on=[STUDY, "point", "replicate"], how="semi")
    names = [arm.name for arm in grouping.arms]
    counts = [
        f"{name} {drawn.filter(pl.col(ARM) == name).height:,} of {fit.filter(pl.col(ARM) == name).height:,}"
        for name in names
    ]
    return (
        f"--given: day by day, where whole paths were kept (the first {PATHS_KEPT} replicates of each point): "
        f"{', '.join(counts)} crises" + ("." if drawn.height else "; none is drawn.")
    )


def _bands(arm: Arm, grouping: Grouping, given: pl.Expr | None, paths: pl.DataFrame) -> pl.DataFrame:
    """Bands of an arm: over all its replicates where it is one whole point, else over the paths that were kept."""
    members = grouping.members[arm.name]
    source = next(source for source in grouping.sources if source.name == members[STUDY][0])
    at_point = pl.col("point") == members["point"][0]
    if given is None and members.height == 1 and arm.lanes.height == source.outcomes.filter(at_point).height:
        return _daily(source, "trajectories").filter(at_point).collect()
    return bands_of_paths(paths) if not paths.is_empty() else pl.DataFrame()


def _paths(arm: Arm, grouping: Grouping, given: pl.Expr | None) -> pl.DataFrame:
    """Kept paths of an arm's lanes, all studies' points numbered apart."""
    lanes = grouping.lanes.filter(pl.col(ARM) == arm.name)
    lanes = lanes if given is None or lanes.is_empty() else kept(lanes, given, "--given")
    frames = []
    for number, source in enumerate(grouping.sources):
        chosen = lanes.filter(pl.col(STUDY) == source.name).select("point", "replicate")
        kept_paths = _daily(source, "paths").join(chosen.lazy(), on=["point", "replicate"], how="semi").collect()
        frames.append(kept_paths.with_columns(pl.col("point").cast(pl.Int64) * len(grouping.sources) + number))
    return pl.concat(frames)


def _daily(source: Source, table: str) -> pl.LazyFrame:
    """Return what is drawn of a daily table, without reading the rest."""
    return source.scan(table).filter(pl.col("quantity").is_in(FOLLOWED))


def _sides(sources: Sequence[Source]) -> dict[str, str] | None:
    """Names of the sides where all studies agree on them."""
    bases = (base for source in sources for base in source.bases)
    names = {tuple(base.get(f"government.{side}.label") for side in SIDES) for base in bases}
    pair: tuple[Any, ...] = names.pop()
    return dict(zip(SIDES, pair, strict=True)) if not names and all(pair) else None


def _of_factors(grouping: Grouping, metric: Metric) -> dict[str, Sketch]:
    """Sketch what is drawn of a metric over the values of factors."""
    numeric = [name for name in grouping.factors if grouping.lanes[name].dtype.is_numeric()]
    if numeric and len(grouping.factors) <= 2:
        return _response(grouping, numeric, metric)
    return {} if grouping.factors or len(grouping.arms) > 1 else _spans(grouping, grouping.sources[0], metric)


def _response(grouping: Grouping, numeric: Sequence[str], metric: Metric) -> dict[str, Sketch]:
    lanes, horizon = grouping.lanes, grouping.arms[0].horizon
    words = [axis_words(name, grouping.sources) for name in numeric]
    pooled = averaged(grouping.sources, lanes, grouping.factors)
    note = f"Averaged over the levels of {', '.join(pooled)}." if pooled else ""
    if len(numeric) == 2 and all(lanes[name].n_unique() >= 3 for name in numeric):
        table = by_factors(lanes, numeric, metric, horizon)
        (across, up), (right, above) = numeric, words
        drawn = partial(factor_map, table, across, up, metric.label, metric.unit, right, above, note=note)
        return {f"map_{_stem(metric)}": drawn}
    other = [name for name in grouping.factors if name != numeric[0]]
    parts: Any = lanes.group_by(other, maintain_order=True) if other else []
    groups = {f"{other[0]}={key[0]}": part for key, part in parts} or {"all": lanes}
    if lanes[numeric[0]].n_unique() < 3 or len(groups) > MOST_ARMS:
        return {}
    curves = {name: by_factors(part, numeric[:1], metric, horizon) for name, part in groups.items()}
    sketch = partial(response_curves, curves, numeric[0], metric.label, metric.unit, words[0], note)
    return {f"response_{_stem(metric)}": sketch}


def _spans(grouping: Grouping, source: Source, metric: Metric) -> dict[str, Sketch]:
    if set(KINDS) & set(source.config.get("design") or {}):  # these have a tornado of their own
        return {}
    design = source.design
    numeric = [name for name in design.columns[1:] if design[name].dtype.is_numeric() and design[name].n_unique() > 1]
    varying = distinct(design, numeric)
    if len(varying) < 2:
        return {}
    lanes = grouping.lanes.join(source.settings(varying), on="point", how="left", maintain_order="left")
    spans = one_at_a_time(lanes, varying, metric, source.horizon)
    return {f"tornado_{_stem(metric)}": partial(tornado, spans, metric.label, metric.unit)} if spans.height else {}


def _influences(figures: Figures, source: Source, arm: Arm, metrics: Sequence[Metric]) -> None:
    """Add what moves each metric, where a study was designed to tell."""
    design = source.config.get("design") or {}
    if not set(KINDS) & set(design):
        return
    sampled = sampling_of(design, source.study.design.scenarios[0])
    tables = []
    for metric in metrics:
        mean = arm.lanes.group_by("point").agg(metric.expression.cast(pl.Float64).mean().alias("value"))
        joined = source.design.select("point").join(mean, on="point", how="left", maintain_order="left")
        values = joined["value"].to_numpy().astype(float)
        table = indices(sampled, source.design, values)
        tables.append(table.insert_column(0, pl.Series("metric", [metric.name] * table.height)))
        if reason := why_none(values):
            figures.notes.append(f"What moves {metric.label} has no index: {reason}.")
        else:
            sketch = partial(influence, table, sampled.kind, metric.label, metric.unit)
            figures.sketches[f"influence_{_stem(metric)}"] = sketch
    if tables:
        figures.tables["influence"] = pl.concat(tables)
        figures.notes += influence_notes(figures.tables["influence"], metrics)


def influence_notes(table: pl.DataFrame, metrics: Sequence[Metric]) -> list[str]:
    """Say a line a quantity what moves it most, from the table of indices."""
    share = "first" in table.columns
    what = "total share of its variance" if share else "mean absolute elementary effect"
    notes = []
    for metric in metrics:
        rows = table.filter((pl.col("metric") == metric.name) & pl.col("index").is_not_null()).head(MOST_NAMED)
        scale = 100 if share or metric.unit == "probability" else 1
        digits = 1 if highest(rows["index"], rows["high"]) * scale >= 1 else 3
        named = [f"{row['factor']} {index_words(row, scale, digits)}" for row in rows.iter_rows(named=True)]
        unit = " in per cent" if share else " in percentage points" if scale == 100 else ""
        if named:
            notes.append(f"What moves {metric.label} most, by {what}{unit}: {', '.join(named)}; all in influence.csv.")
    return notes


def _selection(figures: Figures, grouping: Grouping, metrics: Sequence[Metric]) -> None:
    """Set the raw difference between mediated and unmediated crises beside what mediation changed in the mediated."""
    bare = [arm for arm in grouping.arms if arm.name in grouping.unmediated]
    share = pl.col("mediated").mean().is_between(LEAST_SHARE, 1 - LEAST_SHARE, "none")
    others = [arm for arm in grouping.arms if arm.lanes.select(share).item()]
    if len(bare) != 1 or len(others) != 1:
        return
    (arm,) = others
    mediated = arm.lanes.filter(pl.col("mediated"))
    alone = Arm("unmediated crises", arm.lanes.filter(~pl.col("mediated")), arm.horizon)
    same_lanes = bare[0].lanes.join(mediated.select(UNIT), on=UNIT, how="semi")
    same = Arm("the same crises without a mediator", same_lanes, arm.horizon)
    raw = contrasts([Arm(RAW, mediated, arm.horizon)], alone, metrics)
    causal = contrasts([Arm(CAUSAL, mediated, arm.horizon)], same, metrics)
    table = figures.tables["selection"] = pl.concat([raw, causal])
    note = NOTES["selection"].format(arm=arm.name)
    title = "Raw difference and effect of mediation"
    figures.sketches["selection"] = partial(forest, table, ["unmediated", RAW, CAUSAL], title, note)


def _stem(metric: Metric) -> str:
    """The metric's name as part of a file name."""
    return "".join(letter if letter.isalnum() else "_" for letter in metric.name)


def distinct(design: pl.DataFrame, names: Sequence[str]) -> list[str]:
    """Return the names of the columns that are not another one over again: factors tied to each other count once."""
    first: dict[tuple[int, ...], str] = {}
    for name in names:
        numbers: dict[object, int] = {}
        pattern = tuple(numbers.setdefault(value, len(numbers)) for value in design[name].to_list())
        first.setdefault(pattern, name)
    return list(first.values())


def averaged(sources: Sequence[Source], lanes: pl.DataFrame, factors: Sequence[str]) -> list[str]:
    """Return the factors beyond some given ones that still vary among the points of these lanes (`study, point`)."""
    others: list[str] = []
    for source in sources:
        points = lanes.filter(pl.col(STUDY) == source.name).select("point").unique()
        design = source.design.join(points, on="point", how="semi")
        shown = [name for name in factors if name in design.columns]
        settled = design.select(shown).n_unique() if shown else 1
        loose = [name for name in design.columns if name not in (*NAMES, *shown)]
        others += distinct(design, [name for name in loose if design.select(*shown, name).n_unique() > settled])
    return list(dict.fromkeys(others))


def axis_words(name: str, sources: Sequence[Source]) -> str:
    """Return a factor's name with its unit; a factor that moves the same thing on both sides says so."""
    tied = next((paths for source in sources for paths in _ties(source, name)), [name])
    known = next((parameters()[path] for path in tied if path in parameters()), None)
    words = _both_sides(*tied) if len(tied) == 2 else " and ".join(tied)
    return f"{words} ({known.unit})" if known is not None and known.unit else words


def _both_sides(first: str, second: str) -> str:
    """Two paths as one where they are the same parameter of either side, as in `government.a|b.step_up`."""
    apart = [at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]]
    if len(first) == len(second) and len(apart) == 1 and (first[apart[0]], second[apart[0]]) == ("a", "b"):
        return f"{first[: apart[0]]}a|b{first[apart[0] + 1 :]}"
    return f"{first} and {second}"


def _ties(source: Source, name: str) -> list[list[str]]:
    """Parameters that a factor of this name sets, or that move with it as they are; scaled ones are left unnamed."""
    ties = (source.config.get("design") or {}).get("tie") or {}
    plain = {short: paths for short, paths in ties.items() if all(isinstance(path, str) for path in paths)}
    return [list(paths) for short, paths in plain.items() if name == short or name in paths]
