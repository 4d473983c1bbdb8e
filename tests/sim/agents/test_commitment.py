"""What a government stands committed to, by posture and by words, and how it talks."""

import numpy as np
import pytest

from tests.sim.agents.test_government import at
from tests.support.worlds import FROZEN, after, apart, both, side_by_side


def test_commitment_follows_deeds_and_fades():
    crisis = after(1, at(5, 5, FROZEN, both("government", rhetoric_discipline=1, posture_commitment=1)))
    own = crisis.governments["a"]
    assert own.commitment == 5
    own.rung[:] = 1
    for _ in range(10):
        own.update_commitment()
    assert own.commitment == pytest.approx(5 * 0.98**10)


def test_posture_pledges_its_share_and_commitment_starts_where_told():
    """Commitment never falls below the share of the rung that binds, and starts no lower than that either."""
    how = both("government", commitment_decay=0.5, rhetoric_discipline=1)
    starts = [
        at(5, 5, FROZEN, how, both("government", posture_commitment=share, commitment_start=start))
        for share in (0, 0.5, 1)
        for start in (0, 8)
    ]
    crisis = side_by_side(*starts)
    np.testing.assert_allclose(crisis.governments["a"].commitment, [0, 8, 2.5, 8, 5, 8])
    for _ in range(3):
        crisis.step()
    np.testing.assert_allclose(crisis.governments["a"].commitment, [0, 1, 2.5, 2.5, 5, 5])


def test_words_commit_by_their_share():
    loud = both("government", rhetoric_base=3, rhetoric_rung=5, posture_commitment=0.5)
    bound, free = apart(
        after(
            3,
            at(1, 1, FROZEN, loud, both("government", rhetoric_commitment=1)),
            at(1, 1, FROZEN, loud, both("government", rhetoric_commitment=0)),
        )
        .governments["a"]
        .commitment,
        2,
    )
    assert bound > 8 and free == 0.5


@pytest.mark.parametrize(
    ("name", "values", "sign"),
    [
        ("rhetoric_discipline", (0, 0.5, 1), -1),
        ("rhetoric_base", (-5, 0, 3), 1),
        ("rhetoric_rung", (0, 2, 5), 1),
        ("rhetoric_protest", (0, 10, 100), 1),
        ("rhetoric_attitude", (0, 1, 5), 1),
    ],
)
def test_rhetoric_rises_and_falls_with(name, values, sign):
    crisis = side_by_side(*(at(5, 5, {f"government.a.{name}": value}) for value in values))
    crisis.publics["a"].protest, crisis.publics["a"].attitude = np.full(3, 0.05), np.full(3, 0.4)
    crisis.governments["a"].update_rhetoric()
    assert (np.diff(crisis.governments["a"].rhetoric) * sign > 0).all()


def test_full_discipline_is_silence():
    crisis = after(3, at(7, 7, FROZEN, both("government", rhetoric_discipline=1)))
    assert crisis.governments["a"].rhetoric == 0
