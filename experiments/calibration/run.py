"""One calibration from request to posterior: fit every structure, weigh them, fit the venue, write the results.

Or, of a posterior that was shipped: predictions simulated again, and the line of contact fitted anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import logsumexp

from experiments.calibration import figures
from experiments.calibration.diagnostics import LEVELS, parameter_table, predictive_table
from experiments.calibration.document import WEIGHTS, plain, renew, ship, short, show
from experiments.calibration.emulator import neural_emulator
from experiments.calibration.inference import observed, per_case_errors
from experiments.calibration.requests import Request
from experiments.calibration.rival import as_text
from experiments.calibration.screening import Screening
from experiments.calibration.simulation import AUDIENCE_COST, simulate_design, wanted
from experiments.calibration.stages import Fit, VenueFit, columns_of, near_the_record, plan_of
from experiments.calibration.weights import recovery, scores
from experiments.design.posterior import STRUCTURE
from experiments.design.priors import POPULATION, VARIES, VENUE, argument_of, settings_of, values_at
from experiments.execution.processes import one_thread
from experiments.figures.style import save
from experiments.files import read_table
from experiments.study.identity import model_fingerprint
from experiments.targets.targets import Target, scenario_named
from sim.scenario import Scenario

AGREEMENT = 1.0
"""Two posteriors agree on a parameter where their means lie within one (mean) standard deviation."""


def calibrate(directory: Path, request: Request, neural: bool, ship_to: Path | None, document: Path | None) -> None:
    """Run or go on with a calibration; write posteriors, tables and figures into ``directory``."""
    with one_thread():
        screening = Screening(directory, request, tell)
        fits = [Fit(directory / name, request, name, screening.table(name), tell) for name in request.structures]
        facts = {fit.structure: findings(fit) for fit in fits}
        for fit in fits if neural else ():
            facts[fit.structure]["neural"] = cross_check(fit)
        weighed = weighing(fits, request)
        mixed = mixed_predictions(fits, weighed, request.seed)
        whole: dict[str, Any] = {"scenario": POPULATION, "request": asdict(request), "model": model_fingerprint()}
        whole |= {**weighed, "fits": facts, **judged(mixed), "rival": beside_a_rival(fits[0].chosen, mixed, weighed)}
        whole["screening"] = plain(screening.effects) if screening.effects is not None else []
    ship((directory, ship_to), POPULATION, mixture(fits), whole)
    for fit in fits:
        _draw(fit, directory / "figures")
    save(figures.weights(whole["structures"], whole["rows"]), directory / "figures", WEIGHTS)
    calibrate_line(directory, request, ship_to, document)


def calibrate_line(directory: Path, request: Request, ship_to: Path | None, document: Path | None) -> None:
    """Run or go on with the fit of the line of contact under the posterior of the population kept in ``directory``."""
    draws = read_table(directory / f"{POPULATION}.parquet")
    weights = json.loads((directory / f"{POPULATION}.json").read_text(encoding="utf-8"))["structures"]
    weight = np.array([weights[name]["weight"] for name in draws["structure"]])
    order = np.random.default_rng(request.seed + 13).permutation(len(draws))  # the last few are a fair sample
    with one_thread():
        venue = VenueFit(directory / VENUE, request, draws[order].drop("structure").to_dicts(), weight[order], tell)
        rows = values_at(venue.table, venue.draws[np.argsort(order)])
        lines = pl.DataFrame([settings_of(venue.table, row, venue.base) for row in rows])
        facts = {"scenario": VENUE, "model": model_fingerprint(), "request": asdict(request), **findings(venue)}
    ship((directory, ship_to), VENUE, lines, facts)
    _draw(venue, directory / "figures")
    if document is not None:
        show(directory / "figures", document)
        renew(document, ship_to or directory)


def predict_again(
    directory: Path, request: Request, population: Path, ship_to: Path | None, document: Path | None
) -> None:
    """Simulate a posterior's predictions with this model, and fit the line of contact under it.

    Draws and weights stay as they were fitted; what they predict and how many rows are inside is written anew.
    For a change of the model that leaves the meaning of what was fitted as it was.
    """
    draws = read_table(population / f"{POPULATION}.parquet")
    facts = json.loads((population / f"{POPULATION}.json").read_text(encoding="utf-8"))
    base, chosen, simulations, shares = scenario_named(POPULATION), wanted(POPULATION), [], []
    with one_thread():
        for number, (name, row) in enumerate(facts["structures"].items()):
            beneath = draws.filter(pl.col(STRUCTURE) == name).drop(STRUCTURE).tail(request.predictive).to_dicts()
            plan, place = plan_of(request, request.fresh, 5 + 1000 * number), directory / f"{name}-again"
            nothing = np.zeros((len(beneath), 0))
            simulations.append(simulate_design(place, base, (), nothing, plan, request.workers, beneath=beneath))
            shares.append(np.full(len(beneath), row["weight"]))
    together, seed = columns_of(pl.concat(simulations)), request.seed % 2**31
    record = observed(chosen, per_case_errors(chosen, together))
    for name, frame in zip(facts["structures"], simulations, strict=True):
        facts["fits"][name] |= judged(predictive_table(chosen, columns_of(frame), record, seed))
    mixed = predictive_table(chosen, together, record, seed, np.concatenate(shares))
    models = {"model": model_fingerprint(), "fitted_under": facts.get("fitted_under", facts["model"])}
    facts |= {**models, **judged(mixed), "rival": beside_a_rival(chosen, mixed, facts)}
    ship((directory, ship_to), POPULATION, draws, facts)
    calibrate_line(directory, request, ship_to, document)


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def weighing(fits: Sequence[Fit], request: Request) -> dict[str, Any]:
    """Weights of the structures with intervals, their scores by source, and how often each is recovered."""
    weighed = scores(fits)
    intervals = weighed.intervals(request.seed)
    return {
        "structures": {
            name: {"weight": short(weight), "low": short(low), "high": short(high)}
            for name, weight, (low, high) in zip(weighed.structures, weighed.weights, intervals, strict=True)
        },
        "scores": plain(weighed.by_source()),
        "rows": [
            {"id": row, "source": source, **dict(zip(weighed.structures, map(short, densities), strict=True))}
            for row, source, densities in zip(weighed.rows, weighed.sources, weighed.log_density, strict=True)
        ],
        "recovery": plain(recovery(fits)),
    }


def mixture(fits: Sequence[Fit]) -> pl.DataFrame:
    """Draws of all structures, equally many of each: a row a draw, ``structure`` and a column a path.

    What a structure lacks stands at its null. Whoever draws from the table gives each structure its weight.
    """
    rows: list[dict[str, Any]] = [
        {STRUCTURE: fit.structure, **settings_of(fit.table, row, fit.base)}
        for fit in fits
        for row in values_at(fit.table, fit.draws)
    ]
    base, paths = scenario_named(POPULATION), dict.fromkeys(path for row in rows for path in row)
    null = {path: _value_in(base, path) for path in paths if path != STRUCTURE}
    return pl.DataFrame([{STRUCTURE: row[STRUCTURE], **null, **row} for row in rows])


def _value_in(scenario: Scenario, path: str) -> Any:
    if not path.startswith(VARIES):
        return scenario.get(path)
    parameter, argument, place = argument_of(path)
    value = scenario.varies[parameter][argument]
    return float(value if place is None else value[place])


def mixed_predictions(fits: Sequence[Fit], weighed: dict[str, Any], seed: int) -> pl.DataFrame:
    """The mixture's predictions of all targets, from the predictive populations of all structures by their weights."""
    shares = np.concatenate(
        [np.full(len(fit.predictive), weighed["structures"][fit.structure]["weight"]) for fit in fits]
    )
    chosen, record = fits[0].chosen, fits[0].likelihood.observation
    columns = [f"{target.id}{part}" for target in chosen for part in ("", "_error", "_cases")]
    together = pl.concat([fit.predictive.select(columns) for fit in fits])
    return predictive_table(chosen, columns_of(together), record, seed % 2**31, shares)


