"""What a study varies, what it draws, and every value that is not the model's own default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from experiments.comparison.sources import Source
from experiments.report.html import Markup, element, folded, table
from experiments.report.subject import factors_of, ties_of
from experiments.text import as_typed, texts_apart
from sim.scenario import Scenario, parameters

MOST_LEVELS, MOST_FACTORS = 12, 12
"""Levels of a factor that are listed one by one, and factors that are not folded away."""


def factors(source: Source, name: str) -> Markup:
    """The factors of a design and their levels; nothing where there are none."""
    found, ties = factors_of(source), ties_of(source)
    rows = [
        (element("code", factor), _levels(source, factor), _meaning(factor, ties.get(factor, ()))) for factor in found
    ]
    caption = f"What the design of {name} varies, {source.design.height:,} points"
    if not rows:
        return Markup("")
    made = table(caption, ("factor", "levels", "meaning"), rows)
    return made if len(rows) <= MOST_FACTORS else folded(f"{caption}: {len(rows)} factors", made)


def _levels(source: Source, factor: str) -> str:
    values = source.design[factor].drop_nulls().unique(maintain_order=True)
    if values.len() <= MOST_LEVELS:
        return ", ".join(texts_apart(values.sort() if values.dtype.is_numeric() else values).values())
    ends: Any = (values.min(), values.max())
    low, high = texts_apart(ends).values()
    return f"{values.len():,} values from {low} to {high}"


def _meaning(factor: str, targets: Sequence[str]) -> str:
    known = parameters()
    if factor in known:
        return f"{known[factor].meaning} ({known[factor].range_text})"
    if targets:
        meanings = dict.fromkeys(known[path].meaning for path in targets)
        return f"sets {_listed(targets)} together: {'; '.join(meanings)}"
    return "a choice of configuration"


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def drawn(source: Source, name: str) -> Markup:
    """The parameters that are drawn anew in every crisis."""
    entries = source.results.manifest["scenarios"]
    varies: dict[str, Mapping[str, Any]] = {path: spec for entry in entries for path, spec in entry["varies"].items()}
    known = parameters()
    rows = [(element("code", path), _distribution(spec), known[path].meaning) for path, spec in varies.items()]
    head = ("parameter", "distribution", "meaning")
    return (
        folded(f"Drawn anew in every crisis of {name}: {len(rows)} parameters", table("Distributions", head, rows))
        if rows
        else Markup("")
    )


def _distribution(spec: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{key} {value if isinstance(value, (list, dict)) else as_typed(value)}" for key, value in spec.items()
    )


def everything(source: Source, name: str) -> Markup:
    """Every value of the first base scenario that is not the model's own default."""
    entries = source.results.manifest["scenarios"]
    values, known, neutral = entries[0]["values"], parameters(), Scenario().values()
    changed = [path for path in values if values[path] != neutral[path] and known[path].kind != "text"]
    rows = [
        (
            element("code", path),
            with_unit(as_typed(values[path]), known[path].unit),
            as_typed(neutral[path]),
            known[path].meaning,
            known[path].source,
        )
        for path in changed
    ]
    which = " (first of several scenarios)" if len(entries) > 1 else ""
    head = ("parameter", "value", "default", "meaning", "source of the default")
    return folded(
        f"Every value of {name} that differs from the model's own defaults: {len(rows)}{which}",
        table("Values of the scenario", head, rows),
    )


def with_unit(text: str, unit: str) -> str:
    """A value and its unit."""
    return text if unit == "1" else f"{text} {unit}"
