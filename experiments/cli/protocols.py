"""``offramp protocols``: what survey experiments ask, asked of the publics."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.shared import Document


def command(
    overrides: Annotated[
        list[str] | None,
        typer.Argument(help="As for run: scenario=NAME, mediation=NAME, any parameter, uncertainty, citizens, seed."),
    ] = None,
    config_dir: Annotated[Path | None, typer.Option(help="Directory of your own scenarios.")] = None,
    output: Annotated[
        Path | None, typer.Option(help="Directory to write to (default: a new one in outputs/protocols).")
    ] = None,
    write: Document = None,
) -> None:
    """Ask the publics what survey experiments ask, and print each reply beside the range that experiments find.

    Six replies: the cost of backing down from a threat and from force (Tomz 2007); how much of it a third party's
    proposal covers; inconsistency and belligerence as parts of it; what a rival's taunt adds to approval of a firm
    answer; the fall of approval of a war per factor ten of deaths; the rally after a first day with deaths.

    Without a scenario the publics are those of the population of disputes; a case has two of its own.
    uncertainty=prior asks a public for each of 1,000 draws of what is not known, uncertainty=posterior for each draw of
    the posterior, prior:200 or posterior:200 for so many; then the share of draws inside is printed. The directory, with
    a figure, a table (CSV and Parquet) and a README, comes last.

    Examples: offramp protocols | offramp protocols scenario=tovuz_2020 | offramp protocols uncertainty=prior:500 |
    offramp protocols public.a.inconsistency=3 public.b.inconsistency=3
    """
    from experiments.protocols.running import requested, run

    for line in run(requested(overrides or [], str(config_dir) if config_dir else None), output, write):
        typer.echo(line)
