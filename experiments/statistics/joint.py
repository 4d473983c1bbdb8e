"""Joint distribution of a bad outcome with and without a policy: crises rescued and harmed under equal luck.

Under shared luck each crisis has its counterpart, so the joint distribution of the two outcomes can be counted. It
depends on how luck is shared, which no observation can settle; the Frechet bounds beside it hold however it is shared.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from experiments.statistics.arms import UNIT, Arm, Sample, pairs, shared_keys
from experiments.statistics.intervals import share_interval
from experiments.statistics.metrics import Metric

CLASSES = {
    "spared": "well either way",
    "rescued": "rescued",
    "harmed": "harmed",
    "lost": "ill either way",
}
"""Class of a matched pair -> words: `rescued` is ill under the baseline alone, `harmed` under the arm alone."""
_ILL = {"spared": (False, False), "rescued": (False, True), "harmed": (True, False), "lost": (True, True)}
"""Class of a matched pair -> whether it is ill under the arm, and under the baseline."""


def joint_table(arm: Arm, baseline: Arm, bad: Metric) -> pl.DataFrame | None:
    """Count what an arm does to each crisis of the baseline; None where no crisis has a counterpart of the same luck.

    ``bad`` is a probability: the outcome one wants to avoid. A row a class: `arm, baseline, outcome, class, value, low,
    high, error, frechet_low, frechet_high, pairs`.
    """
    if shared_keys(arm, baseline) is None:
        return None
    matched = pairs(arm, baseline, [bad]).drop_nulls()
    if matched.is_empty():
        return None
    ill = [matched[f"{bad.name}:{side}"].to_numpy() > 0.5 for side in ("first", "second")]
    units = matched[UNIT].rank("dense").to_numpy().astype(np.int64) - 1
    rows: list[dict[str, Any]] = []
    for name, kind in _ILL.items():
        sides = [each == wanted for each, wanted in zip(ill, kind, strict=True)]
        sample = Sample.of((sides[0] & sides[1]).astype(float), units, int(units.max()) + 1)
        low, high = map(float, share_interval(sample.mean, sample.trials))
        shares = (
            float(each.mean()) if wanted else 1 - float(each.mean()) for each, wanted in zip(ill, kind, strict=True)
        )
        names = {"arm": arm.name, "baseline": baseline.name, "outcome": bad.label, "class": name}
        numbers = {"value": sample.mean, "low": low, "high": high, "error": sample.error}
        least, most = frechet_bounds(*shares)
        rows.append({**names, **numbers, "frechet_low": least, "frechet_high": most, "pairs": matched.height})
    return pl.DataFrame(rows)


def frechet_bounds(first: float, second: float) -> tuple[float, float]:
    """Return the smallest and largest share of crises with both outcomes, of these shares, that two margins allow."""
    return max(0.0, first + second - 1), min(first, second)
