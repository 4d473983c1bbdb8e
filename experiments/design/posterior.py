"""Draws of uncertain parameters, kept as plain tables in ``conf/posterior``: small Parquet files, or CSV by hand.

A column is a parameter's dotted path, or ``varies.`` and the path of an argument of what the scenario draws, as in
``varies.dyad.incidents.rate.median``. Each draw becomes points of its own, crossed with everything else a study
compares: replicates of one draw differ by luck, draws by parameters, and under shared luck arms are paired in both.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from experiments.config.overrides import nearest_name
from experiments.config.plain_values import number_in
from experiments.design.factors import Rows, factor
from experiments.design.hyperparameters import VARIES, argument_of, lay_over
from experiments.errors import UserError
from sim.scenario import Scenario, parameters

NOTHING = ("none", "defaults")
OWN = "posterior"
"""The word for the posterior that bears the scenario's own name."""
ENDINGS = (".parquet", ".csv")


def posterior_rows(uncertainty: str, config_dir: str | None = None, scenario: str | None = None) -> Rows | None:
    """The draws named by ``uncertainty`` as rows with a column ``draw``, or None where there is none.

    Parameters
    ----------
    uncertainty : str
        ``none`` or ``defaults``; ``posterior`` for the scenario's own; ``NAME`` for all draws of a posterior of that
        name; any of them followed by ``:DRAWS`` for the first so many.
    config_dir : str, optional
        A directory of configurations to look in as well.
    scenario : str, optional
        The name that ``posterior`` stands for.

    Raises
    ------
    UserError
        If there is no such posterior, or it sets an unknown parameter or a value out of its range.
    """
    name, _, wanted = uncertainty.partition(":")
    if name in NOTHING:
        return None
    header, lines = _read(_source(name, scenario, config_dir))
    if wanted and (not wanted.isdigit() or not 1 <= int(wanted) <= len(lines)):
        raise UserError(f"uncertainty={uncertainty}: draws must be a number from 1 to {len(lines)}")
    lines = lines[: int(wanted)] if wanted else lines
    columns: dict[str, list[Any]] = {"draw": [str(number) for number in range(len(lines))]}
    for number, path in enumerate(header):
        columns[path] = [_value(name, path, line[number]) for line in lines]
    return Rows(columns, len(lines))


def with_draws(
    scenarios: Sequence[Scenario], base: np.ndarray, rows: Rows
) -> tuple[list[Scenario], list[int], np.ndarray]:
    """Base scenarios whose distributions are those of each draw.

    Returns
    -------
    scenarios, origin, base
        The scenarios, the number of the given scenario each came from, and which of them each row rests on.
    """
    drawn = {path: values for path, values in rows.columns.items() if path.startswith(VARIES)}
    if not drawn:
        return list(scenarios), list(range(len(scenarios))), base
    keys = list(zip(base.tolist(), *drawn.values(), strict=True))
    distinct = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    made = [
        lay_over(
            scenarios[first],
            {path: value for path, value in zip(drawn, values, strict=True) if value is not None},
        )
        for first, *values in distinct
    ]
    return made, [first for first, *_ in distinct], np.array([distinct[key] for key in keys], np.int64)


def _source(name: str, scenario: str | None, config_dir: str | None) -> Any:
    shipped = files("conf") / "posterior"
    places = [shipped, *([Path(config_dir) / "posterior"] if config_dir else [])]
    known = {
        entry.name.rpartition(".")[0]: entry
        for ending in reversed(ENDINGS)
        for place in places
        if place.is_dir()
        for entry in place.iterdir()
        if entry.name.endswith(ending)
    }
    available = f"available: {', '.join(['none', *sorted(known)])}"
    if name == OWN and OWN not in known:
        if scenario not in known:
            raise UserError(f"uncertainty=posterior: {scenario} has no posterior of its own; {available}")
        return known[scenario]
    if name not in known:
        raise UserError(f"uncertainty={name}: no such posterior{nearest_name(name, known)}; {available}")
    return known[name]


def _read(source: Any) -> tuple[list[str], Sequence[Sequence[Any]]]:
    if source.name.endswith(".csv"):
        header, *lines = list(csv.reader(source.read_text(encoding="utf-8-sig").splitlines()))
        return header, lines
    import polars as pl

    table = pl.read_parquet(source.read_bytes())
    return table.columns, table.rows()


def _value(name: str, path: str, text: Any) -> float | str | int:
    where = f"posterior {name}: {path}"
    if path.startswith(VARIES):
        if argument_of(path)[0] not in parameters():
            raise UserError(f"{where}: no such parameter")
        return _number(where, text)
    parameter = factor(where, path, ())
    if parameter is None:
        return _number(where, text)
    if parameter.kind == "choice":
        return parameter.check(path, text)
    number = _number(where, text)
    return parameter.check(path, int(number) if parameter.kind == "int" and number == int(number) else number)


def _number(where: str, text: Any) -> float:
    number = number_in(text.strip()) if isinstance(text, str) else text
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise UserError(f"{where}={text}: not a number")
    return float(number)
