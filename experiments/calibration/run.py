"""One calibration from request to posterior: claim or reopen the directory, run the stages, write what they found."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.calibration import shipping
from experiments.calibration.candidates import TABLES
from experiments.calibration.diagnostics import LEVELS, parameter_table
from experiments.calibration.fitted import write_fitted
from experiments.calibration.optional_dependencies import one_thread
from experiments.calibration.stages import Calibration, Request, as_plain
from experiments.config.overrides import nearest_name
from experiments.errors import UserError
from experiments.files import read_table, remove_leftovers, write_json
from experiments.study.identity import model_fingerprint, require_model

REQUEST = "request.json"
FREE = ("workers", "points", "predictive")
"""What may differ when a calibration is resumed: with more points another wave is simulated."""


def calibrate(
    directory: Path,
    request: Request,
    neural: bool = False,
    ship_to: Path | None = None,
    document: Path | None = None,
    fitted: Path | None = None,
) -> Calibration:
    """Run or go on with a calibration; write its posterior, tables and figures into ``directory``."""
    work = Calibration(directory, request, lambda text: print(text, file=sys.stderr, flush=True))
    with one_thread():
        facts = findings(work)
        if neural:
            from experiments.calibration.neural import compared

            facts["neural"] = compared(work)
    draws = shipping.draws_by_path(work.base, work.table, work.draws)
    if not neural:
        facts |= _checked_before(directory, request.scenario, draws)
    shipping.ship(directory, request.scenario, draws, facts)
    _draw(work, facts, directory / "figures")
    if ship_to is not None:
        shipping.ship(ship_to, request.scenario, draws, facts)
    if fitted is not None:
        for other in write_fitted(work, fitted):
            work.tell(f"to be set in the file of its own group: {other}")
    if document is not None:
        from experiments.calibration.document import renew, show

        show(directory / "figures", request.scenario, document)
        renew(document, ship_to or directory)
    return work


def _checked_before(directory: Path, name: str, draws: pl.DataFrame) -> dict[str, object]:
    """The neural cross-check of an earlier run in this directory, where it was one of the same draws."""
    kept, facts = directory / f"{name}.parquet", directory / f"{name}.json"
    if not (kept.exists() and facts.exists()) or not read_table(kept).equals(draws):
        return {}
    found = json.loads(facts.read_text(encoding="utf-8"))
    return {"neural": found["neural"]} if "neural" in found else {}


def findings(work: Calibration) -> dict[str, Any]:
    """Everything worth telling beside the draws, as plain values."""
    checked, predicted = work.checked, work.predicted
    parameters = parameter_table(work.table, work.draws, checked)
    emulator = work.emulator
    aims = (
        predicted.filter(pl.col("has_interval") & (pl.col("id") != "B1"))
        if work.request.scenario == "dispute_population"
        else predicted
    )
    coverage = {str(level): [float(f"{x:.3g}") for x in found] for level, found in checked.coverage().items()}
    return {
        "scenario": work.request.scenario,
        "request": as_plain(work.request),
        "populations": len(work.populations),
        "first_wave": len(work.first_wave),
        "inside": int(aims["inside"].sum()),
        "of": aims.height,
        "parameters": shipping.plain(parameters),
        "targets": shipping.plain(predicted),
        "emulators": [
            {"id": name, "kind": kind, "skill": float(f"{skill:.3g}")}
            for name, kind, skill in zip(emulator.names, emulator.chosen, emulator.skill, strict=True)
        ],
        "ranks": {
            "data_sets": len(checked.ranks),
            "histogram": checked.histogram(10).tolist(),
            "coverage": coverage,
            "levels": list(LEVELS),
        },
        "screening": shipping.plain(work.effects) if work.effects is not None else [],
        "model": model_fingerprint(),
        "correlation": np.round(np.corrcoef(work.draws.T), 2).tolist(),
    }


def claimed(directory: Path, request: Request) -> Request:
    """Make the directory of a new calibration and note the request there; UserError where something is wrong."""
    known = [item.name for item in TABLES[request.scenario]]
    unknown = [name for name in request.only if name not in known]
    if unknown:
        raise UserError(
            f"calibrate --only {unknown[0]}: no such candidate{nearest_name(unknown[0], known)}; candidates "
            f"are {', '.join(known)}"
        )
    try:
        directory.mkdir(parents=True)
    except FileExistsError:
        raise UserError(f"calibrate --output {directory}: exists; use --resume to go on with it") from None
    _keep(directory, request)
    return request


def reopened(directory: Path, scenario: str, asked: Mapping[str, Any]) -> Request:
    """The request of an earlier calibration, with what may change; UserError where anything else is asked for."""
    path = directory / REQUEST
    if not path.exists():
        raise UserError(f"calibrate --resume {directory}: no calibration there")
    kept = json.loads(path.read_text(encoding="utf-8"))
    model = kept.pop("model", None)
    if model is None:
        print(f"{directory}: does not name the model it was begun with; gone on with this one", file=sys.stderr)
    else:
        require_model(directory, model)
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
    known = Request(**values)
    differing = [name for name, value in asked.items() if name not in FREE and value != getattr(known, name)]
    if known.scenario != scenario or differing:
        what = differing[0] if differing else "scenario"
        raise UserError(
            f"calibrate --resume {directory}: {what} was {getattr(known, what)} there; only {', '.join(FREE)} may "
            "differ"
        )
    remove_leftovers(directory)
    made = replace(known, **{name: value for name, value in asked.items() if name in FREE})
    _keep(directory, made)
    return made


def _keep(directory: Path, request: Request) -> None:
    write_json(directory / REQUEST, {**as_plain(request), "model": model_fingerprint()})


def _draw(work: Calibration, facts: dict[str, object], directory: Path) -> None:
    from experiments.calibration import figures
    from experiments.figures.style import save

    names = [item.name.replace("_", " ") for item in work.table]
    drawings = {
        "ranks": figures.ranks(names, work.checked),
        "coverage": figures.coverage(names, work.checked),
        "predictive": figures.predictive(work.predicted, work.observation),
        "contraction": figures.contraction(work.table, work.draws),
        "pairs": figures.pairs(names, work.draws),
    }
    for name, drawing in drawings.items():
        save(drawing, directory, f"{work.request.scenario}_{name}")
