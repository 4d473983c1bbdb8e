"""What it would be worth to learn a parameter: how much likelier the right answer would become.

Whoever says what is likeliest is right with that chance; knowing a parameter, with the mean over its values of the largest
chance given each (the expected value of partial perfect information, here by regression: Strong, Oakley & Brennan 2014).
Effects depend on a parameter's rank linearly, with the regression's own noise taken out.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtr

from experiments.claims.effects import ranks
from experiments.claims.rule import AGAINST, BETWEEN, FOR, Reading
from experiments.statistics.intervals import Floats
from experiments.statistics.random_effects import RandomEffects

STRUCTURE = "the structure of the model"


def values_of_learning(
    fit: RandomEffects, contrast: int, unit: float, reading: Reading, columns: Mapping[str, Floats]
) -> dict[str, float]:
    """By how much knowing each parameter raises the chance of the right answer, the largest first.

    ``contrast`` says which of the fit's effects, ``unit`` what they are divided by before they are read; ``columns`` maps
    parameters in words to their values (draws,).
    """
    effect, noise = fit.effects[:, contrast] / unit, fit.noise[:, contrast, contrast] / unit**2
    seen, spread = fit.seen[:, contrast] / unit, fit.fitted[2][:, contrast, contrast] / unit**2
    groups = np.eye(int(fit.group.max()) + 1)[fit.group]
    weight = fit.weight @ groups
    middle = (fit.weight * effect) @ groups / weight
    # What moderators explain is part of what is not known, too.
    apart = np.array([np.average((effect - middle[k]) ** 2, weights=groups[:, k]) for k in range(len(weight))])
    spread = np.maximum(spread, apart)
    worth = {}
    for name, column in columns.items():
        if np.ptp(column) == 0:
            continue
        place = ranks(column)
        slope, error = _slope(seen, place, groups, noise + spread[fit.group])
        explained = min(max(slope**2 - error**2, 0.0), 0.98 * float(spread.max()))
        given = np.sign(slope) * np.sqrt(explained) * place
        rest = np.sqrt(np.maximum(spread - explained, 1e-6))
        shares = _shares(middle[None] + given[:, None], rest[None], reading)
        pooled = np.einsum("s,dsa->da", weight, shares)
        worth[name] = float(fit.weight @ pooled.max(axis=1) - (fit.weight @ pooled).max())
    if len(weight) > 1:
        shares = _shares(middle, np.sqrt(spread), reading)
        worth[STRUCTURE] = float(weight @ shares.max(axis=1) - (weight @ shares).max())
    return dict(sorted(worth.items(), key=lambda item: -item[1]))


def _slope(seen: Floats, place: Floats, groups: Floats, variance: Floats) -> tuple[float, float]:
    """Slope of effects over ranks within groups, and its standard error, draws weighed by their precision."""
    design = np.column_stack([place, groups])
    precise = design / variance[:, None]
    inverse = np.linalg.pinv(design.T @ precise)
    return float(inverse[0] @ (precise.T @ seen)), float(np.sqrt(max(inverse[0, 0], 0.0)))


def _shares(middle: Floats, spread: Floats, reading: Reading) -> Floats:
    """Chances of each answer for normal effects, on a last axis."""
    below, not_above = (ndtr((cut - middle) / spread) for cut in reading.cuts)
    parts = np.stack([below, not_above - below, 1 - not_above], axis=-1)
    says = np.array(reading.says)
    return np.stack([parts[..., says == what].sum(axis=-1) for what in (FOR, BETWEEN, AGAINST)], axis=-1)
