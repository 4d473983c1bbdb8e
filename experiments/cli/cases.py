"""``offramp cases``: coded cases, or a record of one's own, beside the model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.shared import Document, Output, Resume, Workers, options_set, warn_of_posterior


def command(
    names: Annotated[
        list[str] | None, typer.Argument(help="Cases, such as tovuz_2020 galwan_2020, or a scenario of one's own.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A quick look: few draws of few crises.")] = False,
    draws: Annotated[int | None, typer.Option(min=2, help="Draws of the posterior (default: all there are).")] = None,
    crises: Annotated[int | None, typer.Option(min=2, help="Crises simulated with each draw.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens in each public.")] = None,
    horizon: Annotated[
        int | None, typer.Option(help="Days simulated, where no record ends earlier (default: 120).")
    ] = None,
    defaults: Annotated[
        bool, typer.Option("--defaults", help="Use the values each case is coded with; draw nothing.")
    ] = False,
    record: Annotated[
        Path | None, typer.Option(help="CSV file of what became of the case: plain form, GED or ACLED.")
    ] = None,
    sides: Annotated[str | None, typer.Option(help="Words of the names of a and b in an export: 'NAME,NAME'.")] = None,
    begin_at: Annotated[
        str | None, typer.Option("--begin", help="Day 0 of the record (default: its first event), as 2020-07-12.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Last day that the record covers; no later day is simulated.")
    ] = None,
    config_dir: Annotated[str | None, typer.Option(help="A directory of configurations of one's own.")] = None,
    resume: Resume = None,
    output: Output = None,
    document: Document = None,
    workers: Workers = 2,
) -> None:
    """Run every coded case and set what became of it beside what the model expects.

    Each case was coded by fixed rules from what was known before it (docs/cases); what happened afterwards is not used
    to draw it. Uncertain parameters come from the posterior of the population of disputes, laid under what the case
    codes. Printed are the chance of calm without a mediator and, with the mediators that were on offer, the predictive
    distributions of heavy days, days to calm and military dead, and the percentile at which the record lies in each.

    A record of one's own works the same way. In the plain form (docs/cases/README.md) a row is an event, with the dead
    of each side; an export of UCDP's GED or of ACLED is read as it comes, with --sides to say who a and b are, words
    of which one is enough parted by |. What a record cannot tell is null, with the reason.

    Examples: offramp cases --quick | offramp cases my_crisis --config-dir my_conf --record events.csv
    """
    from experiments.cases.requests import QUICK, begin, record_for
    from experiments.cases.running import run

    sizes = options_set(draws=draws, crises=crises, citizens=citizens, horizon=horizon)
    file = record and str(record.absolute())
    texts = options_set(record=file, sides=sides, begin=begin_at, until=until, config_dir=config_dir)
    typed = options_set(names=tuple(names) if names else None, uncertainty="none" if defaults else None)
    request, directory = begin({**(QUICK if quick else {}), **typed, **sizes, **texts}, resume, output)
    typer.echo(f"{request.summary} Cut short, it goes on with --resume {directory}", err=True)
    if request.uncertainty == "posterior":
        warn_of_posterior()
    if request.record and (events := record_for(request, request.names[0])) and events.left_out:
        typer.echo(events.left_out, err=True)
    for line in run(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)
