"""``offramp new``: commented templates for own scenarios and mediations, generated from the records."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from experiments.cli.list import listing
from experiments.config.overrides import nearest_name
from experiments.errors import UserError, describe_os_error
from experiments.files import write_text
from experiments.text import as_typed, render
from sim.scenario import Scenario, parameters

KINDS = ("scenario", "mediation")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERS = ("nan", "inf")
_FIXED = ("luck_slot", "name", "title")
_SCENARIO_PARTS = ("government", "public", "alliance", "dyad")


def template(kind: str, name: str, folder: str = ".") -> str:
    """The text of a scenario or mediation file with every parameter at its default, each line commented.

    The lead mediator of a mediation is present.
    """
    title = name.replace("_", " ").capitalize()
    if kind == "scenario":
        body = _lines(_tree(_SCENARIO_PARTS))
    else:
        body = _lines(_tree(("mediation",))["mediation"], {"present": 1, "label": title})
    values = {"name": name, "title": title, "folder": shlex.quote(folder), "body": "\n".join(body)}
    return render("experiments.cli", f"{kind}.yaml.j2", **values)


def _tree(roots: tuple[str, ...]) -> dict[str, Any]:
    """Nested mapping name -> (default of this very place, comment) or a mapping of the same kind."""
    values = Scenario().values()
    tree: dict[str, Any] = {}
    for path, parameter in parameters().items():
        *parents, last = path.split(".")
        if path.split(".")[0] not in roots or last in _FIXED:
            continue
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        meaning = parameter.meaning
        place[last] = values[path], meaning if parameter.kind == "text" else f"{meaning}; {parameter.range_text}"
    return tree


def _lines(tree: Mapping[str, Any], changes: Mapping[str, Any] | None = None, indent: str = "") -> Iterator[str]:
    """YAML lines of a tree; values directly in it may be replaced by ``changes``."""
    for name, node in tree.items():
        if isinstance(node, dict):
            yield f"{indent}{name}:"
            yield from _lines(node, indent=indent + "  ")
        else:
            value = (changes or {}).get(name, node[0])
            text = f'"{value}"' if isinstance(value, str) and not _NAME.fullmatch(value) else as_typed(value)
            yield f"{f'{indent}{name}: {text}':<34}  # {node[1]}"


def write_template(kind: str, name: str, config_dir: str) -> Path:
    """Write a template below a directory for own configurations and return its path.

    Raises
    ------
    UserError
        When the kind is unknown, the name unusable or taken, or the file cannot be written.
    """
    if kind not in KINDS:
        raise UserError(f"new {kind}: no such template{nearest_name(kind, KINDS)} ({', '.join(KINDS)})")
    target = Path(config_dir) / kind / f"{name}.yaml"
    if not _NAME.fullmatch(name):
        problem = "a name has small letters, digits and underscores and starts with a letter"
    elif yaml.safe_load(name) != name or name in _NUMBERS:
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
    kind: Annotated[str, typer.Argument(help=f"What to make: {' or '.join(KINDS)}.")],
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, underscores.")],
    config_dir: Annotated[str, typer.Option(help="The directory of your own configurations.")] = "my_conf",
) -> None:
    """Write a commented template to fill in, ready to be used with --config-dir."""
    target = write_template(kind, name, config_dir)
    typer.echo(f"offramp run --config-dir {shlex.quote(config_dir)} {kind}={name}")
    typer.echo(str(target))
