"""What the model cannot tell, and what every column of a study means."""

from __future__ import annotations

from experiments.report.html import Markup, bullets, element, folded, paragraphs, table
from experiments.report.subject import Subject
from experiments.study.tables import TABLES, columns_of

LIMITS = (
    "It forecasts nothing. Every number is a statement about a model under stated assumptions: a share of simulated "
    "crises, not a chance that something will happen.",
    "Most parameters are assumed. The records used for fitting count disputes, deaths and days; they say nothing of "
    "cover, framing or leverage, so what hangs on these hangs on assumption.",
    "Intervals cover the luck of the simulation, not doubt about the parameters, unless a study draws those as well. "
    "They get narrower with more crises; the model gets no truer.",
    "Calm without a mediator depends strongly on what it costs a government to change course. It should always be "
    "read over that cost.",
    "Mediators arrive in worse crises. Comparing mediated with unmediated crises within one arm measures that, not "
    "what mediation does; arms with the same luck do.",
    "That the same luck is met in every arm is a device of the simulation. Which crises are rescued depends on it; "
    "averages do not.",
    "Both sides follow the same equations. Motives, legitimacy and blame are outside the model, and so is everything "
    "that happens between other states.",
    "The ladder of ten rungs is the model's own. It is mapped to the hostility levels of dispute data, not measured "
    "by them.",
    "Known cases were coded by people who knew how they ended. What happened was not used for tuning, yet no such "
    "coding is blind.",
)


def limits() -> Markup:
    """What a reader must not take from the page."""
    return bullets(LIMITS)


def dictionary(subject: Subject) -> Markup:
    """Every column of every table of these studies."""
    words = (
        "Tables are Parquet files in the directory of a study. Sides are called a and b, days count from 0, and a "
        "value is missing where the thing never happened."
    )
    present = [
        name
        for name in TABLES
        if any((study.directory / name).exists() for study in subject.studies) or name in ("outcomes", "failures")
    ]
    made = [folded(f"{name}: {TABLES[name]}", _columns(name)) for name in present]
    design = folded(
        "design: one row per point",
        paragraphs(
            "The column point numbers the rows; every other column is a choice or a factor of the design, as listed "
            "under what was asked."
        ),
    )
    return Markup("".join([paragraphs(words), design, *made]))


def _columns(name: str) -> Markup:
    rows = [(element("code", column.name), column.kind, column.meaning) for column in columns_of(name)]
    return table(f"Columns of {name}", ("column", "kind", "meaning"), rows)
