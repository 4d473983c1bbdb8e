"""The rival: four numbers fitted to the rows on durations, scored row by row, set beside the agents."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from experiments.calibration.rival import ROWS, Durations, as_text, beside_agents, rival, settled
from experiments.targets.targets import Target, targets

TRUE = Durations(short=0.4, mean=3.0, median=120.0, tail=1.2)


def made_up(target: Target) -> Target:
    """A target that a population of the true durations would have left."""
    value = TRUE.row(target.id)
    half = 0.1 * value
    return replace(target, value=value, low=value - half, high=value + half)


@pytest.fixture(scope="module")
def table() -> pl.DataFrame:
    return rival(targets())


def test_shares_and_quantiles_of_durations_agree():
    for level in (0.1, 0.5, 0.9):
        assert TRUE.ended(TRUE.quantile(level)) == pytest.approx(level)
    assert TRUE.row("T6d") == TRUE.ended(7) and TRUE.row("T6e") == 1 - TRUE.ended(180)


def test_the_four_numbers_behind_a_record_are_found():
    known = [made_up(target) for target in targets() if target.id in ROWS]
    fitted = settled(known)[1].durations
    assert (fitted.short, fitted.mean) == pytest.approx((TRUE.short, TRUE.mean), rel=0.05)
    assert (fitted.median, fitted.tail) == pytest.approx((TRUE.median, TRUE.tail), rel=0.05)
    assert rival(known)["inside"].all()


def test_it_says_the_same_of_all_disputes_and_nothing_of_the_rest(table):
    assert table["id"].to_list() == [target.id for target in targets() if target.id in ROWS]
    value = dict(table.select("id", "value").iter_rows())
    assert value["T6d"] == value["T8a"] == value["T11b"] == value["T11e"]
    assert {"T1a", "T5d", "T7", "T9a", "T11a", "T12", "T13a"}.isdisjoint(table["id"])


def test_a_row_left_out_is_predicted_no_better_than_one_that_was_fitted(table):
    assert (table["log_density"] <= table["log_density_fitted"] + 1e-6).all()


def test_agents_who_are_right_everywhere_are_told_to_be_better(table):
    chosen = [target for target in targets() if target.id in ROWS]
    predicted = pl.DataFrame(
        {
            "id": [target.id for target in chosen],
            "value": [target.value for target in chosen],
            "low": [0.9 * target.value for target in chosen],
            "high": [1.1 * target.value for target in chosen],
            "inside": [True] * len(chosen),
        }
    )
    beside = beside_agents(targets(), predicted, {"T6b": -1.25})
    assert "rival" not in beside["better"].to_list()
    missed = beside.filter(~pl.col("inside"))
    assert missed.height > 0 and (missed["better"] == "agents").all()
    assert beside.filter(pl.col("id") == "T6b")["agents_log_density"].item() == -1.25
    text = as_text(targets(), predicted.filter(pl.col("id") != "T6b"), {"T6a": -1.25})
    rows = {line.split(" | ")[0].strip("| "): line for line in text.splitlines() if line.startswith("| T")}
    assert set(rows) == set(ROWS) and "(-1.2)" in rows["T6a"]
    assert "agents" not in rows["T6b"] and "T13a" in text
