"""``offramp propositions``: every claim of the source article, typed, tested and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Which ones, such as P13 P15; all where left out.")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Few draws of few crises, under three minutes; verdicts are provisional.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option("--draws", min=2, help="Draws of what is not known (a verdict wants 200 or more).")
    ] = None,
    crises: Annotated[
        int | None, typer.Option("--crises", min=2, help="Crises of each draw and arm (a verdict wants 200 or more).")
    ] = None,
    secondary_crises: Annotated[
        int | None,
        typer.Option("--secondary-crises", "--aside", min=2, help="The same where no verdict asks for that many."),
    ] = None,
    citizens: Annotated[int | None, typer.Option("--citizens", min=5, help="Citizens of each public.")] = None,
    depth: Annotated[
        bool,
        typer.Option("--depth", help="Not the verdicts but what lies behind them: P2, P15, P23, P26 or P33 in depth."),
    ] = False,
    refit: Annotated[
        str,
        typer.Option("--refit", help="Fit structural variants anew instead, so that they may judge: all, or names."),
    ] = "",
    ship: Annotated[
        Path | None, typer.Option("--ship", help="With --refit: where posteriors that pass go, such as conf/posterior.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many crises it takes and for how long; simulate nothing.")
    ] = False,
    resume: Annotated[
        Path | None, typer.Option("--resume", help="Complete a run that was cut short; what it asked for stands.")
    ] = None,
    output: Annotated[Path | None, typer.Option("--output", help="Where to write (default outputs/...).")] = None,
    document: Annotated[Path | None, typer.Option("--document", help="Write the text into this document, too.")] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes.")] = 2,
) -> None:
    """Test every claim of the source article: type, test, verdict.

    Standard output has a line a claim, such as `P13 causal ... verdict`, and last the directory of results: a figure
    of all claims by theme, tables, and the crises of every arm, which claims share. Killed at any moment, the run goes
    on with --resume DIR. With --depth the named claims are taken apart instead: P15 (is calm possible without
    mediators, and what does a mediator's effect consist of?), P2 (the parts of the venue), P23 and P26 (allies), P33
    (the mechanisms).

    Structural variants of the model (ratio contest, near best response, cascade floor, one step at a time, jump to any
    rung) take part only once --refit fitted them to the baseline's targets and they passed; it resumes with --output.

    Examples: offramp propositions --quick | offramp propositions P13 P15 | offramp propositions --dry-run
    | offramp propositions P15 --depth
    """
    from experiments.claims.session import Request, begin, estimate, judge_claims, take_apart
    from experiments.cli.notes import warn_of_posterior

    if refit:
        _refit(refit, quick, output, ship, workers, dry_run)
        return
    sizes = {"draws": draws, "crises": crises, "secondary_crises": secondary_crises, "citizens": citizens}
    given = {name: value for name, value in sizes.items() if value is not None}
    request = Request.made(names or [], quick, depth, given)
    if resume is None and dry_run:
        typer.echo(estimate(request, None, workers))
        return
    request, directory = begin(request, resume, output)
    if dry_run:
        typer.echo(estimate(request, directory, workers))
        return
    typer.echo(f"{estimate(request, directory, workers)}. Cut short, it goes on with --resume {directory}", err=True)
    warn_of_posterior()
    for line in (take_apart if request.depth else judge_claims)(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)


def _refit(names: str, quick: bool, output: Path | None, ship: Path | None, workers: int, dry_run: bool) -> None:
    from experiments.claims.refitting import chosen, cost, refit

    structures, scenario = chosen(names), "tovuz_2020"
    typer.echo(cost(structures, scenario, quick, {}, workers), err=not dry_run)
    if not dry_run:
        for line in refit(structures, scenario, quick, output, ship, {"workers": workers}):
            typer.echo(line)
