"""Running a study: what is missing is cut into chunks, handed to a backend, and written as it comes."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from experiments.config.settings import BackendRecord, StudyRecord
from experiments.errors import FAILED, UserError
from experiments.execution.backends import (
    DIED,
    Backend,
    BackendLost,
    Processes,
    WorkerDied,
    opened_backend,
    worker_count,
)
from experiments.execution.replication import next_block
from experiments.execution.worker import Engine, Report, Task, failure_rows
from experiments.files import remove_leftovers
from experiments.interruption import check
from experiments.study import crate
from experiments.study.chunks import Chunk, cut
from experiments.study.directory import (
    FINISHED,
    INTERRUPTED,
    RUNNING,
    STOPPED,
    Study,
    read_failures,
    write_part_of_failures,
)
from experiments.study.identity import current_time, model_fingerprint
from experiments.study.locking import alone_with
from experiments.study.parts import part_path
from experiments.study.progress import LOG, Meter, progress_bar, study_log
from experiments.study.trajectories import merge_trajectories

if TYPE_CHECKING:
    from sim.engine.lanes import Points
    from sim.ensemble import Settings


@dataclass(frozen=True)
class Manner:
    """How to run a study; nothing here can change a result.

    ``hands`` are worker processes that run already, if there are any.
    """

    workers: int | str = "auto"
    backend: BackendRecord = field(default_factory=BackendRecord)
    on_error: str = "continue"
    verbose: bool = False
    engine: Engine | None = None
    hands: Processes | None = None


def execute(study: Study, manner: Manner) -> int:
    """Do what is missing of a study and return the exit code: 0, or 1 where something failed.

    Raises
    ------
    KeyboardInterrupt
        After the study was left in order, so that it can be resumed.
    UserError
        If nothing more can be written.
    """
    with study_log(study.directory, manner.verbose), alone_with(study.directory):
        study.reread()
        remove_leftovers(study.directory)
        LOG.info("%s points, %s, %s workers", study.manifest["points"], study.directory, manner.workers)
        run = _Run(study, manner)
        try:
            check()
            run.go()
        except KeyboardInterrupt:
            run.leave(INTERRUPTED)
            raise
        except BackendLost as error:
            run.leave(STOPPED)
            raise UserError(f"{error}; {run.how_to_go_on}", FAILED) from None
        except (UserError, OSError):
            run.leave(STOPPED)
            raise
    return FAILED if run.failures else 0


def missing_chunks(study: Study) -> list[Chunk]:
    """The chunks whose outcomes are not there, and those with failures, to be tried again."""
    failed = {row["chunk"] for row in read_failures(study)}
    chunks = cut(study.blocks, study.manifest["points"], study.settings.citizens)
    return [
        chunk
        for chunk in chunks
        if chunk.number in failed or not part_path(study.directory, "outcomes", chunk.number).exists()
    ]


def workers_needed(wanted: int | str, settings: StudyRecord, points: int) -> int:
    """As many workers as are wanted, but never more than a study has chunks."""
    replicates = settings.max_replicates if settings.replicates == "auto" else settings.replicates
    return max(min(worker_count(wanted), len(cut([(0, replicates)], points, settings.citizens))), 1)


def engine_settings(study: Study) -> Settings:
    """The model's own settings for a study."""
    from sim.ensemble import Settings

    wanted = study.settings
    return Settings(
        seed=wanted.seed,
        horizon_days=wanted.horizon_days,
        citizens=wanted.citizens,
        luck=wanted.luck,
        dtype=wanted.dtype,
        records=wanted.records,
        trajectories=study.has_trajectories,
    )


