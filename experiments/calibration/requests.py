"""The size of a calibration, and what may differ when one is resumed."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from experiments.config.overrides import nearest_name
from experiments.design.priors import POPULATION, prior_of, structures
from experiments.errors import UserError, need
from experiments.files import remove_leftovers, write_json
from experiments.study.identity import model_fingerprint, require_model

REQUEST = "request.json"
FREE = ("workers", "points", "wave", "size", "structures")
"""Parts of a request that may differ when it is resumed: with more points another wave is simulated."""


@dataclass(frozen=True)
class Request:
    """The size of the fit of each structure.

    ``points`` populations: ``first`` of them over the whole prior with ``first_lanes`` crises each, the others with
    ``lanes`` crises, ``wave`` at a time, where those before them put the posterior. ``predictive`` draws, and ``apart``
    draws of what is fitted without each source's rows, are simulated again with ``fresh`` crises each. ``second`` draws
    are taken for each simulated population that stands for a second record, and ``recovered`` populations of each
    structure for a record whose weights are taken. ``most`` of the candidates that all structures share are fitted, or
    those named by ``only``.
    """

    structures: tuple[str, ...] = ()
    points: int = 4000
    first: int = 900
    wave: int = 500
    first_lanes: int = 100
    lanes: int = 250
    citizens: int = 32
    seed: int = 20200712
    most: int = 36
    trajectories: int = 8
    screening_lanes: int = 100
    size: int = 2000
    draws: int = 200
    predictive: int = 40
    apart: int = 24
    second: int = 300
    recovered: int = 3
    fresh: int = 250
    workers: int = 2
    only: tuple[str, ...] = ()


QUICK: dict[str, Any] = {
    "points": 60,
    "first": 40,
    "wave": 20,
    "first_lanes": 30,
    "lanes": 30,
    "citizens": 16,
    "most": 3,
    "trajectories": 0,
    "size": 200,
    "draws": 40,
    "predictive": 6,
    "apart": 4,
    "second": 60,
    "recovered": 2,
    "fresh": 40,
}


def requested(**changes: Any) -> Request:
    """The request with what the user asked for in place of defaults; UserError for an unknown structure or candidate."""
    known = {"structures": tuple(structures()), "only": tuple(item.name for item in prior_of(POPULATION))}
    request = replace(Request(structures=known["structures"]), **changes)
    for option, names in known.items():
        if unknown := [name for name in getattr(request, option) if name not in names]:
            raise UserError(
                f"calibrate --{option} {unknown[0]}: no such name{nearest_name(unknown[0], names)}; choose from "
                f"{', '.join(names)}"
            )
    return replace(request, first=min(request.first, request.points))


def check_libraries(request: Request) -> None:
    """UserError where a library that the calibration needs is not installed."""
    wanted = {"sklearn": "scikit-learn"} | ({"SALib": "SALib"} if request.trajectories else {})
    for module, package in wanted.items():
        need(module, f"calibrate: needs {package}, which is not installed; it comes with the extra `calibrate`")


def claimed(directory: Path, request: Request) -> Request:
    """Make the directory of a new calibration and note the request there; UserError where it exists."""
    try:
        directory.mkdir(parents=True)
    except FileExistsError:
        raise UserError(f"calibrate --output {directory}: exists; use --resume to go on with it") from None
    _write(directory, request)
    return request


def reopened(directory: Path, changes: Mapping[str, Any]) -> Request:
    """The request of an earlier calibration, with what may change; UserError where anything else is asked for."""
    path = directory / REQUEST
    if not path.exists():
        raise UserError(f"calibrate --resume {directory}: no calibration there")
    values = json.loads(path.read_text(encoding="utf-8"))
    model = values.pop("model", None)
    if model is None:
        print(f"{directory}: does not name the model it was begun with; gone on with this one", file=sys.stderr)
    else:
        require_model(directory, model)
    lists: dict[str, Any] = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    earlier = Request(**values | lists)
    for name, value in changes.items():
        if name not in FREE and value != (before := getattr(earlier, name)):
            raise UserError(
                f"calibrate --resume {directory}: {name} was {before} there; only {', '.join(FREE)} may differ"
            )
    remove_leftovers(directory)
    request = replace(earlier, **{name: value for name, value in changes.items() if name in FREE})
    _write(directory, request)
    return request


def _write(directory: Path, request: Request) -> None:
    write_json(directory / REQUEST, {**asdict(request), "model": model_fingerprint()})
