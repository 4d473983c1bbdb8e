"""Scores of predictive distributions, and ranks of what came true."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.cases.beside import crps, percentile_range, rank_histogram


def test_the_score_is_the_absolute_error_of_a_single_number_and_the_mean_distance_less_half_the_spread():
    assert crps(np.array([3.0]), 5.0) == pytest.approx(2)
    sample = np.array([1.0, 4.0, 4.0, 9.0])
    plain = np.abs(sample - 5).mean() - np.abs(sample[:, None] - sample).mean() / 2
    assert crps(sample, 5.0) == pytest.approx(plain)


def test_the_true_distribution_scores_best_on_average():
    generator = np.random.default_rng(1)
    truths = generator.normal(size=400)
    means = {
        spread: np.mean([crps(spread * generator.normal(size=200), truth) for truth in truths])
        for spread in (0.3, 1.0, 3.0)
    }
    assert min(means, key=means.get) == 1.0


def test_ties_and_ranges_of_a_record_leave_its_percentile_open():
    sample = np.array([0, 1, 1, 1, 2, np.inf])
    assert percentile_range(sample, 1, 1) == pytest.approx((1 / 6, 4 / 6))
    assert percentile_range(sample, 1, np.inf) == pytest.approx((1 / 6, 1))


def test_a_record_is_spread_over_the_bins_that_its_percentile_may_lie_in():
    assert rank_histogram([(0.1, 0.3)], 5) == pytest.approx([0.5, 0.5, 0, 0, 0])
    assert rank_histogram([(1.0, 1.0), (0.0, 0.0)], 5) == pytest.approx([1, 0, 0, 0, 1])
    assert rank_histogram([(0.0, 1.0)] * 3, 5).sum() == pytest.approx(3)
