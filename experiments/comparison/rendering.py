"""A comparison in words: for the terminal, for a spreadsheet, for a program, for a page."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from itertools import groupby
from operator import itemgetter
from typing import Any

import polars as pl
from rich import box
from rich.console import Console
from rich.table import Table

from experiments.comparison.analysis import Headline
from experiments.terminal import fitted, screen
from experiments.text import bracketed, known, markdown, plain, signed, texts_apart

COLUMNS = (
    *("quantity", "arm", "value [95 %]", "error", "value over draws {95 %}"),
    *("change [95 %]", "change over draws {95 %}", "ratio [95 %]", "smallest", "reads"),
)
"""Heads of the table; all but the first four are shown only where there is something below them."""


def headline_lines(headlines: Sequence[Headline], name: Callable[[str], str] = str) -> list[str]:
    """Return a line a metric and arm without a mediator; `name` writes the arm's name."""
    return [f"{_headline(headline)}: {name(headline.arm)}" for headline in headlines]


def _headline(headline: Headline) -> str:
    value, label, share = headline.value, headline.metric.label, headline.metric.kind == "probability"
    what = f"P({label} | no mediator)" if share else f"{label}, no mediator"
    if not known(value.value):
        return f"{what} has no value"
    factor = 100 if share else 1
    numbers, error = f"{value.value * factor:.1f}{' %' if share else ''}", ""
    if known(value.low):
        numbers += f" [{value.low * factor:.1f}, {value.high * factor:.1f}]"
        error = f"Monte Carlo error {value.error * factor:.1f}, "
    if math.isfinite(headline.over_draws[0]):
        numbers += " over draws {" + ", ".join(f"{end * factor:.1f}" for end in headline.over_draws) + "}"
    return f"{what} = {numbers}, {error}{value.lanes:,} {'crisis' if value.lanes == 1 else 'crises'}"


def against_lines(against: Mapping[str, pl.DataFrame], name: Callable[[str], str] = str) -> list[str]:
    """Return a line a reference and arm: how calm, heavy days and deaths differ from those of the reference."""
    return [
        f"{name(arm)} against {words}: {'; '.join(_gap(row) for row in part.iter_rows(named=True))}"
        for words, table in against.items()
        for (arm,), part in table.group_by("arm", maintain_order=True)
    ]


def _gap(row: dict[str, Any]) -> str:
    """A difference in words: points of a probability, days, or a factor of deaths."""
    if row["smallest_scale"] == "ratio":
        return f"{row['label']} times {bracketed(row['ratio'], row['ratio_low'], row['ratio_high'], decimals=2)}"
    ends = (end * _factor(row) for end in (row["difference"], row["low"], row["high"]))
    unit = " points" if row["unit"] == "probability" else ""
    return f"{row['label']} {bracketed(*ends, decimals=1, form=signed)}{unit}"


def table_rows(summary: pl.DataFrame) -> list[tuple[str, ...]]:
    """Return the comparison as rows of text, one a metric and arm."""
    return [
        (
            *(row["label"], row["arm"], _level(row), _error(row), _over_draws(row, "draws", plain)),
            *(_change(row), _over_draws(row, "difference_draws", signed), _ratio(row), _smallest(row)),
            row.get("reading") or "",
        )
        for row in summary.iter_rows(named=True)
    ]


def _shown(summary: pl.DataFrame) -> list[tuple[str, ...]]:
    """The heads of the table and its rows, less columns with nothing in them; a metric is named on its first row only."""
    named = [(label, list(rows)) for label, rows in groupby(table_rows(summary), itemgetter(0))]
    rows = [(label if not at else "", *row[1:]) for label, part in named for at, row in enumerate(part)]
    shown = [at for at in range(len(COLUMNS)) if at < 4 or any(row[at] for row in rows)]
    return [tuple(row[at] for at in shown) for row in (COLUMNS, *rows)]


def _factor(row: dict[str, Any]) -> int:
    return 100 if row["unit"] == "probability" else 1


def _digits(row: dict[str, Any]) -> int:
    size = abs(row["value"] or 0) * _factor(row)
    return 1 if size >= 1 or row["unit"] in ("probability", "days", "deaths") else 3


def _level(row: dict[str, Any]) -> str:
    if row["value"] is None:
        return "none"
    value, low, high = (
        None if row[key] is None else plain(row[key] * _factor(row), _digits(row)) for key in ("value", "low", "high")
    )
    percent = " %" if row["unit"] == "probability" else ""
    return f"{value}{percent} " + (_why_bare(row["units"], row["error"]) if low is None else f"[{low}, {high}]")


def _why_bare(units: int, error: float | None) -> str:
    """The reason why a number has no interval."""
    if error == 0:
        return "(did not vary)"
    return "(one crisis)" if units == 1 else f"({units} crises)"


def _error(row: dict[str, Any]) -> str:
    if row["error"] is None or row["low"] is None:
        return ""
    return plain(row["error"] * _factor(row), max(_digits(row), 2))


