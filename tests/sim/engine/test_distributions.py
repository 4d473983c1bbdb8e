"""What a scenario lets vary: drawn by quantile, clipped to its range, paired as asked."""

import numpy as np
import pytest
from scipy import stats

from sim.engine.distributions import QUANTILES, check, draw
from sim.engine.lanes import Points, lane_values
from sim.engine.streams import Luck
from sim.scenario import ParameterError, Scenario, parameters

WIDE = parameters()["talks.threshold"]  # from -5 to 5
SHARE = parameters()["talks.rate"]
U = (np.arange(4000) + 0.5) / 4000


@pytest.mark.parametrize(
    ("spec", "law"),
    [
        ({"dist": "uniform", "low": -1, "high": 2}, stats.uniform(-1, 3)),
        ({"dist": "normal", "mean": 0.5, "sd": 0.8}, stats.norm(0.5, 0.8)),
        ({"dist": "lognormal", "median": 0.7, "sigma": 0.4}, stats.lognorm(0.4, scale=0.7)),
        ({"dist": "beta", "mean": 0.3, "concentration": 5}, stats.beta(1.5, 3.5)),
        ({"dist": "bernoulli", "p": 0.2}, stats.bernoulli(0.2)),
    ],
)
def test_quantiles_are_those_of_the_law(spec, law):
    check("talks.threshold", WIDE, spec)
    seen = draw(WIDE, spec, U)
    if spec["dist"] == "bernoulli":
        assert seen.mean() == pytest.approx(0.2) and set(seen) == {0, 1}
    else:
        np.testing.assert_allclose(seen, law.ppf(U), rtol=1e-9)


def test_every_distribution_is_covered_here():
    assert set(QUANTILES) == {"uniform", "normal", "lognormal", "beta", "bernoulli", "values"}


def test_draws_are_clipped_to_the_range():
    seen = draw(SHARE, {"dist": "normal", "mean": 0.5, "sd": 2}, U)
    assert seen.min() == 0 and seen.max() == 1 and 0 < np.median(seen) < 1


def test_whole_numbers_stay_whole():
    seen = draw(parameters()["dyad.start_rung_a"], {"dist": "uniform", "low": 0, "high": 9}, U)
    np.testing.assert_array_equal(seen, np.rint(seen))
    assert set(seen) == set(range(10))


def test_lists_of_values_are_drawn_by_weight():
    spec = {"dist": "values", "values": [0.1, 0.4, 0.9], "weights": [1, 0, 3]}
    seen = draw(SHARE, spec, U)
    assert (seen == 0.1).mean() == pytest.approx(0.25) and (seen == 0.4).sum() == 0
    even = draw(SHARE, {"dist": "values", "values": [0.1, 0.4]}, U)
    assert (even == 0.1).mean() == 0.5
    assert draw(SHARE, spec, np.array([1 - 1e-16]))[0] == 0.9


def test_choices_are_drawn_as_the_number_of_their_option():
    protege = parameters()["alliance.first.protege"]
    seen = draw(protege, {"dist": "values", "values": ["b", "a"], "weights": [3, 1]}, U)
    assert (seen == 1).mean() == pytest.approx(0.75) and set(seen) == {0, 1}


REFUSED = [
    (3, "dist must be one of"),
    ({}, "dist must be one of"),
    ({"dist": "cauchy"}, "dist must be one of"),
    ({"dist": "uniform", "low": 0}, "needs low, high"),
    ({"dist": "uniform", "low": 1, "high": 0}, "impossible"),
    ({"dist": "uniform", "low": 0, "high": 1, "mode": 1}, "unknown: mode"),
    ({"dist": "normal", "mean": 0, "sd": 0}, "sd=0"),
    ({"dist": "normal", "mean": "x", "sd": 1}, "not a finite"),
    ({"dist": "normal", "mean": float("inf"), "sd": 1}, "not a finite"),
    ({"dist": "beta", "mean": 1, "concentration": 1}, "impossible"),
    ({"dist": "lognormal", "median": -1, "sigma": 1}, "median=-1"),
    ({"dist": "bernoulli", "p": 2}, "p=2"),
    ({"dist": "bernoulli", "p": True}, "p=True"),
    ({"dist": "values", "values": [0.5, 2]}, "out of range"),
    ({"dist": "values", "values": []}, "weights"),
    ({"dist": "values", "values": [0.1], "weights": [1, 2]}, "weights"),
    ({"dist": "values", "values": [0.1], "weights": [0]}, "weights"),
    ({"dist": "values", "values": [0.1, 0.2], "weights": [-1, 2]}, "weights"),
]


@pytest.mark.parametrize(("spec", "said"), REFUSED)
def test_what_cannot_be_drawn_is_refused_by_name(spec, said):
    with pytest.raises(ParameterError) as error:
        check("talks.rate", SHARE, spec)
    message = str(error.value)
    assert message.startswith("varies.talks.rate") and said in message and "\n" not in message


@pytest.mark.parametrize("path", ["alliance.first.protege", "name", "government.a.luck_slot"])
def test_labels_choices_and_slots_of_luck_do_not_vary_along_a_line(path):
    with pytest.raises(ParameterError):
        check(path, parameters()[path], {"dist": "uniform", "low": 0, "high": 1})


def test_a_bad_distribution_stops_a_simulation_before_it_starts():
    with pytest.raises(ParameterError, match="varies.talks.rate"):
        lane_values(
            Points.of(Scenario(varies={"talks.rate": {"dist": "normal", "mean": 0}})),
            np.zeros(1, int),
            Luck(1, np.zeros(1, int)),
        )


# -- who shares a draw ------------------------------------------------------------------------------------------------

EVEN = {"dist": "uniform", "low": 0, "high": 1}


def varied(varies, replicates=500):
    points = Points.of(Scenario(varies=varies))
    return lane_values(points, np.zeros(replicates, int), Luck(1, np.arange(replicates)))


def correlation(one, two):
    return abs(np.corrcoef(one, two)[0, 1])


def test_parameters_vary_apart_unless_told_to_vary_together():
    tree = varied(
        {
            "talks.rate": EVEN,
            "talks.secrecy": EVEN,
            "mediation.effort": {**EVEN, "with": "openness"},
            "mediation.secrecy": {**EVEN, "with": "openness"},
        }
    )
    assert correlation(tree.talks.rate, tree.talks.secrecy) < 0.15
    assert correlation(tree.mediation.effort, tree.talks.rate) < 0.15
    np.testing.assert_array_equal(tree.mediation.effort, tree.mediation.secrecy)


def test_the_sides_vary_apart_with_the_luck_of_each_side():
    both_sides = {f"government.{side}.fog": {"dist": "uniform", "low": 0, "high": 2} for side in "ab"}
    tree = varied(both_sides)
    assert correlation(tree.government.a.fog, tree.government.b.fog) < 0.15
    one_side = varied({"government.a.fog": both_sides["government.a.fog"]})
    np.testing.assert_array_equal(one_side.government.a.fog, tree.government.a.fog)


def test_a_draw_does_not_depend_on_what_else_varies():
    alone, crowd = varied({"talks.rate": EVEN}), varied({"mediation.effort": EVEN, "talks.rate": EVEN})
    np.testing.assert_array_equal(alone.talks.rate, crowd.talks.rate)
