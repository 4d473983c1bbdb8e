"""Joint distribution of a bad outcome with and without a policy: crises rescued and harmed under equal luck.

Under shared luck each crisis has its counterpart, so the joint distribution of the two outcomes can be counted. It
depends on how luck is shared, which no observation can settle; the Frechet bounds beside it hold however it is shared.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from experiments.statistics.arms import UNIT, Arm, pairs, shared_keys
from experiments.statistics.intervals import LEVEL, share_interval
from experiments.statistics.metrics import Metric
from experiments.statistics.samples import Sample

CLASSES = {
    "spared": "well either way",
    "rescued": "rescued",
    "harmed": "harmed",
    "lost": "ill either way",
}
"""Class of a matched pair -> words: `rescued` is ill under the baseline alone, `harmed` under the arm alone."""


def joint_table(arm: Arm, baseline: Arm, bad: Metric, level: float = LEVEL) -> pl.DataFrame | None:
    """Count what an arm does to each crisis of the baseline.

    Parameters
    ----------
    arm, baseline : Arm
        Arms whose lanes share luck.
    bad : Metric
        A probability: the outcome one wants to avoid.

    Returns
    -------
    pl.DataFrame or None
        A row a class: `arm, baseline, outcome, class, value, low, high, error, frechet_low, frechet_high, pairs`;
        None where luck is not shared or no lane of one arm has a counterpart.
    """
    if shared_keys(arm, baseline) is None:
        return None
    matched = pairs(arm, baseline, [bad]).drop_nulls()
    if matched.is_empty():
        return None
    with_arm = matched[f"{bad.name}:first"].to_numpy() > 0.5
    without = matched[f"{bad.name}:second"].to_numpy() > 0.5
    units = matched[UNIT].rank("dense").to_numpy().astype(np.int64) - 1
    members = {
        "spared": ~with_arm & ~without,
        "rescued": ~with_arm & without,
        "harmed": with_arm & ~without,
        "lost": with_arm & without,
    }
    bounds = frechet_bounds(float(with_arm.mean()), float(without.mean()))
    rows = []
    for name, member in members.items():
        sample = Sample.of(member.astype(float), units, int(units.max()) + 1)
        low, high = share_interval(sample.mean, sample.trials, level)
        rows.append(
            {
                "arm": arm.name,
                "baseline": baseline.name,
                "outcome": bad.label,
                "class": name,
                "value": sample.mean,
                "low": float(low),
                "high": float(high),
                "error": sample.error,
                "frechet_low": bounds[name][0],
                "frechet_high": bounds[name][1],
                "pairs": len(member),
            }
        )
    return pl.DataFrame(rows)


def frechet_bounds(with_arm: float, without: float) -> dict[str, tuple[float, float]]:
    """Return the smallest and largest share of each class that two margins allow.

    Parameters
    ----------
    with_arm, without : float
        Probability of the bad outcome under the arm and under the baseline, 0-1.
    """

    def both(p: float, q: float) -> tuple[float, float]:
        return max(0.0, p + q - 1), min(p, q)

    return {
        "spared": both(1 - with_arm, 1 - without),
        "rescued": both(1 - with_arm, without),
        "harmed": both(with_arm, 1 - without),
        "lost": both(with_arm, without),
    }
