"""Where chunks are run: in this process, in worker processes, or on a Dask cluster."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, Protocol

from experiments.errors import UserError, one_line
from experiments.processes import ONE_THREAD as ONE_THREAD
from experiments.processes import deaf_children, started
from experiments.settings import BackendRecord
from experiments.worker import Report, Task, run_task

if TYPE_CHECKING:
    from concurrent.futures import Future

    from joblib.externals.loky import ProcessPoolExecutor

WORK = ("mesa", "sim.ensemble", "pyarrow.parquet", "experiments.worker")
"""Modules a worker needs, in the order that loads fastest."""
AHEAD = 2
"""Tasks handed out per worker, so that none waits for its next one."""


class WorkerDied(RuntimeError):
    """A worker process vanished; which of the chunks in flight it was running is not known."""


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
            self._pool.shutdown(wait=True, kill_workers=True)
            self._pool = None

    def _ready(self) -> ProcessPoolExecutor:
        if self._pool is None:
            self._pool = started(self.workers, WORK)
        return self._pool


class Dask:
    """Tasks spread by joblib over the Dask client that is open."""

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        import joblib

        deaths = _deaths()
        with joblib.parallel_config(backend="dask", n_jobs=-1):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2 * n_jobs")
            with deaf_children():
                reports = parallel(joblib.delayed(run_task)(task) for task in tasks)
        try:
            yield from reports
        except deaths as error:
            raise WorkerDied(_short(error)) from error
        finally:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*tasks which were still being processed")
                reports.close()


@contextmanager
def opened_backend(record: BackendRecord, workers: int, hands: Processes | None = None) -> Iterator[Backend]:
    """The backend described by ``backend:``, closed with everything it started on leaving.

    ``hands`` are worker processes that have been started already, for more than one study; they stay.
    """
    if record.kind == "processes" and hands is not None:
        yield hands
        return
    with _single_threaded(), _dask(record, workers) if record.kind == "dask" else nullcontext():
        if record.kind == "dask":
            yield Dask()
        elif record.kind == "serial" or workers == 1:
            yield Serial()
        else:
            with workers_at_hand(workers) as made:
                yield made


@contextmanager
def workers_at_hand(workers: int) -> Iterator[Processes | None]:
    """Worker processes that start while this one goes on preparing; None where one is enough: that is this one."""
    if workers < 2:
        yield None
        return
    made = Processes(workers)
    try:
        yield made
    finally:
        made.close()


def worker_count(wanted: int | str) -> int:
    """The number of workers that ``workers`` asks for: one per core this process may use where it is ``auto``."""
    if wanted != "auto":
        return int(wanted)
    import joblib

    return joblib.cpu_count()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """One thread a worker: workers inherit the environment they are started in."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _dask(record: BackendRecord, workers: int) -> AbstractContextManager[Any]:
    try:
        from experiments.cluster import dask_client
    except ImportError:
        raise UserError("backend=dask: install the extra first, pip install 'offramp[dask]'") from None
    return dask_client(record, workers)


def _results(done: Iterable[Future[Report]]) -> Sequence[Report]:
    return [future.result() for future in done]


def _short(error: BaseException) -> str:
    return one_line(str(error).split("The exit codes")[0])[:300]


def _deaths() -> tuple[type[BaseException], ...]:
    try:
        from distributed.scheduler import KilledWorker
    except ImportError:
        return ()
    return (KilledWorker,)
