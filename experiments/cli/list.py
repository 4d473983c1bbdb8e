"""``offramp list``: what can be chosen and set, read from the records and the groups themselves; and studies."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from experiments.config.overrides import nearest_name
from experiments.config.settings import BackendRecord, SearchRecord, StudyRecord, settings_of
from experiments.config.yaml_files import checked_config_dir, describe
from experiments.errors import UserError
from experiments.terminal import print_table
from experiments.text import as_markdown, as_typed
from sim.scenario import Parameter, parameters

KINDS = {
    "scenarios": "scenario",
    "mediations": "mediation",
    "talks": "talks",
    "experiments": "experiment",
    **dict.fromkeys(("parameters", "priors", "settings", "outcomes", "studies"), ""),
    "backends": "backend",
    "governments": "government",
    "publics": "public",
    "alliances": "alliance",
    "populations": "population",
}
"""What can be listed -> its configuration group, where it is one."""
FORMATS = ("table", "json", "csv", "md")


@dataclass(frozen=True)
class Listing:
    """Rows to show: ``columns`` in order, every row one text per column."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]

    def matching(self, search: str) -> Listing:
        """The rows that hold every word of ``search``, whatever the case."""
        words = search.lower().split()
        return replace(
            self, rows=tuple(row for row in self.rows if all(word in " ".join(row).lower() for word in words))
        )


def listing(kind: str, config_dir: str | None = None, directory: Path | None = None) -> Listing:
    """Everything of one kind.

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    config_dir : str, optional
        A directory of own configurations, listed beside those that Offramp brings along.
    directory : Path, optional
        Where to look for studies; ``outputs``, if that is there, where nothing is said.

    Raises
    ------
    UserError
        For an unknown kind or an unreadable directory.
    """
    if kind == "studies":
        from experiments.study.results import OVERVIEW, study_rows

        place = directory or Path("outputs")
        return Listing(f"Studies in {place}", OVERVIEW, [*study_rows(place)] if directory or place.is_dir() else [])
    if directory is not None:
        raise UserError(f"list {kind} {directory}: a directory goes with list studies")
    if kind == "parameters":
        return _of_parameters("Parameters of a scenario", parameters())
    if kind == "priors":
        return _of_priors()
    if kind == "settings":
        backend = {f"backend.{name}": setting for name, setting in settings_of(BackendRecord).items()}
        known = {**settings_of(StudyRecord), **settings_of(SearchRecord), **backend}
        return _of_parameters("Settings of a study", known)
    if kind == "outcomes":
        from experiments.study.parts import TABLES, columns_of

        rows = [(column.name, table, column.kind, column.meaning) for table in TABLES for column in columns_of(table)]
        return Listing("Columns of a study's tables", ("name", "table", "kind", "meaning"), rows)
    if kind not in KINDS:
        raise UserError(f"list {kind}: no such list{nearest_name(kind, KINDS)} ({', '.join(KINDS)})")
    return _of_group(kind, config_dir)


def _of_parameters(title: str, known: Mapping[str, Parameter]) -> Listing:
    rows = [
        (path, as_typed(parameter.default), parameter.range_text, parameter.meaning, parameter.source, parameter.symbol)
        for path, parameter in known.items()
    ]
    return Listing(title, ("name", "default", "range and unit", "meaning", "source", "symbol"), rows)


def _of_priors() -> Listing:
    from experiments.design.priors import POPULATION, TABLES, prior_of, structures, table_of

    shared = {prior.name for prior in table_of("none")}
    rows = []
    for table in TABLES:
        for prior in prior_of(table):
            of_some = table == POPULATION and prior.name not in shared
            fitted_in = [structure for structure, free in structures().items() if of_some and prior.name in free]
            distribution = f"{prior.low:g} to {prior.high:g}, {prior.distribution}"
            lists = (" ".join(fitted_in), distribution, prior.unit, " ".join(prior.paths))
            rows.append((prior.name, table, *lists, prior.meaning, prior.source))
    columns = ("name", "table", "structures", "prior", "unit", "sets", "meaning", "source")
    return Listing("Priors of what is calibrated or drawn, a table a scenario or purpose", columns, rows)


def _of_group(kind: str, config_dir: str | None) -> Listing:
    group = KINDS[kind]
    sources = [("offramp", Path(str(files("conf"))))]
    if config_dir is not None:
        sources.append((config_dir, checked_config_dir(config_dir)))
    rows = [
        (path.stem, describe(path.read_text(encoding="utf-8")), source)
        for source, place in sources
        for path in sorted((place / group).glob("*.yaml"))
    ]
    choice = f"{group}@{group}.a" if group in ("government", "public") else group
    return Listing(f"{kind.capitalize()}: choose with {choice}=NAME", ("name", "description", "from"), rows)


def command(
    kind: Annotated[str, typer.Argument(help=f"What to list: {', '.join(KINDS)}.")] = "scenarios",
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to look for studies (default: outputs).")
    ] = None,
    search: Annotated[str, typer.Option("--search", "-s", help="Only rows that contain all of these words.")] = "",
    form: Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")] = "table",
    config_dir: Annotated[
        str | None, typer.Option(help="A directory of your own configurations, listed as well.")
    ] = None,
) -> None:
    """List what can be chosen and set, with unit, range and source; or the studies there are."""
    if form not in FORMATS:
        raise UserError(f"--format {form}: no such format{nearest_name(form, FORMATS)} ({', '.join(FORMATS)})")
    listed = listing(kind, config_dir, directory).matching(search)
    columns, rows = listed.columns, listed.rows
    if form == "json":
        typer.echo(json.dumps([dict(zip(columns, row, strict=True)) for row in rows], indent=2, ensure_ascii=False))
    elif form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([columns, *rows])
        typer.echo(buffer.getvalue(), nl=False)
    elif form == "md":
        typer.echo(as_markdown(columns, rows), nl=False)
    elif rows:
        print_table(columns, rows, range(1, len(columns)), title=listed.title, header_style="bold", show_edge=False)
    else:
        typer.echo(f"nothing among the {kind} holds: {search}" if search else f"there are no {kind} yet", err=True)
