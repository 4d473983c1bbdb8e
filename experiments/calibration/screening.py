"""Morris screening: which candidates move the targets, so that few are calibrated and the others keep their values."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from experiments.calibration.emulator import learned
from experiments.calibration.inference import Observation
from experiments.calibration.requests import NEEDED
from experiments.design.priors import Table
from experiments.design.sensitivity import LEVELS, Sampling, unit_sample
from experiments.errors import need

LEAST_COVER = 0.02


def trajectories(table: Table, count: int, seed: int) -> np.ndarray:
    """Positions of Morris trajectories, ``(count * (candidates + 1), candidates)``."""
    need("SALib", NEEDED.format("SALib"))
    return np.clip(unit_sample(_sampling(table), count, seed), 0.02, 0.98)


def _sampling(table: Table) -> Sampling:
    return Sampling("morris", tuple(item.name for item in table), ())


def elementary_effects(
    table: Table, where: np.ndarray, summaries: Mapping[str, np.ndarray], observation: Observation
) -> pl.DataFrame:
    """Mean absolute elementary effects, in standard errors of the record.

    Returns
    -------
    pl.DataFrame
        A row a candidate: ``name``, a column a target, and ``influence``: the candidate's share of a target's total,
        averaged over the targets that varied, so that none of them counts more than another.
    """
    need("SALib", NEEDED.format("SALib"))
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
    """The few candidates that together reach every target best, in the order in which they are taken.

    One by one, the candidate is taken that adds most to the sum over targets of the logarithm of the share of
    influence covered so far: the tenth candidate that moves durations adds less than the first that moves deaths.
    """
    targets = [name for name in effects.columns if name not in ("name", "influence")]
    shares = effects.select(pl.col(targets) / pl.col(targets).sum()).fill_nan(0).to_numpy()
    names, covered = effects["name"].to_list(), np.zeros(len(targets))
    taken: list[str] = []
    for _ in range(min(most, len(names))):
        gain = np.log(LEAST_COVER + covered + shares).sum(axis=1)
        gain[[names.index(name) for name in taken]] = -np.inf
        best = int(np.argmax(gain))
        taken.append(names[best])
        covered = covered + shares[best]
    return taken
