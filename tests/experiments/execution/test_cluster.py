"""What Slurm would be handed is what the manual shows; nothing is submitted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

SLURMJob = pytest.importorskip("dask_jobqueue.slurm").SLURMJob

from experiments.config.settings import BackendRecord  # noqa: E402
from experiments.execution.dask_cluster import slurm_settings  # noqa: E402

MANUAL = (Path(__file__).parents[3] / "docs" / "cluster.md").read_text(encoding="utf-8")
RECORD = BackendRecord(
    kind="dask", cluster="slurm", cores=8, memory="16GB", walltime="02:00:00", queue="short", account="peace"
)


def job_script(record: BackendRecord, scheduler: str = "tcp://HOST:PORT") -> str:
    """What `sbatch` would be given for workers that report to a scheduler."""
    return SLURMJob(scheduler, "offramp", **slurm_settings(record)).job_script()


def test_the_manual_shows_the_job_script() -> None:
    shown = MANUAL.split("<!-- job script -->\n```\n")[1].split("\n```\n<!-- end")[0]
    assert job_script(RECORD).strip().replace(sys.executable, ".venv/bin/python") == shown


def test_a_job_asks_for_what_the_settings_say() -> None:
    script = job_script(RECORD, "tcp://10.0.0.5:8786")
    for asked in (
        "-p short",
        "-A peace",
        "--cpus-per-task=8",
        "-t 02:00:00",
        "tcp://10.0.0.5:8786",
        "--nworkers 8",
        "--nthreads 1",
        "export OMP_NUM_THREADS=1",
    ):
        assert asked in script


def test_what_is_not_asked_is_left_to_the_cluster() -> None:
    script = job_script(BackendRecord(kind="dask", cluster="slurm"))
    assert "#SBATCH -p" not in script
    assert "#SBATCH -A" not in script
