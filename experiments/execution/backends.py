"""Where chunks are run: in this process, in worker processes, or on a Dask cluster."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from experiments.config.settings import BackendRecord
from experiments.errors import UserError, one_line
from experiments.execution.processes import ONE_THREAD as ONE_THREAD
from experiments.execution.processes import WORKER_ENVIRONMENT, NoProcesses, ended, set_environment, started
from experiments.execution.worker import Report, Task, failure_rows, run_task

if TYPE_CHECKING:
    from concurrent.futures import Future

    from distributed import Client
    from joblib.externals.loky import ProcessPoolExecutor

WORK = ("mesa", "sim.ensemble", "pyarrow.parquet", "experiments.execution.worker")
"""Modules a worker needs, in the order that loads fastest."""
AHEAD = 2
"""Tasks handed out per worker, so that none waits for its next one."""
LEAST_AHEAD = 32
"""Tasks handed to a cluster, which may grow, at the least."""
DIED = "the worker process died twice or more"


class WorkerDied(RuntimeError):
    """A worker process vanished; which of the chunks in flight it was running is not known."""


class BackendLost(RuntimeError):
    """Whoever hands out the work is gone; nothing more can be done now."""


class Backend(Protocol):
    """Runs tasks and yields their reports as they come, in any order; raises WorkerDied if a worker vanished."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]: ...


class Serial:
    """Everything in this process."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        for task in tasks:
            yield run_task(task)


class Processes:
    """Worker processes of this machine; they start at once and are ended by :meth:`close`."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = None
        self._ready()

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        pool = self._ready()
        flying: set[Future[Report]] = set()
        try:
            for task in tasks:
                flying.add(pool.submit(run_task, task))
                if len(flying) >= AHEAD * self.workers:
                    done, flying = wait(flying, return_when=FIRST_COMPLETED)
                    yield from _results(done)
            while flying:
                done, flying = wait(flying, return_when=FIRST_COMPLETED)
                yield from _results(done)
        except BrokenProcessPool as error:
            flying.clear()
            self.close()
            raise WorkerDied(_short(error)) from error
        finally:
            if flying:  # nobody waits for these any more
                self.close()

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        if self._pool is not None:
            ended(self._pool)
            self._pool = None

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = started(self.workers, WORK)
        return self._pool


class Dask:
    """Tasks handed to a Dask client, which gives what a dead worker was doing to others by itself."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.ahead = max(AHEAD * sum(client.ncores().values()), LEAST_AHEAD)

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        from distributed import as_completed

        waiting = iter(tasks)
        flying: dict[Any, Task] = {}  # futures of Dask
        done = as_completed()

        def send(number: int) -> None:
            for task in islice(waiting, number):
                future = self.client.submit(run_task, task, pure=False)
                flying[future] = task
                done.add(future)

        try:
            send(self.ahead)
            for future in done:
                yield _report_of(future, flying.pop(future))
                send(1)
        finally:
            if flying and self.client.status == "running":
                self.client.cancel(list(flying))


@contextmanager
def opened_backend(record: BackendRecord, workers: int, hands: Processes | None = None) -> Iterator[Backend]:
    """The backend described by ``backend:``, closed with everything it started on leaving.

    ``hands`` are worker processes that have been started already, for more than one study; they stay.
    """
    if record.kind == "processes" and hands is not None:
        yield hands
        return
    with set_environment(WORKER_ENVIRONMENT):
        if record.kind == "dask":
            with _dask(record, workers) as client:
                yield Dask(client)
        elif record.kind == "serial" or workers == 1:
            yield Serial()
        else:
            with workers_at_hand(workers) as made:
                yield made or Serial()


@contextmanager
def workers_at_hand(workers: int) -> Iterator[Processes | None]:
    """Worker processes that start while this one goes on preparing; None where this one is enough, or all there is."""
    made = None
    if workers > 1:
        try:
            made = Processes(workers)
        except NoProcesses as error:
            _tell_of_one_process(workers, str(error))
    if made is None:
        yield None
        return
    try:
        yield made
    finally:
        made.close()


@cache
def _tell_of_one_process(workers: int, reason: str) -> None:
    print(f"workers={workers}: {reason}; everything is done in one process", file=sys.stderr)


def worker_count(wanted: int | str) -> int:
    """The number of workers that ``workers`` asks for: one per core this process may use where it is ``auto``."""
    if wanted != "auto":
        return int(wanted)
    import joblib

    return joblib.cpu_count()


def _dask(record: BackendRecord, workers: int) -> AbstractContextManager[Any]:
    try:
        from experiments.execution.dask_cluster import dask_client
    except ImportError:
        raise UserError("backend=dask: install the extra first, pip install 'offramp[dask]'") from None
    return dask_client(record, workers)


def _results(done: Iterable[Future[Report]]) -> Sequence[Report]:
    return [future.result() for future in done]


def _short(error: BaseException) -> str:
    return one_line(str(error).split("The exit codes")[0])[:300]


def _report_of(future: Any, task: Task) -> Report:
    """What came of a task that Dask is done with; a chunk that killed every worker it was given to is a failure."""
    from distributed import CancelledError
    from distributed.scheduler import KilledWorker

    try:
        return future.result()
    except KilledWorker as error:
        lanes = np.arange(task.chunk.lanes)
        return Report(task.chunk.number, 0, failure_rows(task.chunk, lanes, DIED, one_line(error)))
    except (CancelledError, OSError) as error:
        raise BackendLost("the Dask scheduler is gone") from error
