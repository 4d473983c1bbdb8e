"""The inputs of the studies reported, their provenance, what failed, and the meaning of every column."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import polars as pl
from markupsafe import Markup

from experiments.comparison.compare import Comparison
from experiments.comparison.sources import STUDY, Source
from experiments.config.overrides import parse_overrides
from experiments.config.settings import StudyRecord, settings_of
from experiments.config.yaml_files import describe
from experiments.study.directory import FINISHED, MAY_DIFFER, Study
from experiments.study.parts import TABLES, columns_of
from experiments.text import as_typed, texts_apart
from sim.ladder import SIDES
from sim.scenario import Scenario, parameters

Row = tuple[object, ...]
SILENT = ("backend",)
"""Groups that say how a study was run, not what was simulated."""

MOST_LEVELS, MOST_FACTORS = 12, 12
"""Levels of a factor that are listed one by one, and factors that are not folded away."""

CODE = Markup("<code>{}</code>")
NAMED = Markup('{} <span class="quiet">({})</span>')


@dataclass(frozen=True)
class Table:
    """A table of a report; its first column names the row, text in its cells is escaped, `Markup` is not.

    Where it is ``numeric`` all columns but the first hold numbers; where it is ``folded`` it hides behind these words.
    """

    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[object]]
    numeric: bool = False
    folded: str = ""


def inputs(comparison: Comparison) -> dict[str, Any]:
    """The contents of the section on inputs, by name; rows that studies have in common appear once."""
    sources, sides = comparison.grouping.sources, []
    for values in (entry["values"] for source in sources for entry in source.manifest["scenarios"]):
        labels = ", ".join(f"side {side} is {values[f'government.{side}.label']}" for side in SIDES)
        sides.append(f"{values.get('title') or values['name']}: {labels}.")
    differences = [*_rows(comparison, _set_values), *_rows(comparison, _settings)]
    names = [comparison.grouping.name_of(source) for source in sources]
    tables = (make(*pair) for make in (_factors, _drawn, _changed) for pair in zip(sources, names, strict=True))
    return {
        "commands": "\n".join(dict.fromkeys(source.study.repeated_by[0] for source in sources)),
        "amounts": [_amount(*pair) for pair in zip(sources, names, strict=True)],
        "sides": list(dict.fromkeys(sides)),
        "choices": Table(
            "What was chosen", ("group", "choice", "chosen by", "what it is"), _rows(comparison, _choices)
        ),
        "differences": Table("What differs from the defaults", ("what", "value", "default", "meaning"), differences),
        "tables": [table for table in tables if table is not None],
    }


def questions(comparison: Comparison) -> list[str]:
    """The questions of the experiments that were run, as their files put them."""
    names = dict.fromkeys(source.manifest["choices"].get("experiment") for source in comparison.grouping.sources)
    return [text for name in names if name and (text := _about("experiment", name))]


def _amount(source: Source, name: str) -> str:
    settings = source.study.settings
    replicates = max((last for _, last in source.study.blocks), default=0)
    points = f"{source.design.height:,} points times " if source.design.height > 1 else ""
    amount = f"{points}{replicates:,} crises, {source.horizon} days, {settings.citizens:,} citizens a side"
    return f"{name}: {amount}, luck {settings.luck}"


def _rows(comparison: Comparison, rows_of: Callable[[Source], Iterator[Row]]) -> list[Row]:
    """Rows of all studies, each once; those not of every study name theirs, unless their names say so anyway."""
    studies: dict[Row, list[str]] = {}
    for source in comparison.grouping.sources:
        for row in rows_of(source):
            studies.setdefault(row, []).append(comparison.grouping.name_of(source))
    order = list(dict.fromkeys(row[0] for row in studies))
    rows = []
    for (first, value, *rest), names in sorted(studies.items(), key=lambda item: order.index(item[0][0])):
        plain = str(value).removeprefix("<code>").removesuffix("</code>")
        everywhere = len(names) == len(comparison.grouping.sources) or all(plain in name for name in names)
        rows.append((first if everywhere else NAMED.format(first, ", ".join(names)), value, *rest))
    return rows


def _choices(source: Source) -> Iterator[Row]:
    manifest = source.manifest
    typed = {override.key for override in parse_overrides(manifest["overrides"]) if override.group}
    entries = [{**manifest["choices"], **entry["choices"]} for entry in manifest["scenarios"]]
    for group in entries[0]:
        names = list(dict.fromkeys(entry[group] for entry in entries if entry[group]))
        for name in names if group not in SILENT else ():
            by = "the design" if len(names) > 1 else "the command" if group in typed else "default"
            base, _, place = group.partition("@")  # a group is named by where its values go, unless that is everywhere
            yield base if place in ("", "_global_") else place, CODE.format(name), by, _about(group, name)


def _about(group: str, name: str) -> str:
    """The first comment line of a choice that Offramp brings along; nothing for a user's own."""
    path = files("conf") / group.split("@")[0] / f"{name}.yaml"
    text = describe(path.read_text(encoding="utf-8")) if path.is_file() else ""
    return "values found by a program" if text.startswith("Generated") else text


