"""The ladder: ten rungs in order of hostility, force and blood."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.ladder import ARTILLERY, ASSAULT, BLOODLESS, DEATHS, FORCE, HOT, LADDER, RUNGS, pick


def test_rungs_rise_in_hostility_force_and_deaths():
    assert len(LADDER) == RUNGS == 10
    for quality in ("hostility", "force", "deaths"):
        values = [getattr(rung, quality) for rung in LADDER]
        assert values == sorted(values)
    assert (FORCE[0], FORCE[9]) == (0, 1)


def test_hostility_follows_the_five_point_scale():
    assert [rung.hostility for rung in LADDER] == [1, 2, 3, 3, 4, 4, 4, 4, 4, 4]
    assert HOT == 4 < ARTILLERY < ASSAULT


def test_most_days_of_small_arms_kill_nobody_and_no_day_of_full_war_does():
    assert ((BLOODLESS >= 0) & (BLOODLESS < 1)).all()
    assert BLOODLESS[4] > 0.5 and BLOODLESS[9] == 0
    assert (np.diff(BLOODLESS[3:]) < 0).all()
    assert (DEATHS[:3] == 0).all() and (DEATHS[3:] > 0).all()


def test_rungs_have_names_of_their_own():
    assert len({rung.name for rung in LADDER}) == RUNGS


TABLE = np.random.default_rng(0).random((4, RUNGS))


@given(st.lists(st.integers(0, 9), min_size=4, max_size=4))
def test_tables_are_read_at_rungs(rungs):
    np.testing.assert_array_equal(pick(TABLE, np.array(rungs)), TABLE[np.arange(4), rungs])
