"""Studies from Python: the same studies as the command line makes, in the same directories.

The functions stand in the package itself: ``from experiments import simulate, sweep, load, compare``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.config.compose import Configuration, check_tree, composer
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
    from experiments.comparison.compare import Studies
    from experiments.decide.directory import SearchResults
    from experiments.decide.discover import Discovery
    from experiments.decide.robust import Robustness

__all__ = ["discover", "robustness", "search", "simulate", "sweep"]


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

    texts = [*overrides, *(_text(key, value) for key, value in settings.items())]
    with composer(str(user_path(config_dir)) if config_dir else None) as open_composer:
        configuration = open_composer.compose(texts)
        if search is not None:
            tree = {**configuration.tree, "search": with_numbers(plain(search, "search"))}
            check_tree(tree)
            configuration = replace(configuration, tree=tree, design_given=True)
        place = user_path(directory) if directory else default_directory(configuration.label)
        made = SearchDirectory.create(place, configuration, open_composer, exact=bool(directory))
        made.run()
    return SearchResults(made.directory)


def robustness(
    studies: Studies,
    *,
    by: str | Sequence[str] = (),
    metrics: str | Sequence[str] = (),
    thresholds: str | Sequence[str] = (),
    where: str = "",
) -> Robustness:
    """Hold arms against each other over states of the world, as ``offramp compare --robust`` does.

    Parameters are those of :func:`experiments.decide.robust.robust`.
    """
    from experiments.decide.robust import robust

    return robust(studies, by=by, metrics=metrics, thresholds=thresholds, where=where)


def discover(studies: Studies, outcome: str, *, where: str = "", factors: str | Sequence[str] = ()) -> Discovery:
    """Find in which worlds an outcome is frequent, as ``offramp discover`` does.

    Parameters are those of :func:`experiments.decide.discover.discover`.
    """
    from experiments.decide.discover import discover as boxes_of

    return boxes_of(studies, outcome, where=where, factors=factors)


def _study(
    command: str,
    overrides: tuple[str, ...],
    settings: Mapping[str, Any],
    design: Mapping[str, Any] | None,
    directory: str | Path | None,
    config_dir: str | Path | None,
) -> Results:
    texts = [*overrides, *(_text(key, value) for key, value in settings.items())]
    with composer(str(user_path(config_dir)) if config_dir else None) as open_composer:
        configuration = _with_design(open_composer.compose(texts), design)
        _check(command, configuration)
        points = build_design(open_composer, configuration)
    place = user_path(directory) if directory else default_directory(configuration.label)
    study = Study.create(place, command, configuration, points, exact=bool(directory))
    wanted = configuration.settings
    run_directory(study, ExecutionOptions(wanted.workers, configuration.backend, wanted.on_error))
    return load(study.directory)


def _with_design(configuration: Configuration, design: Mapping[str, Any] | None) -> Configuration:
    if design is None:
        return configuration
    if not isinstance(design, Mapping):
        raise UserError(f"design={design}: a mapping of parts is needed, e.g. {{'grid': {{PATH: [VALUE, ...]}}}}")
    tree = {**configuration.tree, "design": with_numbers(plain(design, "design"))}
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
    if group_of(key) or isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{key}={value}"
    if value is None or isinstance(value, bool):
        return f"{key}={'null' if value is None else str(value).lower()}"
    if isinstance(value, str):
        return f"{key}='" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    raise UserError(f"{key}={value}: a number or a text is needed; lists belong in design={{'grid': ...}}")
