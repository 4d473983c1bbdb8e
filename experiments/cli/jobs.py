"""The studies that the arguments of ``run`` or ``sweep`` ask for, checked before anything is made."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

from experiments.cli.arguments import Arguments
from experiments.config.compose import Composer, Configuration
from experiments.config.overrides import Override, parse_overrides, quoted, shown
from experiments.design.designs import Design, build_design
from experiments.design.posterior import NOTHING
from experiments.errors import UserError
from sim.scenario import parameters

MOST_JOBS = 500


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
        return [_job(command, composer, study_overrides(command, arguments), counted)]
    last = {override.key: override for override in arguments.overrides}  # the last one of each key counts
    restated = [_restated(override, override.values) for override in last.values()]
    # in the order in which Hydra's basic sweeper takes them
    combinations = list(product(*([_restated(own, [value]) for value in own.values] for own in restated)))
    if len(combinations) > MOST_JOBS:
        raise UserError(
            f"-m: {len(combinations):,} studies, but at most {MOST_JOBS} are allowed; "
            f"offramp sweep puts all points into one study"
        )
    return [_job(command, composer, overrides) for overrides in combinations]


def study_overrides(command: str, arguments: Arguments) -> list[Override]:
    """The overrides of one study: lists become a design for ``sweep`` and are refused for ``run``."""
    listed = [override for override in arguments.overrides if override.listed]
    if listed and command == "run":
        raise UserError(
            f"{listed[0].text}: run takes one value per key; use offramp sweep for all values in one "
            f"study, or run -m for one study per value"
        )
    return [*(override for override in arguments.overrides if not override.listed), *_as_design(listed)]


def _as_design(listed: Sequence[Override]) -> list[Override]:
    """Lists on the command line as parts of the ``design:`` block, crossed with each other."""
    made = []
    for override in listed:
        if override.group in ("experiment", "backend"):
            raise UserError(f"{override.text}: a study has one {override.group}; use -m for one study per value")
        if not override.group and override.key not in parameters():
            raise UserError(
                f"{override.text}: {override.key} has one value in a whole study; use -m for one study per value"
            )
        part = "choices" if override.group else "grid"
        made.append(f"++design.{part}={{{override.key}:{shown(override.values, quoted)}}}")
    return parse_overrides(made)


def _job(
    command: str,
    composer: Composer,
    overrides: Sequence[Override],
    counted: Callable[[Configuration, int], object] = lambda configuration, points: None,
) -> Job:
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
    return Job(configuration, build_design(composer, configuration, partial(counted, configuration)))


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
