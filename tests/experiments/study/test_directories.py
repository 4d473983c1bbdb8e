"""A study's directory appears whole: an interrupt at any moment leaves nothing, or a study that resumes."""

from __future__ import annotations

import builtins
import errno
import io
import itertools
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from experiments import load
from experiments.cli.app import run_command
from experiments.config.compose import composer
from experiments.config.settings import BackendRecord
from experiments.design.designs import build_design
from experiments.errors import UserError
from experiments.execution.scheduler import ExecutionOptions, run_directory
from experiments.files import PARTIAL
from experiments.study.directory import Study
from experiments.study.identity import library_versions
from experiments.study.location import user_path
from tests.support.faults import OFFRAMP
from tests.support.quick_engine import quick

TINY = ("citizens=10", "horizon_days=16", "replicates=30", "mediation=none")
Create = Callable[..., Study]


@pytest.fixture(scope="module")
def create() -> Iterator[Create]:
    """Lay out a small study in a directory; versions are looked up once, since that reads many a file."""
    with composer() as open_composer:
        configuration = open_composer.compose(["replicates=10", "trajectories=false"])
        design = build_design(open_composer, configuration)
    versions = library_versions()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("experiments.study.identity.library_versions", lambda: versions)
        yield lambda place, **named: Study.create(place, "run", configuration, design, **named)


class Disturbance:
    """Raises an error at the n-th call to the file system from now on: in place of it, or just after it was made."""

    CALLS = [
        (os, "mkdir"),
        (os, "rename"),
        (os, "replace"),
        (os, "open"),
        (os, "fsync"),
        (os, "listdir"),
        (io, "open"),
        (builtins, "open"),
    ]

    def __init__(self, number: int, after: bool, error: BaseException) -> None:
        self.left = number
        self.after = after
        self.error = error
        self.made = False

    def __call__(self, call: Callable[..., Any], *args: Any, **named: Any) -> Any:
        self.left -= 1
        if self.left != 0:
            return call(*args, **named)
        self.made = True
        if self.after:
            found = call(*args, **named)
            if hasattr(found, "close"):
                found.close()
        raise self.error

    def into(self, patched: pytest.MonkeyPatch) -> None:
        for module, name in self.CALLS:
            patched.setattr(module, name, partial(self, getattr(module, name) if name != "fsync" else id))


@pytest.mark.parametrize("there", [False, True], ids=["new", "empty"])
def test_interrupt_after_any_call_leaves_nothing_or_a_study(there: bool, create: Create, tmp_path: Path) -> None:
    place = tmp_path / "outputs" / "study"
    for number in itertools.count(1):
        if there:
            place.mkdir(parents=True, exist_ok=True)
        disturbance = Disturbance(number, True, KeyboardInterrupt())
        with pytest.MonkeyPatch.context() as patched:
            disturbance.into(patched)
            try:
                create(place)
            except KeyboardInterrupt:
                pass
        if not disturbance.made:
            break
        left = list(tmp_path.rglob("*"))
        if place / "manifest.json" in left:
            assert (
                run_directory(Study.open(place), ExecutionOptions(1, BackendRecord(kind="serial"), engine=quick)) == 0
            )
            assert load(place).outcomes.height == 10
            shutil.rmtree(place.parent)
        else:
            assert left == ([place.parent, place] if there else [])
    assert number > 30
    assert Study.open(place).manifest["state"] == "running"


def test_disk_that_is_full_at_any_call_is_one_line_naming_the_directory(create: Create, tmp_path: Path) -> None:
    place = tmp_path / "study"
    for number in itertools.count(1):
        disturbance = Disturbance(number, False, OSError(errno.ENOSPC, "No space left on device"))
        with pytest.MonkeyPatch.context() as patched:
            disturbance.into(patched)
            try:
                create(place)
            except UserError as error:
                assert "study" in str(error) and str(error).endswith("no space left on device")
                assert PARTIAL not in str(error)
        if (place / "manifest.json").exists():
            shutil.rmtree(place)
        if not disturbance.made:
            break
        assert not list(tmp_path.rglob("*"))
    assert number > 10


def test_what_a_killed_process_left_counts_for_nothing(create: Create, tmp_path: Path) -> None:
    """Half-made studies, beside others and in a directory that was there."""
    create(tmp_path / "whole")
    for place in (tmp_path, tmp_path / "mine"):
        half = place / f".1f{PARTIAL}"
        half.mkdir(parents=True)
        (half / "manifest.json").write_text("{}")
    assert (
        run_directory(create(tmp_path / "mine"), ExecutionOptions(1, BackendRecord(kind="serial"), engine=quick)) == 0
    )
    assert (
        run_directory(Study.open(tmp_path / "whole"), ExecutionOptions(1, BackendRecord(kind="serial"), engine=quick))
        == 0
    )
    assert not list((tmp_path / "mine").glob(f"*{PARTIAL}"))
    assert [path.name for path in load(tmp_path).directories] == ["mine", "whole"]


def test_directory_made_by_another_meanwhile_is_refused_and_kept(
    create: Create, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename, place = os.rename, tmp_path / "study"

    def another_first(*args: Any) -> None:
        monkeypatch.setattr(os, "rename", rename)
        place.mkdir()
        (place / "x").touch()
        rename(*args)

    monkeypatch.setattr(os, "rename", another_first)
    with pytest.raises(UserError, match="study: exists already"):
        create(place)
    monkeypatch.setattr(
        os, "rename", lambda *args: (monkeypatch.setattr(os, "rename", rename), create(tmp_path / "now"), rename(*args))
    )
    assert create(tmp_path / "now", exact=False).directory == tmp_path / "now_2"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["now", "now_2", "study"]
    assert [path.name for path in place.iterdir()] == ["x"]


def test_home_directory_is_understood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_path("~/x/y") == tmp_path / "x" / "y"
    assert user_path("a~/~b") == Path("a~/~b")
    with pytest.raises(UserError, match="~nobody-here/x: no such user"):
        user_path("~nobody-here/x")


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
@pytest.mark.parametrize("lines", [150, 600, 900, 1000, 1100, 1200, 1300, 1400])
def test_signal_at_any_moment_of_the_start(lines: int, number: signal.Signals, tmp_path: Path) -> None:
    """The modules that the process has loaded are the clock."""
    place = tmp_path / "study"
    words = ["run", *TINY, "replicates=200000", "workers=2", f"hydra.run.dir={place}"]
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", OFFRAMP, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stderr and process.stdout
        assert all("import time" in process.stderr.readline() for _ in range(lines))
        os.kill(process.pid, number)
        said = process.stderr.read()
        shown = process.stdout.read()
    if number is signal.SIGKILL:
        assert process.returncode == -number
    else:
        assert process.returncode == 128 + number
        assert "Traceback" not in said
    if place.exists():
        assert Study.open(place).manifest["state"] in ("running", "interrupted")
        if number is not signal.SIGKILL:
            assert f"offramp run resume={place}" in shown
    elif number is not signal.SIGKILL:
        assert list(tmp_path.iterdir()) == []
    assert run_command(["list", "talks"]) == 0
