"""What holds for every reading of any crisis."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.records import EVENT_COLUMNS, RECORD_COLUMNS, History, read_records
from tests.support.histories import crisis, histories, record, rungs

LABELS = {
    "icb_violence": {"", "none", "minor", "serious", "war"},
    "icb_termination": {"", "agreement", "tacit", "unilateral", "imposed", "faded"},
    "icb_response": {"", "violent", "other", "none"},
}


@settings(deadline=None, max_examples=60)
@given(histories())
def test_lanes_are_read_alike_together_and_apart(history):
    records, events = read_records(history)
    for lane in range(history.lanes):
        alone, alone_events = read_records(history.take(slice(lane, lane + 1)))
        for name, values in alone.items():
            np.testing.assert_array_equal(values, records[name][lane : lane + 1], err_msg=name)
        for name in set(EVENT_COLUMNS) - {"lane"}:
            np.testing.assert_array_equal(alone_events[name], events[name][events["lane"] == lane], err_msg=name)


@settings(deadline=None, max_examples=30)
@given(histories(), st.integers(1, 40))
def test_a_longer_horizon_only_adds(history, more):
    """Quiet days added at the end change no closed dispute and take no event away."""
    padded = History.empty(history.days + more, history.lanes)
    for name in ("fought", "policy", "deaths", "civilians", "incident", "attempt", "support"):
        getattr(padded, name)[: history.days] = getattr(history, name)
    before, events = read_records(history)
    after, later = read_records(padded)
    closed = ~before["mid_censored"]
    for name in ("mid_duration", "mid_deaths", "mid_hostility"):
        np.testing.assert_array_equal(before[name][closed], after[name][closed])
    for name in ("day", "hostility", "deaths", "kind"):
        np.testing.assert_array_equal(events[name], later[name])


@settings(deadline=None, max_examples=60)
@given(histories())
def test_numbers_are_consistent(history):
    records, events = read_records(history)
    begun = records["mid_duration"] > 0
    assert (records["mid_hostility"][begun] >= 3).all()
    assert (records["mid_duration"] <= history.days).all()
    assert (records["icb_duration"] <= history.days).all()
    assert (records["icb_response_day"] < history.days).all()
    assert (records["mid_deaths"] <= history.military_deaths().sum(axis=0)).all()
    assert ((records["icb_mediation_day"] >= 0) == records["icb_mediated"]).all()
    assert (records["days_deadly_five"] <= records["days_deadly_two"]).all()
    assert (records["days_deadly_two"] <= records["days_deadly"]).all()
    assert (records["days_deadly"] <= records["days_counted"]).all()
    assert (events["days"] >= 1).all() and (events["days"] <= 7).all()
    assert set(events["lane"]) == set(np.flatnonzero(begun))


@settings(deadline=None, max_examples=60)
@given(histories())
def test_every_shot_belongs_to_one_run_and_every_death_there_is_counted_once(history):
    _, events = read_records(history)
    run = events["reading"] == "run"
    firing = history.highest() >= 4
    for lane in range(history.lanes):
        of_lane = run & (events["lane"] == lane)
        assert events["days"][of_lane].sum() == firing[:, lane].sum()
        assert events["deaths"][of_lane].sum() == history.military_deaths()[firing[:, lane], lane].sum()


@settings(deadline=None, max_examples=40)
@given(histories())
def test_columns_and_types_are_the_declared_ones(history):
    records, events = read_records(history)
    assert list(records) == list(RECORD_COLUMNS)
    assert list(events) == list(EVENT_COLUMNS)
    kinds = {"count": np.int32, "day": np.int32, "flag": np.bool_, "measure": np.floating, "label": np.object_}
    for table, columns in ((records, RECORD_COLUMNS), (events, EVENT_COLUMNS)):
        for name, kind in columns.items():
            assert np.issubdtype(table[name].dtype, kinds[kind]), name
    for name, allowed in LABELS.items():
        assert set(records[name]) <= allowed


def test_deadly_days_count_military_and_civilian_dead():
    history = crisis([4] * 6, deaths={0: 1, 1: 2, 3: 5})
    history.civilians[4, 0, 0] = 1
    row = record(history)
    assert (row["days_deadly"], row["days_deadly_two"], row["days_deadly_five"]) == (4, 2, 1)
    assert (row["deaths_counted"], row["days_counted"]) == (9, 6)


def test_a_stretch_of_five_days_with_more_than_40_dead_is_left_out():
    row = record(crisis([4] * 30, deaths={2: 1, 10: 10, 12: 15, 14: 16, 25: 3}))
    assert (row["days_counted"], row["days_deadly"], row["deaths_counted"]) == (25, 2, 4)


def test_forty_dead_in_five_days_are_not():
    assert record(crisis([4] * 30, deaths={10: 10, 12: 15, 14: 15}))["days_counted"] == 30


def test_correlation_of_the_sides_over_days():
    path = rungs((5, 3), (4, 2), (1, 5))
    assert record(crisis(path, path))["rung_correlation"] == 1
    assert np.isnan(record(crisis(path, [1] * 10))["rung_correlation"])
    expected = np.corrcoef(path, path[1:] + [3])[0, 1]
    np.testing.assert_allclose(record(crisis(path, path[1:] + [3]))["rung_correlation"], expected)


def test_a_single_day_can_be_read():
    row = record(crisis([5], [4]))
    assert (row["mid_duration"], row["mid_censored"], row["icb_violence"]) == (1, True, "minor")
