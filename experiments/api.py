"""Studies from Python: the same studies as the command line makes, in the same directories.

The functions stand in the package itself: ``from experiments import simulate, sweep, load, compare``.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.config.compose import Composer, Configuration, check_tree, composer, joined
from experiments.config.overrides import parse_overrides, quoted, shown
from experiments.config.plain_values import plain, with_numbers
from experiments.config.schema import group_of
from experiments.design.designs import build_design
from experiments.design.posterior import NOTHING
from experiments.errors import UserError
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.study.directory import Study
from experiments.study.location import default_directory, user_path
from experiments.study.results import Results, load

if TYPE_CHECKING:
    from experiments.decide.directory import SearchResults


def simulate(
    *overrides: str, directory: str | Path | None = None, config_dir: str | Path | None = None, **settings: Any
) -> Results:
    """Simulate one scenario and return its results, as ``offramp run`` does.

    Parameters
    ----------
    *overrides : str
        Anything the command line takes as ``key=value``, e.g. ``"mediation.delay=5"``.
    directory : path, optional
        Where the study goes; a new directory below ``outputs`` by default.
    config_dir : path, optional
        A directory of configurations of one's own.
    **settings
        Keys without a dot, e.g. ``scenario="tovuz_2020", mediation="none", replicates=500, citizens=64``.

    Returns
    -------
    Results
        Its tables; ``failures`` is empty where all went well.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong, before anything is made.
    KeyboardInterrupt
        After the study was left so that ``offramp run resume=DIRECTORY`` completes it.
    """
    return _study("run", overrides, settings, None, directory, config_dir)


def sweep(
    *overrides: str,
    design: Mapping[str, Any] | None = None,
    directory: str | Path | None = None,
    config_dir: str | Path | None = None,
    **settings: Any,
) -> Results:
    """Simulate a whole design in one study and return its results, as ``offramp sweep`` does.

    Parameters
    ----------
    *overrides, directory, config_dir, **settings
        As for :func:`simulate`; ``experiment="mediation_onset"`` takes a design that comes along.
    design : mapping, optional
        The parts of a ``design:`` block, e.g. ``{"grid": {"mediation.delay": [0, 10, 30]}}``, or
        ``{"table": FRAME_OR_FILE}`` with a row a point; it takes the place of the experiment's. Lists may be any
        sequence of values, NumPy's, pandas' and polars' too.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong, before anything is made.
    """
    return _study("sweep", overrides, settings, design, directory, config_dir)


def search(
    *overrides: str,
    search: Mapping[str, Any] | None = None,
    directory: str | Path | None = None,
    config_dir: str | Path | None = None,
    **settings: Any,
) -> SearchResults:
    """Search levers under what is not known and return what was found, as ``offramp search`` does.

    Parameters
    ----------
    *overrides, directory, config_dir, **settings
        As for :func:`simulate`; ``experiment="search_mediation"`` takes a search that comes along, ``budget=100`` says
        how many candidates are tried.
    search : mapping, optional
        A ``search:`` block, e.g. ``{"levers": {"mediation.delay": {"from": 0, "to": 20}}, "objectives": {"calm_14": "up",
        "cost": "down"}, "cost": {"mediation.delay": -0.02}}``; it takes the place of the experiment's.

    Returns
    -------
    SearchResults
        Tables as frames, the answer in two sentences; ``front`` is None where no candidate meets the constraints.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong, before anything is made.
    KeyboardInterrupt
        After the search was left so that ``offramp search resume=DIRECTORY`` completes it.
    """
    from experiments.decide.directory import SearchDirectory, SearchResults

    with composer(str(user_path(config_dir)) if config_dir else None) as open_composer:
        configuration = _configured(open_composer, overrides, settings, search=search)
        place = user_path(directory) if directory else default_directory(configuration.label)
        searching = SearchDirectory.create(place, configuration, open_composer, exact=bool(directory))
        searching.run()
    return SearchResults(searching.directory)


def _study(
    command: str,
    overrides: tuple[str, ...],
    settings: Mapping[str, Any],
    design: Mapping[str, Any] | None,
    directory: str | Path | None,
    config_dir: str | Path | None,
) -> Results:
    if design is not None and not isinstance(design, Mapping):
        raise UserError(f"design={design}: a mapping of parts is needed, e.g. {{'grid': {{PATH: [VALUE, ...]}}}}")
    with composer(str(user_path(config_dir)) if config_dir else None) as open_composer:
        configuration = _configured(open_composer, overrides, settings, design=design)
        _check(command, configuration)
        points = build_design(open_composer, configuration)
    place = user_path(directory) if directory else default_directory(configuration.label)
    study = Study.create(place, command, configuration, points, exact=bool(directory))
    how = configuration.settings
    run_directory(study, ExecutionOptions(how.workers, configuration.backend, how.on_error))
    return load(study.directory)


def _configured(
    open_composer: Composer, overrides: Sequence[str], settings: Mapping[str, Any], **blocks: Mapping[str, Any] | None
) -> Configuration:
    """The configuration that overrides and settings lead to, with blocks given as plain values in place of its own."""
    texts = [*overrides, *(_text(key, value) for key, value in settings.items())]
    configuration = open_composer.compose(texts)
    kept = [override for override in parse_overrides(texts) if blocks.get(override.key.split(".")[0]) is None]
    for line in joined(configuration, kept):
        print(line, file=sys.stderr)
    plain_blocks = {name: with_numbers(plain(block, name)) for name, block in blocks.items() if block is not None}
    if not plain_blocks:
        return configuration
    tree = {**configuration.tree, **plain_blocks}
    check_tree(tree)
    return replace(configuration, tree=tree, design_given=True)


def _check(command: str, configuration: Configuration) -> None:
    if configuration.settings.resume is not None:
        raise UserError(f"resume={configuration.settings.resume}: complete a study with offramp {command} resume=DIR")
    if configuration.search:
        raise UserError(f"experiment={configuration.choices.get('experiment')}: holds a search; use search")
    if command == "run" and configuration.design:
        raise UserError(f"experiment={configuration.choices.get('experiment')}: holds a design; use sweep")
    if command == "sweep" and not configuration.design and configuration.settings.uncertainty in NOTHING:
        raise UserError("sweep: nothing to vary; give design={...} or experiment=NAME")


def _text(key: str, value: Any) -> str:
    """A setting as the command line would have it."""
    value = plain(value, key)
    if isinstance(value, (list, dict)):
        raise UserError(f"{key}={value}: a number or a text is needed; lists belong in design={{'grid': ...}}")
    return f"{key}={shown(value, str if group_of(key) else quoted)}"
