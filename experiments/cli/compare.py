"""``offramp compare``: arms set against each other."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.cli.shared import Directories, FiguresDirectory, written
from experiments.errors import UserError
from experiments.figures.lazy_figures import helpers

if TYPE_CHECKING:
    import polars as pl

    from experiments.comparison.arms import Grouping
    from experiments.comparison.compare import Comparison
    from experiments.decide.robust import Robustness

FORMATS = ("table", "csv", "json", "md")


def command(
    directories: Directories,
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
    output: FiguresDirectory = None,
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
    if threshold and not robust:
        raise UserError("--threshold: only used with --robust")
    if robust:
        unused = {"--baseline": baseline, "--given": given, "--no-figures": not figures}
        for name in (name for name, value in unused.items() if value):
            raise UserError(f"{name}: not used with --robust")
    with helpers(figures and not robust) as helping:  # they load while this process does
        from experiments.comparison.compare import check_place, compare, listed

        if output is not None:
            check_place(output)
        arms, metrics = listed(by), [name for entry in metric or [] for name in listed(entry)]
        if robust:
            from experiments.decide.robust import robust as robustness

            result = robustness(directories, by=arms, metrics=metrics, thresholds=threshold or [], where=where)
            place, unwritten = written(result.save, output, directories, "figures", "compare")
            _show_robustness(result, format)
        else:
            options = {"baseline": baseline, "where": where, "given": given}
            comparison = compare(directories, by=arms, metrics=metrics, figures=figures, **options)
            save = partial(comparison.save, helping=helping)
            place, unwritten = written(save, output, directories, "figures", "compare")
            _show(comparison, format, place)
    if unwritten:
        raise unwritten
    print(place, file=sys.stderr if format in ("csv", "json") else sys.stdout)  # programs read those


def _show(comparison: Comparison, format: str, place: Path | None) -> None:
    """Print the comparison."""
    from experiments.comparison.rendering import against_lines, as_grids, as_json, as_markdown, as_text, headline_lines
    from experiments.text import markdown

    name = markdown if format == "md" else str
    lines = [*headline_lines(comparison.headlines, name), *against_lines(comparison.against, name)]
    summary, notes = comparison.summary, comparison.notes
    if format == "csv":
        print(summary.write_csv(), end="")
    elif format == "json":
        print(as_json({**comparison.content, "directory": place and str(place)}))
    elif format == "md":
        print(as_markdown(lines, summary, notes))
    elif (cells := _cells(comparison.grouping)) is not None:
        print(as_grids(lines, summary, cells, notes))
    else:
        print(as_text(lines, summary, notes))


def _cells(grouping: Grouping) -> pl.DataFrame | None:
    """Return each arm's levels of two factors, where there are so many arms that a list of them cannot be read."""
    from experiments.comparison.arms import ARM, MOST_UNNAMED

    if len(grouping.factors) != 2 or len(grouping.arms) <= MOST_UNNAMED:
        return None
    cells = grouping.lanes.select(ARM, *grouping.factors).unique()
    return cells.sort(*grouping.factors) if cells.height == len(grouping.arms) else None


def _show_robustness(robustness: Robustness, format: str) -> None:
    """Print arms held against each other over what is not known."""
    from experiments.terminal import print_table, screen

    if format == "csv":
        print(robustness.table.write_csv(), end="")
    elif format == "json":
        tables = {
            "table": robustness.table.to_dicts(),
            "information": robustness.information.fill_nan(None).to_dicts(),
            "satisficing": robustness.satisficing.to_dicts() if robustness.satisficing is not None else None,
        }
        print(json.dumps({"answer": robustness.answer, **tables, "notes": robustness.notes}, indent=2))
    elif format == "md":
        print(robustness.page())
    else:
        grids = [(item.label, robustness.grid(name)) for name, item in robustness.metrics.items()]
        if robustness.satisficing is not None:
            grids.append((f"states that meet {' and '.join(robustness.thresholds)}", robustness.satisficing_grid()))
        if not robustness.information.is_empty():
            grids.append(
                ("what is worth finding out first", robustness.information_grid(next(iter(robustness.metrics))))
            )
        for title, (head, rows) in grids:
            print_table(head, rows, prose=(0,), title=title, title_style="bold", box=None)
            print()
        for line in (*robustness.notes, robustness.answer):
            screen().print(line)
