"""Numbers and labels in words, shared by figures and tables; nothing here needs the drawing library."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from typing import TypeGuard


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


def percentage(value: float, low: float | None, high: float | None, decimals: int = 1) -> str:
    """Format a share and its interval in per cent."""
    return bracketed(*(None if end is None else end * 100 for end in (value, low, high)), decimals=decimals)


def bracketed(
    value: float | None,
    low: float | None,
    high: float | None,
    decimals: int = 1,
    form: Callable[[float, int], str] = plain,
) -> str:
    """Format a number and, where it has one, its interval; "none" where there is no number."""
    if not known(value):
        return "none"
    if not known(low) or not known(high):
        return form(value, decimals)
    return f"{form(value, decimals)} [{form(low, decimals)}, {form(high, decimals)}]"


def known(value: float | None) -> TypeGuard[float]:
    """Whether there is a number: neither nothing nor NaN."""
    return value is not None and not math.isnan(value)
