"""Responses to factors, convergence, and parameter uncertainty apart from Monte Carlo error."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.arms import Arm
from experiments.statistics.contrasts import by_factors, grouped, one_at_a_time
from experiments.statistics.estimates import estimate, running_estimates
from experiments.statistics.metrics import metric
from experiments.statistics.random_effects import deconvolved, parameter_interval
from tests.support.synthetic_outcomes import outcomes

BASE = outcomes(200)
CALM = metric("calm", 120, BASE.schema)
GRID = pl.concat(
    [
        outcomes(80, 0.4 * help - 0.05 * idle, 10 * i + j).with_columns(
            pl.lit(float(help)).alias("help"), pl.lit(float(idle)).alias("idle"), pl.lit("x").alias("word")
        )
        for i, help in enumerate(range(3))
        for j, idle in enumerate(range(3))
    ]
)


def test_a_response_has_a_row_a_level_and_keeps_shared_luck_in_mind():
    table = by_factors(GRID, ["help"], CALM, 120)
    assert table["help"].to_list() == [0, 1, 2]
    assert table["value"].is_sorted()
    assert table["lanes"].to_list() == [240] * 3
    assert table["units"].to_list() == [80] * 3


def test_two_factors_give_the_whole_grid():
    table = by_factors(GRID, ["help", "idle"], CALM, 120)
    assert table.select("help", "idle").unique().height == 9


def test_the_stronger_factor_comes_first():
    spans = one_at_a_time(GRID, ["idle", "help"], metric("days_hot", 120, BASE.schema), 120)
    assert spans["factor"].to_list() == ["help", "idle"]
    assert (spans["basis"] == "paired").all()
    assert spans["difference"][0] < 0 < spans["difference"][1]
    assert ((spans["low"] <= spans["difference"]) & (spans["difference"] <= spans["high"])).all()


def test_continuous_factors_are_read_in_classes():
    values = pl.Series("x", np.linspace(0, 1, 500))
    levels = grouped(values)
    assert levels.n_unique() == 10
    assert np.abs((levels - values).to_numpy()).max() < 0.06
    assert grouped(pl.Series("x", ["a", "b"])).to_list() == ["a", "b"]


@pytest.mark.parametrize("name", ["calm", "days_hot"])
def test_running_estimates_end_at_the_estimate(name):
    arm, quantity = Arm("a", BASE), metric(name, 120, BASE.schema)
    last = running_estimates(arm, quantity).row(-1, named=True)
    found = estimate(arm.sample(quantity), quantity)
    assert last["value"] == pytest.approx(found.value)
    assert last["units"] == 200
    if name == "calm":
        assert (last["low"], last["high"]) == pytest.approx((found.low, found.high))


def test_parameter_spread_is_told_from_noise():
    draw = np.random.default_rng(2)
    effects, point = draw.normal(1.0, 0.5, 400), np.repeat(np.arange(400), 30)
    values = effects[point] + draw.normal(0, 3, point.size)
    found = deconvolved(point, values)
    assert found.std(ddof=1) == pytest.approx(0.5, abs=0.06)
    assert found.mean() == pytest.approx(1.0, abs=0.12)
    assert parameter_interval(point, values) == pytest.approx(np.quantile(found, [0.025, 0.975]))


@given(st.integers(0, 50))
def test_points_that_differ_by_noise_alone_have_little_spread(seed):
    draw = np.random.default_rng(seed)
    assert deconvolved(np.repeat(np.arange(60), 25), draw.normal(0, 1, 1500)).std(ddof=1) < 0.15


def test_one_point_has_no_spread_to_speak_of():
    with pytest.raises(ValueError, match="two points"):
        deconvolved(np.zeros(5), np.arange(5.0))


@pytest.mark.parametrize("spread", [0.0, 2.0])
def test_luck_that_points_share_is_no_spread_between_them(spread):
    draw = np.random.default_rng(11)
    spreads = []
    for _ in range(60):
        common, effects = draw.normal(0, 3, 40), draw.normal(0, spread, 50)
        values = 1 + effects[:, None] + common + draw.normal(0, 1, (50, 40))
        point, luck = np.repeat(np.arange(50), 40), np.tile(np.arange(40), 50)
        spreads.append(deconvolved(point, values.ravel(), luck).std(ddof=1))
    assert np.median(spreads) == pytest.approx(spread, abs=0.15)


def test_luck_of_ones_own_is_told_apart_by_its_keys():
    draw = np.random.default_rng(12)
    point = np.repeat(np.arange(30), 20)
    values = draw.normal(0, 1, 600)
    assert np.array_equal(deconvolved(point, values), deconvolved(point, values, np.arange(600)))
