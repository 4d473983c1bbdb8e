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
from experiments.text import as_typed
from sim.scenario import Parameter, parameters

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_NUMBERS = ("nan", "inf")
_FIXED = ("luck_slot", "name", "title")
_SCENARIO_PARTS = ("government", "public", "alliance", "dyad")

_SCENARIO_HEAD = """\
# @package _global_
# {title}
#
# Every value below is the model's default, followed by its meaning, range and unit. Change what your crisis needs and
# delete what you leave alone. Note beside each value where it comes from, and what was known before the crisis.
# `offramp list parameters --search WORD` gives sources; `offramp list mediations` and `offramp list talks` the choices.
#
# Try it: offramp run --config-dir {folder} scenario={name}
defaults:
  - override /mediation: none  # the scenario's own mediation; mediation=NAME on the command line still wins
  - override /talks: none      # the scenario's own direct talks
  - _self_

name: {name}
title: {title}
"""

_SCENARIO_TAIL = """\

# What differs from replicate to replicate: any parameter may have a distribution. Take out the hash signs to use it.
# varies:
#   government.a.resolve: {dist: lognormal, median: 2.5, sigma: 0.5}
#   public.a.hawkishness: {dist: normal, mean: 0.1, sd: 0.1}
#   dyad.start_rung_a: {dist: values, values: [4, 5, 6], weights: [0.5, 0.3, 0.2]}
"""

_MEDIATION_HEAD = """\
# {title}
#
# Every value below is the model's default, followed by its meaning, range and unit. Change what your mediator needs and
# delete what you leave alone.
#
# Try it: offramp run --config-dir {folder} mediation={name}
"""


def scenario_template(name: str, folder: str = ".", title: str = "") -> str:
    """The text of a scenario file with every parameter at its default, each line commented."""
    head = _SCENARIO_HEAD.format(name=name, folder=shlex.quote(folder), title=title or _readable(name))
    body = "\n".join(_lines(_tree(_SCENARIO_PARTS), 0))
    return f"{head}\n{body}\n{_SCENARIO_TAIL}"


def mediation_template(name: str, folder: str = ".", title: str = "") -> str:
    """The text of a mediation file with every lever at its default and the lead mediator present."""
    head = _MEDIATION_HEAD.format(name=name, folder=shlex.quote(folder), title=title or _readable(name))
    tree = _tree(("mediation",))["mediation"]
    return head + "\n".join(_lines(tree, 0, {"present": 1, "label": _readable(name)})) + "\n"


_TEMPLATES = {"scenario": scenario_template, "mediation": mediation_template}


def _readable(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _tree(roots: tuple[str, ...]) -> dict[str, Any]:
    """Nested mapping name -> (parameter, default of this very place) or a mapping of the same kind."""
    from sim.scenario import Scenario

    values = Scenario().values()
    tree: dict[str, Any] = {}
    for path, parameter in parameters().items():
        *parents, last = path.split(".")
        if path.split(".")[0] not in roots or last in _FIXED:
            continue
        place = tree
        for parent in parents:
            place = place.setdefault(parent, {})
        place[last] = (parameter, values[path])
    return tree


def _lines(tree: Mapping[str, Any], depth: int, changes: Mapping[str, Any] | None = None) -> Iterator[str]:
    """YAML lines of a tree; values directly in it may be replaced by ``changes``."""
    indent = "  " * depth
    for name, node in tree.items():
        if isinstance(node, dict):
            yield f"{indent}{name}:"
            yield from _lines(node, depth + 1)
        else:
            parameter, default = node
            value = (changes or {}).get(name, default)
            yield f"{f'{indent}{name}: {_yaml(value)}':<34}  # {_comment(parameter)}"


def _yaml(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) and not _NAME.fullmatch(value) else as_typed(value)


def _comment(parameter: Parameter) -> str:
    return parameter.meaning if parameter.kind == "text" else f"{parameter.meaning}; {parameter.range_text}"


def write_template(kind: str, name: str, config_dir: str) -> Path:
    """Write a template below a directory for own configurations and return its path.

    Raises
    ------
    UserError
        When the kind is unknown, the name unusable or taken, or the file cannot be written.
    """
    if kind not in _TEMPLATES:
        raise UserError(f"new {kind}: no such template{nearest_name(kind, _TEMPLATES)} ({', '.join(_TEMPLATES)})")
    if not _NAME.fullmatch(name):
        raise UserError(f"new {kind} {name}: a name has small letters, digits and underscores and starts with a letter")
    if yaml.safe_load(name) != name or name in _NUMBERS:
        raise UserError(f"new {kind} {name}: means something else in configuration files; choose another name")
    if name in {row[0] for row in listing(f"{kind}s").rows}:
        raise UserError(f"new {kind} {name}: Offramp brings along a {kind} of this name; choose another")
    if len(config_dir.splitlines()) != 1:
        raise UserError(f"new {kind} {name}: --config-dir needs a directory whose name is one line")
    target = Path(config_dir) / kind / f"{name}.yaml"
    if target.exists():
        raise UserError(f"new {kind} {name}: {target} is there already; choose another name")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_text(target, _TEMPLATES[kind](name, config_dir))
    except OSError as error:
        raise UserError(describe_os_error(error, "write")) from None
    return target


def command(
    kind: Annotated[str, typer.Argument(help=f"What to make: {' or '.join(_TEMPLATES)}.")],
    name: Annotated[str, typer.Argument(help="Its name: small letters, digits, underscores.")],
    config_dir: Annotated[
        str, typer.Option("--config-dir", help="The directory of your own configurations.")
    ] = "my_conf",
) -> None:
    """Write a commented template to fill in, ready to be used with --config-dir."""
    target = write_template(kind, name, config_dir)
    typer.echo(f"offramp run --config-dir {shlex.quote(config_dir)} {kind}={name}")
    typer.echo(str(target))
