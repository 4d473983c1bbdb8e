"""The points of a ``design:`` block: rows of factors, one composed scenario per choice, and the design's table."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.config.compose import CHOICES, Composer, Configuration
from experiments.config.overrides import parse_overrides, shown
from experiments.config.schema import GROUPS, group_of
from experiments.design import factors
from experiments.design.factors import SAMPLE, SAMPLED, Rows, table_rows
from experiments.design.posterior import NOTHING, POPULATION, posterior_rows, with_draws
from experiments.design.sensitivity import expanded
from experiments.errors import UserError
from sim.outputs.columns import OUTCOMES
from sim.scenario import ParameterError, Scenario, parameters

if TYPE_CHECKING:
    from sim.engine.lanes import Points

FEW_REPLICATES = 30
_PARTS = ("choices", "table", "points", "grid", "one_at_a_time", *SAMPLED, "tie", "title")
_COLUMNS = {"arm", "varied", "title", "draw", "structure", "study", "day", *(column.name for column in OUTCOMES)}
"""Names that tables and comparisons give to columns of their own, those of outcomes among them."""
_MAPPINGS = {
    "choices": "{GROUP: [NAME, ...]}",
    **dict.fromkeys(("grid", "one_at_a_time"), "{PATH: [VALUE, ...]}"),
    "tie": "{NAME: [PATH, ...]}",
    **dict.fromkeys(SAMPLED, "{samples: N, factors: {PATH: {from: LOW, to: HIGH}}}"),
}
Ties = dict[str, list[tuple[str, float, float]]]
"""A tied factor -> the parameters that it sets, each with the scale and the shift of its values."""


@dataclass(frozen=True)
class Design:
    """The points of a study.

    ``table`` holds the columns of ``design.parquet`` without ``point``, each (points,); ``scenarios`` the base
    scenarios that ``base`` (points,) refers to, ``choices`` what was chosen in each config group for each of them;
    ``columns`` the parameters laid over the bases, by path.
    """

    table: dict[str, np.ndarray]
    scenarios: tuple[Scenario, ...]
    choices: tuple[dict[str, str], ...]
    base: np.ndarray
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(self.base)

    def points(self) -> Points:
        """The design as the model takes it."""
        from sim.engine.lanes import Points

        return Points.cross(self.scenarios, self.base, self.columns)


def build_design(
    composer: Composer, configuration: Configuration, counted: Callable[[int], object] = lambda points: None
) -> Design:
    """The points of a configuration: one for a plain run, those of its ``design:`` block for a sweep.

    ``counted`` is told how many there are, those that repeat another included, before their scenarios are composed.
    UserError or ParameterError in one line names the factor, its value and its range, or says that too few replicates
    share their luck.
    """
    check_parts(configuration.design)
    spec = expanded(configuration.design, configuration.scenario)
    rows = design_rows(spec, configuration, composer)
    ties = _ties(spec)
    for name in ties:
        if name not in rows.columns:
            raise UserError(f"design.tie.{name}: nothing in the design, such as grid, gives {name} values")
    varied = {*rows.columns, *(path for targets in ties.values() for path, _, _ in targets)}
    for override in parse_overrides(configuration.overrides):
        if override.key in varied:
            raise UserError(f"{override.text}: the design varies {override.key}; leave it out")
    counted(rows.length)
    groups = {name: values for name, values in rows.columns.items() if group_of(name)}
    scenarios, choices, base = _bases(composer, configuration, groups, rows.length)
    drawn, origin, base = with_draws(scenarios, base, rows)
    scenarios, choices = tuple(drawn), tuple(choices[number] for number in origin)
    settable = {*ties, *parameters()} - set(groups)
    laid = _untied({name: values for name, values in rows.columns.items() if name in settable}, ties)
    columns = {path: _column(path, values, scenarios, base) for path, values in laid.items()}
    table = _table(rows, columns, choices, base, groups)
    numbers = {name: values for name, values in rows.columns.items() if name.startswith(SAMPLE)}
    once = _once({name: values.tolist() for name, values in table.items()} | numbers | {"base": base.tolist()})
    if repeated := rows.length - len(once):
        note = f"design: {repeated:,} of {rows.length:,} points repeat another one and are simulated once"
        print(note, file=sys.stderr)
        table, columns = ({name: values[once] for name, values in some.items()} for some in (table, columns))
        base = base[once]
    design = Design(table, scenarios, choices, base, columns)
    design.points()  # refuses values out of range
    settings = configuration.settings
    few = settings.replicates != "auto" and settings.replicates < FEW_REPLICATES
    if len(design) > 1 and few and settings.luck == "shared":
        raise UserError(
            f"luck=shared: {len(design):,} points with {settings.replicates} replicates each would all "
            f"depend on the same luck; use luck=own, or at least {FEW_REPLICATES} replicates"
        )
    return design


def _once(columns: Mapping[str, list[Any]]) -> np.ndarray:
    """The numbers of the rows that repeat no earlier row, in order, int (rows,)."""
    import polars as pl

    frame = pl.DataFrame(columns, strict=False)
    return frame.with_row_index("_row").unique(frame.columns, keep="first", maintain_order=True)["_row"].to_numpy()


def check_parts(spec: Mapping[str, Any]) -> None:
    """UserError for parts of a ``design:`` block that are unknown or no mapping where one is needed."""
    for name, part in spec.items():
        if name not in _PARTS:
            raise UserError(f"design.{name}: no such part; parts are {', '.join(_PARTS)}")
        if name in _MAPPINGS and not (isinstance(part, Mapping) and part and all(isinstance(key, str) for key in part)):
            raise UserError(f"design.{name}={shown(part)}: a mapping is needed, {name}: {_MAPPINGS[name]}")


def design_rows(spec: Mapping[str, Any], configuration: Configuration, composer: Composer) -> Rows:
    """The factors of a ``design:`` block as rows, before any scenario is composed."""
    ties = list(spec.get("tie") or {})
    readers: dict[str, Callable[[Any], Rows]] = {
        "choices": factors.choice_rows,
        "table": lambda part: table_rows(part, configuration.config_dir, composer.options),
        "points": lambda part: factors.listed_rows(part, ties),
        "grid": lambda part: factors.grid_rows(part, ties),
        "one_at_a_time": lambda part: factors.single_rows(part, ties),
        **{kind: partial(factors.sampled_rows, kind, ties=ties) for kind in SAMPLED},
    }
    parts = [read(spec[name]) for name, read in readers.items() if name in spec]
    uncertainty, scenario = configuration.settings.uncertainty, configuration.choices.get("scenario")
    if uncertainty.partition(":")[0] not in NOTHING:
        case = (configuration.scenario, composer.scenario_named(POPULATION))
        posterior = posterior_rows(uncertainty, configuration.config_dir, scenario, case)
        parts += [posterior] if posterior else []
    return factors.crossed(parts)


def _ties(spec: Mapping[str, Any]) -> Ties:
    ties: Ties = {}
    for name, targets in (spec.get("tie") or {}).items():
        if name in parameters() or group_of(name):
            raise UserError(f"design.tie.{name}: give the factor a name of its own")
        if name in _COLUMNS:
            raise UserError(f"design.tie.{name}: {name} is a column of a study's tables; give the factor another name")
        if not isinstance(targets, list) or not targets:
            raise UserError(f"design.tie.{name}: a list of parameters is needed")
        ties[name] = [_target(f"design.tie.{name}", target) for target in targets]
    return ties


def _target(where: str, target: Any) -> tuple[str, float, float]:
    spec = {"path": target} if isinstance(target, str) else target
    if not isinstance(spec, Mapping) or "path" not in spec or set(spec) - {"path", "scale", "shift"}:
        raise UserError(f"{where}={target}: a path, or {{path, scale, shift}}, is needed")
    known = parameters()
    if not isinstance(spec["path"], str) or spec["path"] not in known or not known[spec["path"]].is_number:
        raise UserError(f"{where}: {spec['path']} is no number that can be set")
    for name in ("scale", "shift"):
        value = spec.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            raise UserError(f"{where}.{name}={shown(value)}: not a finite number")
    return spec["path"], float(spec.get("scale", 1)), float(spec.get("shift", 0))


def _untied(laid: Mapping[str, list[Any]], ties: Ties) -> dict[str, list[Any]]:
    columns = {name: values for name, values in laid.items() if name not in ties}
    for name in [name for name in ties if name in laid]:
        for path, scale, shift in ties[name]:
            if path in columns:
                raise UserError(f"design.tie.{name}: {path} is set in two places")
            columns[path] = [None if value is None else value * scale + shift for value in laid[name]]
    return columns


def _bases(
    composer: Composer, configuration: Configuration, groups: Mapping[str, list[Any]], length: int
) -> tuple[tuple[Scenario, ...], tuple[dict[str, str], ...], np.ndarray]:
    """The scenario and the choices of each distinct row of config-group choices, and each row's number of them."""
    rows = list(zip(*groups.values(), strict=True)) if groups else [()] * length
    distinct = {row: number for number, row in enumerate(dict.fromkeys(rows))}
    named = (*CHOICES, *(group for group in groups if group not in GROUPS))
    scenarios, choices = [], []
    for row in distinct:
        extra = [f"{group}={name}" for group, name in zip(groups, row, strict=True) if name is not None]
        chosen = composer.compose([*configuration.overrides, *extra]) if extra else configuration
        scenarios.append(chosen.scenario)
        choices.append({group: str(chosen.choices.get(group)) for group in named})
    return tuple(scenarios), tuple(choices), np.fromiter((distinct[row] for row in rows), np.int64, length)


