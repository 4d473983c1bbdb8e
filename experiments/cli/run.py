"""``offramp run`` and ``offramp sweep``: Hydra composes the configuration once; it is checked, and run.

``hydra.main`` itself is used only for what Hydra prints: its help, the configuration, completions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress

from experiments.cli.arguments import Arguments, Job, parse_arguments, prepare, study_overrides
from experiments.config.compose import Configuration, composer, explain_composition, set_aside
from experiments.config.schema import register_schema
from experiments.config.settings import StudyRecord, settings_of
from experiments.config.yaml_files import checked_config_dir
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import Processes, worker_pool
from experiments.execution.processes import set_environment
from experiments.execution.replication import widest_half_width
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory, workers_needed
from experiments.study.directory import Study, read_failures
from experiments.study.location import candidates, create_directory, default_directory, shortest, user_path
from experiments.text import as_typed, render


def launch(command: str, argv: Sequence[str]) -> int:
    """Run ``offramp run``, ``sweep`` or ``search`` with the arguments after it; return the exit code.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong with the arguments; nothing was made.
    """
    from omegaconf import OmegaConf

    register_schema()
    OmegaConf.register_new_resolver("offramp_help", lambda: help_text(command), replace=True)
    arguments = parse_arguments(argv)
    if arguments.shows:
        return _show(command, arguments)
    if command == "search":
        from experiments.cli.search import search

        return search(arguments)
    if (resumed := arguments.value("resume")) is not None:
        return _resume(str(user_path(str(resumed))), arguments)
    with ExitStack() as started:
        pools: list[Processes | None] = []

        def start(configuration: Configuration, points: int) -> None:
            """Start worker processes, which take as long as composing the scenarios of all points does."""
            if not arguments.dry_run:
                pools.append(started.enter_context(worker_pool(_workers(configuration, points))))

        with composer(arguments.config_dir) as open_composer:
            jobs = prepare(command, arguments, open_composer, start)
        if arguments.dry_run:
            from experiments.cli.estimate import print_estimate

            for job in jobs:
                print_estimate(job)
            return 0
        return _run_jobs(command, jobs, arguments, pools[0] if pools else started.enter_context(_shared_pool(jobs)))


def run_study(study: Study, options: ExecutionOptions) -> int:
    """Run a study, print a summary and its directory last, and return the exit code."""
    try:
        code = run_directory(study, options)
    except KeyboardInterrupt:
        print(f"Interrupted. What is finished is kept; to continue:\n  {study.resumption}\n{study.directory}")
        raise SystemExit(INTERRUPTED) from None
    _print_summary(study)
    print(study.directory)
    return code


def _run_jobs(command: str, jobs: Sequence[Job], arguments: Arguments, pool: Processes | None) -> int:
    """Run each job as a study of its own; where one cannot be run, the others are, before its error is raised."""
    named = arguments.value("hydra.sweep.dir" if arguments.multirun else "hydra.run.dir")
    labels = {job.configuration.label for job in jobs}
    usual = default_directory(labels.pop() if len(labels) == 1 else "run")
    place, exact = user_path(os.path.normpath(str(named))) if named else usual, bool(named)
    place = create_directory(place, exact) if arguments.multirun else next(candidates(place, exact))
    code, first_error = 0, None
    for number, job in enumerate(jobs):
        directory = place / str(number) if arguments.multirun else place
        settings, backend = job.configuration.settings, job.configuration.backend
        options = ExecutionOptions(settings.workers, backend, settings.on_error, arguments.verbose, pool=pool)
        try:
            study = Study.create(
                shortest(directory), command, job.configuration, job.design, exact or arguments.multirun
            )
            code = max(code, run_study(study, options))
        except Exception as error:
            first_error = first_error or error
    if arguments.multirun:
        with suppress(OSError):
            place.rmdir()  # where it stayed empty
        print(place)
    if first_error:
        raise first_error
    return code


def _shared_pool(jobs: Sequence[Job]) -> AbstractContextManager[Processes | None]:
    """Worker processes that all jobs share: none where they ask for different numbers or for another backend."""
    needed = [_workers(job.configuration, len(job.design)) for job in jobs]
    shared = len({job.configuration.settings.workers for job in jobs}) == 1
    return worker_pool(max(needed) if shared and min(needed) else 0)


def _workers(configuration: Configuration, points: int) -> int:
    """Worker processes of this machine that a study of so many points needs; 0 for another backend."""
    if configuration.backend.kind != "processes":
        return 0
    return workers_needed(configuration.settings.workers, configuration.settings, points)


def _resume(directory: str, arguments: Arguments) -> int:
    """Complete a study, with the ``--config-dir`` it was made with where that is still there and sound."""
    if arguments.multirun or arguments.dry_run or any(o.listed for o in arguments.overrides if o.key == "resume"):
        raise UserError(f"resume={directory}: completes one study; leave out -m, --dry-run and lists")
    overrides = study_overrides("sweep", arguments)
    config_dir = arguments.config_dir or Study.open(directory).manifest.get("config_dir")
    if config_dir and not arguments.config_dir:
        try:
            config_dir = str(checked_config_dir(config_dir))
        except UserError:
            config_dir = None
    with composer(config_dir) as open_composer:
        study, options = prepare_resumption(directory, overrides, open_composer, arguments.verbose)
    return run_study(study, options)


def _show(command: str, arguments: Arguments) -> int:
    """Let Hydra print its help or the configuration, which is checked before."""
    import hydra

    overrides = study_overrides(command, arguments)
    with composer(arguments.config_dir) as open_composer:
        open_composer.compose([], overrides)
    argv, sys.argv = sys.argv, ["offramp", *arguments.flags, *(override.text for override in overrides)]
    try:
        with set_aside(), set_environment({"HYDRA_FULL_ERROR": "1"}):  # Hydra raises its errors, not prints them
            hydra.main(config_path="pkg://conf", config_name="config", version_base="1.3")(lambda _: None)()
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except OSError:
        raise
    except Exception as error:
        raise UserError(str(explain_composition(error)), FAILED) from None
    finally:
        sys.argv = argv
    return 0


def help_text(command: str) -> str:
    """What ``--help`` says above the list of groups."""
    settings = [
        f"{name}={as_typed(setting.default):{22 - len(name)}} {setting.meaning} ({setting.range_text})"
        for name, setting in settings_of(StudyRecord).items()
    ]
    return render("experiments.cli", "help.txt.j2", command=command, settings=settings).rstrip().replace("$", "$$")


def _print_summary(study: Study) -> None:
    """Print how much was simulated, the results where there is one point, and what failed."""
    points, replicates = study.manifest["points"], study.blocks[-1][1] if study.blocks else 0
    print(f"{points:,} point{'' if points == 1 else 's'} x {replicates:,} replicates, {study.manifest['state']}")
    if points == 1:
        _print_point(study)
    if study.settings.replicates == "auto":
        print(f"widest half-width {widest_half_width(study):.4f}, asked for {study.settings.precision}")
    if failures := read_failures(study):
        lanes, first = sum(row["lanes"] for row in failures), failures[0]
        print(f"{lanes:,} crises failed, the first at point {first['point']}: {first['error']}; see failures.parquet")


def _print_point(study: Study) -> None:
    import polars as pl

    from experiments.statistics.intervals import share_interval
    from experiments.statistics.metrics import calm_label, headline_day, observed_days
    from experiments.statistics.vocabulary import EARLY_DAY, HEADLINE_DAY
    from experiments.study.results import load

    lanes = load(study.directory).scan("outcomes")
    horizon = study.settings.horizon_days
    by_day = {
        calm_label(horizon, day, what): (pl.col(f"days_to_{what}") <= headline_day(horizon, day)).sum()
        for what, day in (("calm", EARLY_DAY), ("calm", HEADLINE_DAY), ("silence", HEADLINE_DAY))
    }
    totals = lanes.select(pl.len().alias("crises"), pl.col("mediated").sum(), pl.col("days_heavy").mean(), **by_day)
    row = totals.collect().row(0, named=True)
    total = row["crises"]
    if not total:
        return

    def share(column: str) -> str:
        part = row[column] / total
        low, high = share_interval(part, total)
        return f"{part:.1%}" + (f" [{low:.1%}, {high:.1%}]" if total > 1 else "")

    if observed_days(horizon):
        for label in by_day:
            print(f"{label:18}{share(label)}")
    print(f"heavy days        {row['days_heavy']:.1f} on average, rung 5 or above")
    print(f"mediated          {share('mediated')}")
    for column in ("severity", "termination"):
        shares = lanes.group_by(column).len().sort("len", column, descending=[True, False]).collect()
        print(f"{column:18}" + ", ".join(f"{name} {count / total:.1%}" for name, count in shares.iter_rows()))
