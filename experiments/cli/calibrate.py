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
        bool, typer.Option(help="Few sets of values and few crises: to try the procedure; not a posterior to use.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(help="Directory of an interrupted calibration to complete.")] = None,
    points: Annotated[int | None, typer.Option(min=20, help="Sets of values to simulate.")] = None,
    lanes: Annotated[int | None, typer.Option(min=5, help="Crises simulated with each set.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens in each public.")] = None,
    predictive: Annotated[
        int | None, typer.Option(min=2, help="Draws of the posterior to check with new crises.")
    ] = None,
    fresh: Annotated[int | None, typer.Option(min=5, help="New crises simulated with each of these draws.")] = None,
    trajectories: Annotated[
        int | None, typer.Option(min=0, help="Trajectories of Morris screening, which picks what to fit; 0: none.")
    ] = None,
    only: Annotated[
        str, typer.Option(help="Priors to fit instead, by name (offramp list priors), with commas between.")
    ] = "",
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    neural: Annotated[
        bool, typer.Option(help="Check against neural posterior estimation, too (extra `neural`).")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(help="Directory to write to (default: a new one in outputs/calibrate).")
    ] = None,
    ship: Annotated[Path | None, typer.Option(help="Also write the posterior to this directory.")] = None,
    document: Annotated[
        Path | None, typer.Option(help="Also renew this document from all posteriors that ship.")
    ] = None,
) -> None:
    """Fit a scenario's uncertain parameters to its targets: what is on record of disputes of its kind.

    The scenario is the population of disputes, the baseline, or the quiet year. Crises are simulated with sets of
    values drawn from the priors; emulators learn from them how the targets depend on the values; the posterior is what
    meets the targets. It is checked with simulated records and with new crises. The directory of results is printed.

    Examples: offramp calibrate tovuz_2020 --quick | offramp calibrate --only resolve,rationality
    """
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
