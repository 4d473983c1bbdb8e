"""``offramp propositions``: the article's claims, tested."""

from __future__ import annotations

from typing import Annotated

import typer

from experiments.cli.shared import Document, Output, Resume, Workers, options_set, warn_of_posterior


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Claims, such as P13 P15 (default: all).")] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Fewer draws and crises, under four minutes; verdicts are provisional.")
    ] = False,
    draws: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Sets of values drawn for uncertain parameters, equally many of each structure of the model; a final "
            "verdict wants 200.",
        ),
    ] = None,
    crises: Annotated[
        int | None,
        typer.Option(min=2, help="Crises simulated with each set in each arm; a final verdict wants 60."),
    ] = None,
    secondary_crises: Annotated[
        int | None,
        typer.Option(
            "--secondary-crises",
            "--aside",
            min=2,
            help="Crises simulated with each set before calibration, beside verdicts, and for claims about the record.",
        ),
    ] = None,
    citizens: Annotated[int | None, typer.Option(min=5, help="Citizens in each public.")] = None,
    depth: Annotated[
        bool,
        typer.Option("--depth", help="Take claims apart instead of judging them: P2, P15, P23, P26 or P33."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print how many crises it would take and how long; simulate nothing.")
    ] = False,
    resume: Resume = None,
    output: Output = None,
    document: Document = None,
    workers: Workers = 2,
) -> None:
    """Test every claim of the source article: type, test, verdict.

    Prints a line a claim, such as `P13 causal undecided odds ratio 1.3 [0.9, 2] reach 0.8..4.1 power 0.62`: its type, the
    verdict, the pooled effect with 95 % of draws and structures of the model, the smallest and largest effect in the
    declared ranges of what the claim names, and how often the rule would say so if the claim were clearly true or false.
    Last comes the directory of results: a figure of all claims by theme, tables, and the crises of every arm. A run that
    was killed goes on with --resume DIR.

    With --depth claims are taken apart instead: P15 (is calm possible without mediators, in which worlds, and what does a
    mediator's effect consist of?), P2 (the parts of the venue), P23 and P26 (allies), P33 (the mechanisms).

    Examples: offramp propositions --quick | offramp propositions P13 P15 | offramp propositions --dry-run
    | offramp propositions P15 --depth
    """
    from experiments.claims.session import Request, begin, estimate, judge_claims, take_apart

    sizes = options_set(draws=draws, crises=crises, secondary_crises=secondary_crises, citizens=citizens)
    request = Request.made(names or [], quick, depth, sizes)
    if resume is None and dry_run:
        typer.echo(estimate(request, None, workers))
        return
    typed = {"names": request.names if names else None, "quick": quick or None, "depth": depth or None, **sizes}
    request, directory = begin(request, resume, output, options_set(**typed))
    if dry_run:
        typer.echo(estimate(request, directory, workers))
        return
    typer.echo(f"{estimate(request, directory, workers)}. Cut short, it goes on with --resume {directory}", err=True)
    warn_of_posterior()
    for line in (take_apart if request.depth else judge_claims)(request, directory, document, workers):
        typer.echo(line)
    typer.echo(directory)
