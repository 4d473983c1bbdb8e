"""``offramp discover``: in which worlds an outcome is frequent."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.shared import Directories, FiguresDirectory, written
from experiments.comparison.compare import check_place, listed
from experiments.decide.discover import MOST_BOXES, discover
from experiments.terminal import screen


def command(
    directories: Directories,
    outcome: Annotated[str, typer.Option(help="Crises of interest, e.g. \"severity in ('war','regional_war')\".")] = "",
    where: Annotated[str, typer.Option(help='Crises to look among, e.g. "agreements > 0".')] = "",
    factors: Annotated[
        str, typer.Option(help="Factors to look at, separated by commas; all that vary by default.")
    ] = "",
    boxes: Annotated[int, typer.Option(min=1, max=10, help="Boxes to look for, one after the other.")] = MOST_BOXES,
    output: FiguresDirectory = None,
) -> None:
    """Find where an outcome is frequent: boxes, a tree, figures."""
    if output is not None:
        check_place(output)
    discovery = discover(directories, outcome, where=where, factors=listed(factors), boxes=boxes)
    place, unwritten = written(discovery.save, output, directories, "discovery", "discover")
    lines = [*discovery.sentences]
    for reported in discovery.boxes:
        condition, drawn = discovery.filter_of(reported.box.limits)
        if condition and not drawn:
            lines.append(f'--where "{condition}"')
    for row in discovery.leaves.head(3).iter_rows(named=True):
        lines.append(f"tree: {row['risk']:.0%} [{row['low']:.0%}, {row['high']:.0%}] where {row['leaf']}")
    for line in (*lines, *discovery.notes):
        screen().print(line)
    if unwritten:
        raise unwritten
    print(place)
