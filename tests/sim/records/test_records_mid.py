"""A lane read as a Militarized Interstate Dispute."""

import numpy as np
import pytest

from sim.records import read_records
from tests.support.histories import crisis, record, rungs


def test_lasts_from_the_first_to_the_last_militarised_day_both_counted():
    row = record(crisis(rungs((4, 1), (1, 9), (3, 1), (1, 200))))
    assert row["mid_duration"] == 11
    assert not row["mid_censored"]


def test_a_dispute_of_one_day_lasts_one():
    assert record(crisis(rungs((5, 1), (1, 200))))["mid_duration"] == 1


@pytest.mark.parametrize(("quiet", "duration"), [(179, 181), (180, 1)])
def test_180_days_of_quiet_end_it(quiet, duration):
    row = record(crisis(rungs((4, 1), (2, quiet), (4, 1), (1, 190))))
    assert row["mid_duration"] == duration
    assert not row["mid_censored"]


@pytest.mark.parametrize(("left", "censored"), [(179, True), (180, False)])
def test_it_is_censored_unless_the_quiet_was_seen(left, censored):
    row = record(crisis(rungs((4, 3), (1, left))))
    assert row["mid_censored"] is censored
    assert row["mid_duration"] == 3


def test_it_begins_with_the_first_militarised_day_where_day_0_is_quiet():
    assert record(crisis(rungs((1, 5), (3, 4), (1, 190))))["mid_duration"] == 4


def test_a_lane_without_militarised_day_is_no_dispute():
    row = record(crisis(rungs((2, 20))))
    assert (row["mid_duration"], row["mid_deaths"], row["mid_joiners"]) == (-1, -1, -1)
    assert not row["mid_censored"]


@pytest.mark.parametrize(("rung", "level"), [(0, 1), (1, 2), (2, 3), (3, 3), (4, 4), (8, 4), (9, 4)])
def test_hostility_follows_the_highest_rung(rung, level):
    assert record(crisis(rungs((rung, 2), (0, 3)), [0] * 5))["mid_hostility"] == level


@pytest.mark.parametrize(("deaths", "level"), [(999, 4), (1000, 5)])
def test_war_needs_a_thousand_battle_deaths(deaths, level):
    row = record(crisis(rungs((8, 2), (1, 3)), deaths={0: 500, 1: deaths - 500}))
    assert row["mid_hostility"] == level
    assert row["mid_deaths"] == deaths


def test_deaths_and_rungs_after_the_end_belong_to_another_dispute():
    row = record(crisis(rungs((3, 1), (1, 180), (9, 5)), deaths={181: 2000}))
    assert (row["mid_hostility"], row["mid_deaths"]) == (3, 0)


def test_civilian_deaths_are_no_battle_deaths():
    history = crisis(rungs((8, 2), (1, 3)))
    history.civilians[0, 0, 0] = 5000
    assert record(history)["mid_hostility"] == 4


@pytest.mark.parametrize(("support", "day", "joiners"), [(1, 1, 0), (2, 1, 1), (3, 1, 1), (2, 4, 0)])
def test_a_joiner_gives_material_support_within_the_dispute(support, day, joiners):
    history = crisis(rungs((4, 3), (1, 190)))
    history.support[day] = support
    assert record(history)["mid_joiners"] == joiners


def test_joiners_are_counted_where_each_ally_is_known():
    history = crisis(rungs((4, 3), (1, 190)))
    history.support = np.zeros((history.days, 3, 1), np.int8)
    history.support[1, [0, 2]] = 2
    assert record(history)["mid_joiners"] == 2


def test_columns_are_whole_numbers_of_32_bits():
    records, _ = read_records(crisis(rungs((9, 3)), deaths={0: 2_000_000_000, 1: 2_000_000_000}))
    assert records["mid_deaths"].dtype == np.int32
    assert records["mid_deaths"][0] == np.iinfo(np.int32).max