def _set_values(source: Source) -> Iterator[Row]:
    """Parameters set one by one on the command line."""
    for override in parse_overrides(source.manifest["overrides"]):
        parameter = parameters().get(override.key)
        if parameter is not None and not override.listed:
            default = f"{as_typed(parameter.default)}, or the scenario's"
            value = _with_unit(override.values[0], parameter.unit)
            yield CODE.format(override.key), value, default, parameter.meaning


def _settings(source: Source) -> Iterator[Row]:
    """Settings of the study that differ from the defaults."""
    settings = source.study.settings
    for name, setting in settings_of(StudyRecord).items():
        value = getattr(settings, name)
        if value != setting.default and name not in MAY_DIFFER:
            yield CODE.format(name), _with_unit(value, setting.unit), as_typed(setting.default), setting.meaning


def _factors(source: Source, name: str) -> Table | None:
    """The factors of a design and their levels; None where there are none."""
    ties = source.ties
    rows = [
        (CODE.format(factor), _levels(source, factor), _meaning(factor, ties.get(factor, ())))
        for factor in source.factors
    ]
    caption = f"What the design of {name} varies, {source.design.height:,} points"
    folded = f"{caption}: {len(rows)} factors" if len(rows) > MOST_FACTORS else ""
    return Table(caption, ("factor", "levels", "meaning"), rows, folded=folded) if rows else None


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
        paths = f"{', '.join(targets[:-1])} and {targets[-1]}" if len(targets) > 1 else targets[0]
        return f"sets {paths} together: {'; '.join(dict.fromkeys(known[path].meaning for path in targets))}"
    return "a choice of configuration"


def _drawn(source: Source, name: str) -> Table | None:
    """The parameters that are drawn anew in every crisis; None where there are none."""
    varies = {path: spec for entry in source.manifest["scenarios"] for path, spec in entry["varies"].items()}
    rows = []
    for path, spec in varies.items():
        typed = {key: value if isinstance(value, list | dict) else as_typed(value) for key, value in spec.items()}
        words = ", ".join(f"{key} {value}" for key, value in typed.items())
        rows.append((CODE.format(path), words, parameters()[path].meaning))
    folded = f"Drawn for each crisis of {name}: {len(rows)} parameters"
    return Table("Distributions", ("parameter", "distribution", "meaning"), rows, folded=folded) if rows else None


