"""What ``offramp cases`` is asked for, checked before anything is made, and kept so that it can be completed."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path

from experiments.cases.catalogue import chosen, record_of
from experiments.cases.exports import read_record
from experiments.cases.records import Record
from experiments.claims.requests import kept_in, reopened
from experiments.config.compose import composer
from experiments.design.posterior import POPULATION, posterior_rows
from experiments.errors import UserError

LONGEST, SHORTEST = 120, 30
"""Days simulated unless a record ends earlier or others are asked for, and the fewest there can be."""


@dataclass(frozen=True)
class Request:
    """Cases to run and how: what every option of ``offramp cases`` came to.

    ``draws`` is 0 for all draws of the posterior; ``uncertainty`` is ``posterior``, or ``none`` for coded values.
    """

    names: tuple[str, ...]
    uncertainty: str = "posterior"
    draws: int = 0
    crises: int = 10
    citizens: int = 128
    horizon: int = 0
    seed: int = 20_200_712
    config_dir: str = ""
    record: str = ""
    sides: str = ""
    begin: str = ""
    until: str = ""

    @property
    def summary(self) -> str:
        """The request in words."""
        draws = f"{self.draws} draws" if self.draws else "all draws"
        drawn = draws if self.uncertainty == "posterior" else "values as coded"
        arms = f"{self.crises} crises each, with their mediators and without any"
        return f"{len(self.names)} cases, {drawn} x {arms}."


FULL = Request(())
QUICK = replace(FULL, draws=100, crises=4, citizens=64)
CODED = 1000
"""Crises of a case whose values are not drawn."""


def begin(asked: Request, resume: Path | None, output: Path | None) -> tuple[Request, Path]:
    """Claim a directory, or reopen one: then what it was asked for stands.

    UserError in one line where a case is unknown, a record cannot be read, or the directory is taken.
    """
    if resume is not None:
        kept = reopened(resume, "cases")
        if "uncertainty" not in kept:
            raise UserError(f"{resume}: begun by an earlier version of offramp cases; begin anew without --resume")
        fields = {name: kept[name] for name in asdict(asked)}
        return Request(**{**fields, "names": tuple(kept["names"])}), resume
    if asked.record and len(asked.names) != 1:
        raise UserError(f"--record {asked.record}: name the one case it is the record of")
    for name in ("sides", "begin", "until"):
        if getattr(asked, name) and not asked.record:
            raise UserError(f"--{name} {getattr(asked, name)}: needs a record, --record FILE")
    if asked.horizon and asked.horizon < SHORTEST:
        raise UserError(f"--horizon {asked.horizon}: at least {SHORTEST} days are needed")
    with composer(asked.config_dir or None) as opened:
        request = replace(asked, names=tuple(chosen(list(asked.names), opened.options("scenario"))))
    if request.draws and request.uncertainty == "posterior":  # what is wrong is told before anything is made
        posterior_rows(f"posterior:{request.draws}", request.config_dir or None, POPULATION)
    if request.record:
        horizon_of(request, record_for(request, request.names[0]))
        request = replace(request, record=str(Path(request.record).absolute()))
    return request, kept_in(output, "cases", asdict(request))


def record_for(request: Request, name: str) -> Record | None:
    """The record of a case: the user's, or the one that ships."""
    if not request.record:
        return record_of(name)
    made = read_record(Path(request.record), request.sides or None)
    begin, end = (_asked_date(option, getattr(request, option)) for option in ("begin", "until"))
    made = replace(made, begin=begin or made.begin, end=end or made.end)
    if made.begin is None:
        raise UserError(f"{request.record}: no first day; add a row with a date and the kind begin, or give --begin")
    return made


def _asked_date(option: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UserError(f"--{option} {text}: a date such as 2020-07-12 is needed") from None


def horizon_of(request: Request, record: Record | None) -> int:
    """Days to simulate: those asked for, but no more than a record covers; UserError where these are too few."""
    days = request.horizon or LONGEST
    if record is None or record.days is None:
        return days
    if record.days < SHORTEST:
        raise UserError(
            f"{record.name}: the record covers {record.days} days, from {record.begin} to {record.end}; at least "
            f"{SHORTEST} are needed"
        )
    return min(days, record.days)
