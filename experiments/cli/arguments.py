"""The arguments of ``run``, ``sweep`` and ``search``, and the studies they ask for, checked before anything is made."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any, NoReturn

from experiments.config.compose import Composer, Configuration, joined
from experiments.config.overrides import Override, parse_overrides, quoted, shown
from experiments.design.designs import Design, build_design
from experiments.design.posterior import NOTHING
from experiments.errors import UserError
from experiments.study.location import user_path
from sim.scenario import parameters

MOST_JOBS = 500
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
        values = [override.values[0] for override in self.overrides if override.key == key]
        return values[-1] if values else None


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


@dataclass(frozen=True)
class Job:
    """One study to be made."""

    configuration: Configuration
    design: Design


def prepare(
    command: str,
    arguments: Arguments,
    composer: Composer,
    counted: Callable[[Configuration, int], object] = lambda configuration, points: None,
) -> list[Job]:
    """Return the studies to be made: one, or with ``-m`` one for each combination of the values listed.

    ``counted`` is told the points of the one study before their scenarios are composed.

    Raises
    ------
    UserError, ParameterError
        One line; nothing was made.
    """
    if not arguments.multirun:
        configuration = _checked(command, composer, study_overrides(command, arguments))
        _say_joined([configuration], arguments)
        return [Job(configuration, build_design(composer, configuration, partial(counted, configuration)))]
    last = {override.key: override for override in arguments.overrides}  # the last one of each key counts
    restated = [_restated(override, override.values) for override in last.values()]
    # in the order in which Hydra's basic sweeper takes them
    combinations = list(product(*([_restated(part, [value]) for value in part.values] for part in restated)))
    if len(combinations) > MOST_JOBS:
        raise UserError(
            f"-m: {len(combinations):,} studies, but at most {MOST_JOBS} are allowed; "
            f"offramp sweep puts all points into one study"
        )
    configurations = [_checked(command, composer, overrides) for overrides in combinations]
    _say_joined(configurations, arguments)
    return [Job(configuration, build_design(composer, configuration)) for configuration in configurations]


def _say_joined(configurations: Sequence[Configuration], arguments: Arguments) -> None:
    typed = [override for override in arguments.overrides if not override.listed]
    for line in dict.fromkeys(line for configuration in configurations for line in joined(configuration, typed)):
        print(line, file=sys.stderr)


def study_overrides(command: str, arguments: Arguments) -> list[Override]:
    """The overrides of one study; lists are refused for ``run`` and else become a ``design:``, crossed with each other."""
    single, parts = [], []
    for override in arguments.overrides:
        if not override.listed:
            single.append(override)
            continue
        if command == "run":
            raise UserError(
                f"{override.text}: run takes one value per key; use offramp sweep for all values in one "
                f"study, or run -m for one study per value"
            )
        if override.group in ("experiment", "backend"):
            raise UserError(f"{override.text}: a study has one {override.group}; use -m for one study per value")
        if not override.group and override.key not in parameters():
            raise UserError(
                f"{override.text}: {override.key} has one value in a whole study; use -m for one study per value"
            )
        part = "choices" if override.group else "grid"
        parts.append(f"++design.{part}={{{override.key}:{shown(override.values, quoted)}}}")
    return [*single, *parse_overrides(parts)]


def _checked(command: str, composer: Composer, overrides: Sequence[Override]) -> Configuration:
    """The configuration of a study; UserError for what the command does not do."""
    configuration = composer.compose([], overrides)
    settings, named = configuration.settings, configuration.choices.get("experiment")
    if settings.resume is not None:
        raise UserError(f"resume={settings.resume}: can only be given on the command line, without -m")
    if configuration.search or configuration.budget:
        raise UserError(f"{f'experiment={named}' if named else 'search, budget'}: part of a search; use offramp search")
    if command == "run" and configuration.design:
        raise UserError(f"{f'experiment={named}' if named else 'design'}: run takes one point; use offramp sweep")
    if command == "sweep" and not configuration.design and settings.uncertainty in NOTHING:
        raise UserError("sweep: nothing to vary; give experiment=NAME or lists such as mediation=none,facilitation")
    return configuration


def _restated(override: Override, values: Sequence[Any]) -> Override:
    """An override with other values of its list, each of them once; its text says so."""
    if not override.listed:
        return override
    distinct = list(dict.fromkeys(values))
    if len(distinct) < len(values):
        print(f"{override.text}: repeated values are simulated once", file=sys.stderr)
    prefix = override.text[: len(override.text) - len(override.text.lstrip("+"))]
    texts = ",".join(str(value) if override.group else shown(value, quoted) for value in distinct)
    return Override(override.key, tuple(distinct), f"{prefix}{override.key}={texts}", len(distinct) > 1)
