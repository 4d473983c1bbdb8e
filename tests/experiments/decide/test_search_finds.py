"""Search finds planted fronts, and covers more than designs of the same size (slow parts in `make validate`)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from experiments.decide.fronts import hypervolume
from tests.support.searches import covered, quadratic, ratio_with_interval, run_search


def test_a_search_comes_near_a_known_front() -> None:
    ideal = np.full((101, 8), 0.5)
    ideal[:, 0] = np.linspace(0, 1, 101)
    whole = hypervolume(quadratic(ideal), np.array([-1.0, -1.0]))
    assert covered("nsga2", 1, 480, noise=0.02) > 0.85 * whole


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["nsga2", "tpe"])
@pytest.mark.parametrize("other", ["random", "latin_hypercube"])
def test_search_covers_more_than_designs_of_the_same_size(kind: str, other: str) -> None:
    mean, low, high = ratio_with_interval(*([covered(own, seed) for seed in range(10)] for own in (kind, other)))
    print(f"{kind} against {other}: {mean:.2f} ({low:.2f} to {high:.2f})")
    assert low > 1.05


BLOCK = {
    "levers": {
        "mediation.delay": {"from": 0, "to": 20},
        **{f"mediation.{name}": {"from": 0, "to": 1} for name in ("effort", "facilitation", "formulation", "cover")},
        **{f"mediation.{name}": {"from": 0, "to": 1} for name in ("manipulation", "leverage", "enforcement")},
    },
    "objectives": {"calm_14": "up", "typical_deaths": "down", "cost": "down"},
    "cost": {f"mediation.{name}": 0.5 for name in ("effort", "leverage", "enforcement", "facilitation", "cover")},
    "states": {"draws": 25},
    "fresh": {"draws": 60, "lucks": 6},
    "arms": {"placebo": {"mediation": "placebo"}},
    "candidates": 160,
    "alike": {"cost": 0.05, "calm_14": 0.02, "typical_deaths": 0.02},
    "kept": 40,
}
SIZE = ("horizon_days=45", "citizens=32", "workers=2")


def on_the_model(directory: Path, kind: str, seed: int) -> float:
    """Hypervolume that the kept policies of a search gain over the placebo on fresh luck and states, in fixed units.

    What is worse than the placebo counts nothing: a reference point far below what anybody would choose gives every
    sampler most of its volume for nothing.
    """
    result = run_search(directory / f"{kind}_{seed}", {**BLOCK, "sampler": kind}, *SIZE, f"seed={seed}")
    assert result.judged is not None
    front, placebo = result.judged.front, result.judged.arms

    def measured(table: pl.DataFrame) -> np.ndarray:
        return np.column_stack([table["calm_14"], -np.log1p(table["typical_deaths"]) / 4])

    values = np.column_stack([measured(front), -front["cost"] / 2.5])
    return hypervolume(values, np.array([*measured(placebo)[0], -1.0]))


@pytest.mark.slow
def test_search_on_the_model_covers_more_than_designs_of_the_same_size(tmp_path: Path) -> None:
    volumes = {
        kind: [on_the_model(tmp_path, kind, seed) for seed in range(1, 6)]
        for kind in ("nsga2", "random", "latin_hypercube")
    }
    for other in ("random", "latin_hypercube"):
        mean, low, high = ratio_with_interval(volumes["nsga2"], volumes[other])
        print(f"nsga2 against {other} on the model: {mean:.2f} ({low:.2f} to {high:.2f})")
        print(np.round([volumes["nsga2"], volumes[other]], 3))
        assert low > 1.0


@pytest.mark.slow
def test_the_one_lever_that_matters_goes_to_its_better_end(tmp_path: Path) -> None:
    block = {
        "levers": {"mediation.delay": {"from": 0, "to": 30}, "mediation.recovery": {"from": 0.01, "to": 0.03}},
        "objectives": {"calm_14": "up"},
        "constraints": ["limited_war_or_worse <= reference"],
        "arms": {"placebo": {"mediation": "placebo"}},
        "states": {"draws": 10},
        "fresh": {"draws": 20, "lucks": 4},
        "candidates": 48,
    }
    result = run_search(tmp_path / "one", block, *SIZE, "mediation=manipulation")
    assert result.judged is not None
    front = result.judged.front.filter(result.judged.front["on_front"])
    assert (front["mediation.delay"] < 4).all()
