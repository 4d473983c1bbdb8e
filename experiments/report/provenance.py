"""Provenance of a report's results: commands, versions, seeds, failures, and the meaning of every column."""

from __future__ import annotations

import shlex
from typing import Any

import polars as pl

from experiments.comparison.sources import STUDY
from experiments.report.context import ReportContext
from experiments.report.tables import CODE, Table
from experiments.study.directory import FINISHED, Study
from experiments.study.tables import TABLES, columns_of

MOST_FAILURES = 20
"""Failures that are listed."""


def provenance(context: ReportContext) -> dict[str, Any]:
    """``commands`` that make the studies and the report again, and ``tables`` of seeds, fingerprints and versions."""
    commands = [
        *(study.repeated_by[0] for study in context.studies),
        shlex.join(["offramp", "report", *(str(study.directory) for study in context.studies)]),
    ]
    tables = [_facts(source.results.studies[0], context.name(source)) for source in context.sources]
    return {"commands": "\n".join(commands), "tables": tables}


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


def failures(context: ReportContext) -> dict[str, Any] | None:
    """``words`` on what could not be simulated or is not finished, and a ``table`` of failures; None where all is well."""
    frames = [source.results.failures.select(pl.lit(source.name).alias(STUDY), pl.all()) for source in context.sources]
    failed = pl.concat(frames, how="diagonal_relaxed")
    open_ends = [
        f"{source.name} is {study.manifest['state']}"
        for source in context.sources
        for study in source.results.studies
        if study.manifest["state"] != FINISHED
    ]
    words = []
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


def dictionary(context: ReportContext) -> list[Table]:
    """The columns of every table that some of the studies hold."""
    return [
        Table(
            f"Columns of {name}",
            ("column", "kind", "meaning"),
            [(CODE.format(column.name), column.kind, column.meaning) for column in columns_of(name)],
            folded=f"{name}: {words}",
        )
        for name, words in TABLES.items()
        if name in ("outcomes", "failures") or any((study.directory / name).exists() for study in context.studies)
    ]
