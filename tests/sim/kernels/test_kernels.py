"""The compiled loops over citizens: accurate, the same in both precisions, each lane for itself."""

import numpy as np
import pytest
from scipy.special import expit

from sim.kernels.citizens import Burden, Citizens, Mood, Pressure, update_citizens
from sim.kernels.vector_math import exponentiate, logistic
from sim.kernels.views import approve_views

LANES, CITIZENS, VIEWS = 4, 103, 7
BOUNDS = np.tile(np.array([0, 20, 20, 60, 80, 103], np.int64), (LANES, 1))


def inputs(dtype, seed=0):
    """A public and its day, drawn at random; the same numbers in either precision."""
    random = np.random.default_rng(seed)

    def shares(*shape):
        return random.random(shape).astype(dtype)

    traits = {name: shares(LANES, CITIZENS) for name in Citizens._fields}
    traits["attitude"] = traits["attitude"] * 2 - 1
    mood = Mood(*(shares(LANES) + dtype(0.5) for _ in Mood._fields))
    burden = Burden(*(shares(LANES) + dtype(0.5) for _ in Burden._fields))
    pressure = {name: shares(LANES) * dtype(0.1) for name in Pressure._fields}
    pressure |= {
        "anger": shares(LANES, 5),
        "threshold": shares(LANES, 5),
        "spread": shares(LANES) + dtype(0.05),
        "rung": np.array([0, 3, 5, 9], dtype),
        "confidence": np.array([0, 0.1, 1, 2], dtype),
    }
    rung = random.integers(0, 10, (LANES, VIEWS)).astype(dtype)
    views = (rung, shares(LANES, VIEWS), (np.arange(VIEWS) % 2).astype(dtype))
    return Citizens(**traits), mood, burden, Pressure(**pressure), views


def some(arrays, lanes):
    """Some lanes of each array, contiguous as the engine hands them over."""
    return [np.ascontiguousarray(array[lanes]) for array in arrays]


def weighed(dtype, lanes=slice(None), seed=0):
    """Approval of each view, and support where protesters count double, shape (2, lanes, views)."""
    citizens, mood, _, _, (rung, penalty, threatened) = inputs(dtype, seed)
    rung, penalty = some((rung, penalty), lanes)
    here, weighs, pressure = Citizens(*some(citizens, lanes)), np.ones(len(rung), bool), np.full(len(rung), 2.0)
    result = np.full((2, *rung.shape), -1.0)
    approve_views(here, Mood(*some(mood, lanes)), weighs, pressure, rung, penalty, threatened, *result)
    return result


def lived(dtype, lanes=slice(None), seed=0, **changed):
    """The citizens after a day, and means of attitude, approval and protest, shape (lanes, 3).

    ``changed`` are fields of the day's pressure, the same in all lanes.
    """
    citizens, mood, burden, pressure, _ = inputs(dtype, seed)
    pressure = pressure._replace(**{name: np.full(LANES, value, dtype) for name, value in changed.items()})
    here, mood, burden, pressure = (type(part)(*some(part, lanes)) for part in (citizens, mood, burden, pressure))
    result = np.full((len(here.attitude), 3), -9.0)
    update_citizens(here, mood, burden, pressure, *some([BOUNDS], lanes), result)
    return here, result


def fast_logistic(values):
    """The logistic function of some numbers, (n,), by the kernels' own exponential."""
    row = values[None].copy()
    logistic(row)
    return row[0]


def test_the_fast_exponential_is_accurate_to_single_precision():
    values = np.linspace(-30, 30, 200_001, dtype=np.float32)
    np.testing.assert_allclose(fast_logistic(values), expit(values.astype(float)), rtol=1e-6, atol=1e-7)
    extremes = np.array([-1e30, -200, -88, -87, 87, 88, 200, 1e30, 0], np.float32)
    seen = fast_logistic(extremes)
    assert np.isfinite(seen).all() and (np.diff(seen[:8]) >= 0).all() and seen[-1] == 0.5
    assert seen[0] < 1e-37 and seen[7] > 0.999999


def test_it_rises_wherever_its_argument_does():
    """No dent at the seams between powers of two that a crisis could fall into."""
    values = np.sort(np.random.default_rng(0).uniform(-12, 12, 100_000)).astype(np.float32)
    assert (np.diff(fast_logistic(values)) >= -3e-7).all()


