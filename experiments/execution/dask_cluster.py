"""Dask clusters for ``backend=dask``: one that is running, one on this machine, or one that Slurm provides."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import numpy as np
from distributed import CancelledError, Client, Future, LocalCluster, as_completed
from distributed.scheduler import KilledWorker

from experiments.config.settings import BackendRecord
from experiments.errors import UserError, need, one_line
from experiments.execution.processes import ONE_THREAD, ignore_sigint
from experiments.execution.worker import DIED, BackendLost, Report, Task, failure_rows, run_task

PATIENCE = "20s"
CLOSING = 2
"""Seconds a scheduler has to answer when its client closes."""
LOGGERS = (
    "distributed",
    *(f"distributed.{part}" for part in ("client", "comm", "core", "utils", "batched")),
    "tornado.application",
)


@contextmanager
def dask_client(record: BackendRecord, workers: int) -> Iterator[Client]:
    """A client of the scheduler that a record names, or of a cluster started with so many workers and ended on leaving.

    A running cluster has its own workers, however many are asked for.

    Raises
    ------
    UserError
        If no scheduler answers, or a cluster cannot be started.
    """
    with _quiet():
        if record.address is None:
            with _started(record, workers) as cluster, Client(cluster) as client:
                yield client
            return
        try:
            client = Client(record.address, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise UserError(f"backend.address={record.address}: no Dask scheduler answers there ({error})", 1) from None
        try:
            yield client
        finally:
            client.close(timeout=CLOSING)


def run_on_cluster(client: Client, ahead: int, tasks: Iterable[Task]) -> Iterator[Report]:
    """The reports of tasks, so many of them submitted at a time; Dask itself gives a dead worker's tasks to others.

    A chunk that killed every worker it was given to is a failure; BackendLost is raised where the scheduler is gone.
    """
    waiting, done = iter(tasks), as_completed()
    in_flight: dict[Future, Task] = {}

    def submit(number: int) -> None:
        for task in islice(waiting, number):
            future = client.submit(run_task, task, pure=False)
            in_flight[future] = task
            done.add(future)

    try:
        submit(ahead)
        for future in done:
            chunk = in_flight.pop(future).chunk
            try:
                report = future.result()
            except KilledWorker as error:
                report = Report(chunk.number, 0, failure_rows(chunk, np.arange(chunk.lanes), DIED, one_line(error)))
            except (CancelledError, OSError) as error:
                raise BackendLost("the Dask scheduler is gone") from error
            yield report
            submit(1)
    finally:
        if in_flight and client.status == "running":
            client.cancel(list(in_flight))


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence Dask's own log, since the study prints errors in one line."""
    before = {name: logging.getLogger(name).level for name in LOGGERS}
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def _started(record: BackendRecord, workers: int) -> Any:
    """A cluster on this machine, or one of Slurm jobs with a process a core."""
    if record.cluster == "slurm":
        need("dask_jobqueue", "backend.cluster=slurm: install the extra first, pip install 'offramp[dask]'")
        from dask_jobqueue import SLURMCluster

        cluster = SLURMCluster(**slurm_settings(record))
        cluster.scale(n=workers)
        return cluster
    with ignore_sigint():
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            host="127.0.0.1",
            dashboard_address=None,
            silence_logs=logging.ERROR,
        )


def slurm_settings(record: BackendRecord) -> dict[str, Any]:
    """What a job of workers requests, in the words of dask-jobqueue."""
    return {
        "cores": record.cores,
        "processes": record.cores,
        "memory": record.memory,
        "walltime": record.walltime,
        "queue": record.queue,
        "account": record.account,
        "job_script_prologue": [f"export {name}=1" for name in ONE_THREAD],
    }