class _Run:
    """One go at a study, from where it stands to its end."""

    def __init__(self, study: Study, manner: Manner) -> None:
        self.study = study
        self.manner = manner
        self.failures = read_failures(study)
        self.points: Points = study.design.points()
        self.settings = engine_settings(study)
        self.workers = workers_needed(manner.workers, study.settings, study.manifest["points"])
        self.stopped = False
        self.given_up: set[int] = set()

    def go(self) -> None:
        """Work through all blocks of replicates, planning further ones as long as the precision asks for them."""
        study = self.study
        if not study.blocks:
            study.update(blocks=[next_block(study)], state=RUNNING)
        if study.manifest["state"] == FINISHED and not missing_chunks(study) and next_block(study) is None:
            if not (study.directory / crate.NAME).exists():
                crate.write_crate(study, study.manifest["finished"])
            return
        (study.directory / crate.NAME).unlink(missing_ok=True)
        with opened_backend(self.manner.backend, self.workers, self.manner.hands) as backend:
            while True:
                self._do([chunk for chunk in missing_chunks(study) if chunk.number not in self.given_up], backend)
                if self.stopped:
                    self.leave(STOPPED)
                    return
                merge_trajectories(study)
                block = next_block(study)
                if block is None:
                    break
                study.update(blocks=[*study.manifest["blocks"], block])
        # A worker that died in the middle of a file left it half-written under a name that nobody reads.
        remove_leftovers(study.directory)
        finished = current_time()
        crate.write_crate(study, finished)
        study.update(state=FINISHED, finished=finished, replicates=study.blocks[-1][1])
        LOG.info("finished with %s failures", len(self.failures))

    @property
    def how_to_go_on(self) -> str:
        """What to tell a user whose study could not be completed."""
        return f"what is finished is kept, to go on: {self.study.resumption}"

    def leave(self, state: str) -> None:
        """Note in the manifest that the study ended before its time, if that can still be written."""
        LOG.info("%s", state)
        try:
            self.study.update(state=state)
        except OSError:
            pass

    def _do(self, chunks: list[Chunk], backend: Backend) -> None:
        if not chunks:
            return
        self.study.update(state=RUNNING)
        self._forget({chunk.number for chunk in chunks})
        total = sum(last - first for first, last in self.study.blocks) * self.study.manifest["points"]
        waiting = deque(chunks)
        done = total - sum(chunk.lanes for chunk in chunks)
        with progress_bar(str(self.study.directory), total, done=done) as meter:
            while waiting and not self.stopped:
                self._drain(waiting, backend, meter)

    def _drain(self, waiting: deque[Chunk], backend: Backend, meter: Meter) -> None:
        """Run what waits; if a worker dies, try each chunk that was in flight once more, alone."""
        flying: dict[int, Task] = {}

        def feed() -> Iterator[Task]:
            while waiting:
                task = self._task(waiting.popleft())
                flying[task.chunk.number] = task
                yield task

        try:
            for report in backend.run(feed()):
                flying.pop(report.number)
                self._note(report, meter)
                if self.stopped:
                    return
        except WorkerDied as error:
            LOG.warning("a worker died, %s chunks are tried again: %s", len(flying), error)
            for task in list(flying.values()):
                if not self.stopped:
                    self._retry(task, backend, meter)

    def _retry(self, task: Task, backend: Backend, meter: Meter) -> None:
        try:
            for report in backend.run([task]):
                self._note(report, meter)
        except WorkerDied as error:
            rows = failure_rows(task.chunk, np.arange(task.chunk.lanes), DIED, str(error))
            self._note(Report(task.chunk.number, 0, rows), meter)

    def _note(self, report: Report, meter: Meter) -> None:
        check()
        if report.disk:
            raise UserError(f"{report.disk}; {self.how_to_go_on}", FAILED)
        meter.advance(report.lanes + sum(row["lanes"] for row in report.failures))
        LOG.debug("chunk %s: %s lanes", report.number, report.lanes)
        if report.failures:
            self.failures += report.failures
            self.given_up.add(report.number)
            LOG.error("chunk %s: %s", report.number, report.failures[0]["error"])
            self._save_failures()
            self.stopped = self.manner.on_error == "stop"

    def _task(self, chunk: Chunk) -> Task:
        touched = chunk.points
        return Task(
            chunk,
            self.points.take(np.arange(touched.start, touched.stop)),
            touched.start,
            self.settings,
            str(self.study.directory.resolve()),
            self.manner.engine,
            model_fingerprint(),
            self.study.manifest.get("config_hash", ""),
        )

    def _forget(self, numbers: set[int]) -> None:
        kept = [row for row in self.failures if row["chunk"] not in numbers]
        if len(kept) != len(self.failures):
            self.failures = kept
            self._save_failures()

    def _save_failures(self) -> None:
        self.failures.sort(key=lambda row: (row["chunk"], row["point"], row["first_replicate"]))
        write_part_of_failures(self.study.directory, self.failures)
