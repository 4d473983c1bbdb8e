"""Cumulative incidence with competing risks, restricted means, joint tables and the ageing of truces."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.statistics.arms import Arm
from experiments.statistics.competing import hazard_by_age, incidence, truces
from experiments.statistics.contrasts import CLASSES, frechet_bounds, joint_table
from experiments.statistics.metrics import metric, observed_days
from tests.support.synthetic_outcomes import outcomes, paths

BASE = outcomes(300)


def aalen_johansen(event: np.ndarray, rival: np.ndarray, horizon: int) -> np.ndarray:
    """Return the textbook estimate: sum over days of survival times the hazard of the event."""
    first = np.fmin(event, rival)
    alive, total, curve = 1.0, 0.0, []
    for day in range(horizon):
        at_risk = np.sum(np.isnan(first) | (first >= day))
        met = np.sum((event == day) & (np.isnan(rival) | (event <= rival)))
        gone = np.sum(first == day)
        total += alive * met / at_risk if at_risk else 0
        alive *= 1 - gone / at_risk if at_risk else 1
        curve.append(total)
    return np.array(curve)


def with_war_days(lanes: pl.DataFrame) -> pl.DataFrame:
    war = pl.col("severity").is_in(["war", "regional_war"])
    return lanes.with_columns(pl.when(war).then(pl.col("days_hot") // 2).cast(pl.Int32).alias("war_day"))


def test_incidence_is_the_aalen_johansen_estimate():
    lanes = with_war_days(BASE)
    calm, war = (lanes[name].cast(pl.Float64).to_numpy() for name in ("days_to_calm", "war_day"))
    arm = Arm("a", lanes)
    assert incidence(arm, "calm")["value"].to_numpy() == pytest.approx(aalen_johansen(calm, war, observed_days(120)))
    tied = np.where(calm <= war, np.nan, war)
    assert incidence(arm, "war")["value"].to_numpy() == pytest.approx(aalen_johansen(tied, calm, 120))


@pytest.mark.parametrize("horizon", [40, 120])
def test_restricted_mean_is_what_lies_above_the_incidence(horizon):
    arm = Arm("a", with_war_days(BASE), horizon)
    days = arm.sample(metric("restricted_days_to_calm", horizon, arm.lanes.schema)).mean
    curve = incidence(arm, "calm")["value"]
    assert days == pytest.approx(len(curve) - curve.sum())


@pytest.mark.parametrize("event", ["calm", "agreement", "war"])
def test_incidence_never_falls_and_lies_within_its_band(event):
    curve = incidence(Arm("a", with_war_days(BASE)), event)
    assert curve["value"].is_sorted()
    assert curve.select((pl.col("low") <= pl.col("value")).all() & (pl.col("value") <= pl.col("high")).all()).item()


def test_war_is_known_at_the_horizon_alone_where_its_day_was_not_kept():
    curve = incidence(Arm("a", BASE), "war")
    assert curve["day"].to_list() == [119]
    assert curve["value"][0] == pytest.approx(BASE["severity"].is_in(["war", "regional_war"]).mean())


def test_incidence_of_points_that_share_luck_is_no_surer_than_of_one():
    thrice = pl.concat([BASE.with_columns(pl.lit(k).alias("cell")) for k in range(3)])
    one, three = incidence(Arm("a", BASE), "agreement"), incidence(Arm("a", thrice), "agreement")
    assert three["value"].to_numpy() == pytest.approx(one["value"].to_numpy())
    assert three["low"].to_numpy() == pytest.approx(one["low"].to_numpy())


def test_joint_table_counts_pairs_and_lies_within_its_bounds():
    base, arm = Arm("none", BASE), Arm("mediator", outcomes(300, 0.5, 1, True))
    bad = metric("limited_war_or_worse", 120, BASE.schema)
    table = joint_table(arm, base, bad)
    values = dict(zip(table["class"], table["value"], strict=True))
    assert list(values) == list(CLASSES)
    assert sum(values.values()) == pytest.approx(1)
    gap = sum(a.lanes.select(bad.expression.mean()).item() * sign for a, sign in ((arm, 1), (base, -1)))
    assert values["harmed"] - values["rescued"] == pytest.approx(gap)
    inside = (pl.col("frechet_low") - 1e-12 <= pl.col("value")) & (pl.col("value") <= pl.col("frechet_high") + 1e-12)
    assert table.select(inside.all()).item()


def test_an_arm_rescues_and_harms_nobody_against_itself():
    table = joint_table(Arm("a", BASE), Arm("b", BASE), metric("calm", 120, BASE.schema))
    assert table.filter(pl.col("class").is_in(["rescued", "harmed"]))["value"].to_list() == [0, 0]


def test_joint_table_needs_shared_luck():
    bad = metric("war", 120, BASE.schema)
    assert joint_table(Arm("a", outcomes(300, luck="own")), Arm("b", BASE), bad) is None


@given(st.floats(0, 1), st.floats(0, 1))
def test_frechet_bounds_hold_for_independent_for_comonotone_and_for_opposite_luck(p, q):
    least, most = frechet_bounds(p, q)
    for joint in (p * q, min(p, q), max(p + q - 1, 0)):
        assert least - 1e-9 <= joint <= most + 1e-9


def spells(start: list[int], broken: list[int | None], end: int) -> pl.DataFrame:
    return pl.DataFrame(
        {"start": start, "broken": broken, "end": [end] * len(start)}, schema_overrides={"broken": pl.Int64}
    )


def test_a_constant_hazard_is_found_again():
    draw = np.random.default_rng(1)
    lasted = draw.geometric(0.05, 4000)
    table = hazard_by_age(spells([0] * 4000, [days - 1 if days <= 100 else None for days in lasted.tolist()], 100))
    assert ((table["low"] <= 0.05) & (table["high"] >= 0.05)).all()
    assert table["survival"][0] == pytest.approx(0.95**3, abs=0.03)


def test_truces_that_hold_are_counted_while_they_are_seen():
    table = hazard_by_age(spells([10], [None], 15))
    assert table["truce_days"].to_list() == [3, 2]
    assert table["broken"].to_list() == [0, 0]


def test_truces_are_read_from_paths():
    found = truces(paths(1, replicates=6))
    assert (found["start"] == 21).all()
    assert found.filter(pl.col("broken").is_null())["end"].to_list() == [120] * found["broken"].null_count()
    assert (found["kind"] == 2).all()
