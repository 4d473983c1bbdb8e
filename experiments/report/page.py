"""A report as one HTML page: what each section shows, handed to the template."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import StringIO
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
import yaml
from markupsafe import Markup

from experiments.comparison.arms import MEDIATORS
from experiments.comparison.compare import Comparison
from experiments.comparison.rendering import COLUMNS, against_lines, table_rows
from experiments.comparison.sources import Source
from experiments.figures.parts import capital, level_words
from experiments.figures.response import factor_map, response_curves
from experiments.figures.style import Drawing, house_style
from experiments.report.brushing import brushing, text_of
from experiments.report.inputs import Table, dictionary, failures, inputs, provenance, questions
from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import LEVELS, by_factors
from experiments.statistics.estimates import Estimate, estimate
from experiments.statistics.metrics import DAYS, DEATHS, RISK, Metric, default_metrics, metric
from experiments.statistics.vocabulary import CALM, CATEGORIES, SILENCE
from experiments.text import known, percentage, render
from sim.ladder import SIDES

CAPTIONS: dict[str, str] = yaml.safe_load(text_of("experiments.report", "captions.yaml"))
MOVERS = "and the assumptions that move it most, with 95 % intervals"
HEADLINE = "calm"
RESPONSES = ("calm_14", HEADLINE, "limited_war_or_worse", "restricted_days_to_calm", "typical_deaths")
"""Metrics of which the answer to the design's factors is shown."""

MOST_ROWS = 8
"""Arms beyond which a table is folded away."""

SHARES = {"severity": "Severity", "termination": "How the first calm came"}
SMALLEST_EFFECTS = [
    ("probabilities", f"{RISK * 100:g} percentage points"),
    ("days, days to calm within the horizon", f"{DAYS:g} days"),
    ("deaths", f"{(DEATHS - 1) * 100:.0f} %, up or down"),
]
"""The changes that count as worth speaking of, fixed before anything was simulated."""

MOST_POINTS, FEWEST_CRISES = 100, 30
"""Up to so many points, with so many crises each, are also looked at one by one."""

CALMS = ("calm_14", "calm")
BESIDES = ("silence", "days_heavy", "typical_deaths")
"""Metrics of crises without a mediator: in large print, and below it."""

STEPS = {"step_up": "a step up", "step_down": "a step down"}
"""Cost of changing course -> words for it."""

