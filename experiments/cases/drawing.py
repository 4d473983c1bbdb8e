"""The figures of the cases: records beside predictions, and their ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from experiments.cases.beside import HEADLINES, QUANTILES, WORDS, Score
from experiments.figures.predictive import Panel, Row, ranks, records_beside
from experiments.figures.style import save

UNITS = {"days_heavy": "days", "days_to_calm": "day it began", "deaths": "both sides (logarithmic)"}


def write_figures(cases: Sequence[Mapping[str, Any]], scores: Mapping[str, Score], directory: Path) -> list[Path]:
    """Draw the cases and, where there is any record to rank, the ranks into a directory; return the paths."""
    names = [case["case"] + (" *" if case["in_sample"] else "") for case in cases]
    drawn = records_beside(
        names,
        [panel_of(name, cases) for name in HEADLINES],
        "Coded cases: what the model expects, and the record",
        "With the mediators on offer. Arrow: open, or beyond the days simulated. Star: in sample, in part.",
    )
    paths = save(drawn, directory, "cases")
    if any(score.ranked for score in scores.values()):
        paths += save(
            ranks(
                {WORDS[name]: score.histogram for name, score in scores.items()},
                {WORDS[name]: score.ranked for name, score in scores.items()},
                "Where the records lie in their predictive distributions",
                "In brackets: records. A record known as a range, or tied with many crises, is spread over its "
                "percentiles. Dashed: even.",
            ),
            directory,
            "ranks",
        )
    return paths


def panel_of(name: str, cases: Sequence[Mapping[str, Any]]) -> Panel:
    """One quantity of all cases."""
    days = name != "deaths"
    horizon = float(max(case["horizon"] for case in cases)) if days else None
    return Panel(WORDS[name], UNITS[name], tuple(row_of(name, case) for case in cases), horizon, not days)


def row_of(name: str, case: Mapping[str, Any]) -> Row:
    """One case of a quantity."""
    at = tuple(case["quantities"][name][str(level)] for level in QUANTILES)
    known = case["record"]["known"].get(name) if case["record"] else None
    if known is None:
        return Row(at)
    if known["never"]:
        return Row(at, inf, inf, inf)
    value = known["value"]
    low = known["low"] if known["low"] is not None else value if value is not None else -inf
    high = known["high"] if known["high"] is not None else value if value is not None else inf
    return Row(at, value, low, high)
