"""Effects of noisy draws: recovered with their spread, rare events included, and no certainty where nothing differed."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.statistics.random_effects import RandomEffects, contrasts_of

DRAWS = 200
GROUP, WEIGHT = np.arange(DRAWS) // 50, np.full(DRAWS, 1 / DRAWS)
PAIR = np.array([[1.0, -1.0]])


def planted(effect: float, spread: float, base: float, crises: int = 60, scale: str = "odds", seed: int = 0):
    """Arms with and without, of crises that meet the same luck, and the draws' true effects."""
    generator = np.random.default_rng(seed)
    level = base + 0.6 * generator.standard_normal(DRAWS)
    effects = effect + spread * generator.standard_normal(DRAWS)
    luck = generator.random((DRAWS, crises))
    inverse = np.exp if scale == "risk" else lambda value: 1 / (1 + np.exp(-value))
    return [(luck < inverse(each)[:, None]).astype(float) for each in (level + effects, level)], effects


@pytest.mark.parametrize(
    ("effect", "spread", "base", "scale"),
    [(0.8, 0.3, 0.0, "odds"), (-0.6, 0.2, 2.0, "odds"), (0.5, 0.2, -4.0, "risk"), (0.0, 0.0, -2.0, "odds")],
)
def test_the_mean_and_the_spread_of_effects_are_recovered(effect, spread, base, scale):
    cells, true = planted(effect, spread, base, scale=scale)
    fit = contrasts_of(cells, scale, PAIR, GROUP, WEIGHT)
    assert fit.mean[0] == pytest.approx(true.mean(), abs=max(0.02, 3 * fit.error[0]))
    assert fit.samples()[..., 0].std() == pytest.approx(true.std(), abs=0.25)


def test_ratios_of_days_are_recovered():
    generator = np.random.default_rng(3)
    days = generator.gamma(2.0, 5.0, (DRAWS, 40))
    fit = contrasts_of([1.2 * days, days], "ratio", PAIR, GROUP, WEIGHT)
    assert fit.mean[0] == pytest.approx(np.log(1.2), abs=0.01)
    assert fit.samples()[..., 0].std() < 0.03


def test_what_a_covariate_explains_is_kept_apart_from_the_spread():
    generator = np.random.default_rng(4)
    covariate = generator.standard_normal(DRAWS)
    luck, level = generator.random((DRAWS, 60)), 1 / (1 + np.exp(-0.8 * covariate))
    cells = [(luck < level[:, None]).astype(float), (luck < 0.5).astype(float)]
    fit = contrasts_of(cells, "odds", PAIR, GROUP, WEIGHT, covariate[:, None])
    assert np.corrcoef(fit.effects[:, 0], covariate)[0, 1] > 0.9
    assert fit.fitted[2].max() < 0.1


def test_that_nothing_happened_in_few_crises_is_no_certainty():
    nothing = [np.zeros((4, 5)), np.zeros((4, 5))]
    fit = contrasts_of(nothing, "risk", PAIR, np.zeros(4, int), np.full(4, 0.25))
    assert abs(fit.mean[0]) < 1e-6 and fit.samples()[..., 0].std() > 0.2
    same, _ = planted(0, 0, 0)
    assert contrasts_of(same, "odds", PAIR, GROUP, WEIGHT).samples()[..., 0].std() < 0.05


def test_draws_without_a_crisis_that_counts_drop_out():
    cells, _ = planted(0.8, 0.1, 0.0)
    cells[0][:100] = np.nan
    fit = contrasts_of(cells, "odds", PAIR, GROUP, WEIGHT)
    assert fit.effects.shape == (100, 1) and fit.weight.sum() == pytest.approx(1)
    cells[1][101:] = np.nan
    assert contrasts_of(cells, "odds", PAIR, GROUP, WEIGHT) is None


def test_another_world_keeps_spread_and_noise_and_moves_the_mean():
    cells, _ = planted(0.8, 0.3, 0.0)
    fit = contrasts_of(cells, "odds", PAIR, GROUP, WEIGHT)
    world = fit.world(np.array([-1.0]), np.random.default_rng(5))
    assert isinstance(world, RandomEffects)
    assert world.mean[0] == pytest.approx(-1.0, abs=0.1)
    assert world.effects.std() == pytest.approx(fit.effects.std(), abs=0.1)
