"""A shipped posterior under the model as it is now: predictions simulated again, and the line of contact fitted anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.calibration import shipping
from experiments.calibration.diagnostics import predictive_table
from experiments.calibration.inference import observed, per_case_errors
from experiments.calibration.optional_dependencies import one_thread
from experiments.calibration.requests import Request
from experiments.calibration.run import beside_a_rival, calibrate_line, judged
from experiments.calibration.simulation import simulate_design
from experiments.calibration.stages import columns_of, plan_of
from experiments.calibration.summaries import wanted
from experiments.design.posterior import STRUCTURE
from experiments.design.priors import POPULATION
from experiments.files import read_table
from experiments.study.identity import model_fingerprint
from experiments.targets.populations import scenario_named


def predict_again(
    directory: Path, request: Request, population: Path, ship_to: Path | None = None, document: Path | None = None
) -> Path:
    """Simulate a posterior's predictions with this model, fit the line of contact under it; the path of its draws.

    Draws and weights stay as they were fitted; what they predict and how many rows are inside is written anew.
    For a change of the model that leaves the meaning of what was fitted as it was.
    """
    draws = read_table(population / f"{POPULATION}.parquet")
    facts = json.loads((population / f"{POPULATION}.json").read_text(encoding="utf-8"))
    facts |= _predictions(directory, request, draws, facts)
    for place in (directory, *([ship_to] if ship_to else [])):
        shipping.ship(place, POPULATION, draws, facts)
    return calibrate_line(directory, request, directory, ship_to, document)


def _predictions(directory: Path, request: Request, draws: pl.DataFrame, facts: dict[str, Any]) -> dict[str, Any]:
    """What is told of a posterior's predictions: of each structure and of all by their weights."""
    base, chosen, shown, shares = scenario_named(POPULATION), wanted(POPULATION), [], []
    with one_thread():
        for number, (name, row) in enumerate(facts["structures"].items()):
            last = draws.filter(pl.col(STRUCTURE) == name).drop(STRUCTURE).tail(request.predictive).to_dicts()
            plan = plan_of(request, request.fresh, 5 + 1000 * number)
            nothing = np.zeros((len(last), 0))
            shown.append(
                simulate_design(directory / f"{name}-again", base, (), nothing, plan, request.workers, beneath=last)
            )
            shares.append(np.full(len(last), row["weight"]))
    record, seed = observed(chosen, per_case_errors(chosen, columns_of(pl.concat(shown)))), request.seed % 2**31
    for name, frame in zip(facts["structures"], shown, strict=True):
        facts["fits"][name] |= judged(predictive_table(chosen, columns_of(frame), record, seed))
    mixed = predictive_table(chosen, columns_of(pl.concat(shown)), record, seed, np.concatenate(shares))
    fitted_under = facts.get("fitted_under", facts["model"])
    return {
        "model": model_fingerprint(),
        "fitted_under": fitted_under,
        **judged(mixed),
        "rival": beside_a_rival(chosen, mixed, facts),
    }
