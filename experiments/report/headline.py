"""The first numbers of every report: calm where nobody mediates, also over the cost of changing course."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import polars as pl

from experiments.comparison.arms import MEDIATORS
from experiments.comparison.compare import Comparison
from experiments.comparison.sources import Source
from experiments.figures.parts import capital
from experiments.figures.response import factor_map, response_curves
from experiments.figures.style import Drawing
from experiments.report.designs import name_of
from experiments.statistics.arms import Arm
from experiments.statistics.estimates import Estimate, estimate
from experiments.statistics.metrics import Metric, default_metrics, metric
from experiments.statistics.response import LEVELS, by_factors
from experiments.text import bracketed, known
from sim.ladder import SIDES

MOST_POINTS, FEWEST_CRISES = 100, 30
"""Up to so many points, with so many crises each, are also looked at one by one."""

CALMS = ("calm_14", "calm")
BESIDES = ("silence", "days_heavy", "typical_deaths")
"""Metrics of crises without a mediator: in large print, and below it."""

STEPS = {"step_up": "a step up", "step_down": "a step down"}
"""Cost of changing course -> words for it."""


@dataclass(frozen=True)
class BareArm:
    """Calm by a day in the crises of one study that have no mediator, with direct talks or without.

    ``spread`` holds the lowest and the highest of several points, where each has crises enough to be looked at alone;
    ``besides`` says what else is known of these crises, a metric and its estimate each.
    """

    source: Source
    talks: bool
    points: int
    label: str
    calm: Estimate
    spread: tuple[Estimate, Estimate] | None = None
    besides: tuple[tuple[Metric, Estimate], ...] = ()


def bare_arms(comparison: Comparison) -> list[BareArm]:
    """One entry a study, presence of direct talks and day of calm; studies with a mediator everywhere have none."""
    arms = []
    for source, talks, points in _bare_points(comparison):
        lanes = source.outcomes.filter(pl.col("point").is_in(points["point"].implode()))
        if not lanes.height:
            continue
        calms = {calm.label: calm for calm in (metric(name, source.horizon, lanes.schema) for name in CALMS)}
        possible = default_metrics(lanes.columns)
        others = [metric(name, source.horizon, lanes.schema) for name in BESIDES if name in possible]
        for label, calm in calms.items():
            numbers = _estimate(lanes, source, calm), _spread(lanes, source, calm)
            arms.append(BareArm(source, talks, points.height, label, *numbers))
        arms[-1] = replace(arms[-1], besides=tuple((item, _estimate(lanes, source, item)) for item in others))
    return arms


def _without_mediator(source: Source) -> pl.DataFrame:
    """``point, talks`` of the points of a study at which no mediator exists."""
    table = pl.DataFrame({"point": source.design["point"], "talks": source.setting("talks.present")})
    present = [any(row) for row in zip(*(source.setting(name) for name in MEDIATORS), strict=True)]
    return table.filter(~pl.Series(present, dtype=pl.Boolean))


def all_bare(comparison: Comparison) -> bool:
    """Whether no mediator exists anywhere in these studies."""
    return all(_without_mediator(source).height == source.design.height for source in comparison.grouping.sources)


def _bare_points(comparison: Comparison) -> Iterator[tuple[Source, bool, pl.DataFrame]]:
    """Each study, whether there are direct talks, and the points without a mediator that have them or not."""
    for source in comparison.grouping.sources:
        bare = _without_mediator(source)
        for talks in (False, True):
            points = bare.filter((pl.col("talks") > 0) == talks)
            if points.height:
                yield source, talks, points


def _estimate(lanes: pl.DataFrame, source: Source, item: Metric) -> Estimate:
    return estimate(Arm("", lanes, source.horizon).sample(item), item)


def _spread(lanes: pl.DataFrame, source: Source, item: Metric) -> tuple[Estimate, Estimate] | None:
    groups = lanes.partition_by("point")
    if not 1 < len(groups) <= MOST_POINTS or min(group.height for group in groups) < FEWEST_CRISES:
        return None
    ordered = sorted((_estimate(group, source, item) for group in groups), key=lambda calm: calm.value)
    return ordered[0], ordered[-1]


def headlines(comparison: Comparison) -> list[dict[str, str]]:
    """The numbers in large print: ``what`` was counted, its ``number``, words ``about`` it, and ``besides``."""
    return [_headline(arm, comparison) for arm in bare_arms(comparison)]


def _headline(arm: BareArm, comparison: Comparison) -> dict[str, str]:
    talks = "direct talks between the two governments" if arm.talks else "no direct talks either"
    study = f"; {name_of(arm.source, comparison)}" if len(comparison.grouping.sources) > 1 else ""
    calm, points = arm.calm, f"{arm.points:,} points"
    if not known(calm.value):
        number, about = "not seen", f"{arm.source.horizon} days are too few to see a calm."
    elif arm.spread is None:
        number = f"{calm.value * 100:.1f} %"
        about = (f"{points} taken together, " if arm.points > 1 else "") + _interval_words(calm)
    else:
        low, high = arm.spread
        number = f"{' to '.join(dict.fromkeys(f'{end.value * 100:.1f}' for end in arm.spread))} %"
        about = (
            f"Lowest and highest of {points}: [{_interval(low)}] and [{_interval(high)}]. All together "
            f"{calm.value * 100:.1f} %, {_interval_words(calm)}"
        )
    return {
        "what": f"P({arm.label} | no mediator), {talks}{study}",
        "number": number,
        "about": about,
        "besides": ", ".join(_besides_words(item, value) for item, value in arm.besides if known(value.value)),
    }


def _besides_words(item: Metric, value: Estimate) -> str:
    share = item.kind == "probability"
    numbers = (end * 100 if share else end for end in (value.value, value.low, value.high))
    return f"{item.label} {bracketed(*numbers)}{' %' if share else ''}"


def _interval_words(calm: Estimate) -> str:
    if not known(calm.low):
        return "one crisis, hence no interval" if calm.lanes == 1 else "all crises share one luck, hence no interval"
    error = f"Monte Carlo error {calm.error * 100:.1f} points"
    return f"95 % interval [{_interval(calm)}], {error}, {calm.lanes:,} crises"


def _interval(calm: Estimate) -> str:
    return f"{calm.low * 100:.1f}, {calm.high * 100:.1f}"


def step_cost_drawings(comparison: Comparison) -> list[Drawing]:
    """Calm without a mediator over the step costs where a study varies them: a map, or a curve where they are one."""
    drawings = (_over_step_costs(*bare) for bare in _bare_points(comparison))
    return [drawing for drawing in drawings if drawing is not None]


def _over_step_costs(source: Source, talks: bool, points: pl.DataFrame) -> Drawing | None:
    axes = step_axes(source)
    paths, names = list(axes), list(axes.values())
    settings = source.settings(paths)
    levels = [settings[path].n_unique() for path in paths]
    if not axes or len(axes) > 2 or max(levels) > LEVELS:
        return None
    lanes = source.outcomes.join(points.select("point"), on="point", how="semi").join(settings, on="point", how="left")
    calm = metric("calm", source.horizon, lanes.schema)
    table = by_factors(lanes, paths, calm, source.horizon)
    label = f"{calm.label}, no mediator{', direct talks' if talks else ''}"
    too_few = levels[0] <= 2 if len(axes) == 1 else table.height < 0.8 * levels[0] * levels[1]
    if too_few or table["value"].is_nan().all():
        return None
    if len(axes) == 1:
        return response_curves({"no mediator": table}, paths[0], label, "probability", names[0])
    (across, up), (right, above) = paths, names
    return factor_map(table, across, up, label, "probability", right, above, capital(label))


def step_axes(source: Source) -> dict[str, str]:
    """The step costs that a study varies, those that move together as one: path -> words for the axis."""
    groups: dict[tuple, list[tuple[str, str]]] = {}
    for name in STEPS:
        for side in SIDES:
            values = tuple(source.setting(f"government.{side}.{name}"))
            if len(set(values)) > 1:
                groups.setdefault(values, []).append((name, side))
    axes = {}
    for members in groups.values():
        name, side = members[0]
        what = "a step, up or down" if len({name for name, _ in members}) > 1 else STEPS[name]
        whose = "both sides" if len({side for _, side in members}) > 1 else f"side {side}"
        axes[f"government.{side}.{name}"] = f"cost of {what} ({whose}, utility)"
    return axes
