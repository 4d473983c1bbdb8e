"""The wheel carries everything a study needs, and works away from the checkout without a network."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import sim

ROOT = Path(__file__).parents[1]
PARTS = ("sim", "conf", "experiments")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy so that the checkout stays clean."""
    source = tmp_path_factory.mktemp("source")
    for name in PARTS:
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    built = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(source / "dist"), str(source)],
        capture_output=True,
        text=True,
    )
    assert built.returncode == 0, built.stdout + built.stderr
    return next((source / "dist").glob("*.whl"))


@pytest.fixture(scope="module")
def elsewhere(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``offramp`` command of another environment that borrows this one's libraries but not this checkout."""
    home = tmp_path_factory.mktemp("elsewhere") / "venv"
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    own = Path(_ask(python, "import sysconfig; print(sysconfig.get_path('purelib'))"))
    (own / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(own)
    (home / "bin" / "offramp").write_text(f"#!{python}\nfrom experiments.cli.app import main\nmain()\n")
    (home / "bin" / "offramp").chmod(0o755)
    return home / "bin" / "offramp"


def _ask(python: Path, code: str, cwd: Path = Path("/")) -> str:
    return subprocess.run([python, "-c", code], capture_output=True, text=True, check=True, cwd=cwd).stdout.strip()


def _run(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    environment["NUMBA_DISABLE_JIT"] = "1"  # compiling in a new place takes most of a minute
    return subprocess.run([command, *arguments], capture_output=True, text=True, cwd=cwd, env=environment)


def test_wheel_holds_every_module_and_value(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    kinds = (".py", ".yaml", ".csv", ".parquet", ".json", ".html", ".j2", ".css", ".js", ".mplstyle")
    needed = {
        path.relative_to(ROOT).as_posix() for part in PARTS for path in (ROOT / part).rglob("*") if path.suffix in kinds
    }
    assert needed <= packed, f"left out of the wheel: {sorted(needed - packed)}"


def test_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    assert tops - set(PARTS) == {f"offramp-{sim.__version__}.dist-info"}


def test_entry_point_of_the_wheel_is_the_command(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "offramp = experiments.cli:main" in archive.read(entry).decode()


def test_installed_package_is_the_one_that_runs(elsewhere: Path, tmp_path: Path) -> None:
    place = _ask(elsewhere.parent / "python", "import sim; print(sim.__file__)", tmp_path)
    assert Path(place).is_relative_to(elsewhere.parents[1])


def test_list_scenarios_from_another_directory(elsewhere: Path, tmp_path: Path) -> None:
    listed = _run(elsewhere, "list", "scenarios", "--format", "json", cwd=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert "tovuz_2020" in listed.stdout
    assert not list(tmp_path.iterdir())


def test_run_from_another_directory(elsewhere: Path, tmp_path: Path) -> None:
    ran = _run(
        elsewhere,
        "run",
        "scenario=tovuz_2020",
        "replicates=4",
        "horizon_days=5",
        "citizens=20",
        "workers=1",
        "hydra.run.dir=study",
        cwd=tmp_path,
    )
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "study" / "manifest.json").is_file()
    assert list((tmp_path / "study" / "outcomes").glob("part-*.parquet"))
    assert ran.stdout.strip().splitlines()[-1].rstrip("/").endswith("study")


def _pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def test_constraints_pin_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.+]+", line), line


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    declared = [*project["dependencies"], *(item for name in extras for item in extras[name])]
    pinned = {_plain(name) for name in _pins()}
    assert {_plain(re.split(r"[\[<>=! ]", item)[0]) for item in declared} <= pinned


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_citation_names_the_version_of_the_package() -> None:
    assert f"version: {sim.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_continuous_integration_runs_the_documented_test_command() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
