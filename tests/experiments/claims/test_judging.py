"""Judging: verdicts where draws are weighed otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.claims.arms import ArmStore, SampleSize
from experiments.claims.judging import FEWEST, Weighing, judged, weighings
from experiments.claims.rule import FAILS, HOLDS, UNDECIDED, judge
from tests.experiments.claims.test_rule import DRAWS, HIGH, STRUCTURES, planted

EVEN = np.full(DRAWS, 1 / DRAWS)


@pytest.mark.parametrize("mean", [2.0, 1.0, 0.2, -2.0])
def test_draws_weighed_as_they_are_get_the_verdict_of_the_rule(mean):
    effects = planted(mean=mean, spread=0.3)
    said = judge(effects.evidence(effects.fit.samples())).verdict
    assert judged(effects, Weighing("as it is", EVEN)).verdict == said


def test_the_draws_that_count_decide():
    effects = planted(mean=np.where(HIGH, 3.0, -3.0)[:, None])
    for half, said in ((HIGH, HOLDS), (~HIGH, FAILS)):
        assert judged(effects, Weighing("a half", EVEN * half)).verdict == said


def test_a_moderator_of_which_one_half_does_not_count_is_left_aside():
    assert judged(planted(mean=1.0, spread=0.5), Weighing("a half", EVEN * HIGH)).verdict == UNDECIDED


def test_effects_that_differ_more_are_less_certain():
    effects = planted(mean=2.0, spread=0.5)
    said = [judged(effects, Weighing("wider", EVEN, wider)).verdict for wider in (1.0, 1.2, 2.5)]
    assert said == [HOLDS, HOLDS, UNDECIDED]


def test_a_structure_of_little_weight_counts_once_all_weigh_alike():
    effects = planted(mean=np.where(STRUCTURES == "hope", -1.2, 3.0)[:, None], spread=0.4, weights=(10, 10, 0.5, 10))
    _, place, times = np.unique(STRUCTURES, return_inverse=True, return_counts=True)
    as_it_is, alike = (
        judged(effects, Weighing("", weight)).verdict for weight in (effects.fit.weight, 1 / times[place])
    )
    assert as_it_is == HOLDS != alike


def test_too_few_draws_say_nothing():
    assert judged(planted(), Weighing("few", EVEN * (np.arange(DRAWS) < FEWEST - 1))) is None
    assert judged(planted(), Weighing("none", EVEN * 0)) is None


def test_every_weighing_is_of_all_draws(tmp_path):
    size = SampleSize(draws=10, crises=4, citizens=16, horizon=20, secondary_crises=4)
    made = list(weighings(ArmStore(size, tmp_path)))
    assert all(each.weight.shape == (10,) and (each.weight >= 0).all() for each in made)
    assert len({each.what for each in made}) == len(made) == 4
    assert made[0].draws == pytest.approx(10)
