"""``offramp calibrate``: fit, check, and write a posterior."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from experiments.errors import UserError

SCENARIOS = ("dispute_population", "tovuz_2020", "simmer_2015")


def command(
    scenario: Annotated[str, typer.Argument(help=f"One of {', '.join(SCENARIOS)}.")] = SCENARIOS[0],
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
    tries: Annotated[
        bool, typer.Option("--try", help="Fit nothing: lay what is tried over draws of the shipped posterior.")
    ] = False,
    output: Annotated[Path | None, typer.Option(help="Where to write (default outputs/calibrate/...).")] = None,
    ship: Annotated[Path | None, typer.Option(help="Also write the posterior into this directory.")] = None,
    fitted: Annotated[
        Path | None, typer.Option(help="Also write the draw that comes nearest on fresh luck, as an overlay.")
    ] = None,
    document: Annotated[Path | None, typer.Option(help="Also renew this document from all shipped posteriors.")] = None,
) -> None:
    """Fit the population of disputes (or the baseline, or the quiet year) to its targets."""
    from experiments.calibration.run import calibrate, claimed, reopened
    from experiments.calibration.stages import requested

    if scenario not in SCENARIOS:
        raise UserError(f"calibrate {scenario}: no such population; choose from {', '.join(SCENARIOS)}")
    if tries:
        for name, value in {"--seed": seed, "--citizens": citizens, "--points": points, "--fitted": fitted}.items():
            if value is not None:
                raise UserError(f"calibrate --try {name}: tries take it from the posterior; leave it out")
        if resume is not None and not (resume / "tries.json").exists():
            raise UserError(f"calibrate --try --resume {resume}: no tries are kept there")
        directory = resume or output or Path("outputs/tries") / scenario / datetime.now().strftime("%Y-%m-%d_%H-%M-%S")
        few = {"draws": 4, "crises": 20} if quick else {}
        given = {"draws": predictive, "crises": fresh, "workers": workers}
        counts = few | {name: value for name, value in given.items() if value is not None}
        _try(directory, scenario, counts, ship, document)
        return
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
    request = (
        reopened(directory, scenario, asked) if resume else claimed(directory, requested(scenario, quick, **asked))
    )
    calibrate(directory, request, neural=neural, ship_to=ship, document=document, fitted=fitted)
    typer.echo(str(directory))


def _try(directory: Path, scenario: str, counts: dict[str, int], ship: Path | None, document: Path | None) -> None:
    from experiments.calibration.document import renew
    from experiments.calibration.tries import file_name
    from experiments.calibration.trying import as_text, try_all
    from experiments.files import write_text

    if ship is not None and not ship.is_dir():
        raise UserError(f"--ship {ship}: no such directory")
    typer.echo(as_text(try_all(directory, scenario, **counts)))
    if ship is not None:
        write_text(ship / file_name(scenario), (directory / file_name(scenario)).read_text(encoding="utf-8"))
    if document is not None:
        renew(document, ship or directory)
    typer.echo(str(directory))
