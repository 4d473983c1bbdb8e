"""``offramp objections``: what may be held against the results, answered by runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Which, such as selection; all where left out.")] = None,
    draws: Annotated[int, typer.Option("--draws", min=2, help="Draws of what is not known.")] = 40,
    crises: Annotated[int, typer.Option("--crises", min=2, help="Crises of each draw and arm.")] = 25,
    citizens: Annotated[int, typer.Option("--citizens", min=5, help="Citizens of each public.")] = 50,
    resume: Annotated[Path | None, typer.Option("--resume", help="A run to go on with.")] = None,
    document: Annotated[Path | None, typer.Option("--document", help="Write the answers into this document.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
) -> None:
    """Answer what may be held against the results, each objection by a run.

    Selection of mediated crises; other parameters that fit as well; forking paths in the verdict rule; what
    governments may do; finite publics; inertia; the step of time; what is built in. Every number in the document comes
    from this command. Killed, it goes on with --resume DIR.
    """
    from experiments.claims.arms import SampleSize
    from experiments.claims.objections.answering import answer
    from experiments.cli.notes import warn_of_posterior

    warn_of_posterior()
    for line in answer(names or [], SampleSize(draws, crises, citizens, 450), resume, document, workers):
        typer.echo(line)
