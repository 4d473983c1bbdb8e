"""The priors of what is not known, read from ``conf/prior`` and checked: a file a table, a row a number.

Columns: ``name`` (unique in the file), ``paths`` (what the number sets, alternatives of a part separated by bars, as in
``government.a|b.resolve``), ``distribution`` (``uniform`` or ``log-uniform``) between ``low`` and ``high``, ``shape``
(how the number becomes the paths' values, see :class:`Hyperparameter`), ``unit``, ``meaning`` and ``source``.

A table named after a scenario holds the candidates of its calibration. ``unupdated_parameters`` holds what no outcome
updates.

Hawkishness is in no table of candidates: surveys inform it. Hardly a target speaks of citizens, so a free search would
mute them: the domestic weight stays at 2.5 or above and the price of inconsistency at 2 or above. Whatever a number
belongs to, both sides share it, and a step up costs what a step down costs.
"""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from itertools import product
from math import isfinite, nan
from pathlib import Path

from experiments.design.hyperparameters import SHAPES, VARIES, Hyperparameter, Table, argument_of
from experiments.errors import UserError
from sim.scenario import parameters

DIRECTORY = Path(str(files("conf"))) / "prior"
CALIBRATED = ("dispute_population", "tovuz_2020", "simmer_2015")
"""The scenarios that can be calibrated, in the order in which documents show them."""
UNUPDATED_PRIORS = "unupdated_parameters"
TABLES = (*CALIBRATED, UNUPDATED_PRIORS)
COLUMNS = ("name", "paths", "distribution", "low", "high", "shape", "unit", "meaning", "source")
DISTRIBUTIONS = ("uniform", "log-uniform")


@cache
def prior_of(name: str) -> Table:
    """The shipped table of a name (see :data:`TABLES`); empty for a scenario that has none."""
    path = DIRECTORY / f"{name}.csv"
    return read_priors(path) if path.is_file() else ()


def read_priors(path: Path) -> Table:
    """The numbers of a table, in the file's order.

    Raises
    ------
    UserError
        Naming file, row (the first below the head is 1) and column of the first thing that is wrong.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise UserError(f"{path}: no column {missing[0]}; needed are {', '.join(COLUMNS)}")
        table: list[Hyperparameter] = []
        for number, row in enumerate(reader, start=1):
            try:
                table.append(_hyperparameter(row, {item.name for item in table}))
            except _Wrong as error:
                raise UserError(f"{path}, row {number}, {error}") from None
    return tuple(table)


class _Wrong(ValueError):
    """A column and what is wrong with it."""

    def __init__(self, column: str, text: str) -> None:
        super().__init__(f"column {column}: {text}")


def _hyperparameter(row: dict[str, str | None], taken: set[str]) -> Hyperparameter:
    if empty := [column for column in COLUMNS if not row[column]]:
        raise _Wrong(empty[0], "empty")
    texts = {column: str(row[column]) for column in COLUMNS}
    if texts["name"] in taken:
        raise _Wrong("name", f"{texts['name']} stands twice")
    for column, known in (("distribution", DISTRIBUTIONS), ("shape", SHAPES)):
        if texts[column] not in known:
            raise _Wrong(column, f"{texts[column]}; one of {', '.join(known)}")
    paths = tuple(".".join(parts) for parts in product(*(part.split("|") for part in texts["paths"].split("."))))
    for path in paths:
        if (argument_of(path)[0] if path.startswith(VARIES) else path) not in parameters():
            raise _Wrong("paths", f"{path}: no such parameter")
    low, high = (_number(texts, column) for column in ("low", "high"))
    log = texts["distribution"] == "log-uniform"
    if log and low <= 0:
        raise _Wrong("low", f"{low:g} has no logarithm")
    if not low < high:
        raise _Wrong("high", f"{high:g} is not above {low:g}")
    unit, meaning, source = (texts[column] for column in ("unit", "meaning", "source"))
    return Hyperparameter(texts["name"], paths, low, high, meaning, log, source, texts["shape"], unit)


def _number(texts: dict[str, str], column: str) -> float:
    try:
        value = float(texts[column])
    except ValueError:
        value = nan
    if not isfinite(value):
        raise _Wrong(column, f"{texts[column]} is no finite number")
    return value
