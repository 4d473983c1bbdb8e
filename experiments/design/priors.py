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
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from itertools import product
from math import isfinite, log
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from experiments.errors import UserError
from sim.scenario import ParameterError, Scenario, parameters

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
VARIES = "varies."
"""Prefix of paths to an argument of a distribution, as in ``varies.dyad.incidents.rate.median``."""
SHAPES = ("value", "odds", "falling", "factor")


@dataclass(frozen=True)
class Hyperparameter:
    """One number and its prior between two bounds: uniform, uniform in the logarithm, or log-normal cut off there.

    ``name`` is unique in a table; ``paths`` are what it sets, all alike: parameters of a scenario, or arguments of what a
    scenario draws. ``low`` and ``high`` bound the prior, uniform in the logarithm where ``log`` holds; ``middle`` and
    ``sigma`` are a log-normal's median and log standard deviation before it is cut off, ``sigma`` 0 for the others.
    ``shape`` is how the number becomes the values of the paths: as it is (``value``); as ``odds``, x / (1 - x); as weights
    that are ``falling`` from path to path by this factor and add up to one; or as a ``factor`` on what the scenario has.
    ``source`` is where the bounds come from, ``unit`` 1 where the number has none.
    """

    name: str
    paths: tuple[str, ...]
    low: float
    high: float
    meaning: str
    log: bool = False
    source: str = "assumed"
    shape: str = "value"
    unit: str = "1"
    middle: float = 0.0
    sigma: float = 0.0

    @property
    def distribution(self) -> str:
        """The prior's distribution in words."""
        if self.sigma:
            return f"log-normal, median {self.middle:g}, log sd {self.sigma:g}"
        return "uniform in the logarithm" if self.log else "uniform"

    @property
    def _ends(self) -> tuple[float, float]:
        """The bounds on the scale on which the prior is uniform: that of its distribution before it is cut off."""
        if self.sigma:
            low, high = ndtr((np.log([self.low, self.high]) - log(self.middle)) / self.sigma)
            return float(low), float(high)
        return (log(self.low), log(self.high)) if self.log else (self.low, self.high)

    def at(self, position: np.ndarray) -> np.ndarray:
        """Values at positions in 0-1 of the prior's distribution function."""
        low, high = self._ends
        even = low + np.asarray(position) * (high - low)
        if self.sigma:
            return np.clip(self.middle * np.exp(self.sigma * ndtri(even)), self.low, self.high)
        return np.clip(np.exp(even), self.low, self.high) if self.log else even

    def position(self, value: np.ndarray) -> np.ndarray:
        """The prior's distribution function, 0 to 1."""
        (low, high), value = self._ends, np.clip(value, self.low, self.high)
        if self.sigma:
            return (ndtr((np.log(value) - log(self.middle)) / self.sigma) - low) / (high - low)
        return ((np.log(value) if self.log else np.asarray(value, float)) - low) / (high - low)

    def settings(self, value: float, base: Scenario | None = None) -> dict[str, float]:
        """Path -> value that a number sets; a factor needs the scenario it is laid over."""
        if self.shape == "factor":
            if base is None:
                raise ValueError(f"{self.name}: a factor on nothing")
            known = {path: parameters()[path] for path in self.paths}
            return {path: float(np.clip(float(base.get(path)) * value, p.low, p.high)) for path, p in known.items()}
        if self.shape == "odds":
            return dict.fromkeys(self.paths, value / (1 - value))
        if self.shape == "falling":
            weights = value ** np.arange(len(self.paths))
            return dict(zip(self.paths, (weights / weights.sum()).tolist(), strict=True))
        return dict.fromkeys(self.paths, float(value))


Table = Sequence[Hyperparameter]


def settings_of(table: Table, values: Sequence[float], base: Scenario | None = None) -> dict[str, float]:
    """Path -> value that a row of numbers sets."""
    settings: dict[str, float] = {}
    for item, value in zip(table, values, strict=True):
        settings |= item.settings(float(value), base)
    return settings


def lay_over(scenario: Scenario, settings: Mapping[str, Any]) -> Scenario:
    """A scenario with parameters and arguments of its distributions set; a set parameter no longer varies.

    Arguments of a distribution the scenario does not have are left out: a case that knows a trait does not draw it.
    """
    plain = {path: value for path, value in settings.items() if not path.startswith(VARIES)}
    drawn = {path: dict(spec) for path, spec in scenario.varies.items() if path not in plain}
    for path, value in settings.items():
        if path.startswith(VARIES):
            _set_argument(drawn, path, value)
    whole = {path for path, parameter in parameters().items() if parameter.kind == "int"}
    plain = {path: int(value) if path in whole else value for path, value in plain.items()}
    return replace(scenario.replaced(plain), varies=drawn)


def argument_of(path: str) -> tuple[str, str, int | None]:
    """Parameter, argument and place in a list that a path such as ``varies.talks.present.p`` names."""
    *parents, last = path.removeprefix(VARIES).split(".")
    if last.isdigit():
        return ".".join(parents[:-1]), parents[-1], int(last)
    return ".".join(parents), last, None


def _set_argument(drawn: dict[str, dict[str, Any]], path: str, value: float) -> None:
    parameter, argument, place = argument_of(path)
    if parameter not in parameters():
        raise ParameterError(f"{path}: no such parameter")
    if parameter not in drawn:
        return
    spec = drawn[parameter]
    if argument not in spec or argument == "dist":
        raise ParameterError(f"{path}: {parameter} is drawn from {spec['dist']}, which has no {argument}")
    if place is None:
        spec[argument] = float(value)
        return
    if not isinstance(spec[argument], (list, tuple)) or place >= len(spec[argument]):
        raise ParameterError(f"{path}: {argument} has no place {place}")
    spec[argument] = [float(value) if number == place else old for number, old in enumerate(spec[argument])]


def positions(table: Table, values: np.ndarray) -> np.ndarray:
    """Values ``(points, hyperparameters)`` as positions in the unit cube of the priors."""
    return np.column_stack([item.position(values[:, number]) for number, item in enumerate(table)])


def values_at(table: Table, where: np.ndarray) -> np.ndarray:
    """The inverse of :func:`positions`."""
    return np.column_stack([item.at(where[:, number]) for number, item in enumerate(table)])


# -- tables ------------------------------------------------------------------------------------------------------------


@cache
def prior_of(name: str) -> Table:
    """The shipped table of a name (see :data:`TABLES`); empty for a scenario that has none."""
    path = DIRECTORY / f"{name}.csv"
    return read_priors(path) if path.is_file() else ()


def read_priors(path: Path) -> Table:
    """The numbers of a table, in the file's order; UserError names file, row (1 below the head) and column of a fault."""
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

    return {str(name): tuple(free) for name, free in OmegaConf.load(DIRECTORY / "structures.yaml").items()}


def table_of(structure: str) -> Table:
    """The priors of the population in a structure: what all structures share, then what it leaves free itself."""
    others = {name for free in structures().values() for name in free} - set(structures()[structure])
    return tuple(item for item in prior_of(POPULATION) if item.name not in others)


def nulls_of(structure: str) -> dict[str, float]:
    """Path -> 0 for the mechanisms that a structure does without, their exact null."""
    free, known = {item.name for item in table_of(structure)}, parameters()
    lacking = [path for item in prior_of(POPULATION) if item.name not in free for path in item.paths]
    return {path: 0.0 for path in lacking if path.endswith(".median") or (path in known and known[path].neutral == 0)}


def _number(column: str, text: str) -> float:
    with suppress(ValueError):
        if isfinite(value := float(text)):
            return value
    raise ValueError(f"column {column}: {text} is no finite number")
