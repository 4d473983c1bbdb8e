"""Dask clusters for ``backend=dask``: one that is running, one on this machine, or one that Slurm provides."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from distributed import Client, LocalCluster

from experiments.config.settings import BackendRecord
from experiments.errors import UserError, need
from experiments.execution.processes import ONE_THREAD, ignore_sigint

PATIENCE = "20s"
CLOSING = 2
"""Seconds a scheduler has to answer when its client closes."""
LOGGERS = (
    "distributed",
    "distributed.client",
    "distributed.comm",
    "distributed.core",
    "distributed.utils",
    "distributed.batched",
    "tornado.application",
)


@contextmanager
def dask_client(record: BackendRecord, workers: int) -> Iterator[Client]:
    """A client of a cluster; a cluster started for it is ended on leaving.

    Parameters
    ----------
    record : BackendRecord
        ``address`` of a running scheduler, or the ``cluster`` to start (on this machine where none is named).
    workers : int
        Worker processes to start; a running cluster has its own.

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
