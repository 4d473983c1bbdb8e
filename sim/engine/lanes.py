"""Parameter points times replicates make lanes; scenarios are stacked into arrays.

Every parameter becomes an array with one value per lane, whether or not it differs between lanes, so that a lane's
arithmetic never depends on its neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from zlib import crc32

import numpy as np

from sim.engine import distributions
from sim.engine.peak_odds import SHIPPED
from sim.engine.streams import Luck, Stream
from sim.scenario import Parameter, ParameterError, Scenario, parameters
from sim.scenario import parameter as parameter_at

__all__ = ["LaneValues", "Points", "check_whole", "coded", "lane_values", "whole_numbers"]


@dataclass(frozen=True)
class Points:
    """A design: which base scenario each point rests on, and the factors laid over it.

    ``choice`` (points,) indexes ``scenarios``; ``columns`` maps dotted paths to one number per point. A parameter that
    is a choice is given by the number of its option.
    """

    scenarios: tuple[Scenario, ...]
    choice: np.ndarray
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, scenarios: Scenario | Sequence[Scenario]) -> Points:
        """One point per scenario."""
        many = _scenarios(scenarios)
        return cls(many, np.arange(len(many)))

    @classmethod
    def cross(cls, scenarios: Scenario | Sequence[Scenario], choice: Any, columns: Mapping[str, Any]) -> Points:
        """Points from base scenarios and factor columns; ParameterError where a value is out of its range."""
        many = _scenarios(scenarios)
        chosen = whole_numbers("choice of scenario", choice, len(many))
        return cls(many, chosen, {path: _checked_column(path, values, len(chosen)) for path, values in columns.items()})

    def __len__(self) -> int:
        return len(self.choice)

    def take(self, which: Any) -> Points:
        """The points at the given indices, in that order, as a design of their own."""
        return Points(self.scenarios, self.choice[which], {path: v[which] for path, v in self.columns.items()})

    def scenario(self, point: int) -> Scenario:
        """One point as a scenario; what a factor sets no longer varies."""
        known = parameters()
        changes = {path: _decoded(known[path], values[point]) for path, values in self.columns.items()}
        base = self.scenarios[self.choice[point]].replaced(changes)
        varies = {path: spec for path, spec in base.varies.items() if path not in changes}
        object.__setattr__(base, "varies", varies)
        return base


def _scenarios(given: Scenario | Sequence[Scenario]) -> tuple[Scenario, ...]:
    many = tuple(given) if hasattr(given, "__iter__") and not isinstance(given, str) else (given,)
    for scenario in many:
        if not isinstance(scenario, Scenario):
            raise ParameterError(f"scenarios={scenario!r}: a Scenario, or a sequence of them, is needed")
    return many


def check_whole(name: str, value: Any, low: int, high: int) -> None:
    """ParameterError where a value is no whole number from ``low`` to ``high``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or not low <= value <= high:
        raise ParameterError(f"{name}={value!r}: a whole number from {low} to {high} is needed")


def whole_numbers(name: str, values: Any, below: int) -> np.ndarray:
    """Values as an int64 array (n,); ParameterError where one is no whole number from 0 to less than ``below``."""
    array = np.asarray(values)
    if array.ndim != 1 or array.size and array.dtype.kind not in "iu":
        raise ParameterError(f"{name}: a sequence of whole numbers is needed")
    if wrong := array[(array < 0) | (array >= below)].tolist():
        raise ParameterError(f"{name}={wrong[0]}: a whole number from 0 to {below - 1} is needed")
    return array.astype(np.int64)


class LaneValues(SimpleNamespace):
    """Parameter values of a batch of lanes: ``values.dyad.combat.hurdle`` is an array of shape (lanes,)."""


