"""Whether the baseline still meets its targets once parameters that calibration kept fixed are drawn, too."""

from __future__ import annotations

import polars as pl

from experiments.calibration.diagnostics import predictive_table
from experiments.calibration.inference import observed, per_case_errors
from experiments.calibration.simulation import Plan, simulate_scenarios
from experiments.calibration.summaries import wanted
from experiments.claims.arms import Bench
from experiments.claims.depth.common import BASELINE
from experiments.claims.depth.telling import table
from experiments.claims.uncertainty import POSTERIOR, draws, posterior_file
from experiments.design.hyperparameters import lay_over
from experiments.files import read_table
from experiments.targets.populations import population, scenario_named

CRISES = 8
"""How many times more crises a draw than other answers take: a share of rare wars is read off them."""
BATCH = 2000


def fixed_parameters(bench: Bench) -> str:
    """The baseline's targets under the draws that judge, beside draws of what was fitted alone."""
    base, effort = scenario_named(BASELINE), bench.effort
    drawn = draws(POSTERIOR, base, BASELINE, effort.draws)
    shipped = posterior_file(BASELINE)
    fitted = set(read_table(shipped).columns) if shipped else set()
    looks = {
        "fitted alone": {path: values for path, values in drawn.columns.items() if path in fitted},
        "and the rest": drawn.columns,
    }
    found = {name: _predicted(bench, columns) for name, columns in looks.items()}
    rows = []
    for alone, with_ in zip(*(one.iter_rows(named=True) for one in found.values()), strict=True):
        aim = f"{alone['record_low']:g} to {alone['record_high']:g}"
        rows.append((alone["id"], alone["statistic"], aim, _span(alone), _span(with_)))
    inside = int(found["and the rest"]["inside"].sum())
    return "\n\n".join(
        [
            f"Only {len(fitted)} parameters were fitted. Hawkishness, the charge for weakness, the allies' reckoning and "
            f"others ({len(drawn.columns) - len(fitted)} in all) were held still then and are drawn from their ranges when "
            "claims are judged: a cut, not a joint posterior. If that spoiled the fit, verdicts would rest on crises "
            f"unlike the one that was fitted. {inside} of {len(rows)} targets are met with everything drawn:",
            table(("target", "what", "wanted", "what was fitted drawn", "everything drawn"), rows).rstrip(),
            f"Means over {effort.draws} draws of {effort.crises * CRISES} crises; brackets hold 95 % of draws.",
        ]
    )


def _predicted(bench: Bench, columns: dict) -> pl.DataFrame:
    effort, base = bench.effort, scenario_named(BASELINE)
    lanes = effort.crises * CRISES
    plan = Plan(BASELINE, lanes, population(BASELINE).horizon, effort.citizens, effort.seed)
    chosen, parts, step = wanted(BASELINE), [], max(1, BATCH // lanes)
    for first in range(0, effort.draws, step):
        scenarios = [
            lay_over(base, {path: values[draw] for path, values in columns.items()})
            for draw in range(first, min(first + step, effort.draws))
        ]
        parts.append(pl.DataFrame(simulate_scenarios(scenarios, plan, first)))
    whole = pl.concat(parts)
    summaries = {name: whole[name].to_numpy() for name in whole.columns}
    return predictive_table(chosen, summaries, observed(chosen, per_case_errors(chosen, summaries)))


def _span(row: dict) -> str:
    mark = "" if row["inside"] else " **outside**"
    return f"{row['value']:.3g} [{row['low']:.3g}, {row['high']:.3g}]{mark}"
