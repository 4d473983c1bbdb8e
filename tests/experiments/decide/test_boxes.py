"""Boxes: a planted one is found, chance gives none, labels are handled."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from experiments.decide.boxes import Box, Interval, chosen, counted, inside, leaves, peel, quasi_p, trajectories


def planted(seed: int, size: int = 6000, odds: tuple[float, float] = (0.8, 0.1)) -> tuple[dict, np.ndarray]:
    """Crises of which many are cases where enforcement < .3, resolve > 6 and the venue is a border."""
    generator = np.random.default_rng(seed)
    columns = {
        "enforcement": generator.random(size),
        "resolve": 10 * generator.random(size),
        "venue": np.array(["border", "line", "sea"], object)[generator.integers(3, size=size)],
        "nothing": generator.random(size),
        "whole": generator.integers(0, 5, size).astype(float),
    }
    box = (columns["enforcement"] < 0.3) & (columns["resolve"] > 6) & (columns["venue"] != "sea")
    return columns, generator.random(size) < np.where(box, *odds)


def candidates(columns: dict, interest: np.ndarray) -> list[Box]:
    return [box for trajectory in trajectories(columns, interest) for box in trajectory]


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_box_is_found_within_five_per_cent(seed: int) -> None:
    limits = chosen(candidates(*planted(seed)), *planted(seed + 100))
    assert set(limits) == {"enforcement", "resolve", "venue"}
    enforcement, resolve = limits["enforcement"], limits["resolve"]
    assert isinstance(enforcement, Interval) and isinstance(resolve, Interval)
    assert enforcement.high == pytest.approx(0.3, abs=0.05) and np.isinf(enforcement.low)
    assert resolve.low == pytest.approx(6, abs=0.5) and np.isinf(resolve.high)
    assert limits["venue"] == {"border", "line"}


def test_where_nothing_is_planted_no_factor_stays_restricted() -> None:
    even = (0.3, 0.3)
    restricted = [chosen(candidates(*planted(seed, 2000, even)), *planted(seed + 50, 2000, even)) for seed in range(6)]
    assert sum(map(bool, restricted)) <= 2


def test_a_trajectory_shrinks_and_counts_what_it_holds() -> None:
    columns, interest = planted(1)
    boxes = peel(columns, interest)
    assert boxes[0].mass == 1 and boxes[0].coverage == 1
    masses = [box.mass for box in boxes]
    assert masses == sorted(masses, reverse=True) and masses[-1] >= 0.05
    for box in boxes:
        assert counted(columns, interest, box.limits) == box


def test_quasi_p_is_small_for_what_matters_and_large_for_what_does_not() -> None:
    columns, interest = planted(2)
    limits = {"enforcement": Interval(high=0.3), "nothing": Interval(high=0.5)}
    assert (
        quasi_p(columns, interest, limits, "enforcement") < 0.001 < 0.05 < quasi_p(columns, interest, limits, "nothing")
    )


def test_a_constant_factor_and_a_flag_do_no_harm() -> None:
    generator = np.random.default_rng(3)
    columns = {"constant": np.ones(500), "flag": (generator.random(500) < 0.9).astype(float)}
    interest = (columns["flag"] == 0) | (generator.random(500) < 0.1)
    limits = peel(columns, interest)[-1].limits
    assert set(limits) == {"flag"} and not columns["flag"][inside(columns, limits)].any()


def test_leaves_divide_all_crises_and_tell_risks_apart() -> None:
    columns, interest = planted(4)
    members = np.array([leaf.holds(columns) for leaf in leaves(columns, interest)])
    assert (members.sum(axis=0) == 1).all()
    risks = [interest[own].mean() for own in members]
    assert max(risks) > 0.5 > 0.2 > min(risks)


@pytest.mark.skipif(find_spec("ema_workbench") is None, reason="a cross-check, where the workbench is installed")
def test_the_workbench_finds_the_same_box() -> None:
    import pandas as pd
    from ema_workbench.analysis import prim

    columns, interest = planted(5)
    frame = pd.DataFrame({name: c.astype(str) if c.dtype == object else c for name, c in columns.items()})
    theirs = prim.Prim(frame, interest, threshold=0.1, obj_function=prim.PRIMObjectiveFunctions.LENIENT1).find_box()
    ours = peel(columns, interest)
    assert ours[-1].density == pytest.approx(theirs.density, abs=0.1)