def lane_values(points: Points, point: np.ndarray, luck: Luck) -> LaneValues:
    """Stack the parameters of the given points into arrays of shape (lanes,).

    Parameters
    ----------
    points : Points
    point : int array (lanes,)
        Each lane's point.
    luck : Luck
        Draws what a scenario lets vary.

    Returns
    -------
    LaneValues
        A tree of arrays that mirrors the scenario; numbers as float64, choices as the number of their option.
        ``peak_odds`` has shape (lanes, 10, 10).
    """
    known = {path: parameter for path, parameter in parameters().items() if parameter.kind != "text"}
    used, choice = np.unique(points.choice[point], return_inverse=True)
    scenarios = [points.scenarios[number] for number in used]
    table = np.array(
        [
            [coded(known[path], values[path]) for path in known]
            for values in (scenario.values() for scenario in scenarios)
        ]
    )
    # Every parameter contiguous: compiled loops are then compiled for one layout alone, and read it faster.
    stacked = dict(zip(known, np.ascontiguousarray(table.T[:, choice]), strict=True))
    for number, scenario in enumerate(scenarios):
        for path, spec in scenario.varies.items():
            distributions.check(path, known[path], spec)
            slot = 0 if spec.get("with") else _slot(path, stacked)
            uniforms = luck.before(Stream.VARIES, slot, 1, _tag(path, spec))[:, 0]
            stacked[path] = np.where(choice == number, distributions.draw(known[path], spec, uniforms), stacked[path])
    for path, values in points.columns.items():
        stacked[path] = np.asarray(values, float)[point]
    odds = np.array([scenario.peak_odds or SHIPPED for scenario in scenarios])
    return _tree({**stacked, "peak_odds": odds[choice]})


def coded(parameter: Parameter, value: Any) -> float:
    """A value as a number: choices by the number of their option."""
    return float(parameter.options.index(value)) if parameter.kind == "choice" else float(value)


def _decoded(parameter: Parameter, value: float) -> float | int | str:
    if parameter.kind == "choice":
        return parameter.options[int(value)]
    return int(value) if parameter.kind == "int" else float(value)


def _checked_column(path: str, values: Any, points: int) -> np.ndarray:
    parameter = parameter_at(path)
    if path.endswith(".luck_slot"):
        raise ParameterError(f"{path}: cannot be a factor: two sides could come to share one stream of luck")
    if np.ma.is_masked(values):
        raise ParameterError(f"{path}: some values are masked")
    array = np.asarray(values)
    if array.shape != (points,):
        raise ParameterError(f"{path}: {array.shape} values for {points} points")
    if parameter.kind == "text":
        raise ParameterError(f"{path}: a label cannot be a factor")
    if parameter.kind == "choice":
        if array.dtype.kind in "UO":
            return np.array([coded(parameter, parameter.check(path, str(value))) for value in array])
        array = np.asarray(array, float)
        for value in np.unique(array):
            known = value in range(len(parameter.options))
            parameter.check(path, parameter.options[int(value)] if known else value.item())
        return array
    array = _as_numbers(path, array, parameter)
    for value in {array.min(), array.max()} if points and np.isfinite(array).all() else set(array[~np.isfinite(array)]):
        parameter.check(path, float(value))
    if parameter.kind == "int" and not np.array_equal(array, np.rint(array)):
        parameter.check(path, float(array[array != np.rint(array)][0]))
    return array


def _as_numbers(path: str, array: np.ndarray, parameter: Parameter) -> np.ndarray:
    try:
        if array.dtype.kind not in "biufO" or any(isinstance(value, str) for value in array.tolist()):
            raise TypeError
        return np.asarray(array, float)
    except (TypeError, ValueError):
        raise ParameterError(f"{path}={array.tolist()[0]!r}: not a number; allowed: {parameter.range_text}") from None


def _tag(path: str, spec: Mapping[str, Any]) -> int:
    """What one draw of a varying parameter is called: by the parameter without its side, or by what it shares."""
    name = spec.get("with") or _without_side(path)
    return crc32(str(name).encode())


def _without_side(path: str) -> str:
    head, _, rest = path.partition(".")
    if head in ("government", "public"):
        return f"{head}.{rest.partition('.')[2]}"
    return path[:-2] if path.endswith(("_a", "_b")) else path


def _slot(path: str, stacked: Mapping[str, np.ndarray]) -> np.ndarray | int:
    """The slot of luck of the side a parameter belongs to, so that luck travels with a side."""
    parts = path.split(".")
    side = parts[1] if parts[0] in ("government", "public") else path[-1] if path.endswith(("_a", "_b")) else ""
    return stacked[f"government.{side}.luck_slot"].astype(np.uint32) if side else 0


def _tree(flat: Mapping[str, np.ndarray]) -> LaneValues:
    root = LaneValues()
    for path, values in flat.items():
        *parents, last = path.split(".")
        place = root
        for name in parents:
            if not hasattr(place, name):
                setattr(place, name, LaneValues())
            place = getattr(place, name)
        setattr(place, last, values)
    return root
