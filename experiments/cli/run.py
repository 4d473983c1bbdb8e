"""``offramp run`` and ``offramp sweep``: composed by Hydra, once, checked, and run.

Hydra itself is handed over to only to print what it is asked for: its help, the configuration, completions.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from experiments.cli.arguments import Arguments, parse_arguments
from experiments.cli.help import register_help
from experiments.cli.jobs import Job, prepare, settled
from experiments.cli.summary import print_summary
from experiments.config.compose import composer, set_aside
from experiments.config.hydra_errors import explain_composition
from experiments.config.schema import register_schema
from experiments.config.user_directory import checked_config_dir
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import Processes, worker_pool
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import ExecutionOptions, run_directory, workers_needed
from experiments.study.directory import Study
from experiments.study.location import candidates, create_directory, default_directory, shortest, user_path

_FULL_ERROR = "HYDRA_FULL_ERROR"


def launch(command: str, argv: Sequence[str]) -> int:
    """Run ``offramp run`` or ``offramp sweep`` with the arguments after it; return the exit code."""
    register_schema()
    register_help(command)
    arguments = parse_arguments(argv)
    resume = arguments.value("resume")
    if arguments.shows:
        return _show(command, arguments)
    if resume is not None:
        return _resume(str(user_path(str(resume))), arguments)
    with composer(arguments.config_dir) as open_composer:
        jobs = prepare(command, arguments, open_composer)
    if arguments.dry_run:
        return _dry_run(jobs)
    place, exact = _directory(arguments, jobs)
    code, failed = 0, None
    with worker_pool(_workers_of(jobs)) as pool:
        for number, job in enumerate(jobs):
            directory = place / str(number) if arguments.multirun else place
            try:
                study = Study.create(shortest(directory), command, job.configuration, job.design, exact)
                code = max(code, run_study(study, execution_options(job, arguments.verbose, pool)))
            except Exception as error:  # the other studies go on
                failed = failed or error
    if arguments.multirun:
        with suppress(OSError):
            place.rmdir()  # where no study came into it
        print(place)
    if failed:
        raise failed
    return code


def run_study(study: Study, options: ExecutionOptions) -> int:
    """Execute a study, say what came of it, and print its directory last."""
    try:
        code = run_directory(study, options)
    except KeyboardInterrupt:
        print(f"Interrupted. What is finished is kept; to go on:\n  {study.resumption}\n{study.directory}")
        raise SystemExit(INTERRUPTED) from None
    print_summary(study)
    print(study.directory)
    return code


def execution_options(job: Job, verbose: bool, pool: Processes | None = None) -> ExecutionOptions:
    """How a job's own configuration wants it to be run."""
    settings = job.configuration.settings
    return ExecutionOptions(settings.workers, job.configuration.backend, settings.on_error, verbose, pool=pool)


def _workers_of(jobs: Sequence[Job]) -> int:
    """Worker processes that can begin to load the model while Hydra composes: none where the jobs are not at one."""
    made = [job.configuration for job in jobs]
    if any(one.backend.kind != "processes" for one in made) or len({one.settings.workers for one in made}) > 1:
        return 0
    return max(
        workers_needed(job.configuration.settings.workers, job.configuration.settings, len(job.design)) for job in jobs
    )


def _show(command: str, arguments: Arguments) -> int:
    """Let Hydra print its help or the configuration, which is checked before."""
    overrides = settled(command, arguments)
    with composer(arguments.config_dir) as open_composer:
        open_composer.compose([], overrides)
    return _hydra(arguments, [override.text for override in overrides])


def _resume(directory: str, arguments: Arguments) -> int:
    if arguments.multirun or arguments.dry_run or any(o.listed for o in arguments.overrides if o.key == "resume"):
        raise UserError(f"resume={directory}: completes one study, without -m and --dry-run")
    overrides = settled("sweep", arguments)
    with composer(arguments.config_dir or _kept_config_dir(Study.open(directory))) as open_composer:
        study, options = prepare_resumption(directory, overrides, open_composer, arguments.verbose)
    return run_study(study, options)


def _kept_config_dir(study: Study) -> str | None:
    """The directory of configurations a study was made with, None where there is none, or no sound one any more."""
    try:
        return str(checked_config_dir(study.manifest["config_dir"])) if study.manifest.get("config_dir") else None
    except UserError:
        return None


def _directory(arguments: Arguments, jobs: Sequence[Job]) -> tuple[Path, bool]:
    """Where the results go, and whether the user said so; the directory of several studies is made here and now."""
    asked = arguments.value("hydra.sweep.dir" if arguments.multirun else "hydra.run.dir")
    labels = {job.configuration.label for job in jobs}
    usual = default_directory(labels.pop() if len(labels) == 1 else "run")
    place = user_path(os.path.normpath(str(asked))) if asked else usual
    if arguments.multirun:
        return create_directory(place, bool(asked)), True
    return next(candidates(place, bool(asked))), bool(asked)


def _hydra(arguments: Arguments, overrides: Sequence[str]) -> int:
    """Let Hydra print what it was asked for, as if it had been started with these arguments."""
    import hydra

    before = sys.argv
    sys.argv = ["offramp", *arguments.flags, *overrides]
    try:
        with set_aside(), _full_errors():
            hydra.main(config_path="pkg://conf", config_name="config", version_base="1.3")(lambda _: None)()
    except SystemExit as leaving:
        return int(leaving.code or 0)
    except OSError:
        raise
    except Exception as error:
        raise UserError(str(explain_composition(error)), FAILED) from None
    finally:
        sys.argv = before
    return 0


@contextmanager
def _full_errors() -> Iterator[None]:
    """Let Hydra pass errors on, which it would otherwise print and exit."""
    before = os.environ.get(_FULL_ERROR)
    os.environ[_FULL_ERROR] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_FULL_ERROR]
        else:
            os.environ[_FULL_ERROR] = before


def _dry_run(jobs: Sequence[Job]) -> int:
    from experiments.cli.estimate import print_estimate

    for job in jobs:
        print_estimate(job)
    return 0
