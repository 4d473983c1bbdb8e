"""``offramp cases``: every coded case side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Cases, such as tovuz_2020 galwan_2020 (default: all).")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A quick look: few draws of few crises.")] = False,
    draws: Annotated[
        int | None, typer.Option("--draws", min=2, help="Sets of values drawn for uncertain parameters.")
    ] = None,
    crises: Annotated[int | None, typer.Option("--crises", min=2, help="Crises simulated with each set.")] = None,
    citizens: Annotated[int | None, typer.Option("--citizens", min=5, help="Citizens in each public.")] = None,
    horizon: Annotated[int | None, typer.Option("--horizon", min=30, help="Days simulated.")] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Use the values each case is coded with; draw nothing.")
    ] = False,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume", help="Directory of an interrupted run to complete, with the settings it was begun with."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", help="Directory to write to (default: a new one in outputs).")
    ] = None,
    document: Annotated[Path | None, typer.Option("--document", help="Write the text into this document, too.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")] = 2,
) -> None:
    """Run every coded case and print side by side what the model expects of each.

    Each case was coded by fixed rules from what was known before it (docs/cases); what happened afterwards is not used,
    unless a line says so. For each case the table gives the chance of calm without a mediator and, with the mediators
    that were on offer, predictive distributions of deaths, days to calm, severity and how calm came about. Uncertain
    parameters are drawn from the posterior of the population of disputes, laid under what the case codes; the last
    column says which. A figure, a CSV file and a JSON file hold the same and more.

    Examples: offramp cases --quick | offramp cases tovuz_2020 kargil_1999 --draws 200 | offramp cases --defaults
    """
    from experiments.cases.running import begin, run
    from experiments.cli.notes import warn_of_posterior

    changes = {"draws": draws, "crises": crises, "citizens": citizens, "horizon": horizon}
    request, directory = begin(names or [], quick, defaults, changes, resume, output)
    typer.echo(f"{request.summary} Cut short, it goes on with --resume {directory}", err=True)
    if not defaults:
        warn_of_posterior()
    for line in run(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)
