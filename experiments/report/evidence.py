"""The results section of a report: figures in reading order, tables of numbers, smallest effects of interest."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl
import yaml

from experiments.comparison.rendering import COLUMNS, table_rows
from experiments.figures.parts import capital
from experiments.figures.style import Drawing
from experiments.report.context import ReportContext, all_bare, text_of
from experiments.report.tables import Table
from experiments.statistics.metrics import DAYS, DEATHS, RISK
from experiments.statistics.vocabulary import CALM, CATEGORIES
from experiments.text import percentage

CAPTIONS: dict[str, str] = yaml.safe_load(text_of("experiments.report", "captions.yaml"))
MOVERS = "and the assumptions that move it most, with 95 % intervals"
HEADLINE = "calm"
RESPONSES = ("calm_14", HEADLINE, "limited_war_or_worse", "restricted_days_to_calm", "typical_deaths")
"""Metrics of which the answer to the design's factors is shown."""

MOST_ROWS = 8
"""Arms beyond which a table is folded away."""

SHARES = {"severity": "Severity", "termination": "How the first calm came"}


def captioned_drawings(context: ReportContext, over_costs: bool = False) -> Iterator[tuple[Drawing, str]]:
    """Figures with their captions, in the order in which they should be read.

    Calm without a mediator is not drawn once more where it was drawn over the step costs (``over_costs``) already.
    """
    drawings = context.comparison.drawings
    over = f"over {' and '.join(context.by)}"
    ends = "at the highest level of each factor, minus the same at its lowest"
    kinds = {"map": over, "response": over, "levels": "in every arm", "tornado": ends, "influence": MOVERS}
    for kind, caption in kinds.items():
        for metric in RESPONSES:
            name = f"{kind}_{metric}"
            if name in drawings and (metric != HEADLINE or not over_costs or not all_bare(context)):
                label = context.comparison.summary.filter(pl.col("metric") == metric)["label"][0]
                yield drawings[name], f"{capital(label)} {caption}."
    for name, caption in CAPTIONS.items():
        if name in drawings:
            yield drawings[name], caption.format(calm=CALM)


def numbers(context: ReportContext) -> Iterator[Table]:
    """A table a quantity, then the shares of each outcome."""
    groups: dict[str, list[tuple[str, ...]]] = {}
    name = ""
    for row in table_rows(context.comparison.summary):
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
        own = context.comparison.tables.shares.filter(pl.col("column") == column)
        seen = [name for name in words if (own.filter(pl.col("category") == name)["value"] > 0).any()]
        arms = own["arm"].unique(maintain_order=True).to_list()
        cells = {
            (row["arm"], row["category"]): percentage(row["value"], row["low"], row["high"])
            for row in own.iter_rows(named=True)
        }
        yield Table(
            f"{SHARES[column]}: share of crises in per cent [95 % interval]",
            ["arm", *(words[name] for name in seen)],
            [[arm, *(cells[arm, name] for name in seen)] for arm in arms],
            numeric=True,
            folded=f"{SHARES[column]}: {len(arms)} arms" if len(arms) > MOST_ROWS else "",
        )


def smallest_effects() -> Table:
    """The changes that count as worth speaking of, fixed before anything was simulated."""
    rows = [
        ("probabilities", f"{RISK * 100:g} percentage points"),
        ("days, days to calm within the horizon", f"{DAYS:g} days"),
        ("deaths", f"{(DEATHS - 1) * 100:.0f} %, up or down"),
    ]
    return Table("Smallest effects of interest", ("quantity", "smallest effect"), rows)
