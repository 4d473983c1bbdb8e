"""``offramp extend``: more replicates of a finished study."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.run import run_study
from experiments.execution.resuming import prepare_extension
from experiments.execution.scheduler import ExecutionOptions


def command(
    directory: Annotated[Path, typer.Argument(help="A finished study.")],
    replicates: Annotated[int, typer.Option("--replicates", "-n", help="Replicates per point it is to have in all.")],
    workers: Annotated[int, typer.Option(min=0, help="Worker processes (0: as when the study was begun).")] = 0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log progress to the terminal.")] = False,
) -> None:
    """Add replicates to a finished study; what is there is kept."""
    study = prepare_extension(directory, replicates)
    options = ExecutionOptions(workers or study.settings.workers, study.backend, study.settings.on_error, verbose)
    sys.exit(run_study(study, options))
