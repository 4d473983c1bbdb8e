"""Contrasts of arms: exactly zero against oneself, antisymmetric, paired where luck is shared."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.errors import UserError
from experiments.statistics.arms import CELL, DRAW, Arm, identical, shared_keys
from experiments.statistics.contrasts import contrast, contrasts, reading
from experiments.statistics.estimates import estimate, levels, shares
from experiments.statistics.metrics import DEFAULT, headline_day, metric, named_metrics, observed_days
from experiments.statistics.vocabulary import SEVERITIES
from tests.support.synthetic_outcomes import outcomes

NAMES = [
    *(metric.name for metric in named_metrics(120)),
    "severity=clash",
    "termination=tacit",
    "q90:days_hot",
    "median:tension",
    "audience_cost_a",
    "relapsed",
]
BASE = outcomes(250)


def named(name: str, horizon: int = 120):
    return metric(name, horizon, BASE.schema)


@pytest.mark.parametrize("name", NAMES)
def test_an_arm_against_itself_is_exactly_zero(name):
    found = contrast(Arm("one", BASE), Arm("again", BASE.sample(fraction=1, shuffle=True, seed=3)), named(name))
    assert (found.difference, found.low, found.high, found.error) == (0, 0, 0, 0)
    assert found.basis == "identical"
    assert found.ratio == 1 or np.isnan(found.ratio)
    assert reading(found, named(name)) in ("negligible", "")


@settings(max_examples=15)
@given(st.floats(-1, 1), st.sampled_from(NAMES), st.sampled_from(["shared", "own"]))
def test_contrasts_are_antisymmetric_and_contain_their_estimate(effect, name, luck):
    first, second = Arm("a", outcomes(120, effect, 1, True, luck=luck)), Arm("b", outcomes(120))
    there, back = contrast(first, second, named(name)), contrast(second, first, named(name))
    assert (there.difference, there.low, there.high) == (-back.difference, -back.high, -back.low)
    assert there.error == back.error
    assert there.low <= there.difference <= there.high
    if np.isfinite(there.ratio) and back.ratio > 0:
        assert there.ratio == pytest.approx(1 / back.ratio)
        assert there.ratio_low <= there.ratio * (1 + 1e-9)
        assert there.ratio <= there.ratio_high * (1 + 1e-9)


@given(st.sampled_from(NAMES), st.integers(0, 1000))
@settings(max_examples=10)
def test_the_order_of_rows_does_not_matter(name, seed):
    arm = outcomes(120, 0.4, 1, True)
    plain = contrast(Arm("a", arm), Arm("b", BASE), named(name))
    mixed = contrast(Arm("a", arm.sample(fraction=1, shuffle=True, seed=seed)), Arm("b", BASE), named(name))
    assert plain == pytest.approx(mixed, nan_ok=True) if isinstance(plain, float) else repr(plain) == repr(mixed)


def test_shared_luck_is_paired_and_own_luck_is_not():
    shared = contrast(Arm("a", outcomes(400, 0.3, 1)), Arm("b", outcomes(400)), named("days_hot"))
    own = contrast(Arm("a", outcomes(400, 0.3, 1, luck="own")), Arm("b", outcomes(400)), named("days_hot"))
    assert (shared.basis, own.basis) == ("paired", "unpaired")
    assert shared.high - shared.low < (own.high - own.low) / 2


def test_arms_that_share_some_luck_are_paired_on_it():
    assert shared_keys(Arm("a", BASE.head(200)), Arm("b", BASE.tail(150))).size == 100
    assert shared_keys(Arm("a", BASE.head(150)), Arm("b", BASE.tail(150))) is None
    assert shared_keys(Arm("a", BASE.head(0)), Arm("b", BASE)) is None


def test_equal_shares_are_not_taken_for_equal_crises():
    changed = BASE.with_columns(pl.col("tension") + 1)
    assert not identical(Arm("a", BASE), Arm("b", changed), Arm("a", BASE).keys)
    found = contrast(Arm("a", BASE), Arm("b", changed), named("regional_war"))
    assert found.difference == 0
    assert found.low < 0 < found.high


def test_points_that_share_luck_do_not_narrow_an_interval():
    one = Arm("one", BASE)
    twice = Arm("twice", pl.concat([BASE.with_columns(pl.lit(k).alias("cell")) for k in range(3)]))
    single, tripled = (estimate(arm.sample(named("calm")), named("calm")) for arm in (one, twice))
    assert (tripled.low, tripled.high) == pytest.approx((single.low, single.high))
    assert tripled.lanes == 3 * single.lanes
    assert tripled.units == single.units


def test_readings_follow_the_smallest_effect_of_interest():
    large = contrast(Arm("a", outcomes(800, 1.2, 1)), Arm("b", outcomes(800)), named("days_hot"))
    none = contrast(Arm("a", outcomes(800, 0.01, 1)), Arm("b", outcomes(800)), named("calm"))
    few = contrast(Arm("a", outcomes(40, 0.3, 1, luck="own")), Arm("b", outcomes(40)), named("calm"))
    tail = contrast(Arm("a", outcomes(400, 0.3, 1)), Arm("b", outcomes(400)), named("deaths"))
    assert reading(large, named("days_hot")) == "larger"
    assert reading(none, named("calm")) == "negligible"
    assert reading(few, named("calm")) == "undecided"
    assert reading(tail, named("deaths")) == "fragile"
    assert reading(few, named("tension")) == ""


def test_contrasts_table_has_a_row_a_metric_and_arm_and_no_p_value():
    arms = [Arm("b", BASE), Arm("a", outcomes(250, 0.3, 1)), Arm("c", outcomes(250, 0.6, 2))]
    table = contrasts(arms, arms[0], [named(name) for name in DEFAULT])
    assert table.height == 2 * len(DEFAULT)
    assert {"difference", "low", "high", "error", "ratio", "basis", "smallest_effect", "reading"} <= set(table.columns)
    assert not [name for name in table.columns if name in ("p", "p_value")]


def test_levels_carry_an_interval_and_an_error_in_every_row():
    table = levels([Arm("b", BASE)], [named(name) for name in NAMES])
    assert table.select(((pl.col("low") <= pl.col("value")) & (pl.col("value") <= pl.col("high"))).all()).item()
    assert (table["error"] >= 0).all()


def test_shares_of_categories_sum_to_one():
    table = shares(Arm("b", BASE), "severity", list(SEVERITIES))
    assert table["value"].sum() == pytest.approx(1)
    assert table["category"].to_list() == list(SEVERITIES)


def test_arms_without_a_value_give_no_contrast_instead_of_failing():
    empty = BASE.with_columns(pl.lit(None, pl.Float64).alias("audience_cost_a"))
    found = contrast(Arm("a", empty), Arm("b", outcomes(250, 0.3, 1)), named("audience_cost_a"))
    assert np.isnan(found.difference)
    assert reading(found, named("audience_cost_a")) == ""


def test_days_that_cannot_be_seen_are_not_counted():
    assert (observed_days(120), observed_days(10)) == (107, 0)
    assert (headline_day(120), headline_day(60)) == (60, 46)
    assert metric("calm", 60, BASE.schema).label == "calm by day 46"


def test_war_rules_calm_out_where_its_day_is_not_known_and_competes_where_it_is():
    lanes = BASE.head(3).with_columns(
        pl.Series("severity", ["war", "war", "clash"]), pl.Series("days_to_calm", [20, 50, None], pl.Int32)
    )
    known = lanes.with_columns(pl.Series("war_day", [40, 40, None], pl.Int32))
    for table, expected in ((lanes, [107, 107, 107]), (known, [20, 107, 107])):
        expression = metric("restricted_days_to_calm", 120, table.schema).expression
        assert table.select(expression).to_series().to_list() == expected


@pytest.mark.parametrize(
    "wrong", ["calmness", "severity=skirmish", "kind=clash", "mode:deaths", "q0:deaths", "luck", "severity"]
)
def test_unknown_metrics_are_refused_in_one_line(wrong):
    with pytest.raises(UserError) as refused:
        named(wrong)
    assert "\n" not in str(refused.value)


def _drawn(effects: np.ndarray, seed: int = 3) -> Arm:
    """An arm of some draws whose deaths differ, every draw with the same luck."""
    found = [
        outcomes(100, effect=float(effect), seed=seed).with_columns(
            pl.lit(number).alias(CELL), pl.lit(number).alias(DRAW)
        )
        for number, effect in enumerate(effects)
    ]
    return Arm(f"arm {effects.mean():.1f}", pl.concat(found))


def test_what_is_not_known_is_told_apart_from_chance():
    effects = np.linspace(-1, 1, 12)
    wide, narrow = _drawn(effects), _drawn(np.zeros(12))
    names = [metric(name, wide.horizon, wide.lanes.schema) for name in ("days_hot", "calm", "q90:days_hot")]
    table = contrasts([narrow, wide], narrow, names)
    spans = dict(zip(table["metric"], table["draws_high"] - table["draws_low"], strict=True))
    assert spans["days_hot"] > 2 and np.isnan(spans["q90:days_hot"])
    level = levels([narrow, wide], names)
    still = level.filter((pl.col("arm") == narrow.name) & (pl.col("metric") == "calm")).row(0, named=True)
    assert still["draws_low"] == pytest.approx(still["draws_high"]) == pytest.approx(still["value"])


def test_without_draws_there_are_no_columns_of_theirs():
    arms = [Arm("one", outcomes()), Arm("other", outcomes(effect=0.3))]
    names = [metric("calm", 120, arms[0].lanes.schema)]
    assert "draws_low" not in levels(arms, names).columns + contrasts(arms, arms[0], names).columns
