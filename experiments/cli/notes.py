"""Lines on the error stream that commands share."""

from __future__ import annotations

import typer


def warn_of_posterior() -> None:
    """Say where the posterior of the population was fitted with another state of the model than this one."""
    from experiments.design.posterior import OWN, POPULATION
    from experiments.study.identity import posterior_note

    if note := posterior_note(OWN, None, POPULATION):
        typer.echo(f"{note}.", err=True)
