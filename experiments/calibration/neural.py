"""A cross-check by neural posterior estimation (Greenberg, Nonnenmacher and Macke 2019), where ``sbi`` is installed.

It learns the posterior itself, from simulated populations alone, without an emulator or a distance. It takes on the
density of what it is shown, so it is shown the first wave, which is spread evenly over the prior, and none of the later
ones. Each population is shown several times, each time with fresh noise of a record of the real size. Where both roads
lead to the same means and widths, neither the emulator nor the regression made them up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.calibration.emulator import learned
from experiments.calibration.inference import Observation, from_line, to_line
from experiments.calibration.optional_dependencies import need

if TYPE_CHECKING:
    from experiments.calibration.stages import Fit

COPIES = 10
"""Number of noisy copies of each population that the network learns from."""
DRAWS = 1000
AGREEMENT = 1.0
"""Two posteriors agree on a parameter where their means lie within one (mean) standard deviation."""


def compared(work: Fit) -> dict[str, Any]:
    """Means and spreads of both posteriors, as positions within the priors, and where they agree."""
    need("torch")
    need("sbi")
    work.tell("neural posterior estimation")
    wave = work.populations.head(work.request.first)
    summaries = np.column_stack([learned(t.id, wave[t.id].to_numpy()) for t in work.chosen])
    draws = neural_posterior(work.where(wave), summaries, work.observation, work.request.seed)
    ours = work.draws
    gap = np.abs(draws.mean(axis=0) - ours.mean(axis=0)) / ((draws.std(axis=0) + ours.std(axis=0)) / 2)
    rows = [
        {
            "name": item.name,
            "mean": _short(ours[:, n].mean()),
            "sd": _short(ours[:, n].std()),
            "neural_mean": _short(draws[:, n].mean()),
            "neural_sd": _short(draws[:, n].std()),
            "gap": _short(gap[n]),
        }
        for n, item in enumerate(work.table)
    ]
    agree = int((gap <= AGREEMENT).sum())
    return {"draws": DRAWS, "populations": len(wave), "agree": agree, "of": len(rows), "parameters": rows}


def neural_posterior(
    where: np.ndarray, summaries: np.ndarray, observation: Observation, seed: int, copies: int = COPIES
) -> np.ndarray:
    """Draws ``(draws, hyperparameters)`` as positions within the priors.

    Parameters
    ----------
    where : array ``(points, hyperparameters)``
    summaries : array ``(points, summaries)``
        On the learned scale.
    observation : Observation
    seed : int
    copies : int
    """
    need("torch")
    need("sbi")
    import torch
    from sbi.inference import NPE

    torch.manual_seed(seed % 2**31)
    torch.set_num_threads(1)
    generator = np.random.default_rng(seed)
    known = np.isfinite(summaries)
    filled = np.where(known, summaries, np.nanmedian(summaries, axis=0))
    shown = np.repeat(filled, copies, axis=0)
    shown = (shown + observation.error * generator.standard_normal(shown.shape) - observation.value) / observation.error
    line = np.repeat(to_line(where), copies, axis=0)
    learner = NPE(density_estimator="maf", show_progress_bars=False)
    learner.append_simulations(
        torch.as_tensor(line, dtype=torch.float32), torch.as_tensor(np.clip(shown, -30, 30), dtype=torch.float32)
    )
    estimator = learner.train(max_num_epochs=500, training_batch_size=500, learning_rate=1e-3)
    context = torch.zeros((1, shown.shape[1]), dtype=torch.float32)
    with torch.no_grad():
        draws = estimator.sample((DRAWS,), condition=context).reshape(DRAWS, -1)
    return from_line(np.clip(draws.numpy().astype(float), -12, 12))


def _short(value: float) -> float:
    return float(f"{value:.3g}")