def beside_a_rival(chosen: Sequence[Target], mixed: pl.DataFrame, weighed: dict[str, Any]) -> str:
    """The mixture beside a survival model of four numbers, as Markdown (see :mod:`.rival`)."""
    weight = np.array([row["weight"] for row in weighed["structures"].values()])
    left_out = {
        row["id"]: float(logsumexp([row[name] for name in weighed["structures"]], b=weight)) for row in weighed["rows"]
    }
    return as_text(chosen, mixed, left_out)


def findings(fit: Fit | VenueFit) -> dict[str, Any]:
    """Checks and tables of one fit, as plain values for JSON."""
    checked, emulator = fit.checked, fit.likelihood.emulator
    skills = zip(emulator.names, emulator.skill, strict=True)
    coverage = {str(level): [short(share) for share in shares] for level, shares in checked.coverage().items()}
    ranks = {"data_sets": len(checked.ranks), "histogram": checked.histogram(10).tolist(), "coverage": coverage}
    return {
        "populations": len(fit.populations),
        **judged(fit.predicted),
        "log_evidence": short(fit.log_evidence, 5),
        "parameters": plain(parameter_table(fit.table, fit.draws, checked)),
        "emulators": [{"id": name, "skill": short(skill)} for name, skill in skills],
        "ranks": {**ranks, "levels": list(LEVELS)},
        "correlation": np.round(np.corrcoef(fit.draws.T), 2).tolist(),
    }


