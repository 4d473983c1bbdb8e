"""The priors of what is not known, read from ``conf/prior`` and checked: a file a table, a row a number.

Columns: ``name`` (unique in the file), ``paths`` (what the number sets, alternatives of a part separated by bars, as in
``government.a|b.resolve``), ``distribution`` (``uniform``, ``log-uniform`` or ``log-normal(MEDIAN LOG_SD)``) between
``low`` and ``high``, ``shape`` (how the number becomes the paths' values, see :class:`Hyperparameter`), ``unit``,
``meaning`` and ``source``.

``dispute_population`` holds the candidates of the only fit, ``line_of_contact`` what such a venue has of its own,
``unupdated_parameters`` what no outcome updates, ``publics`` what the answers of publics turn on beside the candidates;
experiments bound it (:mod:`experiments.protocols`). ``structures.yaml`` says which of the candidates each rival
structure of the model leaves free (see :func:`structures`).

Hawkishness is in no table of candidates: surveys inform it. Whatever a number belongs to, both sides share it, and a step
up costs what a step down costs.
"""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from functools import cache
from importlib.resources import files
from itertools import product
from math import isfinite
from pathlib import Path

from experiments.design.hyperparameters import SHAPES, VARIES, Hyperparameter, Table, argument_of
from experiments.errors import UserError
from sim.scenario import parameters

DIRECTORY = Path(str(files("conf"))) / "prior"
POPULATION, VENUE = "dispute_population", "line_of_contact"
CALIBRATED = (POPULATION, VENUE)
"""What can be calibrated, in the order in which documents show it: the population of disputes, then the venue."""
UNUPDATED_PRIORS = "unupdated_parameters"
PUBLICS_PRIORS = "publics"
TABLES = (*CALIBRATED, UNUPDATED_PRIORS, PUBLICS_PRIORS)
COLUMNS = ("name", "paths", "distribution", "low", "high", "shape", "unit", "meaning", "source")
DISTRIBUTIONS = ("uniform", "log-uniform", "log-normal(MEDIAN LOG_SD)")
LOG_NORMAL = re.compile(r"log-normal\((\S+) (\S+)\)")


@cache
def prior_of(name: str) -> Table:
    """The shipped table of a name (see :data:`TABLES`); empty for a scenario that has none."""
    path = DIRECTORY / f"{name}.csv"
    return read_priors(path) if path.is_file() else ()


def read_priors(path: Path) -> Table:
    """The numbers of a table, in the file's order.

    UserError names file, row (the first below the head is 1) and column of the first thing that is wrong.
    """
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream)
        if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
            raise UserError(f"{path}: no column {missing[0]}; needed are {', '.join(COLUMNS)}")
        table: list[Hyperparameter] = []
        for number, row in enumerate(reader, start=1):
            try:
                table.append(_hyperparameter(row, {item.name for item in table}))
            except ValueError as error:
                raise UserError(f"{path}, row {number}, {error}") from None
    return tuple(table)


def _hyperparameter(row: dict[str, str | None], taken: set[str]) -> Hyperparameter:
    if empty := [column for column in COLUMNS if not row[column]]:
        raise ValueError(f"column {empty[0]}: empty")
    texts = {column: str(row[column]) for column in COLUMNS}
    if texts["name"] in taken:
        raise ValueError(f"column name: {texts['name']} stands twice")
    log_normal = LOG_NORMAL.fullmatch(texts["distribution"])
    for column, known in (("distribution", DISTRIBUTIONS), ("shape", SHAPES)):
        if texts[column] not in known and not (column == "distribution" and log_normal):
            raise ValueError(f"column {column}: {texts[column]}; one of {', '.join(known)}")
    paths = tuple(".".join(parts) for parts in product(*(part.split("|") for part in texts["paths"].split("."))))
    for path in paths:
        if (argument_of(path)[0] if path.startswith(VARIES) else path) not in parameters():
            raise ValueError(f"column paths: {path}: no such parameter")
    low, high = (_number(column, texts[column]) for column in ("low", "high"))
    log = texts["distribution"] == "log-uniform"
    middle, sigma = (_number("distribution", part) for part in (log_normal.groups() if log_normal else ("0", "0")))
    if log_normal and min(middle, sigma) <= 0:
        raise ValueError(f"column distribution: {texts['distribution']}: median and log sd must be above 0")
    if (log or log_normal) and low <= 0:
        raise ValueError(f"column low: {low:g} has no logarithm")
    if not low < high:
        raise ValueError(f"column high: {high:g} is not above {low:g}")
    unit, meaning, source = (texts[column] for column in ("unit", "meaning", "source"))
    return Hyperparameter(texts["name"], paths, low, high, meaning, log, source, texts["shape"], unit, middle, sigma)


@cache
def structures() -> dict[str, tuple[str, ...]]:
    """The rival structures of the model, each with the priors of its mechanisms that it leaves free."""
    from omegaconf import OmegaConf

    held = OmegaConf.to_container(OmegaConf.load(DIRECTORY / "structures.yaml"))
    assert isinstance(held, dict)
    return {str(name): tuple(free) for name, free in held.items()}


def table_of(structure: str) -> Table:
    """The priors of the population in a structure: what all structures share, then what it leaves free itself."""
    own = structures()[structure]
    others = {name for free in structures().values() for name in free} - set(own)
    return tuple(item for item in prior_of(POPULATION) if item.name not in others)


def nulls_of(structure: str) -> dict[str, float]:
    """Path -> 0 for the mechanisms that a structure does without, their exact null."""
    free = {item.name for item in table_of(structure)}
    lacking = [path for item in prior_of(POPULATION) if item.name not in free for path in item.paths]
    return {
        path: 0.0
        for path in lacking
        if path.endswith(".median") or (path in parameters() and parameters()[path].neutral == 0)
    }


def _number(column: str, text: str) -> float:
    with suppress(ValueError):
        if isfinite(value := float(text)):
            return value
    raise ValueError(f"column {column}: {text} is no finite number")
