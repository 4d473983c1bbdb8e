"""``offramp objections``: what may be held against the results, answered by runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.shared import Resume, Workers, options_set, warn_of_posterior


def command(
    names: Annotated[list[str] | None, typer.Argument(help="Objections, such as selection (default: all).")] = None,
    draws: Annotated[
        int | None, typer.Option(min=2, help="Sets of values drawn for uncertain parameters (default: 40).")
    ] = None,
    crises: Annotated[
        int | None, typer.Option(min=2, help="Crises simulated with each set in each arm (default: 25).")
    ] = None,
    citizens: Annotated[int | None, typer.Option(min=5, help="Citizens in each public (default: 50).")] = None,
    resume: Resume = None,
    document: Annotated[Path | None, typer.Option(help="Write the answers into this document, too.")] = None,
    workers: Workers = 2,
) -> None:
    """Answer what may be held against the results, each objection by a run.

    They are: selection (mediators choose their crises), equifinality (other parameters and structures fit as well),
    forking_paths (other rules for verdicts), action_set (what governments may do), finite_publics (few citizens), inertia
    (costs of a step), time_step (steps of a day), built_in (what follows from coefficients),
    step_back (steps back made, not matched).
    Every number in docs/objections.md comes from this command. A run that was killed goes on with --resume DIR.
    """
    from experiments.claims.objections import answer

    warn_of_posterior()
    for line in answer(
        names or [], options_set(draws=draws, crises=crises, citizens=citizens), resume, document, workers
    ):
        typer.echo(line)
