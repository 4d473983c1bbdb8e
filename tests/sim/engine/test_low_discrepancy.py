"""The points from which citizens draw their traits: even in every dimension, in blocks and after a lane's shift."""

import numpy as np
import pytest
from scipy.special import expit, ndtri
from scipy.stats import kstest, qmc

from sim.engine.low_discrepancy import TRAITS, citizen_points, shifted
from sim.ladder import FORCE
from tests.support.worlds import FROZEN, after, both, scenario, side_by_side

NUMBER = 256


def strata(words, parts):
    """How many words fall into each of so many equal parts of the unit interval, (parts, dimensions)."""
    part = (words.astype(np.uint64) * parts) >> 32
    return np.stack([np.bincount(column, minlength=parts) for column in part.T.astype(int)], axis=1)


@pytest.mark.parametrize("number", [2, 64, 1024])
def test_a_power_of_two_of_them_is_a_lattice(number):
    """The difference of any two points is a point again, modulo 1."""
    points = np.column_stack([np.arange(number) * (2**32 // number), np.sort(citizen_points(number), axis=0)])
    known = set(map(tuple, citizen_points(number).tolist()))
    assert len(known) == number and (points[:, 1:] == points[:, :1]).all()
    some = citizen_points(number)[:64, None] - citizen_points(number)[None, :64]
    assert set(map(tuple, some.reshape(-1, TRAITS).tolist())) <= known


@pytest.mark.parametrize("number", [1, 2, 16, 128, 1024])
def test_every_part_of_each_dimension_holds_as_many(number):
    points = citizen_points(number)
    assert points.shape == (number, TRAITS) and points.dtype == np.uint32
    assert (strata(points, number) == 1).all()


@pytest.mark.parametrize("number", [5, 13, 100, 500])
def test_any_number_works_and_is_nearly_even(number):
    points = citizen_points(number)
    assert points.shape == (number, TRAITS)
    held = strata(points, 4) / number
    assert np.abs(held - 0.25).max() <= 1 / number + 0.02


@pytest.mark.parametrize("number", [5, 64, 200])
def test_a_smaller_public_is_part_of_a_larger_one(number):
    """Every prefix of the set serves: no point is lost when there are more citizens."""
    few, many = (set(map(tuple, citizen_points(size).tolist())) for size in (number, 512))
    assert len(few) == number and few < many


@pytest.mark.parametrize("blocks", [2, 4])
def test_neighbours_are_spread_evenly_over_the_traits(blocks):
    """A segment is a block of neighbours, and its citizens differ in every trait as those of the whole public do."""
    for block in np.split(citizen_points(NUMBER), blocks):
        assert (strata(block, NUMBER // blocks) <= 5).all()
        assert np.abs(strata(block, 4) / len(block) - 0.25).max() < 0.15


def test_pairs_of_traits_are_even_too():
    """Each quarter of the square of any two traits holds a quarter of the citizens, or nearly."""
    upper = citizen_points(NUMBER) >= 2**31
    for i in range(TRAITS):
        for j in range(i):
            assert np.mean(upper[:, i] & upper[:, j]) == pytest.approx(0.25, abs=0.035)


def test_a_shift_makes_each_point_uniform_and_its_fold_takes_back_what_it_adds():
    shift = np.random.default_rng(0).random((500, 1))
    uniforms = shifted(citizen_points(64)[:, 0], shift)
    assert uniforms.shape == (500, 64) and uniforms.min() > 0 and uniforms.max() < 1
    for citizen in (0, 20, 63):
        assert kstest(uniforms[:, citizen], "uniform").pvalue > 1e-3
    np.testing.assert_allclose(uniforms.mean(axis=1), 0.5, atol=1e-4)


def test_each_lane_and_side_is_shifted_by_its_own_luck_and_shared_luck_by_the_same():
    crisis = side_by_side(scenario(FROZEN), scenario(FROZEN), replicates=3, citizens=64)
    one, other = (crisis.publics[side].citizens.honour for side in "ab")
    np.testing.assert_array_equal(one[:3], one[3:])
    assert len({tuple(row) for row in one[:3]} | {tuple(row) for row in other[:3]}) == 6


FIVE = [0, 1, 2, 3, 5]
"""Anchor, honour, sensitivity, trust and exposure: the traits that approval rests on."""


def mean_approval(uniforms, rung):
    """Equation (3), at default values and in the midst of a war, averaged over citizens; uniforms (..., citizens, 5)."""
    anchor, honour, sensitivity, trust, exposure = np.moveaxis(ndtri(uniforms), -1, 0)
    attitude, proud = np.clip(0.07 + 0.35 * anchor, -1, 1), expit(honour)
    gap = (1 + np.maximum(attitude, 8 * attitude) - rung) / 9
    price = 3.1 * max(6 - rung, 0) / 9 + 1.5 * max(5 - rung, 0) / 9
    value = 0.75 - 4 * gap**2 - proud * price - 0.3 * (1 - proud) * 2 / 9
    losses = np.exp(0.5 * sensitivity) * (1.5 + (1 - expit(trust)) * 0.4)
    burden = 0.045 * losses + 0.045 * 0.55 * expit(exposure) + 0.045 * 0.2
    return expit(3 * value - np.minimum(4 * burden * max(FORCE[rung], FORCE[5]) / FORCE[5], 2)).mean(axis=-1)


@pytest.mark.parametrize("rung", [3, 5, 8])
def test_128_citizens_are_five_times_as_exact_as_500_independent_ones(rung):
    """Error of a lane's mean approval and of its step up to a rung, against the truth of 2^17 citizens."""
    random = np.random.default_rng(1)
    public = shifted(citizen_points(128)[:, FIVE], random.random((200, 1, 5)))
    samples = qmc.Sobol(5, seed=2).random(2**17), public, random.random((200, 500, 5))
    below, here = (np.array([mean_approval(sample, at) for sample in samples], object) for at in (rung - 1, rung))
    for truth, even, independent in (here, here - below):
        assert np.sqrt(np.mean((even - truth) ** 2)) < np.sqrt(np.mean((independent - truth) ** 2)) / 5


def test_a_public_of_128_is_a_good_sample_of_a_public_of_millions():
    """The engine's own approval on the eve of day 0, with all five segments, against one of 2^15 citizens."""
    worlds = scenario(FROZEN, both("public", hawkishness_sd=0.35))
    truth = after(0, worlds, citizens=2**15).publics["a"].approval[0]
    few = after(0, worlds, citizens=128, replicates=60).publics["a"].approval
    assert np.sqrt(np.mean((few - truth) ** 2)) < 0.002
