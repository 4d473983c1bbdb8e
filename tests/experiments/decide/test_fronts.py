"""Fronts, hypervolume, thinning and groups against what they must be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experiments.decide.fronts import groups, hypervolume, layers, on_front, spread, thinned

POINTS = arrays(float, st.tuples(st.integers(1, 8), st.just(3)), elements=st.integers(0, 4).map(lambda n: n / 4))


def test_a_front_holds_what_nothing_beats_and_equals_stay() -> None:
    values = np.array([[1, 0], [0, 1], [0.5, 0.5], [0.4, 0.4], [0.5, 0.5], [np.nan, 2]])
    assert on_front(values).tolist() == [True, True, True, False, True, False]
    assert layers(values).tolist() == [0, 0, 0, 1, 0, 6]


@given(POINTS)
@settings(deadline=None)
def test_hypervolume_is_the_share_of_a_grid_that_is_dominated(values: np.ndarray) -> None:
    cells = (np.stack(np.meshgrid(*[np.arange(4)] * 3), axis=-1).reshape(-1, 3) + 0.5) / 4
    covered = (values[None] >= cells[:, None]).all(axis=2).any(axis=1)
    assert hypervolume(values, np.zeros(3)) == pytest.approx(covered.mean())


def test_hypervolume_counts_nothing_below_its_reference() -> None:
    assert hypervolume(np.array([[1.0, -1.0]]), np.zeros(2)) == 0
    assert hypervolume(np.empty((0, 2)), np.zeros(2)) == 0


def test_boxes_keep_one_policy_each_and_drop_dominated_boxes() -> None:
    values = np.array([[0.50, -1.00], [0.51, -1.01], [0.52, -0.40], [0.90, -2.00], [0.53, -0.41]])
    assert thinned(values, np.array([0.05, 0.1])).tolist() == [2, 3]
    assert thinned(values, np.zeros(2)).tolist() == [2, 3, 4]  # without boxes every trade-off stays


def test_the_spread_keeps_the_ends() -> None:
    values = np.column_stack([np.linspace(0, 1, 50), -np.linspace(0, 1, 50)])
    chosen = spread(values, 5)
    assert {0, 49} <= set(chosen.tolist()) and len(chosen) == 5
    assert np.diff(chosen).min() >= 10


def test_the_spread_takes_no_row_twice_where_rows_are_equal() -> None:
    values = np.repeat([[1.0, 0.0], [0.0, 1.0]], 5, axis=0)
    assert len(set(spread(values, 7).tolist())) == 7


def test_groups_hold_only_rows_that_cannot_be_told_apart() -> None:
    apart = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]], bool)
    assert groups(apart).tolist() == [0, 0, 1]
