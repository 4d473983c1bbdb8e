"""A report as one HTML page: what each section shows, handed to the template."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import yaml
from markupsafe import Markup

from experiments.comparison.compare import Comparison
from experiments.comparison.rendering import COLUMNS, against_lines, table_rows
from experiments.figures.parts import capital
from experiments.figures.style import Drawing
from experiments.report.brushing import brushing
from experiments.report.headline import all_bare, headlines, step_cost_drawings
from experiments.report.inputs import dictionary, failures, inputs, provenance, questions
from experiments.report.tables import Table, figure, text_of
from experiments.statistics.metrics import DAYS, DEATHS, RISK
from experiments.statistics.vocabulary import CALM, CATEGORIES, SILENCE
from experiments.text import percentage, render

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


def page(comparison: Comparison, interactive: bool = False) -> str:
    """One HTML document that needs nothing beside itself; where it is interactive its crises can be brushed."""
    over_costs = step_cost_drawings(comparison)
    captioned = [(drawing, CAPTIONS["step_costs"]) for drawing in over_costs]
    captioned += _captioned_drawings(comparison, bool(over_costs))
    figures = [figure(*pair, number) for number, pair in enumerate(captioned, 1)]
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
        for metric in RESPONSES:
            name = f"{kind}_{metric}"
            if name in drawings and (metric != HEADLINE or not over_costs or not all_bare(comparison)):
                label = comparison.summary.filter(pl.col("metric") == metric)["label"][0]
                yield drawings[name], f"{capital(label)} {caption}."
    for name, caption in CAPTIONS.items():
        if name in drawings:
            yield drawings[name], caption.format(calm=CALM)


def _numbers(comparison: Comparison) -> Iterator[Table]:
    """A table a quantity, then the shares of each outcome."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    name = ""
    for row in table_rows(comparison.summary):
        name = row[0] or name
        groups.setdefault(name, []).append(row[1:])
    smallest_at = COLUMNS.index("smallest") - 1
    for label, rows in groups.items():
        smallest = next((row[smallest_at] for row in rows if row[smallest_at]), "")
        shown = [at for at in range(len(COLUMNS) - 1) if at < 3 or at != smallest_at and any(row[at] for row in rows)]
        yield Table(
            capital(label) + (f" (smallest effect of interest: {smallest})" if smallest else ""),
            [COLUMNS[at + 1] for at in shown],
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
