"""``offramp report``: one self-contained HTML page about a study, or about several side by side."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import FAILED, UserError
from experiments.files import write_text
from experiments.study.results import find_studies

NAME = "report.html"


def report(directories: Iterable[str | Path], interactive: bool = False) -> str:
    """The page about studies as HTML text, which loads nothing; a script in an ``interactive`` one lets crises be brushed.

    ``directories`` are studies, or directories of studies.

    Raises
    ------
    UserError
        Where there is no study, or nothing was simulated yet.
    """
    from experiments.comparison.arms import factors_of
    from experiments.comparison.compare import compare
    from experiments.report.page import page

    comparison = compare(directories, by=factors_of)
    for line in comparison.left_out:
        print(line, file=sys.stderr)
    return page(comparison, interactive)


def command(
    directories: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Studies, or directories of studies.")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The file to write (default: report.html in DIR).")
    ] = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="Let arms, factors and crises be brushed in the page.")
    ] = False,
) -> None:
    """Write one self-contained HTML page."""
    for directory in directories:
        find_studies(directory)
    if output is None:
        place = _together(directories) / NAME
    elif output.is_dir():
        place = output / NAME
    elif output.suffix.lower() in (".html", ".htm"):
        place = output
    else:
        raise UserError(f"--output {output}: a file that ends in .html is needed, or a directory")
    hint = "" if output else "; --output FILE.html writes it elsewhere"
    if hint and not os.access(place.parent, os.W_OK | os.X_OK):
        raise UserError(f"cannot write {place}: {place.parent} cannot be written{hint}", FAILED)
    text = report(directories, interactive)
    try:
        write_text(place, text)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UserError(f"cannot write {place}: {reason}{hint}", FAILED) from None
    typer.echo(str(place.parent))


def _together(directories: Sequence[Path]) -> Path:
    """The study, or where several lie together."""
    if len(directories) == 1:
        return directories[0]
    shared = Path(os.path.commonpath([directory.resolve() for directory in directories]))
    return shared.relative_to(Path.cwd()) if shared.is_relative_to(Path.cwd()) else shared
