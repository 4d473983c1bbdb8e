"""A table becomes the points of a design, or one line says which cell is wrong."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from experiments import UserError, load, sweep
from experiments.cli.app import run_command
from experiments.cli.arguments import parse_arguments, prepare
from experiments.config.compose import composer
from experiments.config.plain_values import plain
from experiments.design.designs import build_design
from experiments.design.factors import Rows, table_rows

TINY = {"replicates": 30, "horizon_days": 10, "citizens": 10, "backend": "serial"}
TYPED = [f"{key}={value}" for key, value in TINY.items()]
HEADER = "mediation,mediation.delay\n"


def _options(group: str) -> list[str]:
    return {"mediation": ["none", "facilitation"], "public": ["armenia_2020"]}[group]


def _read(place: Path, data: bytes) -> Rows:
    (place / "points.csv").write_bytes(data)
    return table_rows(str(place / "points.csv"), None, _options)


@pytest.mark.parametrize(
    "data",
    [
        (HEADER + "none,5\nfacilitation,010\n").encode(),
        codecs.BOM_UTF8 + (HEADER + "none,5\nfacilitation,1e1\n").encode(),
        (HEADER + 'none,"5"\nfacilitation,"10"\n').replace("\n", "\r\n").encode(),
        b"point, mediation , mediation.delay,\n7, none, 5.0 ,\n9,facilitation,+10,\n\n",
    ],
    ids=["plain", "mark", "quoted and CRLF", "blanks and a count"],
)
def test_rows_are_points_and_numbers_are_as_written(tmp_path: Path, data: bytes) -> None:
    assert _read(tmp_path, data) == Rows({"mediation": ["none", "facilitation"], "mediation.delay": [5, 10]}, 2)


def test_data_frame_is_a_table_too() -> None:
    frame = pl.DataFrame({"mediation": ["none", None], "mediation.delay": [5, 10]})
    assert table_rows(plain(frame, "design.table"), None, _options).columns == {
        "mediation": ["none", None],
        "mediation.delay": [5, 10],
    }


@pytest.mark.parametrize("kind", [pl.Float32, pl.Decimal(4, 1)])
def test_numbers_of_a_parquet_table_are_the_decimals_they_are_shown_as(tmp_path: Path, kind: Any) -> None:
    pl.DataFrame({"mediation.effort": pl.Series([0.1, None]).cast(kind)}).write_parquet(tmp_path / "points.parquet")
    assert table_rows(str(tmp_path / "points.parquet"), None, _options).columns == {"mediation.effort": [0.1, None]}


@pytest.mark.parametrize("cell", [[1, 2], {"a": 1}, b"1"])
def test_cells_of_a_parquet_table_hold_one_value(tmp_path: Path, cell: Any) -> None:
    pl.DataFrame({"mediation.delay": [cell]}).write_parquet(tmp_path / "points.parquet")
    with pytest.raises(UserError, match="points.parquet, column mediation.delay: holds .*; a number or a text"):
        table_rows(str(tmp_path / "points.parquet"), None, _options)


def test_empty_cell_leaves_the_scenario_and_rows_have_names(tmp_path: Path) -> None:
    made = _read(tmp_path, b"name,mediation,mediation.delay\nearly,,5\n,none,\n")
    assert made.columns == {"arm": ["early", "1"], "mediation": [None, "none"], "mediation.delay": [5, None]}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("mediation;mediation.delay\nnone;5\n", "semicolons"),
        ("mediation\tmediation.delay\nnone\t5\n", "tabs"),
        (HEADER + "none,0,5\n", "row 1: 3 cells, but the header has 2; decimals are written with a point"),
        (HEADER + 'none,5\nnone,"0,5"\n', "row 2, column mediation.delay: 0,5: decimals are written with a point, 0.5"),
        (HEADER + "none,5\nnone\n", "row 2: 1 cells, but the header has 2"),
        (HEADER + "none,nan\n", "row 1, column mediation.delay: value='nan': not a number"),
        (HEADER + "none,0x10\n", "row 1, column mediation.delay: value='0x10': not a number"),
        (
            HEADER + "none,5\nnone,500\n",
            "row 2, column mediation.delay: value=500: out of range; allowed: 0 to 450 days",
        ),
        (HEADER + "nobody,5\n", "row 1, column mediation: nobody: no such choice"),
        ("mediation.dely\n1\n", "column mediation.dely: no such parameter; did you mean mediation.delay"),
        ("mediation.delay,comment\n1,hello\n", "column comment: no such parameter"),
        ("experiment\nfour_arms\n", "column experiment: no such parameter"),
        ("mediation.label\nx\n", "a label cannot be a factor"),
        ("dyad.start_rung_a\n2.5\n", "row 1, column dyad.start_rung_a: value=2.5: not a whole number"),
        ("mediation.delay,mediation.delay\n1,2\n", "the column 'mediation.delay' is there twice"),
        ("point\n1\n", "no column sets anything"),
        (HEADER, "holds no points"),
        ("", "holds no points"),
        ('mediation.delay\n"5\n', "cannot be read as CSV"),
    ],
)
def test_faults_are_one_line_with_row_and_column(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UserError) as refused:
        _read(tmp_path, text.encode())
    assert said in str(refused.value) and "points.csv" in str(refused.value)


@pytest.mark.parametrize("spec", [3, ["a.csv"], "nowhere.csv", "points.txt"])
def test_what_is_no_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spec: Any) -> None:
    monkeypatch.chdir(tmp_path)
    Path("points.txt").write_text("mediation.delay\n1\n")
    with pytest.raises(UserError, match="design.table="):
        table_rows(spec, None, _options)


def test_file_is_looked_for_here_and_then_beside_the_users_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    monkeypatch.chdir(tmp_path)
    (own / "points.csv").write_text("mediation.delay\n1\n")
    assert table_rows("points.csv", str(own), _options).columns == {"mediation.delay": [1]}
    Path("points.csv").write_text("mediation.delay\n2\n")
    assert table_rows("points.csv", str(own), _options).columns == {"mediation.delay": [2]}


def test_study_of_a_table_needs_it_no_more_and_its_design_makes_the_same_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("points.csv").write_text(
        "mediation,mediation.delay,mediation.effort\nnone,,\nfacilitation,3,.30\nfacilitation,03,0.3\n"
    )
    assert run_command(["sweep", "design.table=points.csv", *TYPED, "hydra.run.dir=first"]) == 0
    assert "1 of 3 points repeat another one and are simulated once" in capsys.readouterr().err
    Path("points.csv").unlink()
    lanes = load("first").outcomes
    Path("first/outcomes/part-000000.parquet").unlink()
    assert run_command(["sweep", "resume=first"]) == 0
    assert_frame_equal(load("first").outcomes, lanes)
    again = sweep(design={"table": "first/design.parquet"}, directory="again", **TINY)
    assert_frame_equal(again.outcomes, lanes)
    assert_frame_equal(again.design, load("first").design)
    assert again.manifest["config_hash"] != load("first").manifest["config_hash"]


def test_refused_design_from_python_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for wrong in ({0.1, 0.2}, [object()], [0.1, "a"]):
        with pytest.raises(ValueError, match="mediation.effort"):
            sweep(design={"grid": {"mediation.effort": wrong}}, directory="study", **TINY)
    assert list(tmp_path.iterdir()) == []


REPEATED = {
    "choices": (["++design.choices={mediation:[none,none,facilitation]}"], 2),
    "grid": (["++design.grid={mediation.delay:[1,01,1.0,2]}"], 2),
    "crossed": (["++design.choices={mediation:[none,none]}", "++design.grid={mediation.delay:[1,1]}"], 1),
    "points": (["++design.points=[{mediation.delay:1},{mediation.delay:1},{mediation.delay:2}]"], 2),
    "single factors": (["++design.one_at_a_time={mediation.delay:[1,1,2]}"], 3),
    "samples that happen to be alike": (["++design.sobol={samples:8,factors:{mediation.present:full}}"], 8),
}


@pytest.mark.parametrize("case", REPEATED)
def test_point_given_twice_is_simulated_once(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    overrides, points = REPEATED[case]
    with composer() as open_composer:
        made = build_design(open_composer, open_composer.compose([*overrides, "luck=own"]))
    assert {points} == {len(made), *map(len, made.table.values()), *map(len, made.columns.values())}
    assert ("simulated once" in capsys.readouterr().err) == (points < 8)


def test_studies_asked_for_twice_are_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    asked = parse_arguments(["-m", "mediation=none,none", "mediation.delay=01,1.0", "seed=range(1,3)"])
    with composer() as open_composer:
        jobs = prepare("run", asked, open_composer)
    assert [job.configuration.settings.seed for job in jobs] == [1, 2]
    assert capsys.readouterr().err.count("simulated once") == 2


def test_two_points_of_one_name_must_be_the_same() -> None:
    with composer() as open_composer, pytest.raises(UserError, match="both named 'a'"):
        build_design(
            open_composer,
            open_composer.compose(["++design.points=[{name:a,mediation.delay:1},{name:a,mediation.delay:2}]"]),
        )
