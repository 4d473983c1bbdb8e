"""What a user's ``--config-dir`` may hold: YAML files of the known groups, and no code."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from experiments.config.overrides import ONLY_DIRECTORIES, refuse_interpolation
from experiments.config.plain_values import leaves
from experiments.config.schema import GROUPS, PART_GROUPS
from experiments.config.yaml_files import read_text
from experiments.errors import UserError, describe_os_error

_CODE = {".py", ".pyc", ".pyo", ".pyd", ".so", ".pth", ".pkl", ".pickle"}
_PLUGINS = ("hydra", "hydra_plugins")
_OWN_FILES = ("config.yaml", "schema.yaml")
_HYDRA = re.compile(r"(override\s+)?/?hydra($|[/.:@])|.*@(_global_\.)?hydra($|[.])")
_OVERRIDE = re.compile(r"override\s+/?(" + "|".join(GROUPS) + r")($|[@/])")
_CHOOSING = ("scenario", "experiment")
"""Groups whose files choose of other groups."""
_MOST_VALUES = 1_000_000
_PACKAGE = re.compile(r"^\s*#\s*@package\s+(?:_global_\.)?(hydra\b\S*)", re.MULTILINE)


def checked_config_dir(text: str) -> Path:
    """The directory as an absolute path, or UserError saying what is wrong with it.

    Only the directory itself and its folders named like config groups are looked at: nothing else is ever read.
    """
    place = Path(text).absolute()
    if not place.is_dir():
        raise UserError(f"--config-dir {text}: no such directory")
    try:
        paths = list(_files(place))
        for path in paths:
            if path.exists() and not path.is_file():
                raise UserError(f"--config-dir {text}: {path.relative_to(place)} is no plain file; take it out")
            with path.open("rb"):
                pass
    except OSError as error:
        raise UserError(f"--config-dir {text}: {describe_os_error(error, 'read')}") from None
    for name in _PLUGINS:
        if (place / name).exists():
            raise UserError(f"--config-dir {text}: a folder {name} is not allowed; configuration is data, not code")
    for check in (_name_problem, _text_problem):
        for path in paths:
            relative = path.relative_to(place)
            if problem := check(path, relative):
                raise UserError(f"--config-dir {place}: {relative}{problem}")
    return place


def _files(place: Path) -> Iterator[Path]:
    yield from (path for path in sorted(place.iterdir()) if path.is_file())
    for group in (*GROUPS, *PART_GROUPS):
        for folder, _, names in os.walk(place / group, onerror=_raise):
            yield from (Path(folder) / name for name in sorted(names))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _name_problem(path: Path, relative: Path) -> str:
    """What is wrong with a file of code, or one with the name of a file of Offramp's own; or nothing."""
    if path.suffix.lower() in _CODE:
        return " is code; configuration is data, not code"
    if relative.as_posix() in _OWN_FILES:
        return " has the name of a file of Offramp's own; put what it sets into a folder such as scenario or mediation"
    if path.suffix == ".yaml" and len(relative.parts) > 1 and files("conf").joinpath(relative.as_posix()).is_file():
        return " has the name of a file that Offramp brings along and would be ignored; choose another name"
    return ""


def _text_problem(path: Path, relative: Path) -> str:
    """What is wrong with a file that sets Hydra's own settings, could be read in different ways, or sets nothing."""
    if path.suffix != ".yaml":
        return ""
    text = read_text(path)
    try:
        tree = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506  (plain texts, never objects)
    except (yaml.YAMLError, RecursionError):
        return ""  # Hydra says what is wrong with a file that is used
    if tree is None:
        return " is empty; it must set something"
    if not isinstance(tree, dict):
        return f" is {'a list' if isinstance(tree, list) else 'one value'}; it must hold KEY: VALUE lines"
    if _values_in(tree, {}) > _MOST_VALUES:
        return f" holds more than {_MOST_VALUES:,} values, by references to references; write out what is meant"
    packaged, defaults = _PACKAGE.search(text), _defaults(tree)
    if own := packaged[1] if packaged else _hydra_name(tree, defaults):
        return f" sets {own}; {ONLY_DIRECTORIES}"
    # Where a part, such as a mediation, would choose for the whole, Hydra has chosen by then and ignores the entry.
    ignored = [name for name in defaults if _OVERRIDE.match(name) and relative.parts[0] not in _CHOOSING]
    if ignored:
        choosing = "only a scenario, an experiment or the command line chooses of another group"
        return f": {ignored[0]} would be ignored; {choosing}"
    if missing := [key for key, value in leaves(tree) if value == "???"]:  # which Hydra would ignore
        return f": {missing[0]}=???: a value is missing"
    try:
        refuse_interpolation(tree, "")
    except UserError as error:
        return f": {str(error).removeprefix(': ')}"
    return ""


def _values_in(tree: Any, known: dict[int, int]) -> int:
    """How many values a tree stands for with every reference written out; ``known`` keeps those of its parts."""
    if not isinstance(tree, (dict, list)):
        return 1
    if id(tree) not in known:
        inner = tree.values() if isinstance(tree, dict) else tree
        known[id(tree)] = 1 + sum(_values_in(value, known) for value in inner)
    return known[id(tree)]


def _hydra_name(tree: Mapping[str, Any], defaults: Sequence[str]) -> str:
    """A key, or a group in the defaults list, that is Hydra's own, or nothing."""
    for name, value in tree.items():
        if _HYDRA.match(str(name)):
            return f"{name}.{next(iter(value))}" if isinstance(value, dict) and value else str(name)
    return next((name for name in defaults if _HYDRA.match(name)), "")


def _defaults(tree: Mapping[str, Any]) -> list[str]:
    """The entries of a file's defaults list, without what they choose."""
    entries = tree.get("defaults")
    return [
        str(name)
        for entry in (entries if isinstance(entries, list) else [])
        for name in (entry if isinstance(entry, dict) else [entry])
    ]
