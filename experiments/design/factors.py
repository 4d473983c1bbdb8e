"""The rows that one part of a ``design:`` block stands for, as columns of factors.

With ``design.table: points.csv`` they are read from a table: a row a point, a column a parameter or a config group.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from experiments.config.overrides import nearest_name, shown
from experiments.config.plain_values import number_in
from experiments.config.schema import group_of
from experiments.config.yaml_files import read_text
from experiments.design.priors import VARIES, argument_of
from experiments.design.sensitivity import KINDS, sampling, unit_sample
from experiments.errors import UserError, describe_os_error
from experiments.files import read_table
from sim.scenario import Parameter, ParameterError, parameters

Spec = Mapping[str, Any]
SAMPLED = ("latin_hypercube", "sobol", *KINDS)
SAMPLE = "_sample "
"""What a column begins with that numbers the points of a sample: those that happen to be alike are still several."""
MOST_POINTS = 5_000_000
_ANY_NUMBER = Parameter("float", 0.0, "argument of a distribution", "setting")


@dataclass(frozen=True)
class Rows:
    """Columns of equal length; None marks a value that stays as the base scenario has it."""

    columns: dict[str, list[Any]] = field(default_factory=dict)
    length: int = 1


def crossed(parts: Sequence[Rows]) -> Rows:
    """Every row of every part with every row of all others, the last part changing fastest."""
    length = int(np.prod([part.length for part in parts], dtype=object)) if parts else 1
    if length > MOST_POINTS:
        raise UserError(f"design: {length:,} points, but at most {MOST_POINTS:,} are allowed")
    columns: dict[str, list[Any]] = {}
    inner = length
    for part in parts:
        inner //= part.length
        index = np.tile(np.repeat(np.arange(part.length), inner), length // (part.length * inner))
        for name, values in part.columns.items():
            if name in columns:
                raise UserError(f"design: {name} is set in two places")
            columns[name] = np.array([*values, None], dtype=object)[:-1][index].tolist()
    return Rows(columns, length)


def choice_rows(spec: Spec) -> Rows:
    """Rows of ``choices:``, config-group choices crossed with each other."""
    for group, names in spec.items():
        if not is_choice(group):
            hint = nearest_name(group, ("scenario", "talks", "mediation"))
            raise UserError(f"design.choices.{group}: no such group{hint}")
        if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
            raise UserError(f"design.choices.{group}={names}: a list of names is needed")
    return crossed([Rows({group: names}, len(names)) for group, names in spec.items()])


def is_choice(name: str) -> bool:
    """Whether the points of a design can choose differently from a config group, all but those of the whole study."""
    return bool(group_of(name)) and group_of(name) not in ("experiment", "backend")


def grid_rows(spec: Spec, ties: Sequence[str]) -> Rows:
    """Rows of ``grid:``, a full factorial over lists of values."""
    lists = {name: levels(f"design.grid.{name}", name, values, ties) for name, values in spec.items()}
    return crossed([Rows({name: values}, len(values)) for name, values in lists.items()])


def listed_rows(spec: Any, ties: Sequence[str]) -> Rows:
    """Rows of ``points:``, each one mapping; ``name`` becomes the column ``arm``."""
    if not isinstance(spec, list) or not spec or not all(isinstance(row, Mapping) and row for row in spec):
        raise UserError("design.points: a list of mappings is needed, one a point")
    names = {name: None for row in spec for name in row}
    for number, row in enumerate(spec):
        for name, value in row.items():
            _check_listed(f"design.points.{number}.{name}", name, value, ties)
    columns = {("arm" if name == "name" else name): [row.get(name) for row in spec] for name in names}
    if "arm" in columns:
        columns["arm"] = [str(arm) if arm is not None else str(number) for number, arm in enumerate(columns["arm"])]
        first: dict[str, Spec] = {}
        for arm, row in zip(columns["arm"], spec, strict=True):
            if first.setdefault(arm, row) != row:
                raise UserError(f"design.points: two points with different settings are both named {arm!r}")
    return Rows(columns, len(spec))


def single_rows(spec: Spec, ties: Sequence[str]) -> Rows:
    """Rows of ``one_at_a_time:``, the base first, then each value of each factor alone; ``varied`` names it."""
    lists = {name: levels(f"design.one_at_a_time.{name}", name, values, ties) for name, values in spec.items()}
    changes = [("nothing", None), *((name, value) for name, values in lists.items() for value in values)]
    columns = {name: [value if varied == name else None for varied, value in changes] for name in lists}
    return Rows({"varied": [name for name, _ in changes], **columns}, len(changes))


def sampled_rows(kind: str, spec: Spec, ties: Sequence[str]) -> Rows:
    """Rows of a sample over the factors' ranges; ``samples`` counts points, trajectories or base samples."""
    from scipy.stats import qmc

    unknown = set(spec) - {"samples", "seed", "factors", *(["groups"] if kind == "saltelli" else [])}
    if unknown or not isinstance(spec.get("factors"), Mapping) or not spec["factors"]:
        extra = f"; unknown: {', '.join(sorted(map(str, unknown)))}" if unknown else ""
        raise UserError(f"design.{kind}: samples, seed and factors are needed{extra}")
    where, groups = f"design.{kind}.groups", {} if spec.get("groups") is None else spec["groups"]
    if not isinstance(groups, Mapping):
        raise UserError(f"{where}={shown(groups)}: a mapping of names to lists of factors is needed")
    for name, members in groups.items():
        if not isinstance(members, list) or not all(isinstance(member, str) for member in members):
            raise UserError(f"{where}.{name}={shown(members)}: a list of factors is needed")
    samples = _whole(f"design.{kind}.samples", spec.get("samples"), 1, MOST_POINTS)
    seed = _whole(f"design.{kind}.seed", spec.get("seed", 1), 0, 2**62)
    if kind in ("sobol", "saltelli") and samples & (samples - 1):
        raise UserError(f"design.{kind}.samples={samples}: must be a power of two, e.g. {1 << samples.bit_length()}")
    scales = {
        name: _scale(f"design.{kind}.factors.{name}", name, value, ties) for name, value in spec["factors"].items()
    }
    if kind in KINDS:
        unit = unit_sample(sampling(kind, spec), samples, seed)
    elif kind == "sobol":
        unit = qmc.Sobol(len(scales), scramble=True, rng=seed).random_base2(samples.bit_length() - 1)
    else:
        unit = qmc.LatinHypercube(len(scales), rng=seed).random(samples)
    columns = {name: scale(unit[:, number]) for number, (name, scale) in enumerate(scales.items())}
    return Rows({SAMPLE + kind: list(range(len(unit))), **columns}, len(unit))


