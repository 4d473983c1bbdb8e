"""Morris screening: which candidates move the targets, so that few are calibrated and the others keep their values."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from experiments.calibration.emulator import learned
from experiments.calibration.inference import Observation, observed, per_case_errors
from experiments.calibration.requests import Request
from experiments.calibration.simulation import wanted
from experiments.calibration.stages import Tell, columns_of, plan_of, simulated
from experiments.design.priors import POPULATION, Table, prior_of, structures, table_of, values_at
from experiments.design.sensitivity import LEVELS, Sampling, unit_sample
from experiments.files import read_table, write_parquet
from experiments.targets.targets import scenario_named

LEAST_COVER = 0.02


class Screening:
    """Which of the candidates move the targets, so that few are fitted and the others keep their values."""

    def __init__(self, directory: Path, request: Request, tell: Tell) -> None:
        self.directory, self.request, self.tell = directory, request, tell

    @cached_property
    def effects(self) -> pl.DataFrame | None:
        """Elementary effects of every candidate by Morris screening, or None where there was no screening."""
        request, candidates, chosen = self.request, prior_of(POPULATION), wanted(POPULATION)
        path = self.directory / "effects.parquet"
        if path.exists():
            return read_table(path)
        if not request.trajectories:
            return None
        self.tell(f"screening {len(candidates)} candidates")
        where = np.clip(unit_sample(_sampling(candidates), request.trajectories, request.seed % 2**31), 0.02, 0.98)
        plan, rows = plan_of(request, request.screening_lanes, 1, shared=True), values_at(candidates, where)
        simulations = simulated(
            self.directory / "screening", scenario_named(POPULATION), candidates, rows, plan, request.workers
        )
        summaries = columns_of(simulations)
        for target in chosen:
            if lost := int(np.isnan(np.asarray(summaries[target.id], float)).sum()):
                self.tell(f"{target.id}: missing at {lost:,} of {len(where):,} points, the median is taken there")
        effects = elementary_effects(candidates, where, summaries, observed(chosen, per_case_errors(chosen, summaries)))
        write_parquet(path, effects.to_arrow())
        return effects

    def table(self, structure: str) -> Table:
        """What is fitted in a structure: all of its own mechanism, and the most influential of what all share."""
        shared = [item.name for item in table_of("none")]
        if self.request.only:
            names = list(self.request.only)
        elif self.effects is not None:
            names = chosen_few(self.effects.filter(pl.col("name").is_in(shared)), self.request.most)
        else:
            names = shared[: self.request.most]
        return tuple(item for item in table_of(structure) if item.name in (*names, *structures()[structure]))


def _sampling(table: Table) -> Sampling:
    return Sampling("morris", tuple(item.name for item in table), ())


def elementary_effects(
    table: Table, where: np.ndarray, summaries: Mapping[str, np.ndarray], observation: Observation
) -> pl.DataFrame:
    """Mean absolute elementary effects, in standard errors of the record, a row a candidate.

    Columns are ``name``, the targets, and ``influence``: the candidate's share of a target's total, averaged over the
    targets that varied, so that none of them counts more than another.
    """
    from SALib.analyze import morris

    effects = {}
    for number, name in enumerate(observation.names):
        value = learned(name, summaries[name])
        filled = np.where(np.isfinite(value), value, np.nanmedian(value))
        analysis = morris.analyze(_sampling(table).problem, where, filled, num_levels=LEVELS, print_to_console=False)
        effects[name] = np.asarray(analysis["mu_star"], float) / observation.error[number]
    moved = [effect / effect.sum() for effect in effects.values() if effect.sum() > 0]
    shares = np.column_stack(moved) if moved else np.zeros((len(table), 1))
    frame = pl.DataFrame({"name": [item.name for item in table], **effects, "influence": shares.mean(axis=1)})
    return frame.sort("influence", descending=True)


def chosen_few(effects: pl.DataFrame, most: int) -> list[str]:
    """The few candidates that together reach every target best, in the order in which they are picked.

    One by one, the candidate is picked that adds most to the sum over targets of the logarithm of the share of
    influence covered so far: the tenth candidate that moves durations adds less than the first that moves deaths.
    """
    targets = [name for name in effects.columns if name not in ("name", "influence")]
    shares = effects.select(pl.col(targets) / pl.col(targets).sum()).fill_nan(0).to_numpy()
    names, covered = effects["name"].to_list(), np.zeros(len(targets))
    picked: list[str] = []
    for _ in range(min(most, len(names))):
        gain = np.log(LEAST_COVER + covered + shares).sum(axis=1)
        gain[[names.index(name) for name in picked]] = -np.inf
        best = int(np.argmax(gain))
        picked.append(names[best])
        covered = covered + shares[best]
    return picked
