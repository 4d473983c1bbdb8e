"""The results of a validation as Markdown: printed on the terminal, and written to ``docs/validation.md``."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from importlib.resources import files
from math import isnan
from typing import Any

import polars as pl

from experiments.calibration.document import predicted, reasons
from experiments.study.identity import model_fingerprint
from experiments.targets.populations import POPULATIONS
from experiments.targets.readings import READINGS
from experiments.targets.targets import Target
from experiments.text import known, one_blank_line, render, supported
from experiments.validation.baseline import HORIZON, PEACE, headline, placebo_table
from experiments.validation.mechanisms import COURSE, POLITICS, dead_mechanisms
from experiments.validation.signs import HARM, SPECIAL, numbers
from sim import records
from sim.records import casualties, icb, mid, mie

PARTS = {"course of the crisis": COURSE, "governments and publics": POLITICS}
"""The two tables in which the effects of mechanisms are shown."""
SWITCHED_OFF = "switching off: "
"""Prefix of the names of results that hold the effects of mechanisms in one base scenario."""
SIGNS = "signs: "
"""Prefix of the names of results that hold effects from end to end of the ranges in one base scenario."""


def results_markdown(results: Mapping[str, Any], quick: bool) -> str:
    """Every table of the results, see :func:`experiments.validation.running.gather`, in reading order."""
    mechanisms = {
        name.removeprefix(SWITCHED_OFF): table for name, table in results.items() if name.startswith(SWITCHED_OFF)
    }
    signs = pl.concat([table for name, table in results.items() if name.startswith(SIGNS)])
    filled = render(
        "experiments.validation",
        "results.md.j2",
        **{name.replace(" ", "_"): result for name, result in results.items()},
        targets=[(item, results[f"population {item.scenario}"]) for item in POPULATIONS],
        headline=headline(results["arms"]),
        quick=quick,
        posteriors=shipped_posteriors(),
        reasons=reasons(),
        contrasts=placebo_table(results["arms"]),
        horizon=HORIZON,
        mechanisms=mechanisms,
        dead=dead_mechanisms(mechanisms),
        parts=PARTS,
        special=SPECIAL,
        harmful=HARM,
        signs=signs.sort(pl.col("parameter").cast(pl.Enum(list(numbers())))),
        endings=pl.concat([results["peace"], results["spell"]]),
        peace_range=PEACE,
        covered=coverage_summary(results["coverage"]),
        wanted=wanted,
        interval=interval,
        number=format,
        predicted=predicted,
    )
    return one_blank_line(filled)


def document(results: str) -> str:
    """The whole document: results as Markdown, what they cannot say, and how records are read, from the code itself."""
    modules = {"": records, "MID": mid, "MIE": mie, "ICB": icb, "CASUALTIES": casualties}
    prose = {
        name: re.sub(r":[a-z]+:`~?([^`]+)`", r"`\1`", inspect.cleandoc(module.__doc__ or "")).replace("``", "`")
        for name, module in modules.items()
    }
    values = {"results": results, "records": prose.items(), "readings": READINGS, "model": model_fingerprint()}
    return one_blank_line(render("experiments.validation", "validation.md.j2", **values))


def shipped_posteriors() -> list[dict[str, Any]]:
    """The facts beside every shipped posterior that was compared with targets."""
    paths = sorted((files("conf") / "posterior").glob("*.json"))  # type: ignore[attr-defined]
    posteriors = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
    return [facts for facts in posteriors if facts.get("targets")]


def wanted(target: Target) -> str:
    """A record's number and interval in words."""
    if isnan(target.low):
        return f"{target.value:g} (n = {target.n})"
    middle = "" if isnan(target.value) else f"{target.value:g} "
    return f"{middle}({target.low:g} to {target.high:g})"


def coverage_summary(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Coverage in the settings where it is promised, a row a population and kind of interval.

    ``tables``: population -> a row a setting, ``method, coverage`` (share), ``promised`` and ``kept`` (Boolean).
    """
    coverage = pl.col("coverage")
    ends = {"lowest": coverage.min(), "median": coverage.median(), "highest": coverage.max()}
    parts = []
    for name, table in tables.items():
        groups = table.filter("promised").group_by("method", maintain_order=True)
        parts.append(groups.agg(settings=pl.len(), **ends, kept=pl.col("kept").mean()))
        parts[-1] = parts[-1].with_columns(population=pl.lit(name))
    return pl.concat(parts)


def interval(value: float | None, low: float | None, high: float | None, signed: bool = False) -> str:
    """A number with its interval, in the digits that its draws support."""
    if value is None or isnan(value):
        return "–"
    if value == low == high == 0:
        return "0"
    if not known(low) or not known(high):
        return f"{value:{'+' if signed else ''}.3g}"
    middle, *ends = supported(value, low, high, signed)
    return f"{middle} ({ends[0]} to {ends[1]})"
