"""The first number of every report: calm where nobody mediates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from experiments.comparison.sources import Source
from experiments.report.html import Markup, element, paragraphs
from experiments.report.subject import Subject, without_mediator
from experiments.statistics.arms import Arm
from experiments.statistics.estimates import Estimate, estimate
from experiments.statistics.metrics import calm_label, metric
from experiments.text import known

MOST_POINTS, FEWEST_CRISES = 100, 30
"""Up to so many points, with so many crises each, are also looked at one by one."""

INERTIA = (
    "This number hangs on what it costs a government to change course, which no record informs. These studies hold "
    "that cost fixed; vary government.a.step_up, government.b.step_up and the two step_down to see it over them."
)
NONE = (
    "Every crisis reported here has a mediator, so calm without one cannot be read off these studies. The same command "
    "with mediation=none gives it."
)


@dataclass(frozen=True)
class Bare:
    """Calm in the crises of one study that have no mediator, with direct talks or without.

    ``spread`` holds the lowest and the highest of several points, where each has crises enough to be looked at alone.
    """

    source: Source
    talks: bool
    points: int
    found: Estimate
    spread: tuple[Estimate, Estimate] | None = None


def bare_arms(subject: Subject) -> list[Bare]:
    """One entry a study and presence of direct talks; studies with a mediator everywhere have none."""
    made = []
    for source, talks, points in bare_points(subject):
        lanes = source.outcomes.filter(pl.col("point").is_in(points["point"].implode()))
        if lanes.height:
            made.append(Bare(source, talks, points.height, _calm(lanes, source), _spread(lanes, source)))
    return made


def _calm(lanes: pl.DataFrame, source: Source) -> Estimate:
    calm = metric("calm", source.horizon, lanes.schema)
    return estimate(Arm("", lanes, source.horizon).sample(calm), calm)


def _spread(lanes: pl.DataFrame, source: Source) -> tuple[Estimate, Estimate] | None:
    groups = lanes.partition_by("point")
    if not 1 < len(groups) <= MOST_POINTS or min(group.height for group in groups) < FEWEST_CRISES:
        return None
    found = sorted((_calm(group, source) for group in groups), key=lambda one: one.value)
    return found[0], found[-1]


def bare_points(subject: Subject) -> Iterator[tuple[Source, bool, pl.DataFrame]]:
    for source in subject.sources:
        bare = without_mediator(source)
        for talks in (False, True):
            points = bare.filter((pl.col("talks") > 0) == talks)
            if points.height:
                yield source, talks, points


def headline(subject: Subject) -> Markup:
    """The numbers in large print, or why there is none."""
    found = bare_arms(subject)
    if not found:
        return paragraphs(NONE)
    return Markup("".join(_big(one, subject) for one in found))


def _big(one: Bare, subject: Subject) -> Markup:
    talks = "direct talks between the two governments" if one.talks else "no direct talks either"
    study = f"; {subject.name(one.source)}" if len(subject.sources) > 1 else ""
    what = f"P({calm_label(one.source.horizon)} | no mediator), {talks}{study}"
    if not known(one.found.value):
        number, about = "not seen", f"{one.source.horizon} days are too few."
    elif one.spread is None:
        number = f"{one.found.value * 100:.1f} %"
        about = f"{f'{one.points:,} points taken together, ' if one.points > 1 else ''}{_words(one.found)}"
    else:
        low, high = one.spread
        ends = dict.fromkeys(f"{end.value * 100:.1f}" for end in one.spread)
        number = f"{' to '.join(ends)} %"
        about = (
            f"Lowest and highest of {one.points:,} points: [{_interval(low)}] and [{_interval(high)}]. All together "
            f"{one.found.value * 100:.1f} %, {_words(one.found)}"
        )
    return element("div", element("p", what), element("b", number), element("p", about), class_="headline")


def _words(found: Estimate) -> str:
    if not known(found.low):
        return "one crisis, which has no interval" if found.lanes == 1 else "one luck, which has no interval"
    error = f"Monte Carlo error {found.error * 100:.1f} points"
    return f"95 % interval [{_interval(found)}], {error}, {found.lanes:,} crises"


def _interval(found: Estimate) -> str:
    return f"{found.low * 100:.1f}, {found.high * 100:.1f}"
