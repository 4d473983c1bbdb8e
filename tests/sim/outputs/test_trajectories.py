"""Trajectories: sums that are exact, quantiles within a bin, and paths kept for the first replicates."""

from itertools import permutations

import numpy as np
import pytest

from sim.engine.lanes import Points
from sim.ensemble import Settings, run_chunk, simulate
from sim.outputs.columns import PATHS_KEPT
from sim.outputs.trajectories import QUANTILES, SUM_UNIT, TRACKED, TrajectoryTally
from tests.support.worlds import FROZEN, ONE_MEDIATOR, same, scenario

HOW = Settings(horizon_days=12, citizens=15, trajectories=True)
WORLDS = [scenario(ONE_MEDIATOR), scenario({"dyad.start_rung_a": 8})]


@pytest.fixture(scope="module")
def tally():
    return simulate(WORLDS, PATHS_KEPT, HOW).trajectories


def table(tally, value, point, quantity):
    rows = tally.rows()
    return rows[value][(rows["point"] == point) & (rows["quantity"] == quantity)]


def paths(tally, point, quantity):
    """Kept paths of a point, shape (replicates, days)."""
    kept = tally.paths()
    here = (kept["point"] == point) & (kept["quantity"] == quantity)
    return kept["value"][here].reshape(-1, tally.days)


def test_there_is_a_row_for_every_point_day_and_quantity(tally):
    rows = tally.rows()
    assert len(rows["point"]) == 2 * 12 * len(TRACKED)
    assert list(rows) == ["point", "day", "quantity", "mean", "q05", "q25", "q50", "q75", "q95"]
    assert len({*zip(rows["point"], rows["day"], rows["quantity"], strict=True)}) == len(rows["point"])


@pytest.mark.parametrize("quantity", TRACKED)
def test_means_and_quantiles_are_those_of_the_paths(tally, quantity):
    tracked = TRACKED[quantity]
    for point in (0, 1):
        all_paths = paths(tally, point, quantity)
        np.testing.assert_allclose(table(tally, "mean", point, quantity), all_paths.mean(axis=0), atol=SUM_UNIT)
        for q in QUANTILES:
            seen = table(tally, f"q{round(100 * q):02d}", point, quantity)
            exact = np.quantile(all_paths, q, axis=0, method="inverted_cdf")
            assert (np.abs(tracked.bin_of(seen) - tracked.bin_of(exact)) <= 1).all()


@pytest.mark.parametrize("quantity", TRACKED)
def test_values_lie_in_their_ranges_and_in_their_bins(tally, quantity):
    tracked, values = TRACKED[quantity], paths(tally, 1, quantity)
    assert (values >= tracked.low).all() and (values <= tracked.high).all()
    bins = tracked.bin_of(values)
    width = 1 / tracked.bins
    share = (tracked.stretch(values) - tracked.stretch(np.array(float(tracked.low)))) / (
        tracked.stretch(np.array(float(tracked.high))) - tracked.stretch(np.array(float(tracked.low)))
    )
    assert (np.abs(share - (bins + 0.5) * width) <= 0.5 * width + 1e-9).all()


def test_rungs_come_out_whole(tally):
    for q in QUANTILES:
        rungs = table(tally, f"q{round(100 * q):02d}", 0, "rung_a")
        np.testing.assert_allclose(rungs, np.rint(rungs))


def test_paths_are_kept_for_the_first_replicates_only():
    many = simulate(WORLDS[0], PATHS_KEPT + 15, HOW).trajectories
    assert sorted(replicate for _, replicate in many.kept) == list(range(PATHS_KEPT))
    assert many.counts == {0: PATHS_KEPT + 15}
    few = simulate(WORLDS[0], 3, HOW).trajectories
    for replicate in range(3):
        np.testing.assert_array_equal(few.kept[0, replicate], many.kept[0, replicate])


def test_merging_is_exact_in_any_order_and_grouping():
    points, lanes = Points.of(WORLDS), [(point, replicate) for point in (0, 1) for replicate in range(6)]
    whole = simulate(points, 6, HOW).trajectories
    for order in list(permutations(range(3)))[:4]:
        merged = None
        for first in order:
            point, replicate = np.array(lanes[first::3]).T
            part = run_chunk(points, point, replicate, HOW).trajectories
            merged = part if merged is None else (merged.merge(part), merged)[1]
        assert merged.points == [0, 1] and same(merged.rows(), whole.rows()) and same(merged.paths(), whole.paths())


def test_merging_leaves_the_other_tally_as_it_was():
    one, two = (
        simulate(WORLDS[0], 2, Settings(seed=seed, horizon_days=4, citizens=5, trajectories=True)).trajectories
        for seed in (1, 2)
    )
    before = two.rows()
    total = TrajectoryTally.merged([one, two])
    total.merge(one)
    assert same(two.rows(), before) and one.counts == two.counts == {0: 2} and total.counts == {0: 6}


def test_tallies_of_different_lengths_do_not_mix():
    short = simulate(WORLDS[0], 1, Settings(horizon_days=3, citizens=5, trajectories=True)).trajectories
    long = simulate(WORLDS[0], 1, Settings(horizon_days=4, citizens=5, trajectories=True)).trajectories
    with pytest.raises(ValueError, match="3 and 4"):
        short.merge(long)


def test_an_empty_tally_has_empty_tables():
    empty = TrajectoryTally(5)
    assert all(len(column) == 0 for table_ in (empty.rows(), empty.paths()) for column in table_.values())


def test_a_standstill_is_flat():
    tally = simulate(scenario(FROZEN), 5, HOW).trajectories
    for quantity in ("rung_a", "fought_b", "commitment_a", "territory", "agreement"):
        assert np.ptp(table(tally, "mean", 0, quantity)) == 0
