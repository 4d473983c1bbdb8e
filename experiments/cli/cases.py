"""``offramp cases``: every coded case side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which cases, such as tovuz_2020 galwan_2020; all where left out.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Few draws of few crises: a look.")] = False,
    draws: Annotated[int | None, typer.Option("--draws", min=2, help="Draws of what is not known.")] = None,
    crises: Annotated[int | None, typer.Option("--crises", min=2, help="Crises of each draw.")] = None,
    citizens: Annotated[int | None, typer.Option("--citizens", min=5, help="Citizens of each public.")] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", min=30, help="Days.")] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="The cases as they are coded, without a posterior.")
    ] = False,
    resume: Annotated[Path | None, typer.Option("--resume", help="Complete a run that was cut short.")] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Where to write (default outputs/...).")] = None,
    document: Annotated[Path | None, typer.Option("--document", help="Write the text into this document, too.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
) -> None:
    """Run every coded case and set what the model expects of them side by side.

    Each case was coded by rule from what could be known before it (docs/cases); what happened afterwards is used
    nowhere, but where a line says so. For each the table gives the chance of calm without a mediator, then, with the
    mediators that were on offer, predictive distributions of deaths, days to calm, severity and how calm came.
    Uncertain parameters are drawn from the case's own posterior where one ships, else from that of the population of
    disputes for whatever the case does not code; the last column says which. A figure, a CSV and a JSON file hold the
    same and more.

    Examples: offramp cases --quick | offramp cases tovuz_2020 kargil_1999 --draws 200 | offramp cases --defaults
    """
    from experiments.cases.running import begin, run

    changes = {"draws": draws, "crises": crises, "citizens": citizens, "horizon": horizon}
    request, directory = begin(names or [], quick, defaults, changes, resume, output)
    typer.echo(f"{request.summary} Cut short, it goes on with --resume {directory}", err=True)
    for line in run(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)
