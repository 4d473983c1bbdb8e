"""Whether the baseline still meets its targets once what calibration held fixed is drawn, too."""

from __future__ import annotations

import polars as pl

from experiments.calibration.diagnostics import predictive_table
from experiments.calibration.inference import observed, per_case_errors
from experiments.calibration.simulation import Plan, simulate_scenarios
from experiments.calibration.summaries import wanted
from experiments.claims.arms import SampleSize
from experiments.claims.depth.baseline import BASELINE
from experiments.claims.depth.section import table
from experiments.claims.store import ArmStore
from experiments.claims.uncertainty import POSTERIOR, Columns, draws
from experiments.design.hyperparameters import lay_over
from experiments.targets.populations import population, scenario_named

CRISES = 8
"""How many times more crises a draw than other answers take: a share of rare wars is read off them."""
BATCH = 2000


def fixed_parameters(store: ArmStore) -> str:
    """The baseline's targets under the draws that judge, beside draws of what was fitted alone."""
    size, draw = store.size, draws(POSTERIOR, scenario_named(BASELINE), BASELINE, store.size.draws)
    drawn, fitted = {**draw.columns, **draw.varied}, draw.fitted
    alone = _predicted(size, {path: values for path, values in drawn.items() if path in fitted})
    with_rest = _predicted(size, drawn)
    rows = [
        (row["id"], row["statistic"], f"{row['record_low']:g} to {row['record_high']:g}", _span(row), _span(both))
        for row, both in zip(alone.iter_rows(named=True), with_rest.iter_rows(named=True), strict=True)
    ]
    return "\n\n".join(
        [
            f"Only {len(fitted)} parameters were fitted. Hawkishness, the charge for weakness, the allies' reckoning and "
            f"others ({len(drawn) - len(fitted)} in all) were held fixed then and are drawn from their ranges when claims "
            "are judged: a cut, not a joint posterior. If that spoiled the fit, verdicts would rest on crises unlike the "
            f"one that was fitted. {int(with_rest['inside'].sum())} of {len(rows)} targets are met with everything drawn:",
            table(("target", "what", "wanted", "what was fitted drawn", "everything drawn"), rows).rstrip(),
            f"Means over {size.draws} draws of {size.crises * CRISES} crises; brackets hold 95 % of draws.",
        ]
    )


def _predicted(size: SampleSize, columns: Columns) -> pl.DataFrame:
    """What draws predict of the baseline's targets, a row a target."""
    base, lanes = scenario_named(BASELINE), size.crises * CRISES
    plan = Plan(BASELINE, lanes, population(BASELINE).horizon, size.citizens, size.seed)
    step = max(1, BATCH // lanes)
    parts = []
    for first in range(0, size.draws, step):
        batch = range(first, min(first + step, size.draws))
        scenarios = [lay_over(base, {path: values[draw] for path, values in columns.items()}) for draw in batch]
        parts.append(pl.DataFrame(simulate_scenarios(scenarios, plan, first)))
    whole, targets = pl.concat(parts), wanted(BASELINE)
    summaries = {name: whole[name].to_numpy() for name in whole.columns}
    return predictive_table(targets, summaries, observed(targets, per_case_errors(targets, summaries)))


def _span(row: dict) -> str:
    mark = "" if row["inside"] else " **outside**"
    return f"{row['value']:.3g} [{row['low']:.3g}, {row['high']:.3g}]{mark}"
