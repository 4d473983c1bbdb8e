"""Tuning targets: the shipped facts, how each is read off hand-made tables, and the verdicts."""

from __future__ import annotations

from math import isnan

import numpy as np
import polars as pl
import pytest

from experiments.statistics.arms import Sample
from experiments.statistics.estimates import quantile
from experiments.targets.readings import READINGS, Tables
from experiments.targets.targets import POPULATIONS, compare, sampling_band, tables_of, targets, targets_of
from sim.scenario import Scenario

RECORD = {
    "mid_hostility": 4,
    "mid_duration": 10,
    "mid_joiners": 0,
    "mid_deaths": 0,
    "mid_two_sided": False,
    "icb_violence": "minor",
    "icb_response": None,
    "icb_response_day": None,
    "icb_mediated": False,
    "icb_mediation_day": None,
    "days_deadly": 0,
    "days_deadly_two": 0,
    "days_deadly_five": 0,
    "days_counted": 100,
    "deaths_counted": 0,
    "rung_correlation": None,
}
EVENT = {
    "reading": "event",
    "episode": 0,
    "day": 0,
    "hostility": 4,
    "kind": "attack",
    "deaths": 0,
    "next_hostility": None,
    "ends_episode": None,
}
OUTCOME = {
    "severity": "clash",
    "deaths_a": 0,
    "deaths_b": 0,
    "agreements": 0,
    "audience_cost_a": None,
    "audience_cost_b": None,
}
TYPES = {
    "icb_response": pl.String,
    "icb_response_day": pl.Int32,
    "icb_mediation_day": pl.Int32,
    "rung_correlation": pl.Float64,
    "next_hostility": pl.Int32,
    "ends_episode": pl.Int32,
    "audience_cost_a": pl.Float64,
    "audience_cost_b": pl.Float64,
    "icb_violence": pl.String,
    "mid_duration": pl.Int32,
}


def table(default: dict, rows: list[dict]) -> pl.DataFrame:
    filled = [{"point": 0, "replicate": number, **default, **row} for number, row in enumerate(rows)]
    return pl.DataFrame(filled, schema_overrides={name: kind for name, kind in TYPES.items() if name in default})


def made(
    records: list[dict] | None = None,
    events: list[dict] | None = None,
    outcomes: list[dict] | None = None,
    horizon: int = 450,
) -> Tables:
    """Tables in which row k belongs to replicate k; events all belong to replicate 0 unless they say otherwise."""
    records, events = records or [{}], [{"replicate": 0, **row} for row in events or []]
    lanes = max(len(records), len(outcomes or []), 1)
    return Tables.from_frames(
        table(OUTCOME, outcomes or [{}] * lanes),
        table(RECORD, records),
        table(EVENT, events or [{"replicate": 0, "reading": "none"}]),
        horizon=horizon,
    )


def read(target: str, tables: Tables) -> float:
    reading = READINGS[target]
    sample = reading.sample(tables)
    return quantile(sample, reading.metric.at) if reading.metric.kind == "quantile" else sample.mean


def test_every_target_has_a_reading_a_population_and_an_interval_or_its_number_of_cases():
    assert [target.id for target in targets()] == list(READINGS)
    assert {target.scenario for target in targets()} == {item.scenario for item in POPULATIONS}
    for target in targets():
        assert (target.low < target.high and (isnan(target.value) or target.low <= target.value <= target.high)) or (
            isnan(target.low) and target.n > 0 and READINGS[target.id].metric.kind == "quantile"
        )


def test_the_baseline_has_its_five_ranges():
    assert tuple(target.id for target in targets_of("tovuz_2020")) == ("B1", "B2", "B3", "B4", "B5")


def answers(*days: int | None) -> Tables:
    return made(
        [
            {"icb_response": "none" if day is None else "violent" if day % 2 else "other", "icb_response_day": day}
            for day in days
        ]
        + [{}]
    )


def test_a_target_that_did_not_move_has_not_answered_violently_and_is_not_dated():
    tables = answers(1, 2, 3, None)
    assert read("T1a", tables) == 0.5
    assert read("T1b", tables) == 3
    assert read("T1c", tables) == 4


def test_runs_of_fire_give_lethality():
    runs = [
        {"reading": "run", "kind": kind, "deaths": deaths}
        for kind, deaths in (
            ("attack", 0),
            ("attack", 0),
            ("attack", 3),
            ("attack", 0),
            ("clash", 0),
            ("clash", 4),
            ("clash", 9),
        )
    ]
    tables = made(events=[*runs, {"kind": "attack", "deaths": 7}])
    assert read("T2a", tables) == 0.75
    assert read("T2b", tables) == pytest.approx(1 / 3)
    assert read("T2c", tables) == 4


def test_a_quiet_year_is_read_by_days_and_deadly_days():
    tables = made([{"days_deadly": 10, "days_deadly_two": 2, "days_deadly_five": 1, "deaths_counted": 15}, {}])
    assert read("T3a", tables) == pytest.approx(0.05)
    assert read("T3b", tables) == pytest.approx(15 / 200)
    assert read("T4a", tables) == pytest.approx(0.2)
    assert read("T4b", tables) == pytest.approx(0.1)


def test_deaths_of_a_quiet_year_are_compared_per_30_days():
    found = {
        item.target.id: item
        for item in compare(
            targets_of("simmer_2015"), made([{"days_deadly": 9, "days_deadly_two": 1, "deaths_counted": 11}] * 8)
        )
    }
    assert found["T3b"].value == pytest.approx(3.3)
    assert found["T3b"].inside and found["T3a"].inside


