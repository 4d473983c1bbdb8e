"""Options and messages that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from experiments.errors import FAILED, UserError

Directories = Annotated[list[Path], typer.Argument(metavar="DIR...", help="Studies, or directories of studies.")]
FiguresDirectory = Annotated[Path | None, typer.Option(help="Directory for figures and tables.")]
Resume = Annotated[
    Path | None, typer.Option(help="Directory of an interrupted run to complete, with the settings it was begun with.")
]
Output = Annotated[Path | None, typer.Option(help="Directory to write to (default: a new one in outputs).")]
Document = Annotated[Path | None, typer.Option(help="Write the text into this document, too.")]
Workers = Annotated[int, typer.Option(min=1, help="Worker processes.")]


def options_set(**options: Any) -> dict[str, Any]:
    """Options by name that were set."""
    return {name: value for name, value in options.items() if value is not None}


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

    Results of one study go into the folder ``inside`` of it, those of several into a new one in ``outputs/LABEL``.
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
