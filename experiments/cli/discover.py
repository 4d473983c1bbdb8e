"""``offramp discover``: in which worlds an outcome is frequent."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.notes import written
from experiments.comparison.compare import check_place, listed
from experiments.decide.discover import MOST_BOXES, discover
from experiments.terminal import screen


def command(
    directories: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Studies, or directories of studies.")],
    outcome: Annotated[str, typer.Option(help="Crises of interest, e.g. \"severity in ('war','regional_war')\".")] = "",
    where: Annotated[str, typer.Option(help='Crises to look among, e.g. "agreements > 0".')] = "",
    factors: Annotated[
        str, typer.Option(help="Factors to look at, separated by commas; all that vary by default.")
    ] = "",
    boxes: Annotated[int, typer.Option(min=1, max=10, help="Boxes to look for, one after the other.")] = MOST_BOXES,
    output: Annotated[Path | None, typer.Option(help="Directory for figures and tables.")] = None,
) -> None:
    """Find where an outcome is frequent: boxes, a tree, figures."""
    if output is not None:
        check_place(output)
    made = discover(directories, outcome, where=where, factors=listed(factors), boxes=boxes)
    place, unwritten = written(made.save, output, directories, "discovery", "discover")
    lines = [*made.sentences]
    for reported in made.boxes:
        condition, drawn = made.filter_of(reported.box.limits)
        if condition and not drawn:
            lines.append(f'--where "{condition}"')
    for row in made.leaves.head(3).iter_rows(named=True):
        lines.append(f"tree: {row['risk']:.0%} [{row['low']:.0%}, {row['high']:.0%}] where {row['leaf']}")
    for line in (*lines, *made.notes):
        screen().print(line)
    if unwritten:
        raise unwritten
    print(place)
