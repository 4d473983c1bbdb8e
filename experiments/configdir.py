"""What a user's ``--config-dir`` may hold: YAML files of the known groups, and no code."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from experiments.errors import UserError, describe_os_error
from experiments.schema import GROUPS, PART_GROUPS

_CODE = {".py", ".pyc", ".pyo", ".pyd", ".so", ".pth", ".pkl", ".pickle"}
_PLUGINS = ("hydra", "hydra_plugins")


def checked_config_dir(text: str) -> Path:
    """The directory as an absolute path, or UserError saying what is wrong with it.

    Only the directory itself and its folders named like config groups are looked at: nothing else is ever read.
    """
    place = Path(text).absolute()
    if not place.is_dir():
        raise UserError(f"--config-dir {text}: no such directory")
    try:
        found = list(_files(place))
        for path in found:
            with path.open("rb"):
                pass
    except OSError as error:
        raise UserError(f"--config-dir {text}: {describe_os_error(error, 'read')}") from None
    _refuse_plugins(place, text)
    for path in found:
        _refuse_code(path, place)
        _refuse_shadow(path, place)
    return place


def _refuse_plugins(place: Path, text: str) -> None:
    for name in _PLUGINS:
        if (place / name).exists():
            raise UserError(f"--config-dir {text}: a folder {name} is not allowed; configuration is data, not code")


def _refuse_code(path: Path, place: Path) -> None:
    if path.suffix.lower() in _CODE:
        raise UserError(f"--config-dir {place}: {path.relative_to(place)} is code; configuration is data, not code")


def _refuse_shadow(path: Path, place: Path) -> None:
    relative = path.relative_to(place)
    if path.suffix == ".yaml" and len(relative.parts) > 1 and files("conf").joinpath(relative.as_posix()).is_file():
        raise UserError(f"--config-dir {place}: {relative} has the name of a file that Offramp brings along and would "
                        f"be ignored; choose another name")


def _files(place: Path) -> Iterator[Path]:
    yield from (path for path in sorted(place.iterdir()) if path.is_file())
    for group in (*GROUPS, *PART_GROUPS):
        for folder, _, names in os.walk(place / group, onerror=_raise):
            yield from (Path(folder) / name for name in sorted(names))


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
