"""Running the cases: a study each, what is read off it, the record beside it, and what is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import asdict, replace
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.cases.beside import predicted, quantiles, set_beside, summary
from experiments.cases.catalogue import IN_SAMPLE
from experiments.cases.records import Record
from experiments.cases.requests import CODED, Request, horizon_of, record_for
from experiments.cases.telling import lines_of, markdown, silent_lines, write_figures
from experiments.config.compose import Composer, Configuration, composer
from experiments.design.designs import build_design
from experiments.design.posterior import POPULATION, rests_on
from experiments.errors import UserError
from experiments.execution.backends import Processes, worker_pool
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.files import copy_figures, json_value, write_csv, write_json, write_text
from experiments.statistics.intervals import wilson
from experiments.statistics.nested import parameter_interval
from experiments.statistics.vocabulary import EARLY_DAY, HEADLINE_DAY, SEVERITIES, TERMINATIONS
from experiments.study.directory import Study
from experiments.study.identity import model_fingerprint
from experiments.study.location import MANIFEST
from experiments.study.results import Results, load
from experiments.targets.populations import scenario_named
from sim.ladder import CALM_DAYS
from sim.scenario import Scenario

RESULT = "cases.json"
ARMS = ("with", "without")

# -- studies -----------------------------------------------------------------------------------------------------------


def run(request: Request, directory: Path, document: Path | None, workers: int) -> Iterator[str]:
    """Simulate, read and write; yields lines on each case as it is done."""
    cases, samples = [], {}
    with worker_pool(workers) as pool, composer(request.config_dir or None) as opened:
        for name in request.names:
            record = record_for(request, name)
            study = simulated(opened, request, name, horizon_of(request, record), directory, pool)
            case, samples[name] = read(study, name, record)
            cases.append(case)
            yield from lines_of(case, bool(request.record))
            if request.record:
                yield from silent_lines(case)
    scores = summary(cases, samples)
    written = {name: score._asdict() for name, score in scores.items()}
    facts = {"model": model_fingerprint(), "request": asdict(request), "scores": written, "cases": cases}
    write_json(directory / RESULT, json_value(facts))
    write_tables(cases, directory)
    drawn = write_figures(cases, scores, directory / "figures")
    text = markdown(cases, scores, request, f"{datetime.now():%Y-%m-%d}, model {model_fingerprint()}")
    write_text(directory / "cases.md", text)
    if document is not None:
        copy_figures(drawn, document)
        write_text(document, text)


def simulated(
    opened: Composer, request: Request, name: str, horizon: int, directory: Path, pool: Processes | None
) -> Study:
    """The finished study of a case: its own mediators and none, crossed with the draws; completed where it is there."""
    place = directory / "studies" / name
    workers = pool.workers if pool else 1
    if (place / MANIFEST).exists():
        study, options = prepare_resumption(str(place), [], opened, False)
        options = replace(options, pool=pool)
    else:
        configuration = composed(opened, request, name, horizon)
        design = build_design(opened, configuration)
        with redirect_stderr(StringIO()):  # of a posterior of another model the command has told once
            study = Study.create(place, "sweep", configuration, design, True)
        options = ExecutionOptions(workers, pool=pool)
    if run_directory(study, options):
        raise UserError(f"{place}: some crises failed, see failures.parquet there", 1)
    return study


def composed(opened: Composer, request: Request, name: str, horizon: int) -> Configuration:
    """The configuration of a case's study."""
    coded = opened.compose([f"scenario={name}"])
    drawn = request.uncertainty == "posterior" and rests_on(coded.scenario, scenario_named(POPULATION))
    own = str(coded.choices["mediation"])
    arms = [own, "none"]
    if own == "none" or opened.compose([f"scenario={name}", "mediation=none"]).scenario.get("mediation.present"):
        arms = [own]
    few = f":{request.draws}" if request.draws else ""
    total = request.draws * request.crises or CODED
    kind, replicates = (f"posterior{few}", request.crises) if drawn else ("none", total)
    typed = [f"scenario={name}", f"uncertainty={kind}", f"replicates={replicates}", "luck=own", f"seed={request.seed}"]
    typed += [f"horizon_days={horizon}", f"citizens={request.citizens}", "trajectories=false"]
    return opened.compose([*typed, f"++design.choices={{mediation:[{','.join(arms)}]}}"])


# -- reading -----------------------------------------------------------------------------------------------------------


