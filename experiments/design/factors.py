"""The rows that one part of a ``design:`` block stands for, as columns of factors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

from experiments.config.overrides import nearest_name, shown
from experiments.config.plain_values import number_in
from experiments.config.schema import group_of
from experiments.design.priors import VARIES, argument_of
from experiments.design.sensitivity import KINDS, sampling, unit_sample
from experiments.errors import UserError
from sim.scenario import Parameter, parameters

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
    made: dict[str, list[Any]] = {}
    inner = length
    for part in parts:
        inner //= part.length
        index = np.tile(np.repeat(np.arange(part.length), inner), length // (part.length * inner))
        for name, values in part.columns.items():
            if name in made:
                raise UserError(f"design: {name} is set in two places")
            made[name] = np.array([*values, None], dtype=object)[:-1][index].tolist()
    return Rows(made, length)


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
        hint = nearest_name(name, [*ties, *known])
        raise UserError(f"{where}: no such parameter{hint}")
    if known[name].kind == "text":
        raise UserError(f"{where}: a label cannot be a factor")
    return known[name]


def cell_reader(where: str, column: str, name: str) -> Callable[[Any], Any]:
    """How to read a cell of a table: of a parameter, or of an argument of what a scenario draws (``varies.``).

    ``where`` and ``name`` are what an error names where the column is unknown, and where a cell is wrong: UserError now,
    or from what comes back, which may raise ParameterError, too.
    """
    if column.startswith(VARIES):
        if argument_of(column)[0] not in parameters():
            raise UserError(f"{where}: no such parameter{nearest_name(argument_of(column)[0], parameters())}")
        parameter = _ANY_NUMBER
    else:
        parameter = factor(where, column, ()) or _ANY_NUMBER
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
