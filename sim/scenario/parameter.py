"""What a parameter is: kind, default, range, unit, meaning and source, kept on the record's own field.

Everything that needs to know a parameter (the configuration schema, the checks, the parameter table, the
bounds of designs, the error messages) reads it from here, so nothing can drift apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from numbers import Real
from typing import Any

ASSUMED = "assumed"


class ParameterError(ValueError):
    """A value that a parameter cannot take. The message names key, value, range and unit in one line."""


@dataclass(frozen=True)
class Parameter:
    """Everything there is to know about one settable value.

    ``kind`` is ``float``, ``int``, ``choice`` or ``text``; numbers lie in ``[low, high]`` in ``unit``. ``symbol``
    is the name in the equations, ``neutral`` the value that switches the mechanism off, where there is one.
    """

    kind: str
    default: float | int | str
    meaning: str
    source: str
    unit: str = "1"
    low: float = -math.inf
    high: float = math.inf
    options: tuple[str, ...] = ()
    symbol: str = ""
    neutral: float | str | None = None

    @property
    def is_number(self) -> bool:
        return self.kind in ("float", "int")

    @property
    def range_text(self) -> str:
        """The admissible values as a reader would write them."""
        if self.kind == "choice":
            return " | ".join(self.options)
        if self.kind == "text":
            return "text"
        ends = (f"{end:.0f}" if float(end).is_integer() else f"{end:g}" for end in (self.low, self.high))
        return " to ".join(ends) + ("" if self.unit == "1" else f" {self.unit}")

    def check(self, path: str, value: Any) -> float | int | str:
        """Return the value in its own type, or raise ParameterError naming ``path``."""
        problem = self._problem(value)
        if problem:
            raise ParameterError(f"{path}={value!r}: {problem}; allowed: {self.range_text} ({self.meaning})")
        if self.kind == "float":
            return float(value)
        return int(value) if self.kind == "int" else str(value)

    def _problem(self, value: Any) -> str:
        if self.kind == "text":
            return "" if isinstance(value, str) else "not a text"
        if self.kind == "choice":
            return "" if isinstance(value, str) and value in self.options else "no such choice"
        if not _is_number(value):
            return "not a number"
        if value != value or value in (math.inf, -math.inf):
            return "not a finite number"
        if not self.low <= value <= self.high:
            return "out of range"
        if self.kind == "int" and isinstance(value, float) and abs(value) >= 2**53:
            return "a float of this size has lost digits; give a whole number"
        return "not a whole number" if self.kind == "int" and value != int(value) else ""


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _declare(parameter: Parameter) -> Any:
    return field(default=parameter.default, metadata={"parameter": parameter})


def number(
    default: float,
    low: float,
    high: float,
    meaning: str,
    source: str = ASSUMED,
    *,
    unit: str = "1",
    symbol: str = "",
    neutral: float | None = None,
) -> Any:
    """A real-valued parameter in ``[low, high]``."""
    return _declare(Parameter("float", float(default), meaning, source, unit, low, high, (), symbol, neutral))


def whole(
    default: int,
    low: int,
    high: int,
    meaning: str,
    source: str = ASSUMED,
    *,
    unit: str = "1",
    symbol: str = "",
    neutral: int | None = None,
) -> Any:
    """A whole-number parameter in ``[low, high]``; presence and switches are 0 or 1."""
    return _declare(Parameter("int", default, meaning, source, unit, low, high, (), symbol, neutral))


def choice(
    default: str, options: tuple[str, ...], meaning: str, source: str = ASSUMED, *, neutral: str | None = None
) -> Any:
    """One of several named forms."""
    return _declare(Parameter("choice", default, meaning, source, options=options, neutral=neutral))


def text(default: str, meaning: str) -> Any:
    """A label shown to readers; the model never looks at it."""
    return _declare(Parameter("text", default, meaning, "label"))


def part(record: type) -> Any:
    """A nested record."""
    return field(default_factory=record, metadata={"record": record})


class Record:
    """Base of all scenario records: frozen, checked on construction, readable by path."""

    def __post_init__(self) -> None:
        for item in fields(self):  # type: ignore[arg-type]  # every record is a dataclass
            parameter = item.metadata.get("parameter")
            if parameter is not None:
                object.__setattr__(self, item.name, parameter.check(item.name, getattr(self, item.name)))


def walk(record: type, prefix: str = "") -> Iterator[tuple[str, Parameter]]:
    """Yield ``(dotted path, Parameter)`` for every parameter of a record type, in order of declaration."""
    for item in fields(record):
        path = f"{prefix}{item.name}"
        if "record" in item.metadata:
            yield from walk(item.metadata["record"], path + ".")
        elif "parameter" in item.metadata:
            yield path, item.metadata["parameter"]


def leaves(record: Any, prefix: str = "") -> Iterator[tuple[str, float | int | str]]:
    """Yield ``(dotted path, value)`` for every parameter of a record."""
    for item in fields(record):
        value = getattr(record, item.name)
        if is_dataclass(value):
            yield from leaves(value, f"{prefix}{item.name}.")
        elif "parameter" in item.metadata:
            yield f"{prefix}{item.name}", value
