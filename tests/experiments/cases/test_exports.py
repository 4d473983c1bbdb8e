"""Exports of GED and ACLED read as records."""

from __future__ import annotations

from math import inf
from pathlib import Path

import pytest

from experiments.cases.exports import Sides, read_record
from experiments.cases.records import known_of
from experiments.errors import UserError

GED = """\
id,type_of_violence,conflict_name,dyad_name,side_a,side_b,date_prec,date_start,date_end,\
deaths_a,deaths_b,deaths_civilians,deaths_unknown,best,high,low
1,1,X: Y,X - Y,Government of X,Government of Y,1,2020-07-12 00:00:00.000,2020-07-12 00:00:00.000,2,3,0,0,5,7,4
2,1,X: Y,X - Y,Government of Y,Government of X,2,2020-07-14 00:00:00.000,2020-07-17 00:00:00.000,1,0,2,1,4,4,4
3,3,,Government of X - Civilians,Government of X,Civilians,1,2020-07-20,2020-07-20,0,0,6,0,6,6,6
4,1,Z,Z - W,Government of Z,W,1,2020-07-20,2020-07-20,9,9,0,0,18,18,18
5,1,X: Y,X - Y,Government of X,Government of Y,1,soon,2020-07-20,9,9,0,0,18,18,18
"""
ACLED = """\
event_id_cnty;event_date;time_precision;event_type;sub_event_type;actor1;actor2;fatalities
Y1;12 July 2020;1;Explosions/Remote violence;Shelling/artillery/missile attack;Military Forces of X (2018-);;4
Y2;13 July 2020;2;Battles;Armed clash;Military Forces of X (2018-);Military Forces of Y;3
Y3;15 July 2020;1;Violence against civilians;Attack;Military Forces of Y;Civilians (X);2
Y4;16 July 2020;1;Protests;Peaceful protest;Protesters (X);;0
Y5;17 July 2020;1;Strategic developments;Other;Military Forces of X (2018-);Military Forces of Y;0
"""


def written(path: Path, text: str) -> Path:
    place = path / "export.csv"
    place.write_text(text, encoding="utf-8")
    return place


def test_ged_gives_the_dead_of_each_side_whichever_way_round_a_row_names_them(tmp_path):
    record = read_record(written(tmp_path, GED), "of X,of Y")
    found, silent = known_of(record, 60)
    assert str(record.begin) == "2020-07-12"
    assert found["deaths_a"].span == (2, 3) and found["deaths_b"].span == (4, 5)
    assert found["deaths"].span == (6, 7) and found["civilian_deaths"].span == (8, 9)
    assert (found["deaths_all"].value, found["deaths_all"].span) == (15, (14, 17))
    assert "arms" in silent["days_heavy"] and "arms" in silent["days_to_calm"]
    assert found["days_hot"].span[1] == inf and found["days_to_silence"].span[1] == inf
    assert "1 of 3 events" in record.notes[1]


def test_what_an_export_holds_beyond_the_two_sides_or_cannot_be_read_is_told_in_one_line(tmp_path):
    told = read_record(written(tmp_path, GED), "of X,of Y").left_out
    assert told.count("\n") == 0 and "2 of 5 rows left out" in told
    assert "1 of other actors" in told and "1 that cannot be read (row 6: soon: not a date)" in told


def test_the_dead_of_an_event_of_several_days_are_spread_over_them(tmp_path):
    record = read_record(written(tmp_path, GED), "of X,of Y")
    assert known_of(record, 4)[0]["deaths_all"].value == pytest.approx(5 + 4 / 2)


def test_acled_tells_heavy_from_light_and_gives_one_number_of_dead(tmp_path):
    record = read_record(written(tmp_path, ACLED), "Forces of X,Forces of Y")
    found, silent = known_of(record, 60)
    assert (found["days_heavy"].value, found["days_to_calm"].value) == (1, 1)
    assert (found["days_hot"].value, found["days_to_silence"].value) == (3, 4)
    assert found["deaths_all"].value == 9 and "one number" in silent["deaths"]
    assert "1 of other actors, 1 without fire" in record.left_out
    assert any("a week or a month" in note for note in record.notes)


@pytest.mark.parametrize(
    ("sides", "said"),
    [
        (None, "--sides 'NAME,NAME'; the file names Government of X, Government of Y, Government of Z, W"),
        ("of X,of Q", "no two actors fit"),
        ("of X", "no two actors fit"),
        ("Government,of Y", "fits both"),
    ],
)
def test_sides_that_are_missing_or_do_not_fit_are_answered_with_the_names_of_the_file(tmp_path, sides, said):
    with pytest.raises(UserError) as error:
        read_record(written(tmp_path, GED), sides)
    assert said in str(error.value)


def test_a_side_may_have_several_names_and_names_may_hold_commas():
    sides = Sides("Forces of X|Rebels, North", "Forces of Y")
    assert (sides.of("Rebels, North"), sides.of("Military Forces of X"), sides.of("Forces of Y")) == ("a", "a", "b")
    assert sides.of("Civilians (Y)") == "civilian" and sides.of("Police") == ""


def test_a_file_of_no_known_form_is_told_which_columns_would_do(tmp_path):
    with pytest.raises(UserError, match=r"event_date") as error:
        read_record(written(tmp_path, "when,who\n2020-07-12,x\n"))
    assert "date_start" in str(error.value) and "deaths_a" in str(error.value)
    with pytest.raises(UserError, match="plain form"):
        read_record(written(tmp_path, "date,kind\n2020-07-12,heavy\n"), "a,b")
