"""The reader of numbers: what is written in a file, on the command line or given from Python as plain values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from numbers import Integral, Real
from pathlib import Path
from typing import Any

from experiments.config.schema import group_of, known_paths
from experiments.errors import UserError

_DECIMAL = re.compile(r"[+-]?(\d+(_\d+)*\.?(\d+(_\d+)*)?|\.\d+(_\d+)*)([eE][+-]?\d+)?", re.ASCII)
EXACT = 2**53
"""Up to here a float holds every whole number."""
_TEXTS = ("name", "title", "arm", "dist", "with", "file", "tie")
"""Keys below which a text stays one, whatever it looks like."""


def number_in(text: str) -> int | float | None:
    """The decimal number a text holds, as written (`010` is ten); None for other bases, clocks, dates and words."""
    if not _DECIMAL.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        return float(text)


def with_numbers(value: Any, key: str = "", path: str = "") -> Any:
    """A configuration in which texts that hold a decimal number are that number, wherever a number belongs.

    Parameters
    ----------
    value : mapping, list, str or plain value
        A whole configuration or a part of one.
    key : str
        The innermost key it stands below.
    path : str
        The dotted path of that key.
    """
    if isinstance(value, Mapping):
        return {name: with_numbers(inner, str(name), f"{path}.{name}".lstrip(".")) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [with_numbers(inner, key, path) for inner in value]
    known = known_paths().get(path) or known_paths().get(key)
    if key in _TEXTS or group_of(key) or known is not None and not known.is_number:
        return value
    number = number_in(value) if isinstance(value, str) else value
    if known is not None and known.kind == "int" and isinstance(number, float) and number.is_integer():
        return int(number) if abs(number) < EXACT else number
    return value if number is None else number


def leaves(tree: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, Any]]:
    """The values of a tree by dotted path; an empty mapping is one, too."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, f"{where}{name}.")
        else:
            yield f"{where}{name}", value


def plain(value: Any, where: str) -> Any:
    """Python's, NumPy's, pandas' and polars' values as plain mappings, lists, texts and numbers, in their order.

    Numbers of single precision become the decimals they are shown as.

    Raises
    ------
    UserError
        For what holds no values, or none in a fixed order that can be read twice.
    """
    if value is None or isinstance(value, (str, Path)):
        return value if value is None else str(value)
    if isinstance(value, Mapping):
        return {name: plain(inner, f"{where}.{name}") for name, inner in value.items()}
    if hasattr(value, "columns"):
        return {str(name): plain(value[name], f"{where}.{name}") for name in value.columns}
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if getattr(value, "ndim", None) == 0:
        if getattr(value, "mask", False):
            raise UserError(f"{where}: a value is masked; leave it out")
        value = value.item() if getattr(value, "itemsize", 8) >= 8 or value.dtype.kind != "f" else float(str(value))
    if isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, (Real, Fraction)) or hasattr(value, "as_integer_ratio"):
        return float(value)
    if isinstance(value, (list, tuple, range)) or hasattr(value, "tolist"):
        return [plain(inner, where) for inner in value]
    kind = type(value).__name__
    if isinstance(value, (set, frozenset)):
        raise UserError(f"{where}: a {kind} has no order; give a list")
    if isinstance(value, Iterable):
        raise UserError(f"{where}: a {kind} cannot be read twice; give a list")
    raise UserError(f"{where}: a {kind} is no number, text or list of them")
