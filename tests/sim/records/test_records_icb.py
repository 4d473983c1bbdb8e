"""A lane read as an international crisis."""

import numpy as np
import pytest

from sim.records import Opening
from tests.support.histories import crisis, record, rungs


def opened(a: int, b: int = 1) -> Opening:
    return Opening(level=np.array([[a], [b]], np.int8))


def answered(*path: int, days: int = 80, policy: list[int] | None = None, trigger: int = 5) -> dict:
    """Side a strikes once; b does what is given from day 0 and then rests at rung 1."""
    b = [*path, *[1] * (days - len(path))]
    history = crisis(
        rungs((trigger, 1), (1, days - 1)),
        b,
        policy_a=[1] * days,
        policy_b=b if policy is None else [*policy, *[1] * (days - len(policy))],
    )
    return record(history, opened(trigger))


@pytest.mark.parametrize(
    ("trigger", "answer", "is_crisis"), [(4, 2, False), (4, 3, True), (5, 1, True), (3, 3, True), (3, 1, False)]
)
def test_a_crisis_needs_a_grave_trigger_or_a_target_that_reaches_the_third_rung(trigger, answer, is_crisis):
    row = answered(1, answer, trigger=trigger)
    assert (row["icb_violence"] != "") is is_crisis
    assert (row["icb_duration"] > 0) is is_crisis


def test_what_is_no_crisis_has_no_record():
    row = answered(1, 2, trigger=4)
    assert (row["icb_termination"], row["icb_response"], row["icb_mediation_day"]) == ("", "", -1)
    assert not row["icb_mediated"]


@pytest.mark.parametrize(("quiet", "duration"), [(59, 61), (60, 1)])
def test_sixty_days_of_quiet_end_it(quiet, duration):
    row = record(crisis(rungs((5, 1), (1, quiet), (5, 1), (1, 70))))
    assert row["icb_duration"] == duration
    assert row["icb_termination"] != ""


def test_it_is_censored_where_no_end_was_seen():
    row = record(crisis(rungs((5, 10), (1, 59))))
    assert (row["icb_duration"], row["icb_termination"]) == (10, "")


@pytest.mark.parametrize(
    ("rung", "deaths", "violence"),
    [(3, 0, "none"), (5, 0, "minor"), (5, 24, "minor"), (5, 25, "serious"), (8, 999, "serious"), (8, 1000, "war")],
)
def test_violence(rung, deaths, violence):
    row = record(crisis(rungs((rung, 2), (1, 70)), rungs((3, 2), (1, 70)), deaths={1: deaths}))
    assert row["icb_violence"] == violence


def with_agreement(kind: int, start: int, days: int, path: list[int]) -> dict:
    history = crisis(path, path)
    history.agreement[start : start + days] = kind
    return record(history)


@pytest.mark.parametrize(("kind", "termination"), [(1, "agreement"), (2, "agreement"), (3, "imposed")])
def test_an_agreement_in_force_at_the_end(kind, termination):
    row = with_agreement(kind, 9, 90, rungs((5, 10), (1, 90)))
    assert row["icb_termination"] == termination
    assert row["icb_duration"] == 10
    assert row["icb_agreement"] is (kind != 3)


def test_an_agreement_that_holds_ends_a_crisis_although_local_incidents_go_on():
    history = crisis(rungs((5, 10), (1, 10), (4, 1), (1, 79)), policy_a=rungs((5, 10), (1, 90)))
    history.agreement[10:] = 2
    row = record(history)
    assert (row["icb_duration"], row["icb_termination"]) == (11, "agreement")


def test_one_that_collapses_does_not():
    row = with_agreement(2, 10, 13, rungs((5, 10), (1, 12), (5, 3), (1, 75)))
    assert (row["icb_duration"], row["icb_termination"]) == (25, "tacit")
    assert row["icb_agreement"]


def test_an_agreement_long_after_the_end_is_no_part_of_it():
    row = with_agreement(2, 30, 70, rungs((5, 10), (1, 90)))
    assert (row["icb_duration"], row["icb_termination"], row["icb_agreement"]) == (10, "tacit", False)


def test_ground_lost_is_an_imposed_end():
    history = crisis(rungs((8, 10), (1, 70)), rungs((8, 10), (1, 70)))
    history.territory[9:] = -0.3
    assert record(history)["icb_termination"] == "imposed"