def _column(path: str, values: list[Any], scenarios: Sequence[Scenario], base: np.ndarray) -> np.ndarray:
    parameter = parameters()[path]
    if None in values:
        of_base = [scenario.get(path) for scenario in scenarios]
        values = [of_base[number] if value is None else value for value, number in zip(values, base, strict=True)]
    if parameter.kind == "choice":
        return np.array([str(value) for value in values], dtype=object)
    column = np.array(values, float)
    if parameter.kind != "int":
        return column
    if (broken := column[column != np.rint(column)]).size:
        raise ParameterError(f"{path}={broken[0]:g}: not a whole number; allowed: {parameter.range_text}")
    return column.astype(np.int32)


def _table(
    rows: Rows,
    columns: Mapping[str, np.ndarray],
    choices: Sequence[Mapping[str, str]],
    base: np.ndarray,
    groups: Mapping[str, Any],
) -> dict[str, np.ndarray]:
    table = {group: np.array([chosen[group] for chosen in choices], dtype=object)[base] for group in choices[0]}
    for name, values in rows.columns.items():
        if name not in groups and name not in columns and not name.startswith(SAMPLE):
            text = any(isinstance(value, str) for value in values)
            filled = [value if value is not None else None if text else np.nan for value in values]
            table[name] = np.array(filled, dtype=object if text else float)
    return {**table, **columns}
