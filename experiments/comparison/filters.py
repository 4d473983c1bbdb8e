"""Filters people type, read as polars SQL expressions and never evaluated as code."""

from __future__ import annotations

import re
from typing import Any

import polars as pl

from experiments.errors import UserError

_TOKENS = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<![\w.])\d*\.\d+(?:[eE][-+]?\d+)?(?![\w.])")


def parse_filter(text: str, option: str) -> pl.Expr | None:
    """Read a filter such as `severity = 'war' and mediation.delay > 3`.

    Parameters
    ----------
    text : str
        The expression; dotted names of parameters need no quotes. Empty for no filter.
    option : str
        Name of the option it was given with, for the message.

    Raises
    ------
    UserError
        If it is not one SQL expression over columns.
    """
    if not text.strip():
        return None
    try:
        expression = pl.sql_expr(_TOKENS.sub(_quoted, text))
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{option} {text!r}: {str(error).splitlines()[0]}; write e.g. \"severity = 'war'\"") from None
    if not expression.meta.root_names():
        raise UserError(f"{option} {text!r}: names no column; write e.g. \"severity = 'war'\"")
    return expression


def _quoted(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] in ".0123456789":
        return repr(without_noise(float(token)))
    return token if token[0] in "'\"" else f'"{token}"'


def without_noise(value: Any) -> Any:
    """A number rounded to 15 significant digits, as it is read and shown: .3 for .30000000000000004."""
    return float(f"{value:.15g}") if isinstance(value, float) else value
