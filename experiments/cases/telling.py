"""The results of all cases as lines and as a document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from experiments.cases.beside import BINS, HEADLINES, WORDS, Score
from experiments.cases.catalogue import cases as all_cases
from experiments.cases.requests import FULL, Request
from experiments.statistics.vocabulary import CALM, LIMITED_WAR_OR_WORSE, TERMINATIONS
from experiments.text import render

Case = Mapping[str, Any]
LATER = "later"


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
        "out_of_sample": [
            f"`{case['case']}`"
            for case in cases
            if not case["in_sample"] and any(map(partial(bounded, case), HEADLINES))
        ],
    }
    return render("experiments.cases", "cases.md.j2", **values)


def bounded(case: Case, name: str) -> bool:
    """Whether the record of a case gives a quantity as a number or a range with two ends."""
    return bool(case["record"] and case["record"]["known"].get(name, {}).get("bounded"))


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
