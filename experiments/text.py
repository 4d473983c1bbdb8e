"""Numbers and labels in words, shared by figures and tables; nothing here needs the drawing library."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Callable, Hashable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, TypeGuard
from unicodedata import east_asian_width

if TYPE_CHECKING:
    from jinja2 import Environment

LONGEST_WORD = 40
"""Columns of a word that stays whole though it may be wider than its place."""

_CONTROLS = {code: repr(chr(code))[1:-1] for code in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_MARKDOWN = re.compile(r"([\\`*\[\]<>|&$~]|(?<!\w)_|_(?!\w))")


def printable(text: str) -> str:
    """Return a name in one line that moves no cursor: control characters are written out, as in `\\x1b`."""
    return text.translate(_CONTROLS)


def markdown(text: str) -> str:
    """Return a name that Markdown shows as it was written, in a cell of a table, too."""
    return _MARKDOWN.sub(r"\\\1", printable(text))


def wrapped(label: str, width: int = 24, most: int = 0) -> str:
    """Break a long label into lines of so many columns; letters of East Asian scripts take two.

    With `most`, what no longer fits into so many lines is left out, and an ellipsis says so.
    """
    letters = max(width * len(label) // max(columns(label), 1), 1)
    broken = any(columns(word) > LONGEST_WORD for word in label.split())
    lines = textwrap.wrap(label, letters, break_long_words=broken) or [label]
    if most and len(lines) > most:
        lines = [*lines[: most - 1], lines[most - 1][: letters - 1] + "\N{HORIZONTAL ELLIPSIS}"]
    return "\n".join(lines)


def columns(text: str) -> int:
    """Return how wide a text is in columns of a terminal."""
    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


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
    *,
    decimals: int = 1,
    form: Callable[[float, int], str] = plain,
) -> str:
    """Format a number and, where it has one, its interval; "none" where there is no number."""
    if not known(value):
        return "none"
    if not known(low) or not known(high):
        return form(value, decimals)
    return f"{form(value, decimals)} [{form(low, decimals)}, {form(high, decimals)}]"


def supported(value: float, low: float, high: float, signed: bool = False) -> tuple[str, str, str]:
    """Return a number and the ends of its 95 % interval with the digits that its standard error supports.

    Two digits of the error, as read off the interval, where they are 10 to 35, else one (the rule of the Particle Data
    Group): what lies behind them differs with the luck of a run and, for sums in another order, with the processor.
    """
    error, sign = (high - low) / (2 * 1.96), "+" if signed else ""
    if not (error > 0 and math.isfinite(error)):
        return f"{value:{sign}.3g}", f"{low:{sign}.3g}", f"{high:{sign}.3g}"
    exponent = math.floor(math.log10(error))
    places = -exponent + (error / 10**exponent < 3.55)

    def text(number: float) -> str:
        written = f"{round(number, places) + 0.0:{sign}.{max(places, 0)}f}"
        return written.rstrip("0").rstrip(".") if places > 0 else written

    return text(value), text(low), text(high)


def known(value: float | None) -> TypeGuard[float]:
    """Whether there is a number: neither nothing nor NaN."""
    return value is not None and not math.isnan(value)


def texts_apart(values: Iterable[Hashable]) -> dict[Hashable, str]:
    """Return texts by value that differ wherever the values do: numbers with four significant digits, or with more."""
    distinct = list(dict.fromkeys(values))
    for digits in range(4, 18):
        texts = {value: _in_digits(value, digits) for value in distinct}
        if len({float(text) if isinstance(value, float) else text for value, text in texts.items()}) == len(distinct):
            break
    shared = len(set(texts.values())) < len(texts)  # a number and a text that reads like it
    return {value: repr(value) if shared and isinstance(value, str) else text for value, text in texts.items()}


def _in_digits(value: Hashable, digits: int) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else f"{value:.{digits}g}"


def as_typed(value: Any) -> str:
    """A value as one would type it: no trailing zeros, no quotes, null for nothing."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def as_markdown(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    head = list(columns)
    lines = [head, ["---"] * len(head), *[[cell.replace("|", "\\|") for cell in row] for row in rows]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def render(package: str, template: str, **values: Any) -> str:
    """Return a template of a package filled in; values are escaped as HTML where its name ends in `.html.j2`.

    Parameters
    ----------
    package : str
        Package that has a directory `templates`, such as `experiments.report`.
    template : str
        Name of a file in it.
    **values
        What the template names; a name it uses and is not given is an error.
    """
    return _environment(package, template.endswith(".html.j2")).get_template(template).render(values)


@cache
def _environment(package: str, escapes: bool) -> Environment:
    """The templates of a package, each read once; ``escapes`` says whether values are escaped as HTML."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader(package),
        autoescape=escapes,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["markdown"] = markdown
    return environment


def one_blank_line(text: str) -> str:
    """A text in which one blank line stands wherever there were more, and none at its ends."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def shared_path(path: str) -> str:
    """A dotted path with what it has in common with others written once: ``government.a|b.resolve``."""
    path = re.sub(r"^(government|public)\.[ab]\.", r"\1.a|b.", path)
    path = re.sub(r"^alliance\.(first|second|third)\.", "alliance.first|second|third.", path)
    return re.sub(r"^mediation\.(second|third)\.", "mediation.", path)
