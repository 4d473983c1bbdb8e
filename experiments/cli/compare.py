"""`offramp compare`: studies, or arms within studies, set against each other."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import polars as pl
import typer

from experiments.comparison.arms import ARM, MOST_UNNAMED, Grouping
from experiments.comparison.compare import Comparison, compare, content, listed, write
from experiments.comparison.output import check_place
from experiments.comparison.rendering import against_lines, as_grids, as_json, as_markdown, as_text, headline_lines
from experiments.errors import FAILED, UserError
from experiments.figures.lazy_figures import helpers
from experiments.text import markdown

if TYPE_CHECKING:
    pass

FORMATS = ("table", "csv", "json", "md")


def command(
    directories: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Studies, or directories of studies.")],
    by: Annotated[str, typer.Option(help="Settings that define the arms, separated by commas.")] = "",
    baseline: Annotated[str, typer.Option(help="Arm that the others are compared with.")] = "",
    metric: Annotated[
        list[str] | None,
        typer.Option(
            help="Quantity: calm, war, deaths, ..., severity=clash, a column, median:COLUMN, q90:COLUMN. Repeatable."
        ),
    ] = None,
    where: Annotated[str, typer.Option(help="Crises to keep, e.g. \"scenario = 'tovuz_2020'\".")] = "",
    given: Annotated[str, typer.Option(help="Crises to draw day by day, e.g. \"severity = 'war'\".")] = "",
    format: Annotated[str, typer.Option(help="table, csv, json or md.")] = "table",
    output: Annotated[Path | None, typer.Option(help="Directory for figures and tables.")] = None,
    figures: Annotated[bool, typer.Option(help="Draw figures, or write tables only.")] = True,
    robust: Annotated[
        bool,
        typer.Option("--robust", help="Hold arms against each other in every state of the world: regret and more."),
    ] = False,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="With --robust: a level each state should reach, e.g. 'calm_14 >= 0.5'. Repeatable."),
    ] = None,
) -> None:
    """Compare studies: figures, paired statistics, a table."""
    if format not in FORMATS:
        raise UserError(f"--format {format}: choose one of {', '.join(FORMATS)}")
    if output is not None:
        check_place(output)
    metrics = [name for entry in metric or [] for name in listed(entry)]
    if threshold and not robust:
        raise UserError("--threshold: only used with --robust")
    if robust:
        from experiments.cli.robust import show

        unused = {"--baseline": baseline, "--given": given, "--no-figures": not figures}
        for name in (name for name, value in unused.items() if value):
            raise UserError(f"{name}: not used with --robust")
        target = output or _default_output(directories)
        show(directories, listed(by), metrics, threshold or [], where, format, target, output is not None)
        return
    options: dict[str, Any] = {"baseline": baseline, "where": where, "given": given, "figures": figures}
    place, unwritten = output, None
    with helpers(figures) as helping:
        comparison = compare(directories, by=listed(by), metrics=metrics, **options)
        try:
            place = output or _default_output(directories)
            write(comparison, place, helping)
        except UserError as error:
            if output is not None:
                raise
            place, unwritten = None, error
    _show(comparison, format, place)
    if unwritten:
        raise UserError(f"{unwritten}; --output DIR writes figures and tables elsewhere", FAILED)


def _default_output(directories: Sequence[Path]) -> Path:
    """Figures of one study go into it, those of several into a directory of their own."""
    from experiments.study.location import create_directory, default_directory

    if len(directories) == 1:
        return directories[0] / "figures"
    return create_directory(default_directory("compare"), exact=False)


def _show(comparison: Comparison, format: str, place: Path | None) -> None:
    """Print the comparison, then where it was written: on the error stream for csv and json, which programs read."""
    lines = [*headline_lines(comparison.headlines), *against_lines(comparison.against)]
    if format == "csv":
        print(comparison.summary.write_csv(), end="")
    elif format == "json":
        print(as_json({**content(comparison), "directory": place and str(place)}))
    elif format == "md":
        lines = [*headline_lines(comparison.headlines, markdown), *against_lines(comparison.against, markdown)]
        print(as_markdown(lines, comparison.summary, comparison.notes))
    else:
        cells = _cells(comparison.grouping)
        print(
            as_text(lines, comparison.summary, comparison.notes)
            if cells is None
            else as_grids(lines, comparison.summary, cells, comparison.notes)
        )
    if place is not None:
        print(place, file=sys.stderr if format in ("csv", "json") else sys.stdout)


def _cells(grouping: Grouping) -> pl.DataFrame | None:
    """Return each arm's levels of two factors, where there are so many arms that a list of them cannot be read."""
    if len(grouping.factors) != 2 or len(grouping.arms) <= MOST_UNNAMED:
        return None
    cells = grouping.lanes.select(ARM, *grouping.factors).unique()
    return cells.sort(*grouping.factors) if cells.height == len(grouping.arms) else None
