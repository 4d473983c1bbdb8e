"""Levers: what a policy sets, each with the values it may take."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.config.overrides import nearest_name, shown
from experiments.config.schema import group_of
from experiments.design.factors import is_choice
from experiments.errors import UserError
from sim.scenario import parameters

Value = float | int | str
Policy = dict[str, Value]
"""A setting of all levers, by path."""
_RANGE = "{from: LOW, to: HIGH} or [VALUE, ...]"
_STEPS = 100
"""Steps that a range is divided into at least: a policy is written with the digits that a step needs."""


@dataclass(frozen=True)
class Lever:
    """One lever: a parameter by its path, or a config group.

    ``values`` can be chosen; where there are none it has a range from ``low`` to ``high``, in the parameter's unit, of
    ``whole`` numbers only or of any.
    """

    path: str
    low: float = 0.0
    high: float = 0.0
    values: tuple[Value, ...] = ()
    whole: bool = False

    @property
    def is_group(self) -> bool:
        """Whether it chooses from a config group, so that scenarios are composed anew."""
        return bool(group_of(self.path))

    def at(self, position: float) -> Value:
        """The value at a position from 0 (included) to 1 (excluded) of the lever's range or list."""
        if self.values:
            return self.values[int(position * len(self.values))]
        if self.whole:
            return int(self.low + math.floor(position * (self.high - self.low + 1)))
        return self.rounded(self.low + position * (self.high - self.low))

    def rounded(self, value: Any) -> Value:
        """A value with the digits that a hundredth of the range has, within the range."""
        if self.values or self.whole:
            return value
        digits = -math.floor(math.log10((self.high - self.low) / _STEPS))
        return float(min(max(round(float(value), max(digits, 0)), self.low), self.high))

    def scaled(self, value: Value) -> float:
        """Where a value lies, 0 to 1: in the range, or by its place in the list."""
        if self.values:
            return self.values.index(value) / max(len(self.values) - 1, 1)
        return (float(value) - self.low) / (self.high - self.low)


def read_levers(spec: Any, options: Any) -> tuple[Lever, ...]:
    """The levers of a ``search:`` block.

    Parameters
    ----------
    spec : mapping
        Path or config group -> ``{from, to}`` or a list of values.
    options : callable
        Names that can be chosen in a config group.

    Raises
    ------
    UserError, ParameterError
        One line naming the lever, its value and its range.
    """
    if not isinstance(spec, Mapping) or not spec:
        raise UserError(f"search.levers={shown(spec)}: a mapping is needed, levers: {{PATH: {_RANGE}}}")
    levers = tuple(_lever(str(path), values, options) for path, values in spec.items())
    for lever in levers:
        if any(other.is_group and lever.path.startswith(f"{other.path}@") for other in levers):
            raise UserError(f"search.levers.{lever.path}: is part of another lever")
    return levers


def _lever(path: str, spec: Any, options: Any) -> Lever:
    where = f"search.levers.{path}"
    if group_of(path):
        if not is_choice(path) or path.partition("@")[0] == "scenario":
            raise UserError(f"{where}: nobody chooses a {path}; cases belong in search.states.scenarios")
        names = options(path.partition("@")[0])
        if not isinstance(spec, list) or len(spec) < 2:
            raise UserError(f"{where}={shown(spec)}: a list of two names or more is needed")
        for name in spec:
            if name not in names:
                raise UserError(f"{where}: {shown(name)} is no choice{nearest_name(str(name), names)}")
        return Lever(path, values=tuple(dict.fromkeys(spec)))
    known = parameters()
    if path not in known or known[path].kind == "text":
        ends = {name.rpartition(".")[2] for name in known}
        last = difflib.get_close_matches(path.rpartition(".")[2], ends, n=1, cutoff=0.75)
        raise UserError(f"{where}: no such parameter{nearest_name(path) or ''.join(map(nearest_name, last))}")
    parameter = known[path]
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        values = tuple(dict.fromkeys(parameter.check(where, value) for value in spec))
        if len(values) < 2:
            raise UserError(f"{where}={shown(spec)}: two values or more are needed")
        return Lever(path, values=values)
    if not parameter.is_number or not isinstance(spec, Mapping) or set(spec) != {"from", "to"}:
        raise UserError(f"{where}={shown(spec)}: {_RANGE if parameter.is_number else '[VALUE, ...]'} is needed")
    low, high = (float(parameter.check(where, spec[end])) for end in ("from", "to"))
    if not low < high:
        raise UserError(f"{where}={shown(spec)}: from must be less than to")
    return Lever(path, low, high, whole=parameter.kind == "int")
