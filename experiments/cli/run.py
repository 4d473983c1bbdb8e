"""``offramp run`` and ``offramp sweep`` as Hydra applications.

Everything is composed and checked first; only then is Hydra let loose, which composes the same once more, makes the
output directory and calls back.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from experiments.cli.arguments import Arguments, parse_arguments
from experiments.cli.help import register_help
from experiments.cli.jobs import Job, prepare, settled
from experiments.cli.summary import print_summary
from experiments.config.compose import composer, set_aside
from experiments.config.hydra_errors import explain_composition
from experiments.config.overrides import quoted
from experiments.config.schema import register_schema
from experiments.config.user_directory import checked_config_dir
from experiments.errors import FAILED, INTERRUPTED, UserError
from experiments.execution.backends import Processes, workers_at_hand
from experiments.execution.resuming import prepare_resumption
from experiments.execution.scheduler import Manner, execute, workers_needed
from experiments.files import PARTIAL
from experiments.study.directory import Study
from experiments.study.location import candidates, claim, default_directory, shortest, user_path

_FULL_ERROR = "HYDRA_FULL_ERROR"
_NOWHERE = "hydra.run.dir=."
"""A directory that is there: Hydra makes none, the study makes its own."""


class HydraError(UserError):
    """Hydra could not do what it was handed: files have changed since it was checked."""


class _Application:
    """What Hydra calls back, job by job, and the exit code that comes of it."""

    def __init__(self, command: str, arguments: Arguments, jobs: list[Job], place: Path, exact: bool,
                 hands: Processes | None) -> None:
        self.command = command
        self.arguments = arguments
        self.place = place
        self.exact = exact
        self.waiting = list(enumerate(jobs))
        self.hands = hands
        self.code = 0
        self.error: Exception | None = None

    def run(self, configuration: Any) -> None:
        """Run the next job as it was checked, whatever Hydra composed just now from files that may have changed.

        What goes wrong is kept for after Hydra.
        """
        try:
            self._run(*self.waiting.pop(0))
        except Exception as error:  # Hydra would print a traceback of its own
            self.error = self.error or error

    def _run(self, number: int, job: Job) -> None:
        directory = self.place / str(number) if self.arguments.multirun else self.place
        study = Study.create(shortest(directory), self.command, job.configuration, job.design, self.exact)
        self.code = max(self.code, run_study(study, manner_of(job, self.arguments.verbose, self.hands)))


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
        jobs, texts = prepare(command, arguments, open_composer)
    if arguments.dry_run:
        return _dry_run(jobs)
    place, exact = _directory(arguments, jobs)
    notes = place / f".hydra{PARTIAL}"
    own = [f"hydra.sweep.dir={quoted(str(notes))}", "hydra.sweep.subdir=."] if arguments.multirun else [_NOWHERE]
    with workers_at_hand(_hands_needed(jobs)) as hands:
        application = _Application(command, arguments, jobs, place, exact, hands)
        try:
            _hydra(arguments, [*texts, *own], application.run)
        except HydraError as error:
            left = f"{len(application.waiting)} of {len(jobs)} studies were not begun"
            application.error = application.error or UserError(f"{left}: {error}", FAILED)
        finally:
            if arguments.multirun:
                _tidy(place, notes)
    if arguments.multirun:
        print(place)
    if application.error:
        raise application.error
    return application.code


def run_study(study: Study, manner: Manner) -> int:
    """Execute a study, say what came of it, and print its directory last."""
    try:
        code = execute(study, manner)
    except KeyboardInterrupt:
        print(f"Interrupted. What is finished is kept; to go on:\n  {study.resumption}\n{study.directory}")
        raise SystemExit(INTERRUPTED) from None
    print_summary(study)
    print(study.directory)
    return code


def manner_of(job: Job, verbose: bool, hands: Processes | None = None) -> Manner:
    """How a job's own configuration wants it to be run."""
    settings = job.configuration.settings
    return Manner(settings.workers, job.configuration.backend, settings.on_error, verbose, hands=hands)


def _hands_needed(jobs: Sequence[Job]) -> int:
    """Worker processes that can begin to load the model while Hydra composes: none where the jobs are not at one."""
    made = [job.configuration for job in jobs]
    if any(one.backend.kind != "processes" for one in made) or len({one.settings.workers for one in made}) > 1:
        return 0
    return max(workers_needed(job.configuration.settings.workers, job.configuration.settings, len(job.design))
               for job in jobs)


def _show(command: str, arguments: Arguments) -> int:
    """Let Hydra print its help or the configuration, which is checked before."""
    overrides = settled(command, arguments)
    with composer(arguments.config_dir) as open_composer:
        open_composer.compose([], overrides)
    return _hydra(arguments, [override.text for override in overrides], _nothing)


def _resume(directory: str, arguments: Arguments) -> int:
    if arguments.multirun or arguments.dry_run or any(o.listed for o in arguments.overrides if o.key == "resume"):
        raise UserError(f"resume={directory}: completes one study, without -m and --dry-run")
    overrides = settled("sweep", arguments)
    with composer(arguments.config_dir or _kept_config_dir(Study.open(directory))) as open_composer:
        resumed = prepare_resumption(directory, overrides, open_composer, arguments.verbose)
    return run_study(resumed.study, resumed.manner)


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
        return claim(place, bool(asked)), True
    return next(candidates(place, bool(asked))), bool(asked)


def _hydra(arguments: Arguments, overrides: Sequence[str], task: Any) -> int:
    """Hand over to Hydra as if it had been started with these arguments."""
    import hydra

    before = sys.argv
    sys.argv = ["offramp", *arguments.flags, *overrides]
    try:
        with set_aside(), _full_errors():
            hydra.main(config_path="pkg://conf", config_name="config", version_base="1.3")(task)()
    except SystemExit as leaving:
        if not arguments.shows:
            raise
        return int(leaving.code or 0)
    except OSError:
        raise
    except Exception as error:  # everything was composed before: files must have changed since
        raise HydraError(str(explain_composition(error)), FAILED) from None
    finally:
        sys.argv = before
    return 0


def _tidy(place: Path, notes: Path) -> None:
    """Remove Hydra's own notes of what was asked, and the directory if no study came into it."""
    shutil.rmtree(notes, ignore_errors=True)
    with suppress(OSError):
        place.rmdir()


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


def _nothing(configuration: Any) -> None:
    """Hydra only prints."""
