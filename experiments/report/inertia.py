"""Calm without a mediator over the cost of changing course, where a study varies that cost."""

from __future__ import annotations

import polars as pl

from experiments.comparison.sources import Source
from experiments.figures.response import factor_map, response_curves
from experiments.figures.style import Drawing
from experiments.report.headline import bare_points
from experiments.report.subject import Subject
from experiments.statistics.metrics import metric
from experiments.statistics.response import LEVELS, by_factors

STEPS = {(name, side): f"government.{side}.{name}" for name in ("step_up", "step_down") for side in "ab"}
_WORDS = {"step_up": "a step up", "step_down": "a step down"}
MAP_CAPTION = (
    "Calm without a mediator over the cost of changing course, in utility a rung. No record informs this cost: the "
    "number to read is the one at the cost a reader finds plausible."
)


def inertia_drawings(subject: Subject) -> list[Drawing]:
    """Calm without a mediator over the step costs where a study varies them: a map, or a curve where they are one."""
    return [
        drawing
        for source, talks, points in bare_points(subject)
        if (drawing := _inertia(source, talks, points)) is not None
    ]


def _inertia(source: Source, talks: bool, points: pl.DataFrame) -> Drawing | None:
    axes = step_axes(source)
    settings = source.settings([*axes])
    levels = [settings[path].n_unique() for path in axes]
    if not axes or len(axes) > 2 or max(levels) > LEVELS:
        return None
    paths, names = list(axes), list(axes.values())
    lanes = source.outcomes.join(points.select("point"), on="point", how="semi").join(settings, on="point", how="left")
    calm = metric("calm", source.horizon, lanes.schema)
    table = by_factors(lanes, paths, calm, source.horizon)
    if table["value"].is_nan().all():
        return None
    label = f"{calm.label}, no mediator{', direct talks' if talks else ''}"
    if len(axes) == 1:
        curves = {"no mediator": table}
        return response_curves(curves, paths[0], label, "probability", names[0]) if levels[0] > 2 else None
    full = table.height >= 0.8 * levels[0] * levels[1]
    if not full:
        return None
    (across, up), (across_label, up_label) = paths, names
    return factor_map(
        table, across, up, label, "probability", across_label, up_label, f"{label[:1].upper()}{label[1:]}"
    )


def step_axes(source: Source) -> dict[str, str]:
    """The step costs that a study varies, those that move together as one: path -> words for the axis."""
    groups: dict[tuple, list[tuple[str, str]]] = {}
    for which, path in STEPS.items():
        values = tuple(source.setting(path))
        if len(set(values)) > 1:
            groups.setdefault(values, []).append(which)
    return {STEPS[members[0]]: _axis(members) for members in groups.values()}


def _axis(members: list[tuple[str, str]]) -> str:
    names = list(dict.fromkeys(name for name, _ in members))
    sides = sorted({side for _, side in members})
    what = "a step, up or down" if len(names) > 1 else _WORDS[names[0]]
    return f"cost of {what} ({'both sides' if len(sides) > 1 else 'side ' + sides[0]}, utility)"
