"""The results of all cases as lines, figures and a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import inf
from pathlib import Path
from typing import Any

from experiments.cases.beside import BINS, HEADLINES, QUANTILES, WORDS, Score
from experiments.cases.catalogue import cases as all_cases
from experiments.cases.records import Known
from experiments.cases.requests import FULL, Request
from experiments.figures.predictive import Panel, Row, ranks, records_beside
from experiments.figures.style import NOTES, save
from experiments.statistics.vocabulary import CALM, LIMITED_WAR_OR_WORSE, TERMINATIONS
from experiments.text import render

Case = Mapping[str, Any]
LATER = "later"
TITLE = "Coded cases: what the model expects, and the record"
RANKS_TITLE = "Where the records lie in their predictive distributions"
UNITS = {"days_heavy": "days", "days_to_calm": "day it began", "deaths": "both sides (logarithmic)"}


def lines_of(case: Case, everything: bool = False) -> Iterator[str]:
    """Lines for standard output: what the model expects, and where the record lies; of all quantities, or the first."""
    known = case["quantities"]
    worse = sum(case["severity"][name]["mean"] for name in LIMITED_WAR_OR_WORSE)
    note = "  [in sample]" if case["in_sample"] else ""
    told = "; ".join(f"{WORDS[name]} {middle(known[name])}" for name in HEADLINES)
    yield (
        f"{case['case']:<14} P(calm by day 60 | no mediator) {share(case['calm_60_without'])}; {told}; limited war or "
        f"worse {worse:.2f}{note}"
    )
    recorded = case["record"]["known"] if case["record"] else {}
    for name, row in ((name, row) for name, row in recorded.items() if everything or name in HEADLINES):
        yield f"  {WORDS[name]}: record {number(row)}, model {middle(known[name])}, {place(row)}"
    ended = (case["record"] or {}).get("termination")
    if ended:
        yield f"  ended: record {TERMINATIONS[ended]}, model {share(case['termination'][ended])}"


def silent_lines(case: Case) -> Iterator[str]:
    """What a record does not say, a line each; then what its source is known not to hold."""
    for name, why in case["record"]["silent"].items():
        yield f"  {WORDS[name]}: null ({why})"
    yield from (f"  {note}" for note in case["record"]["notes"])


def share(known: Mapping[str, float] | None) -> str:
    """A share with its interval over draws of what is not known."""
    return "not told" if known is None else f"{known['mean']:.2f} ({known['low']:.2f} to {known['high']:.2f})"


def middle(quantiles: Mapping[str, float | None]) -> str:
    """Median and the middle nine tenths; ``later`` lies beyond the horizon."""
    half, low, high = (LATER if quantiles[at] is None else _short(quantiles[at]) for at in ("50", "5", "95"))
    return f"{half} ({low} to {high})"


def number(row: Mapping[str, Any]) -> str:
    """What a record says of a quantity: a number, a range, or a bound."""
    if row["never"]:
        return LATER
    low, high = (None if end is None else _short(end) for end in (row["low"], row["high"]))
    if row["value"] is None:
        return f"{low} to {high}" if row["bounded"] else f"{low} or more" if low is not None else f"{high} or less"
    alone = _short(row["value"])
    return alone if {low, high} <= {alone, None} else f"{alone} ({low or alone} to {high or LATER})"


def place(row: Mapping[str, Any]) -> str:
    """The percentile of a record in words."""
    if not row["bounded"]:
        return f"above {row['below']:.0%} of crises at the least" if row["low"] is not None else "bounded from above"
    return f"percentile {100 * row['percentile']:.0f} ({100 * row['below']:.0f} to {100 * row['up_to']:.0f})"


def _short(value: float | None) -> str:
    assert value is not None
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def markdown(cases: Sequence[Case], scores: Mapping[str, Score], request: Request, made: str) -> str:
    """The document of all cases; ``made`` says when, and by which model."""
    values = {
        "cases": cases,
        "scores": scores,
        "request": request,
        "made": made,
        "command": command_of(request),
        "share": share,
        "middle": middle,
        "number": number,
        "place": place,
        "calm": CALM,
        "words": WORDS,
        "terminations": TERMINATIONS,
        "headlines": HEADLINES,
        "bins": BINS,
        "out_of_sample": [f"`{case['case']}`" for case in cases if not case["in_sample"] and _is_bounded(case)],
    }
    return render("experiments.cases", "cases.md.j2", **values)


def _is_bounded(case: Case) -> bool:
    """Whether a record gives any headline as a number or a range with two ends."""
    known = case["record"]["known"] if case["record"] else {}
    return any(known[name]["bounded"] for name in HEADLINES if name in known)


def command_of(request: Request) -> str:
    """The command that makes the same again."""
    words = ["offramp cases", *([] if list(request.names) == all_cases() else request.names)]
    words += ["--defaults"] * (request.uncertainty == "none")
    words += [
        f"--{name.replace('_', '-')} {value}"
        for name in ("draws", "crises", "citizens", "horizon", "config_dir", "record", "sides", "begin", "until")
        if (value := getattr(request, name)) != getattr(FULL, name)
    ]
    return " ".join(words)


def write_figures(cases: Sequence[Mapping[str, Any]], scores: Mapping[str, Score], directory: Path) -> list[Path]:
    """Draw the cases and, where there is any record to rank, the ranks into a directory; return the paths."""
    names = [case["case"] + (" *" if case["in_sample"] else "") for case in cases]
    drawn = records_beside(names, [panel_of(name, cases) for name in HEADLINES], TITLE, NOTES["cases"])
    paths = save(drawn, directory, "cases")
    if any(score.ranked for score in scores.values()):
        histograms = {WORDS[name]: score.histogram for name, score in scores.items()}
        numbers = {WORDS[name]: score.ranked for name, score in scores.items()}
        paths += save(ranks(histograms, numbers, RANKS_TITLE, NOTES["case_ranks"]), directory, "ranks")
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
    return Row(at, known["value"], *Known(known["value"], known["low"], known["high"]).span)