def levels(where: str, name: str, values: Any, ties: Sequence[str]) -> list[Any]:
    """The list of values a factor takes, given as a list or as ``{from, to, steps, scale}``."""
    parameter = factor(where, name, ties)
    if isinstance(values, Mapping):
        low, high, log = _bounds(where, parameter, values, {"from", "to", "steps", "scale"})
        steps = _whole(f"{where}.steps", values.get("steps"), 2, MOST_POINTS)
        if log:
            values = [float(f"{value:.15g}") for value in np.geomspace(low, high, steps).tolist()]
        else:  # each the decimal that a reader would write: .3, never .30000000000000004
            first, last = Fraction(str(low)), Fraction(str(high))
            values = [float(first + (last - first) * number / (steps - 1)) for number in range(steps)]
        if parameter is None or parameter.kind == "float":
            return values
        if parameter.kind == "choice" or any(value != round(value) for value in values):
            raise UserError(f"{where}: the steps do not meet whole numbers; list the values")
        return [round(value) for value in values]
    if not isinstance(values, list) or not values:
        raise UserError(f"{where}={values}: a list of values or {{from, to, steps}} is needed")
    for value in values:
        _check(where, parameter, value)
    return list(values)


def factor(where: str, name: str, ties: Sequence[str]) -> Parameter | None:
    """The parameter that a factor sets, or None for a tied factor; UserError for anything else."""
    if name in ties:
        return None
    known = parameters()
    if name not in known:
        raise UserError(f"{where}: no such parameter{nearest_name(name, [*ties, *known])}")
    if known[name].kind == "text":
        raise UserError(f"{where}: a label cannot be a factor")
    return known[name]


def cell_reader(where: str, column: str, name: str) -> Callable[[Any], Any]:
    """How to read a cell of a table: of a parameter, or of an argument of what a scenario draws (``varies.``).

    ``where`` and ``name`` are what an error names where the column is unknown, and where a cell is wrong: UserError now,
    or from what comes back, which may raise ParameterError, too.
    """
    if not column.startswith(VARIES):
        parameter = factor(where, column, ()) or _ANY_NUMBER
    elif (drawn := argument_of(column)[0]) in parameters():
        parameter = _ANY_NUMBER
    else:
        raise UserError(f"{where}: no such parameter{nearest_name(drawn, parameters())}")
    if not parameter.is_number:
        return lambda cell: parameter.check(name, cell)
    return lambda cell: parameter.check(name, _number(cell))


def _number(cell: Any) -> Any:
    if not isinstance(cell, str):
        return cell
    number = number_in(cell)
    if number is None and number_in(cell.replace(",", ".")) is not None:
        raise UserError(f"{cell}: decimals are written with a point, {cell.replace(',', '.')}")
    return cell if number is None else number


def _check_listed(where: str, name: str, value: Any, ties: Sequence[str]) -> None:
    if name == "name":
        if value is not None and not isinstance(value, (str, int, float)):
            raise UserError(f"{where}={shown(value)}: a name is needed")
        return
    if is_choice(name):
        if not isinstance(value, str):
            raise UserError(f"{where}={value}: a name is needed")
        return
    _check(where, factor(where, name, ties), value)


