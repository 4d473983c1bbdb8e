"""Where chunks are run: in this process, in worker processes, or on a Dask cluster."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from itertools import islice
from typing import TYPE_CHECKING

from experiments.config.settings import BackendRecord
from experiments.errors import need, one_line
from experiments.execution.processes import (
    UNUSED,
    WORKER_ENVIRONMENT,
    NoProcesses,
    end_processes,
    set_environment,
    start_processes,
)
from experiments.execution.worker import Report, Task, run_task, warm_up

if TYPE_CHECKING:
    from concurrent.futures import Future

    from joblib.externals.loky import ProcessPoolExecutor

MODULES = ("mesa", "sim.ensemble", "pyarrow.parquet", "experiments.execution.worker")
"""Modules a worker needs, in the order that loads fastest."""
AHEAD = 2
"""Tasks submitted per worker, so that none waits for its next one."""
LEAST_AHEAD = 32
"""Tasks submitted to a cluster, which may grow, at the least."""


class WorkerDied(RuntimeError):
    """A worker process died; which of the chunks in flight it was running is not known."""


Runner = Callable[[Iterable[Task]], Iterator[Report]]
"""Runs tasks and yields their reports as they come, in any order; raises WorkerDied if a worker process died."""


class Processes:
    """Worker processes of this machine; they start at once and are ended by :meth:`close`."""

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._pool: ProcessPoolExecutor | None = self._started()

    def _started(self) -> ProcessPoolExecutor:
        """Processes that load the model's compiled loops while this one prepares the study."""
        pool = start_processes(self.workers, MODULES, UNUSED)
        for _ in range(self.workers):
            pool.submit(warm_up)
        return pool

    def run(self, tasks: Iterable[Task]) -> Iterator[Report]:
        from concurrent.futures import FIRST_COMPLETED, wait
        from concurrent.futures.process import BrokenProcessPool

        self._pool = pool = self._pool or self._started()
        waiting = iter(tasks)
        in_flight: set[Future[Report]] = set()
        try:
            while True:
                for task in islice(waiting, AHEAD * self.workers - len(in_flight)):
                    in_flight.add(pool.submit(run_task, task))
                if not in_flight:
                    return
                done, in_flight = wait(in_flight, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            in_flight.clear()
            self.close()
            raise WorkerDied(one_line(str(error).split("The exit codes")[0])[:300]) from error
        finally:
            if in_flight:  # the caller stopped before all results were in
                self.close()

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        if self._pool is not None:
            end_processes(self._pool)
            self._pool = None


@contextmanager
def opened_backend(record: BackendRecord, workers: int, pool: Processes | None = None) -> Iterator[Runner]:
    """What runs tasks on the backend that ``backend:`` describes; what was started for it is ended on leaving.

    Parameters
    ----------
    record : BackendRecord
    workers : int
    pool : Processes, optional
        Worker processes that are running already, for more than one study; they are used and left running.

    Raises
    ------
    UserError
        If Dask is not installed, or no cluster can be reached or started.
    """
    if record.kind == "processes" and pool is not None:
        yield pool.run
        return
    with set_environment(WORKER_ENVIRONMENT):
        if record.kind == "dask":
            need("distributed", "backend=dask: install the extra first, pip install 'offramp[dask]'")
            from experiments.execution.dask_cluster import dask_client, run_on_cluster

            with dask_client(record, workers) as client:
                ahead = max(AHEAD * sum(client.ncores().values()), LEAST_AHEAD)
                yield partial(run_on_cluster, client, ahead)
        else:
            with worker_pool(1 if record.kind == "serial" else workers) as started:
                yield started.run if started else partial(map, run_task)


@contextmanager
def worker_pool(workers: int) -> Iterator[Processes | None]:
    """Worker processes that load the model meanwhile; None for one worker, or where no process can be started."""
    pool = None
    if workers > 1:
        try:
            pool = Processes(workers)
        except NoProcesses as error:
            _report_one_process(workers, str(error))
    try:
        yield pool
    finally:
        if pool is not None:
            pool.close()


@cache
def _report_one_process(workers: int, reason: str) -> None:
    print(f"workers={workers}: {reason}; everything runs in one process", file=sys.stderr)


def worker_count(wanted: int | str) -> int:
    """The number of workers that ``workers`` asks for: one per core this process may use where it is ``auto``."""
    if wanted != "auto":
        return int(wanted)
    from joblib.externals.loky import cpu_count

    return cpu_count()
