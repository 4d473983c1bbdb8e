"""What came of it: the figures worth reading, and the numbers behind them."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from experiments.comparison.rendering import COLUMNS, table_rows
from experiments.figures.style import Drawing
from experiments.report.html import Markup, element, folded, paragraphs, table
from experiments.report.subject import Subject, all_bare
from experiments.statistics.metrics import DAYS, DEATHS, RISK
from experiments.statistics.vocabulary import CATEGORIES
from experiments.text import percentage

CAPTIONS = {
    "contrasts": "What each arm changes against the baseline. Grey bands are the smallest effects of interest: an "
    "interval inside one says that the change is too small to matter here, one outside says that it is larger.",
    "incidence": "By which day calm, an agreement and war had come. After war calm no longer counts.",
    "severity": "Severity by military deaths on both sides: a clash below 100, a limited war from 100, a war from "
    "1,000, a regional war where an ally entered as well; no shots where neither side ever reached rung 4.",
    "termination": "How the first calm came: 14 days with both sides at rung 3 or below, under an agreement in force "
    "when it began, imposed by force, by one side three days ahead of the other, or tacitly.",
    "rescued": "Which crises an arm spares a limited war or worse, and which it leads into one, under equal luck.",
    "selection": "Mediated minus unmediated crises, beside what mediation changed in the mediated ones. Where the two "
    "part, mediators chose their crises, and the raw difference is no effect.",
    "deaths": "Military deaths on both sides together: how often none, few and many.",
    "days": "Days with shots, and days until the first calm.",
    "fans": "The median, the middle half and nine tenths of the crises, day by day.",
    "truces": "How often truces break, by their age, in the crises whose full path was kept.",
    "convergence": "How the estimate settles as crises are added: whether there are enough can be judged from here.",
}
"""Figure of a comparison -> caption, in the order of the page."""

MOVERS = "and the assumptions that move it most, with 95 % intervals"
HEADLINE = "calm"
RESPONSES = (HEADLINE, "limited_war_or_worse", "restricted_days_to_calm", "typical_deaths")
"""Metrics of which the answer to the design's factors is shown."""

MOST_ROWS = 8
"""Arms beyond which a table is folded away."""

SHARES = {"severity": "Severity", "termination": "How the first calm came"}


def drawings(subject: Subject, shown: bool = False) -> Iterator[tuple[Drawing, str]]:
    """Figures with their captions, in the order in which they should be read.

    ``shown`` says that calm without a mediator was drawn over the step costs already; it is not drawn once more.
    """
    found = subject.comparison.drawings
    over = f"over {' and '.join(subject.by)}"
    ends = "at the highest level of each factor, minus the same at its lowest"
    kinds = {"map": over, "response": over, "levels": "in every arm", "tornado": ends, "influence": MOVERS}
    for kind, caption in kinds.items():
        for metric in RESPONSES:
            if f"{kind}_{metric}" in found and (metric != HEADLINE or not shown or not all_bare(subject)):
                yield found[f"{kind}_{metric}"], _answer(subject, metric, caption)
    for name, caption in CAPTIONS.items():
        if name in found:
            yield found[name], caption


def _answer(subject: Subject, metric: str, caption: str) -> str:
    label = subject.comparison.summary.filter(pl.col("metric") == metric)["label"][0]
    return f"{_capital(label)} {caption}."


def numbers(subject: Subject) -> Markup:
    """A table a quantity, then the shares of each outcome."""
    made = [*_quantities(subject), *_shares(subject)]
    notes = (element("p", note, class_="quiet") for note in subject.comparison.notes)
    return Markup("".join([_reading_rule(subject), *made, *notes]))


def _reading_rule(subject: Subject) -> Markup:
    text = (
        'Values stand with their 95 % intervals; "error" is the Monte Carlo standard error, which more crises make '
        "smaller. There are no p-values: with a simulator they would measure the number of crises."
    )
    several = subject.comparison.tables.contrasts is not None
    return paragraphs(f"{text} Changes are against {subject.comparison.baseline}." if several else text)


def _quantities(subject: Subject) -> Iterator[Markup]:
    groups: dict[str, list[tuple[str, ...]]] = {}
    name = ""
    for row in table_rows(subject.comparison.summary):
        name = row[0] or name
        groups.setdefault(name, []).append(row[1:])
    for label, rows in groups.items():
        shown = [at for at in range(len(COLUMNS) - 1) if at < 3 or any(row[at] for row in rows)]
        smallest = next(filter(None, (row[COLUMNS.index("smallest") - 1] for row in rows)), "")
        kept = [at for at in shown if COLUMNS[at + 1] != "smallest"]
        caption = _capital(label) + (f" (smallest effect of interest: {smallest})" if smallest else "")
        made = table(
            caption,
            [COLUMNS[at + 1] for at in kept],
            [[row[at] for at in kept] for row in rows],
            numeric=range(1, len(kept)),
        )
        yield made if len(rows) <= MOST_ROWS else folded(f"{_capital(label)}: {len(rows)} arms", made)


def _shares(subject: Subject) -> Iterator[Markup]:
    shares = subject.comparison.tables.shares
    for column, words in CATEGORIES.items():
        own = shares.filter(pl.col("column") == column)
        seen = [name for name in words if (own.filter(pl.col("category") == name)["value"] > 0).any()]
        arms = own["arm"].unique(maintain_order=True).to_list()
        rows = [[arm, *(_share(own, arm, name) for name in seen)] for arm in arms]
        made = table(
            f"{SHARES[column]}: share of crises in per cent [95 % interval]",
            ["arm", *(words[name] for name in seen)],
            rows,
            numeric=range(1, len(seen) + 1),
        )
        yield made if len(arms) <= MOST_ROWS else folded(f"{SHARES[column]}: {len(arms)} arms", made)


def _share(own: pl.DataFrame, arm: str, name: str) -> str:
    cell = own.row(by_predicate=(pl.col("arm") == arm) & (pl.col("category") == name), named=True)
    return percentage(cell["value"], cell["low"], cell["high"])


def smallest_effects() -> Markup:
    """What counts as a change worth speaking of, fixed before anything was simulated."""
    rows = [
        ("probabilities", f"{RISK * 100:g} percentage points"),
        ("days, days to calm within the horizon", f"{DAYS:g} days"),
        ("deaths", f"{(DEATHS - 1) * 100:.0f} %, up or down"),
    ]
    text = (
        "A change is larger where its whole interval lies beyond the smallest effect of interest, negligible where "
        "the whole interval lies within it, and undecided otherwise, which more crises may settle. A mean is fragile "
        "where it hangs on a few crises."
    )
    return Markup(paragraphs(text) + table("Smallest effects of interest", ("quantity", "smallest effect"), rows))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
