"""The request of a run, kept in its directory, so that a run that was cut short is completed as it was begun."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from experiments.errors import UserError
from experiments.files import remove_leftovers, write_json
from experiments.study.identity import model_fingerprint, require_model

REQUEST = "request.json"


def unused(kind: str) -> Path:
    """Where a run goes that is told no directory: a new one in ``outputs/KIND``."""
    return Path("outputs") / kind / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"


def kept_in(output: Path | None, kind: str, request: Mapping[str, Any]) -> Path:
    """The directory of a new run, :func:`unused` where none is given; UserError where it holds a run."""
    directory = output or unused(kind)
    if (directory / REQUEST).exists():
        raise UserError(f"{directory}: holds a run already; go on with --resume {directory}")
    write_json(directory / REQUEST, {**request, "model": model_fingerprint()})
    return directory


def reopened(directory: Path, kind: str) -> dict[str, Any]:
    """The request of an earlier run; UserError where there is none or another model made it."""
    if not (directory / REQUEST).exists():
        raise UserError(f"{directory}: no run of {kind} here ({REQUEST} is missing)")
    request = json.loads((directory / REQUEST).read_text(encoding="utf-8"))
    require_model(directory, request["model"])
    remove_leftovers(directory)
    return request
