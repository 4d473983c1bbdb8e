"""Running the cases: a study each, what is read off it, the record beside it, and what is printed, drawn and written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from dataclasses import asdict, replace
from datetime import datetime
from io import StringIO
from math import inf
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from experiments.cases.beside import BINS, HEADLINES, QUANTILES, WORDS, Score, predicted, quantiles, set_beside, summary
from experiments.cases.records import Known, Record
from experiments.cases.requests import CODED, FULL, IN_SAMPLE, Request, horizon_of, record_for
from experiments.cases.requests import cases as all_cases
from experiments.config.compose import Composer, Configuration, composer
from experiments.design.designs import build_design
from experiments.design.posterior import POPULATION, STRUCTURE, rests_on
from experiments.errors import UserError
from experiments.execution.backends import Processes, worker_pool
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.figures.predictive import Panel, Row, ranks, records_beside
from experiments.figures.style import NOTES, save
from experiments.files import copy_figures, json_value, write_csv, write_json, write_text
from experiments.statistics.intervals import wilson
from experiments.statistics.random_effects import parameter_interval
from experiments.statistics.vocabulary import CALM, CATEGORIES, EARLY_DAY, HEADLINE_DAY, LIMITED_WAR_OR_WORSE
from experiments.study.directory import Study
from experiments.study.identity import model_fingerprint
from experiments.study.location import MANIFEST
from experiments.study.results import Results, load
from experiments.targets.targets import scenario_named
from experiments.text import render
from sim.ladder import CALM_DAYS
from sim.scenario import Scenario

RESULT = "cases.json"
ARMS = ("with", "without")
Case = Mapping[str, Any]
LATER = "later"
TITLE = "Coded cases: what the model expects, and the record"
RANKS_TITLE = "Where the records lie in their predictive distributions"
UNITS = {"days_heavy": "days", "days_to_calm": "day it began", "deaths": "both sides (logarithmic)"}

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
    path = directory / "studies" / name
    if (path / MANIFEST).exists():
        study, options = prepare_resumption(str(path), [], opened, False)
        options = replace(options, pool=pool)
    else:
        configuration = composed(opened, request, name, horizon)
        design = build_design(opened, configuration)
        with redirect_stderr(StringIO()):  # of a posterior of another model the command has told once
            study = Study.create(path, "sweep", configuration, design, True)
        options = ExecutionOptions(pool.workers if pool else 1, pool=pool)
    if run_directory(study, options):
        raise UserError(f"{path}: some crises failed, see failures.parquet there", 1)
    return study


def composed(opened: Composer, request: Request, name: str, horizon: int) -> Configuration:
    """The configuration of a case's study."""
    coded = opened.compose([f"scenario={name}"])
    drawn = request.uncertainty == "posterior" and rests_on(coded.scenario, scenario_named(POPULATION))
    mediation = str(coded.choices["mediation"])
    arms = [mediation]
    if mediation != "none":
        without = opened.compose([f"scenario={name}", "mediation=none"]).scenario
        arms += [] if without.get("mediation.present") else ["none"]
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
        **{
            f"calm_{day}_{arm}": calm_by(arms.get(arm), day, horizon)
            for day in (EARLY_DAY, HEADLINE_DAY)
            for arm in ARMS
        },
        "quantities": {what: quantiles(sample) for what, sample in samples.items()},
        **{
            kind: {label: chance(arms["with"], pl.col(kind) == label) for label in labels}
            for kind, labels in CATEGORIES.items()
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
    mediation = design["mediation"][0]
    arms = {"with": lanes.filter(pl.col("mediation") == mediation)}
    if mediation != "none":
        arms["without"] = lanes.filter(pl.col("mediation") == "none")
    elif not scenario.get("mediation.present"):
        arms["without"] = arms["with"]
    return arms


def calm_by(lanes: pl.DataFrame | None, day: int, horizon: int) -> dict[str, float] | None:
    """Share of crises in which a calm has begun by a day; None where the horizon is too short to tell."""
    if lanes is None or horizon < day + CALM_DAYS:
        return None
    return chance(lanes, (pl.col("days_to_calm") <= day).fill_null(False))


def chance(lanes: pl.DataFrame, happened: pl.Expr) -> dict[str, float]:
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
    if STRUCTURE in design.columns:
        counts = design.unique("draw")[STRUCTURE].value_counts().sort("count", STRUCTURE, descending=[True, False])
        text += ", structures " + ", ".join(f"{name} {count}" for name, count in counts.iter_rows())
    provisional = "posterior_note" in study.manifest
    return text + (" (fitted with another state of the model, hence provisional)" if provisional else "")


# -- telling -----------------------------------------------------------------------------------------------------------


def lines_of(case: Case, everything: bool = False) -> Iterator[str]:
    """Lines for standard output: what the model expects, and where the record lies; of all quantities, or the first."""
    expected = case["quantities"]
    worse = sum(case["severity"][name]["mean"] for name in LIMITED_WAR_OR_WORSE)
    note = "  [in sample]" if case["in_sample"] else ""
    headlines = "; ".join(f"{WORDS[name]} {middle(expected[name])}" for name in HEADLINES)
    yield (
        f"{case['case']:<14} P(calm by day 60 | no mediator) {share(case['calm_60_without'])}; {headlines}; limited war or "
        f"worse {worse:.2f}{note}"
    )
    for name, row in known_of_record(case).items():
        if everything or name in HEADLINES:
            yield f"  {WORDS[name]}: record {number(row)}, model {middle(expected[name])}, {place(row)}"
    if ended := (case["record"] or {}).get("termination"):
        yield f"  ended: record {CATEGORIES['termination'][ended]}, model {share(case['termination'][ended])}"


def silent_lines(case: Case) -> Iterator[str]:
    """What a record does not say, a line each; then what its source is known not to hold."""
    for name, why in case["record"]["silent"].items():
        yield f"  {WORDS[name]}: null ({why})"
    yield from (f"  {note}" for note in case["record"]["notes"])


def share(known: Mapping[str, float] | None) -> str:
    """A share with its interval over draws of what is not known."""
    return "not told" if known is None else f"{known['mean']:.2f} ({known['low']:.2f} to {known['high']:.2f})"


def middle(quantiles: Mapping[str, float | None]) -> str:
    """Median and the middle nine tenths; ``later`` lies beyond the horizon."""
    half, low, high = (LATER if (level := quantiles[at]) is None else _short(level) for at in ("50", "5", "95"))
    return f"{half} ({low} to {high})"


def number(row: Mapping[str, Any]) -> str:
    """What a record says of a quantity: a number, a range, or a bound."""
    if row["never"]:
        return LATER
    low, high = (None if end is None else _short(end) for end in (row["low"], row["high"]))
    if row["value"] is None:
        return f"{low} to {high}" if row["bounded"] else f"{low} or more" if low is not None else f"{high} or less"
    alone = _short(row["value"])
    return alone if {low, high} <= {alone, None} else f"{alone} ({low or alone} to {high or LATER})"


def place(row: Mapping[str, Any]) -> str:
    """The percentile of a record in words."""
    if not row["bounded"]:
        return f"above {row['below']:.0%} of crises at the least" if row["low"] is not None else "bounded from above"
    return f"percentile {100 * row['percentile']:.0f} ({100 * row['below']:.0f} to {100 * row['up_to']:.0f})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or float(value).is_integer() else f"{value:.1f}"


def known_of_record(case: Case) -> Mapping[str, Any]:
    """What the record of a case says, by quantity; nothing where there is none."""
    return case["record"]["known"] if case["record"] else {}


def markdown(cases: Sequence[Case], scores: Mapping[str, Score], request: Request, made: str) -> str:
    """The document of all cases; ``made`` says when, and by which model."""
    bounded = [case for case in cases if any(known_of_record(case).get(name, {}).get("bounded") for name in HEADLINES)]
    values = {"cases": cases, "scores": scores, "request": request, "made": made, "command": command_of(request)}
    values |= {"calm": CALM, "words": WORDS, "terminations": CATEGORIES["termination"], "headlines": HEADLINES}
    values |= {"bins": BINS, "share": share, "middle": middle, "number": number, "place": place}
    out_of_sample = [f"`{case['case']}`" for case in bounded if not case["in_sample"]]
    return render("experiments.cases", "cases.md.j2", out_of_sample=out_of_sample, **values)


def command_of(request: Request) -> str:
    """The command that makes the same again."""
    words = ["offramp cases", *([] if list(request.names) == all_cases() else request.names)]
    words += ["--defaults"] * (request.uncertainty == "none")
    words += [
        f"--{name.replace('_', '-')} {value}"
        for name in ("draws", "crises", "citizens", "horizon", "config_dir", "record", "sides", "begin", "until")
        if (value := getattr(request, name)) != getattr(FULL, name)
    ]
    return " ".join(words)


def write_figures(cases: Sequence[Mapping[str, Any]], scores: Mapping[str, Score], directory: Path) -> list[Path]:
    """Draw the cases and, where there is any record to rank, the ranks into a directory; return the paths."""
    names = [case["case"] + (" *" if case["in_sample"] else "") for case in cases]
    drawn = records_beside(names, [panel_of(name, cases) for name in HEADLINES], TITLE, NOTES["cases"])
    paths = save(drawn, directory, "cases")
    if any(score.ranked for score in scores.values()):
        histograms = {WORDS[name]: score.histogram for name, score in scores.items()}
        numbers = {WORDS[name]: score.ranked for name, score in scores.items()}
        paths += save(ranks(histograms, numbers, RANKS_TITLE, NOTES["case_ranks"]), directory, "ranks")
    return paths


def panel_of(name: str, cases: Sequence[Mapping[str, Any]]) -> Panel:
    """One quantity of all cases."""
    rows = []
    for case in cases:
        at = tuple(case["quantities"][name][str(level)] for level in QUANTILES)
        known = known_of_record(case).get(name)
        if known is None:
            rows.append(Row(at))
        elif known["never"]:
            rows.append(Row(at, inf, inf, inf))
        else:
            rows.append(Row(at, known["value"], *Known(known["value"], known["low"], known["high"]).span))
    days = name != "deaths"
    horizon = float(max(case["horizon"] for case in cases)) if days else None
    return Panel(WORDS[name], UNITS[name], tuple(rows), horizon, not days)


def write_tables(cases: list[dict[str, Any]], directory: Path) -> None:
    """``cases.csv``, a row a case, and ``records.csv``, a row a case and quantity of its record."""
    rows, beside = [], []
    for case in cases:
        row: dict[str, Any] = {name: case[name] for name in ("case", "horizon", "crises", "source", "in_sample")}
        for name in (f"calm_{day}_{arm}" for day in (EARLY_DAY, HEADLINE_DAY) for arm in ARMS):
            row |= {f"{name}_{part}": (case[name] or {}).get(part) for part in ("mean", "low", "high")}
        for name, levels in case["quantities"].items():
            row |= {f"{name}_{at}": level for at, level in levels.items()}
        for kind in CATEGORIES:
            row |= {f"{kind}_{name}": share["mean"] for name, share in case[kind].items()}
        rows.append(row)
        beside += [{"case": case["case"], "quantity": name, **known} for name, known in known_of_record(case).items()]
    write_csv(directory / "cases.csv", pl.DataFrame(rows, infer_schema_length=None))
    if beside:
        write_csv(directory / "records.csv", pl.DataFrame(beside, infer_schema_length=None))
