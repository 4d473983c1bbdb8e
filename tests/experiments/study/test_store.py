"""Files are whole or not there, in one schema, and come back as they were given."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.errors import UserError
from experiments.files import TEMPORARY, atomic_write, remove_leftovers
from experiments.study.parts import (
    TABLES,
    arrow_schema,
    columns_of,
    design_table,
    read_arrays,
    read_part,
    read_whole_arrays,
    write_arrays,
    write_part,
)
from sim.outputs.outcomes import COLUMNS
from sim.records import EVENT_COLUMNS, RECORD_COLUMNS

_TYPES = {
    "count": pl.Int32,
    "day": pl.Int32,
    "deaths": pl.Int64,
    "luck": pl.Int64,
    "flag": pl.Boolean,
    "measure": pl.Float64,
    "label": pl.String,
}
_VALUES = {
    "count": st.integers(0, 10**6),
    "day": st.integers(-1, 450),
    "deaths": st.integers(0, 2**40),
    "luck": st.integers(0, 2**60),
    "flag": st.booleans(),
    "measure": st.floats(allow_infinity=False),
    "label": st.sampled_from(["", "tacit", "war"]),
}


def test_outcomes_hold_the_models_columns_in_order() -> None:
    assert [column.name for column in columns_of("outcomes")] == list(COLUMNS)


def test_records_hold_what_the_model_codes_in_order() -> None:
    lane = ["point", "replicate"]
    assert [column.name for column in columns_of("records")] == [*lane, *RECORD_COLUMNS]
    events = [name for name in EVENT_COLUMNS if name not in ("lane", *lane)]
    assert [column.name for column in columns_of("mie")] == [*lane, *events]


@pytest.mark.parametrize("table", TABLES)
def test_every_column_has_a_meaning_and_a_type(table: str) -> None:
    assert all(column.meaning for column in columns_of(table))
    assert arrow_schema(table).names == [column.name for column in columns_of(table)]


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=15)
@given(data=st.data())
def test_tables_come_back_as_they_were_given(
    tmp_path_factory: pytest.TempPathFactory, table: str, data: st.DataObject
) -> None:
    rows = data.draw(st.integers(0, 4))
    columns = {
        column.name: data.draw(st.lists(_VALUES[column.kind], min_size=rows, max_size=rows))
        for column in columns_of(table)
    }
    place = tmp_path_factory.mktemp("parts")
    write_part(place, table, 3, {name: _array(values) for name, values in columns.items()})
    found = pl.read_parquet(place / table / "part-000003.parquet")
    for column in columns_of(table):
        assert found[column.name].dtype == _TYPES[column.kind]
        assert found[column.name].to_list() == [_seen(column.kind, value) for value in columns[column.name]]


def _array(values: list[Any]) -> np.ndarray:
    return np.array(values, object) if values and isinstance(values[0], str) else np.array(values)


def _seen(kind: str, value: Any) -> Any:
    never = {"count": value == -1, "day": value == -1, "label": value == "", "measure": value != value}
    return None if never.get(kind, False) else value


def test_same_content_gives_same_bytes(tmp_path: Path) -> None:
    columns = {column.name: np.array([], object) for column in columns_of("failures")}
    write_part(tmp_path, "failures", 0, columns)
    write_part(tmp_path, "failures", 1, columns)
    first, second = sorted((tmp_path / "failures").iterdir())
    assert first.read_bytes() == second.read_bytes()


def test_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "table"
    atomic_write(path, lambda stream: stream.write(b"old"))

    def break_off(stream: Any) -> None:
        stream.write(b"ne")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        atomic_write(path, break_off)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["table"]


def test_leftovers_of_killed_processes_are_removed(tmp_path: Path) -> None:
    (tmp_path / "outcomes").mkdir()
    left = tmp_path / "outcomes" / f".part-000000.parquet.123{TEMPORARY}"
    kept = tmp_path / "outcomes" / "part-000000.parquet"
    left.touch()
    kept.touch()
    remove_leftovers(tmp_path)
    assert (left.exists(), kept.exists()) == (False, True)


def test_arrays_are_kept_without_pickle(tmp_path: Path) -> None:
    arrays = {"a": np.arange(6).reshape(2, 3), "b": np.array(2.5)}
    write_arrays(tmp_path / "x.npz", arrays)
    found = read_arrays(tmp_path / "x.npz")
    for name, values in arrays.items():
        assert np.array_equal(found[name], values)
        assert found[name].dtype == values.dtype
    with pytest.raises(ValueError, match="[Oo]bject"):
        write_arrays(tmp_path / "y.npz", {"a": np.array([object()])})


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_harm_to_a_tally_never_surprises(mask: int, tmp_path: Path) -> None:
    arrays = {"points": np.array([0, 1]), "days": np.array(3), "sums": np.arange(12).reshape(2, 3, 2)}
    path = tmp_path / "x.npz"
    write_arrays(path, arrays)
    whole = path.read_bytes()
    assert set(read_whole_arrays(path, arrays) or {}) == set(arrays)
    assert read_whole_arrays(path, ["points", "days"]) is None
    assert read_whole_arrays(path, [*arrays, "more"]) is None
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        found = read_whole_arrays(path, arrays)
        assert found is None or all(np.array_equal(found[name], arrays[name]) for name in arrays)
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        assert read_whole_arrays(path, arrays) is None


def _part(place: Path) -> Path:
    """A part of the table of paths with three rows."""
    write_part(
        place,
        "paths",
        0,
        {
            "point": np.arange(3),
            "replicate": np.arange(3),
            "day": np.arange(3),
            "quantity": np.array(["a", "", "c"], object),
            "value": np.array([1.0, 2.0, np.nan]),
        },
    )
    return place / "paths" / "part-000000.parquet"


@pytest.mark.parametrize("mask", [0x01, 0x80, 0xFF])
def test_harm_to_a_part_never_surprises(mask: int, tmp_path: Path) -> None:
    path = _part(tmp_path)
    whole, table = path.read_bytes(), read_part(path, "paths")
    assert table is not None and table.num_rows == 3
    assert read_part(path, "trajectories") is None
    for place in range(0, len(whole), 3):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ mask]) + whole[place + 1 :])
        try:
            found = read_part(path, "paths")
        except UserError as error:
            assert "not enough memory" in str(error)
            continue
        assert found is None or found.schema == table.schema


@pytest.mark.parametrize(
    "error", [PermissionError(13, "Permission denied", "x"), OSError(5, "Input/output error", "x"), MemoryError()]
)
def test_what_cannot_be_read_is_not_taken_for_damaged(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _part(tmp_path)

    def refuse(_: Path) -> bytes:
        raise error

    monkeypatch.setattr(Path, "read_bytes", refuse)
    for read in (lambda: read_part(path, "paths"), lambda: read_whole_arrays(path, ["points"])):
        with pytest.raises(UserError, match="cannot read"):
            read()


def test_what_is_not_there_is_not_whole(tmp_path: Path) -> None:
    assert read_part(tmp_path / "x.parquet", "paths") is None
    assert read_whole_arrays(tmp_path / "x.npz", []) is None


def test_design_has_typed_columns() -> None:
    made = design_table(
        {
            "mediation": np.array(["none", "x"], object),
            "dyad.start_rung_a": np.array([1, 2]),
            "mediation.delay": np.array([0.0, np.nan]),
            "draw": np.array(["0", None], object),
        },
        2,
    )
    frame = pl.from_arrow(made)
    assert isinstance(frame, pl.DataFrame)
    assert dict(frame.schema) == {
        "point": pl.Int32,
        "mediation": pl.String,
        "dyad.start_rung_a": pl.Int32,
        "mediation.delay": pl.Float64,
        "draw": pl.String,
    }
    assert frame["mediation.delay"].to_list() == [0.0, None]
