"""What ``offramp cases`` is asked for, checked before anything is made, and kept so that it can be completed.

The coded cases are those of ``conf/scenario``; ``in_sample.yaml`` says what of each was seen when the model was made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from experiments.cases.exports import read_record
from experiments.cases.records import Record, read_plain
from experiments.claims.requests import kept_in, reopened
from experiments.config.compose import composer
from experiments.config.overrides import nearest_name
from experiments.config.yaml_files import read_text, read_tree
from experiments.design.posterior import POPULATION, posterior_rows
from experiments.errors import UserError

LONGEST, SHORTEST = 120, 30
"""Days simulated unless a record ends earlier or others are asked for, and the fewest there can be."""
CONF = Path(str(files("conf")))
_SEEN = Path(__file__).with_name("in_sample.yaml")
IN_SAMPLE: dict[str, str] = read_tree(read_text(_SEEN), _SEEN)
"""Case -> what of it is in sample; of all others nothing that happened was used."""


def cases() -> list[str]:
    """All coded cases, the baseline first, then by name."""
    known = {path.stem for path in (CONF / "scenario").glob("*.yaml")} - {POPULATION}
    return sorted(known, key=lambda name: (name != "tovuz_2020", name))


def chosen(names: Sequence[str], known: Sequence[str] = ()) -> list[str]:
    """The cases asked for, or all that ship; UserError for one that is neither shipped nor ``known``."""
    available = [name for name in dict.fromkeys([*cases(), *known]) if name != POPULATION]
    for name in names:
        if name not in available:
            raise UserError(f"{name}: no such case{nearest_name(name, available)}; available: {', '.join(available)}")
    return list(dict.fromkeys(names)) or cases()


@dataclass(frozen=True)
class Request:
    """Cases to run and how: what every option of ``offramp cases`` came to.

    ``draws`` is 0 for all draws of the posterior; ``uncertainty`` is ``posterior``, or ``none`` for coded values.
    """

    names: tuple[str, ...] = ()
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


FULL = Request()
QUICK = {"draws": 100, "crises": 4, "citizens": 64}
CODED = 1000
"""Crises of a case whose values are not drawn."""


def begin(typed: Mapping[str, Any], resume: Path | None, output: Path | None) -> tuple[Request, Path]:
    """Claim a directory, or reopen one: then the request it was begun with stands.

    Parameters
    ----------
    typed : mapping
        Fields of the request that differ from the usual ones; the record's path is absolute.
    resume, output : Path, optional
        Directory of an earlier run, or of the new one.

    Raises
    ------
    UserError
        Where a case is unknown, a record cannot be read, the directory is taken, or something was typed that the
        earlier run was not begun with.
    """
    if resume is not None:
        earlier = reopened(resume, "cases", {**typed, **({"output": str(output)} if output else {})})
        if "uncertainty" not in earlier:
            raise UserError(f"{resume}: begun by an earlier version of offramp cases; begin anew without --resume")
        fields = {name: earlier[name] for name in asdict(FULL)}
        return Request(**{**fields, "names": tuple(earlier["names"])}), resume
    options = Request(**typed)
    if options.record and len(options.names) != 1:
        raise UserError(f"--record {options.record}: name the one case it is the record of")
    for name in ("sides", "begin", "until"):
        if getattr(options, name) and not options.record:
            raise UserError(f"--{name} {getattr(options, name)}: needs a record, --record FILE")
    if options.horizon and options.horizon < SHORTEST:
        raise UserError(f"--horizon {options.horizon}: at least {SHORTEST} days are needed")
    with composer(options.config_dir or None) as opened:
        request = replace(options, names=tuple(chosen(list(options.names), opened.options("scenario"))))
    if request.draws and request.uncertainty == "posterior":  # what is wrong is told before anything is made
        posterior_rows(f"posterior:{request.draws}", request.config_dir or None, POPULATION)
    if request.record:
        horizon_of(request, record_for(request, request.names[0]))
    return request, kept_in(output, "cases", asdict(request))


def record_for(request: Request, name: str) -> Record | None:
    """The record of a case: the user's, or the one that ships."""
    if not request.record:
        return record_of(name)
    record = read_record(Path(request.record), request.sides or None)
    ends: dict[str, Any] = {}
    for option, end in (("begin", "begin"), ("until", "end")):
        if text := getattr(request, option):
            try:
                ends[end] = date.fromisoformat(text)
            except ValueError:
                raise UserError(f"--{option} {text}: a date such as 2020-07-12 is needed") from None
    record = replace(record, **ends)
    if record.begin is None:
        raise UserError(f"{request.record}: no first day; add a row with a date and the kind begin, or give --begin")
    return record


def record_of(name: str) -> Record | None:
    """The record that ships with a case, None where there is none."""
    path = CONF / "evidence" / "cases" / f"{name}.csv"
    return read_plain(path) if path.is_file() else None


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
