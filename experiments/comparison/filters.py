"""Filters people type, read as polars SQL expressions and never evaluated as code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from experiments.errors import UserError
from experiments.statistics.vocabulary import SEVERITIES

_TOKENS = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+|(?<![\w.])\d*\.\d+(?:[eE][-+]?\d+)?(?![\w.])")


def parse_filter(text: str, option: str) -> pl.Expr | None:
    """Return a filter such as `severity = 'war' and mediation.delay > 3`; dotted names need no quotes.

    Raises
    ------
    UserError
        If it is not one SQL expression over columns; the message names the option it was given with.
    """
    if not text.strip():
        return None
    try:
        expression = pl.sql_expr(_TOKENS.sub(_quoted, text))
    except pl.exceptions.PolarsError as error:
        raise UserError(f"{option} {text!r}: {_said(error)}; write e.g. \"severity = 'war'\"") from None
    if not expression.meta.root_names():
        raise UserError(f"{option} {text!r}: names no column; write e.g. \"severity = 'war'\"")
    return expression


def kept(lanes: pl.DataFrame, condition: pl.Expr, option: str) -> pl.DataFrame:
    """Return the lanes that meet a condition, which must say yes or no of each of them; UserError where it does not.

    Severity is ordered from mild to grave, not by the alphabet. No lane is kept by what a division by zero gives.
    """
    try:
        met = _met(lanes, condition)
        if met.dtype != pl.Boolean:
            raise UserError(f"{option}: a condition is needed, such as \"severity = 'war'\"")
        if lanes.height != 1 and len(met) == 1:
            raise UserError(f"{option}: a condition on each crisis is needed, not on all of them at once")
        for part in _parts(condition):
            value = _met(lanes, part)
            if value.dtype.is_float() and len(value) == len(met) and (wrong := (met & ~value.is_finite()).sum()):
                raise UserError(
                    f"{option}: {wrong} crises would be kept for a number that is not finite, as after a "
                    f"division by zero; write e.g. deaths_a / nullif(deaths_b, 0)"
                )
        return lanes.filter(met)
    except (pl.exceptions.PolarsError, TypeError) as error:
        raise UserError(f"{option}: {_said(error)}") from None


def _met(lanes: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """The value of an expression for each lane; functions of text take severity as text, all others as ordered."""
    met = expression.alias("met")
    if "severity" in lanes.columns:
        try:
            return lanes.with_columns(pl.col("severity").cast(pl.Enum(list(SEVERITIES)))).select(met)["met"]
        except pl.exceptions.PolarsError as error:
            if "conversion from `str` to `enum`" in str(error):
                raise UserError(f"severity is one of {', '.join(SEVERITIES)}") from None
    return lanes.select(met)["met"]


def _parts(expression: pl.Expr) -> Iterator[pl.Expr]:
    """The parts of an expression that are computed, itself included; bare columns and numbers are left out."""
    for part in expression.meta.pop():
        if part.meta.pop():
            yield part
            yield from _parts(part)


def _said(error: Exception) -> str:
    """The library's message on an expression, or a plainer one where it speaks of the library's own terms."""
    line = str(error).splitlines()[0]
    if isinstance(error, pl.exceptions.StructFieldNotFoundError | pl.exceptions.ColumnNotFoundError):
        return f"there is no {line}"
    return "cannot be read as a condition on crises" if re.search(r"[{}]|Expr\b", line) else line


def _quoted(match: re.Match[str]) -> str:
    token = match[0]
    if token[0] in ".0123456789":
        return repr(without_noise(float(token)))
    return token if token[0] in "'\"" else f'"{token}"'


def without_noise(value: Any) -> Any:
    """A number rounded to 15 significant digits, as it is read and shown: .3 for .30000000000000004."""
    return float(f"{value:.15g}") if isinstance(value, float) else value
