"""Draws of uncertain parameters, kept as plain tables in ``conf/posterior``."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.errors import UserError
from experiments.factors import Rows, factor
from experiments.overrides import nearest_name


def posterior_rows(uncertainty: str, config_dir: str | None = None) -> Rows | None:
    """The draws named by ``uncertainty`` as rows with a column ``draw``, or None where there is none.

    Parameters
    ----------
    uncertainty : str
        ``none``, ``NAME`` for all draws of ``posterior/NAME.csv``, or ``NAME:DRAWS`` for the first of them.
    config_dir : str, optional
        A directory of configurations to look in as well.

    Raises
    ------
    UserError
        If there is no such posterior, or it sets an unknown parameter or a value out of its range.
    """
    if uncertainty == "none":
        return None
    name, _, wanted = uncertainty.partition(":")
    source = _source(name, config_dir)
    header, *lines = list(csv.reader(source.read_text(encoding="utf-8").splitlines()))
    if wanted and (not wanted.isdigit() or not 1 <= int(wanted) <= len(lines)):
        raise UserError(f"uncertainty={uncertainty}: draws must be a number from 1 to {len(lines)}")
    lines = lines[:int(wanted)] if wanted else lines
    columns: dict[str, list[Any]] = {"draw": [str(number) for number in range(len(lines))]}
    for number, path in enumerate(header):
        columns[path] = [_value(name, path, line[number]) for line in lines]
    return Rows(columns, len(lines))


def _source(name: str, config_dir: str | None) -> Any:
    shipped = files("conf") / "posterior"
    places = [shipped, *([Path(config_dir) / "posterior"] if config_dir else [])]
    known = {entry.name.removesuffix(".csv"): entry for place in places if place.is_dir()
             for entry in place.iterdir() if entry.name.endswith(".csv")}
    if name not in known:
        raise UserError(f"uncertainty={name}: no such posterior{nearest_name(name, known)}; "
                        f"available: {', '.join(['none', *sorted(known)])}")
    return known[name]


def _value(name: str, path: str, text: str) -> float | str | int:
    parameter = factor(f"posterior {name}: {path}", path, ())
    if parameter is not None and parameter.kind == "choice":
        return parameter.check(path, text)
    try:
        number = float(text)
    except ValueError:
        raise UserError(f"posterior {name}: {path}={text}: not a number") from None
    return parameter.check(path, number) if parameter is not None else number