_PROLOGUE = re.compile(r"^.*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_NAMESPACES = re.compile(r'\s+xmlns(?::\w+)?="[^"]*"')
_OPENING = re.compile(r"<svg([^>]*)>")
_SIZE = re.compile(r'\s(?:width|height|version)="[^"]*"')
_NAMES = re.compile(r'(\bid="|url\(#|href="#)')
_WORDS = Markup('<title id="f{number}-title">{title}</title><desc id="f{number}-desc">{words}</desc>')
_SPACES = re.compile(r">\s+<(?!/?(?:tspan|text))")


def page(comparison: Comparison, interactive: bool = False) -> str:
    """One HTML document that needs nothing beside itself; where it is interactive its crises can be brushed."""
    over_costs = step_cost_drawings(comparison)
    captioned = [(drawing, CAPTIONS["step_costs"]) for drawing in over_costs]
    captioned += _captioned_drawings(comparison, bool(over_costs))
    figures = [_figure(*pair, number) for number, pair in enumerate(captioned, 1)]
    return render(
        "experiments.report",
        "page.html.j2",
        title=_title(comparison),
        style=Markup(text_of("experiments.report", "page.css")),
        questions=questions(comparison),
        crises=sum(source.outcomes.height for source in comparison.grouping.sources),
        failures=failures(comparison),
        headlines=headlines(comparison),
        against=against_lines(comparison.against),
        calm=CALM,
        silence=SILENCE,
        step_cost_figures=figures[: len(over_costs)],
        inputs=inputs(comparison),
        figures=figures[len(over_costs) :],
        brushing=brushing(comparison) if interactive else None,
        numbers=_numbers(comparison),
        baseline=comparison.baseline if comparison.tables.contrasts is not None else "",
        notes=comparison.notes,
        smallest_effects=Table("Smallest effects of interest", ("quantity", "smallest effect"), SMALLEST_EFFECTS),
        provenance=provenance(comparison),
        dictionary=dictionary(comparison),
    )


def _title(comparison: Comparison) -> str:
    studies = [source.study for source in comparison.grouping.sources]
    values = [study.manifest["scenarios"][0]["values"] for study in studies]
    designs = [(study.tree.get("design") or {}).get("title") for study in studies]
    titles = list(dict.fromkeys(str(scenario.get("title") or scenario["name"]) for scenario in values))
    if designs[0] and len(set(designs)) == 1:
        return designs[0]
    return titles[0] if len(titles) == 1 else f"{len(studies)} studies of {len(titles)} scenarios"


def _captioned_drawings(comparison: Comparison, over_costs: bool) -> Iterator[tuple[Drawing, str]]:
    """Figures with their captions, in the order in which they should be read.

    Calm without a mediator is not drawn once more where it was drawn over the step costs (``over_costs``) already.
    """
    drawings = comparison.drawings
    over = f"over {' and '.join(comparison.grouping.factors)}"
    ends = "at the highest level of each factor, minus the same at its lowest"
    kinds = {"map": over, "response": over, "levels": "in every arm", "tornado": ends, "influence": MOVERS}
    for kind, caption in kinds.items():
        for response in RESPONSES:
            name = f"{kind}_{response}"
            if name in drawings and (response != HEADLINE or not over_costs or not all_bare(comparison)):
                label = comparison.summary.filter(pl.col("metric") == response)["label"][0]
                yield drawings[name], f"{capital(label)} {caption}."
    for name, caption in CAPTIONS.items():
        if name in drawings:
            yield drawings[name], caption.format(calm=CALM)


def _numbers(comparison: Comparison) -> Iterator[Table]:
    """A table a quantity, then the shares of each outcome."""
    smallest_at = COLUMNS.index("smallest")
    for label, group in groupby(table_rows(comparison.summary), itemgetter(0)):
        rows = list(group)
        smallest = next((row[smallest_at] for row in rows if row[smallest_at]), "")
        shown = [at for at in range(1, len(COLUMNS)) if at < 4 or at != smallest_at and any(row[at] for row in rows)]
        yield Table(
            capital(label) + (f" (smallest effect of interest: {smallest})" if smallest else ""),
            [COLUMNS[at] for at in shown],
            [[row[at] for at in shown] for row in rows],
            numeric=True,
            folded=f"{capital(label)}: {len(rows)} arms" if len(rows) > MOST_ROWS else "",
        )
    for column, words in CATEGORIES.items():
        shares = comparison.tables.shares.filter(pl.col("column") == column)
        seen = set(shares.filter(pl.col("value") > 0)["category"])
        cells: dict[str, dict[str, str]] = {}
        for share in shares.iter_rows(named=True):
            cells.setdefault(share["arm"], {})[share["category"]] = percentage(
                share["value"], share["low"], share["high"]
            )
        yield Table(
            f"{SHARES[column]}: share of crises in per cent [95 % interval]",
            ["arm", *(words[name] for name in words if name in seen)],
            [[arm, *(by_category[name] for name in words if name in seen)] for arm, by_category in cells.items()],
            numeric=True,
            folded=f"{SHARES[column]}: {len(cells)} arms" if len(cells) > MOST_ROWS else "",
        )


# -- the first numbers: calm where nobody mediates, also over the cost of changing course ------------------------------


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
    study = f"; {comparison.grouping.name_of(arm.source)}" if len(comparison.grouping.sources) > 1 else ""
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
        "besides": ", ".join(
            f"{item.label} {level_words(vars(value), item.unit)}" for item, value in arm.besides if known(value.value)
        ),
    }


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


# -- figures as SVG ----------------------------------------------------------------------------------------------------


def _figure(drawing: Drawing, caption: str, number: int) -> dict[str, Any]:
    """A drawing with its ``number``, ``caption`` and content in ``words``, and as ``svg`` for HTML.

    The SVG loads nothing, and its names start with the number, which is unique on the page.
    """
    stream = StringIO()
    with house_style():
        drawing.figure.savefig(stream, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    text = _METADATA.sub("", _PROLOGUE.sub("", stream.getvalue(), count=1))
    text = _NAMES.sub(lambda name: f"{name[1]}f{number}-", _NAMESPACES.sub("", text).replace("xlink:href", "href"))
    opening = _SIZE.sub("", _OPENING.search(text)[1])  # type: ignore[index]
    start = (
        f'<svg{opening} role="img" aria-labelledby="f{number}-title" aria-describedby="f{number}-desc" '
        f'style="--wide:{drawing.figure.get_figwidth():g}in">'
        f"{_WORDS.format(number=number, title=caption, words=drawing.alt)}"
    )
    svg = Markup(_SPACES.sub("><", _OPENING.sub(lambda _: start, text, count=1)).strip())
    return {"number": number, "svg": svg, "caption": caption, "words": drawing.alt}
