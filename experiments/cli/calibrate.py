"""``offramp calibrate``: fit, check, and write a posterior."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from experiments.design.priors import CALIBRATED
from experiments.errors import UserError


def command(
    scenario: Annotated[str, typer.Argument(help=f"One of {', '.join(CALIBRATED)}.")] = CALIBRATED[0],
    quick: Annotated[
        bool, typer.Option(help="Few populations of few crises: a look, no posterior to rest on.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(help="A directory of an earlier calibration to go on with.")] = None,
    points: Annotated[int | None, typer.Option(min=20, help="Populations to simulate.")] = None,
    lanes: Annotated[int | None, typer.Option(min=5, help="Crises of each population.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens of each public.")] = None,
    predictive: Annotated[int | None, typer.Option(min=2, help="Draws judged on fresh luck.")] = None,
    fresh: Annotated[int | None, typer.Option(min=5, help="Crises of each of them.")] = None,
    trajectories: Annotated[int | None, typer.Option(min=0, help="Morris trajectories; 0: no screening.")] = None,
    only: Annotated[str, typer.Option(help="Candidates to calibrate, comma-separated, instead of screening.")] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    neural: Annotated[bool, typer.Option(help="Cross-check by neural posterior estimation (extra `neural`).")] = False,
    output: Annotated[Path | None, typer.Option(help="Where to write (default outputs/calibrate/...).")] = None,
    ship: Annotated[Path | None, typer.Option(help="Also write the posterior into this directory.")] = None,
    document: Annotated[Path | None, typer.Option(help="Also renew this document from all shipped posteriors.")] = None,
) -> None:
    """Fit the population of disputes (or the baseline, or the quiet year) to its targets."""
    from experiments.calibration.run import calibrate, claimed, reopened
    from experiments.calibration.stages import requested

    if scenario not in CALIBRATED:
        raise UserError(f"calibrate {scenario}: no such population; choose from {', '.join(CALIBRATED)}")
    names = tuple(name.strip() for name in only.split(",") if name.strip()) or None
    if names and trajectories is None:
        trajectories = 0
    changes = {
        "points": points,
        "lanes": lanes,
        "citizens": citizens,
        "predictive": predictive,
        "fresh": fresh,
        "trajectories": trajectories,
        "only": names,
        "seed": seed,
        "workers": workers,
    }
    asked = {name: value for name, value in changes.items() if value is not None}
    directory = resume or output or Path("outputs/calibrate") / scenario / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
    if resume:
        request = reopened(directory, scenario, asked)
    else:
        request = claimed(directory, requested(scenario, quick, **asked))
    calibrate(directory, request, neural=neural, ship_to=ship, document=document)
    typer.echo(str(directory))
