"""The one point of the population that serves where nothing is drawn: a draw of the heaviest structure, chosen by runs.

``python -m benchmarks.serving_point [STRUCTURE | line_of_contact]`` takes the draws of the shipped posterior whose publics
reply as experiments find, simulates them as populations and those nearest to the record again with more and fresh luck, and
prints the nearest of these by path, with the rows that it has inside. Distances are capped, so that a row out of reach does
not decide among the rest. Draws of the line of contact are laid over the population's own serving point.
"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from experiments.calibration.emulator import learned
from experiments.calibration.inference import beyond, observed, per_case_errors
from experiments.calibration.simulation import Plan, simulate_design, wanted
from experiments.calibration.stages import READ_FROM, columns_of
from experiments.design.posterior import POPULATION, VENUE, weighted_draws
from experiments.protocols.asking import ask
from experiments.targets.targets import population, scenario_named

ROUNDS = ((200, 400), (12, 4000))
"""Draws that are looked at, and crises of each, in the two rounds."""
CAP = 3.0
"""Standard errors beyond which a row counts no more."""


def nearest(structure: str | None = None) -> None:
    """Print the chosen draw of a structure, the heaviest unless it is named, or of the line of contact."""
    case = READ_FROM if structure == VENUE else POPULATION
    posterior = weighted_draws(Path("conf/posterior") / f"{VENUE if structure == VENUE else POPULATION}.parquet")
    structure = structure or max(posterior.intervals, key=lambda name: posterior.intervals[name][0])
    rows = np.flatnonzero((posterior.structure == structure) | (structure == VENUE))
    chosen, base = wanted(case), scenario_named(case)
    if structure != VENUE:  # publics that reply as publics in experiments do
        replies = ask(base, {path: values[rows] for path, values in posterior.columns.items()}, len(rows))
        rows = rows[np.all(list(replies.inside.values()), axis=0)]
    draws = [{path: float(values[row]) for path, values in posterior.columns.items()} for row in rows]
    for number, (count, crises) in enumerate(ROUNDS):
        draws = draws[:count]
        plan = Plan(case, crises, population(case).horizon, 64, 77 + number, 1)
        with TemporaryDirectory() as directory:
            nothing = np.zeros((len(draws), 0))
            made = columns_of(simulate_design(Path(directory), base, (), nothing, plan, 2, beneath=draws))
        record = observed(chosen, per_case_errors(chosen, made))
        value = np.column_stack([learned(target.id, made[target.id]) for target in chosen])
        error = record.error + record.half / CAP
        distance = np.nanmean(np.minimum(np.abs(beyond(value, record)) / error, CAP) ** 2, axis=1)
        order = np.argsort(distance, kind="stable")
        draws, made = [draws[place] for place in order], {name: column[order] for name, column in made.items()}
        print(f"{structure}, {crises} crises each: distances {np.sort(distance)[:5].round(2)}")
    for target in chosen:
        inside = target.low <= made[target.id][0] <= target.high
        print(f"{target.id:5} {made[target.id][0]:8.4g}  {target.value:g} ({target.low:g} to {target.high:g}) {inside}")
    for path, setting in draws[0].items():
        print(f"{path}: {setting:.4g}")


if __name__ == "__main__":
    nearest(*sys.argv[1:])
