"""Where output meets the terminal: streams that outlast their reader, how wide to print, tables that lose nothing."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

NARROWEST, WIDEST = 40, 10_000
"""Columns that are printed in at the least and at the most, whatever a terminal or COLUMNS says."""
USUAL = 80
PROSE = 16
"""Columns that a text which may be folded gets at the least."""


class _Lasting(io.FileIO):
    """A stream that goes on when nothing more can be written to it; ``failure`` says why."""

    failure: OSError | None = None

    def write(self, data: Any) -> int:
        if self.failure is None:
            try:
                return super().write(data)
            except OSError as error:
                self.failure = error
        return memoryview(data).nbytes


def open_streams() -> None:
    """Let this process print whatever becomes of its streams: closed ones are opened to nowhere, full ones go on.

    A descriptor left closed would be given to the next file opened, and prints would end up in that.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # takes the lowest number that is free
    for name, number in (("stdout", 1), ("stderr", 2)):
        stream = getattr(sys, name)
        if stream is None or stream is getattr(sys, f"__{name}__"):
            setattr(sys, name, _lasting(number, stream))


def _lasting(number: int, stream: TextIO | None) -> TextIO:
    raw = _Lasting(number, "w", closefd=False)
    encoding = stream.encoding if stream else "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=encoding,
        errors="replace",  # shows what it can
        line_buffering=number == 2 or raw.isatty(),
    )


def output_failure() -> OSError | None:
    """The error that kept something from being printed on standard output; None where there was none."""
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    if not isinstance(raw, _Lasting):
        return None
    sys.stdout.flush()
    return raw.failure


def on_terminal(stream: TextIO | None) -> bool:
    """Whether somebody looks at a stream; closed ones are None."""
    return stream is not None and stream.isatty()


def width_of(stream: TextIO | None) -> int:
    """Columns to print in: those that COLUMNS asks for, or the terminal's, or as many as it takes elsewhere."""
    wanted = os.environ.get("COLUMNS", "")
    columns = int(wanted[:9]) if wanted.isdecimal() else 0
    if not columns and on_terminal(stream):
        try:
            columns = os.get_terminal_size(stream.fileno()).columns or USUAL  # type: ignore[union-attr]  # on_terminal: there is one
        except (OSError, ValueError):
            columns = USUAL
    return min(max(columns, NARROWEST), WIDEST) if columns else WIDEST


def screen(stream: TextIO | None = None, *, err: bool = False) -> Console:
    """The console for standard output or errors, or for a stream that gathers what is to be printed there.

    It prints letter by letter: `[bold]` and `:smile:` are text, as names are what users wrote.
    """
    from rich.console import Console

    shown = sys.stderr if err else sys.stdout
    return Console(
        file=stream,
        stderr=err,
        markup=False,
        emoji=False,
        highlight=False,
        width=width_of(shown),
        force_terminal=True if stream is not None and on_terminal(shown) else None,
    )


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]], prose: Collection[int] = (), **style: Any) -> None:
    """Print a table that fits the terminal, or as wide as it is where there is none.

    Parameters
    ----------
    head : sequence of str
        Headings of the columns.
    rows : iterable of sequences of str
        A text a column.
    prose : collection of int
        Columns of running text, see :func:`fitted`.
    **style
        What else a table of rich takes.
    """
    from rich.table import Table

    console, table = screen(), Table(*head, title_justify="left", pad_edge=False, **style)
    for row in rows:
        table.add_row(*row)
    console.print(fitted(table, console.width, prose))


def fitted(table: Table, width: int, prose: Collection[int] = ()) -> Table:
    """The table with columns that hold their contents in so many columns of a terminal, or else a record a row.

    Numbers are never cut: columns become narrower by breaking lines between words, those of running text first.

    Parameters
    ----------
    table : Table
    width : int
    prose : collection of int
        Columns of running text, in which long words may be folded, too.
    """
    columns = table.columns
    texts = [[_plain(column.header), *map(_plain, column._cells)] for column in columns]
    natural = [max(len(line) for text in column for line in (text.splitlines() or [""])) for column in texts]
    words = [max((len(word) for text in column for word in text.split()), default=0) for column in texts]
    least = [min(most, max(PROSE, len(texts[at][0]))) if at in prose else words[at] for at, most in enumerate(natural)]
    lines = (len(columns) - 1) + 2 * table.show_edge if table.box else 0
    room = width - 2 * len(columns) - lines
    flexible = [least[at] if at in prose else natural[at] for at in range(len(columns))]
    for lower in (natural, flexible, least):
        if sum(lower) <= room:
            for column, fit in zip(columns, _levelled(natural, lower, room), strict=True):
                column.width, column.overflow = fit, "fold"
            return table
    return _records(table)


def _levelled(natural: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Widths of columns that fill the room, the widest of them cut down to the same level first."""
    level = max(natural)
    while sum(widths := [max(low, min(high, level)) for low, high in zip(least, natural, strict=True)]) > room:
        level -= 1
    return widths


def _records(table: Table) -> Table:
    """A table with a line a cell: its heading and what it holds; empty cells are left out."""
    from rich.table import Table

    listed = Table(
        title=table.title,
        title_justify="left",
        title_style=table.title_style,
        box=None,
        show_header=False,
        pad_edge=False,
    )
    listed.add_column(no_wrap=False, overflow="fold", max_width=NARROWEST // 2)
    listed.add_column(overflow="fold")
    for cells in zip(*(column._cells for column in table.columns), strict=True):
        for column, cell in zip(table.columns, cells, strict=True):
            if _plain(cell):
                listed.add_row(" ".join(_plain(column.header).split()), cell)
        listed.add_row("", "")
    return listed


def _plain(cell: object) -> str:
    from rich.text import Text

    return cell.plain if isinstance(cell, Text) else str(cell)
