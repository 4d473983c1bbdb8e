"""``offramp run`` and ``offramp sweep``: Hydra composes the configuration once; it is checked, and run.

``hydra.main`` itself is used only for what Hydra prints: its help, the configuration, completions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress

from experiments.cli.arguments import Arguments, parse_arguments
from experiments.cli.help import register_help
from experiments.cli.jobs import Job, prepare, study_overrides
from experiments.cli.summary import print_summary
from experiments.config.compose import composer, set_aside
from experiments.config.hydra_errors import explain_composition
from experiments.config.schema import register_schema
from experiments.config.user_directory import checked_config_dir
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import worker_pool
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
    with composer(arguments.config_dir) as open_composer:
        jobs = prepare(command, arguments, open_composer)
    if arguments.dry_run:
        from experiments.cli.estimate import print_estimate

        for job in jobs:
            print_estimate(job)
        return 0
    return _run_jobs(command, jobs, arguments)


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


def _run_jobs(command: str, jobs: Sequence[Job], arguments: Arguments) -> int:
    """Run each job as a study of its own; where one cannot be run, the others are, before its error is raised."""
    named = arguments.value("hydra.sweep.dir" if arguments.multirun else "hydra.run.dir")
    labels = {job.configuration.label for job in jobs}
    usual = default_directory(labels.pop() if len(labels) == 1 else "run")
    place, exact = user_path(os.path.normpath(str(named))) if named else usual, bool(named)
    place = create_directory(place, exact) if arguments.multirun else next(candidates(place, exact))
    code, first_error = 0, None
    with worker_pool(_pool_size(jobs)) as pool:
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


def _pool_size(jobs: Sequence[Job]) -> int:
    """Worker processes that all jobs can share: none where they ask for different ones or for another backend."""
    settings = [job.configuration.settings for job in jobs]
    shared = len({own.workers for own in settings}) == 1
    if not shared or any(job.configuration.backend.kind != "processes" for job in jobs):
        return 0
    return max(workers_needed(own.workers, own, len(job.design)) for own, job in zip(settings, jobs, strict=True))


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
