"""Fitting a structural variant anew, the same way as the model as it is: only then may it judge."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from experiments.calibration import shipping
from experiments.calibration.optional_dependencies import one_thread
from experiments.calibration.run import claimed, findings, reopened
from experiments.calibration.stages import DEFAULTS, Calibration, Request, requested
from experiments.claims.structures import AS_IT_IS, LEAST_INSIDE, STRUCTURES, posterior_name
from experiments.config.overrides import nearest_name
from experiments.design.hyperparameters import Table
from experiments.errors import UserError
from sim.scenario import Scenario

SECONDS_A_LANE_DAY = 3e-5


class Refitted(Calibration):
    """A calibration of one structure: what the structure fixes is not fitted."""

    def __init__(self, directory: Path, request: Request, structure: str) -> None:
        super().__init__(directory, request, lambda text: print(f"{structure}: {text}", file=sys.stderr, flush=True))
        self.structure = structure

    @cached_property
    def base(self) -> Scenario:
        """The scenario before any fit, with the structure laid over it."""
        return super().base.replaced(STRUCTURES[self.structure])

    @cached_property
    def table(self) -> Table:
        """The hyperparameters that the model as it is was fitted by, but those that the structure fixes."""
        fixed = set(STRUCTURES[self.structure])
        return tuple(item for item in super().table if not fixed & set(item.paths))


def chosen(names: str) -> list[str]:
    """The structures named, separated by commas, or ``all``; UserError for an unknown one."""
    known = [name for name in STRUCTURES if name != AS_IT_IS]
    asked = known if names == "all" else [name.strip().replace("_", " ") for name in names.split(",")]
    for name in asked:
        if name not in known:
            raise UserError(f"{name}: no such structure{nearest_name(name, known)}; all or {', '.join(known)}")
    return asked


def cost(names: list[str], scenario: str, quick: bool, changes: Mapping[str, object], workers: int) -> str:
    """What refitting takes, in words."""
    request = requested(scenario, quick, **changes)
    days = (request.points * request.lanes + request.predictive * request.fresh) * request.horizon
    minutes = days * SECONDS_A_LANE_DAY / max(1, workers) / 60
    return (
        f"{len(names)} structures of {scenario}, {request.points} populations of {request.lanes} crises each: "
        f"about {minutes:.0f} minutes a structure, and as long again for learning and checks at most"
    )


def refit(
    names: list[str],
    scenario: str,
    quick: bool = False,
    output: Path | None = None,
    ship: Path | None = None,
    changes: Mapping[str, object] | None = None,
) -> Iterator[str]:
    """Refit structures one after the other; a directory that holds one already is gone on with. Yields a line each.

    With ``ship`` the posteriors that pass their checks are written there, too: from then on those structures judge.
    """
    if scenario not in DEFAULTS:
        raise UserError(f"{scenario}: no targets to refit to; {', '.join(DEFAULTS)}")
    home = output or Path("outputs/refit") / f"{datetime.now():%Y-%m-%d_%H-%M-%S}"
    for structure in names:
        directory = home / posterior_name(scenario, structure)
        asked = dict(changes or {})
        if (directory / "request.json").exists():
            request = reopened(directory, scenario, asked)
        else:
            request = claimed(directory, requested(scenario, quick, **asked))
        yield _refitted(Refitted(directory, replace(request), structure), ship)
    yield str(home)


def _refitted(work: Refitted, ship: Path | None) -> str:
    with one_thread():
        facts = {**findings(work), "structure": work.structure}
    name = posterior_name(work.request.scenario, work.structure)
    draws = shipping.draws_by_path(work.base, work.table, work.draws)
    shipping.ship(work.directory, name, draws, facts)
    good = bool(facts["of"]) and facts["inside"] / facts["of"] >= LEAST_INSIDE
    if ship is not None and good:
        shipping.ship(ship, name, draws, facts)
    return (
        f"{work.structure}: {facts['inside']} of {facts['of']} targets inside; "
        f"{'may judge' if good else 'may not judge'}{' and ships' if ship is not None and good else ''}"
    )
