"""``offramp calibrate``: the population of disputes fitted to what is on record."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from experiments.cli.shared import options_set
from experiments.errors import UserError
from experiments.study.location import default_directory


def command(
    quick: Annotated[
        bool, typer.Option(help="Few sets of values and few crises: to try the procedure; not a posterior to use.")
    ] = False,
    resume: Annotated[Path | None, typer.Option(help="Directory of an interrupted calibration to complete.")] = None,
    structures: Annotated[
        str | None, typer.Option(help="Structures to fit instead of all, with commas between: see offramp list priors.")
    ] = None,
    points: Annotated[int | None, typer.Option(min=20, help="Sets of values to simulate for each structure.")] = None,
    lanes: Annotated[int | None, typer.Option(min=5, help="Crises simulated with each set.")] = None,
    citizens: Annotated[int | None, typer.Option(min=10, help="Citizens in each public.")] = None,
    predictive: Annotated[
        int | None, typer.Option(min=2, help="Draws of each posterior to check with new crises.")
    ] = None,
    fresh: Annotated[int | None, typer.Option(min=5, help="New crises simulated with each of these draws.")] = None,
    trajectories: Annotated[
        int | None, typer.Option(min=0, help="Trajectories of Morris screening, which picks what to fit; 0: none.")
    ] = None,
    only: Annotated[
        str | None, typer.Option(help="Priors to fit instead, by name (offramp list priors), with commas between.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Random seed.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Worker processes.")] = None,
    neural: Annotated[
        bool, typer.Option(help="Check against neural networks in the place of the Gaussian process, too.")
    ] = False,
    under: Annotated[
        Path | None,
        typer.Option(
            help="Keep the posterior in this directory; simulate its predictions and fit the line of contact anew."
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Directory to write to (default: a new one in outputs/calibrate).")
    ] = None,
    ship: Annotated[Path | None, typer.Option(help="Also write the posteriors to this directory.")] = None,
    document: Annotated[Path | None, typer.Option(help="Also renew this document.")] = None,
) -> None:
    """Fit the population of disputes to what is on record of disputes, under five rival structures of the model.

    Crises are simulated with sets of values drawn from the priors; response surfaces learn from them how the records
    depend on the values; the posterior is what meets the records. Structures are weighed by what they predict of
    records that they were not fitted to, and the line of contact is fitted last. Everything is checked with new crises.
    The directory of results is printed.

    Examples: offramp calibrate --quick | offramp calibrate --structures none,hope --points 1500 |
    offramp calibrate --under conf/posterior
    """
    from experiments.calibration.requests import QUICK, check_libraries, claimed, reopened, requested
    from experiments.calibration.run import calibrate, predict_again

    names = {"structures": _names("structures", structures), "only": _names("only", only)}
    if names["only"] and trajectories is None:
        trajectories = 0
    sizes = {"points": points, "lanes": lanes, "citizens": citizens, "predictive": predictive, "fresh": fresh}
    changed = options_set(**names, **sizes, trajectories=trajectories, seed=seed, workers=workers)
    if resume and output:
        raise UserError(f"calibrate --output {output}: not used with --resume, which goes on in {resume}")
    directory = resume or output or default_directory("calibrate")
    changed = {**(QUICK if quick else {}), **changed}
    request = requested(**changed)
    check_libraries(request)
    if resume:
        request = reopened(directory, {name: getattr(request, name) for name in changed})
    else:
        claimed(directory, request)
    if under:
        predict_again(directory, request, under, ship, document)
    else:
        calibrate(directory, request, neural=neural, ship_to=ship, document=document)
    typer.echo(str(directory))


def _names(option: str, text: str | None) -> tuple[str, ...] | None:
    names = tuple(name.strip() for name in (text or "").split(",") if name.strip())
    if text is not None and not names:
        raise UserError(f"calibrate --{option}: no name given; offramp list priors shows them")
    return names or None
