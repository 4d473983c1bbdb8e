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
    assert record(crisis(rungs((1, 5), (3, 1), (4, 3), (1, 190))))["mid_duration"] == 4


def test_a_posture_that_is_merely_held_is_no_act():
    """Mobilising is one day's act, however long the troops stay; a further rise is another."""
    assert record(crisis(rungs((1, 5), (3, 40), (1, 190))))["mid_duration"] == 1
    assert record(crisis(rungs((3, 10), (2, 5), (3, 10), (1, 190))))["mid_duration"] == 16
    assert record(crisis(rungs((3, 1), (1, 190)), rungs((1, 3), (3, 20), (1, 168))))["mid_duration"] == 4


def test_an_incident_at_rung_3_and_every_day_of_fire_are_acts():
    history = crisis(rungs((3, 30), (1, 190)))
    history.incident[12, 0, 0] = 3
    assert record(history)["mid_duration"] == 13
    assert record(crisis(rungs((4, 30), (1, 190))))["mid_duration"] == 30


@pytest.mark.parametrize(
    ("a", "b", "two_sided"),
    [
        (rungs((4, 2), (1, 190)), rungs((1, 4), (4, 1), (1, 187)), True),
        (rungs((4, 2), (1, 190)), rungs((3, 5), (1, 187)), False),
        (rungs((1, 192)), rungs((9, 5), (1, 187)), False),
        (rungs((4, 1), (1, 190)), rungs((1, 185), (4, 6)), False),
        (rungs((2, 50)), rungs((2, 50)), False),
    ],
)
def test_it_is_two_sided_where_each_side_used_force_within_it(a, b, two_sided):
    assert record(crisis(a, b))["mid_two_sided"] is two_sided


def test_incidents_and_answers_make_a_dispute_two_sided_as_policy_does():
    history = crisis(rungs((5, 3), (1, 190)), rungs((1, 1), (4, 1), (1, 191)), policy_b=[1] * 193)
    assert record(history)["mid_two_sided"]


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
