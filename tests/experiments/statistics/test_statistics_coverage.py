"""The 95 % intervals hold what they promise; the full grid runs in validation, a sample of it here."""

import polars as pl
import pytest

from experiments.statistics.arms import Arm
from experiments.statistics.coverage import GRID, cells, lane_coverage, multinomial_coverage
from experiments.statistics.metrics import metric
from tests.support.synthetic_outcomes import outcomes


def test_intervals_of_pairs_cover_wherever_counts_suffice():
    table = multinomial_coverage(GRID[::3], repeats=4000)
    promised = table.filter("promised")
    assert promised["method"].n_unique() == 5
    assert promised.filter(~pl.col("kept")).is_empty()
    assert promised["coverage"].mean() == pytest.approx(0.95, abs=0.005)


def test_null_and_effect_alike_are_in_the_grid():
    assert {effect for _, _, effect, _ in GRID} >= {0.0, 0.05}


@pytest.mark.parametrize("dependence", [0.0, 0.7, 1.0])
def test_cells_keep_the_margins(dependence):
    both, arm, base, neither = cells(0.3, 0.1, dependence)
    assert both + arm == pytest.approx(0.4)
    assert both + base == pytest.approx(0.3)
    assert both + arm + base + neither == pytest.approx(1)


def test_contrasts_of_lanes_cover_under_resampled_luck():
    first, second = Arm("a", outcomes(4000, 0.5, 1, True)), Arm("b", outcomes(4000))
    names = ("agreement", "days_hot")
    table = lane_coverage(first, second, [metric(name, 120, first.lanes.schema) for name in names], 200, repeats=150)
    assert table["method"].to_list() == ["paired", "paired null", "unpaired"] * 2
    assert table.filter(pl.col("method") == "paired null")["truth"].to_list() == [0, 0]
    assert (table.filter("promised")["kept"]).all()
    assert table["promised"].sum() >= 3


def test_coverage_of_lanes_needs_a_large_table_with_shared_luck():
    with pytest.raises(ValueError, match="share at least"):
        lane_coverage(Arm("a", outcomes(50)), Arm("b", outcomes(50)), [], 500)