def cross_check(fit: Fit) -> dict[str, Any]:
    """Means and spreads of the posterior, and of one by neural networks, within the priors; where both agree.

    All but the emulator stays: where both roads lead to the same means and widths, it did not make them up.
    """
    fit.tell("neural likelihood")
    where, seed = fit.where(fit.populations), fit.request.seed
    emulator = neural_emulator(fit.likelihood.emulator, where, columns_of(fit.populations), seed)
    likelihood = near_the_record(emulator, fit.likelihood.observation, where)
    neural, draws = fit.drawn(likelihood, fit.request.size, 17).positions, fit.draws
    gap = np.abs(neural.mean(axis=0) - draws.mean(axis=0)) / ((neural.std(axis=0) + draws.std(axis=0)) / 2)
    rows = []
    for number, item in enumerate(fit.table):
        ours, theirs = draws[:, number], neural[:, number]
        moments = {"mean": ours.mean(), "sd": ours.std(), "neural_mean": theirs.mean(), "neural_sd": theirs.std()}
        numbers = {name: short(value) for name, value in {**moments, "gap": gap[number]}.items()}
        rows.append({"name": item.name, **numbers})
    agree = int((gap <= AGREEMENT).sum())
    return {"draws": len(neural), "populations": len(where), "agree": agree, "of": len(rows), "parameters": rows}


def judged(predicted: pl.DataFrame) -> dict[str, Any]:
    """The table of targets, with how many rows that have an interval are inside."""
    aims = predicted.filter(pl.col("has_interval") & (pl.col("id") != AUDIENCE_COST))
    return {"inside": int(aims["inside"].sum()), "of": aims.height, "targets": plain(predicted)}


def _draw(fit: Fit | VenueFit, directory: Path) -> None:
    names = [item.name.replace("_", " ") for item in fit.table]
    drawings = {
        "ranks": figures.ranks(names, fit.checked),
        "coverage": figures.coverage(names, fit.checked),
        "predictive": figures.predictive(fit.predicted, fit.likelihood.observation),
        "contraction": figures.contraction(fit.table, fit.draws),
        "pairs": figures.pairs(names, fit.draws),
    }
    for name, drawing in drawings.items():
        save(drawing, directory, f"{fit.structure}_{name}")
