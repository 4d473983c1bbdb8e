"""Records in the plain form: what events and statements come to, by the definitions of the model's outcomes."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from experiments.cases.records import NUMBERS, Known, day_of, first_quiet, known_of, read_plain
from experiments.cases.requests import cases, record_of
from experiments.errors import UserError

HEADER = "date,until,kind,by,deaths_a,deaths_b,deaths_civilian,deaths_unknown,quantity,value,low,high,source,note\n"


def written(path: Path, *rows: str, header: str = HEADER) -> Path:
    place = path / "events.csv"
    place.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    return place


def known(path: Path, *rows: str, horizon: int = 60) -> dict[str, Known]:
    return known_of(read_plain(written(path, *rows)), horizon)[0]


def test_heavy_days_calm_silence_and_deaths_are_counted_from_day_0(tmp_path):
    found = known(
        tmp_path,
        "2020-07-12,,heavy,a,2,0,0,0",
        "2020-07-13,2020-07-15,heavy,both,3,4,1,0",
        "2020-07-16,,fire,b,0,1,0,0",
        "2020-07-20,,other",
    )
    assert (found["days_heavy"].value, found["last_heavy_day"].value, found["days_to_calm"].value) == (4, 3, 4)
    assert (found["days_hot"].value, found["days_to_silence"].value) == (5, 5)
    assert (found["deaths_a"].value, found["deaths_b"].value, found["deaths"].value) == (5, 5, 10)
    assert (found["civilian_deaths"].value, found["deaths_all"].value) == (1, 11)
    assert found["deaths_per_30_days"].value == 11 / 2


def test_an_event_of_unknown_arms_leaves_heavy_days_a_range_and_is_fire_where_it_killed(tmp_path):
    found = known(tmp_path, "2020-07-12,,heavy,,0,0", "2020-07-13,,,,1,0", "2020-07-14,,,,0,0")
    assert found["days_heavy"].span == (1, 3) and found["days_heavy"].value is None
    assert found["days_to_calm"].span == (1, 3)
    assert found["days_hot"].span == (2, 3)


def test_a_selection_of_events_bounds_counts_from_below(tmp_path):
    found = known(tmp_path, ",,,,,,,,events,partial", "2020-07-12,,heavy,,1,2", "2020-07-14,,heavy")
    assert found["days_heavy"].span == (2, inf) and not found["days_heavy"].bounded
    assert found["days_to_calm"].span == (3, inf) and found["deaths"].span == (3, inf)


def test_a_statement_stands_over_the_events_and_what_comes_after_the_horizon_never_came(tmp_path):
    rows = ("2020-07-12,,heavy,,1,2", ",,,,,,,,days_heavy,5,4,6,a paper", ",,,,,,,,days_to_calm,50")
    found = known(tmp_path, *rows)
    assert found["days_heavy"] == Known(5, 4, 6, "a paper") and found["days_to_calm"].value == inf
    assert known(tmp_path, *rows, horizon=90)["days_to_calm"].value == 50


def test_only_days_within_the_window_count(tmp_path):
    found = known(
        tmp_path,
        "2020-07-10,,begin",
        "2020-07-08,2020-07-11,heavy,,4,0",
        "2020-08-08,2020-08-09,heavy,,6,0",
        horizon=30,
    )
    assert (found["days_heavy"].value, found["deaths_a"].value) == (3, 5)


def test_what_the_file_lacks_is_null_with_a_reason(tmp_path):
    record = read_plain(written(tmp_path, "2020-07-12,heavy", header="date,kind\n"))
    found, silent = known_of(record, 60)
    assert found["days_heavy"].value == 1 and "deaths" in silent and silent["deaths"]
    assert set(found) | set(silent) == set(NUMBERS)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("12th of July,,heavy", "row 2: 12th of July: not a date"),
        ("2020-07-12,,mortars", "allowed are begin, end, heavy, fire, other, nothing"),
        ("2020-07-12,,heavy,armenia", "allowed are a, b, both, nothing"),
        ("2020-07-12,2020-07-10,heavy", "before 2020-07-12"),
        ("2020-07-12,,heavy,,-3", "not a number of 0 or more"),
        ("2020-07-12,,heavy,,1.5", "row 2: deaths_a 1.5: people are counted in whole numbers"),
        (",,,,,,,,battles,3", "quantity battles: allowed are days_heavy"),
        (",,,,,,,,deaths,9,1,3", "do not fit together"),
        (",,,,,,,,termination,peace", "allowed are mediated"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_in_one_line(tmp_path, row, said):
    with pytest.raises(UserError, match="row 2") as error:
        read_plain(written(tmp_path, row))
    assert said in str(error.value)


def test_a_file_of_another_form_is_refused(tmp_path):
    with pytest.raises(UserError, match="no column dead"):
        read_plain(written(tmp_path, "2020-07-12,3", header="date,dead\n"))
    with pytest.raises(UserError, match="holds no rows"):
        read_plain(written(tmp_path, header="date\n"))
    with pytest.raises(UserError, match="cannot be read"):
        read_plain(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("text", ["2020-07-12", "12 July 2020", "12 Jul 2020", "12/07/2020", "2020-07-12 00:00:00.000"])
def test_dates_are_read_as_data_sets_write_them(text):
    assert str(day_of(text)) == "2020-07-12"


def test_fourteen_days_in_a_row_make_quiet_and_must_end_in_time():
    assert first_quiet(set(), 14) == 0 and first_quiet(set(), 13) == inf
    assert first_quiet({0, 13, 27, 42}, 60) == 28
    assert first_quiet({0, 40}, 60) == 1 and first_quiet(set(range(50)), 60) == inf


@pytest.mark.parametrize("name", cases())
def test_every_case_has_a_record_whose_numbers_name_their_source(name):
    record = record_of(name)
    assert record is not None and record.begin is not None
    assert all(one.source for one in record.statements.values())
    known_of(record, 120)
