"""A cross-check: the posterior again, with neural networks in the place of the Gaussian process.

Networks learn the same summaries from the same populations (a neural likelihood: Papamakarios, Sterratt and Murray 2019);
all else stays. Where both roads lead to the same means and widths, the emulator did not make them up.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from experiments.calibration.emulator import Emulator, learned
from experiments.calibration.inference import sampled
from experiments.calibration.requests import NEEDED
from experiments.calibration.shipping import short
from experiments.calibration.stages import Fit, near_the_record
from experiments.errors import need

NETWORKS = 4
FOLDS = 4
AGREEMENT = 1.0
"""Two posteriors agree on a parameter where their means lie within one (mean) standard deviation."""


def compared(work: Fit) -> dict[str, Any]:
    """Means and spreads of both posteriors, as positions within the priors, and where they agree."""
    work.tell("neural likelihood")
    where = work.where(work.populations)
    likelihood = near_the_record(neural_emulator(where, work), work.observation, where)
    draws = sampled(likelihood, len(work.table), work.request.size, work.request.seed + 17, work.allowed).positions
    ours = work.draws
    gap = np.abs(draws.mean(axis=0) - ours.mean(axis=0)) / ((draws.std(axis=0) + ours.std(axis=0)) / 2)
    rows = [
        {
            "name": item.name,
            "mean": short(ours[:, n].mean()),
            "sd": short(ours[:, n].std()),
            "neural_mean": short(draws[:, n].mean()),
            "neural_sd": short(draws[:, n].std()),
            "gap": short(gap[n]),
        }
        for n, item in enumerate(work.table)
    ]
    agree = int((gap <= AGREEMENT).sum())
    return {"draws": len(draws), "populations": len(where), "agree": agree, "of": len(rows), "parameters": rows}


def neural_emulator(where: np.ndarray, work: Fit) -> Emulator:
    """An emulator of networks with one hidden layer, its error that at populations of folds left out."""
    need("sklearn", NEEDED.format("scikit-learn"))
    from sklearn.neural_network import MLPRegressor

    value = np.column_stack([learned(name, work.populations[name].to_numpy()) for name in work.emulator.names])
    known = np.isfinite(value)
    middle, spread = np.nanmean(value, axis=0), np.maximum(np.nanstd(value, axis=0), 1e-9)
    scaled = np.where(known, (value - middle) / spread, 0)

    def networks(rows: np.ndarray, count: int) -> list[Any]:
        options = {"activation": "tanh", "alpha": 3.0, "learning_rate_init": 3e-3, "max_iter": 400}
        made = [MLPRegressor(hidden_layer_sizes=(64,), random_state=seed, **options) for seed in range(count)]
        return [network.fit(2 * where[rows] - 1, scaled[rows]) for network in made]

    def expected(made: list[Any], positions: np.ndarray) -> np.ndarray:
        return middle + spread * np.mean([network.predict(2 * positions - 1) for network in made], axis=0)

    order = np.random.default_rng(work.request.seed).permutation(len(where))
    left = np.full(value.shape, np.nan)
    for fold in range(FOLDS):
        held = order[fold::FOLDS]
        left[held] = value[held] - expected(networks(np.setdiff1d(order, held), 1), where[held])
    whole = networks(np.arange(len(where)), NETWORKS)
    made = replace(
        work.emulator,
        expect=lambda positions: expected(whole, np.asarray(positions)),
        skill=1 - np.nanmean(left**2, axis=0) / spread**2,
        left=np.where(known, left, np.nan),
    )
    return made.judged_at(np.arange(len(where)))
