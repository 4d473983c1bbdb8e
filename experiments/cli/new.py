"""``offramp new``: commented templates for own scenarios and mediations, generated from the records."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated

import typer
import yaml

from experiments.cli.list import listing
from experiments.config.overrides import nearest_name
from experiments.errors import UserError, describe_os_error
from experiments.files import write_text
from experiments.text import as_typed, render
from sim.scenario import Scenario, parameters

GROUPS = {"scenario": ("government", "public", "alliance", "dyad"), "mediation": ("mediation",)}
"""What a template can be of -> the groups of parameters that it sets."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


def template(kind: str, name: str, folder: str = ".") -> str:
    """The text of a scenario or mediation file with every parameter at its default, each line commented.

    The lead mediator of a mediation is present.
    """
    title = name.replace("_", " ").capitalize()
    values = Scenario().values()
    if kind == "mediation":
        values |= {"mediation.present": 1, "mediation.label": title}
    lines: list[str] = []
    open_parents: list[str] = []
    for path, parameter in parameters().items():
        *parents, last = path.split(".")
        if path.split(".")[0] not in GROUPS[kind] or last in ("luck_slot", "name", "title"):
            continue
        if kind == "mediation":
            del parents[0]  # which the file's own place says
        for depth, parent in enumerate(parents):
            if parents[: depth + 1] != open_parents[: depth + 1]:
                lines.append(f"{'  ' * depth}{parent}:")
        open_parents = parents
        value = values[path]
        text = f'"{value}"' if isinstance(value, str) and not _NAME.fullmatch(value) else as_typed(value)
        comment = parameter.meaning if parameter.kind == "text" else f"{parameter.meaning}; {parameter.range_text}"
        entry = f"{'  ' * len(parents)}{last}: {text}"
        lines.append(f"{entry:<34}  # {comment}")
    body = {"name": name, "title": title, "folder": shlex.quote(folder), "body": "\n".join(lines)}
    return render("experiments.cli", f"{kind}.yaml.j2", **body)


def write_template(kind: str, name: str, config_dir: str) -> Path:
    """Write a template below a directory for own configurations and return its path.

    Raises
    ------
    UserError
        When the kind is unknown, the name unusable or taken, or the file cannot be written.
    """
    if kind not in GROUPS:
        raise UserError(f"new {kind}: no such template{nearest_name(kind, GROUPS)} ({', '.join(GROUPS)})")
    target = Path(config_dir) / kind / f"{name}.yaml"
    if not _NAME.fullmatch(name):
        problem = "a name has small letters, digits and underscores and starts with a letter"
    elif yaml.safe_load(name) != name or name in ("nan", "inf"):
        problem = "means something else in configuration files; choose another name"
    elif name in {row[0] for row in listing(f"{kind}s").rows}:
        problem = f"Offramp brings along a {kind} of this name; choose another"
    elif len(config_dir.splitlines()) != 1:
        problem = "--config-dir needs a directory whose name is one line"
    elif target.exists():
        problem = f"{target} is there already; choose another name"
    else:
        try:
            write_text(target, template(kind, name, config_dir))
        except OSError as error:
            raise UserError(describe_os_error(error, "write")) from None
        return target
    raise UserError(f"new {kind} {name}: {problem}")


def command(
    kind: Annotated[str, typer.Argument(help=f"What to make: {' or '.join(GROUPS)}.")],
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, underscores.")],
    config_dir: Annotated[str, typer.Option(help="The directory of your own configurations.")] = "my_conf",
) -> None:
    """Write a commented template to fill in, ready to be used with --config-dir."""
    target = write_template(kind, name, config_dir)
    typer.echo(f"offramp run --config-dir {shlex.quote(config_dir)} {kind}={name}")
    typer.echo(str(target))
