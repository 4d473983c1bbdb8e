"""The bootstrap and the units of luck it resamples."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experiments.statistics.arms import Sample, acceleration, carriers, correlation
from experiments.statistics.estimates import (
    accelerated_interval,
    quantile,
    resampled_means,
    resampled_quantiles,
    weight_blocks,
)

numbers = arrays(float, st.integers(3, 40), elements=st.integers(-50, 50).map(float))


def one_a_unit(values) -> Sample:
    return Sample.of(values, np.arange(len(values)), len(values))


@given(st.integers(1, 300))
def test_weights_draw_as_many_units_as_there_are_and_never_change(units):
    blocks = np.concatenate(list(weight_blocks(units, 50)))
    assert blocks.shape == (50, units)
    assert (blocks.sum(axis=1) == units).all()
    assert np.array_equal(blocks, np.concatenate(list(weight_blocks(units, 50))))


@given(numbers, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(values, random):
    units = np.arange(len(values)) // 2
    order = list(range(len(values)))
    random.shuffle(order)
    plain, shuffled = (Sample.of(values[o], units[o], int(units.max()) + 1) for o in (slice(None), order))
    assert plain.mean == shuffled.mean
    assert plain.error == shuffled.error
    assert np.array_equal(resampled_means([plain], 50), resampled_means([shuffled], 50))
    assert np.array_equal(resampled_quantiles(plain, 0.5, 50), resampled_quantiles(shuffled, 0.5, 50))


@given(numbers)
def test_negated_numbers_give_the_mirrored_interval(values):
    def interval(sample):
        return accelerated_interval(sample.mean, resampled_means([sample])[:, 0], acceleration(sample.influence))

    low, high = interval(one_a_unit(values))
    assert interval(one_a_unit(-values)) == (-high, -low)
    assert low <= one_a_unit(values).mean <= high


@given(numbers, st.sampled_from([0.1, 0.5, 0.9]))
def test_resampled_quantiles_are_the_quantiles_of_the_resample(values, at):
    sample = one_a_unit(values)
    weights = np.concatenate(list(weight_blocks(len(values), 20))).astype(int)
    expected = [quantile(one_a_unit(np.repeat(sample.values, row)), at) for row in weights]
    assert resampled_quantiles(sample, at, 20).tolist() == expected


@given(numbers)
def test_quantile_is_the_smallest_value_not_exceeded_by_its_share(values):
    assert quantile(one_a_unit(values), 0.5) == np.quantile(values, 0.5, method="inverted_cdf")


def test_lanes_of_one_luck_are_not_counted_as_independent():
    outcome = (np.arange(200) % 4 == 0).astype(float)
    alone = one_a_unit(outcome)
    doubled = Sample.of(np.tile(outcome, 2), np.tile(np.arange(200), 2), 200)
    assert doubled.mean == alone.mean
    assert doubled.trials == pytest.approx(200)
    assert doubled.error == pytest.approx(alone.error)


def test_trials_are_lanes_where_every_lane_has_luck_of_its_own():
    assert one_a_unit(np.array([0.0, 1, 1, 0, 1])).trials == pytest.approx(5)
    assert one_a_unit(np.zeros(7)).trials == 7


def test_missing_values_drop_out():
    sample = Sample.of(np.array([1.0, np.nan, 3.0]), np.arange(3), 3)
    assert sample.mean == 2
    assert sample.sizes.tolist() == [1, 0, 1]


def test_correlation_is_the_phi_coefficient_of_pairs():
    first, second = np.array([1.0, 1, 1, 0, 0, 0, 0, 1]), np.array([1.0, 1, 0, 0, 0, 0, 1, 1])
    assert correlation(one_a_unit(first), one_a_unit(second)) == pytest.approx(np.corrcoef(first, second)[0, 1])
    assert correlation(one_a_unit(first), one_a_unit(np.ones(8))) == 0


def test_carriers_count_rare_events_and_notice_heavy_tails():
    rare = one_a_unit((np.arange(1000) < 7).astype(float))
    heavy = one_a_unit(np.append(np.arange(999) / 999, 1e6))
    assert carriers(rare.influence) == pytest.approx(7, abs=0.5)
    assert carriers(heavy.influence) < 1.1


def test_nothing_to_estimate_from_gives_no_interval():
    assert np.isnan(accelerated_interval(float("nan"), np.array([np.nan]), 0.0)).all()
