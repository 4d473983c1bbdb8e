"""Where chunks are run: in this process, in worker processes, or on a Dask cluster."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import current_thread, main_thread
from typing import Any, Protocol

from experiments.errors import UserError, one_line
from experiments.settings import BackendRecord
from experiments.worker import Report, Task, run_task

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMEXPR_NUM_THREADS",
              "VECLIB_MAXIMUM_THREADS", "BLIS_NUM_THREADS", "POLARS_MAX_THREADS")


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


class Pool:
    """Tasks spread by joblib over ``workers`` processes or over its Dask backend."""

    def __init__(self, workers: int, name: str) -> None:
        self.workers = workers
        self.name = name
        self.options = {"max_nbytes": None} if name == "loky" else {}

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        import joblib

        deaths = _deaths()
        with joblib.parallel_config(backend=self.name, n_jobs=self.workers, **self.options):
            parallel = joblib.Parallel(return_as="generator_unordered", batch_size=1, pre_dispatch="2 * n_jobs")
            with _deaf_children():
                reports = parallel(joblib.delayed(run_task)(task) for task in tasks)
        try:
            yield from reports
        except deaths as error:
            raise WorkerDied(one_line(str(error).split("The exit codes")[0])[:300]) from error
        finally:
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", message=".*tasks which were still being processed")
                reports.close()


@contextmanager
def opened_backend(record: BackendRecord, workers: int) -> Iterator[Backend]:
    """The backend described by ``backend:``, closed with everything it started on leaving."""
    with _single_threaded(), _dask(record, workers) if record.kind == "dask" else nullcontext():
        if record.kind == "serial" or record.kind == "processes" and workers == 1:
            yield Serial()
        else:
            with _own_pool(record):
                yield Pool(-1, "dask") if record.kind == "dask" else Pool(workers, "loky")


def worker_count(wanted: int | str) -> int:
    """The number of workers that ``workers`` asks for: one per core this process may use where it is ``auto``."""
    if wanted != "auto":
        return int(wanted)
    import joblib

    return joblib.cpu_count()


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes started meanwhile do not hear Ctrl-C; it is for this process to end them."""
    if current_thread() is not main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


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


@contextmanager
def _own_pool(record: BackendRecord) -> Iterator[None]:
    """Leave no worker process behind, even when interrupted."""
    try:
        yield
    finally:
        if record.kind == "processes":
            from joblib.externals.loky import get_reusable_executor

            get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _dask(record: BackendRecord, workers: int) -> AbstractContextManager[Any]:
    try:
        from experiments.cluster import dask_client
    except ImportError:
        raise UserError("backend=dask: install the extra first, pip install 'offramp[dask]'") from None
    return dask_client(record, workers)


def _deaths() -> tuple[type[BaseException], ...]:
    from joblib.externals.loky.process_executor import BrokenProcessPool

    try:
        from distributed.scheduler import KilledWorker
    except ImportError:
        return (BrokenProcessPool,)
    return (BrokenProcessPool, KilledWorker)
