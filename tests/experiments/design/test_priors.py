"""Priors as data: the shipped tables, and one line about whatever is wrong in one."""

from __future__ import annotations

from pathlib import Path
from zlib import crc32

import pytest

from experiments.design.priors import COLUMNS, DIRECTORY, TABLES, VARIES, prior_of, read_priors
from experiments.errors import UserError
from sim.scenario import parameters

CHECKSUMS = {
    "dispute_population": 2525433346,
    "line_of_contact": 3252935164,
    "unupdated_parameters": 470365045,
    "publics": 1513664558,
}
"""Of names, paths, bounds and shapes: with the seed they fix every draw of a prior."""
ROW = dict(
    zip(COLUMNS, ("x", "government.a|b.resolve", "log-uniform", "0.5", "2", "value", "utility", "m", "s"), strict=True)
)


def test_every_shipped_table_is_as_it_was_when_posteriors_were_drawn() -> None:
    assert {path.stem for path in DIRECTORY.glob("*.csv")} == set(TABLES)
    for name, known in CHECKSUMS.items():
        table = [(item.name, item.paths, item.low, item.high, item.log, item.shape) for item in prior_of(name)]
        assert crc32(repr(table).encode()) == known, name
    assert prior_of("no_such_scenario") == ()


@pytest.mark.parametrize("name", TABLES)
def test_a_number_that_is_a_parameter_has_its_unit(name: str) -> None:
    for item in prior_of(name):
        for path in item.paths:
            if item.shape == "value" and not path.startswith(VARIES):
                assert item.unit == parameters()[path].unit, item.name


def written(path: Path, *rows: dict[str, str], columns: tuple[str, ...] = COLUMNS) -> Path:
    lines = [",".join(columns), *(",".join(row[column] for column in columns) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_bars_stand_for_every_alternative(tmp_path: Path) -> None:
    paths = "varies.government.a|b.step_up|step_down.median"
    (item,) = read_priors(written(tmp_path / "mine.csv", {**ROW, "paths": paths}))
    steps = [f"varies.government.{side}.{step}.median" for side in "ab" for step in ("step_up", "step_down")]
    assert item.paths == tuple(steps)
    assert (item.low, item.high, item.log, item.unit, item.distribution) == (
        0.5,
        2.0,
        True,
        "utility",
        "uniform in the logarithm",
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"low": ""}, "row 2, column low: empty"),
        ({"low": "0"}, "row 2, column low: 0 has no logarithm"),
        ({"low": "nan"}, "row 2, column low: nan is no finite number"),
        ({"high": "two"}, "row 2, column high: two is no finite number"),
        ({"high": "0.5"}, "row 2, column high: 0.5 is not above 0.5"),
        (
            {"distribution": "normal"},
            "row 2, column distribution: normal; one of uniform, log-uniform, log-normal(MEDIAN LOG_SD)",
        ),
        ({"shape": "round"}, "row 2, column shape: round; one of value, odds, falling, factor"),
        ({"paths": "government.a|c.resolve"}, "row 2, column paths: government.c.resolve: no such parameter"),
        ({"name": "x"}, "row 2, column name: x stands twice"),
    ],
)
def test_what_is_wrong_is_named_by_file_row_and_column(tmp_path: Path, changes: dict, message: str) -> None:
    path = written(tmp_path / "mine.csv", ROW, {**ROW, "name": "y", **changes})
    with pytest.raises(UserError) as raised:
        read_priors(path)
    assert str(raised.value) == f"{path}, {message}"


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.csv", ROW, columns=tuple(name for name in COLUMNS if name != "unit"))
    with pytest.raises(UserError, match="no column unit"):
        read_priors(path)
