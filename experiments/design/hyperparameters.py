"""A hyperparameter and its prior: a number of a scenario, or of the distributions that the scenario draws from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from sim.scenario import ParameterError, Scenario, parameters

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

    def _cut(self) -> tuple[float, float]:
        """The log-normal's distribution function at both bounds."""
        low, high = ndtr((np.log([self.low, self.high]) - log(self.middle)) / self.sigma)
        return float(low), float(high)

    def at(self, position: np.ndarray) -> np.ndarray:
        """Values at positions in 0-1 of the prior's distribution function."""
        if self.sigma:
            low, high = self._cut()
            value = self.middle * np.exp(self.sigma * ndtri(low + np.asarray(position) * (high - low)))
            return np.clip(value, self.low, self.high)
        if self.log:
            value = np.exp(log(self.low) + np.asarray(position) * (log(self.high) - log(self.low)))
            return np.clip(value, self.low, self.high)
        return self.low + np.asarray(position) * (self.high - self.low)

    def position(self, value: np.ndarray) -> np.ndarray:
        """The prior's distribution function, 0 to 1."""
        value = np.clip(value, self.low, self.high)
        if self.sigma:
            low, high = self._cut()
            return (ndtr((np.log(value) - log(self.middle)) / self.sigma) - low) / (high - low)
        if self.log:
            return (np.log(value) - log(self.low)) / (log(self.high) - log(self.low))
        return (np.asarray(value, float) - self.low) / (self.high - self.low)

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
    made: dict[str, float] = {}
    for item, value in zip(table, values, strict=True):
        made |= item.settings(float(value), base)
    return made


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