@pytest.mark.parametrize(("lead", "termination"), [(2, "tacit"), (3, "unilateral")])
def test_one_side_came_down_three_days_before_the_other(lead, termination):
    a = rungs((5, 10), (1, 70))
    b = rungs((5, 10 - lead), (2, 70 + lead))
    assert record(crisis(a, b))["icb_termination"] == termination


@pytest.mark.parametrize(("later", "termination"), [(7, "tacit"), (8, "faded")])
def test_it_fades_where_only_local_incidents_went_on(later, termination):
    policy = rungs((5, 3), (1, 97))
    fought = list(policy)
    fought[2 + later] = 4
    history = crisis(fought, fought, policy_a=policy, policy_b=policy)
    assert record(history)["icb_termination"] == termination


def test_it_fades_where_violence_was_never_policy():
    quiet = [1] * 70
    assert record(crisis(rungs((5, 1), (1, 69)), policy_a=quiet), opened(5))["icb_termination"] == "faded"


def test_the_first_attempt_within_the_crisis_is_its_mediation():
    history = crisis(rungs((5, 10), (1, 80)))
    history.attempt[[4, 7, 60]] = True
    row = record(history)
    assert (row["icb_mediated"], row["icb_mediation_day"]) == (True, 4)


def test_an_attempt_after_the_end_is_not():
    history = crisis(rungs((5, 10), (1, 80)))
    history.attempt[10] = True
    row = record(history)
    assert (row["icb_mediated"], row["icb_mediation_day"]) == (False, -1)


def test_a_violent_answer_is_dated_on_the_first_shot():
    row = answered(1, 1, 3, 4)
    assert (row["icb_response"], row["icb_response_day"]) == ("violent", 3)


def test_fire_returned_on_the_day_of_the_trigger_is_an_answer():
    row = answered(4, policy=[1])
    assert (row["icb_response"], row["icb_response_day"]) == ("violent", 0)


@pytest.mark.parametrize(("wait", "response", "day"), [(6, "violent", 8), (7, "other", 2)])
def test_what_is_done_within_seven_days_of_the_first_move_is_one_answer(wait, response, day):
    row = answered(1, 1, *[3] * wait, 4)
    assert (row["icb_response"], row["icb_response_day"]) == (response, day)


def test_a_show_of_force_is_an_answer_without_violence():
    row = answered(1, 2, 2, 3)
    assert (row["icb_response"], row["icb_response_day"]) == ("other", 1)


def test_a_step_down_is_an_answer_too():
    row = answered(1, 1, 0, 3)
    assert (row["icb_response"], row["icb_response_day"]) == ("other", 2)


def test_a_policy_changed_on_the_day_of_the_trigger_is_no_answer():
    row = answered(2, 2, 2, 2)
    assert (row["icb_response"], row["icb_response_day"]) == ("none", -1)


def test_an_agreement_is_an_answer():
    history = crisis(rungs((5, 1), (3, 4), (1, 80)))
    history.agreement[3:] = 1
    row = record(history, opened(5))
    assert (row["icb_response"], row["icb_response_day"]) == ("other", 3)


def test_a_target_that_never_moves_has_not_answered():
    row = answered(1, 1)
    assert (row["icb_response"], row["icb_response_day"]) == ("none", -1)


@pytest.mark.parametrize("opening", [opened(5, 5), opened(3, 1)])
def test_only_one_sided_violence_asks_for_an_answer(opening):
    row = record(crisis(rungs((5, 3), (1, 70)), rungs((3, 2), (4, 2), (1, 69))), opening)
    assert row["icb_response"] == ""


def test_without_an_opening_the_first_day_tells_who_began():
    row = record(crisis(rungs((5, 3), (1, 70)), rungs((1, 1), (4, 2), (1, 70))))
    assert (row["icb_response"], row["icb_response_day"]) == ("violent", 1)


def test_where_day_0_is_quiet_the_first_militarised_day_is_the_trigger():
    row = record(crisis(rungs((1, 5), (5, 3), (1, 70)), rungs((1, 7), (4, 1), (1, 70))))
    assert (row["icb_response"], row["icb_response_day"], row["icb_duration"]) == ("violent", 7, 3)
