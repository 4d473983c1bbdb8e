"""A lane read as Militarized Interstate Events."""

import pytest

from tests.support.histories import crisis, events, rungs


def test_a_new_event_needs_seven_days_since_the_last_began():
    rows = events(crisis(rungs((4, 15), (1, 5))), "event")
    assert [row["day"] for row in rows] == [0, 7, 14]
    assert [row["event"] for row in rows] == [0, 1, 2]


def test_or_a_higher_level():
    rows = events(crisis(rungs((3, 2), (4, 1), (3, 2), (9, 1), (1, 9))), "event")
    assert [(row["day"], row["hostility"]) for row in rows] == [(0, 3), (2, 4), (5, 5)]
    assert [row["next_hostility"] for row in rows] == [4, 5, -1]


def test_a_lower_level_within_seven_days_is_part_of_the_event():
    rows = events(crisis(rungs((5, 1), (1, 1), (3, 1), (4, 1), (1, 10))), "event")
    assert [(row["day"], row["hostility"], row["days"]) for row in rows] == [(0, 4, 4)]


def test_a_mobilisation_that_is_held_is_one_event_and_what_happens_under_it_others():
    held = crisis(rungs((1, 2), (3, 60), (1, 5)))
    assert [(row["day"], row["hostility"], row["days"]) for row in events(held, "event")] == [(2, 3, 1)]
    held.incident[20, 1, 0] = held.fought[20, 1, 0] = 3
    held.incident[40, 0, 0] = held.fought[40, 0, 0] = 4
    rows = events(held, "event")
    assert [(row["day"], row["hostility"], row["actor"]) for row in rows] == [(2, 3, "a"), (20, 3, "b"), (40, 4, "a")]


def test_rungs_below_the_third_do_not_count():
    assert events(crisis(rungs((2, 30))), "event") == []


@pytest.mark.parametrize(("rung", "hostility"), [(3, 3), (4, 4), (8, 4), (9, 5)])
def test_hostility_of_the_pair(rung, hostility):
    assert events(crisis(rungs((1, 3)), rungs((1, 1), (rung, 1), (1, 1))), "event")[0]["hostility"] == hostility


@pytest.mark.parametrize(
    ("a", "b", "actor", "kind"),
    [
        (4, 1, "a", "attack"),
        (3, 5, "b", "attack"),
        (4, 6, "both", "clash"),
        (3, 3, "both", ""),
        (1, 3, "b", ""),
    ],
)
def test_who_acted_and_how(a, b, actor, kind):
    row = events(crisis([a, 1], [b, 1]), "event")[0]
    assert (row["actor"], row["kind"]) == (actor, kind)


def test_deaths_belong_to_the_event_they_fall_in():
    rows = events(crisis(rungs((3, 2), (4, 12)), deaths={1: 1, 2: 2, 8: 4, 9: 8}), "event")
    assert [(row["day"], row["deaths"]) for row in rows] == [(0, 1), (2, 6), (9, 8)]


@pytest.mark.parametrize(("left", "ends"), [(179, -1), (180, 1)])
def test_the_last_event_ends_the_episode_if_the_quiet_was_seen(left, ends):
    rows = events(crisis(rungs((4, 9), (1, left))), "event")
    assert [row["ends_episode"] for row in rows] == [0, ends]


def test_180_days_of_quiet_begin_another_episode():
    rows = events(crisis(rungs((4, 1), (1, 180), (4, 1), (1, 10))), "event")
    assert [(row["day"], row["episode"], row["next_hostility"], row["ends_episode"]) for row in rows] == [
        (0, 0, -1, 1),
        (181, 1, -1, -1),
    ]


def test_a_day_less_and_it_is_the_same_episode():
    rows = events(crisis(rungs((4, 1), (1, 179), (4, 1), (1, 10))), "event")
    assert [(row["episode"], row["next_hostility"], row["ends_episode"]) for row in rows] == [(0, 4, 0), (0, -1, -1)]


def test_runs_are_told_by_who_fires():
    a = rungs((4, 2), (5, 1), (1, 1), (4, 1), (3, 1))
    b = rungs((1, 2), (4, 2), (1, 2))
    rows = events(crisis(a, b, deaths={1: 3, 2: 4}), "run")
    assert [(row["day"], row["days"], row["kind"], row["actor"], row["deaths"]) for row in rows] == [
        (0, 2, "attack", "a", 3),
        (2, 1, "clash", "both", 4),
        (3, 1, "attack", "b", 0),
        (4, 1, "attack", "a", 0),
    ]


def test_a_run_lasts_seven_days_at_most():
    rows = events(crisis(rungs((4, 16), (1, 1)), rungs((4, 16), (1, 1))), "run")
    assert [(row["day"], row["days"], row["kind"]) for row in rows] == [
        (0, 7, "clash"),
        (7, 7, "clash"),
        (14, 2, "clash"),
    ]


def test_a_quiet_day_begins_a_new_run():
    rows = events(crisis([4, 4, 3, 4]), "run")
    assert [(row["day"], row["days"]) for row in rows] == [(0, 2), (3, 1)]


def test_a_run_has_the_hostility_of_its_highest_day_and_is_no_link_of_a_chain():
    rows = events(crisis([4, 9, 4, 1, 5]), "run")
    assert [row["hostility"] for row in rows] == [5, 4]
    assert all(row["next_hostility"] == row["ends_episode"] == row["episode"] == -1 for row in rows)
