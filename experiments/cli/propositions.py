"""``offramp propositions``: every claim of the source article, typed, tested and judged."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Claims, such as P13 P15 (default: all).")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws and crises, under three minutes; verdicts are provisional.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            "--draws", min=2, help="Sets of values drawn for uncertain parameters; a final verdict wants 200."
        ),
    ] = None,
    crises: Annotated[
        int | None,
        typer.Option("--crises", min=2, help="Crises simulated with each set in each arm; a final verdict wants 200."),
    ] = None,
    secondary_crises: Annotated[
        int | None,
        typer.Option(
            "--secondary-crises",
            "--aside",
            min=2,
            help="Crises simulated with each set where a first look may do: before calibration, in variants of the model, "
            "for claims about the record. What then decides a verdict is simulated with --crises.",
        ),
    ] = None,
    citizens: Annotated[int | None, typer.Option("--citizens", min=5, help="Citizens in each public.")] = None,
    depth: Annotated[
        bool,
        typer.Option("--depth", help="Take claims apart instead of judging them: P2, P15, P23, P26 or P33."),
    ] = False,
    refit: Annotated[
        str,
        typer.Option("--refit", help="Calibrate variants of the model instead: all, or names with commas between."),
    ] = "",
    ship: Annotated[
        Path | None,
        typer.Option(
            "--ship", help="With --refit: also write posteriors that pass their checks here, such as conf/posterior."
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print how many crises it would take and how long; simulate nothing.")
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
    """Test every claim of the source article: type, test, verdict.

    Prints a line a claim, such as `P13 causal ... verdict`, and last the directory of results: a figure of all claims
    by theme, tables, and the crises of every arm. A run that was killed goes on with --resume DIR.

    With --depth claims are taken apart instead: P15 (is calm possible without mediators, and what does a mediator's
    effect consist of?), P2 (the parts of the venue), P23 and P26 (allies), P33 (the mechanisms).

    A verdict has to hold in variants of the model, too (ratio contest, near best response, cascade floor, one step at a
    time, jump to any rung), but only in those that --refit has calibrated to the baseline's targets and that met them.
    An interrupted --refit goes on with --output DIR.

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
