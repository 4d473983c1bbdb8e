"""``offramp run`` and ``offramp sweep``: Hydra composes the configuration once; it is checked, and run.

``hydra.main`` itself is used only for what Hydra prints: its help, the configuration, completions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress

from experiments.cli.arguments import Arguments, parse_arguments
from experiments.cli.help import register_help
from experiments.cli.jobs import Job, prepare, study_overrides
from experiments.cli.summary import print_summary
from experiments.config.compose import Configuration, composer, set_aside
from experiments.config.hydra_errors import explain_composition
from experiments.config.schema import register_schema
from experiments.config.user_directory import checked_config_dir
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import Processes, worker_pool
from experiments.execution.processes import set_environment
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory, workers_needed
from experiments.study.directory import Study
from experiments.study.location import candidates, create_directory, default_directory, shortest, user_path


def launch(command: str, argv: Sequence[str]) -> int:
    """Run ``offramp run``, ``sweep`` or ``search`` with the arguments after it; return the exit code.

    Raises
    ------
    UserError, ParameterError
        One line naming what is wrong with the arguments; nothing was made.
    """
    register_schema()
    register_help(command)
    arguments = parse_arguments(argv)
    if arguments.shows:
        return _show(command, arguments)
    if command == "search":
        from experiments.cli.search import search

        return search(arguments)
    if (kept := arguments.value("resume")) is not None:
        return _resume(str(user_path(str(kept))), arguments)
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
    print_summary(study)
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
    kept = arguments.config_dir or Study.open(directory).manifest.get("config_dir")
    if kept and not arguments.config_dir:
        try:
            kept = str(checked_config_dir(kept))
        except UserError:
            kept = None
    with composer(kept) as open_composer:
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
