"""Designs read from a table, ``design.table: points.csv``: a row a point, a column a parameter or a config group."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from experiments.config.overrides import nearest_name, shown
from experiments.config.yaml_files import read_text
from experiments.design.factors import MOST_POINTS, Rows, cell_reader, is_choice
from experiments.design.priors import VARIES
from experiments.errors import UserError, describe_os_error
from experiments.files import read_table
from sim.scenario import ParameterError, parameters

_NUMBERING = ("point", "")
"""Columns that only count the rows, as a study's own table and a saved data frame have them."""
_LABELS = ("arm", "varied", "title", "draw", "structure")
_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}
Options = Callable[[str], list[str]]
"""The names that can be chosen in a config group."""


def table_rows(spec: Any, config_dir: str | None, options: Options) -> Rows:
    """The points of a table as rows; an empty cell leaves a parameter as the scenario has it.

    ``spec`` is a CSV or Parquet file, looked for in the current directory and then in ``config_dir``, or columns;
    ``options`` gives the names that can be chosen in a config group. UserError in one line names the file, the row (the
    first below the header is 1) and the column of what is wrong.
    """
    if isinstance(spec, Mapping):
        name, columns, own = "design.table", dict(spec), False
    else:
        path = _located(spec, config_dir)
        name, columns = str(spec), _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
        own = path.suffix == ".parquet" and (path.parent / "manifest.json").is_file()
    length = _length(name, columns)
    made: dict[str, list[Any]] = {}
    for column, cells in columns.items():
        sets = column in parameters() or column in (*_LABELS, "name") or is_choice(column) or column.startswith(VARIES)
        if column in _NUMBERING or own and not sets:  # in a study's own table: a factor that was tied to parameters
            continue
        label = "arm" if column == "name" else column
        if label in made:
            raise UserError(f"{name}: the columns arm and name are one and the same; leave one of them out")
        made[label] = _column(name, column, cells, options)
    if not set(made) - set(_LABELS):
        raise UserError(
            f"{name}: no column sets anything; name columns like parameters, e.g. mediation.delay, or "
            f"like choices, e.g. mediation"
        )
    return Rows(made, length)


def _located(spec: Any, config_dir: str | None) -> Path:
    if not isinstance(spec, str) or not spec.strip():
        raise UserError(f"design.table={shown(spec)}: a CSV or Parquet file is needed")
    places = [Path(), *([Path(config_dir)] if config_dir else [])]
    paths = [place / Path(spec).expanduser() for place in places]
    path = next((path for path in paths if path.is_file()), None)
    if path is None:
        looked = " or ".join(dict.fromkeys(str(path.absolute().parent) for path in paths))
        raise UserError(f"design.table={spec}: no such file in {looked}")
    if path.suffix not in (".csv", ".parquet"):
        raise UserError(f"design.table={spec}: a file that ends in .csv or .parquet is needed")
    return path


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    import polars as pl

    try:
        table = read_table(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UserError(f"{path}: cannot be read as Parquet ({error})") from None
    plain: dict[str, list[Any]] = {}
    for name, kind in table.schema.items():
        cells = table[name]
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise UserError(f"{path}, column {name}: holds {kind}; a number or a text a row is needed")
        if kind.is_decimal() or kind == pl.Float32:  # the decimals they are shown as
            cells = cells.cast(pl.String).cast(pl.Float64)
        plain[name] = cells.to_list()
    return plain


def _read_csv(path: Path) -> dict[str, list[Any]]:
    try:
        lines = list(csv.reader(io.StringIO(read_text(path), newline=""), strict=True))
    except OSError as error:
        raise UserError(describe_os_error(error, "read")) from None
    except csv.Error as error:
        raise UserError(f"{path}: cannot be read as CSV ({error})") from None
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    header = [cell.strip() for cell in lines[0]] if lines else []
    for separator, words in _SEPARATORS.items():
        if any(separator in name for name in header):
            raise UserError(f"{path}: columns are set apart by {words}; save it with commas, and points in decimals")
    for name in header:
        if header.count(name) > 1:
            raise UserError(f"{path}: the column {name!r} is there twice")
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(header):
            hint = "; decimals are written with a point, 0.5" if len(line) > len(header) else ""
            raise UserError(f"{path}, row {number}: {len(line)} cells, but the header has {len(header)}{hint}")
    return {name: [line[at].strip() for line in lines[1:]] for at, name in enumerate(header)}


def _length(name: str, columns: Mapping[str, Any]) -> int:
    for column, cells in columns.items():
        if not isinstance(cells, list):
            raise UserError(f"{name}, column {column}: a list of values is needed")
    lengths = {len(cells) for cells in columns.values()}
    if len(lengths) > 1:
        raise UserError(f"{name}: columns of different lengths")
    if not lengths or not max(lengths):
        raise UserError(f"{name}: holds no points; a header and a row a point are needed")
    if max(lengths) > MOST_POINTS:
        raise UserError(f"{name}: {max(lengths):,} points, but at most {MOST_POINTS:,} are allowed")
    return max(lengths)


def _column(name: str, column: str, cells: Sequence[Any], options: Options) -> list[Any]:
    """The checked values of one column; None where a cell is empty."""
    where = f"{name}, column {column}"
    if column in ("arm", "name"):
        return [str(number) if cell in (None, "") else str(cell) for number, cell in enumerate(cells)]
    if column in _LABELS:
        return [None if cell is None else str(cell) for cell in cells]
    read = _choice(options(column.partition("@")[0])) if is_choice(column) else cell_reader(where, column, "value")
    known: dict[Any, Any] = {}
    made = []
    for row, cell in enumerate(cells, 1):
        key = (type(cell), cell)
        if key not in known:
            try:
                known[key] = None if cell is None or cell == "" else read(cell)
            except (UserError, ParameterError) as error:
                raise UserError(f"{name}, row {row}, column {column}: {error}") from None
        made.append(known[key])
    return made


def _choice(names: Sequence[str]) -> Callable[[Any], str]:
    def read(cell: Any) -> str:
        if cell not in names:
            hint = nearest_name(str(cell), names)
            raise UserError(f"{shown(cell)}: no such choice{hint}; available: {', '.join(names)}")
        return str(cell)

    return read
