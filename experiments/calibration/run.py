"""One calibration from request to posterior: fit every structure, weigh them, fit the venue, write the results.

Or, of a posterior that was shipped: predictions simulated again, and the line of contact fitted anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import logsumexp

from experiments.calibration import figures, shipping
from experiments.calibration.diagnostics import LEVELS, parameter_table, predictive_table
from experiments.calibration.document import WEIGHTS, renew, show
from experiments.calibration.inference import observed, per_case_errors
from experiments.calibration.neural import compared
from experiments.calibration.requests import NEEDED, Request
from experiments.calibration.rival import as_text
from experiments.calibration.shipping import short
from experiments.calibration.simulation import simulate_design
from experiments.calibration.stages import Fit, Screening, columns_of, plan_of
from experiments.calibration.summaries import AUDIENCE_COST, wanted
from experiments.calibration.venue import VenueFit
from experiments.calibration.weights import recovery, scores
from experiments.design.posterior import STRUCTURE
from experiments.design.priors import POPULATION, VENUE, argument_of, settings_of, values_at
from experiments.errors import need
from experiments.figures.style import save
from experiments.files import read_table
from experiments.study.identity import model_fingerprint
from experiments.targets.populations import scenario_named
from experiments.targets.targets import Target


def calibrate(directory: Path, request: Request, neural: bool, ship_to: Path | None, document: Path | None) -> None:
    """Run or go on with a calibration; write posteriors, tables and figures into ``directory``."""
    with one_thread():
        screening = Screening(directory, request, tell)
        fits = [Fit(directory / name, request, name, screening.table(name), tell) for name in request.structures]
        facts = {fit.structure: findings(fit) for fit in fits}
        for fit in fits if neural else ():
            facts[fit.structure]["neural"] = compared(fit)
        weighed = weighing(fits, request)
        draws = mixture(fits)
        mixed = mixed_predictions(fits, weighed, request.seed)
        whole = {
            "scenario": POPULATION,
            "request": asdict(request),
            "model": model_fingerprint(),
            **weighed,
            "fits": facts,
            **judged(mixed),
            "rival": beside_a_rival(fits[0].chosen, mixed, weighed),
            "screening": shipping.plain(screening.effects) if screening.effects is not None else [],
        }
    for place in filter(None, (directory, ship_to)):
        shipping.ship(place, POPULATION, draws, whole)
    for fitted in fits:
        _draw(fitted, directory / "figures")
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
        lines = shipping.draws_by_path(venue.base, venue.table, venue.draws[np.argsort(order)])
        facts = {"scenario": VENUE, "model": model_fingerprint(), "request": asdict(request), **findings(venue)}
    for place in filter(None, (directory, ship_to)):
        shipping.ship(place, VENUE, lines, facts)
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
    facts |= _predicted_again(directory, request, draws, facts)
    for place in filter(None, (directory, ship_to)):
        shipping.ship(place, POPULATION, draws, facts)
    calibrate_line(directory, request, ship_to, document)


def _predicted_again(directory: Path, request: Request, draws: pl.DataFrame, facts: dict[str, Any]) -> dict[str, Any]:
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
    made = {"model": model_fingerprint(), "fitted_under": facts.get("fitted_under", facts["model"])}
    return {**made, **judged(mixed), "rival": beside_a_rival(chosen, mixed, facts)}


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: many small problems are slower, and less repeatable, with more."""
    need("sklearn", NEEDED.format("scikit-learn"))
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1):
        yield


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
        "scores": shipping.plain(weighed.by_source()),
        "rows": [
            {"id": row, "source": source, **dict(zip(weighed.structures, map(short, densities), strict=True))}
            for row, source, densities in zip(weighed.rows, weighed.sources, weighed.log_density, strict=True)
        ],
        "recovery": shipping.plain(recovery(fits)),
    }


def mixture(fits: Sequence[Fit]) -> pl.DataFrame:
    """Draws of all structures, equally many of each: a row a draw, ``structure`` and a column a path.

    What a structure lacks stands at its null. Whoever draws from the table gives each structure its weight.
    """
    rows: list[dict[str, Any]] = []
    for fit in fits:
        made = [settings_of(fit.table, row, fit.base) for row in values_at(fit.table, fit.draws)]
        rows += [{"structure": fit.structure, **settings} for settings in made]
    paths = dict.fromkeys(path for row in rows for path in row)
    base = scenario_named(POPULATION)
    null = {
        path: _argument(base, path) if path.startswith("varies.") else base.get(path)
        for path in paths
        if path != "structure"
    }
    return pl.DataFrame([{"structure": row["structure"], **null, **row} for row in rows])


def _argument(scenario: Any, path: str) -> float:
    parameter, argument, place = argument_of(path)
    value = scenario.varies[parameter][argument]
    return float(value if place is None else value[place])


def mixed_predictions(fits: Sequence[Fit], weighed: dict[str, Any], seed: int) -> pl.DataFrame:
    """The mixture's predictions of all targets, from the predictive populations of all structures by their weights."""
    shares = np.concatenate(
        [np.full(len(fit.predictive), weighed["structures"][fit.structure]["weight"]) for fit in fits]
    )
    first = fits[0]
    columns = [f"{target.id}{part}" for target in first.chosen for part in ("", "_error", "_cases")]
    together = pl.concat([fit.predictive.select(columns) for fit in fits])
    return predictive_table(first.chosen, columns_of(together), first.observation, seed % 2**31, shares)


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
    coverage = {str(level): [short(share) for share in shares] for level, shares in checked.coverage().items()}
    return {
        "populations": len(fit.populations),
        **judged(fit.predicted),
        "log_evidence": short(fit.log_evidence, 5),
        "parameters": shipping.plain(parameter_table(fit.table, fit.draws, checked)),
        "emulators": [
            {"id": name, "skill": short(skill)} for name, skill in zip(emulator.names, emulator.skill, strict=True)
        ],
        "ranks": {
            "data_sets": len(checked.ranks),
            "histogram": checked.histogram(10).tolist(),
            "coverage": coverage,
            "levels": list(LEVELS),
        },
        "correlation": np.round(np.corrcoef(fit.draws.T), 2).tolist(),
    }


def judged(predicted: pl.DataFrame) -> dict[str, Any]:
    """The table of targets, with how many rows that have an interval are inside."""
    aims = predicted.filter(pl.col("has_interval") & (pl.col("id") != AUDIENCE_COST))
    return {"inside": int(aims["inside"].sum()), "of": aims.height, "targets": shipping.plain(predicted)}


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
