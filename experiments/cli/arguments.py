"""The arguments of ``run`` and ``sweep``: Hydra's own flags, ours, and ``key=value``."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from experiments.config.overrides import Override, parse_overrides, quoted
from experiments.errors import UserError
from experiments.study.location import user_path

_REFUSED = {
    "config_path": "--config-path: the configuration comes with Offramp; add your own with --config-dir",
    "config_name": "--config-name: the configuration comes with Offramp; add your own with --config-dir",
    "package": "--package: shows a part of the configuration; --cfg job shows all of it",
    "experimental_rerun": "--experimental-rerun: would load a pickle, which Offramp never does; use resume=DIR",
}
_HOME = re.compile(r"^((?:hydra\.run\.dir|hydra\.sweep\.dir|resume)=)(~(?:[^/]*)(?:/.*)?)$", re.DOTALL)
"""A directory below a home directory, which Hydra's grammar cannot express."""


@dataclass(frozen=True)
class Arguments:
    """The arguments of ``run`` or ``sweep``.

    ``flags`` are to be passed on to Hydra, which only prints where ``shows`` is set (``--help``, ``--cfg`` ...).
    """

    overrides: tuple[Override, ...]
    flags: tuple[str, ...]
    shows: bool
    multirun: bool
    dry_run: bool
    verbose: bool
    config_dir: str | None

    def value(self, key: str) -> object:
        """The value given to a key on the command line, the last one counting, or None."""
        given = [override.values[0] for override in self.overrides if override.key == key]
        return given[-1] if given else None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(f"{message}; see offramp run --help")


def parse_arguments(argv: Sequence[str]) -> Arguments:
    """Return the arguments after ``run`` or ``sweep``, read and checked.

    Raises
    ------
    UserError
        One line for what is not allowed.
    """
    parsed, unknown = _parser().parse_known_args(list(argv))
    shows = [name for name in ("help", "hydra_help", "version", "cfg", "info") if getattr(parsed, name)]
    _refuse(parsed, unknown, shows)
    texts = [*parsed.overrides, *unknown]
    overrides = parse_overrides(
        [_HOME.sub(lambda match: match[1] + quoted(str(user_path(match[2]))), text) for text in texts]
    )
    for override in overrides:
        if override.key == "hydra.sweep.dir" and not parsed.multirun:
            raise UserError(f"{override.text}: only used with -m; the directory of a single study is hydra.run.dir")
        if override.key == "hydra.run.dir" and parsed.multirun:
            raise UserError(f"{override.text}: not used with -m; the directory of all its studies is hydra.sweep.dir")
    config_dir = None if parsed.config_dir is None else str(user_path(parsed.config_dir))
    switches = ("help", "hydra_help", "version", "resolve", "multirun")
    flags = [f"--{name.replace('_', '-')}" for name in switches if getattr(parsed, name)]
    with_value = {"cfg": parsed.cfg, "info": parsed.info, "config-dir": config_dir}
    flags += [f"--{name}={value}" for name, value in with_value.items() if value is not None]
    return Arguments(
        tuple(overrides), tuple(flags), bool(shows), parsed.multirun, parsed.dry_run, parsed.verbose, config_dir
    )


def _parser() -> _Parser:
    parser = _Parser(prog="offramp run", add_help=False, allow_abbrev=False)
    parser.add_argument("overrides", nargs="*")
    for switch in "--help -h", "--hydra-help", "--version", "--resolve", "--run -r", "--multirun -m", "--dry-run":
        parser.add_argument(*switch.split(), action="store_true")
    parser.add_argument("--verbose", "-v", action="store_true")
    for option in "--package -p", "--config-dir -cd", "--config-path -cp", "--config-name -cn", "--experimental-rerun":
        parser.add_argument(*option.split())
    parser.add_argument("--cfg", "-c", choices=["job", "hydra", "all"])
    parts = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
    parser.add_argument("--info", "-i", const="all", nargs="?", choices=parts)
    return parser


def _refuse(parsed: argparse.Namespace, unknown: Sequence[str], shows: Sequence[str]) -> None:
    """UserError for options that are not allowed, unknown, or contradict each other."""
    for name, message in _REFUSED.items():
        if getattr(parsed, name) is not None:
            raise UserError(message)
    for text in unknown:
        if text.startswith("--"):
            raise UserError(f"{text}: no such option; see offramp run --help")
    if len(shows) + parsed.multirun > 1:
        option = shows[0].replace("_", "-")
        raise UserError(f"--{option}: cannot be combined with --multirun or another option that only prints")
    if parsed.resolve and not parsed.cfg:
        raise UserError("--resolve: only used with --cfg job")
    if parsed.multirun and parsed.run:
        raise UserError("--run: cannot be combined with --multirun")
    if parsed.config_dir is not None and not parsed.config_dir.strip():
        raise UserError("--config-dir: a directory is needed")