def _changed(source: Source, name: str) -> Table:
    """Every value of the first base scenario that is not the model's own default."""
    entries = source.manifest["scenarios"]
    neutral = Scenario().values()
    rows = []
    for path, value in entries[0]["values"].items():
        parameter = parameters()[path]
        if value != neutral[path] and parameter.kind != "text":
            cells = (CODE.format(path), _with_unit(value, parameter.unit), as_typed(neutral[path]))
            rows.append((*cells, parameter.meaning, parameter.source))
    which = " (first of several scenarios)" if len(entries) > 1 else ""
    return Table(
        "Values of the scenario",
        ("parameter", "value", "default", "meaning", "source of the default"),
        rows,
        folded=f"Every value of {name} that differs from the model's own defaults: {len(rows)}{which}",
    )


def _with_unit(value: Any, unit: str) -> str:
    return as_typed(value) if unit == "1" else f"{as_typed(value)} {unit}"


MOST_FAILURES = 20
"""Failures that are listed."""


def provenance(comparison: Comparison) -> dict[str, Any]:
    """``commands`` that make the studies and the report again, and ``tables`` of seeds, fingerprints and versions."""
    studies = [source.study for source in comparison.grouping.sources]
    report = shlex.join(["offramp", "report", *(str(study.directory) for study in studies)])
    return {
        "commands": "\n".join([*(study.repeated_by[0] for study in studies), report]),
        "tables": [_facts(source.study, comparison.grouping.name_of(source)) for source in comparison.grouping.sources],
    }


def _facts(study: Study, name: str) -> Table:
    manifest, settings = study.manifest, study.settings
    processor = manifest.get("processor")
    facts = {
        "seed": manifest["seed"],
        "luck": settings.luck,
        "replicates": manifest["replicates"] or "none yet",
        "points": f"{manifest['points']:,}",
        "horizon": f"{settings.horizon_days} days",
        "citizens a side": f"{settings.citizens:,}",
        "precision of the citizens' arithmetic": settings.dtype,
        "fingerprint of the configuration": CODE.format(manifest["config_hash"]),
        "Offramp": manifest["offramp"],
        "model": CODE.format(manifest["model"]) if "model" in manifest else "not recorded",
        "Python": manifest["python"],
        "libraries": ", ".join(f"{library} {version}" for library, version in manifest["libraries"].items()),
        "processor": f"{processor['name']}, compiled for {processor['numba_target']}" if processor else "not recorded",
        "begun": manifest["started"],
        "finished": manifest["finished"] or f"not yet ({manifest['state']})",
    }
    return Table(f"Study {name}", ("what", "value"), list(facts.items()))


def failures(comparison: Comparison) -> dict[str, Any] | None:
    """``words`` on what could not be simulated or is not finished, and a ``table`` of failures; None where all is well."""
    sources, words = comparison.grouping.sources, []
    frames = [source.failures.select(pl.lit(source.name).alias(STUDY), pl.all()) for source in sources]
    failed = pl.concat(frames, how="diagonal_relaxed")
    states = {source.name: source.manifest["state"] for source in sources}
    open_ends = [f"{name} is {state}" for name, state in states.items() if state != FINISHED]
    if failed.height:
        words.append(f"{failed['lanes'].sum():,} crises failed and are missing from every number here.")
    if open_ends:
        words.append(f"Not finished: {'; '.join(open_ends)}.")
    rows = [
        (row[STUDY], row["point"], f"{row['first_replicate']} to {row['last_replicate']}", row["error"])
        for row in failed.head(MOST_FAILURES).iter_rows(named=True)
    ]
    table = Table("Failures", ("study", "point", "replicates", "error"), rows, folded=f"The first {len(rows)}")
    return {"words": " ".join(words), "table": table} if words else None


def dictionary(comparison: Comparison) -> list[Table]:
    """The columns of every table that some of the studies hold."""
    places = [source.study.directory for source in comparison.grouping.sources]
    return [
        Table(
            f"Columns of {name}",
            ("column", "kind", "meaning"),
            [(CODE.format(column.name), column.kind, column.meaning) for column in columns_of(name)],
            folded=f"{name}: {words}",
        )
        for name, words in TABLES.items()
        if name in ("outcomes", "failures") or any((place / name).exists() for place in places)
    ]
