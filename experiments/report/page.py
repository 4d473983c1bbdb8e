"""A report as one HTML page: what each section shows, handed to the template."""

from __future__ import annotations

from markupsafe import Markup

from experiments.comparison.rendering import against_lines
from experiments.report.brushing import brushing
from experiments.report.context import ReportContext, text_of
from experiments.report.evidence import CAPTIONS, captioned_drawings, numbers, smallest_effects
from experiments.report.headline import headlines, step_cost_drawings
from experiments.report.inputs import dictionary, failures, inputs, provenance, questions
from experiments.report.tables import figure
from experiments.statistics.vocabulary import CALM, SILENCE
from experiments.text import render


def page(context: ReportContext, interactive: bool = False) -> str:
    """One HTML document that needs nothing beside itself; where it is interactive its crises can be brushed."""
    over_costs = step_cost_drawings(context)
    captioned = [(drawing, CAPTIONS["step_costs"]) for drawing in over_costs]
    captioned += captioned_drawings(context, bool(over_costs))
    figures = [figure(*pair, number) for number, pair in enumerate(captioned, 1)]
    comparison = context.comparison
    return render(
        "experiments.report",
        "page.html.j2",
        title=_title(context),
        style=Markup(text_of("experiments.report", "page.css")),
        questions=questions(context),
        crises=context.crises,
        failures=failures(context),
        headlines=headlines(context),
        against=against_lines(comparison.against),
        calm=CALM,
        silence=SILENCE,
        step_cost_figures=figures[: len(over_costs)],
        inputs=inputs(context),
        figures=figures[len(over_costs) :],
        brushing=brushing(context) if interactive else None,
        numbers=numbers(context),
        baseline=comparison.baseline if comparison.tables.contrasts is not None else "",
        notes=comparison.notes,
        smallest_effects=smallest_effects(),
        provenance=provenance(context),
        dictionary=dictionary(context),
    )


def _title(context: ReportContext) -> str:
    values = [study.manifest["scenarios"][0]["values"] for study in context.studies]
    designs = [(study.tree.get("design") or {}).get("title") for study in context.studies]
    titles = list(dict.fromkeys(str(scenario.get("title") or scenario["name"]) for scenario in values))
    if designs[0] and len(set(designs)) == 1:
        return designs[0]
    return titles[0] if len(titles) == 1 else f"{len(context.studies)} studies of {len(titles)} scenarios"
