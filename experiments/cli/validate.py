"""``offramp validate``: the model held against its targets."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def command(
    quick: Annotated[bool, typer.Option("--quick", help="Few crises: a look, not the real thing.")] = False,
    seed: Annotated[int, typer.Option(help="Seed of all luck.")] = 1,
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 takes one per core.")] = 0,
    write: Annotated[Path | None, typer.Option(help="Write the tables to this document, too.")] = None,
) -> None:
    """Hold the model against its targets; show what each mechanism does and how often intervals cover."""
    from experiments.validation.running import validate

    raise typer.Exit(validate(quick, seed, workers, write))
