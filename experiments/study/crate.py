"""``ro-crate-metadata.json``: a finished study described for other tools, as a Process Run Crate.

See https://w3id.org/ro/crate/1.1 and https://w3id.org/ro/wfrun/process/0.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from experiments.files import write_json
from experiments.study.directory import Study, read_failures
from experiments.study.identity import zoned
from experiments.study.readme import FILES
from experiments.study.tables import TABLES

NAME = "ro-crate-metadata.json"
CRATE, PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
ASKED = ("config.yaml", "design.parquet")
"""Files a study is made from; all others are its results."""
_FORMATS = {
    ".json": "application/json",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".npz": "application/zip",
    ".parquet": "application/vnd.apache.parquet",
    ".yaml": "application/yaml",
}


def write_crate(study: Study, finished: str) -> None:
    """Write the description of a study whose last crisis was finished at a time, whole or not at all."""
    graph = [*_frame(study, finished), *_files(study), *_software(study)]
    write_json(study.directory / NAME, {"@context": f"{CRATE}/context", "@graph": graph})


def _frame(study: Study, finished: str) -> Iterator[dict[str, Any]]:
    manifest, choices = study.manifest, study.manifest["choices"]
    command, _ = study.repeated_by
    files = [file for file in _files(study) if "/" not in file["@id"].rstrip("/")]
    tables = [file["@id"] for file in files if file["@type"] == "Dataset" or file["@id"] == "failures.parquet"]
    failed = sum(row["lanes"] for row in read_failures(study))
    about = (
        f"{manifest['points']:,} x {study.blocks[-1][1]:,} simulated crises (points x replicates), {failed:,} of "
        f"which failed, seed {manifest['seed']}. Results are conditional statements about a model, not forecasts."
    )
    yield {"@id": NAME, "@type": "CreativeWork", "conformsTo": _reference(CRATE), "about": _reference("./")}
    yield {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Offramp study: {choices.get('experiment') or choices['scenario']}",
        "description": about,
        "datePublished": zoned(finished),
        "license": _reference("#license"),
        "conformsTo": _reference(PROFILE),
        "hasPart": [_reference(file["@id"]) for file in files],
        "author": _reference("#user"),
        "mentions": _reference("#simulation"),
    }
    yield {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": PROFILE.rpartition("/")[2]}
    yield {
        "@id": "#license",
        "@type": "CreativeWork",
        "name": "No licence stated",
        "description": "Who made this study has not stated under which licence its results may be used.",
    }
    yield {
        "@id": "#simulation",
        "@type": "CreateAction",
        "name": "Simulation of the study's crises",
        "description": command,
        "startTime": zoned(manifest["started"]),
        "endTime": zoned(finished),
        "instrument": _reference("#offramp"),
        "agent": _reference("#user"),
        "object": [_reference(name) for name in ASKED],
        "result": [_reference(name) for name in tables],
        "actionStatus": "http://schema.org/CompletedActionStatus",
    }
    yield {"@id": "#user", "@type": "Person", "name": "Unnamed user of Offramp"}


def _files(study: Study) -> Iterator[dict[str, Any]]:
    """Entities of every file of a study and of the folders that hold its tables."""
    for pattern, (_, meaning) in FILES.items():
        if pattern in (NAME, "report.html") or pattern.endswith("/"):
            continue
        for path in sorted(study.directory.glob(pattern)):
            name = path.relative_to(study.directory).as_posix()
            yield {
                "@id": quote(name),
                "@type": "File",
                "name": name,
                "description": meaning,
                "encodingFormat": _FORMATS[path.suffix],
            }
    for table, meaning in TABLES.items():
        inside = sorted((study.directory / table).glob("*-*"))
        parts = [_reference(quote(f"{table}/{path.name}")) for path in inside]
        if parts:
            yield {
                "@id": f"{table}/",
                "@type": "Dataset",
                "name": table,
                "description": meaning,
                "hasPart": parts if len(parts) > 1 else parts[0],
            }


def _software(study: Study) -> Iterator[dict[str, Any]]:
    manifest = study.manifest
    libraries = {"Python": manifest["python"], **manifest["libraries"]}
    yield {
        "@id": "#offramp",
        "@type": "SoftwareApplication",
        "name": "Offramp",
        "softwareVersion": manifest["offramp"],
        "description": f"Agent-based simulator of escalation crises; model {manifest.get('model', 'not named')}.",
        "softwareRequirements": [_reference(f"#{name}") for name in libraries],
    }
    for name, version in libraries.items():
        yield {"@id": f"#{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}


def _reference(name: str) -> dict[str, str]:
    return {"@id": name}
