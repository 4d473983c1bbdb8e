"""A study on a Dask cluster that was running already: a scheduler and two workers on this machine alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytest.importorskip("distributed")

from distributed import Client  # noqa: E402

from experiments.cli.app import run_command  # noqa: E402
from experiments.study.directory import STOPPED, Study  # noqa: E402
from tests.support.faults import SMALL, Begun, tables  # noqa: E402

ALONE = ("--host", "127.0.0.1", "--no-dashboard")
WORKER = ("distributed.cli.dask_worker", "--nthreads", "1", "--no-nanny", "--death-timeout", "60", *ALONE)


class Cluster:
    """The address of a scheduler, and the processes of the cluster."""

    def __init__(self, start: Callable[..., subprocess.Popen[str]]) -> None:
        self.scheduler = start("distributed.cli.dask_scheduler", "--port", "0", *ALONE)
        assert self.scheduler.stderr is not None
        said = next(line for line in self.scheduler.stderr if "Scheduler at" in line)
        self.address = "tcp://" + said.split("tcp://")[1].split()[0]
        self.workers = [start(*WORKER, self.address) for _ in range(2)]
        with Client(self.address) as client:
            client.wait_for_workers(2)


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        quiet = subprocess.DEVNULL if "dask_worker" in words[0] else subprocess.PIPE
        started.append(
            subprocess.Popen([sys.executable, "-m", *words], stdout=subprocess.DEVNULL, stderr=quiet, text=True)
        )
        return started[-1]

    try:
        yield Cluster(start)
    finally:
        for process in started:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    place = tmp_path_factory.mktemp("serial") / "study"
    assert run_command(["run", *SMALL, "backend=serial", f"hydra.run.dir={place}"]) == 0
    return tables(place)


def begun(cluster: Cluster, place: Path) -> Begun:
    """A study on the cluster that has some chunks behind it, and others before it."""
    study = Begun("run", "-v", *SMALL, "backend=dask", f"backend.address={cluster.address}", f"hydra.run.dir={place}")
    assert study.said("lanes", 2)
    return study


def test_study_survives_the_death_of_a_worker(cluster: Cluster, serial: dict[str, bytes], tmp_path: Path) -> None:
    study = begun(cluster, tmp_path / "study")
    cluster.workers[0].kill()
    code, _, err = study.ended()
    assert code == 0, err
    assert tables(tmp_path / "study") == serial


@pytest.mark.slow
def test_death_of_the_scheduler_is_one_line_and_the_rest_can_be_done(
    cluster: Cluster, serial: dict[str, bytes], tmp_path: Path
) -> None:
    place = tmp_path / "study"
    study = begun(cluster, place)
    cluster.scheduler.kill()
    code, _, err = study.ended()
    assert code == 1
    said = [line for line in err.splitlines() if " DEBUG " not in line and " INFO " not in line]
    assert said == [
        f"offramp: the Dask scheduler is gone; what is finished is kept; to continue: offramp run resume={place}"
    ]
    assert Study.open(place).manifest["state"] == STOPPED
    assert run_command(["run", f"resume={place}", "backend=serial"]) == 0
    assert tables(place) == serial