def _check(where: str, parameter: Parameter | None, value: Any) -> None:
    if isinstance(value, (Mapping, list)):
        raise UserError(f"{where}={shown(value)}: one value is needed")
    if parameter is not None:
        parameter.check(where, value)
    elif isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
        raise UserError(f"{where}={value}: not a finite number")


def _bounds(where: str, parameter: Parameter | None, spec: Any, allowed: set[str]) -> tuple[float, float, bool]:
    if spec == "full":
        if parameter is None:
            raise UserError(f"{where}=full: a tied factor needs {{from, to}}")
        return parameter.low, parameter.high, False
    if not isinstance(spec, Mapping) or not {"from", "to"} <= set(spec) or set(spec) - allowed:
        raise UserError(f"{where}={spec}: {{{', '.join(sorted(allowed))}}} is needed")
    for end in ("from", "to"):
        _check(f"{where}.{end}", parameter, spec[end])
    if spec["from"] > spec["to"]:
        raise UserError(f"{where}: from={spec['from']} lies above to={spec['to']}")
    log = spec.get("scale", "linear") == "log"
    if spec.get("scale", "linear") not in ("linear", "log") or log and spec["from"] <= 0:
        raise UserError(f"{where}.scale={shown(spec['scale'])}: linear, or log where from is above 0")
    return float(spec["from"]), float(spec["to"]), log


def _scale(where: str, name: str, spec: Any, ties: Sequence[str]) -> Callable[[np.ndarray], list[Any]]:
    parameter = factor(where, name, ties)
    if parameter is not None and parameter.kind == "choice":
        options = list(parameter.options) if spec == "full" else levels(where, name, spec, ties)
        return lambda u: [options[index] for index in np.minimum((u * len(options)).astype(int), len(options) - 1)]
    low, high, log = _bounds(where, parameter, spec, {"from", "to", "scale"})
    if parameter is not None and parameter.kind == "int":
        return lambda u: np.minimum(np.floor(low + u * (high - low + 1)), high).astype(int).tolist()
    if log:
        return lambda u: (low * (high / low) ** u).tolist()
    return lambda u: (low + (high - low) * u).tolist()


def _whole(where: str, value: Any, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise UserError(f"{where}={shown(value)}: a whole number from {low} to {high} is needed")
    return value


# -- tables ------------------------------------------------------------------------------------------------------------

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
        name, cells, of_a_study = "design.table", dict(spec), False
    else:
        path = _located(spec, config_dir)
        name, cells = str(spec), _read_parquet(path) if path.suffix == ".parquet" else _read_csv(path)
        of_a_study = path.suffix == ".parquet" and (path.parent / "manifest.json").is_file()
    length = _length(name, cells)
    columns: dict[str, list[Any]] = {}
    for column, values in cells.items():
        sets = column in parameters() or column in (*_LABELS, "name") or is_choice(column) or column.startswith(VARIES)
        if column in _NUMBERING or of_a_study and not sets:  # of a study: a factor that was tied to parameters
            continue
        label = "arm" if column == "name" else column
        if label in columns:
            raise UserError(f"{name}: the columns arm and name are one and the same; leave one of them out")
        columns[label] = _column(name, column, values, options)
    if not set(columns) - set(_LABELS):
        raise UserError(
            f"{name}: no column sets anything; name columns like parameters, e.g. mediation.delay, or "
            f"like choices, e.g. mediation"
        )
    return Rows(columns, length)


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
    length = max(lengths, default=0)
    if not length:
        raise UserError(f"{name}: holds no points; a header and a row a point are needed")
    if length > MOST_POINTS:
        raise UserError(f"{name}: {length:,} points, but at most {MOST_POINTS:,} are allowed")
    return length


def _column(name: str, column: str, cells: Sequence[Any], options: Options) -> list[Any]:
    """The checked values of one column; None where a cell is empty."""
    where = f"{name}, column {column}"
    if column in ("arm", "name"):
        return [str(number) if cell in (None, "") else str(cell) for number, cell in enumerate(cells)]
    if column in _LABELS:
        return [None if cell is None else str(cell) for cell in cells]
    if is_choice(column):
        read: Callable[[Any], Any] = partial(_chosen, options(column.partition("@")[0]))
    else:
        read = cell_reader(where, column, "value")
    known: dict[Any, Any] = {}
    for row, cell in enumerate(cells, 1):
        if (type(cell), cell) not in known:
            try:
                known[type(cell), cell] = None if cell is None or cell == "" else read(cell)
            except (UserError, ParameterError) as error:
                raise UserError(f"{name}, row {row}, column {column}: {error}") from None
    return [known[type(cell), cell] for cell in cells]


def _chosen(names: Sequence[str], cell: Any) -> str:
    if cell not in names:
        raise UserError(f"{shown(cell)}: no such choice{nearest_name(str(cell), names)}; available: {', '.join(names)}")
    return str(cell)
