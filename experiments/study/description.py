"""What a study says of itself: ``README.md`` for readers, ``ro-crate-metadata.json`` for other tools."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from experiments.config.settings import StudyRecord
from experiments.files import read_table, write_json
from experiments.study.identity import zoned
from experiments.study.parts import TABLES, columns_of, empty_frame, read_rows
from experiments.text import render
from sim.scenario import parameters

CRATE_FILE = "ro-crate-metadata.json"
CRATE, PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
_FORMATS = {
    ".json": "application/json",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".npz": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
}
_OWN = {
    "arm": "name of the point",
    "varied": "the factor that differs from the base at this point",
    "draw": "number of the draw of uncertain parameters",
    "structure": "structure of the model that the draw belongs to",
}

_LONG = 2000
"""Letters of a design that are written out at most."""


def describe_tables(
    manifest: Mapping[str, Any], factors: Mapping[str, Any], repeated_by: tuple[str, str], left_out: Sequence[str] = ()
) -> str:
    """The data dictionary of a study as Markdown, less the tables ``left_out``.

    The factors are the columns of its design; ``repeated_by`` is as :func:`how_to_repeat` gives it.
    """
    return render(
        "experiments.study",
        "readme.md.j2",
        repeated_by=repeated_by[0],
        language=repeated_by[1],
        manifest=manifest,
        files=[row for row in read_rows("files.csv") if row["table"] not in left_out],
        factors=[_factor(name) for name in factors],
        tables={name: meaning for name, meaning in TABLES.items() if name not in left_out},
        columns_of=columns_of,
        empty_frame=empty_frame,
    )


def how_to_repeat(manifest: Mapping[str, Any], design: Mapping[str, Any], directory: Path) -> tuple[str, str]:
    """A command (`sh`) or lines of Python (`python`) that make the same study in a new directory, and which of the two.

    A design that was given from Python, as plain values, is written out, or read from the study where it is long.
    """
    overrides = [*manifest["overrides"]]
    if "extended" in manifest:
        most = f"max_replicates={StudyRecord.max_replicates}"
        overrides += [f"replicates={manifest['extended']}", "precision=null", most]
    config_dir = manifest.get("config_dir")
    if not manifest.get("design_from_python"):
        words = ["offramp", manifest["command"], *([f"--config-dir={config_dir}"] if config_dir else []), *overrides]
        return shlex.join(words), "sh"
    long = len(repr(design)) > _LONG
    text = f"load({str(directory)!r}).config['design']" if long else repr(design)
    arguments = [*map(repr, overrides), f"design={text}", *([f"config_dir={config_dir!r}"] if config_dir else [])]
    return f"from experiments import {'load, ' if long else ''}sweep\n\nsweep({', '.join(arguments)})", "python"


def _factor(name: str) -> tuple[str, str, str]:
    """A factor of a design: its name, the type of its column and what it is."""
    if parameter := parameters().get(name):
        kind = {"float": "Float64", "int": "Int32"}.get(parameter.kind, "String")
        return name, kind, f"{parameter.meaning} ({parameter.range_text})"
    if name in _OWN:
        return name, "String", _OWN[name]
    if "@" in name or name in ("scenario", "talks", "mediation", "alliance"):
        return name, "String", f"choice in the group {name}"
    return name, "Float64", "factor of the design"


def write_crate(directory: Path, manifest: Mapping[str, Any], command: str, finished: str) -> None:
    """Write a finished study's description for other tools, a Process Run Crate, whole or not at all.

    ``command`` makes the same study again; the last crisis was ``finished`` at that time.
    See https://w3id.org/ro/crate/1.1 and https://w3id.org/ro/wfrun/process/0.5.
    """
    files = list(_files(directory))
    top = [file for file in files if "/" not in file["@id"].rstrip("/")]
    text = render(
        "experiments.study",
        "crate.json.j2",
        name=CRATE_FILE,
        crate=CRATE,
        profile=PROFILE,
        manifest=manifest,
        command=command,
        replicates=manifest["blocks"][-1][1],
        failed=int(read_table(directory / "failures.parquet")["lanes"].sum()),
        started=zoned(manifest["started"]),
        finished=zoned(finished),
        files=files,
        top=top,
        tables=[file for file in top if file["@type"] == "Dataset" or file["@id"] == "failures.parquet"],
        libraries={"Python": manifest["python"], **manifest["libraries"]},
    )
    write_json(directory / CRATE_FILE, json.loads(text))


def _files(directory: Path) -> Iterator[dict[str, Any]]:
    """Entities of every file of a study and of the folders that hold its tables."""
    for row in read_rows("files.csv"):
        if row["pattern"] in (CRATE_FILE, "report.html") or row["pattern"].endswith("/"):
            continue
        for path in sorted(directory.glob(row["pattern"])):
            name = path.relative_to(directory).as_posix()
            yield {
                "@id": quote(name),
                "@type": "File",
                "name": name,
                "description": row["meaning"],
                "encodingFormat": _FORMATS[path.suffix],
            }
    for table, meaning in TABLES.items():
        parts = [{"@id": quote(f"{table}/{path.name}")} for path in sorted((directory / table).glob("*-*"))]
        if parts:
            held = parts if len(parts) > 1 else parts[0]
            yield {"@id": f"{table}/", "@type": "Dataset", "name": table, "description": meaning, "hasPart": held}