def test_both_precisions_agree():
    np.testing.assert_allclose(weighed(np.float32), weighed(np.float64), atol=2e-6)
    single, double = lived(np.float32), lived(np.float64)
    np.testing.assert_allclose(single[1], double[1], atol=2e-5)
    np.testing.assert_allclose(single[0].attitude, double[0].attitude, atol=2e-6)
    np.testing.assert_allclose(single[0].approval, double[0].approval, atol=2e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("lanes", [slice(2, 3), slice(None, None, -1), slice(1, None), [3, 0, 0]])
def test_each_lane_is_summed_for_itself(dtype, lanes):
    np.testing.assert_array_equal(weighed(dtype, lanes), weighed(dtype)[:, lanes])
    part, whole = lived(dtype, lanes), lived(dtype)
    np.testing.assert_array_equal(part[1], whole[1][lanes])
    for name in ("attitude", "approval", "march"):
        np.testing.assert_array_equal(getattr(part[0], name), getattr(whole[0], name)[lanes])


def test_views_left_out_are_nought_and_lanes_that_weigh_nothing_stay_as_they_are():
    citizens, mood, _, _, (rung, penalty, threatened) = inputs(np.float64)
    rung[:, 2] = -1
    weighs, result = np.array([True, False, True, True]), np.full((2, *rung.shape), 9.0)
    approve_views(citizens, mood, weighs, np.ones(LANES), rung, penalty, threatened, *result)
    assert (result[:, 1] == 9).all()
    asked = result[:, weighs]
    assert (asked[:, :, 2] == 0).all() and (np.delete(asked, 2, axis=2) > 0).all()


def test_support_adds_what_protesters_think_by_their_pressure():
    citizens, mood, _, _, (rung, penalty, threatened) = inputs(np.float64)
    pressure = np.array([0.0, 1.0, 2.0, 2.0])
    citizens.march[3] = 0
    approval, support = np.empty(rung.shape), np.empty(rung.shape)
    approve_views(citizens, mood, np.ones(LANES, bool), pressure, rung, penalty, threatened, approval, support)
    added = support - approval
    assert (added[[0, 3]] == 0).all() and (added[[1, 2]] > 0).all()
    # Where everybody marches alike, protesters think what the public thinks.
    citizens.march[2] = 0.25
    approve_views(citizens, mood, np.ones(LANES, bool), pressure, rung, penalty, threatened, approval, support)
    np.testing.assert_allclose(support[2], 1.5 * approval[2])


def test_shares_are_shares_and_attitudes_stay_in_range():
    for seed in range(5):
        citizens, result = lived(np.float32, seed=seed)
        assert (np.abs(citizens.attitude) <= 1).all() and (np.abs(result[:, 0]) <= 1).all()
        assert ((result[:, 1:] >= 0) & (result[:, 1:] <= 1)).all()
        assert ((citizens.approval >= 0) & (citizens.approval <= 1)).all()


def test_an_empty_segment_is_no_trouble():
    _, result = lived(np.float64)  # the second segment has nobody in it
    assert np.isfinite(result).all() and BOUNDS[0, 1] == BOUNDS[0, 2]


def test_the_least_confidence_is_no_trouble():
    """A kernel too narrow for its square to be a number lets everybody hear those who think exactly alike."""
    citizens, mood, burden, pressure, _ = inputs(np.float32)
    pressure = pressure._replace(confidence=np.full(LANES, 1e-30, np.float32))
    citizens.attitude[:] = np.float32(0.25)
    result = np.empty((LANES, 3))
    update_citizens(citizens, mood, burden, pressure, BOUNDS, result)
    assert np.isfinite(result).all() and np.isfinite(citizens.attitude).all()


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 2e-6), (np.float64, 1e-14)])
def test_the_exponential_is_accurate_in_both_precisions(dtype, tolerance):
    values = np.linspace(-80, 80, 10_001, dtype=dtype)[None]
    seen = values.copy()
    exponentiate(seen)
    np.testing.assert_allclose(seen, np.exp(values.astype(float)), rtol=tolerance)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 3e-6), (np.float64, 1e-12)])
def test_the_chance_of_protesting_is_smooth_in_the_risk_of_arrest(dtype, tolerance):
    """The closed form goes over into its limit where hardly anybody is arrested, and stays a share at any risk."""
    shares = []
    for arrest in (0, 1e-6, 0.9e-4, 1.1e-4, 0.01, 1):
        citizens, result = lived(dtype, spread=0.1, arrest=arrest, memory=0)
        shares.append(result[:, 2])
        assert ((citizens.march >= 0) & (citizens.march <= 1)).all()
    assert (np.diff(shares, axis=0)[[0, 2, 3, 4]] <= tolerance).all()
    np.testing.assert_allclose(shares[3], shares[2], atol=5e-5)


def test_each_of_those_who_marched_yesterday_goes_on_in_part():
    before = inputs(np.float64)[0].march
    fresh, lasting, for_good = (lived(np.float64, memory=memory) for memory in (0, 0.9, 1))
    np.testing.assert_array_equal(lasting[0].march, np.maximum(fresh[0].march, 0.9 * before))
    np.testing.assert_array_equal(for_good[0].march, np.maximum(fresh[0].march, before))
    for citizens, result in (fresh, lasting, for_good):
        np.testing.assert_allclose(result[:, 2], citizens.march.mean(axis=1))


def test_hawks_march_as_far_as_the_dispute_is_on_their_minds_and_the_angry_and_doves_whatever_it_is():
    """Without attention nobody marches for war; anger, and too much force, bring people out all the same."""
    free = {"arrest": 0, "memory": 0, "spread": 0.05}
    shares = [lived(np.float64, attention=attention, **free)[1][0, 2] for attention in (0, 0.5, 1)]
    assert (np.diff(shares) > 0).all()  # policy at rung 0: everybody finds it too soft
    dovish = [lived(np.float64, attention=attention, peace_movement=1, **free)[1][3, 2] for attention in (0, 1)]
    assert dovish[0] == dovish[1] > lived(np.float64, attention=0, peace_movement=0, **free)[1][3, 2]
