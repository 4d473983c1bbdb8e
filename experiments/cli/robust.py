"""``offramp compare --robust``: arms over what is not known."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.decide.robust import Robustness, robust
from experiments.errors import FAILED, UserError
from experiments.terminal import fitted, screen


def show(
    directories: Sequence[Path],
    by: Sequence[str],
    metrics: Sequence[str],
    thresholds: Sequence[str],
    where: str,
    format: str,
    place: Path,
    named: bool,
) -> None:
    """Hold arms against each other, print it, and write tables and figures.

    Parameters
    ----------
    place : Path
        Where they go; ``named`` says whether the user named it, so that it must be writable.
    """
    made = robust(directories, by=by, metrics=metrics, thresholds=thresholds, where=where)
    unwritten = None
    try:
        made.save(place)
    except UserError as error:
        if named:
            raise
        unwritten = error
    _print(made, format)
    if unwritten:
        raise UserError(f"{unwritten}; --output DIR writes figures and tables elsewhere", FAILED)
    print(place, file=sys.stderr if format in ("csv", "json") else sys.stdout)


def _print(made: Robustness, format: str) -> None:
    if format == "csv":
        print(made.table.write_csv(), end="")
        return
    if format == "json":
        content = {
            "answer": made.answer,
            "table": made.table.to_dicts(),
            "information": made.information.fill_nan(None).to_dicts(),
            "satisficing": made.satisficing.to_dicts() if made.satisficing is not None else None,
            "notes": made.notes,
        }
        print(json.dumps(content, indent=2))
        return
    if format == "md":
        print(made.page())
        return
    for name, item in made.metrics.items():
        _table(item.label, *made.grid(name))
    if made.satisficing is not None:
        _table(f"states that meet {' and '.join(made.thresholds)}", *made.satisficing_grid())
    if not made.information.is_empty():
        _table("what is worth finding out first", *made.information_grid(next(iter(made.metrics))))
    for line in (*made.notes, made.answer):
        screen().print(line)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table

    console = screen()
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for column in head:
        table.add_column(column)
    for row in rows:
        table.add_row(*row)
    console.print(fitted(table, console.width, prose=(0,)))
    console.print()
