"""Real faults: processes killed at random moments, a disk that fills up, Ctrl-C, two studies for one directory."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.files import TEMPORARY
from experiments.study.directory import FINISHED, INTERRUPTED, STOPPED, Study
from tests.support.faults import OFFRAMP, SMALL, Begun, Watched, kill, tables

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

CHUNKS = 6
FEW, MANY = range(1), range(1, 13)
"""Seeds of the random moments: for every test run, and for the validation."""
MOMENTS = [*FEW, *(pytest.param(seed, marks=pytest.mark.slow) for seed in MANY)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The tables of the study when nothing happens to it."""
    place = tmp_path_factory.mktemp("whole") / "study"
    assert run_command(["run", *SMALL, "workers=1", f"hydra.run.dir={place}"]) == 0
    found = tables(place)
    assert sum(name.startswith("outcomes") for name in found) == CHUNKS
    return found


def begun(place: Path, seed: int) -> Begun:
    """The study at a moment that is random: some chunks are done, others in the making in two processes."""
    study = Begun("run", "-v", *SMALL, "workers=2", f"hydra.run.dir={place}")
    moment = random.Random(seed).randrange(CHUNKS - 2)
    assert study.said("lanes", moment) if moment else study.said("points")
    return study


@pytest.mark.parametrize("seed", MOMENTS)
def test_main_process_killed_at_a_random_moment(seed: int, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    study = begun(tmp_path / "study", seed)
    workers = Watched(study.workers())
    study.process.kill()
    assert workers.all_ended()
    assert study.ended()[0] == -signal.SIGKILL
    assert Study.open(tmp_path / "study").manifest["state"] != FINISHED
    assert run_command(["run", f"resume={tmp_path / 'study'}", "workers=1"]) == 0
    assert tables(tmp_path / "study") == undisturbed
    assert not list((tmp_path / "study").rglob(f"*{TEMPORARY}"))


@pytest.mark.parametrize("seed", MOMENTS)
def test_worker_killed_at_a_random_moment(seed: int, undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    study = begun(tmp_path / "study", seed)
    workers = study.workers()
    kill(workers[seed % len(workers)])
    code, _, err = study.ended()
    assert code == 0, err
    assert tables(tmp_path / "study") == undisturbed


def test_workers_without_work_end_with_their_parent() -> None:
    code = (
        "import sys\nfrom experiments.execution.backends import Processes\npool = Processes(2)\n"
        "pool._pool.submit(int).result()\nprint('ready', flush=True)\nsys.stdin.read()"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        found = Begun.workers(_Of(parent))  # type: ignore[arg-type]
        assert len(found) == 2
        workers = Watched(found)
        parent.kill()
        assert workers.all_ended()


class _Of:
    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process


def test_ctrl_c_keeps_what_is_finished(undisturbed: dict[str, bytes], tmp_path: Path) -> None:
    study = begun(tmp_path / "study", 1)
    workers = Watched(study.workers())
    os.killpg(study.process.pid, signal.SIGINT)  # a terminal sends it to all
    code, out, err = study.ended()
    assert code == 130
    assert workers.all_ended()
    assert "Traceback" not in out + err, err
    assert f"offramp run resume={tmp_path / 'study'}" in out
    assert Study.open(tmp_path / "study").manifest["state"] == INTERRUPTED
    done = {name for name in tables(tmp_path / "study") if name.startswith("outcomes")}
    assert done
    assert run_command(["run", f"resume={tmp_path / 'study'}", "workers=1"]) == 0
    assert tables(tmp_path / "study") == undisturbed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 kB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", place], capture_output=True)
    if mounted.returncode:
        pytest.skip("nothing can be mounted here; the next test limits the size of files instead")
    yield place
    subprocess.run(["umount", place], check=True)


def test_disk_that_fills_up(undisturbed: dict[str, bytes], small_disk: Path) -> None:
    place = small_disk / "study"
    study = Begun("run", *SMALL, "workers=2", f"hydra.run.dir={place}")
    code, _, err = study.ended()
    assert code == 1
    assert err.count("\n") == 1
    assert "no space left on device" in err
    assert f"offramp run resume={place}" in err
    assert load(place).outcomes.height > 0
    subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
    assert run_command(["run", f"resume={place}", "workers=1"]) == 0
    assert tables(place) == undisturbed


@pytest.mark.slow
def test_files_that_must_not_grow(tmp_path: Path) -> None:
    words = ("run", "mediation=none", "citizens=20", "horizon_days=2", "replicates=4096", "trajectories=false")
    whole, place = tmp_path / "whole", tmp_path / "study"
    assert run_command([*words, "workers=1", f"hydra.run.dir={whole}"]) == 0
    least = min(path.stat().st_size for path in (whole / "outcomes").iterdir())
    assert least > (whole / "manifest.json").stat().st_size

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (least - 1, least - 1))

    done = subprocess.run(
        [OFFRAMP, *words, "workers=2", f"hydra.run.dir={place}"], capture_output=True, text=True, preexec_fn=limit
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "file too large" in done.stderr
    assert Study.open(place).manifest["state"] == STOPPED
    assert run_command(["run", f"resume={place}", "workers=1"]) == 0
    assert tables(place) == tables(whole)


def test_two_studies_never_share_a_directory(tmp_path: Path) -> None:
    words = (
        "run",
        "mediation=none",
        "citizens=10",
        "horizon_days=16",
        "replicates=30",
        "backend=serial",
        f"hydra.run.dir={tmp_path / 'study'}",
    )
    found = sorted((study.ended() for study in [Begun(*words), Begun(*words)]), key=lambda end: end[0])
    assert [code for code, _, _ in found] == [0, 2]
    assert all(err.count("\n") == 1 and str(tmp_path / "study") in err for _, _, err in found[1:])
    assert load(tmp_path / "study").outcomes.height == 30
