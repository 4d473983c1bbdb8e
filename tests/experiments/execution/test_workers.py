"""Workers: the same bits in any number of processes, and a killed one costs a retry."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from importlib import import_module
from importlib.abc import Loader
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.config.compose import composer
from experiments.config.settings import BackendRecord
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.execution.backends import Processes, WorkerDied, _report_one_process, worker_count
from experiments.execution.processes import UNUSED, _Waiting, end_processes, ignore_sigint, start_processes
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.execution.worker import Report, Task, run_task
from experiments.files import TEMPORARY
from experiments.study.directory import Study
from experiments.study.parts import design_table
from tests.support.quick_engine import deadly_once, quick

OFFRAMP = Path(sys.executable).with_name("offramp")
SERIAL = BackendRecord(kind="serial")
Make = Callable[..., Study]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Lay out a study of 600 quick lanes in some chunks."""

    def build(name: str, *overrides: str) -> Study:
        with composer() as open_composer:
            configuration = open_composer.compose(["replicates=600", "trajectories=false", *overrides])
            design = build_design(open_composer, configuration)
        return Study.create(tmp_path / name, "run", configuration, design)

    return build


def parts(study: Study) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((study.directory / "outcomes").iterdir())}


@pytest.mark.slow
def test_killed_worker_costs_a_retry_and_changes_nothing(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OFFRAMP_TEST_NOTE", str(tmp_path / "killed"))
    study, whole = make("killed_once"), make("whole")
    half = study.directory / "outcomes" / f".part-000000.parquet.1{TEMPORARY}"
    half.parent.mkdir(exist_ok=True)
    monkeypatch.setenv("OFFRAMP_TEST_LEFT", str(half))
    run_directory(whole, ExecutionOptions(1, SERIAL, engine=quick))
    assert run_directory(study, ExecutionOptions(2, BackendRecord(kind="processes"), engine=deadly_once)) == 0
    assert (tmp_path / "killed").exists()
    assert parts(study) == parts(whole)
    assert len(parts(study)) > 2


@pytest.mark.slow
def test_dask_finishes_after_a_worker_is_killed_and_changes_nothing(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setenv("OFFRAMP_TEST_NOTE", str(tmp_path / "killed"))
    study, whole = make("dask"), make("whole")
    run_directory(whole, ExecutionOptions(1, SERIAL, engine=quick))
    assert run_directory(study, ExecutionOptions(2, BackendRecord(kind="dask"), engine=deadly_once)) == 0
    assert (tmp_path / "killed").exists()
    assert parts(study) == parts(whole)


def test_dask_scheduler_that_does_not_answer_is_one_line(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("experiments.execution.dask_cluster.PATIENCE", "1s")
    backend = BackendRecord(kind="dask", address="tcp://127.0.0.1:9")
    with pytest.raises(UserError, match="backend.address=tcp://127.0.0.1:9: no Dask scheduler answers"):
        run_directory(make("nobody"), ExecutionOptions(2, backend, engine=quick))


def fragile(tasks: Iterable[Task]) -> Iterator[Report]:
    """Takes two tasks at a time and loses its worker whenever it meets the chunk of replicate 13."""
    waiting = iter(tasks)
    while in_flight := list(islice(waiting, 2)):
        if any(13 in task.chunk.replicate for task in in_flight):
            raise WorkerDied("gone")
        yield from map(run_task, in_flight)


def test_chunk_that_kills_every_worker_is_recorded(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    study = make("deadly")
    with monkeypatch.context() as patched:
        patched.setattr("experiments.execution.scheduler.opened_backend", lambda *_: nullcontext(fragile))
        assert run_directory(study, ExecutionOptions(2, engine=quick)) == 1
    results = load(study.directory)
    row = results.failures.row(0, named=True)
    assert results.failures.height == 1
    assert row["first_replicate"] == 0
    assert "died twice" in row["error"]
    assert results.outcomes.height == 600 - row["lanes"]
    assert run_directory(Study.open(study.directory), ExecutionOptions(1, SERIAL, engine=quick)) == 0
    assert load(study.directory).outcomes.height == 600


def test_automatic_workers_are_the_cores_at_hand() -> None:
    assert worker_count("auto") >= 1
    assert worker_count(3) == 3


TINY = ["citizens=10", "horizon_days=16", "workers=2", "mediation=none"]


def _begun(directory: Path, *overrides: str) -> subprocess.Popen[str]:
    """Start a study that would take long, and return once it has told of its first part."""
    process = subprocess.Popen(
        [OFFRAMP, "run", "-v", *TINY, f"hydra.run.dir={directory}", *overrides],
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stderr is not None
    assert any("lanes" in line for line in iter(process.stderr.readline, ""))
    return process


@pytest.mark.slow
def test_study_killed_at_any_moment_is_completed(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    process = _begun(killed, "replicates=5000")
    process.kill()
    process.wait()  # not for its output: a worker that was still starting holds on to that for a while
    for stream in (process.stdout, process.stderr):
        stream.close()
    assert len(list((killed / "outcomes").glob("part-*"))) < 5
    assert run_command(["run", f"resume={killed}", "workers=1"]) == 0
    assert run_command(["run", *TINY, "workers=1", "replicates=5000", f"hydra.run.dir={whole}"]) == 0
    assert parts(Study.open(killed)) == parts(Study.open(whole))
    assert load(killed).trajectories.equals(load(whole).trajectories)


@pytest.mark.slow
def test_ctrl_c_leaves_a_study_that_can_be_resumed(tmp_path: Path) -> None:
    place = tmp_path / "long"
    process = _begun(place, "replicates=300000")
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-1] == str(place)
    assert f"offramp run resume={place}" in out
    assert "Traceback" not in out + err
    assert Study.open(place).manifest["state"] == "interrupted"


def test_a_task_that_was_on_its_way_when_all_ended_is_not_complained_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """As after Ctrl-C between handing a task to the pool and the pool's thread taking it up."""
    complaints: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: complaints.append(str(args.exc_type)))
    hook, pool = threading.excepthook, Processes(2)
    assert pool._pool is not None
    pool._pool.submit(int).result()
    pool._pool._work_ids.put(-1)
    pool.close()
    assert not complaints and threading.excepthook is hook


def test_packages_that_a_simulation_never_asks_for_are_loaded_by_nothing_that_it_loads_in_its_workers() -> None:
    pool = start_processes(1, ("mesa", "pyarrow.parquet", "sim.ensemble"), UNUSED)
    try:
        pool.submit(
            design_table, {"talks": np.array(["none", "hotline"], object)}, 2
        ).result()  # Arrow looks for pandas
        assert not {*UNUSED} & {*pool.submit(eval, "[*__import__('sys').modules]").result()}
        for name in UNUSED:  # who else asks for them gets them
            assert pool.submit(import_module, name).result().__name__ == name
    finally:
        end_processes(pool)
    assert all(find_spec(name) for name in UNUSED)


def test_a_table_that_arrow_makes_loads_no_pandas() -> None:
    code = (
        "import sys\nfrom experiments.execution.processes import hide\nhide()\n"
        "import numpy as np\nfrom experiments.study.parts import design_table\n"
        "table = design_table({'mediation.delay': np.array([1.0])}, 1)\n"
        "assert table.num_rows == 1 and not {'pandas', 'networkx'} & {*sys.modules}"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


LATE = """
import sys
from experiments.execution.processes import POSTPONED, postpone
postpone()
import joblib, mesa, numpy, scipy.linalg.cython_blas
from scipy.special import betaincinv, ndtr, ndtri
loaded = {"joblib.parallel", "mesa.experimental.devs", "numpy.ma.core", "scipy.linalg.lapack", "scipy.special._basic"}
assert not loaded & set(sys.modules), loaded & set(sys.modules)
assert not hasattr(mesa.experimental, "__wrapped__") and "mesa.experimental.devs" not in sys.modules
import scipy.linalg, scipy.special, scipy.stats
from numpy.ma import masked
assert scipy.special.expit(0) == 0.5 and scipy.special.ndtri is ndtri and masked is numpy.ma.masked
assert (betaincinv, ndtr) == (scipy.special.betaincinv, scipy.special.ndtr)
assert scipy.linalg.inv and scipy.stats.norm and joblib.Parallel and mesa.experimental.devs
assert not hasattr(scipy.special, "no_such_function")
"""


def test_packages_that_wait_are_loaded_when_asked_for_something_and_are_the_same_then() -> None:
    subprocess.run([sys.executable, "-c", LATE], check=True)


@pytest.mark.parametrize("part", ["no_such_part", "_basic"])
def test_names_that_another_version_has_elsewhere_are_there_all_the_same(part: str) -> None:
    elsewhere = f"""
from experiments.execution import processes
processes.PLAIN["scipy.special"] = ({part!r}, ("ndtr",))
processes.postpone()
from scipy.special import ndtr
assert ndtr(0) == 0.5
"""
    subprocess.run([sys.executable, "-c", elsewhere], check=True)


def test_thread_that_asks_for_a_package_which_another_one_is_loading_waits_for_it() -> None:
    module, asks, found = ModuleType("slow"), threading.Event(), []

    def ask() -> None:
        asks.set()
        found.append(module.late)

    class Slow(Loader):
        def exec_module(self, module: ModuleType) -> None:
            thread.start()
            asks.wait()
            assert not hasattr(module, "late")  # who loads it may ask, too
            module.late = 1

    thread = threading.Thread(target=ask)
    _Waiting(Slow()).exec_module(module)
    assert module.late == 1
    thread.join()
    assert found == [1] and not hasattr(module, "__getattr__")


def test_process_that_may_start_no_others_does_everything_itself(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As inside a worker of multiprocessing.Pool, which is a daemon."""
    _report_one_process.cache_clear()
    monkeypatch.setitem(multiprocessing.current_process()._config, "daemon", True)
    assert run_directory(make("daemon"), ExecutionOptions(2, BackendRecord(kind="processes"), engine=quick)) == 0
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "workers=2" in err and "one process" in err


def test_full_shared_memory_is_named_and_done_without(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*args: object, **named: object) -> None:
        raise OSError(28, "No space left on device")

    _report_one_process.cache_clear()
    monkeypatch.setattr("joblib.externals.loky.ProcessPoolExecutor", full)
    assert run_directory(make("full"), ExecutionOptions(2, BackendRecord(kind="processes"), engine=quick)) == 0
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and "/dev/shm" in err and "no space left on device" in err


def test_signal_that_comes_while_processes_start_is_heard_afterwards() -> None:
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), ignore_sigint():
            signal.raise_signal(signal.SIGINT)
            heard = "nothing"
        assert heard == "nothing"
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
