"""Running what is tried: each change under the same draws of a posterior and the same luck as nothing changed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import polars as pl

from experiments.calibration import shipping
from experiments.calibration.diagnostics import predictive_table
from experiments.calibration.inference import Observation
from experiments.calibration.simulation import Plan, in_parallel, simulate_scenarios
from experiments.calibration.summaries import AUDIENCE_COST, wanted
from experiments.calibration.tries import TRIES, UNTOUCHED, Try, file_name
from experiments.calibration.tuning import untuned
from experiments.design.hyperparameters import lay_over
from experiments.design.posterior import posterior_rows
from experiments.errors import UserError
from experiments.files import read_table, write_json, write_parquet
from experiments.study.identity import model_fingerprint, require_model
from experiments.study.progress import progress_bar
from experiments.targets.populations import population
from experiments.targets.targets import Target

DRAWS, CRISES, BATCH = 40, 150, 5
STAGE = 4
"""Luck of its own: what is tried is never what the posterior is judged on."""


def try_all(
    directory: Path, scenario: str, draws: int = DRAWS, crises: int = CRISES, workers: int = 2
) -> dict[str, Any]:
    """Run every try of a population that ``directory`` does not hold yet; write and return what they show.

    Parameters
    ----------
    directory : Path
        One Parquet file a try, a row a draw; a directory of an interrupted run is gone on with.
    scenario : str
        A population with a shipped posterior.
    draws, crises : int
        Draws of the posterior, from the first, and crises simulated at each.
    """
    if scenario not in TRIES:
        raise UserError(f"calibrate {scenario} --try: nothing to try; choose from {', '.join(TRIES)}")
    request = json.loads((files("conf") / "posterior" / f"{scenario}.json").read_text(encoding="utf-8"))["request"]
    horizon, seed = population(scenario).horizon, request["seed"] + STAGE
    plan = Plan(scenario, crises, horizon, request["citizens"], seed, BATCH)
    kept = crc32((files("conf") / "posterior" / f"{scenario}.parquet").read_bytes())
    given = {
        "draws": draws,
        "crises": crises,
        "citizens": plan.citizens,
        "seed": plan.seed,
        "posterior": f"{kept:08x}",
        "model": model_fingerprint(),
    }
    _claim(directory, {"scenario": scenario, **given})
    rows = posterior_rows(f"{scenario}:{draws}")
    assert rows is not None  # a posterior was named
    drawn = [
        {path: values[number] for path, values in rows.columns.items() if path != "draw"}
        for number in range(rows.length)
    ]
    with progress_bar(f"{scenario}: tries", draws * (1 + len(TRIES[scenario])), "populations") as bar:
        found = {
            item.name: _simulated(directory, item, drawn, plan, workers, bar.advance)
            for item in (UNTOUCHED, *TRIES[scenario])
        }
    facts = {"format": shipping.FORMAT, "scenario": scenario, **given, "horizon": horizon, **compared(scenario, found)}
    write_json(directory / file_name(scenario), {**facts, "versions": shipping.versions()})
    return facts


def _claim(directory: Path, asked: Mapping[str, Any]) -> None:
    path = directory / "tries.json"
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        require_model(directory, known["model"])
        if {**known, "model": asked["model"]} != asked:
            raise UserError(f"calibrate --resume {directory}: tries of {known} are kept there")
        return
    directory.mkdir(parents=True, exist_ok=True)
    write_json(path, dict(asked))


def _simulated(
    directory: Path, item: Try, drawn: Sequence[Mapping[str, Any]], plan: Plan, workers: int, told: Any
) -> pl.DataFrame:
    path = directory / _kept_as(item)
    if path.exists():
        told(len(drawn))
        return read_table(path)
    parts = []
    for part in in_parallel(
        _batch,
        [(item, drawn[start : start + plan.batch], plan, start) for start in range(0, len(drawn), plan.batch)],
        workers,
    ):
        parts.append(part)
        told(part.height)
    frame = pl.concat(parts).sort("population")
    write_parquet(path, frame.to_arrow())
    return frame


def _kept_as(item: Try) -> str:
    """A file name that changes with what is tried, so that nothing is gone on with that has become something else."""
    what = crc32(json.dumps([dict(item.sets), dict(item.times)], sort_keys=True).encode())
    return f"{re.sub(r'[^a-z0-9]+', '-', item.name)}-{what:08x}.parquet"


def _batch(item: Try, drawn: Sequence[Mapping[str, Any]], plan: Plan, first: int) -> pl.DataFrame:
    base = untuned(plan.scenario)
    scenarios = [lay_over(laid := lay_over(base, row), item.overrides(laid)) for row in drawn]
    numbers = np.arange(first, first + len(scenarios), dtype=np.int32)
    return pl.DataFrame({"population": numbers, **simulate_scenarios(scenarios, plan, first)})


def compared(scenario: str, found: Mapping[str, pl.DataFrame]) -> dict[str, Any]:
    """What each try shows: every target's number, its 95 % interval over the draws, and the change.

    ``change`` is against the untouched population, ``change_error`` its standard error over the draws, which are
    paired. ``inside`` of a try counts the judged targets (those with an interval, ``of`` of them) it meets.
    """
    chosen, tried = wanted(scenario), {item.name: item for item in (UNTOUCHED, *TRIES[scenario])}
    base = untuned(scenario)
    before = {row["id"]: row for row in _targets(chosen, found[UNTOUCHED.name])}
    made = []
    for name, frame in found.items():
        rows = _targets(chosen, frame)
        for row in rows:
            gap = (frame[row["id"]] - found[UNTOUCHED.name][row["id"]]).to_numpy()
            gap = gap[np.isfinite(gap)]
            row["change"] = row["value"] - before[row["id"]]["value"]
            row["change_error"] = float(gap.std(ddof=1) / np.sqrt(len(gap))) if len(gap) > 1 else float("nan")
        made.append(
            {
                "name": name,
                "meaning": tried[name].meaning,
                "aims": list(tried[name].aims),
                "overrides": tried[name].overrides(base),
                "inside": sum(row["inside"] for row in rows if row["judged"]),
                "targets": shipping.plain(pl.DataFrame(rows)),
            }
        )
    return {"of": sum(row["judged"] for row in before.values()), "tries": made}


def _targets(chosen: Sequence[Target], frame: pl.DataFrame) -> list[dict[str, Any]]:
    exact = Observation(tuple(item.id for item in chosen), *(np.zeros(len(chosen)) for _ in range(3)))
    table = predictive_table(chosen, {name: frame[name].to_numpy() for name in frame.columns}, exact)
    kept = table.select(
        "id", "value", "low", "high", "inside", judged=pl.col("has_interval") & (pl.col("id") != AUDIENCE_COST)
    )
    return kept.to_dicts()


def as_text(facts: Mapping[str, Any]) -> str:
    """What was tried as plain lines: a block a try, a line a target; ``*`` where a judged target is missed."""
    lines = []
    for item in facts["tries"]:
        lines.append(f"{item['name']} ({item['meaning']}): {item['inside']} of {facts['of']} inside")
        lines += [
            f"  {'*' if row['judged'] and not row['inside'] else ' '} {row['id']:<4} {row['value']:8.4g}  "
            f"({row['low']:.4g} to {row['high']:.4g})  change {row['change']:+.3g} ± {row['change_error'] or 0:.2g}"
            for row in item["targets"]
        ]
    return "\n".join(lines)
