"""Numbers and labels in words, shared by figures and tables; nothing here needs the drawing library."""

from __future__ import annotations

import textwrap
from collections.abc import Hashable, Iterable


def wrapped(label: str, width: int = 24) -> str:
    """Break a long label into lines."""
    return "\n".join(textwrap.wrap(label, width, break_long_words=False)) or label


def signed(value: float, decimals: int = 1) -> str:
    """Format a difference with its sign, and a true minus; a rounded zero has none."""
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "\N{MINUS SIGN}")


def plain(value: float, decimals: int = 1) -> str:
    """Format a number with a true minus."""
    text = f"{value:.{decimals}f}"
    return (text[1:] if float(text) == 0 and text.startswith("-") else text).replace("-", "\N{MINUS SIGN}")


def percentage(value: float, low: float, high: float, decimals: int = 1) -> str:
    """Format a share and its interval in per cent."""
    return f"{value:.{decimals}%}"[:-1] + f" [{low * 100:.{decimals}f}, {high * 100:.{decimals}f}]"


def texts_apart(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """Return texts by value that differ wherever the values do: numbers with four significant digits, or with more."""
    distinct = list(dict.fromkeys(values))
    for digits in range(4, 18):
        made = {value: _in_digits(value, digits) for value in distinct}
        if len({float(text) if isinstance(value, float) else text for value, text in made.items()}) == len(distinct):
            break
    shared = len(set(made.values())) < len(made)  # a number and a text that reads like it
    return {value: repr(value) if shared and isinstance(value, str) else text for value, text in made.items()}


def _in_digits(value: Hashable, digits: int) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"
