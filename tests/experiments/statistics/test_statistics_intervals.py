"""Intervals of probabilities, against published values and by their properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from experiments.statistics.intervals import difference, ratio, wilson

shares = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
correlations = st.floats(-1, 1)


@given(shares)
def test_wilson_agrees_with_scipy(share):
    count, trials = share
    expected = binomtest(count, trials).proportion_ci(0.95, method="wilson")
    low, high = wilson(count / trials, trials)
    assert low == pytest.approx(expected.low, abs=1e-12)
    assert high == pytest.approx(expected.high, abs=1e-12)


def test_wilson_without_trials_says_nothing():
    assert [float(limit) for limit in wilson(0.0, 0)] == [0.0, 1.0]


# Newcombe 1998, Statistics in Medicine 17:873-890, table II, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_difference_of_independent_shares_agrees_with_newcombe(first, second, low, high):
    found = difference(first[0] / first[1], first[1], second[0] / second[1], second[1])
    assert [float(limit) for limit in found] == pytest.approx([low, high], abs=5e-5)


@given(shares, shares, correlations)
def test_difference_is_antisymmetric_and_contains_the_estimate(first, second, linked):
    p, q = first[0] / first[1], second[0] / second[1]
    low, high = difference(p, first[1], q, second[1], linked)
    mirrored = difference(q, second[1], p, first[1], linked)
    assert (low, high) == (-mirrored[1], -mirrored[0])
    assert -1 <= low <= p - q <= high <= 1


@given(shares, shares, correlations)
def test_ratio_contains_its_estimate_and_inverts(first, second, linked):
    p, q = first[0] / first[1], second[0] / second[1]
    value, low, high = ratio(p, first[1], q, second[1], linked)
    if p == 0 == q:
        assert np.isnan(value)
        assert (low, high) == (0, np.inf)
        return
    assert low <= value * (1 + 1e-12)
    assert value <= high * (1 + 1e-12)
    if p > 0 and q > 0:
        inverse = ratio(q, second[1], p, first[1], linked)
        assert [1 / inverse[2], 1 / inverse[1]] == pytest.approx([float(low), float(high)])


@given(shares, shares)
def test_positive_dependence_narrows_a_difference(first, second):
    alone = difference(first[0] / first[1], first[1], second[0] / second[1], second[1], 0.0)
    linked = difference(first[0] / first[1], first[1], second[0] / second[1], second[1], 0.8)
    assert linked[1] - linked[0] <= alone[1] - alone[0] + 1e-12


def test_a_share_of_nought_still_bounds_the_ratio():
    value, low, high = ratio(0.0, 100, 0.2, 100, 0.3)
    assert (value, low) == (0.0, 0.0)
    assert 0 < high < 1
