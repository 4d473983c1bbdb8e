"""What no crisis, one, or too few can tell: a number, but no interval and no reading."""

import numpy as np
import polars as pl
import pytest

from experiments.statistics.arms import Arm
from experiments.statistics.competing import incidence
from experiments.statistics.contrasts import by_factors, contrast, joint_table, one_at_a_time, reading
from experiments.statistics.estimates import estimate, running_estimates, too_few
from experiments.statistics.intervals import wilson
from experiments.statistics.metrics import DEFAULT, common_horizon, metric
from tests.support.synthetic_outcomes import outcomes

BASE = outcomes(60)
NAMES = [*DEFAULT, "median_deaths", "q90:days_hot", "tension"]


def named(name: str, horizon: int = 120):
    return metric(name, horizon, BASE.schema)


def nothing_but_a_value(found) -> bool:
    return np.isnan([found.low, found.high, found.error]).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("luck", ["shared", "own"])
def test_one_crisis_has_no_interval_and_no_reading(name, luck):
    first, second = Arm("a", outcomes(1, 0.8, 1, luck=luck)), Arm("b", BASE.head(1))
    assert nothing_but_a_value(estimate(first.sample(named(name)), named(name)))
    found = contrast(first, second, named(name))
    assert nothing_but_a_value(found)
    assert np.isnan([found.ratio_low, found.ratio_high]).all()
    assert reading(found, named(name)) == ""


def test_one_crisis_against_itself_is_no_evidence_of_sameness():
    found = contrast(Arm("a", BASE.head(1)), Arm("b", BASE.head(1)), named("days_hot"))
    assert (found.basis, found.difference, reading(found, named("days_hot"))) == ("identical", 0, "")
    assert nothing_but_a_value(found)


def test_resampling_needs_as_many_crises_as_their_range_needs_to_hold_the_quantity():
    assert [too_few(5), too_few(6)] == [True, False]
    assert [too_few(28, 0.9), too_few(29, 0.9)] == [True, False]
    for units, known in ((5, False), (6, True)):
        found = estimate(Arm("a", BASE.head(units)).sample(named("days_hot")), named("days_hot"))
        assert np.isfinite(found.low) == known and np.isfinite(found.value)


def test_what_did_not_vary_has_no_interval_but_a_share_keeps_its_own():
    same = Arm("a", BASE.with_columns(pl.lit(30, pl.Int32).alias("days_hot"), pl.lit("clash").alias("severity")))
    found = estimate(same.sample(named("days_hot")), named("days_hot"))
    assert (found.value, found.error) == (30, 0)
    assert np.isnan(found.low)
    share = estimate(same.sample(named("severity=clash")), named("severity=clash"))
    assert (share.low, share.high) == pytest.approx(tuple(map(float, wilson(1, 60))))


@pytest.mark.parametrize("luck", ["shared", "own"])
def test_a_difference_that_did_not_vary_is_no_verdict(luck):
    first, second = (
        Arm(str(days), outcomes(60, luck=kind).with_columns(pl.lit(days, pl.Int32).alias("days_hot")))
        for days, kind in ((30, luck), (29, "shared"))
    )
    found = contrast(first, second, named("days_hot"))
    assert (found.difference, found.error, reading(found, named("days_hot"))) == (1, 0, "")
    assert np.isnan(found.low)


def test_an_arm_that_did_not_vary_can_be_set_against_one_that_did():
    same = Arm("a", outcomes(60, luck="own").with_columns(pl.lit(0, pl.Int32).alias("days_hot")))
    found = contrast(same, Arm("b", BASE), named("days_hot"))
    assert found.low < found.difference < found.high


def test_pairs_without_any_difference_bound_a_share_by_wilsons_limit_of_none():
    half = BASE.with_columns((pl.int_range(pl.len()) % 2 == 0).alias("relapsed"))
    found = contrast(Arm("a", half.with_columns(pl.col("tension") + 1)), Arm("b", half), named("relapse"))
    most = float(wilson(0, 60)[1])
    assert (found.basis, found.low, found.high) == ("paired", pytest.approx(-most), pytest.approx(most))
    assert reading(found, named("relapse")) == "undecided"


def test_values_of_one_crisis_among_many_are_those_of_one_crisis():
    alone = BASE.with_columns(pl.when(pl.int_range(pl.len()) == 3).then(5.0).alias("audience_cost_a"))
    found = estimate(Arm("a", alone).sample(named("audience_cost_a")), named("audience_cost_a"))
    assert (found.lanes, found.value) == (1, 5)
    assert nothing_but_a_value(found)
    assert nothing_but_a_value(contrast(Arm("a", alone), Arm("b", BASE), named("audience_cost_a")))


def test_curves_and_tables_of_one_crisis_have_no_interval():
    arm, other = Arm("a", outcomes(1, 0.8, 1)), Arm("b", BASE.head(1))
    assert incidence(arm, "calm")["low"].is_nan().all()
    assert joint_table(arm, other, named("calm"))["low"].is_nan().all()
    assert running_estimates(arm, named("days_hot"))["low"].is_nan().all()
    lanes = pl.concat([arm.lanes, other.lanes]).drop("unit", "cell").with_columns(pl.Series("f", [0.0, 1.0]))
    assert by_factors(lanes, ["f"], named("days_hot"), 120)["low"].is_nan().all()
    assert one_at_a_time(lanes, ["f"], named("days_hot"), 120)["low"].is_nan().all()


@pytest.mark.parametrize(("horizon", "seen"), [(1, False), (13, False), (14, True), (15, True), (120, True)])
def test_a_calm_has_a_value_where_it_can_be_seen(horizon, seen):
    arm = Arm("a", BASE, horizon)
    for name in ("calm", "restricted_days_to_calm"):
        assert np.isfinite(arm.sample(named(name, horizon)).mean) == seen, name
        assert "-1" not in named(name, horizon).label
    assert np.isfinite(arm.sample(named("relapse", horizon)).mean) == (horizon > 14)
    assert incidence(arm, "calm").is_empty() != seen


def test_studies_are_compared_over_days_that_show_a_calm_where_any_has_them():
    assert [common_horizon(days) for days in ([120, 60], [7, 120], [14, 120], [7, 2])] == [60, 120, 14, 2]