def read(study: Study, name: str, record: Record | None) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """A case as plain values, its record beside it, and the samples of all quantities with the mediators on offer."""
    results, horizon, scenario = load(study.directory), study.settings.horizon_days, study.design.scenarios[0]
    arms = arms_of(results, scenario)
    samples = predicted(arms["with"], horizon)
    case = {
        "case": name,
        "title": scenario.title,
        "horizon": horizon,
        "crises": arms["with"].height,
        "source": source_of(study, results),
        "in_sample": IN_SAMPLE.get(name, ""),
        "mediators_on_offer": bool(scenario.get("mediation.present")),
        **{f"calm_{day}_{arm}": calm_by(arms.get(arm), day, horizon) for day in (14, 60) for arm in ARMS},
        "quantities": {what: quantiles(sample) for what, sample in samples.items()},
        **{
            kind: {label: share(arms["with"], pl.col(kind) == label) for label in labels}
            for kind, labels in (("severity", SEVERITIES), ("termination", TERMINATIONS))
        },
        "record": set_beside(record, samples, horizon) if record is not None else None,
    }
    return case, samples


def arms_of(results: Results, scenario: Scenario) -> dict[str, pl.DataFrame]:
    """Outcomes with the mediators on offer and, where that can be told apart, without any; ``draw`` beside them."""
    design = results.design
    if "draw" not in design.columns:
        design = design.with_columns(draw=pl.lit("0"))
    lanes = results.outcomes.join(design.select("point", "mediation", "draw"), on="point")
    own = design["mediation"][0]
    made = {"with": lanes.filter(pl.col("mediation") == own)}
    if own == "none" and not scenario.get("mediation.present"):
        made["without"] = made["with"]
    elif own != "none":
        made["without"] = lanes.filter(pl.col("mediation") == "none")
    return made


def calm_by(lanes: pl.DataFrame | None, day: int, horizon: int) -> dict[str, float] | None:
    """Share of crises in which a calm has begun by a day; None where the horizon is too short to tell."""
    if lanes is None or horizon < day + CALM_DAYS:
        return None
    return share(lanes, (pl.col("days_to_calm") <= day).fill_null(False))


def share(lanes: pl.DataFrame, happened: pl.Expr) -> dict[str, float]:
    """A share of crises and 95 % of its values over draws, of luck where nothing is drawn."""
    frame = lanes.select("draw", happened.cast(pl.Float64).alias("value"))
    mean = float(frame["value"].mean())  # type: ignore[arg-type]
    if frame["draw"].n_unique() > 1:
        low, high = parameter_interval(frame["draw"].to_numpy(), frame["value"].to_numpy())
    else:
        low, high = (float(end) for end in wilson(mean, frame.height))
    return {"mean": mean, "low": max(low, 0.0), "high": min(high, 1.0)}


def source_of(study: Study, results: Results) -> str:
    """Where the values come from, in words."""
    design = results.design
    if "draw" not in design.columns:
        return "as coded, nothing drawn"
    paths = [name for name in design.columns if "." in name]
    text = f"{design['draw'].n_unique()} draws of the population's posterior, {len(paths)} columns left open"
    if "structure" in design.columns:
        counts = design.unique("draw")["structure"].value_counts(sort=True)
        text += ", structures " + ", ".join(f"{name} {count}" for name, count in counts.iter_rows())
    provisional = "posterior_note" in study.manifest
    return text + (" (fitted with another state of the model, hence provisional)" if provisional else "")


# -- writing -----------------------------------------------------------------------------------------------------------


def write_tables(cases: list[dict[str, Any]], directory: Path) -> None:
    """``cases.csv``, a row a case, and ``records.csv``, a row a case and quantity of its record."""
    rows, beside = [], []
    for case in cases:
        row: dict[str, Any] = {name: case[name] for name in ("case", "horizon", "crises", "source", "in_sample")}
        for name in (f"calm_{day}_{arm}" for day in (EARLY_DAY, HEADLINE_DAY) for arm in ARMS):
            row |= {f"{name}_{part}": (case[name] or {}).get(part) for part in ("mean", "low", "high")}
        for name, levels in case["quantities"].items():
            row |= {f"{name}_{at}": level for at, level in levels.items()}
        for kind in ("severity", "termination"):
            row |= {f"{kind}_{name}": one["mean"] for name, one in case[kind].items()}
        rows.append(row)
        known = case["record"]["known"] if case["record"] else {}
        beside += [{"case": case["case"], "quantity": name, **one} for name, one in known.items()]
    write_csv(directory / "cases.csv", pl.DataFrame(rows, infer_schema_length=None))
    if beside:
        write_csv(directory / "records.csv", pl.DataFrame(beside, infer_schema_length=None))
