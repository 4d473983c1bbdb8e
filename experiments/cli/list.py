"""``offramp list``: what can be chosen and set, read from the records and the groups themselves; and studies."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from experiments.config.overrides import nearest_name
from experiments.config.settings import BackendRecord, SearchRecord, StudyRecord, settings_of
from experiments.config.user_directory import checked_config_dir
from experiments.config.yaml_files import describe
from experiments.errors import UserError
from experiments.terminal import fitted, screen
from experiments.text import as_markdown, as_typed
from sim.scenario import Parameter, parameters

KINDS: dict[str, str] = {
    "scenarios": "scenario",
    "mediations": "mediation",
    "talks": "talks",
    "experiments": "experiment",
    "backends": "backend",
    "governments": "government",
    "publics": "public",
    "alliances": "alliance",
    "populations": "population",
}
"""What can be listed -> its configuration group; :data:`ALL_KINDS` names what is no group as well."""

ALL_KINDS = (
    "scenarios",
    "mediations",
    "talks",
    "experiments",
    "parameters",
    "priors",
    "settings",
    "outcomes",
    "studies",
    *[kind for kind in KINDS if kind not in ("scenarios", "mediations", "talks", "experiments")],
)
FORMATS = ("table", "json", "csv", "md")


@dataclass(frozen=True)
class Listing:
    """Rows to show: ``columns`` in order, every row one text per column."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def matching(self, search: str) -> Listing:
        """The rows that hold every word of ``search``, whatever the case."""
        words = search.lower().split()
        kept = [row for row in self.rows if all(word in " ".join(row).lower() for word in words)]
        return replace(self, rows=tuple(kept))


def listing(kind: str, config_dir: str | None = None, directory: Path | None = None) -> Listing:
    """Everything of one kind.

    Parameters
    ----------
    kind : str
        One of :data:`ALL_KINDS`.
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
        return _of_studies(directory)
    if directory is not None:
        raise UserError(f"list {kind} {directory}: a directory goes with list studies")
    if kind == "parameters":
        return _of_parameters("Parameters of a scenario", parameters())
    if kind == "priors":
        return _of_priors()
    if kind == "settings":
        backend = {f"backend.{name}": setting for name, setting in settings_of(BackendRecord).items()}
        return _of_parameters(
            "Settings of a study", {**settings_of(StudyRecord), **settings_of(SearchRecord), **backend}
        )
    if kind == "outcomes":
        return _of_columns()
    if kind not in KINDS:
        raise UserError(f"list {kind}: no such list{nearest_name(kind, ALL_KINDS)} ({', '.join(ALL_KINDS)})")
    return _of_group(kind, config_dir)


def _of_parameters(title: str, known: Mapping[str, Parameter]) -> Listing:
    columns = ("name", "default", "range and unit", "meaning", "source", "symbol")
    rows = [
        (path, as_typed(parameter.default), parameter.range_text, parameter.meaning, parameter.source, parameter.symbol)
        for path, parameter in known.items()
    ]
    return Listing(title, columns, tuple(rows))


def _of_priors() -> Listing:
    from experiments.design.priors import POPULATION, TABLES, prior_of, structures, table_of

    columns = ("name", "table", "structures", "prior", "unit", "sets", "meaning", "source")
    shared = {item.name for item in table_of("none")}

    def of_structures(table: str, name: str) -> str:
        if table != POPULATION or name in shared:
            return ""
        return " ".join(structure for structure, free in structures().items() if name in free)

    rows = [
        (
            item.name,
            table,
            of_structures(table, item.name),
            f"{item.low:g} to {item.high:g}, {item.distribution}",
            item.unit,
            " ".join(item.paths),
            item.meaning,
            item.source,
        )
        for table in TABLES
        for item in prior_of(table)
    ]
    return Listing("Priors of what is calibrated or drawn, a table a scenario or purpose", columns, tuple(rows))


def _of_columns() -> Listing:
    from experiments.study import tables

    rows = [
        (column.name, table, column.kind, column.meaning)
        for table in tables.TABLES
        for column in tables.columns_of(table)
    ]
    return Listing("Columns of a study's tables", ("name", "table", "kind", "meaning"), tuple(rows))


def _of_studies(directory: Path | None) -> Listing:
    from experiments.study.overview import COLUMNS, study_rows

    place = directory or Path("outputs")
    rows = study_rows(place) if directory or place.is_dir() else ()
    return Listing(f"Studies in {place}", COLUMNS, tuple(rows))


def _of_group(kind: str, config_dir: str | None) -> Listing:
    group = KINDS[kind]
    rows = [(name, about, "offramp") for name, about in _described(Path(str(files("conf"))) / group)]
    if config_dir is not None:
        rows += [(name, about, config_dir) for name, about in _described(checked_config_dir(config_dir) / group)]
    title = f"{kind.capitalize()}: choose with {_how_to_choose(group)}"
    return Listing(title, ("name", "description", "from"), tuple(rows))


def _how_to_choose(group: str) -> str:
    return f"{group}@{group}.a=NAME" if group in ("government", "public") else f"{group}=NAME"


def _described(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.yaml")):
        yield path.stem, describe(path.read_text(encoding="utf-8"))


def render(listed: Listing, form: str) -> str:
    """A listing as JSON, CSV or Markdown text."""
    if form == "json":
        rows = [dict(zip(listed.columns, row, strict=True)) for row in listed.rows]
        return json.dumps(rows, indent=2, ensure_ascii=False)
    if form == "csv":
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerows([listed.columns, *listed.rows])
        return buffer.getvalue().rstrip("\n")
    return as_markdown(listed.columns, listed.rows).rstrip("\n")


def show(listed: Listing) -> None:
    """Print a listing as a table that fits the terminal, or as wide as it is where there is none."""
    from rich.table import Table

    console = screen()
    table = Table(title=listed.title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for column in listed.columns:
        table.add_column(column)
    for row in listed.rows:
        table.add_row(*row)
    console.print(fitted(table, console.width, prose=range(1, len(listed.columns))))


def command(
    kind: Annotated[str, typer.Argument(help=f"What to list: {', '.join(ALL_KINDS)}.")] = "scenarios",
    directory: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="Where to look for studies (default: outputs).")
    ] = None,
    search: Annotated[str, typer.Option("--search", "-s", help="Only rows that contain all of these words.")] = "",
    form: Annotated[str, typer.Option("--format", "-f", help=f"One of {', '.join(FORMATS)}.")] = "table",
    config_dir: Annotated[
        str | None, typer.Option("--config-dir", help="A directory of your own configurations, listed as well.")
    ] = None,
) -> None:
    """List what can be chosen and set, with unit, range and source; or the studies there are."""
    if form not in FORMATS:
        raise UserError(f"--format {form}: no such format{nearest_name(form, FORMATS)} ({', '.join(FORMATS)})")
    listed = listing(kind, config_dir, directory).matching(search)
    if form != "table":
        typer.echo(render(listed, form))
    elif listed.rows:
        show(listed)
    else:
        typer.echo(f"nothing among the {kind} holds: {search}" if search else f"there are no {kind} yet", err=True)