def _change(row: dict[str, Any]) -> str:
    if row.get("difference") is None:
        return ""
    error, pairs, paired = row["difference_error"], row["pairs"], row["basis"] != "unpaired"
    ends = (row[key] for key in ("difference", "difference_low", "difference_high"))
    scaled = (end if end is None else end * _factor(row) for end in ends)
    words = bracketed(*scaled, decimals=_digits(row), form=signed)
    if paired and row["difference"] == error == 0 and pairs > 1:
        return f"{words} (identical in all {pairs:,} crises)"
    bare = f" {_why_bare(pairs, error)}" if row["difference_low"] is None else ""
    return words + ("" if paired else " (unpaired)") + bare


def _over_draws(row: dict[str, Any], name: str, form: Callable[[float, int], str]) -> str:
    if row.get(f"{name}_low") is None:
        return ""
    low, high = (form(row[f"{name}_{end}"] * _factor(row), _digits(row)) for end in ("low", "high"))
    return f"{{{low}, {high}}}"


def _ratio(row: dict[str, Any]) -> str:
    if row.get("ratio") is None:
        return ""
    if row["difference_low"] is None:
        return plain(row["ratio"], 2)
    low, high = ("" if row[key] is None else plain(row[key], 2) for key in ("ratio_low", "ratio_high"))
    return f"{plain(row['ratio'], 2)} [{low}, {high or 'unbounded'}]"


def _smallest(row: dict[str, Any]) -> str:
    smallest = row.get("smallest_effect")
    if smallest is None:
        return ""
    if row["smallest_scale"] == "ratio":
        return f"{(smallest - 1) * 100:.0f} %"
    return f"{smallest * 100:.0f} points" if row["unit"] == "probability" else f"{smallest:g} {row['unit']}"


def as_text(lines: Sequence[str], summary: pl.DataFrame, notes: Sequence[str]) -> str:
    """Return the comparison for people: a table fitted to a terminal, or plain columns where there is none."""
    console = _begin(lines)
    _print_table(console, *_shown(summary), prose=(0, 1))
    return _end(console, notes)


def as_grids(lines: Sequence[str], summary: pl.DataFrame, cells: pl.DataFrame, notes: Sequence[str]) -> str:
    """Return levels over two factors, a table a quantity: the second factor across.

    ``cells`` has a row an arm: the arm and its levels of the two factors, in order.
    """
    name, down, across = cells.columns
    columns = cells[across].unique(maintain_order=True).to_list()
    rows = texts_apart(cells[down].to_list())
    console = _begin(lines)
    for (label,), part in summary.group_by("label", maintain_order=True):
        levels = {row["arm"]: _level(row) for row in part.iter_rows(named=True)}
        console.print(f"\n{label} [95 %]; across: {across}")
        body = []
        for (level,), row in cells.group_by(down, maintain_order=True):
            at = dict(zip(row[across], row[name], strict=True))
            body.append((rows[level], *(levels.get(at.get(column), "") for column in columns)))
        _print_table(console, (down, *texts_apart(columns).values()), *body)
    return _end(console, [*notes, "Changes against the baseline are in comparison.csv; --format md prints every arm."])


def _begin(lines: Sequence[str]) -> Console:
    """A console that gathers what is printed, the first lines printed."""
    console = screen(StringIO())
    for line in lines:
        console.print(line, style="bold" if console.is_terminal else "")
    return console


def _print_table(console: Console, heads: Sequence[str], *rows: Sequence[str], prose: tuple[int, ...] = ()) -> None:
    """Print a table: ruled on a terminal, bare text elsewhere."""
    ruled = console.is_terminal
    table = Table(*heads, box=box.SIMPLE_HEAD if ruled else None, pad_edge=False, header_style="bold" if ruled else "")
    for row in rows:
        table.add_row(*row)
    console.print(fitted(table, console.width, prose))


def _end(console: Console, notes: Sequence[str]) -> str:
    for note in notes:
        console.print(note)
    return "\n".join(line.rstrip() for line in console.file.getvalue().splitlines())  # type: ignore[attr-defined]  # a StringIO


def as_markdown(lines: Sequence[str], summary: pl.DataFrame, notes: Sequence[str]) -> str:
    """Return the comparison as Markdown."""
    heads, *rows = _shown(summary)
    cells = ([*map(markdown, row[:2]), *row[2:]] for row in rows)
    table = ["| " + " | ".join(row) + " |" for row in (heads, ["---"] * len(heads), *cells)]
    return "\n".join([*(f"**{line}**" for line in lines), "", *table, "", *notes])


def as_json(content: dict[str, Any]) -> str:
    """Return a comparison as JSON; what is not finite becomes null."""
    finite = json.loads(json.dumps(content), parse_constant=lambda _: None)
    return json.dumps(finite, indent=2, ensure_ascii=False)
