"""Numbers and labels in words, shared by figures and tables; nothing here needs the drawing library."""

from __future__ import annotations

import textwrap


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