def test_transitions_need_a_next_event_in_the_first_episode():
    links = [
        {"hostility": 3, "next_hostility": 4},
        {"hostility": 3, "next_hostility": 3},
        {"hostility": 3},
        {"hostility": 4, "next_hostility": 4, "ends_episode": 0},
        {"hostility": 4, "next_hostility": 5, "ends_episode": 0},
        {"hostility": 4, "ends_episode": 1},
        {"hostility": 4, "next_hostility": 4, "episode": 1},
    ]
    tables = made(events=links)
    assert read("T5a", tables) == 0.5
    assert read("T5b", tables) == 0.5
    assert read("T5c", tables) == 0.5
    assert read("T5d", tables) == pytest.approx(1 / 3)


@pytest.mark.parametrize(("day", "counted"), [(263, True), (264, False)])
def test_events_too_late_to_see_what_follows_are_left_out(day, counted):
    sample = READINGS["T5d"].sample(made(events=[{"day": day, "ends_episode": 1}]))
    assert bool(sample.values.size) is counted


def test_durations_are_those_of_disputes_with_force_and_no_joiner():
    tables = made(
        [
            {"mid_duration": 1},
            {"mid_duration": 7},
            {"mid_duration": 30},
            {"mid_duration": 300},
            {"mid_duration": 5, "mid_joiners": 1},
            {"mid_duration": 5, "mid_hostility": 3},
        ]
    )
    assert (read("T6a", tables), read("T6b", tables), read("T6c", tables)) == (1, 7, 30)
    assert read("T6d", tables) == 0.5
    assert read("T12", tables) == pytest.approx(0.2)


def test_disputes_are_told_apart_by_deaths_and_by_who_used_force():
    tables = made(
        [
            {"mid_duration": 5, "mid_deaths": 3, "mid_two_sided": True},
            {"mid_duration": 20, "mid_deaths": 60, "mid_two_sided": True},
            {"mid_duration": 200, "mid_deaths": 400, "mid_two_sided": True},
            {"mid_duration": 1, "mid_deaths": 0},
        ]
    )
    assert (read("T8a", tables), read("T8b", tables)) == (0.5, 1)
    assert (read("T11a", tables), read("T11c", tables), read("T11d", tables)) == (0.75, 20, pytest.approx(1 / 3))
    assert (read("T11e", tables), read("T11f", tables)) == (1, 1)
    assert (read("T11g", tables), read("T11h", tables)) == (1, 5)


def test_gaps_run_from_one_event_to_the_next_of_the_first_episode():
    events = [{"day": day} for day in (0, 4, 20)] + [{"day": 30, "episode": 1}, {"day": 90, "episode": 1}]
    assert read("T9a", made(events=events)) in (4, 10, 16)
    assert read("T9c", made(events=events)) == 16


def test_wars_are_a_share_of_disputes_with_force():
    assert read("T7", made([{"mid_hostility": level} for level in (3, 4, 4, 5, 5)])) == 0.5


def test_mediation_is_a_share_of_crises():
    tables = made(
        [{"icb_mediated": True, "icb_mediation_day": day} for day in (4, 8, 20, 60)] + [{}, {"icb_violence": None}]
    )
    assert read("T13a", tables) == 0.8
    assert (read("T13b", tables), read("T13c", tables)) == (4, 8)


def test_the_baseline_is_read_off_outcomes():
    tables = made(
        [{"rung_correlation": 0.4}, {"rung_correlation": 0.6}, {}],
        outcomes=[
            {"severity": "war", "deaths_a": 4, "deaths_b": 12, "audience_cost_a": 0.1, "audience_cost_b": 0.2},
            {"agreements": 2, "audience_cost_b": 0.05},
            {"deaths_a": 3},
        ],
    )
    assert read("B1", tables) == pytest.approx(0.1)
    assert read("B2", tables) == 0.5
    assert read("B3", tables) == 3
    assert read("B4", tables) == pytest.approx(1 / 3)
    assert read("B5", tables) == pytest.approx(1 / 3)


def verdict(deaths: list[int]) -> str:
    outcomes = [{"deaths_a": number} for number in deaths]
    return next(
        item.verdict
        for item in compare(targets_of("tovuz_2020"), made([{}] * len(deaths), outcomes=outcomes))
        if item.target.id == "B3"
    )


@pytest.mark.parametrize(
    ("deaths", "expected"),
    [
        (range(10, 29), "inside"),
        (range(40, 60), "outside"),
        ([2] * 9 + [20] * 11, "inside, unsettled"),
        ([2] * 11 + [20] * 9, "outside, unsettled"),
    ],
)
def test_verdicts(deaths, expected):
    assert verdict(list(deaths)) == expected


def test_nothing_simulated_is_no_verdict():
    found = {item.target.id: item for item in compare(targets_of("dispute_population"), made())}
    assert found["T1a"].verdict == "no case"


def test_where_the_record_gives_no_interval_the_band_is_that_of_its_cases():
    sample = Sample.of(np.arange(1001.0), np.arange(1001), 1001)
    low, high = sampling_band(sample, 0.25, 300)
    assert (low, high) == (pytest.approx(201, abs=1), pytest.approx(299, abs=1))


def test_simulated_tables_can_be_read():
    """A handful of crises that open at rung 5: every reading that has a case gives a finite number."""
    tables = tables_of(Scenario().replaced({"dyad.start_rung_a": 5}), 40, 12, 20, seed=1)
    assert tables.outcomes.height == 12
    assert read("B3", tables) >= 0
    assert 0 <= read("T2a", tables) <= 1
    assert READINGS["T7"].sample(tables).count == 12
