"""``README.md`` of a study: what every table and column means."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.config.settings import StudyRecord
from experiments.study.tables import TABLES, columns_of
from sim.scenario import parameters

_TYPES = {
    "count": "Int32",
    "day": "Int32",
    "deaths": "Int64",
    "luck": "Int64",
    "flag": "Boolean",
    "measure": "Float64",
    "label": "String",
}
_OWN = {
    "arm": "name of the point",
    "varied": "the factor that differs from the base at this point",
    "draw": "number of the draw of uncertain parameters",
}

_LONG = 2000
"""Letters of a design that are written out at most."""

FILES: dict[str, tuple[str, str]] = {
    "config.yaml": ("", "the resolved configuration"),
    "manifest.json": ("", "how and with what the study was made, and how far it is"),
    "design.parquet": ("", "the points"),
    "outcomes/part-*.parquet": ("outcomes", "what came of each crisis"),
    "records/part-*.parquet": ("records", "the same crises as coders would read them"),
    "mie/part-*.parquet": ("mie", "the militarised events in them"),
    "trajectories/part-*.parquet": ("trajectories", "each quantity day by day, over all replicates"),
    "trajectories/tally-*.npz": ("trajectories", "the counts behind them, needed to add replicates (NumPy)"),
    "paths/part-*.parquet": ("paths", "the first replicates of each point day by day"),
    "failures.parquet": ("", "what could not be simulated, and why"),
    "study.log": ("", "what happened when"),
    "README.md": ("", "this page"),
    "ro-crate-metadata.json": ("", "the finished study for other tools, as a Process Run Crate"),
    "figures/": ("", "figures and tables, once `offramp compare` has made them"),
    "report.html": ("", "the report, once `offramp report` has made it"),
}


def describe_tables(
    manifest: Mapping[str, Any], factors: Mapping[str, Any], repeated_by: tuple[str, str], left_out: Sequence[str] = ()
) -> str:
    """The data dictionary of a study as Markdown.

    Parameters
    ----------
    manifest, factors : mapping
        The study's manifest, and the columns of its design.
    repeated_by : (str, str)
        What makes the same study, and its language, see :func:`how_to_repeat`.
    left_out : sequence of str
        Tables that were not asked for.
    """
    points = f"{manifest['points']:,} point{'' if manifest['points'] == 1 else 's'}"
    told, language = repeated_by
    lines = [
        "# A study made with Offramp",
        "",
        "This makes the same study again, in a directory of its own:",
        "",
        f"```{language}",
        told,
        "```",
        "",
        f"{points}, seed {manifest['seed']}, Offramp {manifest['offramp']}, model "
        f"{manifest.get('model', 'not named')}. Sides are called a and b; days count from 0; a "
        "value is null where the thing never happened. Results are conditional statements about a model, not "
        "forecasts.",
        "",
        "Tables are Parquet, most in parts (`outcomes/part-*.parquet`).",
        "",
        "## Files",
        "",
        "| file | what it holds |",
        "|---|---|",
        *_files(left_out),
        "",
        "## design",
        "",
        "One row per point.",
        "",
        *_header(),
        "| point | Int32 | number of the point |",
    ]
    lines += [f"| {name} | {_factor_type(name)} | {_factor_meaning(name)} |" for name in factors]
    for table, meaning in [(name, said) for name, said in TABLES.items() if name not in left_out]:
        lines += ["", f"## {table}", "", meaning[0].upper() + meaning[1:] + ".", "", *_header()]
        lines += [f"| {column.name} | {_TYPES[column.kind]} | {column.meaning} |" for column in columns_of(table)]
    return "\n".join(lines) + "\n"


def how_to_repeat(manifest: Mapping[str, Any], design: Mapping[str, Any], directory: Path) -> tuple[str, str]:
    """What makes the same study in a new directory, and its language: a command, or lines of Python.

    A design that was given from Python, as plain values, is written out, or read from the study where it is long.
    """
    overrides = [*manifest["overrides"]]
    if "extended" in manifest:
        overrides += [
            f"replicates={manifest['extended']}",
            "precision=null",
            f"max_replicates={StudyRecord.max_replicates}",
        ]
    own = manifest.get("config_dir")
    if not manifest.get("design_from_python"):
        words = ["offramp", manifest["command"], *([f"--config-dir={own}"] if own else []), *overrides]
        return shlex.join(words), "sh"
    long = len(repr(design)) > _LONG
    given = f"load({str(directory)!r}).config['design']" if long else repr(design)
    arguments = [*map(repr, overrides), f"design={given}", *([f"config_dir={own!r}"] if own else [])]
    return f"from experiments import {'load, ' if long else ''}sweep\n\nsweep({', '.join(arguments)})", "python"


def _files(left_out: Sequence[str]) -> Iterator[str]:
    for name, (table, meaning) in FILES.items():
        if table not in left_out:
            yield f"| `{name}` | {meaning} |"


def _header() -> list[str]:
    return ["| column | type | meaning |", "|---|---|---|"]


def _factor_type(name: str) -> str:
    known = parameters().get(name)
    return (
        {"float": "Float64", "int": "Int32"}.get(known.kind, "String")
        if known
        else "String"
        if name in _OWN or "@" in name or name in ("scenario", "talks", "mediation", "alliance")
        else "Float64"
    )


def _factor_meaning(name: str) -> str:
    known = parameters().get(name)
    if known is not None:
        return f"{known.meaning} ({known.range_text})"
    if name in _OWN:
        return _OWN[name]
    return f"choice in the group {name}" if _factor_type(name) == "String" else "factor of the design"
