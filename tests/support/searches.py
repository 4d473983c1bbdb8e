"""Small searches run in this process on a stand-in for the model, and a planted problem with a known front."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import experiments.decide.evaluation as evaluation
from experiments.config.compose import Configuration, composer
from experiments.decide.directory import SearchDirectory
from experiments.decide.fronts import hypervolume, on_front
from experiments.decide.levers import Lever
from experiments.decide.sampling import make_sampler
from experiments.decide.search import Result
from tests.support.quick_engine import quick

BLOCK: dict[str, Any] = {
    "levers": {
        "mediation.delay": {"from": 0, "to": 60},
        "mediation.effort": {"from": 0.1, "to": 1},
        "mediation.severity_trigger": [3, 4, 5],
        "talks": ["none", "hotline"],
    },
    "objectives": {"limited_war_or_worse": "down", "cost": "down"},
    "constraints": ["war <= 0.9"],
    "cost": {"mediation.delay": -0.02, "mediation.effort": 1, "talks": {"none": 0, "hotline": 0.1}},
    "second_cost": {"mediation.delay": -0.04, "mediation.effort": 1, "talks": {"none": 0, "hotline": 0.1}},
    "arms": {"placebo": {"mediation": "placebo"}, "hotline": {"talks": "hotline"}},
    "states": {"draws": 3},
    "fresh": {"draws": 4, "lucks": 3},
    "candidates": 12,
    "population": 4,
    "contenders": 5,
    "kept": 3,
}
SETTINGS = ("mediation=formulation", "uncertainty=posterior", "horizon_days=40", "citizens=10", "workers=1")


def configured(open_composer: Any, block: dict[str, Any] | None = None, *overrides: str) -> Configuration:
    """A configuration with a ``search:`` block, as Python gives it."""
    made = open_composer.compose([*SETTINGS, *overrides])
    return replace(made, tree={**made.tree, "search": BLOCK if block is None else block})


def run_search(directory: Path, block: dict[str, Any] | None = None, *overrides: str, figures: bool = False) -> Result:
    """A new search, run to its end."""
    with composer() as open_composer:
        made = SearchDirectory.create(directory, configured(open_composer, block, *overrides), open_composer)
        return made.run(figures=figures)


def resume_search(directory: Path, *overrides: str) -> Result:
    """A search that was begun, run to its end."""
    from experiments.config.overrides import parse_overrides

    with composer() as open_composer:
        return SearchDirectory.resume(directory, open_composer, parse_overrides(overrides)).run(figures=False)


def deadly(note: Path, *task: Any) -> pl.DataFrame:
    """What workers measure on the stand-in for the model; the first that meets candidate 5 leaves a note and is killed."""
    if 5 in task[1] and not note.exists():
        note.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    evaluation.run_chunk = quick
    return evaluation.measured(*task)


DIMENSIONS = 8
LEVERS = tuple(Lever(f"x{number}", 0.0, 1.0) for number in range(DIMENSIONS))


def quadratic(x: np.ndarray) -> np.ndarray:
    """Two objectives, more is better, whose front is x0 from 0 to 1 with all others at one half; (points, 2)."""
    away = 4 * ((x[:, 1:] - 0.5) ** 2).sum(axis=1)
    return np.column_stack([1 - (1 - x[:, 0]) ** 2 - away, 1 - x[:, 0] ** 2 - away])


def covered(kind: str, seed: int, candidates: int = 160, noise: float = 0.1) -> float:
    """Hypervolume, without noise, of the candidates that a sampler's own noisy values put on the front."""
    sampler = make_sampler(kind, LEVERS, 2, candidates, 16, seed)
    generator = np.random.default_rng(1000 + seed)
    points, seen = [], []
    for _ in range(candidates // 16):
        x = np.array([list(policy.values()) for policy in sampler.ask(16)], float)
        values = quadratic(x) + noise * generator.standard_normal((16, 2))
        sampler.tell(values, np.empty((16, 0)))
        points.append(x)
        seen.append(values)
    front = on_front(np.concatenate(seen))
    return hypervolume(quadratic(np.concatenate(points)[front]), np.array([-1.0, -1.0]))


def ratio_with_interval(volumes: Sequence[float], others: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean over seeds of the ratio of two samplers' hypervolumes, with its 95 % interval (t, log scale)."""
    from scipy.stats import t

    logs = np.log(np.divide(volumes, others))
    reach = float(t.ppf(0.975, len(logs) - 1)) * logs.std(ddof=1) / np.sqrt(len(logs))
    mean = float(np.exp(logs.mean()))
    return mean, mean / float(np.exp(reach)), mean * float(np.exp(reach))
