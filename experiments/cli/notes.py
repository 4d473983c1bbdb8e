"""What several commands do with results, and say on the error stream."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import FAILED, UserError

Resume = Annotated[
    Path | None, typer.Option(help="Directory of an interrupted run to complete, with the settings it was begun with.")
]
"""The option ``--resume`` of commands whose settings are kept with what they made."""


def warn_of_posterior() -> None:
    """Say where the posterior of the population was fitted with another state of the model than this one."""
    from experiments.design.posterior import OWN, POPULATION
    from experiments.study.identity import posterior_note

    if note := posterior_note(OWN, None, POPULATION):
        typer.echo(f"{note}.", err=True)


def written(
    save: Callable[[Path], object], output: Path | None, studies: Sequence[Path], inside: str, label: str
) -> tuple[Path | None, UserError | None]:
    """Where results were written, or the error to raise once they are printed; raised now where the user named a place.

    Parameters
    ----------
    save : callable
        Writes them to a directory.
    output : Path, optional
        The directory the user named.
    studies : sequence of Path
        What results of one study go into, those of several into a directory of their own.
    inside : str
        Folder in the one study.
    label : str
        Folder of ``outputs`` for results of several.
    """
    from experiments.study.location import create_directory, default_directory

    try:
        usual = studies[0] / inside if len(studies) == 1 else None
        place = output or usual or create_directory(default_directory(label), exact=False)
        save(place)
    except UserError as error:
        if output is not None:
            raise
        return None, UserError(f"{error}; --output DIR writes figures and tables elsewhere", FAILED)
    return place, None
