"""Running a study: its missing chunks are given to a backend, and what comes back is written down."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np

from experiments.config.settings import BackendRecord, StudyRecord
from experiments.errors import FAILED, UserError, check_interruption
from experiments.execution.backends import Processes, Runner, WorkerDied, opened_backend, worker_count
from experiments.execution.replication import next_block
from experiments.execution.worker import DIED, BackendLost, Engine, Report, Task, failure_rows
from experiments.files import remove_leftovers
from experiments.study.description import CRATE_FILE, write_crate
from experiments.study.directory import (
    FINISHED,
    INTERRUPTED,
    RUNNING,
    STOPPED,
    Study,
    engine_arguments,
    read_failures,
    write_part_of_failures,
)
from experiments.study.identity import current_time, model_fingerprint
from experiments.study.location import study_lock
from experiments.study.parts import Chunk, cut, part_path
from experiments.study.progress import LOG, Advance, progress_bar, study_log
from experiments.study.trajectories import load_merging, merge_trajectories


@dataclass(frozen=True)
class ExecutionOptions:
    """How a study is run; nothing here can change a result.

    ``pool`` are worker processes that are running already, ``engine`` stands in for the model in tests.
    """

    workers: int | str = "auto"
    backend: BackendRecord = field(default_factory=BackendRecord)
    on_error: str = "continue"
    verbose: bool = False
    engine: Engine | None = None
    pool: Processes | None = None


def run_directory(study: Study, options: ExecutionOptions) -> int:
    """Simulate what is missing of a study and return the exit code: 0, or 1 where something failed.

    A new study misses everything; one that was interrupted goes on where it stopped, with the same results.

    Raises
    ------
    KeyboardInterrupt
        After the study was left in order, so that it can be resumed.
    UserError
        If nothing more can be written, or the cluster is gone.
    """
    with study_log(study.directory, options.verbose), study_lock(study.directory):
        study.reread()
        remove_leftovers(study.directory)
        LOG.info("%s points, %s, %s workers", study.manifest["points"], study.directory, options.workers)
        run = _Run(study, options)
        try:
            check_interruption()
            run.complete()
        except KeyboardInterrupt:
            run.end(INTERRUPTED)
            raise
        except BackendLost as error:
            run.end(STOPPED)
            raise UserError(f"{error}; {run.advice}", FAILED) from None
        except (UserError, OSError):
            run.end(STOPPED)
            raise
    return FAILED if run.failures else 0


def missing_chunks(study: Study) -> list[Chunk]:
    """The chunks without outcomes, and those with failures, which are tried again."""
    failed = {row["chunk"] for row in read_failures(study)}
    return [
        chunk
        for chunk in study.chunks
        if chunk.number in failed or not part_path(study.directory, "outcomes", chunk.number).exists()
    ]


def workers_needed(wanted: int | str, settings: StudyRecord, points: int) -> int:
    """As many workers as are wanted, but never more than a study has chunks."""
    chunks = len(cut([(0, settings.most_replicates)], points, settings.citizens))
    return 1 if chunks == 1 else min(worker_count(wanted), chunks)


class _Run:
    """One attempt at completing a study."""

    def __init__(self, study: Study, options: ExecutionOptions) -> None:
        self.study = study
        self.options = options
        self.failures = read_failures(study)
        self.points = study.design.points()
        self.settings = engine_arguments(study.settings, study.manifest["points"])
        self.stopped = False
        self.given_up: set[int] = set()
        self.advice = f"what is finished is kept; to continue: {study.resumption}"

    def complete(self) -> None:
        """Run all blocks of replicates, adding further ones as long as the precision asks for them."""
        study = self.study
        if not study.blocks:
            study.update(blocks=[next_block(study)], state=RUNNING)
        if study.manifest["state"] == FINISHED and not missing_chunks(study) and next_block(study) is None:
            if not (study.directory / CRATE_FILE).exists():
                write_crate(study.directory, study.manifest, study.repeated_by[0], study.manifest["finished"])
            return
        (study.directory / CRATE_FILE).unlink(missing_ok=True)
        workers = workers_needed(self.options.workers, study.settings, study.manifest["points"])
        with opened_backend(self.options.backend, workers, self.options.pool) as run_tasks:
            while True:
                missing = [chunk for chunk in missing_chunks(study) if chunk.number not in self.given_up]
                self._run_chunks(missing, run_tasks)
                if self.stopped:
                    self.end(STOPPED)
                    return
                merge_trajectories(study)
                block = next_block(study)
                if block is None:
                    break
                study.update(blocks=[*study.manifest["blocks"], block])
        remove_leftovers(study.directory)  # files that a worker was writing when it died
        finished = current_time()
        write_crate(study.directory, study.manifest, study.repeated_by[0], finished)
        study.update(state=FINISHED, finished=finished, replicates=study.blocks[-1][1])
        LOG.info("finished with %s failures", len(self.failures))

    def end(self, state: str) -> None:
        """Write to the manifest that the study ended early, if that can still be written."""
        LOG.info("%s", state)
        with suppress(OSError):
            self.study.update(state=state)

    def _run_chunks(self, chunks: list[Chunk], run_tasks: Runner) -> None:
        """Run chunks; after a worker died, each chunk that was in flight is tried once more, alone."""
        if not chunks:
            return
        self.study.update(state=RUNNING)
        self._replace_failures({chunk.number for chunk in chunks}, [])
        total = sum(last - first for first, last in self.study.blocks) * self.study.manifest["points"]
        waiting = deque(chunks)
        in_flight: dict[int, Task] = {}

        def tasks() -> Iterator[Task]:
            while waiting:
                chunk = waiting.popleft()
                in_flight[chunk.number] = self._task(chunk)
                yield in_flight[chunk.number]
            if self.study.has_trajectories:
                load_merging()  # while the last chunks are simulated

        done = total - sum(chunk.lanes for chunk in chunks)
        with progress_bar(str(self.study.directory), total, done=done) as advance:
            while waiting and not self.stopped:
                try:
                    for report in run_tasks(tasks()):
                        in_flight.pop(report.number)
                        self._record(report, advance)
                        if self.stopped:
                            return
                except WorkerDied as error:
                    LOG.warning("a worker died, %s chunks are tried again: %s", len(in_flight), error)
                    while in_flight and not self.stopped:
                        self._retry(in_flight.pop(next(iter(in_flight))), run_tasks, advance)

    def _retry(self, task: Task, run_tasks: Runner, advance: Advance) -> None:
        try:
            for report in run_tasks([task]):
                self._record(report, advance)
        except WorkerDied as error:
            rows = failure_rows(task.chunk, np.arange(task.chunk.lanes), DIED, str(error))
            self._record(Report(task.chunk.number, 0, rows), advance)

    def _record(self, report: Report, advance: Advance) -> None:
        check_interruption()
        if report.disk:
            raise UserError(f"{report.disk}; {self.advice}", FAILED)
        advance(report.lanes + sum(row["lanes"] for row in report.failures))
        LOG.debug("chunk %s: %s lanes", report.number, report.lanes)
        if report.failures:
            self.given_up.add(report.number)
            LOG.error("chunk %s: %s", report.number, report.failures[0]["error"])
            self._replace_failures(set(), report.failures)
            self.stopped = self.options.on_error == "stop"

    def _task(self, chunk: Chunk) -> Task:
        return Task(
            chunk,
            self.points.take(np.arange(chunk.points.start, chunk.points.stop)),
            chunk.points.start,
            self.settings,
            str(self.study.directory.resolve()),
            self.options.engine,
            model_fingerprint(),
            self.study.manifest.get("config_hash", ""),
        )

    def _replace_failures(self, forgotten: set[int], new: list[dict]) -> None:
        """Drop the failures of some chunks, add new ones, and write what has changed."""
        failures = [row for row in self.failures if row["chunk"] not in forgotten] + new
        if failures != self.failures:
            self.failures = sorted(failures, key=lambda row: (row["chunk"], row["point"], row["first_replicate"]))
            write_part_of_failures(self.study.directory, self.failures)
