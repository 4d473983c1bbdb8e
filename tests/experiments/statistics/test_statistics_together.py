"""The smallest of several effects: as one effect where there is one, and never surer than it can be."""

from __future__ import annotations

import numpy as np

from experiments.statistics.joint_deconvolution import smallest, without_noise
from experiments.statistics.nested import nested

POINTS, LANES = 120, 40


def of_two(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points of lanes, two noisy effects of each lane, and the true effects of each point."""
    generator = np.random.default_rng(seed)
    common, apart = generator.standard_normal((1, POINTS)), generator.standard_normal((2, POINTS))
    truth = 0.03 * (np.sqrt(0.8) * common + np.sqrt(0.2) * apart)
    point = np.repeat(np.arange(POINTS), LANES)
    return point, truth[:, point] + generator.normal(0, 0.3, (2, POINTS * LANES)), truth


def test_one_effect_is_taken_as_it_is() -> None:
    point, values, _ = of_two(1)
    alone, found = nested(point, values[0]), smallest(point, values[:1])
    np.testing.assert_allclose(found.means, alone.means)
    np.testing.assert_allclose(found.shared_noise, alone.noise)
    np.testing.assert_allclose(found.possible, alone.possible)


def test_noise_neither_pulls_the_smallest_down_nor_makes_it_certain() -> None:
    within, wanted, means = [], [], []
    for seed in range(12):
        point, values, truth = of_two(seed)
        found = smallest(point, values)
        within.append(np.mean(np.abs(found.possible) <= 0.05))
        wanted.append(np.mean(np.abs(truth.min(axis=0)) <= 0.05))
        means.append(found.mean - truth.min(axis=0).mean())
    assert abs(np.mean(within) - np.mean(wanted)) < 0.05
    assert abs(np.mean(means)) < 0.01


def test_effects_that_are_one_over_again_stay_one() -> None:
    point, values, _ = of_two(3)
    twice = np.array([values[0], values[0]])
    np.testing.assert_allclose(smallest(point, twice).means, nested(point, values[0]).means, atol=1e-6)


def test_no_variance_is_no_trouble() -> None:
    point = np.repeat(np.arange(5), 3)
    assert smallest(point, np.zeros((3, 15))).mean == 0
    assert np.array_equal(without_noise(np.ones((4, 2)), np.zeros((2, 2))), np.ones((4, 2)))


def test_a_lone_replicate_has_the_noise_of_the_others() -> None:
    generator = np.random.default_rng(2)
    point = np.r_[np.repeat(np.arange(20), 10), np.arange(20, 60)]
    found = nested(point, generator.normal(0, 1, len(point)))
    assert 0.6 < found.noise < 0.8
