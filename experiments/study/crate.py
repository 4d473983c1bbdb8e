"""``ro-crate-metadata.json``: a finished study described for other tools, as a Process Run Crate.

See https://w3id.org/ro/crate/1.1 and https://w3id.org/ro/wfrun/process/0.5.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from experiments.files import write_json
from experiments.study.directory import Study, read_failures
from experiments.study.identity import zoned
from experiments.study.tables import TABLES, read_rows
from experiments.text import render

NAME = "ro-crate-metadata.json"
CRATE, PROFILE = "https://w3id.org/ro/crate/1.1", "https://w3id.org/ro/wfrun/process/0.5"
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
    files = list(_files(study))
    top = [file for file in files if "/" not in file["@id"].rstrip("/")]
    text = render(
        "experiments.study",
        "crate.json.j2",
        name=NAME,
        crate=CRATE,
        profile=PROFILE,
        manifest=study.manifest,
        command=study.repeated_by[0],
        replicates=study.blocks[-1][1],
        failed=sum(row["lanes"] for row in read_failures(study)),
        started=zoned(study.manifest["started"]),
        finished=zoned(finished),
        files=files,
        top=top,
        tables=[file for file in top if file["@type"] == "Dataset" or file["@id"] == "failures.parquet"],
        libraries={"Python": study.manifest["python"], **study.manifest["libraries"]},
    )
    write_json(study.directory / NAME, json.loads(text))


def _files(study: Study) -> Iterator[dict[str, Any]]:
    """Entities of every file of a study and of the folders that hold its tables."""
    for row in read_rows("files.csv"):
        if row["pattern"] in (NAME, "report.html") or row["pattern"].endswith("/"):
            continue
        for path in sorted(study.directory.glob(row["pattern"])):
            name = path.relative_to(study.directory).as_posix()
            yield {
                "@id": quote(name),
                "@type": "File",
                "name": name,
                "description": row["meaning"],
                "encodingFormat": _FORMATS[path.suffix],
            }
    for table, meaning in TABLES.items():
        parts = [{"@id": quote(f"{table}/{path.name}")} for path in sorted((study.directory / table).glob("*-*"))]
        if parts:
            held = parts if len(parts) > 1 else parts[0]
            yield {"@id": f"{table}/", "@type": "Dataset", "name": table, "description": meaning, "hasPart": held}
